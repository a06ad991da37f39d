package stripe

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// RetryPolicy bounds how a call is repeated. What may be repeated at all is not
// a matter of policy; see failureOf.
type RetryPolicy struct {
	Attempts int           // in all; 0 means 4, 1 means no retry
	Base     time.Duration // the first wait, doubled each time; 0 means 500 ms
	Max      time.Duration // the longest wait, asked for or not; 0 means 10 s
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	return RetryPolicy{
		Attempts: orDefault(p.Attempts, 4),
		Base:     orDefault(p.Base, 500*time.Millisecond),
		Max:      orDefault(p.Max, 10*time.Second),
	}
}

// wait returns how long to wait after attempt n (from 1), and whether to try
// again at all. The jitter keeps many operators from coming back in step. A
// server that asks for more than Max gets its way: the caller decides then.
func (p RetryPolicy) wait(n int, asked time.Duration) (time.Duration, bool) {
	if n >= p.Attempts || asked > p.Max {
		return 0, false
	}
	backoff := p.Base
	for range n - 1 {
		backoff = min(2*backoff, p.Max)
	}
	backoff = backoff/2 + rand.N(backoff/2+1)
	return max(asked, backoff), true
}

// sleep waits for d and tells whether it could: not when ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter reads how long the server asks to wait, in seconds or as a date,
// which counts from the server's own clock where it tells it.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now := serverDate(h)
	if now.IsZero() {
		now = time.Now()
	}
	return max(0, until.Sub(now))
}

// serverDate returns the server's clock, the zero time if it did not say.
func serverDate(h http.Header) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date
}
