package plan

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/ledger"
)

// followFor follows in one life of the program.
func (b *bench) followFor(d time.Duration) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan error, 1)
	go func() { done <- b.runner.Follow(ctx) }()
	time.Sleep(d)
	cancel()
	if err := <-done; err != nil {
		b.t.Error(err)
	}
}

func (b *bench) looks() int {
	b.api.mu.Lock()
	defer b.api.mu.Unlock()
	n := 0
	for _, line := range b.api.log {
		if line == "GET" {
			n++
		}
	}
	b.api.log = nil
	return n
}

// A redaction is looked at after 1, 10 and 60 minutes and then every 6 hours,
// across restarts, is overdue after 96 hours, and still found complete later.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		job := b.add(client.Redact, Options{})
		b.run(job)
		b.looks()
		for _, c := range []struct {
			wait  time.Duration
			looks int
			state ItemState
		}{
			{59 * time.Second, 0, Following},
			{2 * time.Second, 1, Following},  // 1 min
			{8 * time.Minute, 0, Following},  //
			{2 * time.Minute, 1, Following},  // 10 min
			{48 * time.Minute, 0, Following}, //
			{3 * time.Minute, 1, Following},  // 60 min
			{5 * time.Hour, 0, Following},    //
			{2 * time.Hour, 1, Following},    // 7 h
			{87 * time.Hour, 14, Following},  // to 91 h and 95 h
			{8 * time.Hour, 2, Overdue},      //
			{12 * time.Hour, 2, Overdue},
		} {
			b.followFor(c.wait)
			if n := b.looks(); n < c.looks-1 || n > c.looks+1 || c.looks < 2 && n != c.looks || b.item(job).State != c.state {
				t.Errorf("after %v: %d looks, want %d; %s", c.wait, n, c.looks, b.item(job).State)
			}
		}
		b.api.session.Redaction.Status = client.RedactionRedacted
		b.followFor(7 * time.Hour)
		report, err := b.journal.Report(job)
		if err != nil || report.Rows[0].State != Complete || report.Rows[0].Redacted.IsZero() || report.Rows[0].Accepted.IsZero() || report.Rows[0].RequestID != "req_1" {
			t.Errorf("%+v %v", report.Rows, err)
		}
		b.looks()
		b.followFor(100 * time.Hour)
		if n := b.looks(); n != 0 {
			t.Errorf("%d looks at what is complete", n)
		}
	})
}

// beside is the same bench as another process has it.
func (b *bench) beside(dir string) *bench {
	b.t.Helper()
	j, err := OpenJournal(dir, ledger.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	other := &bench{t: b.t, journal: j}
	other.api = &script{session: client.Session{ID: id(1), Status: client.StatusRequiresInput}}
	other.runner = NewRunner(Config{Journal: j, API: other.api, Act: testAct, Account: testAccount})
	return other
}

// TestAFollowerLocksNobodyOut: while one process looks whether redactions are
// complete, another one can begin a job at any time.
func TestAFollowerLocksNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		var sessions []Seen
		for n := range 40 {
			sessions = append(sessions, Seen{ID: id(n), State: client.StateRedacting})
		}
		sessions[0].State = client.StateWaiting
		b.run(b.add(client.Redact, Options{}, sessions...))
		b.looks()
		b.api.delay = 300 * time.Millisecond
		other := b.beside(b.journal.book.Dir())
		defer other.journal.Close()
		p, err := New(client.Cancel, testAccount, false, []Seen{{ID: id(99), State: client.StateWaiting}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.runner.Follow(ctx) }()
		tries, refused, waited := 0, 0, time.Duration(0)
		for end := time.Now().Add(15 * time.Minute); time.Now().Before(end); time.Sleep(1234 * time.Millisecond) {
			began := time.Now()
			if _, err := other.runner.Add(p, Options{}); err != nil {
				refused++
			}
			tries, waited = tries+1, max(waited, time.Since(began))
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if refused > 0 || waited > 100*time.Millisecond {
			t.Errorf("%d of %d tries were refused, one waited %v", refused, tries, waited)
		}
		if looks := b.looks(); looks < 2*len(sessions) {
			t.Errorf("only %d looks: this tests nothing", looks)
		}
	})
}

// TestTwoFollowersLookOnce: of two processes that follow, one looks at a session
// when it is due, and the other sees that.
func TestTwoFollowersLookOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		b.run(b.add(client.Redact, Options{}))
		b.looks()
		other := b.beside(b.journal.book.Dir())
		defer other.journal.Close()
		other.api.session.Redaction = &client.Redaction{Status: client.RedactionProcessing}
		b.api.delay, other.api.delay = time.Second, time.Second
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		for _, r := range []*Runner{b.runner, other.runner} {
			go func() { done <- r.Follow(ctx) }()
		}
		time.Sleep(30 * time.Minute)
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Error(err)
		}
		if n := b.looks() + other.looks(); n != 2 { // after a minute and after ten
			t.Errorf("%d looks", n)
		}
	})
}

