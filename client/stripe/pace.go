package stripe

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/guard"
)

// PacerConfig is the highest rate of requests. Zero values stand for those of
// SandboxPace.
type PacerConfig struct {
	Total       int // requests a second in all
	PerEndpoint int // requests a second for each operation, over all its objects
	Concurrent  int // requests under way at once

	// OnRead is called after each sent GET, in its goroutine.
	OnRead func(client.Lane)
}

// The paces. Stripe allows an account 100 requests a second in live mode and 25 in
// a sandbox, and 25 of each operation. A part of that is left to the account's own
// programs.
var (
	LivePace    = PacerConfig{Total: 80, PerEndpoint: 23, Concurrent: 8}
	SandboxPace = PacerConfig{Total: 24, PerEndpoint: 24, Concurrent: 8}
	// LoopbackPace is for a server on this machine: faster than any such server. Its
	// refusals lower the pace.
	LoopbackPace = PacerConfig{Total: 2000, PerEndpoint: 2000, Concurrent: 16}
)

// PaceOf returns the pace for the mode of a key.
func PaceOf(key client.Key) PacerConfig {
	if key.Live() {
		return LivePace
	}
	return SandboxPace
}

// lag delays a request's place in the queue by its lane. An operator's request goes
// before all others. An action's goes before requests of lower lanes that arrived
// in the seconds before; yet those get their turn while a long job runs.
var lag = [...]time.Duration{
	client.LaneOperator: -24 * time.Hour, // more than any call takes
	client.LaneAction:   0,
	client.LaneTail:     5 * time.Second,
	client.LaneSweep:    15 * time.Second,
	client.LaneFill:     15 * time.Second,
}

// longestStop bounds a Retry-After, so that a mistake of the server or of a proxy
// does not end all work for a day.
const longestStop = 10 * time.Minute

// Pacer spaces requests so that Stripe need not refuse any. It limits the requests
// in any one second, in all and for each endpoint, and the requests under way at
// once. Waiting requests are ordered by Lane. Outside of the operator's lane
// requests are also spread evenly over the second, and a quarter of those at once
// is kept free, so that an operator hardly waits.
//
// If Stripe answers with 429 all the same, the limit that it names is halved, down
// to one, and grows by one after each ten seconds without a refusal.
//
// It is safe for concurrent use, and one Pacer may serve several APIs of one
// account. It has no goroutine of its own.
type Pacer struct {
	config PacerConfig

	mu        sync.Mutex
	all       *window
	endpoints map[string]*window
	atOnce    throttle
	flying    int     // requests that have their turn
	queue     []*turn // the first goes next
	wake      *time.Timer
}

// NewPacer returns a Pacer.
func NewPacer(config PacerConfig) *Pacer {
	config.Total = orDefault(config.Total, SandboxPace.Total)
	config.PerEndpoint = orDefault(config.PerEndpoint, SandboxPace.PerEndpoint)
	config.Concurrent = orDefault(config.Concurrent, SandboxPace.Concurrent)
	return &Pacer{
		config:    config,
		all:       newWindow(config.Total),
		endpoints: map[string]*window{},
		atOnce:    throttle{value: config.Concurrent, full: config.Concurrent},
	}
}

// turn is the place of one attempt in the queue, and then its permission to go.
type turn struct {
	pacer    *Pacer
	lane     client.Lane
	key      time.Time // the order of the queue
	endpoint *window
	deadline time.Time // when its caller stops waiting; zero: not known

	// Set when it leaves the queue.
	sent  time.Time     // zero: it may not go
	after time.Duration // why not: the wait would be this long
	ready chan struct{} // then closed; nil while nobody waits

	taken bool // a request uses it, or it was given back
}

