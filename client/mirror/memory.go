package mirror

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"idtop/client"
)

// Memory is a Store that keeps everything in memory and nothing on disk. Several
// Syncers may share one: it stands for a mirror that several processes open.
type Memory struct {
	changes Changes

	gate    gate
	columns *columns
	reports map[uint32]string // of the rows that have one

	mu       sync.Mutex // also held over every change of the columns
	epoch    uint64     // of the present or last leadership
	led      bool
	progress Progress
	handled  map[string]client.Unix
	reads    map[string]int64
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		columns: newColumns(),
		reports: map[uint32]string{},
		handled: map[string]client.Unix{},
		reads:   map[string]int64{},
	}
}

// Subscribe implements Store.
func (m *Memory) Subscribe(ctx context.Context) <-chan struct{} { return m.changes.Subscribe(ctx) }

// Find implements Store.
func (m *Memory) Find(ctx context.Context, request Request) (page Page, err error) {
	err = m.gate.search(ctx, func(ctx context.Context) error {
		found, err := m.columns.find(ctx, request)
		if err == nil {
			page = found.page(request, m.row)
		}
		return err
	})
	return page, err
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, id string) (row Row, ok bool, err error) {
	m.gate.read(func() {
		var n uint32
		if n, ok = m.columns.number(id); ok {
			row = m.row(n)
		}
	})
	return row, ok, nil
}

// IDs implements Store.
func (m *Memory) IDs(_ context.Context, states States) (ids []string, err error) {
	m.gate.read(func() { ids = m.columns.ids(states) })
	return ids, nil
}

// Within implements Store.
func (m *Memory) Within(_ context.Context, window Window) (ids []string, err error) {
	m.gate.read(func() { ids = m.columns.within(window) })
	return ids, nil
}

// Apply implements Store.
func (m *Memory) Apply(_ context.Context, seen Seen, sessions ...client.Session) error {
	sightings := make([]Sighting, len(sessions))
	for i, s := range sessions {
		sightings[i] = Sighting{seen, s}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gate.change(func() {
		if m.take(sightings) {
			m.changes.Notify()
		}
	})
	return nil
}

// take records sightings and tells whether that shows.
func (m *Memory) take(sightings []Sighting) (shows bool) {
	for _, s := range sightings {
		if s.Session.ID == "" {
			continue
		}
		n, known := m.columns.number(s.Session.ID)
		if !known {
			row := firstSeen(s)
			m.keep(m.columns.append(row, s.Sent), row)
			shows = true
			continue
		}
		row, took, differs := merge(m.row(n), m.columns.sent(n), s)
		if took {
			m.columns.set(n, row, s.Sent)
			m.keep(n, row)
		}
		shows = shows || differs
	}
	return shows
}

// keep notes what the columns do not hold.
func (m *Memory) keep(n uint32, row Row) {
	if row.ReportID != "" {
		m.reports[n] = row.ReportID
	} else {
		delete(m.reports, n)
	}
}

// row returns the whole row of a number.
func (m *Memory) row(n uint32) Row {
	row := m.columns.row(n)
	row.ReportID = m.reports[n]
	return row
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
	m.gate.change(func() { m.record(batch) })
	m.progress = batch.Progress
	m.progress.Open = slices.Clone(m.progress.Open)
	for _, event := range batch.Events {
		m.handled[event.ID] = event.Created
	}
	oldest := m.progress.Tail - client.Unix(eventsKept/time.Second)
	maps.DeleteFunc(m.handled, func(_ string, created client.Unix) bool { return created < oldest })
	return nil
}

// record changes the rows as a batch says.
func (m *Memory) record(batch Batch) {
	shows := m.take(batch.Sightings)
	for _, b := range batch.Began {
		n, ok := m.columns.number(b.ID)
		if !ok {
			continue
		}
		if row, news := b.of(m.row(n)); news {
			m.columns.set(n, row, m.columns.sent(n))
			shows = true
		}
	}
	for _, id := range batch.Gone {
		if n, ok := m.columns.number(id); ok {
			m.columns.remove(n)
			delete(m.reports, n)
			shows = true
		}
	}
	if shows {
		m.changes.Notify()
	}
}

// Progress implements Store.
func (m *Memory) Progress(context.Context) (Progress, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	progress := m.progress
	progress.Open = slices.Clone(progress.Open)
	return progress, nil
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

// Close implements Store: it ends the leadership. What was recorded stays for who
// goes on with the store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.led = false
	return nil
}
