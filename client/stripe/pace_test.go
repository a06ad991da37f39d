package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/stripe"
)

// departure is a request as it left.
type departure struct {
	at       time.Time
	endpoint string
	lane     client.Lane
	flying   int // with this one
}

// road is a transport that notes what leaves, and answers after a while.
type road struct {
	mu     sync.Mutex
	left   []departure
	flying int
	reads  atomic.Int64 // as the Pacer counts them

	takes  func() time.Duration // how long an answer takes; nil: no time
	answer func() reply         // nil: all is fine
}

type laneMark struct{}

// marked is a context in a lane, which tells the road about it.
func marked(ctx context.Context, lane client.Lane) context.Context {
	return context.WithValue(client.WithLane(ctx, lane), laneMark{}, lane)
}

func (r *road) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.flying++
	lane, _ := req.Context().Value(laneMark{}).(client.Lane)
	endpoint := req.Method + " " + strings.ReplaceAll(req.URL.Path, sessionID, "{id}")
	r.left = append(r.left, departure{time.Now(), endpoint, lane, r.flying})
	answer, takes := reply{status: 200, body: session(sessionID, "canceled")}, time.Duration(0)
	if strings.HasSuffix(endpoint, "events") {
		answer.body = list(false)
	}
	if r.answer != nil {
		if other := r.answer(); other.status != 0 {
			answer = other
		}
	}
	if r.takes != nil {
		takes = r.takes()
	}
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.flying--
		r.mu.Unlock()
	}()
	return (&script{replies: []reply{{status: answer.status, header: answer.header, body: answer.body, after: takes}}}).RoundTrip(req)
}

// busiest is the most that left in any one second, of one endpoint or, for "",
// in all.
func (r *road) busiest(endpoint string) int {
	most, window := 0, []time.Time{}
	for _, d := range r.left {
		if endpoint != "" && d.endpoint != endpoint {
			continue
		}
		window = append(window, d.at)
		for d.at.Sub(window[0]) >= time.Second {
			window = window[1:]
		}
		most = max(most, len(window))
	}
	return most
}

// on returns a client that sends over the road, with a Pacer.
func on(t testing.TB, r *road, pace stripe.PacerConfig, change ...func(*stripe.Config)) *stripe.Client {
	t.Helper()
	pace.OnRead = func(client.Lane) { r.reads.Add(1) }
	return over(t, r, append(change, func(c *stripe.Config) { c.Pacer = stripe.NewPacer(pace) })...)
}

// ask sends one of three kinds of request.
func ask(ctx context.Context, api *stripe.Client, kind int) error {
	var err error
	switch kind {
	case 0:
		_, err = api.GetSession(ctx, sessionID)
	case 1:
		_, err = api.ListEvents(ctx, client.EventListParams{})
	default:
		_, err = api.CancelSession(ctx, sessionID, "key-1")
	}
	return err
}

// limitedBy is a 429 for a reason; "" gives none.
func limitedBy(reason string) reply {
	r := reply{status: 429, body: stripeError(invalidRequest, "rate_limit", "Slow down.")}
	if reason != "" {
		r.header = "Stripe-Rate-Limited-Reason: " + reason
	}
	return r
}

// TestPaceIsNeverExceeded sends crowds of requests in all lanes to all endpoints,
// cancels or refuses some, and checks every second.
func TestPaceIsNeverExceeded(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 1))
			pace := []stripe.PacerConfig{stripe.SandboxPace, stripe.LivePace, {Total: 3, PerEndpoint: 2, Concurrent: 3}}[seed%3]
			slowest := []int{1, 300, 3000}[dice.IntN(3)]
			r := &road{takes: func() time.Duration { return time.Duration(dice.IntN(slowest)) * time.Millisecond }}
			if dice.IntN(2) == 0 {
				reasons := []string{"", "global-rate", "endpoint-rate", "global-concurrency", "resource-specific"}
				r.answer = func() reply {
					if dice.IntN(20) != 0 {
						return reply{}
					}
					return limitedBy(reasons[dice.IntN(len(reasons))])
				}
			}
			api := on(t, r, pace)
			var group sync.WaitGroup
			r.mu.Lock() // the road throws the same dice
			for range 30 + dice.IntN(150) {
				lane, kind, start := client.Lane(dice.IntN(4)), dice.IntN(3), time.Duration(dice.IntN(6000))*time.Millisecond
				patience := time.Hour
				if dice.IntN(5) == 0 {
					patience = time.Duration(dice.IntN(4000)) * time.Millisecond
				}
				group.Go(func() {
					time.Sleep(start)
					ctx, cancel := context.WithTimeout(marked(t.Context(), lane), patience)
					defer cancel()
					ask(ctx, api, kind)
				})
			}
			r.mu.Unlock()
			group.Wait()
			checkPace(t, r, pace)
			if gets := slices.DeleteFunc(slices.Clone(r.left), func(d departure) bool { return !strings.HasPrefix(d.endpoint, "GET") }); int64(len(gets)) != r.reads.Load() {
				t.Errorf("seed %d: %d reads were counted of %d", seed, r.reads.Load(), len(gets))
			}
		})
	}
}

