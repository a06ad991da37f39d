package syncer_test

import (
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror/syncer"
)

// key says that a key was pressed.
func (a *account) key() {
	a.wish.Sequence++
	a.wish.Key = time.Now()
	a.syncer.Steer(a.wish)
}

// stuckAccount is an account with one session that stays in processing.
func stuckAccount(t *testing.T, test func(t *testing.T, a *account)) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		a.key()
		id := a.create("ann")
		a.control("POST", "sessions/"+id+"/submit", "outcome=processing")
		test(t, a)
	})
}

// TestOneStuckSessionDoesNotUseUpTheMonth: a session that stays in processing is
// polled for quickly for ten minutes and not for ever.
func TestOneStuckSessionDoesNotUseUpTheMonth(t *testing.T) {
	stuckAccount(t, func(t *testing.T, a *account) {
		before := a.reads.Load()
		a.wait(9 * time.Minute)
		if n := a.reads.Load() - before; n < 170 || n > 190 {
			t.Errorf("%d reads in the first nine minutes", n)
		}
		a.wait(2 * time.Minute)
		before = a.reads.Load()
		a.wait(time.Hour)
		if n := a.reads.Load() - before; n > 75 {
			t.Errorf("%d reads in an hour in which nobody did anything", n)
		}
		before = a.reads.Load()
		a.wait(time.Hour)
		if n := a.reads.Load() - before; n > 15 {
			t.Errorf("%d reads in the next one", n)
		}
	})
}

// TestAnyKeyIsFastAtOnce: however seldom it polls, after a key it polls at once.
func TestAnyKeyIsFastAtOnce(t *testing.T) {
	stuckAccount(t, func(t *testing.T, a *account) {
		for name, again := range map[string]func(){"a key": a.key, "the focus": func() {
			a.wish.Key = time.Now()
			a.focus(true)
		}} {
			a.focus(false)
			a.wait(3 * time.Hour)
			before := a.reads.Load()
			if a.wait(4 * time.Minute); a.reads.Load()-before > 1 {
				t.Errorf("%d reads in four deserted minutes", a.reads.Load()-before)
			}
			before = a.reads.Load()
			if again(); name == "a key" {
				a.focus(true)
			}
			if a.wait(time.Second); a.reads.Load() == before {
				t.Errorf("no poll within a second of %s", name)
			}
			if a.wait(time.Minute); a.reads.Load()-before < 19 {
				t.Errorf("%d reads in the minute after %s", a.reads.Load()-before, name)
			}
		}
	})
}

// TestReadsAnHour measures what each state costs in an hour at the emulator, with
// a server that has 20,000 sessions. `go test ./client/mirror -run ReadsAnHour -v`
// writes the table of BENCHMARKS.md.
func TestReadsAnHour(t *testing.T) {
	if testing.Short() {
		t.Skip("it counts what eight hours read; other tests take each of the ways")
	}
	for _, c := range []struct {
		state  string
		events bool
		most   int64
		begin  func(a *account)
		every  func(a *account) // each minute
	}{
		{"something happens all the time", true, 1500, nil, func(a *account) {
			a.key()
			a.create("somebody")
		}},
		{"an operator works, nothing happens", true, 1400, nil, func(a *account) { a.key() }},
		{"one session is stuck in processing, no key", true, 700, func(a *account) {
			id := a.create("ann")
			a.control("POST", "sessions/"+id+"/submit", "outcome=processing")
		}, nil},
		{"no key for 10 minutes", true, 180, func(a *account) { a.wait(11 * time.Minute) }, nil},
		{"no focus, for less than an hour", true, 400, func(a *account) { a.focus(false) }, nil},
		{"no key or no focus for an hour", true, 130, func(a *account) { a.wait(61 * time.Minute) }, nil},
		{"no key for an hour, without events", false, 600, func(a *account) { a.wait(61 * time.Minute) }, nil},
		{"paused", true, 0, func(a *account) { a.pause(true) }, nil},
	} {
		t.Run(c.state, func(t *testing.T) {
			withAccount(t, emulator.Config{Seed: 5, Sessions: 2000}, syncer.Config{}, func(t *testing.T, a *account) {
				if !c.events {
					a.broken.fail(failures{events: failing(client.KindPermission)})
				}
				a.key()
				a.wait(20 * time.Minute)
				a.key()
				if a.wait(3 * time.Minute); c.begin != nil {
					c.begin(a)
				}
				before := a.reads.Load()
				for range 60 {
					if c.every != nil {
						posted := a.reads.Load()
						c.every(a)
						before += a.reads.Load() - posted // a POST is no read
					}
					a.wait(time.Minute)
				}
				n := a.reads.Load() - before
				t.Logf("| %s | %d |", c.state, n)
				if n > c.most {
					t.Errorf("%d reads in an hour", n)
				}
			})
		})
	}
}
