package stripe_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/stripe"
)

// refusals counts the answers of 429.
type refusals struct {
	next http.RoundTripper
	n    atomic.Int64
}

func (r *refusals) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		r.n.Add(1)
	}
	return resp, err
}

// TestPaceSuitsTheLimits: a server with Stripe's limits refuses no request at the
// right pace, and hardly any once a faster pace has come down.
func TestPaceSuitsTheLimits(t *testing.T) {
	for _, test := range []struct {
		name, key string
		pace      stripe.PacerConfig
		least     time.Duration
		refused   int64
	}{
		{"sandbox", secretKey, stripe.SandboxPace, 16 * time.Second, 0},
		{"live", "rk_live_51H0abcDEFghiJKLmnopQRst", stripe.LivePace, 8 * time.Second, 0},
		{"too fast", secretKey, stripe.LoopbackPace, 15 * time.Second, 60},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				key, err := client.ParseKey(test.key)
				if err != nil {
					t.Fatal(err)
				}
				server := &refusals{next: emulator.Transport(emulator.New(emulator.Config{Sessions: 50, RateLimits: true, Live: key.Live()}))}
				api := over(t, server, func(c *stripe.Config) { c.Key, c.Pacer = key, stripe.NewPacer(test.pace) })
				start := time.Now()
				readInTwoLanes(t, api)
				if took := time.Since(start); server.n.Load() > test.refused || took < test.least || took > 40*time.Second {
					t.Errorf("400 requests took %s, and %d were refused", took, server.n.Load())
				}
			})
		})
	}
}

// readInTwoLanes reads 200 pages of sessions and as many of events.
func readInTwoLanes(t *testing.T, api *stripe.Client) {
	var group sync.WaitGroup
	read := func(lane client.Lane, page func(context.Context) error) {
		for range 4 {
			group.Go(func() {
				for range 50 {
					if err := page(client.WithLane(t.Context(), lane)); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	read(client.LaneFill, func(ctx context.Context) error {
		_, err := api.ListSessions(ctx, client.SessionListParams{})
		return err
	})
	read(client.LaneTail, func(ctx context.Context) error {
		_, err := api.ListEvents(ctx, client.EventListParams{})
		return err
	})
	group.Wait()
}
