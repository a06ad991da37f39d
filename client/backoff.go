package client

import (
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
