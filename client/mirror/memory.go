package mirror

import (
	"cmp"
	"context"
	"maps"
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
	epoch    uint64          // of the present or last leadership
	led      bool
	progress Progress
	handled  map[string]client.Unix
	reads    map[string]int64
}

type entry struct {
	Row
	sent time.Time // Seen.Sent of what the row shows
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
		handled: map[string]client.Unix{},
		reads:   map[string]int64{},
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
	sightings := make([]Sighting, len(sessions))
	for i, s := range sessions {
		sightings[i] = Sighting{seen, s}
	}
	m.take(sightings)
	return nil
}

// take records sightings and signals what changed.
func (m *Memory) take(sightings []Sighting) {
	added, changed := false, false
	for _, s := range sightings {
		if s.Session.ID == "" {
			continue
		}
		e, known := m.byID[s.Session.ID]
		if !known {
			m.add(rowOf(s.Session), s.Seen)
			added = true
			continue
		}
		changed = m.update(e, rowOf(s.Session), s.Seen) || changed
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
}

// Lead implements Store.
func (m *Memory) Lead(context.Context) (uint64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.led {
		return 0, false, nil
	}
	m.led = true
	m.epoch++
	return m.epoch, true, nil
}

// Resign implements Store.
func (m *Memory) Resign(epoch uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch == m.epoch {
		m.led = false
	}
	return nil
}

// Commit implements Store.
func (m *Memory) Commit(_ context.Context, epoch uint64, batch Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.led || epoch != m.epoch {
		return ErrFenced
	}
	m.take(batch.Sightings)
	for _, b := range batch.Began {
		if e, ok := m.byID[b.ID]; ok && e.State == b.State && !e.Since.Equal(b.At.Time()) {
			e.Since = b.At.Time()
			notify(m.changed)
		}
	}
	for _, id := range batch.Gone {
		m.drop(id)
	}
	m.progress = batch.Progress
	for _, event := range batch.Events {
		m.handled[event.ID] = event.Created
	}
	oldest := m.progress.Tail - client.Unix(eventsKept/time.Second)
	maps.DeleteFunc(m.handled, func(_ string, created client.Unix) bool { return created < oldest })
	return nil
}

// drop takes a row out.
func (m *Memory) drop(id string) {
	e, ok := m.byID[id]
	if !ok {
		return
	}
	m.count(e, -1)
	delete(m.byID, id)
	m.newest = slices.DeleteFunc(m.newest, func(other *entry) bool { return other == e })
	m.searcher, m.view = nil, view{}
	notify(m.changed)
}

// Progress implements Store.
func (m *Memory) Progress(context.Context) (Progress, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.progress, nil
}

// Handled implements Store.
func (m *Memory) Handled(_ context.Context, ids []string) ([]bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	handled := make([]bool, len(ids))
	for i, id := range ids {
		_, handled[i] = m.handled[id]
	}
	return handled, nil
}

// AddReads implements Store.
func (m *Memory) AddReads(_ context.Context, month string, n int64) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads[month] += n
	return m.reads[month], nil
}

// Close implements Store.
func (m *Memory) Close() error { return nil }

// add takes a new row in; the caller restores the order.
func (m *Memory) add(row Row, seen Seen) {
	row.AsOf = seen.At
	if seen.News {
		row.Since, row.Changed = seen.At, seen.noticed()
	}
	e := &entry{row, seen.Sent}
	m.byID[row.ID] = e
	m.newest = append(m.newest, e)
	m.searcher = nil
	m.count(e, +1)
}

// update changes a known row and tells whether that shows. What was read before
// the row's own state is dropped, and so is what takes back what Stripe never
// takes back: a stale answer.
func (m *Memory) update(e *entry, row Row, seen Seen) bool {
	older := seen.At.Before(e.AsOf) || seen.At.Equal(e.AsOf) && !seen.Sent.IsZero() && seen.Sent.Before(e.sent)
	if older || takesBack(e.State, row.State) {
		return false
	}
	e.AsOf, e.sent = seen.At, seen.Sent
	if e.sameAs(row) {
		return false
	}
	row.Since, row.Changed, row.AsOf = e.Since, e.Changed, e.AsOf
	if row.State != e.State {
		row.Since = seen.At
	}
	if seen.News {
		row.Changed = seen.noticed()
	}
	if row.UserID != e.UserID || row.Reference != e.Reference {
		m.searcher = nil
	}
	m.count(e, -1)
	e.Row = row
	m.count(e, +1)
	return true
}

// noticed is when this machine learned of it.
func (s Seen) noticed() time.Time {
	if s.Sent.IsZero() {
		return s.At
	}
	return s.Sent
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
