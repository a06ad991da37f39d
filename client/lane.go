package client

import "context"

// Lane is the urgency of a request, and so its place when requests have to queue.
// It is in the context of a call, because it depends on the caller.
type Lane uint8

// The lanes, the most urgent first. A request without a lane counts as an
// operator's.
const (
	LaneOperator Lane = iota // an operator waits for the answer
	LaneAction               // a runner sends an operator's confirmed job
	LaneTail                 // the mirror follows changes
	LaneSweep                // the mirror lists known sessions again
	LaneFill                 // the mirror reads sessions that it does not know yet
	laneCount
)

type laneKey struct{}

// WithLane returns a context for calls in the given lane.
func WithLane(ctx context.Context, lane Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, min(lane, laneCount-1))
}

// LaneOf returns the lane of a context.
func LaneOf(ctx context.Context) Lane {
	lane, _ := ctx.Value(laneKey{}).(Lane)
	return lane
}

// Turn is the permission to send one request, after its wait.
type Turn interface {
	// Back gives back a turn that no request has used.
	Back()
}

type turnKey struct{}

// WithTurn returns a context for a request that uses this turn instead of waiting
// for its own.
func WithTurn(ctx context.Context, turn Turn) context.Context {
	return context.WithValue(ctx, turnKey{}, turn)
}

// TurnOf returns the turn of a context, nil without one.
func TurnOf(ctx context.Context) Turn {
	turn, _ := ctx.Value(turnKey{}).(Turn)
	return turn
}