// checkPace looks at all that left.
func checkPace(t *testing.T, r *road, pace stripe.PacerConfig) {
	t.Helper()
	if n := r.busiest(""); n > pace.Total {
		t.Errorf("%d requests left within a second, want at most %d", n, pace.Total)
	}
	for _, endpoint := range []string{"GET /v1/identity/verification_sessions/{id}", "GET /v1/events", "POST /v1/identity/verification_sessions/{id}/cancel"} {
		if n := r.busiest(endpoint); n > pace.PerEndpoint {
			t.Errorf("%d of %s left within a second, want at most %d", n, endpoint, pace.PerEndpoint)
		}
	}
	for _, d := range r.left {
		if most := pace.Concurrent; d.flying > most {
			t.Errorf("%d requests were under way at once, want at most %d", d.flying, most)
		}
	}
}

// TestPaceIsUsed: a long job has what the pace gives, and no less.
func TestPaceIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &road{takes: func() time.Duration { return 200 * time.Millisecond }}
		api := on(t, r, stripe.SandboxPace)
		crowd(marked(t.Context(), client.LaneFill), api, 200).Wait()
		took := r.left[len(r.left)-1].at.Sub(r.left[0].at)
		if took < 8*time.Second || took > 9*time.Second {
			t.Errorf("200 requests at 23 a second took %s", took)
		}
	})
}

// crowd asks n times, by six at once.
func crowd(ctx context.Context, api *stripe.Client, n int) *sync.WaitGroup {
	var group sync.WaitGroup
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	for range 6 {
		group.Go(func() {
			for range work {
				ask(ctx, api, 0)
			}
		})
	}
	return &group
}

// TestOperatorHardlyWaits: while all lower lanes are full, an operator's
// requests go at once.
func TestOperatorHardlyWaits(t *testing.T) {
	for _, pace := range []stripe.PacerConfig{stripe.SandboxPace, stripe.LivePace} {
		synctest.Test(t, func(t *testing.T) {
			r := &road{takes: func() time.Duration { return 100 * time.Millisecond }}
			api := on(t, r, pace)
			var group sync.WaitGroup
			for i := range 600 {
				group.Go(func() { ask(marked(t.Context(), client.Lane(1+i%3)), api, i%3) })
			}
			time.Sleep(3 * time.Second)
			for range 20 {
				time.Sleep(170 * time.Millisecond)
				start := time.Now()
				if err := ask(t.Context(), api, 0); err != nil {
					t.Error(err)
				}
				if waited := time.Since(start) - 100*time.Millisecond; waited > 60*time.Millisecond {
					t.Errorf("an operator waited %s", waited)
				}
			}
			group.Wait()
		})
	}
}

// TestRoomForTheOperator: when answers are slow, the others never take all that
// may be under way.
func TestRoomForTheOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &road{takes: func() time.Duration { return 10 * time.Second }}
		api := on(t, r, stripe.SandboxPace)
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() { ask(marked(t.Context(), client.Lane(1+i%3)), api, i%3) })
		}
		time.Sleep(5 * time.Second)
		for range 2 {
			group.Go(func() { ask(t.Context(), api, 0) })
			synctest.Wait()
		}
		r.mu.Lock()
		if got := r.lanes(); len(r.left) != 8 || !strings.HasSuffix(got, "0 0") {
			t.Errorf("under way are the lanes %s, want six others and two of the operator", got)
		}
		r.mu.Unlock()
		group.Wait()
	})
}

// TestLanesGoInOrder: of those that wait at one time the lanes decide, and in a
// lane who came first; but nobody waits for a whole long job.
func TestLanesGoInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &road{}
		api := on(t, r, stripe.PacerConfig{Total: 1, PerEndpoint: 1})
		var group sync.WaitGroup
		send := func(lane client.Lane) {
			group.Go(func() { ask(marked(t.Context(), lane), api, 0) })
			synctest.Wait()
		}
		for _, lane := range []client.Lane{client.LaneFill, client.LaneFill, client.LaneTail, client.LaneAction, client.LaneOperator, client.LaneTail, client.LaneOperator} {
			send(lane)
			time.Sleep(time.Millisecond)
		}
		group.Wait()
		if got, want := r.lanes(), "4 0 0 1 2 2 4"; got != want {
			t.Errorf("the lanes went %s, want %s", got, want)
		}

		r.left = nil
		ctx, stop := context.WithCancel(t.Context())
		for range 3 {
			group.Go(func() {
				for ctx.Err() == nil {
					ask(marked(ctx, client.LaneAction), api, 0)
				}
			})
		}
		send(client.LaneTail)
		send(client.LaneFill)
		time.Sleep(30 * time.Second)
		stop()
		group.Wait()
		tail, fill := r.first(client.LaneTail), r.first(client.LaneFill)
		if tail < 5 || tail > 9 || fill < 15 || fill > 19 {
			t.Errorf("the tail went as number %d and the back-fill as number %d", tail, fill)
		}
	})
}

