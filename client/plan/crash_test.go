package plan

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
)

var (
	crashes = flag.Int("crashes", 300, "TestCrashes: crashes at least")
	items   = flag.Int("items", 1500, "TestCrashes: items at least")
)

// commitPoints are all points at which the journal records something.
var commitPoints = []string{"add", "take", "sending", "generation", "settle", "outcome", "stop", "end", "follow"}

// schedule is one job from its confirmation to its end, through crashes.
type schedule struct {
	*world
	dir     string
	plan    Plan
	job     int64
	crashes int
	lives   int
	points  map[string]int // crashes by commit point
	closed  bool           // the operator gave up the rest of the job
}

// arm lets the process die at the nth commit of a point, or after a while.
func (s *schedule) arm(p *process, j *Journal, kill bool) {
	point, n, after := "", 0, false
	var timer time.Duration
	if kill {
		switch k := s.number(20); {
		case k < 4:
			timer = time.Duration(s.number(4000)) * time.Millisecond
		case k < 8:
			point, n = commitPoints[s.number(len(commitPoints))], 1
		case k == 8:
			point, n = "follow", 1 // many lives end before they follow anything
		default:
			point, n = []string{"sending", "outcome"}[s.number(2)], 1+s.number(15) // the two that every item passes
		}
		after = s.number(2) == 0
	}
	if timer > 0 {
		go func() {
			if client.Sleep(p.ctx, timer, nil) {
				p.kill()
			}
		}()
	}
	var mu sync.Mutex
	j.halt = func(at string, committed bool) error {
		mu.Lock()
		defer mu.Unlock()
		if p.killed() {
			return errKilled
		}
		if at == point && committed == after {
			if n--; n == 0 {
				p.kill()
				s.points[fmt.Sprintf("%s, committed %v", at, after)]++
				return errKilled
			}
		}
		return nil
	}
}

// live is one life of the process: it begins or resumes the job, and follows it.
// It tells whether the job came to its end.
func (s *schedule) live(kill bool, wish int) bool {
	p := s.start()
	defer p.cancel()
	r, j := p.runner(s.dir)
	defer j.Close()
	s.arm(p, j, kill)
	s.lives++
	defer func() {
		if p.killed() {
			s.crashes++
		}
	}()
	ctx := context.WithoutCancel(p.ctx)
	if s.job == 0 {
		s.plan.Later = s.later
		job, err := r.Add(s.plan, Options{Reason: "TICKET-1", Delay: 5 * time.Second})
		if open, failed := j.Unfinished(); failed == nil && len(open) == 1 {
			s.job = open[0].ID // the next life reads it from the journal
		}
		if err != nil {
			if !p.killed() {
				s.t.Fatal(err)
			}
			return false
		}
		s.job = job.ID
	}
	if job, err := j.Job(s.job); err != nil {
		s.t.Fatal(err)
	} else if job.State == Open && !s.carryOut(ctx, p, r, wish) {
		return false
	}
	return s.follow(p, r, j)
}

// carryOut runs the job to its end, or to the end of the process.
func (s *schedule) carryOut(ctx context.Context, p *process, r *Runner, wish int) bool {
	if wish == 1 && s.lives > 2 {
		s.closed = true
		if err := r.CloseJob(ctx, s.job); err != nil && !p.killed() {
			s.t.Fatal(err)
		}
		return !p.killed()
	}
	run, err := r.Start(ctx, s.job)
	if err != nil && p.killed() {
		return false
	}
	if err != nil {
		s.t.Fatal(err)
	}
	go func() {
		for range run.Changed() {
			run.Snapshot()
		}
	}()
	defer close(run.changed)
	defer synctest.Wait() // what the run has started ends with it
	if wish == 2 && s.lives > 1 {
		client.Sleep(p.ctx, time.Duration(s.number(8000))*time.Millisecond, run.Done())
		run.Abort()
		s.closed = true
	}
	if wish == 3 {
		client.Sleep(p.ctx, 6*time.Second, run.Done())
		run.Pause()
		client.Sleep(p.ctx, time.Minute, run.Done())
		run.Continue()
	}
	select {
	case <-run.Done():
	case <-p.ctx.Done():
		<-run.Done()
	}
	if err := run.Err(); err != nil && !p.killed() {
		s.t.Logf("stopped: %v", err)
		return false
	}
	return !p.killed()
}

