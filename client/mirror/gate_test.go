package mirror

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestSearchGivesWayToAChange(t *testing.T) {
	var g gate
	started := make(chan struct{})
	changed, runs := false, 0
	var wait sync.WaitGroup
	wait.Go(func() {
		err := g.search(t.Context(), func(ctx context.Context) error {
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
	g.change(func() { changed = true })
	wait.Wait()
}

// TestSearchEndsDuringChanges: changes without a pause don't keep the operator
// from an answer.
func TestSearchEndsDuringChanges(t *testing.T) {
	var g gate
	var changes sync.WaitGroup
	runs := 0
	err := g.search(t.Context(), func(ctx context.Context) error {
		runs++
		if ctx.Done() == t.Context().Done() { // nothing else stops it
			return nil
		}
		changes.Go(func() { g.change(func() {}) })
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil || runs != maxStops+1 {
		t.Errorf("%d runs, %v", runs, err)
	}
	changes.Wait()
}

func TestSearchEndsWithItsContext(t *testing.T) {
	var g gate
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	err := g.search(ctx, func(ctx context.Context) error {
		runs++
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || runs != 1 {
		t.Errorf("%d runs, %v", runs, err)
	}
	g.change(func() {}) // nobody is left in
}