func (r *road) lanes() string {
	var lanes []client.Lane
	for _, d := range r.left {
		lanes = append(lanes, d.lane)
	}
	return strings.Trim(fmt.Sprint(lanes), "[]")
}

func (r *road) first(lane client.Lane) int {
	return slices.IndexFunc(r.left, func(d departure) bool { return d.lane == lane })
}

// TestWaitingIsNotTheAttempts: what waits longer than an attempt may take is
// sent all the same, and what waits for as long as a call may take is not.
func TestWaitingIsNotTheAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, limit := &road{}, 30*time.Second+time.Millisecond
		api := on(t, r, stripe.PacerConfig{Total: 1, PerEndpoint: 1},
			func(c *stripe.Config) { c.Timeout, c.Limit = 5*time.Second, limit })
		var group sync.WaitGroup
		var mu sync.Mutex
		var late []*client.Error
		sent := 0
		for range 40 {
			group.Go(func() {
				err := ask(t.Context(), api, 2)
				mu.Lock()
				defer mu.Unlock()
				var failed *client.Error
				if errors.As(err, &failed) {
					late = append(late, failed)
				} else {
					sent++
				}
			})
		}
		start := time.Now()
		group.Wait()
		if sent != 31 || len(r.left) != 31 || time.Since(start) != limit {
			t.Errorf("%d of %d came through in %s, want 31 in %s", sent, len(r.left), time.Since(start), limit)
		}
		for _, err := range late {
			if err.Kind != client.KindRateLimit || err.Undecided || !err.Retryable || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("what was not sent failed with %#v", err)
			}
		}
	})
}

// TestCancelLeavesTheQueue: at once, and without a trace.
func TestCancelLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &road{}
		api := on(t, r, stripe.PacerConfig{Total: 1, PerEndpoint: 1, Concurrent: 1})
		ask(t.Context(), api, 0)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 8)
		for range cap(done) {
			go func() { done <- ask(ctx, api, 2) }()
		}
		synctest.Wait()
		start := time.Now()
		cancel()
		for range cap(done) {
			var failed *client.Error
			if err := <-done; !errors.As(err, &failed) || !errors.Is(err, context.Canceled) || failed.Undecided {
				t.Errorf("got %#v", err)
			}
		}
		if err := ask(t.Context(), api, 0); err != nil || time.Since(start) != time.Second || len(r.left) != 2 || r.reads.Load() != 2 {
			t.Errorf("the next one went after %s as number %d: %v", time.Since(start), len(r.left), err)
		}
	})
}

// TestNoPacer: without one nothing waits.
func TestNoPacer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, start := &road{}, time.Now()
		crowd(t.Context(), over(t, r), 500).Wait()
		if time.Since(start) != 0 || len(r.left) != 500 {
			t.Errorf("%d requests took %s", len(r.left), time.Since(start))
		}
	})
}

// TestTurnIsTakenOnce: a POST that brings a turn along leaves at once, whatever waits
// meanwhile, and counts once; a turn that nobody takes is given back.
func TestTurnIsTakenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key, err := client.ParseKey(secretKey)
		if err != nil {
			t.Fatal(err)
		}
		r := &road{}
		pacer := stripe.NewPacer(stripe.PacerConfig{Total: 2, PerEndpoint: 2, Concurrent: 1})
		api, err := stripe.New(stripe.Config{Key: key, Transport: r, Pacer: pacer})
		if err != nil {
			t.Fatal(err)
		}
		ctx := client.WithLane(t.Context(), client.LaneAction)
		start := time.Now()
		turn, err := pacer.Turn(ctx, client.Redact)
		if err != nil {
			t.Fatal(err)
		}
		group := crowd(marked(t.Context(), client.LaneFill), api, 1)
		synctest.Wait()
		if len(r.left) != 0 {
			t.Errorf("%d left beside a turn that is still to be used, of one at once", len(r.left))
		}
		api.RedactSession(client.WithTurn(ctx, turn), sessionID, "key-1")
		if len(r.left) == 0 || !r.left[0].at.Equal(start) {
			t.Errorf("the POST did not leave at once: %+v", r.left)
		}
		turn.Back() // taken: nothing comes back
		group.Wait()
		unused, err := pacer.Turn(ctx, client.Cancel)
		if err != nil {
			t.Fatal(err)
		}
		// A request of another operation does not leave with it, nor wait for it for ever.
		if _, err := api.Account(client.WithTurn(ctx, unused)); client.KindOf(err) == client.KindRateLimit {
			t.Error(err)
		}
		unused.Back()
		crowd(t.Context(), api, 4).Wait()
		if busiest := r.busiest(""); busiest > 2 {
			t.Errorf("%d in one second, of 2", busiest)
		}
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := pacer.Turn(stopped, client.Redact); err == nil {
			t.Error("a turn for nobody")
		}
	})
}
