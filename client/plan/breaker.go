package plan

import "fmt"

// When a job stops by itself: after a number of unexpected failures in a row, or
// when too large a part of its items fails.
const (
	troublesInARow = 5
	fewest         = 20 // items before their part counts
	worst          = 10 // percent
)

// breaker counts failures.
type breaker struct{ ended, failed, inARow int }

// note counts an ended item, and returns why the job has to stop, nil if it need
// not. trouble tells that the item failed for a reason that is not its own.
func (b *breaker) note(state ItemState, trouble bool) error {
	if state == Pending || state == Sending || state == Waiting {
		return nil
	}
	b.ended++
	if state != Failed && state != Unknown {
		b.inARow = 0
		return nil
	}
	b.failed++
	if trouble {
		b.inARow++
	}
	switch {
	case b.inARow >= troublesInARow:
		return fmt.Errorf("%d sessions failed one after the other: see why before it goes on", b.inARow)
	case b.ended >= fewest && b.failed*100 > b.ended*worst:
		return fmt.Errorf("%d of %d sessions failed: see why before it goes on", b.failed, b.ended)
	}
	return nil
}
