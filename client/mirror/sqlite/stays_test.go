package sqlite_test

import (
	"database/sql"
	"fmt"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
)

// allStays are all times in processing that a mirror knows.
func allStays(t testing.TB, s *sqlite.Store) mirror.Lengths {
	t.Helper()
	stays, err := s.Stays(t.Context(), 0, client.Unix(start.Add(1000*time.Hour).Unix()))
	if err != nil {
		t.Fatal(err)
	}
	return stays
}

// TestStaysOfAnOlderMirror: a mirror of an idtop that did not count them, and one that is
// built anew, have the times in processing of all histories, also of sessions that are gone.
func TestStaysOfAnOlderMirror(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	remembered(t, s, 100)
	epoch, _, err := s.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), epoch, mirror.Batch{Gone: []string{session(5, "", "", "").ID}}); err != nil {
		t.Fatal(err)
	}
	want := mirror.Lengths{20: 90}
	if got := allStays(t, s); !maps.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	s.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "mirror.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DROP TABLE stays; PRAGMA user_version = 6"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	s = open(t, dir)
	if got := allStays(t, s); !maps.Equal(got, want) {
		t.Errorf("of an older mirror: got %v, want %v", got, want)
	}
	s.Close()
	for range 2 {
		var lost bool
		if s, lost = rebuild(t, dir); lost || !maps.Equal(allStays(t, s), want) {
			t.Errorf("built anew: lost %v, got %v, want %v", lost, allStays(t, s), want)
		}
		s.Close()
	}
	s = open(t, dir)
	defer s.Close()
	for i := range 100 {
		apply(t, s, 30*24*time.Hour, session(i, fmt.Sprint("user_", i), client.StatusCanceled, ""))
	}
	if got := allStays(t, s); !maps.Equal(got, want) {
		t.Errorf("with the sessions read again: got %v, want %v", got, want)
	}
}

// BenchmarkStays1M counts a million times in processing of 60 days, as the insights of 30
// days and of the 30 before do.
func BenchmarkStays1M(b *testing.B) {
	s := durable(b, b.TempDir(), true)
	defer s.Close()
	epoch, _, err := s.Lead(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	until := client.Unix(start.Unix())
	for n := 0; n < million; {
		var batch mirror.Batch
		for range 5000 {
			done := session(n, "", client.StatusVerified, "")
			done.Created = until - client.Unix(million-n)*60*mirror.Day/million - 60
			left := done.Created + 30
			processing := done
			processing.Status = client.StatusProcessing
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: left.Time()}, Session: done})
			batch.Told = append(batch.Told, mirror.ChangeOf(processing, client.StateProcessing, left-client.Unix(n%37), mirror.Event),
				mirror.ChangeOf(done, client.StateVerified, left, mirror.Event))
			n++
		}
		if err := s.Commit(b.Context(), epoch, batch); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		for _, from := range []client.Unix{until - 30*mirror.Day, until - 60*mirror.Day} {
			stays, err := s.Stays(b.Context(), from, from+30*mirror.Day)
			if err != nil || stays.Count() < million/3 {
				b.Fatal(stays.Count(), err)
			}
		}
	}
}
