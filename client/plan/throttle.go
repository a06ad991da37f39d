package plan

import (
	"context"
	"sync"
	"time"

	"idtop/client"
)

// Rates in requests a second, reads and writes together. Stripe allows a sandbox
// 25 in all, and in live mode 25 of each operation. A job uses two operations. The
// operator has the rest. The server's own refusals decide: these rates are
// only where it begins and where it stops trying for more.
const (
	sandboxRate = 24
	liveRate    = 48
	startShare  = 0.8 // of the highest rate, to begin with
	lowestRate  = 1   //
	slowBy      = 0.8 // at each refusal, once a second at most
	fasterBy    = 1.0 // requests a second, after each second without one
)

// throttle spaces requests evenly. It goes down when the server refuses and up
// again while it does not, as TCP does.
type throttle struct {
	mu      sync.Mutex
	highest float64
	rate    float64
	next    time.Time // when the next request may leave
	changed time.Time // when the rate was last changed
	cut     time.Time // when it was last brought down
}

func newThrottle(highest float64) *throttle {
	return &throttle{highest: highest, rate: max(lowestRate, highest*startShare)}
}

// wait lets one request go, or tells that ctx ended before.
func (t *throttle) wait(ctx context.Context) bool {
	t.mu.Lock()
	now := time.Now()
	if t.changed.IsZero() {
		t.changed = now
	}
	if since := now.Sub(t.changed); since >= time.Second {
		t.rate = min(t.highest, t.rate+fasterBy*min(since.Seconds(), 10))
		t.changed = now
	}
	if t.next.Before(now) {
		t.next = now
	}
	at := t.next
	t.next = at.Add(time.Duration(float64(time.Second) / t.rate))
	t.mu.Unlock()
	return sleep(ctx, at.Sub(now), nil)
}

// refused slows down after an answer of 429; asked is how long the server wants
// to be left alone.
func (t *throttle) refused(asked time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if now.Sub(t.cut) >= time.Second {
		t.rate = max(lowestRate, t.rate*slowBy)
		t.cut, t.changed = now, now
	}
	if until := now.Add(min(asked, longestWait)); t.next.Before(until) {
		t.next = until
	}
}

// longestWait is the longest wait between attempts, even where the server asks for
// more.
const longestWait = 30 * time.Second

// backoff is how long to wait after the n-th failure of an errand.
func backoff(n int, err *client.Error) time.Duration {
	var asked time.Duration
	if err != nil {
		asked = min(err.After, longestWait)
	}
	return client.Backoff{First: 500 * time.Millisecond, Longest: longestWait}.Wait(n, asked)
}

// sleep waits for d, and tells whether it could: not when ctx or stop ends
// before.
func sleep(ctx context.Context, d time.Duration, stop <-chan struct{}) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-stop:
	}
	return false
}
