package syncer_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
)

func failing(kind client.Kind) func(string) error {
	return func(id string) error { return &client.Error{Kind: kind, Op: "read", ID: id} }
}

func (a *account) cancel(id string) {
	a.t.Helper()
	if _, err := a.api.CancelSession(a.t.Context(), id, client.NewIdempotencyKey()); err != nil {
		a.t.Fatal(err)
	}
}

// buried makes a session that is processing and far below the newest page.
func (a *account) buried() string {
	a.t.Helper()
	id := a.create("ann")
	a.control("POST", "sessions/"+id+"/submit", "outcome=processing")
	for n := range 120 {
		a.create(fmt.Sprintf("later_%d", n))
	}
	return id
}

// older tells whether a list asks for older sessions than the newest page.
func older(p client.SessionListParams) bool { return p.Created.Until != 0 }

// TestGapIsClosed lets far more come than a page holds while nothing is read,
// and lets one page of the catching up fail: none may be lost, whether events
// tell of them or only lists.
func TestGapIsClosed(t *testing.T) {
	for name, events := range map[string]func(string) error{"events": nil, "lists": failing(client.KindPermission)} {
		t.Run(name, func(t *testing.T) {
			withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
				a.create("first")
				a.broken.fail(failures{events: events})
				a.wait(20 * time.Minute)
				a.pause(true)
				a.wait(time.Second)
				for n := range 1300 {
					a.create(fmt.Sprintf("burst_%d", n))
				}
				asked := 0
				a.broken.fail(failures{events: events, list: func(p client.SessionListParams) error {
					if asked++; older(p) && asked == 5 {
						return &client.Error{Kind: client.KindNetwork, Op: "list sessions"}
					}
					return nil
				}})
				a.pause(false)
				a.wait(time.Minute)
				if s := a.syncer.Status(); a.known() != 1301 || s.Filling || s.FillErr != nil || s.Listing != (events != nil) {
					t.Errorf("%d of 1301 sessions are known, %+v", a.known(), s)
				}
			})
		})
	}
}

// TestSessionsOfAPauseAreNotHiddenByOneThatWasCreatedHere: without events, what
// came during a pause is found although a row in between is known already, whether
// it was created here first, in the middle, or last.
func TestSessionsOfAPauseAreNotHiddenByOneThatWasCreatedHere(t *testing.T) {
	for _, here := range []int{0, 150, 280, 299} {
		t.Run(fmt.Sprint(here), func(t *testing.T) {
			withAccount(t, emulator.Config{Seed: 3, Sessions: 150}, syncer.Config{}, func(t *testing.T, a *account) {
				a.broken.fail(failures{events: failing(client.KindPermission)})
				a.wait(20 * time.Minute)
				a.pause(true)
				a.wait(time.Second)
				for n := range 300 {
					id := a.create(fmt.Sprintf("meanwhile_%d", n))
					if n == here {
						s, err := a.api.GetSession(t.Context(), id)
						if err != nil {
							t.Fatal(err)
						}
						if err := a.store.Apply(t.Context(), mirror.Origin{At: s.Date, Sent: time.Now(), News: true}, s); err != nil {
							t.Fatal(err)
						}
					}
					a.wait(time.Second)
				}
				a.pause(false)
				a.wait(time.Minute)
				a.agrees()
				if c := a.syncer.Status().Claim(time.Now()); !c.Complete {
					t.Errorf("claim %+v", c)
				}
			})
		})
	}
}

// TestFillFailsByItself: a page of older sessions that can't be read must not
// stop the polls, nor be asked for without patience.
func TestFillFailsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{Seed: 5, Sessions: 500}, syncer.Config{})
		var fills atomic.Int64
		a.broken.fail(failures{list: func(p client.SessionListParams) error {
			if !older(p) {
				return nil
			}
			fills.Add(1)
			return &client.Error{Kind: client.KindInvalid, Op: "list sessions"}
		}})
		a.start()
		a.wait(10 * time.Minute)
		s := a.syncer.Status()
		if s.Phase != mirror.Live || s.Err != nil || s.FillErr == nil || !s.Filling || a.known() != 100 || fills.Load() > 30 {
			t.Errorf("%d pages asked for, %d sessions are known, %+v", fills.Load(), a.known(), s)
		}
		a.broken.fail(failures{})
		a.wait(2 * time.Minute)
		a.agrees()
	})
}

