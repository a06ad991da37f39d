package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"idtop/client"
)

// cleanTime is how long a limit grows by one without a refusal.
const cleanTime = 10 * time.Second

// throttle is a limit that is halved when it proves too high.
type throttle struct {
	value, full int
	lowered     time.Time // when it was halved last
	clean       time.Time // no refusal since then, and no growth
}

// lower halves the limit because of a refused request. Requests sent before the
// last halving tell nothing new: a single cause refuses all that are under way.
func (t *throttle) lower(sent, now time.Time) {
	t.clean = now
	if !sent.After(t.lowered) {
		return
	}
	t.value = max(1, t.value/2)
	t.lowered = now
}

// recover raises the limit by the clean time that has passed.
func (t *throttle) recover(now time.Time) {
	if t.value == t.full {
		return
	}
	steps := now.Sub(t.clean) / cleanTime
	t.value = min(t.full, t.value+int(min(steps, time.Duration(t.full))))
	t.clean = t.clean.Add(steps * cleanTime)
}

// window is a rate: a number of requests in any one second. It keeps the times of the
// last requests, because a bucket of tokens that fills while tokens are taken lets
// nearly twice as many go in some second.
type window struct {
	throttle
	until time.Time   // the server asked to send nothing before
	sent  []time.Time // of the last full requests, as a ring
	count int
}

func newWindow(rate int) *window {
	return &window{throttle: throttle{value: rate, full: rate}, sent: make([]time.Time, rate)}
}

// opens returns when the next request of a lane may go, possibly a past time. An
// operator's requests go at once while the second has room; others keep an even
// distance.
func (w *window) opens(lane client.Lane) time.Time {
	at := later(w.until, w.back(w.value).Add(time.Second))
	if lane != client.LaneOperator {
		at = later(at, w.back(1).Add(time.Second/time.Duration(w.value)))
	}
	return at
}

// pass notes that a request goes.
func (w *window) pass(now time.Time) {
	w.sent[w.count%w.full] = now
	w.count++
}

// back returns when the n-th last request went, n from 1 to full.
func (w *window) back(n int) time.Time {
	if n > w.count {
		return time.Time{}
	}
	return w.sent[(w.count-n)%w.full]
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// errNoTurn is the failure of a request that was never sent.
type errNoTurn struct {
	after time.Duration // the wait that it would have needed; 0: not known
}

func (*errNoTurn) Error() string {
	return "too many requests went first; it was not sent before its time limit"
}

func (*errNoTurn) Unwrap() error { return context.DeadlineExceeded }

// unsent returns the error of a request that did not get its turn.
func unsent(cause error, after time.Duration) error {
	if errors.Is(cause, context.DeadlineExceeded) {
		return &errNoTurn{after}
	}
	return cause
}

// codeOf returns the code of an error in Stripe's form, "" for any other body.
func codeOf(body []byte) string {
	var wire struct{ Error wireError }
	if json.Unmarshal(body, &wire) != nil {
		return ""
	}
	return wire.Error.Code
}
