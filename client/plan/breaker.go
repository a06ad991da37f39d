package plan

import "fmt"

// When a job stops by itself: after so many items in a row that failed for
// reasons nobody foresaw, or when too large a part of them fails.
const (
	troublesInARow = 5
	fewest         = 20 // items, before their part is looked at
	worst          = 10 // percent
)

// breaker counts what fails.
type breaker struct{ ended, failed, inARow int }

// note counts an item that ended, and returns why the job has to stop, if it
// has to. trouble tells that it failed for no reason of its own.
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
