package syncer_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
)

// TestSinceIsWhenItsEventSaysSo lets each kind of event happen while nothing is
// read: rows read later show the time of the event, not of the read.
func TestSinceIsWhenItsEventSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{RedactionDelay: time.Hour}, syncer.Config{})
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
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
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
