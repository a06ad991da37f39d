package mirror

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"idtop/client/guard"
)

// gate lets many read the columns at once, or one change them. A change never
// waits for a search to come to its end: the search is stopped, and begins anew
// after the change.
type gate struct {
	mu sync.RWMutex

	searching sync.Mutex
	searches  map[*search]struct{}
}

// search is one that can be stopped.
type search struct{ stop context.CancelCauseFunc }

// maxStops is how often a search is stopped before it is left to end: changes
// that come without a pause, as in a back-fill, must not keep the operator from
// an answer.
const maxStops = 3

// errStopped is why a search stopped for a change.
var errStopped = errors.New("the rows change")

// change runs what changes the columns, alone.
func (g *gate) change(do func()) {
	g.searching.Lock()
	for s := range g.searches {
		s.stop(errStopped)
	}
	g.searching.Unlock()
	g.mu.Lock()
	defer g.mu.Unlock()
	do()
}

// read runs what reads the columns for a short while.
func (g *gate) read(do func()) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	do()
}

// search runs what reads the columns for longer and stops soon after its ctx
// ends. It may run several times; the last time counts.
func (g *gate) search(ctx context.Context, do func(ctx context.Context) error) error {
	for range maxStops {
		stoppable, stop := context.WithCancelCause(ctx)
		s := &search{stop}
		err := g.searchOnce(stoppable, s, do)
		stopped := errors.Is(context.Cause(stoppable), errStopped)
		stop(nil)
		if err == nil || !stopped || ctx.Err() != nil {
			return err
		}
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	return do(ctx)
}

func (g *gate) searchOnce(ctx context.Context, s *search, do func(ctx context.Context) error) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	g.searching.Lock()
	if g.searches == nil {
		g.searches = map[*search]struct{}{}
	}
	g.searches[s] = struct{}{}
	g.searching.Unlock()
	defer func() {
		g.searching.Lock()
		delete(g.searches, s)
		g.searching.Unlock()
	}()
	return do(ctx)
}

// parallel calls do for 0 to n-1 on all cores, each time with another number,
// until ctx ends.
func parallel(ctx context.Context, n int, do func(i int)) error {
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) - 1 {
		wait.Go(func() {
			defer guard.Catch()
			work()
		})
	}
	work()
	wait.Wait()
	return ctx.Err()
}
