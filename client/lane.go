package client

import "context"

// Lane says who waits for a request, and so which of several goes first when
// they have to queue. It travels in the context of a call, because
// it is about who asks and not about what is asked.
type Lane uint8

// The lanes, the most urgent first. What is asked without a lane is taken for
// an operator's.
const (
	LaneOperator Lane = iota // an operator waits for the answer
	LaneAction               // a runner sends what an operator confirmed
	LaneTail                 // what keeps the mirror true
	LaneSweep                // what the mirror knows is listed again
	LaneFill                 // what the mirror does not know yet
	laneCount
)

type laneKey struct{}

// WithLane returns a context whose calls go in the given lane.
func WithLane(ctx context.Context, lane Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, min(lane, laneCount-1))
}

// LaneOf returns the lane of a context.
func LaneOf(ctx context.Context) Lane {
	lane, _ := ctx.Value(laneKey{}).(Lane)
	return lane
}
