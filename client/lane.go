package client

import "context"

// Lane says who waits for a request, and so its place when requests have to
// queue. It travels in the context of a call, because it belongs to the asker.
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

// WithLane returns a context whose calls go in the given lane.
func WithLane(ctx context.Context, lane Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, min(lane, laneCount-1))
}

// LaneOf returns the lane of a context.
func LaneOf(ctx context.Context) Lane {
	lane, _ := ctx.Value(laneKey{}).(Lane)
	return lane
}

// Turn is the leave for one request, which has waited already.
type Turn interface {
	// Back ends a turn that no request has taken.
	Back()
}

type turnKey struct{}

// WithTurn returns a context whose next request takes a turn instead of waiting for
// one of its own.
func WithTurn(ctx context.Context, turn Turn) context.Context {
	return context.WithValue(ctx, turnKey{}, turn)
}

// TurnOf returns the turn of a context, nil without one.
func TurnOf(ctx context.Context) Turn {
	turn, _ := ctx.Value(turnKey{}).(Turn)
	return turn
}
