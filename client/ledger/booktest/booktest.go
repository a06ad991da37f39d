// Package booktest is the suite that a book passes on every database: the same SQL,
// the same order of writes, the same refusals.
package booktest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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

// stripe answers with redacted sessions after a redaction request.
type stripe struct {
	client.API
	mu       sync.Mutex
	redacted map[string]bool
	posts    int
}

func (s *stripe) GetSession(_ context.Context, id string, _ ...string) (client.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session := client.Session{ID: id, Status: client.StatusRequiresInput}
	if s.redacted[id] {
		session.Redaction = &client.Redaction{Status: client.RedactionRedacted}
	}
	return session, nil
}

func (s *stripe) RedactSession(ctx context.Context, id, _ string) (client.Session, error) {
	s.mu.Lock()
	s.redacted[id] = true
	s.posts++
	s.mu.Unlock()
	return s.GetSession(ctx, id)
}

// runner is a Runner on a book, with its journal and its API.
func runner(t *testing.T, b *ledger.Book) (*plan.Runner, *plan.Journal, *stripe) {
	t.Helper()
	j, err := plan.JournalOf(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	api := &stripe{redacted: map[string]bool{}}
	return plan.NewRunner(plan.Config{Journal: j, API: api, Act: act, Account: account}), j, api
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
