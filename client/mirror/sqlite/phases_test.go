package sqlite_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/storetest"
	"idtop/client/query"
)

// The tests of this file ask a store in each phase of its life: while it still
// reads its files, while it follows another process, and while it is closed. The
// answers have to be the same.

// loading is a store that is opened anew for every request, as by another
// process: what that shows before all is read, and after, is what this one shows.
type loading struct {
	*sqlite.Store
	t     testing.TB
	dir   string
	early *atomic.Int64 // how many requests were answered before all was read
}

func (l loading) Find(ctx context.Context, r mirror.Request) (mirror.Page, error) {
	pages, err := l.findAll(ctx, r)
	if err != nil {
		return mirror.Page{}, err
	}
	return pages[0], nil
}

// findAll asks one store that was just opened: for each request before all is
// read, and then again after.
func (l loading) findAll(ctx context.Context, requests ...mirror.Request) ([]mirror.Page, error) {
	want := make([]mirror.Page, len(requests))
	for i, r := range requests {
		r.Whole = true
		var err error
		if want[i], err = l.Store.Find(ctx, r); err != nil {
			return nil, err
		}
	}
	other, start, err := sqlite.OpenHeld(ctx, sqlite.Config{Dir: l.dir, Owner: owner, Unsynced: true, Watch: -1})
	if err != nil {
		l.t.Error(err)
		return want, nil
	}
	defer other.Close()
	for i, r := range requests {
		if other.Early(r) {
			l.early.Add(1)
			l.asks(ctx, other, r, want[i], true)
		}
	}
	start()
	for i, r := range requests {
		l.asks(ctx, other, r, want[i], false)
	}
	return want, nil
}

// asks fails unless a store that was just opened answers what is wanted.
func (l loading) asks(ctx context.Context, other mirror.Store, r mirror.Request, want mirror.Page, early bool) {
	r.Whole = !early
	got, err := other.Find(ctx, r)
	if err != nil || got.Loading != early {
		l.t.Errorf("%+v: loading %v, want %v; %v", r, got.Loading, early, err)
		return
	}
	asked := want
	if got.Loading = false; early {
		want.Rows = slices.Clone(want.Rows)
		for i := range min(len(got.Rows), len(want.Rows)) {
			if got.Rows[i].Tries == 0 { // not counted yet
				want.Rows[i].Tries = 0
			}
		}
	}
	if !samePages(got, want) {
		l.Progress(ctx) // waits for a change that is under way
		r.Whole = true
		if now, err := l.Store.Find(ctx, r); err != nil || !samePages(now, asked) {
			return // it has changed meanwhile
		}
		l.t.Errorf("%+v, early %v:\ngot  %+v\nwant %+v", r, early, got, want)
	}
}

// samePages compares two pages but for what only one process knows.
func samePages(a, b mirror.Page) bool {
	same := slices.EqualFunc(a.Rows, b.Rows, func(a, b mirror.Hit) bool {
		if !a.Since.Equal(b.Since) || !a.AsOf.Equal(b.AsOf) {
			return false
		}
		a.Since, a.AsOf, a.Changed = b.Since, b.AsOf, b.Changed
		return reflect.DeepEqual(a, b)
	})
	a.Rows, b.Rows = nil, nil
	if len(a.Elsewhere)+len(b.Elsewhere) == 0 {
		a.Elsewhere, b.Elsewhere = nil, nil
	}
	return same && reflect.DeepEqual(a, b)
}

// TestALoadingStoreConforms: another person's rows are never shown for a moment.
func TestALoadingStoreConforms(t *testing.T) {
	var early atomic.Int64
	storetest.Conform(t, func(t *testing.T) (mirror.Store, func() mirror.Store) {
		dir := t.TempDir()
		at := loading{open(t, dir), t, dir, &early}
		return at, func() mirror.Store {
			if err := at.Close(); err != nil {
				t.Fatal(err)
			}
			at.Store = open(t, dir)
			return at
		}
	})
	if early.Load() < 10 {
		t.Errorf("only %d requests were answered before all was read", early.Load())
	}
}

