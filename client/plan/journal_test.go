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
)

func openTest(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := OpenJournal(dir)
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
	var mode, synchronous string
	if err := j.db.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Error(mode, err)
	}
	if err := j.db.QueryRow("PRAGMA synchronous").Scan(&synchronous); err != nil || synchronous != "2" {
		t.Error(synchronous, err)
	}
}

func TestJournalRefusesLinks(t *testing.T) {
	for _, name := range []string{journalFile, lockFile} {
		dir := t.TempDir()
		if err := os.Symlink(filepath.Join(t.TempDir(), "victim"), filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
		if _, err := OpenJournal(dir); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestJournalOfANewerProgram(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir)
	if _, err := j.db.Exec(fmt.Sprint("PRAGMA user_version = ", schemaVersion+1)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(dir); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Error(err)
	}
}

// TestALongJournalIsListedAtOnce: the newest jobs are listed, and of the older ones
// those in which something goes on. No query goes through all jobs or items.
func TestALongJournalIsListedAtOnce(t *testing.T) {
	j := openTest(t, t.TempDir())
	defer j.Close()
	const jobs = MostJobs + 50
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
			fmt.Sprintf("INSERT INTO jobs (verb, account, live, plan, reason, created, start, state, why) VALUES ('redact', 'acct_1', 0, 'h', '', 1000, 1000, %d, '')", state),
			fmt.Sprintf("INSERT INTO items VALUES (%d, 1, 'vs_1', 'processing', %d, '', 1, 'k', 0, '', 'unknown', 0, 0, 1000, 2000, 1, 0)", n+1, item),
		} {
			if _, err := j.db.Exec(line); err != nil {
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
		jobsWhere(someJobs), jobsWhere(openJobs), jobsWhere(waitingJobs), jobsWhere(oneJob), countsOf, itemsOf, oneItem, dueItems, nextDue,
	} {
		rows, err := j.db.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
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

// TestAJournalOfVersion1IsTakenOver: its jobs, and whether they wait for what is in
// processing, are read as before.
func TestAJournalOfVersion1IsTakenOver(t *testing.T) {
	dir := t.TempDir()
	if err := prepare(dir); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dataSource(filepath.Join(dir, journalFile), "FULL"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{schema,
		"INSERT INTO jobs VALUES (1,'redact','acct_1',0,'h','why',1000,1000,2,''), (2,'redact','acct_1',0,'h','',1000,1000,2,'')",
		"INSERT INTO items VALUES (1,1,'vs_1','processing',8,'',1,'k',0,'','unknown',0,0,1000,2000,1), (2,1,'vs_2','processing',4,'still',0,'',0,'','unknown',0,0,1000,0,0)"} {
		if _, err := db.Exec(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	j := openTest(t, dir)
	defer j.Close()
	jobs, err := j.Jobs()
	if err != nil || len(jobs) != 2 || jobs[0].WhenFinished || !jobs[1].WhenFinished || jobs[1].Counts[Waiting] != 1 || jobs[1].Reason != "why" {
		t.Fatalf("%+v, %v", jobs, err)
	}
	if items, err := j.Items(1); err != nil || len(items) != 1 || items[0].Session != "vs_1" || !items[0].Looked.IsZero() {
		t.Errorf("%+v, %v", items, err)
	}
}