// What is in processing waits, and is done when it can be.
func TestWaitForProcessing(t *testing.T) {
	for _, c := range []struct {
		verb  client.Verb
		to    client.Status
		state ItemState
	}{
		{client.Redact, client.StatusVerified, Following},
		{client.Cancel, client.StatusVerified, Skipped},
		{client.Cancel, client.StatusRequiresInput, Complete},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			defer b.journal.Close()
			b.api.session.Status = client.StatusProcessing
			b.later = true
			job := b.add(c.verb, Options{}, Seen{ID: id(1), State: client.StateProcessing})
			if run := b.run(job); run.Err() != nil || b.item(job).State != Waiting {
				t.Fatal(run.Err(), b.item(job))
			}
			b.followFor(3 * time.Hour)
			if n := b.looks(); n < 5 || n > 10 || b.item(job).State != Waiting {
				t.Errorf("%d looks while it is processing, %s", n, b.item(job).State)
			}
			b.api.session.Status = c.to
			b.api.posts = steps{fails(lost)}
			b.followFor(time.Hour + time.Minute)
			if it := b.item(job); it.State != c.state {
				t.Errorf("%s, then %s: %s %q", c.verb, c.to, it.State, it.Words)
			}
		})
	}
}

// What waits of a finished job can be given up: nothing is sent for it any more.
func TestWhatWaitsCanBeGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		b.api.session.Status = client.StatusProcessing
		b.later = true
		job := b.add(client.Redact, Options{}, Seen{ID: id(1), State: client.StateProcessing})
		b.run(job)
		b.followFor(5 * time.Minute)
		if err := b.runner.CloseJob(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		b.api.session.Status = client.StatusVerified
		b.looks()
		b.followFor(100 * time.Hour)
		if n := b.looks(); n != 0 || b.item(job).State != NotStarted || b.api.session.Redaction != nil {
			t.Errorf("%d looks, %s, redaction %v", n, b.item(job).State, b.api.session.Redaction)
		}
		if got, err := b.journal.Job(job); err != nil || got.State != Closed {
			t.Errorf("%s, %v", got.State, err)
		}
		if err := b.runner.CloseJob(t.Context(), job); err == nil {
			t.Error("it is given up twice")
		}
	})
}

// What could not be told at the end of a job is settled later, without a POST.
func TestUnknownIsSettledLater(t *testing.T) {
	for _, effect := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			defer b.journal.Close()
			b.api.posts = steps{fails(lost)}
			if effect {
				b.api.posts = steps{after(redacted, lost)}
			}
			b.api.gets = steps{func(*client.Session) error { return nil }}
			for range maxTries {
				b.api.gets = append(b.api.gets, fails(lost))
			}
			job := b.add(client.Redact, Options{})
			b.run(job)
			if it := b.item(job); it.State != Unknown {
				t.Fatal(it)
			}
			b.followFor(10 * time.Minute)
			want := Failed
			if effect {
				want = Following
			}
			if it := b.item(job); it.State != want || it.Recovered != effect || strings.Count(b.asked(), "POST") != 1 {
				t.Errorf("%+v, asked %s", it, b.asked())
			}
			if it := b.item(job); it.Intent != b.journal.book.Head().Seq-1 {
				t.Errorf("the item has the number of record %d", it.Intent)
			}
			if lines := b.recorded(); len(lines) != 4 || strings.Contains(lines[3], "unknown") {
				t.Errorf("%q", lines)
			}
		})
	}
}

// A quit gives what is under way a moment to be answered; the next start says
// how the job stands, and goes on.
func TestQuitAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, client.Redact, 1, faults{}, noDelay)
		p := w.start()
		dir := t.TempDir()
		r, j := p.runner(dir)
		for range 100 {
			w.planned[w.create(client.StateWaiting)] = client.StateWaiting
		}
		var seen []Seen
		for id := range w.planned {
			seen = append(seen, Seen{ID: id, State: client.StateWaiting})
		}
		plan, err := New(client.Redact, testAccount, false, seen, 0)
		if err != nil {
			t.Fatal(err)
		}
		job, err := r.Add(plan, Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, quit := context.WithCancel(t.Context())
		run, err := r.Start(ctx, job.ID)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		quit()
		<-run.Done()
		left, err := j.Unfinished()
		if err != nil || len(left) != 1 || left[0].Counts.Accepted() != len(w.effects) || left[0].Counts.Unsettled() != 0 ||
			left[0].Counts[Pending] != 100-len(w.effects) || len(w.effects) < 10 {
			t.Errorf("%d effects, %v %v", len(w.effects), left, err)
		}
		j.Close()

		p = w.start()
		r, j = p.runner(dir)
		defer j.Close()
		if run, err = r.Start(t.Context(), job.ID); err != nil {
			t.Fatal(err)
		}
		<-run.Done()
		stored, err := j.Job(job.ID)
		if err != nil || run.Err() != nil || len(w.effects) != 100 || stored.State != Finished || stored.Why != "" || len(w.wrong) != 0 {
			t.Errorf("%v %v %+v %v", err, run.Err(), stored, w.wrong)
		}
	})
}

