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
	l, err := j.take()
	if err != nil {
		t.Fatal(err)
	}
	defer l.release()
	if runtime.GOOS == "windows" {
		t.Skip("no permissions there")
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v", info.Mode())
	}
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", f.Name(), info.Mode())
		}
	}
}

func TestJournalRefusesLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(t.TempDir(), "victim"), filepath.Join(dir, lockFile)); err != nil {
		t.Skip(err)
	}
	if _, err := OpenJournal(dir, ledger.Options{}); err == nil || !strings.Contains(err.Error(), lockFile) {
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
		state, item := Finished, Done
		switch n {
		case 3:
			state = Open
		case 5:
			item = Overdue
		case 7:
			item = Waiting
		}
		for _, line := range []string{
			fmt.Sprintf("INSERT INTO jobs VALUES (%d, 'redact', 'acct_1', 0, 'h', '', 1000, 1000, %d, '', 0)", n+1, state),
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
		jobsWhere(someJobs), jobsWhere(openJobs), jobsWhere(waitingJobs), jobsWhere(oneJob), countsOf, itemsOf, oneItem, dueItems, nextDue, dueRest, nextRest, redactions,
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

// One process writes at a time; one that has been taken over from is fenced off
// even if it still believes in its lock.
func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	a, b := openTest(t, dir), openTest(t, dir)
	first, err := a.take()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.take(); !errors.Is(err, ErrBusy) {
		t.Fatal(err)
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	second, err := b.take()
	if err != nil {
		t.Fatal(err)
	}
	defer second.release()
	if err := first.stopped(1, "x"); !errors.Is(err, ErrFenced) {
		t.Error(err)
	}
	if err := second.stopped(1, "x"); err != nil {
		t.Error(err)
	}
	if _, err := b.Jobs(); err != nil {
		t.Error(err)
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
