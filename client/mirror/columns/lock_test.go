package columns

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"idtop/client/guard"
)

func TestSearchGivesWayToAChange(t *testing.T) {
	var g Lock
	started := make(chan struct{})
	changed, runs := false, 0
	var wait sync.WaitGroup
	wait.Go(func() {
		err := g.Search(t.Context(), func(ctx context.Context) error {
			if runs++; runs == 1 {
				close(started)
				<-ctx.Done()
				return ctx.Err()
			}
			if !changed {
				t.Error("it began anew before the change")
			}
			return nil
		})
		if err != nil || runs != 2 {
			t.Errorf("%d runs, %v", runs, err)
		}
	})
	<-started
	g.Change(func() { changed = true })
	wait.Wait()
}

// TestSearchEndsDuringChanges: changes without a pause don't keep the operator
// from an answer.
func TestSearchEndsDuringChanges(t *testing.T) {
	var g Lock
	var changes sync.WaitGroup
	runs := 0
	err := g.Search(t.Context(), func(ctx context.Context) error {
		runs++
		if ctx.Done() == t.Context().Done() { // nothing else stops it
			return nil
		}
		changes.Go(func() { g.Change(func() {}) })
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil || runs != maxStops+1 {
		t.Errorf("%d runs, %v", runs, err)
	}
	changes.Wait()
}

func TestSearchEndsWithItsContext(t *testing.T) {
	var g Lock
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	err := g.Search(ctx, func(ctx context.Context) error {
		runs++
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || runs != 1 {
		t.Errorf("%d runs, %v", runs, err)
	}
	g.Change(func() {}) // nobody is left in
}

// TestPanicInASearch: the parts of a search that run side by side are guarded.
func TestPanicInASearch(t *testing.T) {
	const n = 100
	parts := min(n, runtime.GOMAXPROCS(0))
	told := make(chan any, parts)
	defer guard.Report(func(value any) { told <- value })()
	var begun sync.WaitGroup
	begun.Add(parts)
	func() {
		defer guard.Catch() // one part runs here
		_ = parallel(t.Context(), n, func(int) {
			begun.Done()
			begun.Wait()
			panic("a person's data")
		})
	}()
	for range parts {
		if value := <-told; value != "a person's data" {
			t.Errorf("told %v", value)
		}
	}
}
