package client

import (
	"context"
	"testing"
)

func TestLaneTravelsInContext(t *testing.T) {
	if got := LaneOf(t.Context()); got != LaneOperator {
		t.Errorf("a call without a lane goes in lane %d, want the operator's", got)
	}
	ctx, cancel := context.WithCancel(WithLane(t.Context(), LaneFill))
	defer cancel()
	if got := LaneOf(ctx); got != LaneFill {
		t.Errorf("a context made of another goes in lane %d, want %d", got, LaneFill)
	}
	if got := LaneOf(WithLane(ctx, LaneTail)); got != LaneTail {
		t.Errorf("the inner lane is %d, want %d", got, LaneTail)
	}
	if got := LaneOf(WithLane(t.Context(), 200)); got != LaneFill {
		t.Errorf("a lane that does not exist became %d, want the last", got)
	}
}