// follow goes on until nothing is left to look at.
func (s *schedule) follow(p *process, r *Runner, j *Journal) bool {
	ctx, cancel := context.WithCancel(p.ctx)
	done := make(chan error, 1)
	go func() { done <- r.Follow(ctx) }()
	over := false
	for day := 0; day < 60 && !over && ctx.Err() == nil; day++ {
		client.Sleep(ctx, 12*time.Hour, nil)
		next, err := j.nextLook(nextDue, follower{testAccount, false, "ann", true})
		over = err == nil && next.IsZero()
		for _, id := range s.ids() {
			if s.truth(id).State() == client.StateProcessing && s.number(2) == 0 {
				s.move(id, []client.State{client.StateFailed, client.StateVerified}[s.number(2)])
			}
		}
	}
	cancel()
	if err := <-done; err != nil && !p.killed() {
		s.t.Error(err)
	}
	return over && !p.killed()
}

func (s *schedule) ids() []string {
	var ids []string
	for _, e := range s.plan.Entries {
		ids = append(ids, e.ID)
	}
	return ids
}

// runSchedule carries a job of n items through at most most crashes.
func runSchedule(t *testing.T, seed uint64, n, most int) *schedule {
	verb := client.Redact
	if seed%4 == 0 {
		verb = client.Cancel
	}
	w := newWorld(t, verb, seed, usualFaults, emulator.Config{RedactionDelay: []time.Duration{-1, 30 * time.Minute, 20 * time.Hour}[seed%3], Seed: seed,
		Choices: emulator.Choices{RedactTwiceRefused: seed%2 == 0, CancelRedactedRefused: seed%4 == 0}})
	states := make([]client.State, n)
	for i := range states {
		states[i] = client.StateWaiting
		switch k := w.number(10); {
		case k == 0:
			states[i] = client.StateProcessing
		case k < 4:
			states[i] = client.StateFailed
		case k < 6 && verb == client.Redact:
			states[i] = client.StateVerified
		}
	}
	s := &schedule{world: w, dir: t.TempDir(), points: map[string]int{}}
	s.plan = w.plan(states...)
	w.later = seed%6 != 0
	wish := w.number(8)
	for !s.live(s.crashes < most, wish) {
		if s.lives > most+20 {
			t.Fatal("it does not come to an end")
		}
		switch w.number(12) {
		case 0:
			time.Sleep(25 * time.Hour)
		case 1:
			time.Sleep(time.Hour)
		}
		w.meddle()
	}
	s.check()
	return s
}

