package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/stripe"
)

// refuseFirst is a road that refuses its first request so.
func refuseFirst(with reply) *road {
	r := &road{takes: func() time.Duration { return 300 * time.Millisecond }}
	first := true
	r.answer = func() reply {
		if first {
			first = false
			return with
		}
		return reply{}
	}
	return r
}

func noRetry(c *stripe.Config) { c.Attempts = 1; c.Limit = time.Hour }

// TestRefusalsSlowDown: what the 429 names as its reason is halved, nothing else.
func TestRefusalsSlowDown(t *testing.T) {
	pace := stripe.PacerConfig{Total: 16, PerEndpoint: 12, Concurrent: 12}
	for _, test := range []struct {
		name                    string
		answer                  reply
		total, endpoint, atOnce int
	}{
		{"nothing refused", reply{}, 16, 12, 12},
		{"endpoint-rate", limitedBy("endpoint-rate"), 16, 6, 12},
		{"global-rate", limitedBy("global-rate"), 8, 8, 12},
		{"global-concurrency", limitedBy("global-concurrency"), 16, 12, 6},
		{"endpoint-concurrency", limitedBy("endpoint-concurrency"), 16, 12, 6},
		{"resource-specific", limitedBy("resource-specific"), 16, 12, 12},
		{"a reason nobody knows", limitedBy("moon-phase"), 8, 8, 12},
		{"no reason", limitedBy(""), 8, 8, 12},
		{"not Stripe's form", reply{status: 429, body: "Too many requests"}, 8, 8, 12},
		{"lock_timeout", locked, 16, 12, 12},
		{"another error", broken, 16, 12, 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := refuseFirst(test.answer)
				api := on(t, r, pace, noRetry)
				ask(t.Context(), api, 0)
				time.Sleep(2 * time.Second)
				ctx, stop := context.WithTimeout(t.Context(), 7*time.Second)
				defer stop()
				r.left = nil
				var group sync.WaitGroup
				for kind := range 2 {
					for range 60 {
						group.Go(func() { ask(ctx, api, kind) })
					}
					synctest.Wait() // so that the first endpoint's come first
				}
				group.Wait()
				endpoint, most := r.busiest("GET /v1/identity/verification_sessions/{id}"), 0
				for _, d := range r.left {
					most = max(most, d.flying)
				}
				if r.busiest("") != test.total || endpoint != test.endpoint || most != min(test.atOnce, test.total) {
					t.Errorf("%d in all, %d of the endpoint, %d at once; want %d, %d, %d",
						r.busiest(""), endpoint, most, test.total, test.endpoint, test.atOnce)
				}
			})
		})
	}
}

// TestRefusalsArePassed: after a refusal the rate is half, and one more after
// each ten seconds, until it is what it was.
func TestRefusalsArePassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := refuseFirst(limitedBy("global-rate"))
		r.takes = nil
		api := on(t, r, stripe.PacerConfig{Total: 23, PerEndpoint: 23}, noRetry)
		start := time.Now()
		group := crowd(marked(t.Context(), client.LaneFill), api, 2000)
		group.Wait()
		counts := map[time.Duration]int{}
		for _, d := range r.left {
			counts[d.at.Sub(start)/(10*time.Second)]++
		}
		for slice, want := range []int{110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220} {
			if got := counts[time.Duration(slice)]; got < want-3 || got > want+3 {
				t.Errorf("%d requests left from second %d on, want about %d", got, 10*slice, want)
			}
		}
	})
}

// TestOneCauseHalvesOnce: a cause that refuses all requests under way counts
// once; only those that left later tell that it is still too much. At one a
// second it ends.
func TestOneCauseHalvesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &road{takes: func() time.Duration { return time.Second }, answer: func() reply { return limitedBy("") }}
		api := on(t, r, stripe.PacerConfig{Total: 8, PerEndpoint: 8, Concurrent: 8}, noRetry)
		for round, want := range []int{8, 4, 2, 1, 1, 1} {
			r.left = nil
			start := time.Now()
			var group sync.WaitGroup
			for range want {
				group.Go(func() { ask(t.Context(), api, 0) })
			}
			group.Wait()
			if n := r.busiest(""); n != want || len(r.left) != want || time.Since(start) >= 2*time.Second {
				t.Errorf("round %d: %d left within a second, want %d", round, n, want)
			}
			time.Sleep(2 * time.Second)
		}
	})
}

// TestRetryAfterHoldsAll: nothing goes while the server asked for quiet, and
// nobody waits for longer than he can.
func TestRetryAfterHoldsAll(t *testing.T) {
	for reason, want := range map[string]time.Duration{"global-rate": 30 * time.Second, "endpoint-rate": 0} {
		synctest.Test(t, func(t *testing.T) {
			r := refuseFirst(limitedBy(reason).with("Retry-After: 30"))
			r.takes = nil
			api := on(t, r, stripe.SandboxPace)
			start := time.Now()
			if err := ask(t.Context(), api, 0); client.KindOf(err) != client.KindRateLimit || time.Since(start) != 0 {
				t.Errorf("got %v after %s", err, time.Since(start))
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			var failed *client.Error
			if err := ask(ctx, api, 0); !errors.As(err, &failed) || failed.Kind != client.KindRateLimit ||
				failed.After != 30*time.Second || time.Since(start) != 0 || len(r.left) != 1 {
				t.Errorf("%s: got %#v after %s", reason, err, time.Since(start))
			}
			if err := ask(t.Context(), api, 1); err != nil || time.Since(start) != want {
				t.Errorf("%s: another endpoint was asked after %s: %v", reason, time.Since(start), err)
			}
			if err := ask(t.Context(), api, 0); err != nil || time.Since(start).Round(time.Second) != 30*time.Second {
				t.Errorf("%s: the endpoint was asked again after %s: %v", reason, time.Since(start), err)
			}
		})
	}
}

// TestRetryAfterOfADay: a mistake does not stop all work for as long.
func TestRetryAfterOfADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := refuseFirst(reply{status: 429, header: "Retry-After: 86400", body: "go away"})
		api := on(t, r, stripe.SandboxPace)
		ask(t.Context(), api, 0)
		time.Sleep(10 * time.Minute)
		if err := ask(t.Context(), api, 0); err != nil {
			t.Error(err)
		}
	})
}

// TestWaitersLearnOfQuiet: who waits already when the server asks for quiet is
// told at once when that is longer than he can wait.
func TestWaitersLearnOfQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := refuseFirst(limitedBy("").with("Retry-After: 120"))
		api := on(t, r, stripe.PacerConfig{Total: 1, PerEndpoint: 1, Concurrent: 2})
		start, done := time.Now(), make(chan string, 5)
		for range cap(done) {
			go func() {
				err := ask(marked(t.Context(), client.LaneFill), api, 0)
				done <- fmt.Sprint(client.KindOf(err), time.Since(start))
			}()
		}
		for range cap(done) {
			if got := <-done; got != fmt.Sprint(client.KindRateLimit, 300*time.Millisecond) {
				t.Errorf("a request ended with %s", got)
			}
		}
	})
}