// TestWhenEachHasFinishedHoldsForTheWholeJob: a session that enters processing
// after the plan is waited for, one that waited and failed meanwhile is redacted
// all the same, and the report says both.
func TestWhenEachHasFinishedHoldsForTheWholeJob(t *testing.T) {
	for _, c := range []struct {
		name         string
		verb         client.Verb
		planned      client.State
		then, later  client.Status
		first, last  ItemState
		words        string
		whenFinished bool
	}{
		{"enters processing", client.Redact, client.StateFailed, client.StatusProcessing, client.StatusVerified, Waiting, Following, "it was failed at the plan and verified when it was sent", true},
		{"verified meanwhile", client.Redact, client.StateWaiting, client.StatusVerified, client.StatusVerified, Following, Following, "it was waiting at the plan and verified when it was sent", true},
		{"enters processing, to be canceled", client.Cancel, client.StateFailed, client.StatusProcessing, client.StatusVerified, Waiting, Skipped, "verified", true},
		{"not wished", client.Redact, client.StateFailed, client.StatusProcessing, client.StatusVerified, Skipped, Skipped, "processing", false},
		{"changed, not wished", client.Redact, client.StateWaiting, client.StatusVerified, client.StatusVerified, Skipped, Skipped, "it has changed since the plan", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				defer b.journal.Close()
				b.later = c.whenFinished
				job := b.add(c.verb, Options{}, Seen{ID: id(1), State: c.planned})
				b.api.session.Status = c.then
				b.run(job)
				it := b.item(job)
				if it.State != c.first || it.State == Waiting && it.Words != "it went into processing after the plan" {
					t.Fatalf("%s %q", it.State, it.Words)
				}
				b.api.session.Status = c.later
				b.followFor(2 * time.Hour)
				if it := b.item(job); it.State != c.last || !strings.Contains(it.Words, c.words) {
					t.Errorf("%s %q", it.State, it.Words)
				}
			})
		})
	}
}

// TestOverdueIsByTheServersClock: what the machine's clock says makes nothing
// overdue, and a jump of the server's clock is looked into at once.
func TestOverdueIsByTheServersClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		const ahead = 72 * time.Hour
		dated := func(ahead time.Duration) func(*client.Session) error {
			return func(s *client.Session) error { s.Date = time.Now().Add(ahead); return nil }
		}
		b.api.gets = steps{dated(ahead)}
		job := b.add(client.Redact, Options{})
		b.run(job)
		it := b.item(job)
		if got := time.Until(it.Accepted); got < ahead-time.Minute || it.Look.Before(it.Accepted) || it.Looked != it.Accepted {
			t.Fatalf("accepted %s ahead, %+v", got, it)
		}
		b.looks()
		b.followFor(30 * time.Second)
		if n := b.looks(); n != 0 {
			t.Errorf("%d looks, although the server's clock has not moved", n)
		}
		b.api.gets = steps{dated(ahead + 97*time.Hour)}
		b.runner.Hear(ahead + 97*time.Hour)
		b.followFor(time.Second)
		if it := b.item(job); it.State != Overdue || it.Looked.Sub(it.Accepted) < 97*time.Hour {
			t.Errorf("%s, looked %s after it was accepted", it.State, it.Looked.Sub(it.Accepted))
		}
	})
}

// TestOnlyALookSaysOverdue: when the session can't be read, nobody knows that it is
// not erased.
func TestOnlyALookSaysOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		job := b.add(client.Redact, Options{})
		b.run(job)
		looked := b.item(job).Looked
		for range 2000 {
			b.api.gets = append(b.api.gets, fails(lost))
		}
		b.followFor(100 * time.Hour)
		if it := b.item(job); it.State != Following || !it.Looked.Equal(looked) {
			t.Errorf("%+v, it was looked at %s", it, looked)
		}
		b.api.mu.Lock()
		b.api.gets = nil
		b.api.mu.Unlock()
		b.followFor(time.Hour)
		if it := b.item(job); it.State != Overdue || !it.Looked.After(looked) {
			t.Errorf("%+v", it)
		}
	})
}
