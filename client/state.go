package client

import "time"

// State is a session's state as the operator sees it. StateOf derives it from the
// API's fields, and nothing else does.
type State uint8

// The states, in the order of their tabs.
const (
	StateUnknown State = iota
	StateFailed
	StateWaiting
	StateProcessing
	StateVerified
	StateCanceled
	StateRedacting
	StateRedacted
	stateCount
)

// StateCount is how many states there are, StateUnknown included; states can
// index an array of this length.
const StateCount = int(stateCount)

var stateWords = [StateCount]string{
	"unknown", "failed", "waiting", "processing", "verified", "canceled", "redacting", "redacted",
}

// String returns the state's word.
func (s State) String() string {
	if int(s) < StateCount {
		return stateWords[s]
	}
	return stateWords[StateUnknown]
}

// StuckAfter is when processing takes too long: Stripe usually needs less than a minute.
const StuckAfter = 15 * time.Minute

// Final tells whether the state is expected to stay. Verified counts as final,
// although an override in Stripe's Dashboard can still take it back.
func (s State) Final() bool {
	return s == StateVerified || s == StateCanceled || s == StateRedacted
}

// StateOf derives the state. A redaction that is under way or done hides the
// status; a status that this program does not know gives StateUnknown.
func StateOf(status Status, errorCode string, redaction RedactionStatus) State {
	switch redaction {
	case RedactionProcessing:
		return StateRedacting
	case RedactionRedacted:
		return StateRedacted
	}
	switch status {
	case StatusRequiresInput, "requires_action": // the second is in Stripe's prose, but not in its enum
		if errorCode != "" {
			return StateFailed
		}
		return StateWaiting
	case StatusProcessing:
		return StateProcessing
	case StatusVerified:
		return StateVerified
	case StatusCanceled:
		return StateCanceled
	}
	return StateUnknown
}
