package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

func testBatch(t *testing.T, b *bench) {
	b.apply(seen(0), Session(1, "ann", client.StatusProcessing, ""), Session(2, "bob", client.StatusProcessing, ""))
	epoch := b.lead()
	defer b.resign(epoch)
	batch := mirror.Batch{
		Sightings: []mirror.Sighting{
			{Origin: seen(time.Second), Session: Session(3, "cid", client.StatusProcessing, "")},
			{Origin: seen(3 * time.Second), Session: Session(1, "ann", client.StatusVerified, "")},
			{Origin: seen(2 * time.Second), Session: Session(1, "ann", client.StatusRequiresInput, "")}, // older than the sighting before
			{Origin: seen(2 * time.Second), Session: Session(3, "dan", client.StatusProcessing, "")},
			{Origin: seen(2 * time.Second), Session: Session(4, "eve", client.StatusProcessing, "")},
		},
		Began:    []mirror.Beginning{{ID: id(3), State: client.StateProcessing, At: 7}},
		Gone:     []string{id(2), id(4), id(99)},
		Events:   []mirror.EventMark{{ID: "evt_1", Created: client.Unix(Start.Unix())}},
		Progress: mirror.Progress{Anchor: 1, Tail: client.Unix(Start.Unix())},
	}
	b.commit(epoch, batch)
	b.lists(mirror.Request{}, 3, 1)
	b.missing(id(2))
	b.missing(id(4))
	if row := b.get(id(1)); row.State != client.StateVerified {
		t.Errorf("state %s", row.State)
	}
	if row := b.get(id(3)); row.UserID != "dan" || !row.Since.Equal(client.Unix(7).Time()) {
		t.Errorf("row %+v", row)
	}
	if !slices.Equal(b.handled("evt_1", "evt_2"), []bool{true, false}) || b.progress().Anchor != 1 {
		t.Errorf("events %v, progress %+v", b.handled("evt_1", "evt_2"), b.progress())
	}
	// a removed session may come back
	b.apply(seen(5*time.Second), Session(2, "bob", client.StatusProcessing, ""))
	b.lists(mirror.Request{Query: query.Parse("bob")}, 2)
}

// testFenced: a refused batch leaves nothing behind.
func testFenced(t *testing.T, b *bench) {
	b.apply(seen(0), Session(1, "ann", client.StatusProcessing, ""))
	epoch := b.lead()
	b.commit(epoch, mirror.Batch{Progress: mirror.Progress{Anchor: 1}})
	b.resign(epoch)
	next := b.lead()
	if next <= epoch {
		t.Errorf("epoch %d after %d", next, epoch)
	}
	refused := mirror.Batch{
		Sightings: []mirror.Sighting{{Origin: seen(time.Second), Session: Session(2, "bob", client.StatusVerified, "")}},
		Began:     []mirror.Beginning{{ID: id(1), State: client.StateProcessing, At: 7}},
		Gone:      []string{id(1)},
		Events:    []mirror.EventMark{{ID: "evt_1", Created: client.Unix(Start.Unix())}},
		Progress:  mirror.Progress{Anchor: 2},
	}
	unchanged := func(when string) {
		t.Helper()
		b.lists(mirror.Request{}, 1)
		if b.get(id(1)).Since.Equal(client.Unix(7).Time()) || b.handled("evt_1")[0] || b.progress().Anchor != 1 {
			t.Errorf("%s: a part of a refused batch was recorded", when)
		}
	}
	for name, bad := range map[string]uint64{"a leader of before": epoch, "a leader to come": next + 1, "nobody": 0} {
		if err := b.store.Commit(t.Context(), bad, refused); !errors.Is(err, mirror.ErrFenced) {
			t.Errorf("%s: %v", name, err)
		}
		unchanged(name)
	}
	b.resign(next)
	if err := b.store.Commit(t.Context(), next, refused); !errors.Is(err, mirror.ErrFenced) {
		t.Errorf("who resigned: %v", err)
	}
	unchanged("who resigned")
}

