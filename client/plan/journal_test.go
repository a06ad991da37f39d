package plan

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
)

func openTest(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := OpenJournal(dir, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func TestJournalIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	j := openTest(t, dir)
	if _, err := j.me(); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" {
		t.Skip("no permissions there")
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v", info.Mode())
	}
	for _, folder := range []string{dir, filepath.Join(dir, livesFolder)} {
		files, _ := os.ReadDir(folder)
		for _, f := range files {
			if info, _ := f.Info(); info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s is %v", f.Name(), info.Mode())
			}
		}
		if len(files) == 0 {
			t.Errorf("%s is empty", folder)
		}
	}
}

func TestJournalRefusesLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, livesFolder)); err != nil {
		t.Skip(err)
	}
	if _, err := openTest(t, dir).me(); err == nil || !strings.Contains(err.Error(), livesFolder) {
		t.Error(err)
	}
}

// raw is the database of a journal, past the book.
func raw(t *testing.T, j *Journal) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(j.book.Dir(), "book.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestALongJournalIsListedAtOnce: the newest jobs and all older unfinished ones are
// listed. No query goes through all jobs or items.
func TestALongJournalIsListedAtOnce(t *testing.T) {
	j := openTest(t, t.TempDir())
	defer j.Close()
	const jobs = MostJobs + 50
	db := raw(t, j)
	for n := range jobs {
		state, item := Finished, Complete
		switch n {
		case 3:
			state = Open
		case 5:
			item = Overdue
		case 7:
			item = Waiting
		}
		for _, line := range []string{
			fmt.Sprintf("INSERT INTO jobs (id, verb, account, live, plan, reason, created, start, state, why, later) VALUES (%d, 'redact', 'acct_1', 0, 'h', '', 1000, 1000, %d, '', 0)", n+1, state),
			fmt.Sprintf("INSERT INTO items VALUES (%d, 1, 'vs_1', 'processing', %d, '', 1, 'k', 0, '', 'unknown', 0, 0, 1000, 2000, 1, 0, 0)", n+1, item),
		} {
			if _, err := db.Exec(line); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := j.Jobs()
	if err != nil || len(got) != MostJobs+3 || got[0].ID != jobs || got[MostJobs-1].ID != jobs-MostJobs+1 {
		t.Fatalf("%d jobs, %v", len(got), err)
	}
	for i, want := range []int64{8, 6, 4} {
		if job := got[MostJobs+i]; job.ID != want || job.Counts.All() != 1 {
			t.Errorf("%+v, want job %d", job, want)
		}
	}
	for _, query := range []string{
		jobsWhere(someJobs), jobsWhere(openJobs), jobsWhere(waitingJobs), jobsWhere(oneJob), countsOf, itemsOf, oneItem, dueItems, nextDue, dueRest, nextRest, redactions, othersOf, takeJob, heldBy,
	} {
		rows, err := db.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "$"))...)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(step, "SCAN") {
				t.Errorf("%s\n%s", query, step)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// addTest adds a job that redacts sessions that nobody looks at.
func addTest(t *testing.T, j *Journal, sessions ...string) int64 {
	t.Helper()
	var items []Item
	for n, session := range sessions {
		items = append(items, Item{Number: n + 1, Session: session, Planned: client.StateVerified, State: Pending, Generation: 1, Key: fmt.Sprint("key-", n)})
	}
	job := Job{Verb: client.Redact, Account: testAccount, State: Open, Operator: ledger.Actor{User: "ann"}}
	if _, err := j.hold(&job, func(tx *ledger.Tx) error { return addJob(tx, &job, items) }); err != nil {
		t.Fatal(err)
	}
	return job.ID
}

func nothingMore(*ledger.Tx, *Job) error { return nil }

// TestALeaseIsOfOneProcess: two processes hold a job each; neither takes the other's
// before that has ended, and one that was taken over from writes nothing of the job.
func TestALeaseIsOfOneProcess(t *testing.T) {
	dir := t.TempDir()
	a, b, c := openTest(t, dir), openTest(t, dir), openTest(t, dir)
	of, other := addTest(t, a, "vs_1"), addTest(t, b, "vs_2")
	if _, _, err := a.take(of, nothingMore); !errors.Is(err, ErrBusy) {
		t.Errorf("taken twice by one process: %v", err)
	}
	for range 2 { // a look at a live process changes nothing
		if _, _, err := b.take(of, nothingMore); !errors.Is(err, ErrBusy) {
			t.Errorf("taken while its holder lives: %v", err)
		}
	}
	jobs, err := b.Unfinished()
	if err != nil || len(jobs) != 2 || jobs[0].ID != other || jobs[0].Elsewhere || !jobs[1].Elsewhere {
		t.Errorf("%+v, %v", jobs, err)
	}
	if files, _ := os.ReadDir(filepath.Join(dir, livesFolder)); len(files) != 2 {
		t.Errorf("%d processes hold jobs", len(files))
	}
	first := &lease{j: a, job: of, epoch: 1}
	if err := first.write("x", func(tx *ledger.Tx) error { return nil }); err != nil {
		t.Error(err)
	}
	if err := a.lives.end(); err != nil { // the process ends, and wakes up again below
		t.Fatal(err)
	}
	second, job, err := b.take(of, nothingMore)
	if err != nil || job.ID != of || job.Counts[Pending] != 1 {
		t.Fatal(job, err)
	}
	if _, _, err := c.take(of, nothingMore); !errors.Is(err, ErrBusy) {
		t.Errorf("taken over by two: %v", err)
	}
	if err := first.stopped("x"); !errors.Is(err, ErrFenced) {
		t.Errorf("who was taken over from writes: %v", err)
	}
	if err := second.stopped("x"); err != nil {
		t.Error(err)
	}
	if err := second.stopped("y"); !errors.Is(err, ErrFenced) {
		t.Errorf("written after the last: %v", err)
	}
	second.release()
	third, job, err := c.take(of, nothingMore)
	if err != nil || job.Why != "x" {
		t.Fatal(job, err)
	}
	third.release()
	if jobs, err := c.Unfinished(); err != nil || jobs[1].holder != "" {
		t.Errorf("%+v, %v", jobs, err)
	}
}

// TestTheDeadLeaveNothing: the file of a process that was killed is removed by those
// that come after.
func TestTheDeadLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	a, b := openTest(t, dir), openTest(t, dir)
	addTest(t, a, "vs_1")
	dead := newID()
	if err := os.WriteFile(filepath.Join(dir, livesFolder, dead), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	addTest(t, b, "vs_2")
	files, err := os.ReadDir(filepath.Join(dir, livesFolder))
	if err != nil || len(files) != 2 || files[0].Name() == dead || files[1].Name() == dead {
		t.Errorf("%v, %v", files, err)
	}
	for _, id := range []string{dead, "", "..", "../book.db"} {
		if alive, err := a.lives.alive(nil, id); alive || err != nil {
			t.Errorf("%q is alive, %v", id, err)
		}
	}
}

// A job is there with all its items and keys before anything is sent.
func TestAddRecordsAll(t *testing.T) {
	w := newWorld(t, client.Redact, 1, faults{}, emulator.Config{})
	p := w.start()
	r, j := p.runner(t.TempDir())
	defer j.Close()
	plan := w.plan(client.StateFailed, client.StateProcessing, client.StateRedacting, client.StateVerified)
	plan.Later = true
	job, err := r.Add(plan, Options{Reason: "TICKET-7"})
	if err != nil {
		t.Fatal(err)
	}
	items, err := j.Items(job.ID)
	if err != nil || len(items) != 4 {
		t.Fatal(items, err)
	}
	keys := map[string]bool{}
	for n, want := range []ItemState{Pending, Waiting, Following, Pending} {
		if items[n].State != want {
			t.Errorf("item %d is %s, want %s", n, items[n].State, want)
		}
		if items[n].Key != "" {
			keys[items[n].Key] = true
		}
	}
	if len(keys) != 3 || w.posts != 0 {
		t.Errorf("%d keys, %d posts", len(keys), w.posts)
	}
	stored, err := j.Job(job.ID)
	if err != nil || stored.Reason != "TICKET-7" || stored.Plan != plan.Hash || stored.State != Open || stored.Counts != job.Counts {
		t.Errorf("%+v %v", stored, err)
	}
	if want := "job 1: left undone: accepted 1, 2 never sent, 1 waits"; stored.Summary(stored.Created) != want {
		t.Errorf("%q", stored.Summary(stored.Created))
	}
	if _, err := r.Add(plan, Options{Reason: strings.Repeat("x", 501)}); err == nil {
		t.Error("a reason without end is taken")
	}
	plan.Account = "acct_other"
	if _, err := r.Add(plan, Options{}); err == nil {
		t.Error("a plan of another account is taken")
	}
}

// A job that refuses a step is no fault of the book, and the message blames the job alone.
func TestAJobIsRefusedInItsOwnWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		done, open := b.add(client.Cancel, Options{}), b.add(client.Cancel, Options{})
		b.run(done)
		b.runner.abandon(open)
		other, live := b.runner.config, b.runner.config
		other.Account, live.Live = "acct_other", true
		for _, c := range []struct {
			runner *Runner
			job    int64
			want   string
		}{
			{b.runner, done, "job 1 is finished already"},
			{b.runner, 7, "there is no job 7 in the journal"},
			{NewRunner(other), open, "job 2 is for account " + testAccount + ", TEST: start idtop with a key of that account and mode"},
			{NewRunner(live), open, "job 2 is for account " + testAccount + ", TEST: start idtop with a key of that account and mode"},
		} {
			for name, do := range map[string]func() error{
				"start":  func() error { _, err := c.runner.Start(t.Context(), c.job); return err },
				"resume": func() error { _, err := c.runner.Resume(t.Context(), c.job, 0); return err },
				"close":  func() error { return c.runner.CloseJob(t.Context(), c.job) },
			} {
				if err := do(); err == nil || err.Error() != c.want {
					t.Errorf("%s: %v, want %q", name, err, c.want)
				}
			}
		}
		if job, err := b.journal.Job(open); err != nil || job.State != Open || b.asked() != "GET POST1" {
			t.Errorf("%+v, %v; asked %q", job, err, b.asked())
		}
	})
}

