package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
)

// A look sees the committed sessions of a mirror that is open, closed, or left by a crash,
// and leaves no file behind.
func TestLook(t *testing.T) {
	dir := t.TempDir()
	look := func(when string, sessions int) {
		t.Helper()
		h, err := sqlite.Look(t.Context(), dir)
		if err != nil || h.Owner != owner || h.Sessions != sessions {
			t.Errorf("%s: %+v, %v", when, h, err)
		}
	}
	s := open(t, dir)
	for n := range 3 {
		if err := s.Apply(t.Context(), mirror.Origin{At: start.Add(time.Hour)}, session(n, "", client.StatusVerified, "")); err != nil {
			t.Fatal(err)
		}
		look("open", n+1)
	}
	crashed := t.TempDir() // as a crash leaves it
	for _, name := range []string{"mirror.db", "mirror.db-wal", "mirror.db-shm"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(crashed, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names := func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	before := names()
	look("closed", 3)
	if after := names(); after != before {
		t.Errorf("there were %d files, there are %d", before, after)
	}
	dir = crashed
	look("crashed", 3)
	if err := os.Remove(filepath.Join(dir, "mirror.db-shm")); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Look(t.Context(), dir); !errors.Is(err, datadir.ErrUnread) {
		t.Error(err)
	}
}

func TestLookFindsANewerMirror(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	db := database(t, dir)
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := sqlite.Look(t.Context(), dir); !errors.Is(err, mirror.ErrNewerSchema) {
		t.Error(err)
	}
}
