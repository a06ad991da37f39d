package ui_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/plan"
)

// crash ends the program as a power failure would: it returns a folder with what
// was on the disk then. Requests that were under way are not answered any more.
func (p *program) crash() string {
	p.t.Helper()
	dir := p.t.TempDir()
	err := filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(p.dir, path)
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(dir, name), 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), data, 0o600)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.cut.Store(true)
	p.quit()
	return dir
}

// interrupted starts a redaction of forty sessions and crashes in the middle of
// it, when some of it was done and some answers are still to come. It returns a
// second program on what the first one left.
func interrupted(p *program) *program {
	p.press("5")
	p.press("*")
	p.press("r")
	p.wait(time.Second)
	p.slow.Store(int64(300 * time.Millisecond))
	phrase := between(p.line("type REDACT"), "type ", "   ")
	p.types(phrase)
	p.wait(1500 * time.Millisecond)
	p.shows("job 1", " of ")
	dir := p.crash()
	next := start(p.t, options{width: 120, height: 40, dir: dir, server: p.server})
	next.wait(3 * time.Second)
	return next
}

// state reads the states of all items of a job.
func (p *program) states(job int64) map[plan.ItemState][]string {
	p.t.Helper()
	items, err := p.desk.Journal.Items(job)
	if err != nil {
		p.t.Fatal(err)
	}
	states := map[plan.ItemState][]string{}
	for _, it := range items {
		states[it.State] = append(states[it.State], it.Session)
	}
	return states
}

// TestStoryCrashAndResume: the next start says how the job stands and goes on
// with it. What nobody knows the outcome of is looked at, and nothing that took
// effect is sent again.
func TestStoryCrashAndResume(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 3, Sessions: 50}}, func(first *program) {
		p := interrupted(first)
		was := p.states(1)
		if len(was[plan.Following]) == 0 || len(was[plan.Sending]) == 0 || len(was[plan.Pending]) == 0 {
			t.Fatalf("the crash came too early or too late: %v", was)
		}
		p.shows("Job 1 is left undone: ", " unknown", " never sent", "J, then R goes on with it")
		if n := p.writes.count.Load(); n != 0 {
			t.Fatalf("%d requests left before the operator said so", n)
		}
		var took []string // at the server, whether an answer came or not
		for _, id := range slices.Concat(was[plan.Following], was[plan.Sending]) {
			if p.status(id).RedactionStatus() != "" {
				took = append(took, id)
			}
		}
		if len(took) <= len(was[plan.Following]) {
			t.Fatal("nothing took effect whose answer was lost")
		}
		p.press("J")
		p.shows("▲ left undone", "? unknown", "· never sent", "R resume job")
		p.press("R")
		p.shows("Go on with job 1: redact", "This can't be undone.")
		p.wait(time.Second)
		p.types(fmt.Sprintf("REDACT %d TEST", len(was[plan.Sending])+len(was[plan.Pending])+len(was[plan.Unknown])))
		p.wait(20 * time.Second)
		p.shows("none erased yet", "◌ accepted, the answer was lost", "◌ accepted, Stripe is erasing it")
		p.hides("○ pending", "? unknown", "✗ failed")
		for _, id := range took {
			if slices.ContainsFunc(p.writes.paths, func(path string) bool { return strings.Contains(path, id) }) {
				t.Errorf("%s was sent again although it had taken effect", id)
			}
		}
		for _, ids := range p.states(1) {
			for _, id := range ids {
				if s := p.status(id); s.RedactionStatus() == "" {
					t.Errorf("%s is not redacted", id)
				}
			}
		}
	})
}

// TestStoryCrashAndClose: the job is given up instead: nothing more is sent, and
// what is unknown is settled by looking.
func TestStoryCrashAndClose(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 3, Sessions: 50}}, func(first *program) {
		p := interrupted(first)
		was := p.states(1)
		p.press("J X")
		p.wait(5 * time.Second)
		p.shows("▲ given up: ", "· never sent", "◌ accepted, the answer was lost")
		if n := p.writes.count.Load(); n != 0 {
			t.Errorf("%d requests that change something left", n)
		}
		now := p.states(1)
		if len(now[plan.NotStarted]) != len(was[plan.Pending]) || len(now[plan.Sending])+len(now[plan.Unknown]) != 0 {
			t.Errorf("was %v, is %v", was, now)
		}
	})
}

// TestStoryOverdue: a redaction that Stripe has not completed after four days is
// shown as such, though idtop was closed meanwhile, and as done when it is.
func TestStoryOverdue(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{RedactionDelay: 130 * time.Hour}}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("j r")
		p.wait(time.Second)
		p.press("y")
		p.wait(3 * time.Second)
		p.shows("accepted")
		p.quit()
		time.Sleep(97 * time.Hour)
		p = start(p.t, options{width: 120, height: 40, dir: p.dir, server: p.server})
		p.wait(4 * time.Second)
		p.press("J")
		p.shows("1 overdue", "▲ overdue", "4d ago", "again in ")
		p.quit()
		time.Sleep(40 * time.Hour)
		p = start(p.t, options{width: 120, height: 40, dir: p.dir, server: p.server})
		p.wait(4 * time.Second)
		p.press("J")
		p.shows("⊘ erased", "Stripe says that it is erased.")
		p.hides("overdue by", "was due")
		if s := p.status(id); s.RedactionStatus() != client.RedactionRedacted {
			t.Errorf("the server has it %q", s.RedactionStatus())
		}
	})
}

// TestStoryQuitInTheMiddle: quit waits for the job unless it is said twice; any
// other key stays. The next start has the rest.
func TestStoryQuitInTheMiddle(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 3, Sessions: 50}}, func(p *program) {
		p.press("5")
		p.press("*")
		p.press("c")
		p.press("esc")
		p.press("r")
		p.wait(time.Second)
		phrase := between(p.line("type REDACT"), "type ", "   ")
		p.types(phrase)
		p.wait(time.Second)
		p.press("q")
		p.shows("Job 1 goes on with", "any key stays")
		p.press("j q")
		p.shows("Job 1 goes on with")
		p.press("q")
		<-p.done
		next := start(p.t, options{width: 120, height: 40, dir: p.dir, server: p.server})
		next.wait(time.Second)
		next.shows("Job 1 is left undone: ", " never sent")
		next.hides(" unknown,")
	})
}

// TestStoryAnotherIdtop: what another program carries out is not called left, and
// can't be begun a second time.
func TestStoryAnotherIdtop(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 3, Sessions: 50}}, func(p *program) {
		p.press("5")
		p.press("*")
		p.press("r")
		p.wait(time.Second)
		p.slow.Store(int64(2 * time.Second))
		phrase := between(p.line("type REDACT"), "type ", "   ")
		p.types(phrase)
		p.wait(time.Second)
		other := start(p.t, options{width: 120, height: 40, dir: p.dir, server: p.server})
		other.wait(3 * time.Second) // it waits for who only records
		other.shows("Job 1 is in another idtop: ")
		other.hides("left undone")
		other.press("J")
		other.shows("◐ in another idtop")
		other.press("R")
		other.wait(time.Second)
		other.types(between(other.line("type REDACT"), "type ", "   "))
		other.wait(3 * time.Second)
		other.shows("another idtop carries out this job now")
		if n := other.writes.count.Load(); n != 0 {
			t.Errorf("%d requests that change something left the second one", n)
		}
		other.quit()
		p.wait(60 * time.Second)
		p.press("J")
		p.shows("none erased yet")
		p.hides("✗ refused")
	})
}
