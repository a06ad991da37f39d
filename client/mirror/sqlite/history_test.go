package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
)

// remembered fills a mirror with sessions that have been through several states.
func remembered(t *testing.T, s *sqlite.Store, n int) (histories map[string][]mirror.Change) {
	t.Helper()
	epoch, _, err := s.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var batch mirror.Batch
	for i := range n {
		failed := session(i, fmt.Sprint("user_", i), client.StatusRequiresInput, "document_expired")
		failed.LastReport = client.Ref(fmt.Sprintf("vr_%024d", i))
		batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: start.Add(time.Hour), News: true}, Session: failed})
		if i%10 == 9 { // read back: only its row tells
			batch.Sightings[i].News = false
			continue
		}
		processing := failed
		processing.Status, processing.LastError = client.StatusProcessing, nil
		at := failed.Created + 600
		batch.Told = append(batch.Told, mirror.ChangeOf(processing, client.StateProcessing, at, mirror.Event),
			mirror.ChangeOf(failed, client.StateFailed, at+20, mirror.Event))
		batch.Began = append(batch.Began, mirror.Beginning{ID: failed.ID, State: client.StateFailed, At: at + 20})
	}
	if err := s.Commit(t.Context(), epoch, batch); err != nil {
		t.Fatal(err)
	}
	redacted := session(1, "", client.StatusRequiresInput, "")
	redacted.Redaction = &client.Redaction{Status: client.RedactionProcessing}
	if err := s.Apply(t.Context(), mirror.Origin{At: start.Add(2 * time.Hour), News: true}, redacted); err != nil {
		t.Fatal(err)
	}
	if err := s.Resign(epoch); err != nil {
		t.Fatal(err)
	}
	histories = map[string][]mirror.Change{}
	for i := range n {
		id := session(i, "", "", "").ID
		if histories[id], err = s.History(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	return histories
}

// rebuild rebuilds a mirror, and opens it.
func rebuild(t *testing.T, dir string) (s *sqlite.Store, lost bool) {
	t.Helper()
	lost, err := sqlite.Rebuild(t.Context(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, dir), lost
}

// TestHistoryOutlivesARebuild: no session is left, but what was known of each; and
// sessions that are read again have their dates back.
func TestHistoryOutlivesARebuild(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	histories := remembered(t, s, 100)
	s.Close()
	for range 2 { // also twice, before anything was read
		var lost bool
		if s, lost = rebuild(t, dir); lost {
			t.Error("a history was lost")
		}
		if ids, err := s.IDs(t.Context(), 0); err != nil || len(ids) != 0 {
			t.Errorf("%d sessions are left, %v", len(ids), err)
		}
		for i := range 100 {
			id := session(i, "", "", "").ID
			got, err := s.History(t.Context(), id)
			want := histories[id]
			if i%10 == 9 {
				want = nil // the session tells again
			}
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s:\ngot  %+v\nwant %+v; %v", id, got, want, err)
			}
		}
		s.Close()
	}
	s = open(t, dir)
	for i := range 100 {
		failed := session(i, fmt.Sprint("user_", i), client.StatusRequiresInput, "document_expired")
		failed.LastReport = client.Ref(fmt.Sprintf("vr_%024d", i))
		if i == 1 {
			failed = session(1, "", client.StatusRequiresInput, "")
			failed.Redaction = &client.Redaction{Status: client.RedactionProcessing}
		}
		apply(t, s, 30*24*time.Hour, failed)
		got, err := s.History(t.Context(), failed.ID)
		if i%10 == 9 { // read back again: one change, as before
			got[0].At, got[0].From = histories[failed.ID][0].At, histories[failed.ID][0].From
		}
		if err != nil || !slices.Equal(got, histories[failed.ID]) {
			t.Fatalf("%s, read again:\ngot  %+v\nwant %+v; %v", failed.ID, got, histories[failed.ID], err)
		}
		if row := get(t, s, failed.ID); i%10 != 9 && i != 1 && (row.Rough || client.Unix(row.Since.Unix()) != failed.Created+620) {
			t.Fatalf("%s failed at %v, rough %v", failed.ID, row.Since, row.Rough)
		}
	}
}

// TestARebuildOfADamagedMirror keeps what can be read, and says that there was more.
func TestARebuildOfADamagedMirror(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	histories := remembered(t, s, 2000)
	s.Close()
	path := filepath.Join(dir, "mirror.db")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"cut off":   func(b []byte) []byte { return b[:len(b)*3/4/4096*4096] },
		"no header": func(b []byte) []byte { return append(make([]byte, 100), b[100:]...) },
		"empty":     func([]byte) []byte { return nil },
	} {
		if err := os.WriteFile(path, spoil(slices.Clone(file)), 0o600); err != nil {
			t.Fatal(err)
		}
		s, lost := rebuild(t, dir)
		if lost != (name != "empty") {
			t.Errorf("%s: lost %v", name, lost)
		}
		for id, want := range histories {
			if got, err := s.History(t.Context(), id); err != nil || len(got) > 0 && !slices.Equal(got, want) {
				t.Fatalf("%s: %s: got %+v, want %+v or nothing; %v", name, id, got, want, err)
			}
		}
		s.Close()
	}
}

// TestARebuildOfANewerMirror: what a newer idtop wrote down is kept where it is read.
func TestARebuildOfANewerMirror(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	histories := remembered(t, s, 20)
	s.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "mirror.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 1000"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	s, lost := rebuild(t, dir)
	id := session(3, "", "", "").ID
	if got, err := s.History(t.Context(), id); lost || err != nil || !slices.Equal(got, histories[id]) {
		t.Errorf("lost %v, got %+v, want %+v; %v", lost, got, histories[id], err)
	}
}

// TestAHistoryIsOfItsAccount: another account's mirror in the folder leaves nothing.
func TestAHistoryIsOfItsAccount(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	remembered(t, s, 20)
	s.Close()
	other := sqlite.Config{Dir: dir, Owner: mirror.Owner{Account: "acct_other"}, Unsynced: true}
	if _, err := sqlite.Rebuild(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.History(t.Context(), session(3, "", "", "").ID); err != nil || len(got) > 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestAHistoryTakesFewBytes: a session with an attempt that events told of.
func TestAHistoryTakesFewBytes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	remembered(t, s, 2000)
	s.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "mirror.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var bytes, rows int
	if err := db.QueryRow("SELECT sum(length(changes)), count(*) FROM history").Scan(&bytes, &rows); err != nil {
		t.Fatal(err)
	}
	if each := float64(bytes) / float64(rows); each > 12 || rows < 1700 {
		t.Errorf("%.1f bytes for each of %d sessions", each, rows)
	}
}