// Turn waits for the turn of a POST, as long as ctx lasts. The caller can then
// record the request: with client.WithTurn the POST is sent without another wait.
func (p *Pacer) Turn(ctx context.Context, verb client.Verb) (client.Turn, error) {
	t, err := p.enter(ctx, opOf(verb), time.Time{})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Back implements client.Turn.
func (t *turn) Back() {
	t.pacer.mu.Lock()
	defer t.pacer.mu.Unlock()
	if !t.taken {
		t.taken = true
		t.pacer.flying--
		t.pacer.dispatch(time.Now())
	}
}

// turnFor returns the turn that a request brings along, or waits for one. A request
// of another endpoint, such as the check of the key's account, gives that turn
// back: if it kept the turn while it waits, all requests could wait for one
// another.
func (p *Pacer) turnFor(ctx context.Context, endpoint string) (*turn, error) {
	if t, _ := client.TurnOf(ctx).(*turn); t != nil {
		if p.take(t, endpoint) {
			return t, nil
		}
		t.Back()
	}
	deadline, _ := ctx.Deadline()
	t, err := p.enter(ctx, endpoint, deadline)
	if err == nil {
		t.taken = true
	}
	return t, err
}

// take tells whether a turn is for this endpoint and unused, and then uses it.
func (p *Pacer) take(t *turn, endpoint string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.taken || t.endpoint != p.endpoints[endpoint] {
		return false
	}
	t.taken = true
	return true
}

// paced lets each request wait for its turn. The call bounds the waiting; the
// timeout of an attempt begins below it, when the request leaves.
func paced(p *Pacer, next http.RoundTripper) http.RoundTripper {
	if p == nil {
		return next
	}
	return layer(func(r *http.Request) (*http.Response, error) {
		x, _ := r.Context().Value(exchangeKey{}).(*exchange)
		if x == nil {
			x = &exchange{op: r.Method + " " + r.URL.Path}
		}
		t, err := p.turnFor(r.Context(), x.op)
		if err != nil {
			x.dialed.Store(true) // nothing was sent
			if r.Body != nil {
				r.Body.Close()
			}
			return nil, err
		}
		defer func() {
			if r.Method == http.MethodGet && x.sent() && p.config.OnRead != nil {
				p.config.OnRead(t.lane)
			}
			p.leave(t, x)
		}()
		return next.RoundTrip(r)
	})
}

// enter waits for a turn. It fails as soon as none can come before the deadline.
func (p *Pacer) enter(ctx context.Context, endpoint string, deadline time.Time) (*turn, error) {
	t := &turn{pacer: p, lane: client.LaneOf(ctx), deadline: deadline}
	now := time.Now()
	t.key = now.Add(lag[t.lane])

	p.mu.Lock()
	t.endpoint = p.endpoint(endpoint)
	at, _ := slices.BinarySearchFunc(p.queue, t, func(other, t *turn) int {
		if other.key.After(t.key) {
			return 1
		}
		return -1 // equals stay before it
	})
	p.queue = slices.Insert(p.queue, at, t)
	p.dispatch(now)
	if t.sent.IsZero() && t.after == 0 {
		t.ready = make(chan struct{})
	}
	p.mu.Unlock()

	if t.ready != nil {
		select {
		case <-t.ready:
		case <-ctx.Done():
			p.abandon(t)
			return nil, unsent(ctx.Err(), 0)
		}
	}
	if t.sent.IsZero() {
		return nil, unsent(context.DeadlineExceeded, t.after)
	}
	return t, nil
}

// abandon removes a turn whose caller has stopped waiting.
func (p *Pacer) abandon(t *turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.queue, t); at >= 0 {
		p.queue = slices.Delete(p.queue, at, at+1)
	} else if !t.sent.IsZero() {
		p.flying--
	}
	p.dispatch(time.Now())
}

// leave ends a turn and learns from its answer.
func (p *Pacer) leave(t *turn, x *exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.flying--
	if x.status == http.StatusTooManyRequests {
		p.refused(t, x, now)
	}
	p.dispatch(now)
}

// refused lowers the limit that a 429 names, or the limit of all requests when it
// names none. A session in use by another request says nothing about the pace.
func (p *Pacer) refused(t *turn, x *exchange, now time.Time) {
	slow := p.all
	switch x.header.Get("Stripe-Rate-Limited-Reason") {
	case "endpoint-rate":
		slow = t.endpoint
	case "global-concurrency", "endpoint-concurrency":
		p.atOnce.lower(t.sent, now)
		return
	case "resource-specific":
		return
	case "":
		if codeOf(x.body) == "lock_timeout" {
			return
		}
	}
	slow.lower(t.sent, now)
	slow.until = later(slow.until, now.Add(min(retryAfter(x.header), longestStop)))
}

func (p *Pacer) endpoint(name string) *window {
	w := p.endpoints[name]
	if w == nil {
		w = newWindow(p.config.PerEndpoint)
		p.endpoints[name] = w
	}
	return w
}

// dispatch gives turns in order to all that may go, and arranges the next call for
// when another may. A wait for one endpoint does not delay requests of another.
func (p *Pacer) dispatch(now time.Time) {
	p.all.recover(now)
	p.atOnce.recover(now)
	var next time.Time
	for i := 0; i < len(p.queue) && p.room(p.queue[i].lane); {
		t := p.queue[i]
		t.endpoint.recover(now)
		switch at := later(p.all.opens(t.lane), t.endpoint.opens(t.lane)); {
		case !at.After(now):
			p.all.pass(now)
			t.endpoint.pass(now)
			p.flying++
			t.sent = now
		case !t.deadline.IsZero() && later(p.all.until, t.endpoint.until).After(t.deadline):
			t.after = at.Sub(now)
		default:
			if next.IsZero() || at.Before(next) {
				next = at
			}
			i++
			continue
		}
		p.queue = slices.Delete(p.queue, i, i+1)
		if t.ready != nil {
			close(t.ready)
		}
	}
	p.wakeAt(next, now)
}

// room tells whether one more request of a lane may be under way.
func (p *Pacer) room(lane client.Lane) bool {
	free := p.atOnce.value - p.flying
	if lane != client.LaneOperator {
		free -= p.atOnce.value / 4
	}
	return free > 0
}

// wakeAt arranges a call of dispatch at a time; the zero time is never.
func (p *Pacer) wakeAt(next, now time.Time) {
	switch {
	case next.IsZero():
		if p.wake != nil {
			p.wake.Stop()
		}
	case p.wake == nil:
		p.wake = time.AfterFunc(next.Sub(now), func() {
			defer guard.Catch()
			p.mu.Lock()
			defer p.mu.Unlock()
			p.dispatch(time.Now())
		})
	default:
		p.wake.Reset(next.Sub(now))
	}
}
