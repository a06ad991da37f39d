// Mutate tells how much the tests of a package notice. It changes one operator of the
// package at a time and runs the tests that reach it: a change that no test notices
// survives, and is printed.
//
// All changes are compiled into one test binary, where an environment variable turns one
// on: a change then costs only the tests that reach it, from the quickest on, until the
// first one fails. It takes half an hour for a package that keeps a tool busy for half a
// day when it compiles each change and runs all tests.
//
//	go run ./mutate [-stories] [-jobs 2] [-only FILE,FILE] [-skip TESTS] client/plan
//
// The changes: + and -, * and /, % and *, of numbers; a comparison and its opposite; < and
// <=, > and >=; ++ and --; the sign of a number. Constants are left alone.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	stories := flag.Bool("stories", false, "also run the stories of ui")
	jobs := flag.Int("jobs", 2, "how many changes are tried at a time")
	only := flag.String("only", "", "change only these files: their names, with commas between them")
	skip := flag.String("skip", "^$", "leave out tests whose names match this: changes that only they notice survive")
	root := flag.String("root", "../..", "the module's folder")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*root, flag.Arg(0), *only, *skip, *stories, *jobs); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(root, dir, only, skip string, stories bool, jobs int) error {
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	skipped, err := regexp.Compile(skip)
	if err != nil {
		return err
	}
	changes, err := change(root, dir, only, work)
	if err != nil {
		return err
	}
	suites := []*suite{{root: root, dir: dir, only: ".", work: work}}
	if stories {
		suites = append(suites, &suite{root: root, dir: "ui", only: "Story", work: work})
	}
	for _, s := range suites {
		if err := s.build(); err != nil {
			return err
		}
		if err := s.measure(changes, skipped, jobs); err != nil {
			return err
		}
	}
	try(changes, suites, jobs)
	report(dir, changes)
	return nil
}

// A mutant is one change, and the tests that reach it.
type mutant struct {
	id       int
	place    string // file:line:column
	what     string // such as "< became <="
	reached  []test
	survived bool
	late     bool // the tests did not end
}

type test struct {
	suite *suite
	name  string
	took  time.Duration
}

// A suite is the tests of one package, compiled with all changes.
type suite struct {
	root, dir, only, work string
	binary                string
}

func (s *suite) build() error {
	s.binary = filepath.Join(s.work, strings.ReplaceAll(s.dir, "/", "-")+".test")
	build := exec.Command("go", "test", "-c", "-overlay", filepath.Join(s.work, "overlay.json"), "-o", s.binary, "./"+s.dir)
	build.Dir = s.root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not compile when it is changed: %s", s.dir, out)
	}
	return nil
}

// longest is how long one test may run.
const longest = 90 * time.Second

// run runs tests, and tells whether they passed and whether they ended.
func (s *suite) run(names string, most time.Duration, env ...string) (passed, ended bool) {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	c := exec.CommandContext(ctx, s.binary, "-test.run", names, "-test.short", "-test.failfast", "-test.timeout", "10m")
	c.Dir = filepath.Join(s.root, s.dir)
	c.Env = append(os.Environ(), env...)
	c.WaitDelay = time.Second
	err := c.Run()
	return err == nil, ctx.Err() == nil
}

// measure runs each test alone and notes which changes it reaches, and how long it takes.
func (s *suite) measure(changes []*mutant, skip *regexp.Regexp, jobs int) error {
	list := exec.Command(s.binary, "-test.list", s.only)
	list.Dir = filepath.Join(s.root, s.dir)
	out, err := list.Output()
	if err != nil {
		return err
	}
	var mu sync.Mutex
	each(jobs, strings.Fields(string(out)), func(name string) {
		if strings.HasPrefix(name, "Benchmark") || skip.MatchString(name) {
			return
		}
		log := filepath.Join(s.work, strings.ReplaceAll(s.dir, "/", "-")+name)
		began := time.Now()
		passed, _ := s.run("^"+name+"$", longest, "IDTOP_REACHED="+log)
		took := time.Since(began)
		text, err := os.ReadFile(log)
		_ = os.Remove(log)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case errors.Is(err, os.ErrNotExist):
		case !passed:
			fmt.Printf("%s: %s fails or takes longer than %s without a change: left out\n", s.dir, name, longest)
		default:
			reached := map[int]bool{}
			for id := range bytes.FieldsSeq(text) {
				n, _ := strconv.Atoi(string(id))
				if !reached[n] {
					changes[n-1].reached = append(changes[n-1].reached, test{s, name, took})
				}
				reached[n] = true
			}
		}
	})
	return nil
}

// together is how long the tests of one run may take.
const together = 400 * time.Millisecond

// try turns each change on and runs the tests that reach it.
func try(changes []*mutant, suites []*suite, jobs int) {
	covered := slices.DeleteFunc(slices.Clone(changes), func(m *mutant) bool { return len(m.reached) == 0 })
	done, mu := 0, sync.Mutex{}
	each(jobs, covered, func(m *mutant) {
		m.survived = true
		for _, s := range suites {
			if m.survived = m.survivedIn(s); !m.survived {
				break
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if done++; m.survived {
			fmt.Printf("survived %s: %s (%d tests reach it; %d of %d tried)\n", m.place, m.what, len(m.reached), done, len(covered))
		}
	})
}

func (m *mutant) survivedIn(s *suite) bool {
	own := slices.DeleteFunc(slices.Clone(m.reached), func(t test) bool { return t.suite != s })
	slices.SortFunc(own, func(a, b test) int { return int(a.took - b.took) })
	for len(own) > 0 {
		took, names := time.Duration(0), []string{}
		for len(own) > 0 && (len(names) == 0 || took+own[0].took < together) {
			took += own[0].took
			names = append(names, own[0].name)
			own = own[1:]
		}
		passed, ended := s.run("^("+strings.Join(names, "|")+")$", 10*took+10*time.Second, "IDTOP_MUTANT="+strconv.Itoa(m.id))
		if !passed {
			m.late = !ended
			return false
		}
	}
	return true
}

func report(dir string, changes []*mutant) {
	covered, killed, late := 0, 0, 0
	for _, m := range changes {
		if len(m.reached) == 0 {
			fmt.Printf("not reached %s: %s\n", m.place, m.what)
			continue
		}
		covered++
		if m.survived {
			continue
		}
		killed++
		if m.late {
			late++
		}
	}
	fmt.Printf("%s: %d changes, %d reached by tests, of these %d noticed (%.1f %%), %d of them by tests that did not end\n",
		dir, len(changes), covered, killed, 100*float64(killed)/float64(max(1, covered)), late)
}

// each calls f for every item, some at a time.
func each[T any](jobs int, items []T, f func(T)) {
	queue := make(chan T)
	var wait sync.WaitGroup
	for range jobs {
		wait.Go(func() {
			for item := range queue {
				f(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	wait.Wait()
}

func writeOverlay(work string, replace map[string]string) error {
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(work, "overlay.json"), text, 0o600)
}