func testLeadership(t *testing.T, b *bench) {
	epoch := b.lead()
	if _, ok, err := b.store.Lead(t.Context()); ok || err != nil {
		t.Errorf("a second leader: %v, %v", ok, err)
	}
	b.resign(epoch)
	next := b.lead()
	b.resign(epoch) // too late: another leads
	b.commit(next, mirror.Batch{Progress: mirror.Progress{Anchor: 3}})
	if _, ok, err := b.store.Lead(t.Context()); ok || err != nil {
		t.Errorf("a second leader: %v, %v", ok, err)
	}
	b.resign(next)
	if last := b.lead(); last <= next || next <= epoch {
		t.Errorf("epochs %d, %d, %d", epoch, next, last)
	} else {
		b.resign(last)
	}
}

// testHandled: events are known for a day, counted from the newest handled event.
func testHandled(t *testing.T, b *bench) {
	epoch := b.lead()
	defer b.resign(epoch)
	at := func(after time.Duration) client.Unix { return client.Unix(Start.Add(after).Unix()) }
	mark := func(name string, after time.Duration) mirror.EventMark {
		return mirror.EventMark{ID: name, Created: at(after)}
	}
	b.commit(epoch, mirror.Batch{
		Events:   []mirror.EventMark{mark("evt_a", 0), mark("evt_b", time.Hour)},
		Progress: mirror.Progress{Tail: at(time.Hour)},
	})
	b.commit(epoch, mirror.Batch{Events: []mirror.EventMark{mark("evt_b", time.Hour)}, Progress: mirror.Progress{Tail: at(24 * time.Hour)}})
	if got := b.handled("evt_b", "evt_x", "evt_a"); !slices.Equal(got, []bool{true, false, true}) {
		t.Errorf("handled %v", got)
	}
	b.commit(epoch, mirror.Batch{Progress: mirror.Progress{Tail: at(24*time.Hour + time.Second)}})
	if got := b.handled("evt_a", "evt_b"); !slices.Equal(got, []bool{false, true}) {
		t.Errorf("a day later: %v", got)
	}
	if got := b.handled(); len(got) != 0 {
		t.Errorf("of no event: %v", got)
	}
}

func testProgress(t *testing.T, b *bench) {
	epoch := b.lead()
	want := mirror.Progress{
		Anchor: 10, Tail: 20, Checked: 30, Oldest: 5,
		Open:  []mirror.Window{{From: 8, Until: 9, After: id(4)}, {From: 1, Until: 7}},
		Sweep: mirror.Sweep{Began: 11, Rest: mirror.Window{From: 1, Until: 6}, Ended: 3}, Stale: true,
	}
	b.commit(epoch, mirror.Batch{Progress: want})
	got := b.progress()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	got.Open[0].From = 99 // the caller's own
	if again := b.progress(); !reflect.DeepEqual(again, want) {
		t.Errorf("got %+v, want %+v", again, want)
	}
	b.resign(epoch)
	b.store = b.reopen()
	if got := b.progress(); !reflect.DeepEqual(got, want) {
		t.Errorf("opened again: %+v", got)
	}
	epoch = b.lead()
	defer b.resign(epoch)
	b.commit(epoch, mirror.Batch{})
	if got := b.progress(); got.Anchor != 0 || got.Stale || len(got.Open) != 0 {
		t.Errorf("got %+v, want none", got)
	}
}

func testReads(t *testing.T, b *bench) {
	add := func(period string, n, want int64) {
		t.Helper()
		if total, err := b.store.AddReads(t.Context(), period, n); err != nil || total != want {
			t.Errorf("%s: %d, %v; want %d", period, total, err, want)
		}
	}
	add("2026-11", 0, 0)
	add("2026-11", 3, 3)
	add("2026-11-20", 3, 3)
	add("2026-11", 4, 7)
	add("2026-12", 1, 1)
	b.store = b.reopen()
	add("2026-11", 1, 8)
	add("2026-11-20", 0, 3)
}

