package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/stripe"
)

// twoProcesses are two machines' worth of lives at one book: each has a job for the
// same sessions, is killed at random, and goes on with whatever job has no holder.
type twoProcesses struct {
	*world
	dir   string
	plans []Plan

	mu      sync.Mutex
	carried map[int64]int // by job, the live processes that carry it out
	taken   int           // jobs of the other process that were gone on with
	crashes int
}

const twice = "a job in two processes"

// live is one life of a process; it tells whether all jobs are at their end.
func (s *twoProcesses) live(n int, add, kill bool) (over bool) {
	p := &process{w: s.world, pacer: stripe.NewPacer(stripe.SandboxPace)}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	defer p.cancel()
	r, j := p.runner(s.dir)
	defer j.Close()
	j.halt = func(string, bool) error {
		if p.killed() {
			return errKilled
		}
		return nil
	}
	if kill {
		time.AfterFunc(time.Duration(500+s.number(6000))*time.Millisecond, p.kill)
		s.crashes++
	}
	if add {
		if _, err := r.Add(s.plans[n], Options{}); err != nil && !p.killed() {
			s.t.Error(err)
		}
	}
	for !p.killed() {
		jobs, err := j.Unfinished()
		if err != nil {
			s.t.Error(err)
			return true
		}
		if len(jobs) == 0 {
			return true
		}
		job := jobs[s.number(len(jobs))].ID
		run, err := r.Start(context.WithoutCancel(p.ctx), job)
		if err == nil {
			s.mu.Lock()
			if s.carried[job]++; s.carried[job] > 1 {
				s.violate(twice, fmt.Sprint(job))
			}
			if job != int64(n+1) {
				s.taken++
			}
			s.mu.Unlock()
			select {
			case <-run.Done():
			case <-p.ctx.Done():
			}
			s.mu.Lock()
			s.carried[job]--
			s.mu.Unlock()
			<-run.Done()
		} else if !errors.Is(err, ErrBusy) && !p.killed() {
			if j, failed := j.Job(job); failed != nil || j.State == Open {
				s.t.Error(err)
			}
		}
		client.Sleep(p.ctx, 300*time.Millisecond, nil)
	}
	return false
}

// TestTwoProcessesAtOneBook kills two processes again and again that carry out jobs
// for the same sessions. Each session is redacted by one key, each job is in one
// process at a time, and nothing is lost.
func TestTwoProcessesAtOneBook(t *testing.T) {
	taken, crashes := 0, 0
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, client.Redact, seed, faults{limited: 5, lostBefore: 3, lostAfter: 4, failBefore: 1, failAfter: 1, conflict: 2}, emulator.Config{
					Seed: seed, RedactionDelay: time.Hour, Choices: emulator.Choices{RedactTwiceRefused: seed%2 == 0}})
				w.later = true // a session that the other job has redacted is not as it was planned
				s := &twoProcesses{world: w, dir: t.TempDir(), carried: map[int64]int{}}
				first := w.plan(slices.Repeat([]client.State{client.StateFailed}, 15)...)
				var again []Seen
				for _, e := range slices.Backward(first.Entries) {
					again = append(again, e.Seen)
				}
				second, err := New(client.Redact, testAccount, false, again, len(again))
				if err != nil {
					t.Fatal(err)
				}
				s.plans = []Plan{first, second}
				var wg sync.WaitGroup
				for n := range s.plans {
					wg.Go(func() {
						for life := 0; !s.live(n, life == 0, life < 4) && !t.Failed(); life++ {
							time.Sleep(time.Duration(s.number(2000)) * time.Millisecond)
						}
					})
				}
				wg.Wait()
				s.end()
				taken, crashes = taken+s.taken, crashes+s.crashes
			})
		})
	}
	t.Logf("%d crashes, %d jobs of the other one gone on with", crashes, taken)
	if taken == 0 || crashes == 0 {
		t.Error("nobody went on with the other one's job")
	}
}

