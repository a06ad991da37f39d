package emulator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85"
)

// Many clients at once, for the race detector: each sees its own sessions as if
// it were alone.
func TestParallelLoad(t *testing.T) {
	t.Parallel()
	at := newClock()
	c := newClient(t, Config{Sessions: 60, Traffic: true, Now: at.Now})
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			own := c.keyed(fmt.Sprint("key ", n))
			for round := range 12 {
				id := c.post(t, sessionsPath, "type", "document", "metadata[round]", fmt.Sprint(round)).ok(t).id()
				own.post(t, sessionsPath, "type", "document", "metadata[n]", fmt.Sprint(n)).ok(t)
				at.add(time.Duration(n) * time.Second)
				c.get(t, sessionsPath+"?limit=100&expand[]=data.last_verification_report").ok(t)
				c.get(t, "/_emulator/state").ok(t)
				c.get(t, eventsPath).ok(t)
				c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "requires_input").ok(t)
				c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
				if got := stateOf(c.get(t, sessionsPath+"/"+id).ok(t).object); got[:8] != "canceled" {
					t.Error(got)
				}
				if round == 10 {
					c.post(t, "/_emulator/fault", "mode", "429", "match", "nothing").ok(t)
				}
			}
		})
	}
	wg.Wait()
	made := 0
	for _, s := range c.all(t, sessionsPath) {
		if m := s["metadata"].(object); m["n"] != nil {
			made++
		}
	}
	if made != 8 {
		t.Errorf("8 keys made %d sessions", made)
	}
}

// The same over real connections, with Stripe's client, while operators turn
// every knob: nothing is answered but objects and the refusals that were asked
// for.
func TestParallelLoadOverConnections(t *testing.T) {
	t.Parallel()
	at := newClock()
	a := newAccount(t, Config{Sessions: 60, Traffic: true, Now: at.Now, RateLimits: true}, restrictedKey)
	ctx, end := context.WithCancel(t.Context())
	var clients, operators sync.WaitGroup
	operators.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			at.add(100 * time.Millisecond)
			a.control("choices", choiceNames()[n%len(choices)], fmt.Sprint(n%2 == 0))
			a.control("fault", "mode", []string{"429", "500_after", "409"}[n%3], "count", "1")
			a.control("clock", "advance", "1s")
		}
	})
	for n := range 6 {
		clients.Go(func() {
			for round := range 25 {
				if err := a.someLife(ctx, fmt.Sprintf("%d %d", n, round)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	clients.Wait()
	end()
	operators.Wait()
}

// someLife does one thing after the other and gives the first error that nobody
// asked for.
func (a account) someLife(ctx context.Context, key string) error {
	create := &stripe.IdentityVerificationSessionCreateParams{Type: stripe.String("document")}
	create.SetIdempotencyKey(key)
	var id string
	for _, step := range []func() error{
		func() error {
			s, err := a.V1IdentityVerificationSessions.Create(ctx, create)
			if err == nil {
				id = s.ID
			}
			return err
		},
		func() error { _, err := a.V1IdentityVerificationSessions.Redact(ctx, id, nil); return err },
		func() error { _, err := a.V1IdentityVerificationSessions.Retrieve(ctx, id, nil); return err },
		func() error {
			for _, err := range a.V1Events.List(ctx, nil).All(ctx) {
				return err
			}
			return nil
		},
	} {
		err := step()
		var e *stripe.Error
		if errors.As(err, &e) && (e.HTTPStatusCode == 429 || e.HTTPStatusCode == 409 || e.HTTPStatusCode == 500) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
