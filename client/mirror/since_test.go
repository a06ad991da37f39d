package mirror_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
)

// TestSinceIsWhenItsEventSaysSo lets each kind of event happen while nothing is
// read: what is read later shows when it happened, not when it was read.
func TestSinceIsWhenItsEventSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{RedactionDelay: time.Hour}, mirror.SyncerConfig{})
		a.control("POST", "choices", "redacted_events=true")
		const waiting, processing, verified, failed, canceled, redacted = 0, 1, 2, 3, 4, 5
		var ids [6]string
		for i := range ids {
			ids[i] = a.create(fmt.Sprint("user_", i))
		}
		a.start()
		a.wait(time.Minute)
		a.pause(true)
		a.wait(time.Hour)
		var at [6]time.Time
		now := func() client.Unix { return client.Unix(time.Now().Unix()) }
		at[waiting] = get(t, a.store, ids[waiting]).Created.Time()
		late := a.create("late")
		created := time.Now()
		submit := func(n int, outcome string) {
			a.wait(time.Minute)
			a.control("POST", "sessions/"+ids[n]+"/submit", outcome)
			at[n] = now().Time()
		}
		submit(processing, "outcome=processing")
		submit(verified, "outcome=verified")
		submit(failed, "outcome=requires_input&code=document_expired")
		a.wait(time.Minute)
		a.cancel(ids[canceled])
		at[canceled] = now().Time()
		submit(redacted, "outcome=verified")
		if _, err := a.api.RedactSession(t.Context(), ids[redacted], client.NewIdempotencyKey()); err != nil {
			t.Fatal(err)
		}
		at[redacted] = now().Time().Add(time.Hour)
		a.wait(2 * time.Hour)
		a.pause(false)
		a.wait(time.Minute)
		a.agrees()
		for i, id := range ids {
			if row := get(t, a.store, id); !row.Since.Equal(at[i]) || row.Rough {
				t.Errorf("%s since %v, rough %v; want %v", row.State, row.Since, row.Rough, at[i])
			}
		}
		if row := get(t, a.store, late); row.Since.Unix() != created.Unix() || row.Rough {
			t.Errorf("a new one is %s since %v, rough %v; want %v", row.State, row.Since, row.Rough, created)
		}
		page := find(t, a.store, mirror.Request{States: mirror.StatesOf(client.StateFailed, client.StateVerified), Order: mirror.Order{Column: mirror.BySince}, Rows: 9})
		if page.Total != 2 || page.Rows[0].ID != ids[failed] || page.Rows[1].ID != ids[verified] {
			t.Errorf("%+v", page)
		}
	})
}

// TestSinceIsRoughWithoutEvents: a list shows that a session failed, not when.
func TestSinceIsRoughWithoutEvents(t *testing.T) {
	withAccount(t, emulator.Config{}, mirror.SyncerConfig{}, func(t *testing.T, a *account) {
		a.broken.fail(failures{events: failing(client.KindPermission)})
		id := a.create("ann")
		a.wait(10 * time.Minute)
		if row := get(t, a.store, id); row.Rough || !row.Since.Equal(row.Created.Time()) {
			t.Errorf("it waits since it was created: %+v", row)
		}
		a.control("POST", "sessions/"+id+"/submit", "outcome=requires_input&code=document_expired")
		before := time.Now()
		a.wait(time.Minute)
		row := get(t, a.store, id)
		if seen := row.Since.Sub(before); row.State != client.StateFailed || !row.Rough || seen < -time.Second || seen > 30*time.Second {
			t.Errorf("failed %v after it did: %+v", seen, row)
		}
	})
}

// TestAnOlderMirrorIsNotReadAgain opens a file that an older idtop made: all its
// rows stay, and say what is known of since when they are so.
func TestAnOlderMirrorIsNotReadAgain(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	old := mirror.Seen{At: start.Add(time.Hour)}
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
		"ALTER TABLE sessions DROP COLUMN rough", "ALTER TABLE kinds DROP COLUMN unreadable", "UPDATE sessions SET since = NULL",
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
