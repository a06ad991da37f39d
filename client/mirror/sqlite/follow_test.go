package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/storetest"
	"idtop/client/query"
)

// rows returns all rows of a store, newest first, without what only one process knows.
func rows(t testing.TB, s mirror.Store) []mirror.Row {
	t.Helper()
	page := find(t, s, mirror.Request{Rows: 1 << 20})
	all := make([]mirror.Row, len(page.Rows))
	for i, hit := range page.Rows {
		hit.Changed, hit.Since, hit.AsOf = time.Time{}, hit.Since.UTC(), hit.AsOf.UTC()
		all[i] = hit.Row
	}
	if page.Total != len(all) || page.Counts.All != len(all) {
		t.Errorf("%d rows, %d in all, counted %d", len(all), page.Total, page.Counts.All)
	}
	return all
}

// TestProcessesShareAMirror lets three stores on one folder apply and commit at
// random, and one that is opened at the end: all show the same.
func TestProcessesShareAMirror(t *testing.T) {
	dir := t.TempDir()
	stores := []*sqlite.Store{open(t, dir), open(t, dir), open(t, dir)}
	var tasks sync.WaitGroup
	for i, s := range stores {
		tasks.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 9))
			for round := range 60 {
				at := start.Add(time.Duration(round) * time.Second)
				var sightings []mirror.Sighting
				for range 1 + r.IntN(20) {
					sightings = append(sightings, mirror.Sighting{Origin: mirror.Origin{At: at, Sent: at.Add(time.Duration(r.IntN(900)) * time.Millisecond), News: r.IntN(2) == 0}, Session: anySession(r)})
				}
				if epoch, ok, err := s.Lead(t.Context()); err != nil {
					t.Error(err)
				} else if ok {
					batch := mirror.Batch{Sightings: sightings, Gone: []string{fmt.Sprintf("vs_%08d", r.IntN(500))}}
					if err := s.Commit(t.Context(), epoch, batch); err != nil {
						t.Error(err)
					}
					s.Resign(epoch)
				} else if err := s.Apply(t.Context(), sightings[0].Origin, sightings[0].Session); err != nil {
					t.Error(err)
				}
				if _, err := s.AddReads(t.Context(), "2026-11", 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	tasks.Wait()
	want := rows(t, open(t, dir))
	if len(want) == 0 {
		t.Fatal("no rows")
	}
	for i, s := range stores {
		eventually(t, fmt.Sprintf("store %d shows what the file has", i), func() bool { return slices.Equal(rows(t, s), want) })
		if n, err := s.AddReads(t.Context(), "2026-11", 0); err != nil || n != 180 {
			t.Errorf("store %d counts %d requests, %v", i, n, err)
		}
	}
	if said := asked(t, dir, "PRAGMA integrity_check"); said != "ok" {
		t.Error(said)
	}
}

func anySession(r *rand.Rand) client.Session {
	s := session(r.IntN(500), fmt.Sprint("user_", r.IntN(50)), client.StatusRequiresInput, "")
	switch r.IntN(6) {
	case 0:
		s.LastError = &client.CheckError{Code: storetest.Codes[r.IntN(len(storetest.Codes))]}
	case 1:
		s.Status, s.LastReport = client.StatusVerified, "vr_1"
	case 2:
		s.Status = client.StatusCanceled
	case 3:
		s = redacted(s)
	}
	return s
}

// TestOpeningWhileAnotherWrites: what another process writes at that moment, of a
// kind that was never seen before, is no damage.
func TestOpeningWhileAnotherWrites(t *testing.T) {
	dir := t.TempDir()
	writer := open(t, dir, keepTeam)
	written := 0
	for range 40 {
		var writing sync.WaitGroup
		writing.Go(func() {
			for range 10 {
				written++
				s := session(written%20, "ann", client.StatusRequiresInput, fmt.Sprint("a_new_code_", written))
				if err := writer.Apply(context.Background(), mirror.Origin{At: start.Add(time.Duration(written) * time.Second)}, s); err != nil {
					t.Error(err)
				}
			}
		})
		s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: true, Metadata: []string{"team"}, Watch: -1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Find(t.Context(), mirror.Request{Whole: true, Rows: 20}); err != nil {
			t.Error(err)
		}
		for n := range 20 {
			if _, err := s.Metadata(t.Context(), session(n, "", "", "").ID); err != nil {
				t.Error(err)
			}
		}
		writing.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFollowersHearOfIt: what one process records, another shows and signals,
// news as such; what changes nothing that shows, it does not signal.
func TestFollowersHearOfIt(t *testing.T) {
	dir := t.TempDir()
	here, there := open(t, dir), open(t, dir)
	find(t, there, mirror.Request{Query: query.Parse("x"), Rows: 1}) // loaded
	changes := there.Subscribe(t.Context())
	heard := func() {
		t.Helper()
		select {
		case <-changes:
		case <-time.After(time.Minute):
			t.Fatal("no signal")
		}
	}
	drain := func() {
		for len(changes) > 0 {
			<-changes
		}
	}
	drain()
	apply(t, here, 0, whole(1))
	heard()
	if row := get(t, there, "vs_00000001"); row.Changed.IsZero() || row.Customer != "cus_1" {
		t.Errorf("%+v", row)
	}
	apply(t, here, time.Second, whole(1)) // only as-of
	eventually(t, "as-of is known there", func() bool { return get(t, there, "vs_00000001").AsOf.Equal(start.Add(time.Second)) })
	if len(changes) > 0 {
		t.Error("signaled what does not show")
	}
	apply(t, here, 2*time.Second, redacted(whole(1)))
	heard()
	if row := get(t, there, "vs_00000001"); row.UserID != "" || row.Customer != "" || row.State != client.StateRedacting {
		t.Errorf("%+v", row)
	}
	if page := find(t, there, mirror.Request{Query: query.Parse("ann"), Rows: 1}); page.Total != 0 {
		t.Error("the search still finds it")
	}
}

// TestFarBehind: a process that missed more changes than are remembered reads
// all anew, before it writes as well as while it follows.
func TestFarBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("much is written, by one goroutine after the other")
	}
	for _, writes := range []bool{false, true} {
		dir := t.TempDir()
		here := open(t, dir)
		there := open(t, dir, func(c *sqlite.Config) {
			if c.Watch = 100 * time.Millisecond; writes {
				c.Watch = -1
			}
		})
		var sessions []client.Session
		for n := range 6000 {
			sessions = append(sessions, session(n, "ann", client.StatusRequiresInput, ""))
		}
		apply(t, here, 0, sessions...)
		for second := range 3 {
			apply(t, here, time.Duration(second+1)*time.Second, sessions...)
		}
		if writes {
			apply(t, there, time.Minute, session(6000, "bob", client.StatusVerified, ""))
		}
		want := rows(t, open(t, dir))
		eventually(t, "all is read", func() bool { return slices.Equal(rows(t, there), want) })
	}
}

// TestWritesWhileLoading: what is applied while the rows are still read is
// merged with them, and the first screen is there before.
func TestWritesWhileLoading(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	const n = 30_000
	var sessions []client.Session
	for i := range n {
		sessions = append(sessions, session(i, "ann", client.StatusRequiresInput, ""))
	}
	apply(t, s, time.Minute, sessions...)
	apply(t, s, 2*time.Minute, session(n-2, "bob", client.StatusVerified, ""))
	want := find(t, s, mirror.Request{Rows: 100})
	s.Close()
	s = open(t, dir)
	page := find(t, s, mirror.Request{Rows: 100})
	if page.Total != n || len(page.Rows) != 100 || page.Counts != want.Counts {
		t.Errorf("at once: %d rows of %d, %v", len(page.Rows), page.Total, page.Counts)
	}
	for i, hit := range page.Rows {
		if hit.ID != want.Rows[i].ID || hit.UserID != want.Rows[i].UserID || hit.State != want.Rows[i].State {
			t.Fatalf("row %d is %+v, want %+v", i, hit.Row, want.Rows[i].Row)
		}
	}
	apply(t, s, 0, session(5, "ann", client.StatusProcessing, ""))         // older than what is known
	apply(t, s, time.Hour, session(6, "ann", client.StatusProcessing, "")) // newer
	if row := get(t, s, "vs_00000005"); row.State != client.StateWaiting {
		t.Errorf("old news were taken: %s", row.State)
	}
	if row := get(t, s, "vs_00000006"); row.State != client.StateProcessing || row.Tries != n-1 {
		t.Errorf("%+v", row)
	}
	if page := find(t, s, mirror.Request{Rows: 100}); page.Loading || page.Total != n {
		t.Errorf("%+v", page)
	}
}

// TestNewestRowsAreTheNewest checks the first screen of mirrors that grew at
// random ends, and lost rows.
func TestNewestRowsAreTheNewest(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 0))
		dir := t.TempDir()
		s := open(t, dir)
		older, newer := 50_000, 50_000
		for range 30 {
			var sessions []client.Session
			for range 1 + r.IntN(120) {
				if r.IntN(3) > 0 {
					older--
					sessions = append(sessions, session(older, "ann", client.StatusVerified, ""))
				} else {
					sessions = append(sessions, session(newer, "ann", client.StatusVerified, ""))
					newer++
				}
			}
			apply(t, s, 0, sessions...)
			epoch, _, err := s.Lead(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			gone := sessions[r.IntN(len(sessions))].ID
			if err := s.Commit(t.Context(), epoch, mirror.Batch{Gone: []string{gone}}); err != nil {
				t.Fatal(err)
			}
			s.Resign(epoch)
		}
		want := find(t, s, mirror.Request{Rows: 100})
		s.Close()
		page := find(t, open(t, dir), mirror.Request{Rows: 100})
		if page.Total != want.Total || page.Counts != want.Counts || len(page.Rows) != len(want.Rows) {
			t.Fatalf("seed %d: %d of %d rows, want %d of %d", seed, len(page.Rows), page.Total, len(want.Rows), want.Total)
		}
		for i, hit := range page.Rows {
			if hit.ID != want.Rows[i].ID {
				t.Fatalf("seed %d: row %d is %s, want %s", seed, i, hit.ID, want.Rows[i].ID)
			}
		}
	}
}