// end compares the jobs with the truth.
func (s *twoProcesses) end() {
	j, err := OpenJournal(s.dir, ledger.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer j.Close()
	jobs, err := j.Jobs()
	if err != nil || len(jobs) != len(s.plans) {
		s.t.Errorf("%d jobs, %v", len(jobs), err)
	}
	ours := 0
	for _, job := range jobs {
		items, err := j.Items(job.ID)
		if err != nil || len(items) != len(s.plans[0].Entries) || job.State != Finished {
			s.t.Errorf("%+v, %v", job, err)
		}
		for _, it := range items {
			switch it.State {
			case Following:
				ours++
			case Skipped:
			default:
				s.violate(lostItem, fmt.Sprintf("%s is %s, %s", it.Session, it.State, it.Words))
			}
		}
	}
	if ours < len(s.effects) || len(s.effects) != len(s.plans[0].Entries) {
		s.t.Errorf("%d sessions redacted, %d said to be", len(s.effects), ours)
	}
	if kept, err := j.book.Verify(ledger.Head{}); err != nil || kept.Unpaired+kept.Pending > 0 {
		s.t.Errorf("%+v, %v", kept, err)
	}
	for what, n := range s.wrong {
		s.t.Errorf("%s: %d times, such as %s", what, n, s.examples[what])
	}
}

// TestTwoItemsThatAreSendingDoNotHoldEachOtherBack: a process dies while it sends for a
// session, another one gets no answer for it, and a third goes on with the first's job.
func TestTwoItemsThatAreSendingDoNotHoldEachOtherBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, client.Redact, 1, faults{conflict: 100}, emulator.Config{RedactionDelay: time.Hour})
		w.later = true
		first, dir := w.plan(client.StateFailed), t.TempDir()
		second, err := New(client.Redact, testAccount, false, []Seen{first.Entries[0].Seen}, 1)
		if err != nil {
			t.Fatal(err)
		}
		begin := func(plan *Plan, job int64, dies bool) *Run {
			p := &process{w: w, pacer: stripe.NewPacer(stripe.SandboxPace)}
			p.ctx, p.cancel = context.WithCancel(context.Background())
			t.Cleanup(p.cancel)
			r, j := p.runner(dir)
			j.halt = func(point string, committed bool) error {
				if dies && point == "sending" && committed {
					p.kill()
				}
				if p.killed() {
					return errKilled
				}
				return nil
			}
			if plan != nil {
				if _, err := r.Add(*plan, Options{}); err != nil {
					t.Fatal(err)
				}
			}
			run, err := r.Start(p.ctx, job)
			if err != nil {
				t.Fatal(err)
			}
			if dies {
				<-run.Done()
				_ = j.Close()
			} else {
				t.Cleanup(func() { _ = j.Close() })
			}
			return run
		}
		begin(&first, 1, true)
		runs := []*Run{begin(&second, 2, false)}
		time.Sleep(2 * time.Second)
		runs = append(runs, begin(nil, 1, false))
		time.Sleep(time.Second)
		w.mu.Lock()
		w.faults = faults{}
		w.mu.Unlock()
		time.Sleep(10 * time.Minute)
		for _, run := range runs {
			select {
			case <-run.Done():
			default:
				t.Errorf("job %d has not ended", run.Job().ID)
			}
		}
		if len(w.effects) != 1 {
			t.Errorf("%d sessions are redacted", len(w.effects))
		}
	})
}

// An item that gave way is unknown after a stop only if its last POST may have had its
// effect, and a key under which Stripe stored a failure is not sent again.
func TestAnItemThatGaveWay(t *testing.T) {
	inTheWay := func(b *bench, state ItemState) {
		it := b.item(2)
		it.State = state
		if err := b.journal.book.Write(func(tx *ledger.Tx) error { return saveItem(tx, it) }); err != nil {
			b.t.Error(err)
		}
	}
	locked := client.Error{Kind: client.KindConflict, Status: 429, Code: "lock_timeout", Retryable: true}
	for _, c := range []struct {
		name    string
		failure client.Error
		end     func(b *bench, run *Run, quit func())
		state   ItemState
		posts   string
	}{
		{"aborted, without effect", locked, func(_ *bench, run *Run, _ func()) { run.Abort() }, NotStarted, "POST1"},
		{"aborted, perhaps with effect", conflict, func(_ *bench, run *Run, _ func()) { run.Abort() }, Failed, "POST1"},
		{"left, without effect", locked, func(_ *bench, _ *Run, quit func()) { quit() }, Pending, "POST1"},
		{"left, perhaps with effect", conflict, func(_ *bench, _ *Run, quit func()) { quit() }, Unknown, "POST1"},
		{"goes on", conflict, func(b *bench, _ *Run, _ func()) { inTheWay(b, Skipped) }, Complete, "POST1 POST1"},
		{"goes on with another key", broken, func(b *bench, _ *Run, _ func()) { inTheWay(b, Skipped) }, Complete, "POST1 POST2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				defer b.journal.Close()
				job := b.add(client.Cancel, Options{})
				b.add(client.Cancel, Options{})
				b.api.posts = steps{func(s *client.Session) error { inTheWay(b, Sending); return fails(c.failure)(s) }}
				ctx, quit := context.WithCancel(t.Context())
				defer quit()
				run, err := b.runner.Start(ctx, job)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
				if got := b.item(job).State; got != Unknown {
					t.Errorf("while the other job sends it is %s", got)
				}
				c.end(b, run, quit)
				<-run.Done()
				if got := b.item(job).State; got != c.state {
					t.Errorf("at the end it is %s", got)
				}
				if got := strings.Join(strings.Fields(strings.ReplaceAll(b.asked(), "GET", "")), " "); got != c.posts {
					t.Errorf("sent: %s", got)
				}
			})
		})
	}
}
