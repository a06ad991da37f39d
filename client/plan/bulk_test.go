package plan

import (
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/stripe"
)

// bulk starts a job of n redactions against an account with Stripe's limits.
func bulk(t *testing.T, n int) (*world, *process, *Runner, *Journal, *Run) {
	w := newWorld(t, client.Redact, 1, faults{}, emulator.Config{})
	w.plan(make([]client.State, n)...)
	return startBulk(t, w, stripe.SandboxPace)
}

func startBulk(t *testing.T, w *world, pace stripe.PacerConfig) (*world, *process, *Runner, *Journal, *Run) {
	var sessions []Seen
	for id := range w.planned {
		w.planned[id] = client.StateWaiting
		sessions = append(sessions, Seen{ID: id, State: client.StateWaiting})
	}
	plan, err := New(client.Redact, testAccount, false, sessions, len(sessions))
	if err != nil {
		t.Fatal(err)
	}
	p := w.startAt(pace)
	r, j := p.runner(t.TempDir())
	job, err := r.Add(plan, Options{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := r.Start(t.Context(), job.ID)
	if err != nil {
		t.Fatal(err)
	}
	return w, p, r, j, run
}

// A thousand redactions take what the server's 25 requests a second allow at the
// usual pace, and half as long again when only refusals tell it: after one the pace
// is half, and grows slowly. The ETA is right from the first tenth on.
func TestBulkUsesTheRate(t *testing.T) {
	if raceEnabled {
		t.Skip("a thousand items take long with the race detector, and the other tests race as much")
	}
	const n = 1000
	allowed := time.Duration(2*n-25) * time.Second / 25
	for _, test := range []struct {
		name    string
		pace    stripe.PacerConfig
		longest time.Duration
		wrong   float64
	}{
		{"the usual pace", stripe.SandboxPace, allowed * 11 / 10, 0.2},
		{"only refusals tell it", stripe.PacerConfig{Total: 200, PerEndpoint: 200}, allowed * 3 / 2, 0.5},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, client.Redact, 1, faults{}, emulator.Config{RateLimits: true})
				for range n {
					time.Sleep(50 * time.Millisecond) // creating is limited too
					w.planned[w.create(client.StateWaiting)] = client.StateWaiting
				}
				time.Sleep(time.Minute)
				w.limited = true
				began := time.Now()
				_, _, _, j, run := startBulk(t, w, test.pace)
				defer j.Close()
				type guess struct{ at, eta time.Duration }
				var guesses []guess
				for over := false; !over; {
					select {
					case <-run.Done():
						over = true
					case <-time.After(time.Second):
						if s := run.Snapshot(); s.Left <= n*9/10 && s.Left > n/50 {
							guesses = append(guesses, guess{time.Since(began), s.ETA})
						}
					}
				}
				took := time.Since(began)
				if took > test.longest {
					t.Errorf("it took %v, the limit allows %v", took, allowed)
				}
				worst := 0.0
				for _, g := range guesses {
					left := took - g.at
					worst = max(worst, max(float64(g.eta-left), float64(left-g.eta))/float64(max(left, 5*time.Second)))
				}
				if worst > test.wrong || len(guesses) < n/20 {
					t.Errorf("the ETA was wrong by up to %.0f %%, of %d", worst*100, len(guesses))
				}
				if len(w.effects) != n || run.Err() != nil {
					t.Errorf("%d effects, %v", len(w.effects), run.Err())
				}
				t.Logf("took %v of %v allowed; ETA wrong by at most %.1f %%", took, allowed, worst*100)
			})
		})
	}
}
