// Package booktest is the suite that a book passes on every database: the same SQL,
// the same order of writes, the same refusals.
package booktest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/plan"
)

// Home is the place of one test's books.
type Home struct {
	Open    func(ledger.Options) (*ledger.Book, error) // the same book at each call
	SQL     *sql.DB                                    // the database itself, without the book
	Unguard []string                                   // statements that let records be changed
}

const account = "acct_1AbCdEfGhIjKlMnO"

// Run runs the suite. home makes a new book for each test.
func Run(t *testing.T, home func(t *testing.T) Home) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h Home)
	}{
		{"records are a chain", chain},
		{"an intent is settled once", once},
		{"records are never changed", unchanged},
		{"a transaction is all or nothing", allOrNothing},
		{"several write together", together},
		{"a job is confirmed, sent, followed and listed", job},
		{"what was not confirmed is not sent", unconfirmed},
		{"a job has one holder", leased},
		{"a holder without a beat is dead", beaten},
		{"jobs of two processes meet at a session", meeting},
		{"a book of before gets the tables of now", older},
		{"a book that lacks the marked head is refused", marked},
		{"old records are pruned on purpose", prune},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, home(t)) })
	}
}

func (h Home) open(t *testing.T) *ledger.Book {
	t.Helper()
	book, err := h.Open(ledger.Options{Actor: ledger.Actor{User: "ann", Host: "desk"}, Tool: "1.0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return book
}

func act(verb ledger.Verb, session string) ledger.Act {
	key, err := client.ParseKey("sk_test_4eC39HqLyjWDarjtT1zdp7dc")
	if err != nil {
		panic(err)
	}
	return ledger.Act{Verb: verb, Key: key, Account: account, Session: session, UserID: "ann_8392"}
}

func redaction(n int) ledger.Act {
	a := act(ledger.Redact, fmt.Sprintf("vs_%d", n))
	a.Idempotency, a.Generation, a.Job, a.Plan, a.Reason = fmt.Sprintf("key-%d", n), 1, "7", "9f86d081", "ticket é\x00\U0001F600"
	return a
}

var accepted = ledger.Outcome{Result: ledger.Succeeded, HTTP: 200, RequestID: "req_1", Server: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)}

func fill(t *testing.T, b *ledger.Book, from, n int) {
	t.Helper()
	for i := range n {
		e, err := b.Intend(redaction(from + i))
		if err == nil {
			err = e.Settle(accepted)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func count(t *testing.T, h Home, query string, args ...any) (n int) {
	t.Helper()
	if err := h.SQL.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(query, err)
	}
	return n
}

func chain(t *testing.T, h Home) {
	b := h.open(t)
	fill(t, b, 1, 600) // more than a page
	if _, err := b.Intend(redaction(700)); err != nil {
		t.Fatal(err)
	}
	if report, err := b.Verify(b.Head()); err != nil || report.Records != 1201 || report.Pending != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if report, err := ledger.VerifyFile(b.Export(), b.Head()); err != nil || report.Records != 1201 {
		t.Errorf("the export: %+v, %v", report, err)
	}
	n := 0
	for r, err := range b.Find(ledger.Query{UserID: "ann_8392", Session: "vs_600"}) {
		if n++; err != nil || r.Server != accepted.Server && r.Kind == ledger.KindOutcome {
			t.Fatal(r, err)
		}
	}
	pending, err := b.Pending(ledger.Query{})
	if n != 2 || err != nil || len(pending) != 1 || pending[0].Intent().Session != "vs_700" {
		t.Errorf("%d records, %d pending, %v", n, len(pending), err)
	}
	trace, err := b.Trace(ledger.Query{Job: "7"})
	if err != nil || trace.Records != 1201 || trace.First.Seq != 1 || trace.Last != b.Head() || trace.Head != b.Head() {
		t.Errorf("%+v, %v", trace, err)
	}
	if gaps := count(t, h, "SELECT max(seq) - count(*) FROM records"); gaps != 0 {
		t.Errorf("%d gaps", gaps)
	}
}

func once(t *testing.T, h Home) {
	b := h.open(t)
	e, err := b.Intend(redaction(1))
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	b = h.open(t)
	if err := b.Write(func(tx *ledger.Tx) error {
		again, err := tx.Entry(e.Intent().Seq)
		if err != nil {
			return err
		}
		return tx.Settle(again, accepted)
	}); err != nil {
		t.Fatal(err)
	}
	pending, err := b.Pending(ledger.Query{})
	if err != nil || len(pending) != 0 {
		t.Errorf("%v, %v", pending, err)
	}
	err = b.Write(func(tx *ledger.Tx) error {
		again, err := tx.Entry(e.Intent().Seq)
		if err != nil {
			return err
		}
		return tx.Settle(again, accepted)
	})
	if !errors.Is(err, ledger.ErrSettled) {
		t.Errorf("settled twice: %v", err)
	}
}

func unchanged(t *testing.T, h Home) {
	fill(t, h.open(t), 1, 1)
	for _, step := range []string{"UPDATE records SET line = ''", "UPDATE records SET job = 'x' WHERE seq > 1", "DELETE FROM records", "DELETE FROM records WHERE seq > 1"} {
		if _, err := h.SQL.Exec(step); err == nil || !strings.Contains(err.Error(), "never changed") {
			t.Errorf("%s: %v", step, err)
		}
	}
}

func allOrNothing(t *testing.T, h Home) {
	b := h.open(t)
	fill(t, b, 1, 1)
	no := errors.New("no")
	err := b.Write(func(tx *ledger.Tx) error {
		if _, err := tx.Intend(redaction(2)); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO holders (id, until) VALUES ('x', 7)"); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) || count(t, h, "SELECT count(*) FROM records") != 2 || count(t, h, "SELECT count(*) FROM holders") != 0 {
		t.Error(err)
	}
	fill(t, b, 3, 1)
	if _, err := b.Verify(b.Head()); err != nil {
		t.Error(err)
	}
}

func together(t *testing.T, h Home) {
	books := []*ledger.Book{h.open(t), h.open(t), h.open(t)}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for j := range 15 {
				e, err := books[i%3].Intend(redaction(100*i + j))
				if err == nil {
					err = e.Settle(accepted)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if report, err := books[0].Verify(ledger.Head{}); err != nil || report.Records != 180 || report.Pending+report.Unpaired != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// stripe is Stripe for one or several processes: a session is redacted once it was
// asked to be.
type stripe struct {
	client.API
	mu       sync.Mutex
	redacted map[string]bool
	posts    int
	hold     chan struct{} // the answer to the next look waits for it; nil: it does not
	looking  chan struct{} // closed when that look is made
}

func (s *stripe) GetSession(_ context.Context, id string, _ ...string) (client.Session, error) {
	s.mu.Lock()
	session, hold, looking := s.session(id), s.hold, s.looking
	s.hold, s.looking = nil, nil
	s.mu.Unlock()
	if hold != nil {
		close(looking)
		<-hold
	}
	return session, nil
}

func (s *stripe) session(id string) client.Session {
	session := client.Session{ID: id, Status: client.StatusRequiresInput}
	if s.redacted[id] {
		session.Redaction = &client.Redaction{Status: client.RedactionRedacted}
	}
	return session
}

func (s *stripe) RedactSession(_ context.Context, id, _ string) (client.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.redacted[id] = true
	s.posts++
	return s.session(id), nil
}

// waiting lets the answer to the next look wait until goOn is called. looking is
// closed when that look is made.
func (s *stripe) waiting() (looking chan struct{}, goOn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hold, looking := make(chan struct{}), make(chan struct{})
	s.hold, s.looking = hold, looking
	return looking, sync.OnceFunc(func() { close(hold) })
}

// runner is a Runner on a book, with its journal and its API.
func runner(t *testing.T, b *ledger.Book) (*plan.Runner, *plan.Journal, *stripe) {
	t.Helper()
	api := &stripe{redacted: map[string]bool{}}
	r, j := runnerOn(t, b, api)
	return r, j, api
}

// runnerOn is the Runner of another process that has the same API.
func runnerOn(t *testing.T, b *ledger.Book, api *stripe) (*plan.Runner, *plan.Journal) {
	t.Helper()
	j, err := plan.JournalOf(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return plan.NewRunner(plan.Config{Journal: j, API: api, Act: act, Account: account}), j
}

func sessions(t *testing.T, states ...client.State) plan.Plan {
	t.Helper()
	var seen []plan.Seen
	for n, state := range states {
		seen = append(seen, plan.Seen{ID: fmt.Sprintf("vs_1NuNAILkdIwHu7ix%d", n), State: state, AsOf: time.Now()})
	}
	p, err := plan.New(client.Redact, account, false, seen, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func job(t *testing.T, h Home) {
	b := h.open(t)
	r, j, api := runner(t, b)
	p := sessions(t, client.StateWaiting, client.StateCanceled, client.StateWaiting)
	added, err := r.Add(p, plan.Options{Reason: "ticket"})
	if err != nil {
		t.Fatal(err)
	}
	run, err := r.Start(t.Context(), added.ID)
	if err != nil {
		t.Fatal(err)
	}
	if <-run.Done(); run.Err() != nil {
		t.Fatal(run.Err())
	}
	jobs, err := j.Jobs()
	if err != nil || len(jobs) != 1 || jobs[0].ID != 1 || jobs[0].State != plan.Finished || jobs[0].Reason != "ticket" || jobs[0].Counts.All() != 3 || jobs[0].Over.IsZero() {
		t.Errorf("%+v, %v", jobs, err)
	}
	items, err := j.Items(1)
	if err != nil || len(items) != 3 || items[0].Session != p.Entries[0].ID || items[0].Intent == 0 || api.posts != jobs[0].Counts[plan.Complete] {
		t.Errorf("%+v, %v, %d sent", items, err, api.posts)
	}
	if of, err := j.RedactionsOf([]string{p.Entries[0].ID, "vs_none"}); err != nil || len(of) != 1 {
		t.Errorf("%+v, %v", of, err)
	}
	for name, list := range map[string]func() ([]plan.Job, error){"unfinished": j.Unfinished, "waiting": j.Waiting} {
		if jobs, err := list(); err != nil || len(jobs) != 0 {
			t.Errorf("%s: %+v, %v", name, jobs, err)
		}
	}
	records, err := b.OfJob("1", p.Hash)
	if err != nil || len(records) != 1+2*api.posts || records[0].Verb != ledger.Confirm {
		t.Errorf("%d records, %v", len(records), err)
	}
	of, err := b.OfSession(p.Entries[0].ID)
	if err != nil || len(of) == 0 || len(of) >= len(records) || slices.ContainsFunc(of, func(r ledger.Record) bool { return r.Session != p.Entries[0].ID }) {
		t.Errorf("of one session: %d records, %v", len(of), err)
	}
	if of, err := b.OfSession("%"); err != nil || len(of) != 0 {
		t.Errorf("of a pattern: %d records, %v", len(of), err)
	}
	if report, err := b.Verify(b.Head()); err != nil || report.Pending != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := r.Follow(ctx); err != nil {
		t.Error(err)
	}
	if again, err := r.Add(sessions(t, client.StateWaiting), plan.Options{}); err != nil || again.ID != 2 {
		t.Errorf("%+v, %v", again, err)
	}
}

func unconfirmed(t *testing.T, h Home) {
	r, _, api := runner(t, h.open(t))
	added, err := r.Add(sessions(t, client.StateWaiting), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{
		"INSERT INTO jobs (id, verb, account, live, plan, reason, created, start, state, why, later) SELECT 9, verb, account, live, plan, reason, created, start, state, why, later FROM jobs", "UPDATE items SET job = 9",
	} {
		if _, err := h.SQL.Exec(step); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []int64{9, added.ID} {
		run, err := r.Start(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if <-run.Done(); !errors.Is(run.Err(), plan.ErrUnconfirmed) {
			t.Errorf("job %d ended with %v", id, run.Err())
		}
	}
	if api.posts != 0 {
		t.Errorf("%d requests were sent", api.posts)
	}
}

// leased is a job that a process begins, and that another one takes over when it has
// ended. The first one wakes up later: it can record nothing, and so sends nothing.
func leased(t *testing.T, h Home) {
	first, firstJournal, api := runner(t, h.open(t))
	second, secondJournal, _ := runner(t, h.open(t))
	third, _, thirdAPI := runner(t, h.open(t))
	added, err := first.Add(sessions(t, client.StateWaiting), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	looking, goOn := api.waiting()
	defer goOn()
	run, err := first.Start(t.Context(), added.ID)
	if err != nil {
		t.Fatal(err)
	}
	<-looking
	if _, err := second.Start(t.Context(), added.ID); !errors.Is(err, plan.ErrBusy) {
		t.Errorf("begun while its holder lives: %v", err)
	}
	if err := second.CloseJob(t.Context(), added.ID); !errors.Is(err, plan.ErrBusy) {
		t.Errorf("closed while its holder lives: %v", err)
	}
	for name, job := range map[string]func(int64) (plan.Job, error){"its holder": firstJournal.Job, "another": secondJournal.Job} {
		if j, err := job(added.ID); err != nil || j.Elsewhere != (name == "another") {
			t.Errorf("%s: elsewhere is %v, %v", name, j.Elsewhere, err)
		}
	}
	if own, err := second.Add(sessions(t, client.StateWaiting, client.StateWaiting), plan.Options{}); err != nil || own.ID != added.ID+1 {
		t.Errorf("a job of its own: %+v, %v", own, err)
	}
	if err := firstJournal.Close(); err != nil { // as the end of the process
		t.Fatal(err)
	}
	resumed, err := third.Resume(t.Context(), added.ID, 7)
	if err != nil {
		t.Fatal(err)
	}
	if <-resumed.Done(); resumed.Err() != nil || thirdAPI.posts != 1 {
		t.Errorf("%v, %d sent", resumed.Err(), thirdAPI.posts)
	}
	goOn()
	if <-run.Done(); !errors.Is(run.Err(), plan.ErrFenced) || api.posts != 0 {
		t.Errorf("the one before ended with %v, %d sent", run.Err(), api.posts)
	}
	if j, err := secondJournal.Job(added.ID); err != nil || j.State != plan.Finished || j.Counts[plan.Complete] != 1 || j.Elsewhere || j.Gate != 7 {
		t.Errorf("%+v, %v", j, err)
	}
}

// beaten is a job whose holder is on another machine, and stops beating.
func beaten(t *testing.T, h Home) {
	b := h.open(t)
	if b.Clock() == "" {
		t.Skip("the processes of this book are on one machine")
	}
	r, j, _ := runner(t, b)
	added, err := r.Add(sessions(t, client.StateWaiting), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Repeat("0a", 16)
	for _, step := range []string{
		"INSERT INTO holders (id, until) VALUES ('" + other + "', " + b.Clock() + " + 100000)",
		"UPDATE jobs SET holder = '" + other + "', epoch = epoch + 1",
	} {
		if _, err := h.SQL.Exec(step); err != nil {
			t.Fatal(err)
		}
	}
	if j, err := j.Job(added.ID); err != nil || !j.Elsewhere {
		t.Errorf("%+v, %v", j, err)
	}
	if run, err := r.Start(t.Context(), added.ID); err != nil {
		t.Fatal(err)
	} else if <-run.Done(); !errors.Is(run.Err(), plan.ErrFenced) {
		t.Errorf("a job that was taken away ended with %v", run.Err())
	}
	if _, err := r.Start(t.Context(), added.ID); !errors.Is(err, plan.ErrBusy) {
		t.Error(err)
	}
	if _, err := h.SQL.Exec("UPDATE holders SET until = " + b.Clock() + " WHERE id = '" + other + "'"); err != nil {
		t.Fatal(err)
	}
	run, err := r.Start(t.Context(), added.ID)
	if err != nil {
		t.Fatal(err)
	}
	if <-run.Done(); run.Err() != nil {
		t.Error(run.Err())
	}
}

// meeting is one session in the jobs of two processes: the second one to send finds
// the effect of the first, though it had looked before that.
func meeting(t *testing.T, h Home) {
	first, journal, api := runner(t, h.open(t))
	second, _ := runnerOn(t, h.open(t), api)
	var runs []*plan.Run
	looking, goOn := api.waiting()
	defer goOn()
	for _, r := range []*plan.Runner{first, second} {
		added, err := r.Add(sessions(t, client.StateWaiting), plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		run, err := r.Start(t.Context(), added.ID)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
		<-looking // the first job waits for the answer to its look; the second one goes on
	}
	<-runs[1].Done()
	goOn()
	<-runs[0].Done()
	if err := errors.Join(runs[0].Err(), runs[1].Err()); err != nil || api.posts != 1 {
		t.Errorf("%d sent, %v", api.posts, err)
	}
	for id, want := range map[int64]plan.ItemState{1: plan.Skipped, 2: plan.Complete} {
		if items, err := journal.Items(id); err != nil || len(items) != 1 || items[0].State != want {
			t.Errorf("%+v, %v", items, err)
		}
	}
}

// older is a book with the tables of an older program.
func older(t *testing.T, h Home) {
	b := h.open(t)
	fill(t, b, 1, 1)
	r, _, _ := runner(t, b)
	if _, err := r.Add(sessions(t, client.StateWaiting), plan.Options{}); err != nil {
		t.Fatal(err)
	}
	b.Close()
	for _, step := range []string{
		"DROP INDEX items_of_session", "DROP TABLE holders", "CREATE TABLE runner (one INTEGER PRIMARY KEY, epoch BIGINT NOT NULL)",
		"ALTER TABLE jobs DROP COLUMN operator", "ALTER TABLE jobs DROP COLUMN host", "ALTER TABLE jobs DROP COLUMN gate",
		"ALTER TABLE jobs DROP COLUMN confirmer", "ALTER TABLE jobs DROP COLUMN holder", "ALTER TABLE jobs DROP COLUMN epoch",
		"UPDATE head SET form = 1",
	} {
		if _, err := h.SQL.Exec(step); err != nil {
			t.Fatal(step, err)
		}
	}
	b = h.open(t)
	r, j, api := runner(t, b)
	left, err := j.Unfinished()
	if err != nil || len(left) != 1 || left[0].Operator.User != "" || left[0].Elsewhere {
		t.Fatalf("%+v, %v", left, err)
	}
	run, err := r.Resume(t.Context(), left[0].ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if <-run.Done(); run.Err() != nil || api.posts != 1 {
		t.Errorf("%d sent, %v", api.posts, run.Err())
	}
	if job, err := j.Job(1); err != nil || job.Operator.User != "ann" || job.Confirmer != "" {
		t.Errorf("%+v, %v", job, err)
	}
	if report, err := b.Verify(b.Head()); err != nil || report.Pending != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	b.Close()
	if _, err := h.SQL.Exec("UPDATE head SET form = 99"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Open(ledger.Options{}); ledger.CauseOf(err) != ledger.CauseNewer {
		t.Errorf("the tables of a newer program: %v", err)
	}
}

func marked(t *testing.T, h Home) {
	b := h.open(t)
	fill(t, b, 1, 2)
	for _, step := range append(h.Unguard,
		"DELETE FROM records WHERE seq = 4", "UPDATE head SET seq = 3, hash = (SELECT hash FROM records WHERE seq = 3)") {
		if _, err := h.SQL.Exec(step); err != nil {
			t.Fatal(step, err)
		}
	}
	if _, err := b.Intend(redaction(3)); ledger.CauseOf(err) != ledger.CauseDamaged {
		t.Errorf("it is acted on: %v", err)
	}
	if _, err := b.Verify(ledger.Head{}); ledger.CauseOf(err) != ledger.CauseDamaged {
		t.Errorf("it verifies: %v", err)
	}
	b.Close()
	if _, err := h.Open(ledger.Options{}); ledger.CauseOf(err) != ledger.CauseDamaged {
		t.Errorf("it opens: %v", err)
	}
}

func prune(t *testing.T, h Home) {
	b := h.open(t)
	fill(t, b, 1, 3)
	closed := func(*ledger.Tx, string) error { return nil }
	open := errors.New("open")
	if _, err := b.Prune(time.Now().Add(time.Hour), func(*ledger.Tx, string) error { return open }); !errors.Is(err, open) {
		t.Errorf("an open job was pruned: %v", err)
	}
	if _, err := b.Prune(time.Now().Add(-time.Hour), closed); !errors.Is(err, ledger.ErrNothingToPrune) {
		t.Error(err)
	}
	pruned, err := b.Prune(time.Now().Add(time.Hour), closed)
	if err != nil || pruned.Records != 5 || pruned.Head.Seq != 6 {
		t.Fatalf("%+v, %v", pruned, err)
	}
	fill(t, b, 7, 1)
	if report, err := b.Verify(ledger.Head{}); err != nil || report.First != 6 || report.Records != 4 || report.Unpaired != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	unchanged(t, h)
}
