package syncer_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
)

// beside returns another process's view of the same mirror and account.
func (a *account) beside() *account { return a.besideWith(syncer.Config{}) }

func (a *account) besideWith(config syncer.Config) *account {
	b := &account{t: a.t, server: a.server, store: a.store}
	key, err := client.ParseKey("rk_test_emulator0000")
	if err != nil {
		a.t.Fatal(err)
	}
	if b.api, err = stripe.New(stripe.Config{Key: key, Transport: counting{emulator.Transport(a.server), &b.reads}}); err != nil {
		a.t.Fatal(err)
	}
	b.broken.API = b.api
	config.API, config.Store = &b.broken, b.store
	b.syncer = syncer.New(config)
	return b
}

// TestOneLeads: of several that share a mirror one asks Stripe; when it ends or
// is paused, another goes on from where it was.
func TestOneLeads(t *testing.T) {
	for _, name := range []string{"ends", "pauses"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAccount(t, emulator.Config{Seed: 5, Sessions: 300}, syncer.Config{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go a.syncer.Run(ctx)
				a.wait(time.Second)
				b := a.beside()
				b.start()
				b.wait(20 * time.Second)
				if s := b.syncer.Status(); b.reads.Load() != 0 || !s.Following || s.Phase != mirror.Live || s.Last.IsZero() || s.Checked.IsZero() {
					t.Errorf("%d requests of one that follows, %+v", b.reads.Load(), s)
				}
				b.syncer.SyncNow()
				if b.wait(time.Second); b.reads.Load() != 0 {
					t.Error("one that follows reads when it is asked to")
				}
				if name == "ends" {
					cancel()
				} else {
					a.pause(true)
				}
				a.wait(4 * time.Second)
				before := a.reads.Load()
				id := a.create("ann")
				before++
				b.wait(10 * time.Second)
				if s := b.syncer.Status(); s.Following || s.Phase != mirror.Live || get(t, b.store, id).State != client.StateWaiting {
					t.Errorf("status %+v", s)
				}
				if n := b.reads.Load(); a.reads.Load() != before || n > 8 {
					t.Errorf("the first sent %d requests, the second %d", a.reads.Load()-before, n)
				}
				b.agrees()
			})
		})
	}
}

// killing is a store that takes its process's life at a commit.
type killing struct {
	*storetest.Memory
	after int // commits from now
	kill  func()
}

func (k *killing) Commit(ctx context.Context, epoch uint64, batch mirror.Batch) error {
	if k.after--; k.after < 0 {
		k.kill()
		return ctx.Err()
	}
	return k.Memory.Commit(ctx, epoch, batch)
}

// TestFillGoesOn kills the process at every commit of a back-fill: the next one
// reads no more than the pages that were under way again.
func TestFillGoesOn(t *testing.T) {
	const pages = 7
	world := emulator.Config{Seed: 5, Sessions: 620}
	for after := 1; ; after++ {
		filled := false
		synctest.Test(t, func(t *testing.T) {
			a := newAccount(t, world, syncer.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			store := &killing{a.store, after, cancel}
			syncer.New(syncer.Config{API: &a.broken, Store: store}).Run(ctx)
			p, err := a.store.Progress(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			filled = p.Anchor != 0 && len(p.Open) == 0
			a.start()
			a.wait(time.Minute)
			// Once more: the page that was not committed, and the one under way meanwhile.
			if lists, _ := a.broken.counts(); lists > pages+2 {
				t.Errorf("killed at commit %d: %d pages were read", after, lists)
			}
			if s := a.syncer.Status(); s.Filling || s.Filled != 1 {
				t.Errorf("status %+v", s)
			}
			a.agrees()
		})
		if filled || t.Failed() {
			break
		}
	}
}

// TestAbsenceOfWeeks: after so long that events may be lost, everything is read
// again while it stays visible.
func TestAbsenceOfWeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{Seed: 5, Sessions: 500, RedactionDelay: -1}, syncer.Config{})
		id := a.create("ann")
		ctx, cancel := context.WithCancel(t.Context())
		go a.syncer.Run(ctx)
		a.wait(time.Minute)
		cancel()
		a.wait(time.Hour)
		a.cancel(id)
		a.wait(40 * 24 * time.Hour)
		a.control("POST", "fault", "mode=slow&delay=1s")
		b := a.beside()
		b.start()
		b.wait(4 * time.Second)
		if s := b.syncer.Status(); !s.Stale || !s.Filling || b.known() != 501 || s.Filled >= 1 {
			t.Errorf("%d sessions are known, %+v", b.known(), s)
		}
		a.control("DELETE", "fault", "")
		b.wait(time.Minute)
		if s := b.syncer.Status(); s.Stale || s.Filling || get(t, b.store, id).State != client.StateCanceled {
			t.Errorf("%s, %+v", get(t, b.store, id).State, s)
		}
		b.agrees()
	})
}

