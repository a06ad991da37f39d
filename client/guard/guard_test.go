package guard_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"idtop/client/guard"
)

func TestPanicIsReportedBeforeAnybodyGoesOn(t *testing.T) {
	var told []any
	defer guard.Report(func(value any) { told = append(told, value) })()
	ended := make(chan struct{})
	guard.Go(func() {
		defer close(ended)
		defer guard.Catch()
		panic("waited for")
	})
	<-ended
	var group sync.WaitGroup
	group.Go(func() {
		defer guard.Catch()
		panic("in a group")
	})
	group.Wait()
	if !slices.Equal(told, []any{"waited for", "in a group"}) {
		t.Errorf("told %v", told)
	}
	reported := make(chan any)
	defer guard.Report(func(value any) { reported <- value })()
	guard.Go(func() { panic("by itself") })
	if value := <-reported; value != "by itself" {
		t.Errorf("told %v", value)
	}
}

func TestLastReportIsTold(t *testing.T) {
	var first, second []any
	endFirst := guard.Report(func(value any) { first = append(first, value) })
	endSecond := guard.Report(func(value any) { second = append(second, value) })
	fail := func(value any) {
		defer guard.Catch()
		panic(value)
	}
	fail(1)
	endSecond()
	fail(2)
	endFirst()
	if len(first) != 1 || first[0] != 2 || len(second) != 1 || second[0] != 1 {
		t.Errorf("told %v and %v", first, second)
	}
}

// TestNobodyToTell: a panic that nobody would be told of is not hidden.
func TestNobodyToTell(t *testing.T) {
	want := errors.New("not hidden")
	defer func() {
		if got := recover(); got != want {
			t.Errorf("recovered %v", got)
		}
	}()
	func() {
		defer guard.Catch()
		panic(want)
	}()
}
