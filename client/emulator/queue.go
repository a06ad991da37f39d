package emulator

import "slices"

// step is something that is to happen to a session.
type step uint8

const (
	stepVisitor  step = iota // somebody opens a session (traffic); names no session
	stepStricken             // somebody opens a session whom the incident strikes; names no session
	stepSubmit               // the person submits
	stepDecide               // the checks end: verified, or with the item's code
	stepLeave                // the person's visit ends without a submission, with the item's code
	stepReturn               // the person comes back with a new session
	stepCancel               // the integrator cancels
	stepRedact               // the integrator redacts
	stepRedacted             // the redaction is complete
	stepAct                  // a request of Config.People; names an act instead of a session
)

// item is a step that is due at a time. It is void when its session has changed
// since it was planned (generation), except for the end of a redaction.
type item struct {
	at         int64  // Unix nanoseconds
	order      uint64 // among items of one time: first planned, first done
	session    uint32
	generation uint16
	step       step
	code       code
}

// queue holds items, the earliest first. It is a heap with fanOut children at each
// node: a large world plans tens of thousands of steps that are weeks away, and
// every step that is due now has to pass them.
type queue struct {
	items []item
	order uint64
}

const fanOut = 4

func (a item) before(b item) bool {
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (q *queue) push(it item) {
	q.order++
	it.order = q.order
	q.items = append(q.items, it)
	i := len(q.items) - 1
	for i > 0 {
		parent := (i - 1) / fanOut
		if !it.before(q.items[parent]) {
			break
		}
		q.items[i] = q.items[parent]
		i = parent
	}
	q.items[i] = it
}

// due tells whether an item is to happen at or before a time.
func (q *queue) due(at int64) bool { return len(q.items) > 0 && q.items[0].at <= at }

// pop takes the earliest item out; the queue must not be empty.
func (q *queue) pop() item {
	top, last := q.items[0], q.items[len(q.items)-1]
	q.items = q.items[:len(q.items)-1]
	n := len(q.items)
	if n == 0 {
		return top
	}
	i := 0
	for {
		child := fanOut*i + 1
		if child >= n {
			break
		}
		for other := child + 1; other < min(child+fanOut, n); other++ {
			if q.items[other].before(q.items[child]) {
				child = other
			}
		}
		if !q.items[child].before(last) {
			break
		}
		q.items[i] = q.items[child]
		i = child
	}
	q.items[i] = last
	return top
}

// keep drops every item that wanted does not want.
func (q *queue) keep(wanted func(item) bool) {
	var kept []item
	for _, it := range q.items {
		if wanted(it) {
			kept = append(kept, it)
		}
	}
	slices.SortFunc(kept, func(a, b item) int { // sorted items are a heap
		if a.before(b) {
			return -1
		}
		return 1
	})
	q.items = kept
}