// TestSweepFindsWhatNoEventTells: within the hour, and slowly.
func TestSweepFindsWhatNoEventTells(t *testing.T) {
	withAccount(t, emulator.Config{Seed: 5, Sessions: 1500}, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(10 * time.Minute)
		newest := find(t, a.store, mirror.Request{States: mirror.StatesOf(client.StateWaiting, client.StateFailed), Rows: 100}).Rows
		verified := find(t, a.store, mirror.Request{States: mirror.StatesOf(client.StateVerified), Rows: 2000}).Rows
		renamed, redacted := newest[len(newest)-1].ID, verified[len(verified)-1].ID
		if _, err := a.api.UpdateSession(t.Context(), renamed, client.SessionUpdateParams{Metadata: map[string]string{"user_id": "new"}}, client.NewIdempotencyKey()); err != nil {
			t.Fatal(err)
		}
		if _, err := a.api.RedactSession(t.Context(), redacted, client.NewIdempotencyKey()); err != nil {
			t.Fatal(err)
		}
		before, most := a.broken.listed(), 0
		for range 60 * 6 {
			a.wait(10 * time.Second)
			now := a.broken.listed()
			most, before = max(most, now-before), now
		}
		if row := get(t, a.store, renamed); row.UserID != "new" {
			t.Errorf("the user_id is still %q", row.UserID)
		}
		if row := get(t, a.store, redacted); row.State != client.StateRedacted || row.UserID != "" {
			t.Errorf("the state is %s, the user_id %q", row.State, row.UserID)
		}
		if most == 0 || most > 21 {
			t.Errorf("%d pages in ten seconds", most)
		}
		a.agrees()
	})
}

func (b *broken) listed() int {
	lists, _ := b.counts()
	return lists
}

// TestListsWithoutEvents: a key that may not read events is said to be so, and
// tried again.
func TestListsWithoutEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{Seed: 5, Sessions: 450, Traffic: true}, syncer.Config{})
		a.broken.fail(failures{events: failing(client.KindPermission)})
		a.start()
		a.wait(5 * time.Minute)
		if s := a.syncer.Status(); !s.Listing || s.Err != nil || s.Filling || s.Checked.IsZero() || a.known() < 450 {
			t.Errorf("%d sessions are known, %+v", a.known(), s)
		}
		a.broken.fail(failures{})
		a.wait(11 * time.Minute)
		if s := a.syncer.Status(); s.Listing || s.Err != nil {
			t.Errorf("status %+v", s)
		}
	})
}

func TestFollowDue(t *testing.T) {
	const hour, day = 3600, 86400
	for _, c := range []struct {
		asOf, now client.Unix // after it began
		want      bool
	}{
		{0, 59, false}, {0, 60, true}, {60, 500, false}, {60, 600, true}, {601, hour - 1, false}, {601, hour, true},
		{hour, 6*hour - 1, false}, {hour, 6 * hour, true}, {6 * hour, 11 * hour, false}, {6 * hour, 12 * hour, true},
		{12 * hour, 4 * day, true}, {5 * day, 5*day + 10, false}, {4*day + 1, 4*day + 12*hour - 1, false}, {4*day + 1, 4*day + 12*hour, true},
		{4*day + 12*hour, 5*day + 12*hour - 1, false}, {4*day + 12*hour, 5*day + 12*hour, true}, {5*day + 12*hour, 7*day + 12*hour - 1, false}, {4 * day, 50 * day, true},
	} {
		if got := syncer.FollowDue(1e9, 1e9+c.asOf, 1e9+c.now); got != c.want {
			t.Errorf("read %d s after it began, now %d s: %v", c.asOf, c.now, got)
		}
	}
}

// TestFilledIsByTime: how much is read is told by the time since the oldest
// session, once that is known, and only grows.
func TestFilledIsByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{Seed: 5, Sessions: 9000}, syncer.Config{})
		a.control("POST", "fault", "mode=slow&delay=300ms")
		a.start()
		last, steps := 0.0, 0
		for range 600 {
			a.wait(100 * time.Millisecond)
			s := a.syncer.Status()
			if s.Filled < last {
				t.Fatalf("from %v back to %v", last, s.Filled)
			}
			if s.Filled > last && s.Filling {
				steps++
			}
			last = s.Filled
		}
		if last != 1 || steps < 5 {
			t.Errorf("%v is read after %d steps", last, steps)
		}
		a.agrees()
	})
}

// TestPaceIsCalm: where nothing happens, polls are further apart.
func TestPaceIsCalm(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		id := a.create("ann")
		a.wait(10 * time.Minute)
		reads := func() int64 {
			before := a.reads.Load()
			a.wait(time.Minute)
			return a.reads.Load() - before
		}
		if n := reads(); n < 6 || n > 7 {
			t.Errorf("%d reads in a calm minute", n)
		}
		a.control("POST", "sessions/"+id+"/submit", "outcome=processing")
		a.wait(8 * time.Minute)
		if n := reads(); n < 19 || n > 21 {
			t.Errorf("%d reads in a minute in which a session is in processing", n)
		}
		a.wait(2 * time.Minute)
		if n := reads(); n < 6 || n > 7 {
			t.Errorf("%d reads in a minute in which it has been so for long", n)
		}
	})
}