// testConcurrent is for the race detector, and checks the counts at the end.
func testConcurrent(t *testing.T, b *bench) {
	const workers, each = 4, 40
	epoch := b.lead()
	defer b.resign(epoch)
	ctx := context.Background()
	var wait sync.WaitGroup
	try := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	for w := range workers {
		wait.Go(func() {
			for i := range each {
				n := w*each + i
				s := Session(n, fmt.Sprint("user_", n%7), client.StatusProcessing, "")
				try(b.store.Apply(ctx, seen(time.Duration(i)*time.Second), s))
				s.Status = client.StatusVerified
				try(b.store.Commit(ctx, epoch, mirror.Batch{Sightings: []mirror.Sighting{{Origin: seen(time.Hour), Session: s}}}))
				if i%5 == 0 {
					try(b.store.Apply(ctx, seen(2*time.Hour), redacted(s, client.RedactionRedacted)))
				}
				_, err := b.store.AddReads(ctx, "2026-11", 1)
				try(err)
			}
		})
		wait.Go(func() {
			for i := range each {
				request := mirror.Request{Rows: 20, At: i, Order: mirror.Order{Column: mirror.Column(i % 7), Reverse: i%4 == 0}, Near: ids(i)}
				if i%3 == 0 {
					request.Query = query.Parse([]string{"user", "3", "ref-7"}[i%9/3])
				}
				page, err := b.store.Find(ctx, request)
				try(err)
				for _, hit := range page.Rows {
					if hit.ID == "" {
						t.Error("a page has a row without an id")
					}
				}
				_, _, err = b.store.Get(ctx, id(w*each+i))
				try(err)
				_, err = b.store.IDs(ctx, mirror.StatesOf(client.StateVerified))
				try(err)
			}
		})
	}
	wait.Wait()
	page := b.find(mirror.Request{Rows: 1})
	want := mirror.Counts{All: workers * each}
	want.State[client.StateRedacted] = workers * each / 5
	want.State[client.StateVerified] = want.All - want.State[client.StateRedacted]
	if page.Counts != want {
		t.Errorf("counts %+v, want %+v", page.Counts, want)
	}
	if total, err := b.store.AddReads(ctx, "2026-11", 0); total != workers*each || err != nil {
		t.Errorf("%d reads, %v", total, err)
	}
}

func testReopened(t *testing.T, b *bench) {
	epoch := b.lead()
	b.commit(epoch, mirror.Batch{
		Sightings: []mirror.Sighting{
			{Origin: mirror.Origin{At: Start}, Session: Session(1, "ann", client.StatusProcessing, "")},
			{Origin: mirror.Origin{At: Start}, Session: Session(2, "bob", client.StatusRequiresInput, "document_expired")},
			{Origin: mirror.Origin{At: Start}, Session: Session(3, "ann", client.StatusVerified, "")},
		},
		Events:   []mirror.EventMark{{ID: "evt_1", Created: client.Unix(Start.Unix())}},
		Progress: mirror.Progress{Tail: client.Unix(Start.Unix())},
	})
	b.apply(seen(time.Second), Session(3, "anna", client.StatusVerified, ""))
	b.commit(epoch, mirror.Batch{Gone: []string{id(1)}, Progress: mirror.Progress{Tail: client.Unix(Start.Unix())}})
	b.store = b.reopen()
	b.lists(mirror.Request{}, 3, 2)
	b.lists(mirror.Request{Query: query.Parse("ann")}, 3)
	b.missing(id(1))
	if row := b.get(id(3)); row.UserID != "anna" || !row.AsOf.Equal(Start.Add(time.Second)) {
		t.Errorf("row %+v", row)
	}
	if !b.handled("evt_1")[0] {
		t.Error("an event was forgotten")
	}
	// a leadership ends with its process, and its epoch is never used again
	if err := b.store.Resign(epoch); err != nil {
		t.Error(err)
	}
	next := b.lead()
	defer b.resign(next)
	if next <= epoch {
		t.Errorf("epoch %d after %d", next, epoch)
	}
	b.apply(seen(0), Session(3, "ann", client.StatusCanceled, "")) // still older
	if row := b.get(id(3)); row.UserID != "anna" {
		t.Errorf("an older answer was taken: %+v", row)
	}
}