// A job has facts that come from its items: the number of sessions left out, Stripe's time
// limits, and the time of the last effect.
func TestTheFactsOfAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		at := func(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC) }
		for verb, leftOut := range map[client.Verb]int{client.Redact: 3, client.Cancel: 2} {
			items := []Item{
				{State: Skipped, Generation: 0, After: client.StateVerified},
				{State: Skipped, Generation: 1, After: client.StateRedacted},
				{State: Skipped, Generation: 1, After: client.StateRedacting},
				{State: Skipped, Generation: 1, After: client.StateCanceled},
				{State: Skipped, Generation: 1, After: client.StateVerified},
				{State: Following, Accepted: at(1)}, {State: Following, Accepted: at(3)}, {State: Following, Accepted: at(2)},
				{State: Overdue, Accepted: at(5)}, {State: Overdue, Accepted: at(4)},
				{State: Complete, Accepted: at(6), Looked: at(9)}, {State: Complete, Accepted: at(8), Looked: at(7)},
				{State: Failed, Accepted: at(20)},
			}
			var sessions []Seen
			for n := range items {
				sessions = append(sessions, Seen{ID: id(n), State: client.StateWaiting})
			}
			job := b.add(verb, Options{}, sessions...)
			stored, err := b.journal.Items(job)
			if err != nil {
				t.Fatal(err)
			}
			err = b.journal.book.Write(func(tx *ledger.Tx) (err error) {
				for i, it := range items {
					it.Job, it.Number, it.Key = job, stored[i].Number, stored[i].Key
					err = errors.Join(err, saveItem(tx, it))
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.journal.Job(job)
			if err != nil || got.LeftOut != leftOut || !got.Due.Equal(at(3).Add(EraseTime)) || !got.WasDue.Equal(at(4).Add(EraseTime)) || !got.Over.Equal(at(9)) {
				t.Errorf("%s: left out %d, due %s, was due %s, over %s, %v", verb, got.LeftOut, got.Due, got.WasDue, got.Over, err)
			}
			if got.Counts != (Counts{Skipped: 5, Following: 3, Overdue: 2, Complete: 2, Failed: 1}) {
				t.Errorf("%v", got.Counts)
			}
			gone := stored[0]
			gone.Number = 99
			if err := b.journal.book.Write(func(tx *ledger.Tx) error { return saveItem(tx, gone) }); !errors.Is(err, errNoItem) {
				t.Errorf("an item that is not there was saved: %v", err)
			}
			// A later idtop may have states that this one does not know.
			newer := stored[0]
			newer.State = itemStateCount
			if err := b.journal.book.Write(func(tx *ledger.Tx) error { return saveItem(tx, newer) }); err != nil {
				t.Fatal(err)
			}
			if _, err := b.journal.Job(job); err == nil || !strings.Contains(err.Error(), "item state 11 is not known") {
				t.Error(err)
			}
			if _, err := raw(t, b.journal).Exec("DELETE FROM items"); err != nil {
				t.Fatal(err)
			}
		}
	})
}