// following is a store that sees what another process does on the same files.
type following struct {
	*sqlite.Store
	other *sqlite.Store
}

func openFollowing(t testing.TB, dir string) following {
	t.Helper()
	never := func(c *sqlite.Config) { c.Watch = -1 }
	f := following{open(t, dir, never), open(t, dir, never)}
	if _, err := f.IDs(t.Context(), 0); err != nil { // it has loaded
		t.Fatal(err)
	}
	return f
}

func (f following) Apply(ctx context.Context, seen mirror.Origin, sessions ...client.Session) error {
	err := f.other.Apply(ctx, seen, sessions...)
	f.Follow(ctx)
	return err
}

func (f following) Lead(ctx context.Context) (uint64, bool, error) { return f.other.Lead(ctx) }

func (f following) Resign(epoch uint64) error { return f.other.Resign(epoch) }

func (f following) Commit(ctx context.Context, epoch uint64, batch mirror.Batch) error {
	err := f.other.Commit(ctx, epoch, batch)
	f.Follow(ctx)
	return err
}

func (f following) Close() error {
	if err := f.other.Close(); err != nil {
		return err
	}
	return f.Store.Close()
}

func TestAFollowingStoreConforms(t *testing.T) {
	storetest.Conform(t, func(t *testing.T) (mirror.Store, func() mirror.Store) {
		dir := t.TempDir()
		at := openFollowing(t, dir)
		return at, func() mirror.Store {
			if err := at.Close(); err != nil {
				t.Fatal(err)
			}
			at = openFollowing(t, dir)
			return at
		}
	})
}

// crowded fills a store with more than the newest rows. One person has the newest
// row, one in the middle and the oldest.
func crowded(t testing.TB, store mirror.Store) (theirs []string) {
	t.Helper()
	const n = 2000
	var sessions []client.Session
	for i := range n {
		user := fmt.Sprint("user_", i)
		if i == 0 || i == n/2 || i == n-1 {
			user = "ann"
		}
		s := session(n-i, user, client.StatusVerified, "")
		s.Created = client.Unix(start.Unix() - int64(i/7)) // several in a second
		if sessions = append(sessions, s); user == "ann" {
			theirs = append(theirs, s.ID)
		}
	}
	for page := range slices.Chunk(sessions, 100) {
		if err := store.Apply(t.Context(), mirror.Origin{At: start}, page...); err != nil {
			t.Fatal(err)
		}
	}
	return theirs
}

