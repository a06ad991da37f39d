package syncer_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
)

// movable is an account with a server's clock that can be moved back, and a Syncer
// on it.
func movable(t *testing.T, events bool, test func(t *testing.T, w *truth, a *account)) {
	synctest.Test(t, func(t *testing.T) {
		w := newTruth(rand.New(rand.NewPCG(3, 4)))
		w.skew, w.latest = 0, 0
		w.past(250)
		a := newAccount(t, emulator.Config{}, syncer.Config{})
		a.broken.API = &wire{truth: w}
		if !events {
			a.broken.fail(failures{events: failing(client.KindPermission)})
		}
		a.start()
		test(t, w, a)
	})
}

// turn lets the clock go back or forward.
func (w *truth) turn(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.skew += by
}

// happen makes some sessions and changes some that have been there for long.
func (w *truth) happen() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range 5 {
		w.raise(w.create(w.now(), client.StatusRequiresInput), "created")
	}
	changed := 0
	for _, s := range w.sessions {
		if s.Status == client.StatusRequiresInput && s.Redaction == nil && !s.gone && changed < 5 {
			changed++
			w.change(s, "processing", func(s *client.Session) { s.Status, s.LastError = client.StatusProcessing, nil })
		}
	}
}

// follows checks that the store has all that is so, and says so.
func (a *account) follows(w *truth, when string) {
	a.t.Helper()
	c := a.syncer.Status().Claim(time.Now())
	if c.Link != mirror.Synced || !c.Complete || c.Age > 20*time.Second {
		a.t.Errorf("%s: claim %+v, status %+v", when, c, a.syncer.Status())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sessions {
		row, ok, _ := a.store.Get(a.t.Context(), s.ID)
		if !s.silent && (!ok || row.State != s.State()) {
			a.t.Errorf("%s: %s is %s, known: %v as %s of %v", when, s.ID, s.State(), ok, row.State, row.AsOf)
		}
	}
}

// TestServerClockMoved: whichever way it goes, three answers are enough, and what
// happens from then on is seen.
func TestServerClockMoved(t *testing.T) {
	for name, events := range map[string]bool{"events": true, "lists": false} {
		for _, by := range []time.Duration{96 * time.Hour, -96 * time.Hour, 40 * 24 * time.Hour, -time.Hour} {
			t.Run(fmt.Sprint(name, " ", by), func(t *testing.T) {
				movable(t, events, func(t *testing.T, w *truth, a *account) {
					a.wait(time.Minute)
					w.happen()
					a.wait(time.Second)
					w.turn(by)
					a.wait(25 * time.Second)
					news := a.syncer.Status().Clock
					if off := news.By - by; !news.Moved || off.Abs() > 5*time.Second || news.String() != "server clock moved by "+hoursOf(by) {
						t.Errorf("news %+v: %s", news, news)
					}
					w.happen()
					a.wait(time.Minute)
					a.follows(w, "after the move")
					if p, _ := a.store.Progress(t.Context()); w.now().Sub(p.Checked.Time()).Abs() > 30*time.Second {
						t.Errorf("progress is %+v at %v", p, w.now())
					}
					w.turn(-by)
					a.wait(25 * time.Second)
					w.happen()
					a.wait(2 * time.Minute)
					a.follows(w, "after it was moved again")
				})
			})
		}
	}
}

func hoursOf(d time.Duration) string { return fmt.Sprintf("%dh", int(d.Hours())) }

// TestServerClockMovedWhileNothingRan: the next start finds a server that is
// behind the mirror. It says so, and goes on once three answers agree.
func TestServerClockMovedWhileNothingRan(t *testing.T) {
	movable(t, true, func(t *testing.T, w *truth, a *account) {
		a.wait(time.Minute)
		a.pause(true)
		a.wait(time.Minute)
		w.turn(-96 * time.Hour)
		w.happen()
		b := a.beside()
		b.broken.API = &wire{truth: w}
		b.start()
		b.wait(2 * time.Second)
		if s := b.syncer.Status(); !errors.Is(s.Err, mirror.ErrAhead) {
			t.Errorf("at the first answer: %+v", s)
		}
		b.wait(time.Minute)
		if news := b.syncer.Status().Clock; !news.Moved {
			t.Errorf("news %+v", news)
		}
		w.happen()
		b.wait(time.Minute)
		b.follows(w, "after the start")
	})
}

// TestOneDateThatDoesNotFitIsLeftOut: it is said, and nothing is dated by it.
func TestOneDateThatDoesNotFitIsLeftOut(t *testing.T) {
	for _, by := range []time.Duration{96 * time.Hour, -96 * time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			movable(t, true, func(t *testing.T, w *truth, a *account) {
				a.wait(time.Minute)
				w.turn(by)
				a.wait(5 * time.Second) // one poll or two
				w.turn(-by)
				w.happen()
				a.wait(time.Minute)
				if news := a.syncer.Status().Clock; news.Moved || news.At.IsZero() || (news.By-by).Abs() > 5*time.Second {
					t.Errorf("news %+v", news)
				}
				a.follows(w, "after it")
				ids, _ := a.store.IDs(t.Context(), 0)
				for _, id := range ids {
					if row := get(t, a.store, id); row.AsOf.After(w.now().Add(time.Minute)) {
						t.Errorf("%s is as of %v", id, row.AsOf)
					}
				}
			})
		})
	}
}

// TestClockOfTheEmulatorGoesOnWorking: its control moves the clock, and the mirror
// follows.
func TestClockOfTheEmulatorGoesOnWorking(t *testing.T) {
	withAccount(t, emulator.Config{Seed: 5, Sessions: 300}, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(10 * time.Second)
		a.create("before")
		a.control("POST", "clock", "advance=96h")
		a.create("after")
		a.wait(time.Minute)
		a.create("later")
		a.wait(10 * time.Second)
		a.agrees()
		if s := a.syncer.Status(); s.Err != nil || s.Clock.String() != "server clock moved by 96h" || s.Ahead.Round(time.Hour) != 96*time.Hour {
			t.Errorf("%s: %+v", s.Clock, s)
		}
	})
}

// TestStartWithoutNetwork: before anything was read it is known from the mirror
// how old the data is, and that it is not whole.
func TestStartWithoutNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{Seed: 5, Sessions: 3000}, syncer.Config{})
		a.control("POST", "fault", "mode=slow&delay=1s")
		a.start()
		a.wait(10 * time.Second)
		was := a.syncer.Status()
		if !was.Filling || was.Checked.IsZero() {
			t.Fatalf("%+v", was)
		}
		a.pause(true)
		a.wait(time.Hour)
		b := a.beside()
		down := failing(client.KindNetwork)
		b.broken.fail(failures{events: down, get: down, list: func(client.SessionListParams) error { return down("") }})
		b.start()
		b.wait(time.Minute)
		if s := b.syncer.Status(); s.Err == nil || !s.Filling || s.Filled >= 1 || s.Checked.Before(was.Checked) {
			t.Errorf("%+v, before it was %+v", s, was)
		}
	})
}