// check compares the report with the truth.
func (s *schedule) check() {
	j, err := OpenJournal(s.dir, ledger.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer j.Close()
	report, err := j.Report(s.job)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(report.Rows) != len(s.plan.Entries) {
		s.violate(wrongRow, fmt.Sprint(len(report.Rows), " rows"))
	}
	for _, row := range report.Rows {
		id, session := row.Session, s.truth(row.Session)
		_, ours := s.effects[id]
		what := fmt.Sprintf("%s is %s (%s), in truth %s, ours %v, touched %v", id, row.State, row.Words, session.State(), ours, s.touched[id])
		switch row.State {
		case Complete:
			if !s.verb.TookEffect(session) || s.verb == client.Redact && session.State() != client.StateRedacted {
				s.violate(wrongRow, what)
			}
		case Skipped:
			if ours {
				s.violate(wrongRow, what)
			}
			if !s.touched[id] && s.planned[id] != client.StateProcessing {
				s.violate(lostItem, what)
			}
		case Failed, NotStarted:
			if ours {
				s.violate(wrongRow, what)
			}
			if !s.closed {
				s.t.Log(what)
			}
			if row.State == NotStarted && !s.closed {
				s.violate(lostItem, what)
			}
		default:
			s.violate(lostItem, what)
		}
	}
	pending, err := j.book.Pending(ledger.Query{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range pending {
		s.violate(noRecord, e.Intent().Session)
	}
	if kept, err := j.book.Verify(ledger.Head{}); err != nil || kept.Unpaired > 0 || len(s.effects) > 0 && kept.Records < 3 {
		s.violate(noRecord, fmt.Sprintf("%+v, %v", kept, err))
	}
}

// TestCrashes kills the process at every commit point and at random, on a bad
// network, while others change the sessions and the clock jumps.
func TestCrashes(t *testing.T) {
	var mu sync.Mutex
	var sum struct{ crashes, items, posts, lives, effects int }
	points, wrong := map[string]int{}, map[string]int{}
	wanted, rows := *crashes, *items
	if raceEnabled {
		wanted, rows = wanted/10, rows/10 // SQLite is slow then
	}
	// missed are the points at which no process died yet. Some are rare, so that
	// schedules are added until each was met.
	missed := func() (names []string) {
		for _, point := range commitPoints {
			if points[point+", committed true"]+points[point+", committed false"] == 0 && wanted >= 300 && point != "stop" {
				names = append(names, point)
			}
		}
		return names
	}
	enough := func() bool {
		return sum.crashes >= wanted && sum.items >= rows && (len(missed()) == 0 || sum.crashes >= 10*wanted)
	}
	const atOnce = 4
	for seed := uint64(0); !enough() && !t.Failed(); seed += atOnce {
		t.Run(fmt.Sprint("from ", seed+1), func(t *testing.T) {
			for n := range uint64(atOnce) {
				t.Run(fmt.Sprint("seed ", seed+1+n), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						s := runSchedule(t, seed+1+n, 40, 12)
						mu.Lock()
						defer mu.Unlock()
						sum.crashes, sum.items, sum.lives = sum.crashes+s.crashes, sum.items+len(s.plan.Entries), sum.lives+s.lives
						sum.posts, sum.effects = sum.posts+s.posts, sum.effects+len(s.effects)
						for p, n := range s.points {
							points[p] += n
						}
						for what, n := range s.wrong {
							wrong[what] += n
							t.Errorf("%s: %d times, such as %s", what, n, s.examples[what])
						}
					})
				})
			}
		})
	}
	t.Logf("%+v, crashes at commit points %v, wrong %v", sum, points, wrong)
	if names := missed(); len(names) > 0 {
		t.Errorf("no crash at %q", names)
	}
}

// simpleRunner is the design that this package is not: a file of results, a
// fresh key for each attempt, and no look at the session.
type simpleRunner struct {
	results map[string]string // the file
	mu      sync.Mutex
}

func (r *simpleRunner) run(p *process, verb client.Verb, ids []string) {
	api := p.api()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, id := range ids {
		r.mu.Lock()
		done := r.results[id] != ""
		r.mu.Unlock()
		if done || p.killed() {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			result := "failed"
			for range 4 {
				act := api.CancelSession
				if verb == client.Redact {
					act = api.RedactSession
				}
				_, err := act(p.ctx, id, client.NewIdempotencyKey())
				if err == nil {
					result = "done"
				}
				if e := (*client.Error)(nil); err == nil || errors.As(err, &e) && e.Kind == client.KindState {
					break
				}
				client.Sleep(p.ctx, time.Second, nil)
			}
			if !p.killed() {
				r.mu.Lock()
				r.results[id] = result
				r.mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// TestSimplerRunnerFails shows that the test above can fail.
func TestSimplerRunnerFails(t *testing.T) {
	wrong := map[string]int{}
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, client.Redact, seed, usualFaults, emulator.Config{Seed: seed, Choices: emulator.Choices{RedactTwiceRefused: true}})
			plan := w.plan(make([]client.State, 60)...)
			r := &simpleRunner{results: map[string]string{}}
			var ids []string
			for _, e := range plan.Entries {
				ids = append(ids, e.ID)
				w.planned[e.ID] = client.StateWaiting
			}
			for life := range 4 {
				p := w.start()
				if life < 3 {
					time.AfterFunc(time.Duration(w.number(1500))*time.Millisecond, p.kill)
				}
				r.run(p, client.Redact, ids)
			}
			for _, id := range ids {
				if _, ours := w.effects[id]; ours != (r.results[id] == "done") && !w.touched[id] {
					w.violate(wrongRow, id)
				}
			}
			for what, n := range w.wrong {
				wrong[what] += n
			}
		})
	}
	t.Log(wrong)
	for _, what := range []string{secondKey, ineligible, wrongRow} {
		if wrong[what] == 0 {
			t.Errorf("a runner without journal and looks passes: %s", strings.TrimSpace(what))
		}
	}
}