// TestAPersonsListWhileTheMirrorLoads: 299 of 300 rows were other people's.
func TestAPersonsListWhileTheMirrorLoads(t *testing.T) {
	dir, early := t.TempDir(), new(atomic.Int64)
	s := loading{open(t, dir), t, dir, early}
	theirs := crowded(t, s)
	all, err := s.IDs(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []mirror.Request{
		{UserID: "ann"}, {UserID: "nobody"}, {Only: theirs}, {Only: []string{}}, {Only: theirs[:1]}, {UserID: "ann", Only: theirs[1:2]},
		{Marked: theirs}, {Marked: theirs[:1]}, {Marked: []string{"vs_unknown"}}, {Near: theirs[2:]}, {Near: theirs[1:]}, {Near: all[350:351]},
		{Near: []string{"vs_unknown", theirs[0]}}, {Query: query.Parse("ann")}, {States: mirror.StatesOf(client.StateFailed)},
		{Query: query.Parse("reason:document_expired")}, {Order: mirror.Order{Column: mirror.BySince}}, {Order: mirror.Order{Reverse: true}},
		{At: 380}, {At: 1990}, {At: 5000}, {Order: mirror.Order{Column: mirror.ByAge}, At: 200},
	} {
		for _, rows := range []int{1, 60, 300} {
			r.Rows = rows
			page := find(t, s, r)
			if r.UserID == "ann" && page.Total > len(theirs) {
				t.Errorf("%+v: %d rows", r, page.Total)
			}
		}
	}
	var each []mirror.Request
	for at := range 800 {
		each = append(each, mirror.Request{At: at, Rows: 1})
	}
	if _, err := s.findAll(t.Context(), each...); err != nil {
		t.Fatal(err)
	}
	if early.Load() < 300 {
		t.Errorf("only %d requests were answered before all was read", early.Load())
	}
}

// TestTheNewestRowsHaveNoGap lets pages of several windows come in one batch,
// some of them among the first rows of all: no row is missing among the newest.
func TestTheNewestRowsHaveNoGap(t *testing.T) {
	dir, early := t.TempDir(), new(atomic.Int64)
	s := loading{open(t, dir), t, dir, early}
	next := 0
	batch := func(created ...int) {
		var sightings []mirror.Sighting
		for _, from := range created {
			for i := range 100 {
				next++
				one := session(next, "ann", client.StatusVerified, "")
				one.Created = client.Unix(start.Unix() - int64(from+i))
				sightings = append(sightings, mirror.Sighting{Origin: mirror.Origin{At: start}, Session: one})
			}
		}
		epoch, _, err := s.Lead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(t.Context(), epoch, mirror.Batch{Sightings: sightings}); err != nil {
			t.Fatal(err)
		}
		if err := s.Resign(epoch); err != nil {
			t.Fatal(err)
		}
	}
	batch(0)
	batch(100)
	batch(200)
	batch(5000, 300, 6000, 400)
	for at := 0; at < 500; at += 25 {
		find(t, s, mirror.Request{At: at, Rows: 25})
	}
	if early.Load() < 5 {
		t.Errorf("only %d requests were answered before all was read", early.Load())
	}
}

// TestAStoreThatIsClosedTellsNoLies closes stores while they are asked, some of
// which still load: an answer is right, or an error.
func TestAStoreThatIsClosedTellsNoLies(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	theirs := crowded(t, first)
	requests := []mirror.Request{
		{UserID: "ann", Rows: 10}, {Only: theirs, Rows: 10}, {Marked: theirs, Rows: 10}, {At: 1500, Rows: 10}, {Query: query.Parse("ann"), Rows: 10},
	}
	var want []mirror.Page
	for _, r := range requests {
		r.Whole = true
		want = append(want, find(t, first, r))
	}
	first.Close()
	for round := range 30 {
		s := open(t, dir)
		if round%2 == 0 {
			find(t, s, mirror.Request{Whole: true, Rows: 1})
		}
		var tasks sync.WaitGroup
		begun := make(chan struct{}, len(requests))
		for i, r := range requests {
			tasks.Go(func() {
				for n := range 20 {
					if n == round%5 {
						begun <- struct{}{}
					}
					got, err := s.Find(context.Background(), r)
					if got.Loading = false; err == nil && !samePages(got, want[i]) {
						t.Errorf("%+v: got %+v, want %+v", r, got, want[i])
					}
					if row, ok, err := s.Get(context.Background(), theirs[0]); err == nil && (!ok || row.UserID != "ann") {
						t.Errorf("%+v, known %v", row, ok)
					}
					if ids, err := s.IDs(context.Background(), 0); err == nil && len(ids) != 2000 {
						t.Errorf("%d ids", len(ids))
					}
				}
			})
		}
		<-begun
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		tasks.Wait()
	}
}

// TestWholeWaits: who must not have a part gets all, or the reason why not.
func TestWholeWaits(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	apply(t, s, 0, session(1, "ann", client.StatusVerified, ""))
	s.Close()
	held, start, err := sqlite.OpenHeld(t.Context(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if page := find(t, held, mirror.Request{Rows: 1}); !page.Loading || page.Total != 1 {
		t.Errorf("%+v", page)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if page, err := held.Find(ctx, mirror.Request{Rows: 1, Whole: true}); err == nil {
		t.Errorf("%+v", page)
	}
	start()
	ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if page, err := held.Find(ctx, mirror.Request{Rows: 1, Whole: true}); err != nil || page.Loading || page.Total != 1 {
		t.Errorf("%+v, %v", page, err)
	}
}
