package client

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is the wait after each of several failures in a row.
type Backoff struct {
	First   time.Duration // the wait after the first failure; each further one doubles it
	Longest time.Duration // the doubling ends here
}

// Wait returns the wait after the n-th failure in a row, from 1: a fifth more or
// less, so that many dashboards do not come back in step, and never less than
// the server asked for.
func (b Backoff) Wait(n int, asked time.Duration) time.Duration {
	wait := min(b.First, b.Longest)
	for ; n > 1 && wait < b.Longest; n-- {
		wait = min(2*wait, b.Longest)
	}
	return max(asked, wait*4/5+rand.N(wait*2/5+1))
}

// Sleep waits for d, and tells whether the wait was complete. It is not when ctx or
// stop ends it, and ends at once when the deadline of ctx comes before.
func Sleep(ctx context.Context, d time.Duration, stop <-chan struct{}) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
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
