package columns

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"idtop/client/guard"
)

// Lock lets many goroutines read the columns at once, or one change them. A change
// never waits for a search to finish: the search is stopped, and begins anew after
// the change.
type Lock struct {
	mu sync.RWMutex

	searching sync.Mutex
	searches  map[*search]struct{}
}

// search is a running search that can be stopped.
type search struct{ stop context.CancelCauseFunc }

// maxStops is how often a search is stopped before it may finish: changes that come
// without a pause, as in a back-fill, must not keep the operator from an answer.
const maxStops = 3

// errStopped is the cause that ends a search for a change.
var errStopped = errors.New("the rows change")

// Change runs a function that changes the columns, while nothing else uses them.
func (l *Lock) Change(do func()) {
	l.searching.Lock()
	for s := range l.searches {
		s.stop(errStopped)
	}
	l.searching.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

// Read runs a function that reads the columns for a short while.
func (l *Lock) Read(do func()) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	do()
}

// Search runs a function that reads the columns for longer. The function must stop
// soon after its ctx ends. It may run several times; the last run counts.
func (l *Lock) Search(ctx context.Context, do func(ctx context.Context) error) error {
	for range maxStops {
		stoppable, stop := context.WithCancelCause(ctx)
		s := &search{stop}
		err := l.searchOnce(stoppable, s, do)
		stopped := errors.Is(context.Cause(stoppable), errStopped)
		stop(nil)
		if err == nil || !stopped || ctx.Err() != nil {
			return err
		}
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	return do(ctx)
}

func (l *Lock) searchOnce(ctx context.Context, s *search, do func(ctx context.Context) error) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	l.searching.Lock()
	if l.searches == nil {
		l.searches = map[*search]struct{}{}
	}
	l.searches[s] = struct{}{}
	l.searching.Unlock()
	defer func() {
		l.searching.Lock()
		delete(l.searches, s)
		l.searching.Unlock()
	}()
	return do(ctx)
}

// parallel calls do with each number from 0 to n-1, on all cores, until ctx ends.
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
