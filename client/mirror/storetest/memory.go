package storetest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/columns"
)

// Memory is a Store for tests: it keeps everything in memory and nothing on disk.
// Several Syncers may share one, as processes share a mirror.
type Memory struct {
	Metadata []string // the keys that are kept besides user_id; set it before the first Apply

	changes mirror.Changes

	lock    columns.Lock
	columns *columns.Columns
	reports map[uint32]string // only of rows that have one
	history map[string]mirror.History
	facts   factsInMemory
	sent    []time.Time // Origin.Sent of the answer that each row shows

	mu       sync.Mutex // also held during every change of the columns
	epoch    uint64     // the epoch of the present or last leadership
	led      bool
	progress mirror.Progress
	handled  map[string]client.Unix
	reads    map[string]int64
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		columns: columns.New(),
		reports: map[uint32]string{},
		history: map[string]mirror.History{},
		facts:   factsInMemory{of: map[uint32][]uint32{}, waiting: map[string][]client.ReportFacts{}},
		handled: map[string]client.Unix{},
		reads:   map[string]int64{},
	}
}

// Subscribe implements Store.
func (m *Memory) Subscribe(ctx context.Context) <-chan struct{} { return m.changes.Subscribe(ctx) }

// Find implements Store.
func (m *Memory) Find(ctx context.Context, request mirror.Request) (page mirror.Page, err error) {
	err = m.lock.Search(ctx, func(ctx context.Context) error {
		found, err := m.columns.Find(ctx, request)
		if err == nil {
			page = found.Page(request, m.row)
		}
		return err
	})
	return page, err
}

// Counts implements Store.
func (m *Memory) Counts(ctx context.Context, requests []mirror.CountRequest, own mirror.Owned) (counts []mirror.Count, err error) {
	err = m.lock.Search(ctx, func(ctx context.Context) (err error) {
		counts, err = m.columns.Counts(ctx, requests, own)
		return err
	})
	return counts, err
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, id string) (row mirror.Row, ok bool, err error) {
	m.lock.Read(func() {
		var n uint32
		if n, ok = m.columns.Number(id); ok {
			row = m.row(n)
		}
	})
	return row, ok, nil
}

// IDs implements Store.
func (m *Memory) IDs(_ context.Context, states mirror.States) (ids []string, err error) {
	m.lock.Read(func() { ids = m.columns.IDs(states) })
	return ids, nil
}

// Within implements Store.
func (m *Memory) Within(_ context.Context, window mirror.Window) (ids []string, err error) {
	m.lock.Read(func() { ids = m.columns.Within(window) })
	return ids, nil
}