// TestVanishedSessionsAreReadOnce: a session that an event tells of and that is
// not there any more goes.
func TestVanishedSessionsAreReadOnce(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		id := a.create("ann")
		a.wait(10 * time.Minute)
		a.broken.fail(failures{get: failing(client.KindNotFound)})
		a.cancel(id)
		_, before := a.broken.counts()
		a.wait(10 * time.Minute)
		if _, gets := a.broken.counts(); gets-before != 1 || a.known() != 0 {
			t.Errorf("%d reads of a session that is not there, %d are known", gets-before, a.known())
		}
	})
}

// TestOneUnreadableSessionStopsNothing: it is tried again now and then.
func TestOneUnreadableSessionStopsNothing(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		id := a.create("ann")
		a.wait(10 * time.Minute)
		a.broken.fail(failures{get: failing(client.KindInvalid)})
		a.cancel(id)
		a.create("ben")
		_, before := a.broken.counts()
		a.wait(4 * time.Minute)
		if s := a.syncer.Status(); s.Phase != mirror.Live || s.Err != nil || a.known() != 2 {
			t.Errorf("%d sessions are known, status %+v", a.known(), s)
		}
		if _, gets := a.broken.counts(); gets-before < 2 || gets-before > 5 {
			t.Errorf("%d reads of a session that can't be read", gets-before)
		}
		a.broken.fail(failures{})
		a.wait(2 * time.Minute)
		a.agrees()
	})
}

// TestNothingIsNewAtTheStart: what is processing when the program starts is not
// news, and since when is not known without the events.
func TestNothingIsNewAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{}, syncer.Config{})
		id := a.buried()
		a.wait(2 * time.Hour)
		a.broken.fail(failures{events: failing(client.KindPermission)})
		a.start()
		a.wait(time.Second)
		if row := get(t, a.store, id); !row.Rough || !row.Changed.IsZero() {
			t.Errorf("since %v, changed %v", row.Since, row.Changed)
		}
	})
}

func TestNextIsSignaled(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(10 * time.Second)
		changes := a.syncer.Subscribe(t.Context())
		<-changes
		before := a.syncer.Status().Next
		a.focus(false)
		synctest.Wait()
		if now := a.syncer.Status().Next; now.Equal(before) || len(changes) == 0 {
			t.Errorf("the next poll went from %v to %v, signaled: %v", before, now, len(changes) > 0)
		}
	})
}

// TestWishesInAnyOrder: the last wish counts, whichever arrives last.
func TestWishesInAnyOrder(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(10 * time.Second)
		a.syncer.Steer(mirror.Wish{Sequence: 2})
		a.syncer.Steer(mirror.Wish{Sequence: 1, Paused: true, Away: true})
		a.wait(time.Second)
		if s := a.syncer.Status(); s.Phase != mirror.Live {
			t.Errorf("status %+v", s)
		}
	})
}

func TestAskedForWaitIsObeyed(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(10 * time.Second)
		a.broken.fail(failures{events: func(string) error { return &client.Error{Kind: client.KindRateLimit, After: time.Minute} }})
		a.wait(4 * time.Second)
		before := a.broken.asked.Load()
		for range 20 {
			a.syncer.SyncNow()
			a.wait(time.Second)
		}
		if asked := a.broken.asked.Load(); asked != before {
			t.Errorf("%d requests although the server asked to wait a minute", asked-before)
		}
		a.broken.fail(failures{})
		a.wait(45 * time.Second)
		if s := a.syncer.Status(); s.Phase != mirror.Live {
			t.Errorf("status %+v", s)
		}
	})
}

func TestWhatIsFinalStays(t *testing.T) {
	store := storetest.NewMemory()
	open := session(1, "ann", client.StatusRequiresInput, "document_expired")
	apply(t, store, 0, open)
	apply(t, store, time.Second, session(1, "ann", client.StatusCanceled, ""))
	apply(t, store, 2*time.Second, open) // a list that lags behind
	if row := get(t, store, open.ID); row.State != client.StateCanceled {
		t.Errorf("canceled went back to %s", row.State)
	}
	redacted := session(1, "", client.StatusCanceled, "")
	redacted.Redaction = &client.Redaction{Status: client.RedactionRedacted}
	apply(t, store, 3*time.Second, redacted)
	redacted.Redaction = &client.Redaction{Status: client.RedactionProcessing}
	apply(t, store, 4*time.Second, redacted)
	if row := get(t, store, open.ID); row.State != client.StateRedacted {
		t.Errorf("redacted went back to %s", row.State)
	}
}
