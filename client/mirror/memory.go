package mirror

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/query"
)

// Memory is a Store that keeps everything in memory and nothing on disk.
type Memory struct {
	changed chan struct{}

	mu       sync.Mutex
	byID     map[string]*entry
	newest   []*entry       // all entries, newest first
	tries    map[string]int // sessions by user_id
	counts   Counts
	searcher *query.Searcher // on newest; nil when a row or a searched value changed
	view     view            // the last answer's order of rows; zero when any row changed
}

type entry struct {
	Row
	seen time.Time // Seen.At of what the row shows
}

type view struct {
	query     string
	states    States
	order     Order
	rows      []*entry
	elsewhere []string
	valid     bool
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		changed: make(chan struct{}, 1),
		byID:    map[string]*entry{},
		tries:   map[string]int{},
	}
}

// Changed implements Store.
func (m *Memory) Changed() <-chan struct{} { return m.changed }

// Get implements Store.
func (m *Memory) Get(_ context.Context, id string) (Row, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.byID[id]
	if !ok {
		return Row{}, false, nil
	}
	return m.rowOf(e), true, nil
}

// IDs implements Store.
func (m *Memory) IDs(_ context.Context, states States) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for _, e := range m.newest {
		if states.Has(e.State) {
			ids = append(ids, e.ID)
		}
	}
	return ids, nil
}

// Apply implements Store.
func (m *Memory) Apply(_ context.Context, seen Seen, sessions ...client.Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	added, changed := false, false
	for _, s := range sessions {
		if s.ID == "" {
			continue
		}
		e, known := m.byID[s.ID]
		if !known {
			m.add(rowOf(s), seen)
			added = true
			continue
		}
		changed = m.update(e, rowOf(s), seen) || changed
	}
	if added {
		slices.SortStableFunc(m.newest, func(a, b *entry) int {
			return cmp.Or(cmp.Compare(b.Created, a.Created), strings.Compare(b.ID, a.ID))
		})
	}
	if added || changed {
		m.view = view{}
		notify(m.changed)
	}
	return nil
}

// Began implements Store.
func (m *Memory) Began(_ context.Context, id string, state client.State, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.byID[id]; ok && e.State == state && !e.Since.Equal(at) {
		e.Since = at
		notify(m.changed)
	}
	return nil
}

// add takes a new row in; the caller restores the order.
func (m *Memory) add(row Row, seen Seen) {
	if seen.News {
		row.Since, row.Changed = seen.At, seen.At
	}
	e := &entry{row, seen.At}
	m.byID[row.ID] = e
	m.newest = append(m.newest, e)
	m.searcher = nil
	m.count(e, +1)
}

// update changes a known row and tells whether that shows. What was read before
// the row's own state is dropped, and so is what takes back what Stripe never
// takes back: a stale answer.
func (m *Memory) update(e *entry, row Row, seen Seen) bool {
	if seen.At.Before(e.seen) || takesBack(e.State, row.State) {
		return false
	}
	e.seen = seen.At
	if e.sameAs(row) {
		return false
	}
	row.Since, row.Changed = e.Since, e.Changed
	if row.State != e.State {
		row.Since = seen.At
	}
	if seen.News {
		row.Changed = seen.At
	}
	if row.UserID != e.UserID || row.Reference != e.Reference {
		m.searcher = nil
	}
	m.count(e, -1)
	e.Row = row
	m.count(e, +1)
	return true
}

// takesBack tells whether a session can't go from one state to the other: a
// redaction stays, a finished one stays finished, and what is canceled can only
// be redacted.
func takesBack(from, to client.State) bool {
	switch from {
	case client.StateRedacted:
		return to != client.StateRedacted
	case client.StateRedacting:
		return to != client.StateRedacting && to != client.StateRedacted
	case client.StateCanceled:
		return to != client.StateCanceled && to != client.StateRedacting && to != client.StateRedacted
	}
	return false
}

func (m *Memory) count(e *entry, by int) {
	m.counts.All += by
	m.counts.State[e.State] += by
	if e.UserID == "" {
		return
	}
	if m.tries[e.UserID] += by; m.tries[e.UserID] == 0 {
		delete(m.tries, e.UserID)
	}
}

func (m *Memory) rowOf(e *entry) Row {
	row := e.Row
	row.Tries = m.tries[e.UserID]
	return row
}

func notify(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}
