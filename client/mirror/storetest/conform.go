// Package storetest holds the conformance suite that every mirror.Store passes, a
// store in memory for the tests of other packages, and sessions for both.
//
// Its one rule: the suite knows a store only by its interface.
package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// Open makes an empty store for a test and closes it at the test's end. reopen
// closes the open store, as the end of the process does, and opens the kept rows
// again. The store that it returns replaces the former one.
type Open func(t *testing.T) (store mirror.Store, reopen func() mirror.Store)

// Conform runs all tests on the stores that open makes.
func Conform(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, b *bench)
	}{
		{"an empty store", testEmpty},
		{"windows", testWindows},
		{"orders", testOrders},
		{"filters", testFilters},
		{"search", testSearch},
		{"a search that is not wanted any more", testCanceled},
		{"what a row has", testRow},
		{"older news", testOlderNews},
		{"news of one second", testSameSecond},
		{"what never comes back", testLattice},
		{"a verdict that is turned round", testOverride},
		{"erasure", testErasure},
		{"since and changed", testSinceAndChanged},
		{"since, in every state", testSinceInEveryState},
		{"history", testHistory},
		{"changes are signaled", testSubscribe},
		{"a batch", testBatch},
		{"a batch that is refused", testFenced},
		{"leadership", testLeadership},
		{"events", testHandled},
		{"progress", testProgress},
		{"reads", testReads},
		{"all at once", testConcurrent},
		{"opened again", testReopened},
		{"attempts, counted", testTally},
		{"people", testPeople},
		{"lists, counted", testCounts},
		{"times in processing", testStays},
		{"anything", testAnything},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, reopen := open(t)
			c.test(t, &bench{t: t, store: store, reopen: reopen})
		})
	}
}

// bench is a store under test. Its methods fail the test.
type bench struct {
	t      *testing.T
	store  mirror.Store
	reopen func() mirror.Store
}

var Start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// id is that of the n-th session.
func id(n int) string { return fmt.Sprintf("vs_%08d", n) }

func ids(numbers ...int) []string {
	var list []string
	for _, n := range numbers {
		list = append(list, id(n))
	}
	return list
}

// Session makes the n-th session, created n seconds after the first.
func Session(n int, user string, status client.Status, code string) client.Session {
	s := client.Session{
		ID: id(n), Created: client.Unix(Start.Unix() + int64(n)), Status: status, Type: "document",
		ClientReferenceID: fmt.Sprintf("ref-%d", n), Metadata: map[string]string{"user_id": user, "secret": "not kept"},
	}
	if code != "" {
		s.LastError = &client.CheckError{Code: code}
	}
	return s
}

// redacted turns a session into a redacted one whose answer still holds the erased
// values.
func redacted(s client.Session, status client.RedactionStatus) client.Session {
	s.Redaction = &client.Redaction{Status: status}
	s.RelatedCustomer = "cus_1"
	return s
}

// seen is the origin of news from the time at after Start.
func seen(at time.Duration) mirror.Origin { return mirror.Origin{At: Start.Add(at), News: true} }

func (b *bench) apply(seen mirror.Origin, sessions ...client.Session) {
	b.t.Helper()
	if err := b.store.Apply(context.Background(), seen, sessions...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) get(id string) mirror.Row {
	b.t.Helper()
	row, ok, err := b.store.Get(context.Background(), id)
	if err != nil || !ok {
		b.t.Fatalf("%s: known %v, %v", id, ok, err)
	}
	return row
}

func (b *bench) missing(id string) {
	b.t.Helper()
	if row, ok, err := b.store.Get(context.Background(), id); ok || err != nil {
		b.t.Errorf("got %+v, %v", row, err)
	}
}

// find waits until the store has read its files.
func (b *bench) find(request mirror.Request) mirror.Page {
	b.t.Helper()
	ctx, end := context.WithCancel(context.Background())
	defer end()
	for changes := b.store.Subscribe(ctx); ; {
		page, err := b.store.Find(context.Background(), request)
		if err != nil {
			b.t.Fatal(err)
		}
		if !page.Loading {
			return page
		}
		select {
		case <-changes:
		case <-time.After(time.Millisecond):
		}
	}
}

// lists fails unless the request has exactly these rows, in this order.
func (b *bench) lists(request mirror.Request, numbers ...int) mirror.Page {
	b.t.Helper()
	if request.Rows == 0 {
		request.Rows = 100
	}
	page := b.find(request)
	if got, want := idsOf(page), ids(numbers...); !slices.Equal(got, want) || page.Total != len(want) {
		b.t.Errorf("%+v: got %v of %d, want %v", request, got, page.Total, want)
	}
	return page
}

func idsOf(page mirror.Page) []string {
	var list []string
	for _, hit := range page.Rows {
		list = append(list, hit.ID)
	}
	return list
}

// lead begins a leadership, which ends with the test.
func (b *bench) lead() uint64 {
	b.t.Helper()
	epoch, ok, err := b.store.Lead(context.Background())
	if err != nil || !ok {
		b.t.Fatalf("can't lead: %v, %v", ok, err)
	}
	return epoch
}

func (b *bench) resign(epoch uint64) {
	b.t.Helper()
	if err := b.store.Resign(epoch); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) commit(epoch uint64, batch mirror.Batch) {
	b.t.Helper()
	if err := b.store.Commit(context.Background(), epoch, batch); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) progress() mirror.Progress {
	b.t.Helper()
	progress, err := b.store.Progress(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	return progress
}

// history is what the store knows of a session's changes.
func (b *bench) history(id string) []mirror.Change {
	b.t.Helper()
	history, err := b.store.History(context.Background(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return history
}

// handled tells which of the events are recorded.
func (b *bench) handled(ids ...string) []bool {
	b.t.Helper()
	handled, err := b.store.Handled(context.Background(), ids)
	if err != nil || len(handled) != len(ids) {
		b.t.Fatalf("%v, %v", handled, err)
	}
	return handled
}
