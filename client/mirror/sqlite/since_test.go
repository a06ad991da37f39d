package sqlite_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// TestAnOlderMirrorIsNotReadAgain opens a file that an older idtop made: all its
// rows stay, and say what is known of since when they are so.
func TestAnOlderMirrorIsNotReadAgain(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	old := mirror.Origin{At: start.Add(time.Hour)}
	sessions := []client.Session{
		session(1, "ann", client.StatusRequiresInput, ""), session(2, "bob", client.StatusRequiresInput, "document_expired"),
		session(3, "cid", client.StatusProcessing, ""), session(4, "dan", client.StatusVerified, ""), session(5, "eve", client.StatusVerified, ""),
	}
	if err := s.Apply(t.Context(), old, sessions...); err != nil {
		t.Fatal(err)
	}
	epoch, _, err := s.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	progress := mirror.Progress{Anchor: 7, Tail: 8, Checked: 9, Oldest: 1}
	if err := s.Commit(t.Context(), epoch, mirror.Batch{Progress: progress}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	// as the first version had it: no column rough, and since for a few
	file := &url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "mirror.db"))}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	told := start.Add(30 * time.Minute)
	for _, step := range []string{
		"ALTER TABLE sessions DROP COLUMN rough", "ALTER TABLE kinds DROP COLUMN unreadable", "ALTER TABLE kinds DROP COLUMN flow",
		"DROP TABLE attempts", "DROP TABLE attempts_of", "DROP TABLE waiting", "DROP TABLE report_kinds",
		"DROP TABLE history", "DROP TABLE kept", "DROP TABLE codes", "DROP TABLE stays", "UPDATE sessions SET since = NULL",
		fmt.Sprintf("UPDATE sessions SET since = %d WHERE id = 'vs_00000005'", told.UnixMilli()), "PRAGMA user_version = 1",
	} {
		if _, err := db.Exec(step); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	for range 2 {
		s = open(t, dir)
		if p, err := s.Progress(t.Context()); err != nil || p.Anchor != 7 || p.Checked != 9 || len(p.Open) != 0 {
			t.Fatalf("it would be read again: %+v, %v", p, err)
		}
		for i, want := range []struct {
			since time.Time
			rough bool
		}{
			{start.Add(time.Second), false}, // waiting since it was created
			{start.Add(2 * time.Second), true},
			{old.At, true}, // processing since it was seen so, at least
			{start.Add(4 * time.Second), true},
			{told, true},
		} {
			row := get(t, s, sessions[i].ID)
			if !row.Since.Equal(want.since) || row.Rough != want.rough || row.UserID == "" {
				t.Errorf("%+v, want since %+v", row, want)
			}
			history, err := s.History(t.Context(), row.ID)
			if err != nil || len(history) != 1 || history[0].State != row.State || !history[0].At.Time().Equal(want.since) || history[0].Rough != want.rough {
				t.Errorf("%s: history %+v, want one change as the row shows it; %v", row.ID, history, err)
			}
		}
		page, err := s.Find(t.Context(), mirror.Request{Order: mirror.Order{Column: mirror.BySince}, Rows: 9})
		var ids []string
		for _, hit := range page.Rows {
			ids = append(ids, hit.ID[10:])
		}
		if err != nil || !slices.Equal(ids, []string{"3", "5", "4", "2", "1"}) {
			t.Errorf("%v, %v", ids, err)
		}
		s.Close()
	}
}