// Apply implements Store.
func (m *Memory) Apply(_ context.Context, seen mirror.Origin, sessions ...client.Session) error {
	sightings := make([]mirror.Sighting, len(sessions))
	for i, s := range sessions {
		sightings[i] = mirror.Sighting{Origin: seen, Session: s}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lock.Change(func() {
		if m.take(sightings) {
			m.changes.Notify()
		}
	})
	return nil
}

// take records sightings and tells whether a visible value changed.
func (m *Memory) take(sightings []mirror.Sighting) (shows bool) {
	for _, s := range sightings {
		if s.Session.ID == "" {
			continue
		}
		n, known := m.columns.Number(s.Session.ID)
		if !known {
			row := m.history[s.Session.ID].Date(s.Row())
			m.chronicle(row, m.history[row.ID].See(mirror.Row{}, row, s.Origin))
			m.sent = append(m.sent, s.Sent)
			n := m.columns.Append(row)
			m.keep(n, row)
			m.keepMetadata(n, s.Session)
			m.takeWaiting(n, row.ID)
			shows = true
			continue
		}
		before := m.row(n)
		row, took, differs := s.Update(before, m.sent[n])
		if took {
			dated := false
			if report, ok := m.reportOf(n, row.ReportID); ok {
				row, dated = row.Dated(report)
			}
			m.chronicle(row, m.history[row.ID].See(before, row, s.Origin))
			if dated {
				m.chronicle(row, m.history[row.ID].Dated(row))
			}
			m.columns.Set(n, row)
			m.sent[n] = s.Sent
			m.keep(n, row)
			m.keepMetadata(n, s.Session)
			if row.Erased() {
				m.eraseFacts(n)
			}
		}
		shows = shows || differs
	}
	return shows
}

// keepMetadata keeps what Metadata names, of a session that names a person.
func (m *Memory) keepMetadata(n uint32, session client.Session) {
	kept := map[string]string{}
	for _, key := range m.Metadata {
		if value, ok := session.Metadata[key]; ok && !m.row(n).Erased() {
			kept[key] = value
		}
	}
	m.columns.SetMetadata(n, kept)
}

// chronicle keeps the history of a row.
func (m *Memory) chronicle(row mirror.Row, history mirror.History) {
	if row.Erased() {
		history = history.Erase()
	}
	m.history[row.ID] = history
}

// History implements Store.
func (m *Memory) History(_ context.Context, id string) (changes []mirror.Change, err error) {
	m.lock.Read(func() {
		history := m.history[id]
		if n, ok := m.columns.Number(id); ok {
			history = history.Of(m.row(n))
		}
		changes = slices.Clone(history)
	})
	return changes, nil
}

// Stays implements Store.
func (m *Memory) Stays(_ context.Context, from, until client.Unix) (mirror.Lengths, error) {
	lengths := mirror.Lengths{}
	m.lock.Read(func() {
		for _, history := range m.history {
			for _, stay := range history.Stays() {
				if stay.Until >= from && stay.Until < until {
					lengths[stay.Length]++
				}
			}
		}
	})
	return lengths, nil
}

// keep stores the ReportID of a row: the columns do not hold it.
func (m *Memory) keep(n uint32, row mirror.Row) {
	if row.ReportID != "" {
		m.reports[n] = row.ReportID
	} else {
		delete(m.reports, n)
	}
}

// row returns the whole row of a number.
func (m *Memory) row(n uint32) mirror.Row {
	row := m.columns.Row(n)
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
func (m *Memory) Commit(_ context.Context, epoch uint64, batch mirror.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.led || epoch != m.epoch {
		return mirror.ErrFenced
	}
	m.lock.Change(func() { m.record(batch) })
	m.progress = batch.Progress
	m.progress.Open = slices.Clone(m.progress.Open)
	for _, event := range batch.Events {
		m.handled[event.ID] = event.Created
	}
	oldest := m.progress.Tail - client.Unix(mirror.EventsKept/time.Second)
	maps.DeleteFunc(m.handled, func(_ string, created client.Unix) bool { return created < oldest })
	return nil
}

// record applies a batch to the rows.
func (m *Memory) record(batch mirror.Batch) {
	shows := m.take(batch.Sightings)
	for _, b := range batch.Began {
		n, ok := m.columns.Number(b.ID)
		if !ok {
			continue
		}
		if row, news := b.Update(m.row(n)); news {
			m.columns.Set(n, row)
			m.chronicle(row, m.history[row.ID].Dated(row))
			shows = true
		}
	}
	for _, c := range batch.Told {
		if n, ok := m.columns.Number(c.ID); ok {
			m.takeFailure(n, c)
			row, before := m.row(n), m.history[c.ID]
			m.chronicle(row, before.Tell(row, c))
			shows = shows || !slices.Equal(before, m.history[c.ID])
		}
	}
	for _, report := range batch.Reports {
		shows = m.takeReport(report) || shows
	}
	for _, id := range batch.Gone {
		if n, ok := m.columns.Number(id); ok {
			m.dropFacts(n)
			m.columns.Remove(n)
			delete(m.reports, n)
			shows = true
		}
	}
	if shows {
		m.changes.Notify()
	}
}

// Progress implements Store.
func (m *Memory) Progress(context.Context) (mirror.Progress, error) {
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

// Close implements Store: it ends the leadership. The rows stay for the next user
// of the store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.led = false
	return nil
}
