package sqlite

import (
	"context"
	"maps"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// Apply implements Store.
func (s *Store) Apply(ctx context.Context, seen mirror.Origin, sessions ...client.Session) error {
	return s.write(ctx, func(t *transaction) error {
		for _, session := range sessions {
			if err := t.take(mirror.Sighting{Origin: seen, Session: session}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Commit implements Store.
func (s *Store) Commit(ctx context.Context, epoch uint64, batch mirror.Batch) error {
	return s.write(ctx, func(t *transaction) error {
		if err := s.leads(epoch); err != nil {
			return err
		}
		for _, sighting := range batch.Sightings {
			if err := t.take(sighting); err != nil {
				return err
			}
		}
		for _, b := range batch.Began {
			if err := t.began(b); err != nil {
				return err
			}
		}
		for _, c := range batch.Told {
			if err := t.tell(c); err != nil {
				return err
			}
		}
		for _, report := range batch.Reports {
			if err := t.takeReport(report); err != nil {
				return err
			}
		}
		for _, id := range batch.Gone {
			if err := t.drop(id); err != nil {
				return err
			}
		}
		return s.note(batch.Events, batch.Progress)
	})
}

// transaction is a transaction that changes rows. The columns change when it is
// committed.
type transaction struct {
	*Store
	added  map[string]uint32    // ids of the rows it added
	news   map[uint32]time.Time // Row.Changed of the rows it changed
	steps  []step
	next   uint32 // the number of the next new row
	seq    int64  // the number of the last change
	adding adding
	counts mirror.Counts
	oldest int64            // a row is one of the newest if its created is above this
	listed bool             // rows were added to newest
	logged bool             // changes were noted
	codes  []string         // the codes of changes, once they are read
	asked  bool             // it is known whether keeps
	keeps  bool             // sessions without a row have a history
	stays  map[int64][]byte // the values in the table stays that it changes, by the hour

	attempts uint32 // the number of the next new attempt
	looked   bool   // it is known whether awaited
	awaited  bool   // reports wait for sessions without a row

	erased bool // a value that names a person was overwritten
	shows  bool
}

// step is one change of the columns.
type step struct {
	n    uint32
	row  mirror.Row
	gone bool

	metadata map[string]string // of the row, as far as it is kept

	attempt *attempt // of the row, which stays as it is
}

// write runs a transaction that changes rows, and then changes the columns and
// signals all subscribers. It waits until all rows are loaded, because only the
// columns find a row by its id.
func (s *Store) write(ctx context.Context, do func(*transaction) error) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &transaction{Store: s, oldest: -1}
	known, knownReports := len(s.kinds.all), len(s.reportKinds.all)
	err := s.transaction(ctx, func() error {
		if err := s.catchUp(ctx); err != nil {
			return err
		}
		known, knownReports = len(s.kinds.all), len(s.reportKinds.all)
		t.next, t.attempts = s.at.next, s.at.attempts
		if err := do(t); err != nil {
			return err
		}
		return t.finish()
	})
	if err != nil {
		s.kinds.cut(known)
		s.reportKinds.cut(knownReports)
		s.spilled = s.spilled || t.next > s.at.next || t.attempts > s.at.attempts || t.erased
		return err
	}
	s.at.next, s.at.attempts = t.next, t.attempts
	if t.logged {
		s.at.seq = t.seq
	}
	if len(t.steps) > 0 {
		s.lock.Change(func() { s.take(t.steps) })
	}
	if t.shows {
		s.changes.Notify()
	}
	if t.erased {
		s.scrub(ctx)
	}
	return nil
}

// transaction runs do in a transaction of the writing connection, which mu guards.
// A transaction that has begun is finished even when ctx ends: it takes
// milliseconds, and the caller learns for certain whether it took place.
func (s *Store) transaction(ctx context.Context, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.closed {
		return errClosed
	}
	return s.troubleOf(inTransaction(context.WithoutCancel(ctx), s.conn, do))
}

// take records one sighting.
func (t *transaction) take(s mirror.Sighting) error {
	if s.Session.ID == "" {
		return nil
	}
	n, known := t.number(s.Session.ID)
	if !known {
		return t.add(s)
	}
	before, err := t.stored(n)
	if err != nil {
		return err
	}
	row, took, shows := s.Update(before.Row, before.sent)
	if !took {
		return nil
	}
	row, dated, err := t.dateByReport(n, row)
	if err != nil {
		return err
	}
	if row.Erased() && !before.Erased() {
		if err := t.eraseReports(n); err != nil {
			return err
		}
	}
	metadata := t.keptOf(s.Session, row)
	if row.Unreadable != "" {
		metadata = before.metadata
	}
	person := before.person
	if row.UserID != before.UserID || row.Reference != before.Reference || row.Customer != before.Customer ||
		!maps.Equal(metadata, before.metadata) {
		if person, err = t.rename(before.person, factsOf(row, metadata, t.config.Metadata)); err != nil {
			return err
		}
	}
	if shows {
		if err := t.see(n, before.Row, row, s.Origin); err != nil {
			return err
		}
	}
	if dated {
		if err := t.dated(n, row); err != nil {
			return err
		}
	}
	before.metadata = metadata
	return t.set(n, before, row, s.Sent, person, shows)
}

// add records a new session.
func (t *transaction) add(s mirror.Sighting) error {
	was, err := t.takeBack(s.Session.ID)
	if err != nil {
		return err
	}
	n := t.next
	row := was.Date(s.Row())
	rough := row.Rough
	waiting, err := t.takeWaiting(n, &row)
	if err != nil {
		return err
	}
	metadata := t.keptOf(s.Session, row)
	person, err := t.rename(0, factsOf(row, metadata, t.config.Metadata))
	if err != nil {
		return err
	}
	if err := t.addSession(n, row, s.Sent, person); err != nil {
		return err
	}
	history := was.See(mirror.Row{}, row, s.Origin)
	if rough && !row.Rough {
		history = history.Dated(row)
	}
	if err := t.chronicle(n, row, was, history); err != nil {
		return err
	}
	t.next++
	if t.added == nil {
		t.added = map[string]uint32{}
	}
	t.added[row.ID] = n
	t.count(row, +1)
	t.shows = true
	if err := t.list(n, row.Created); err != nil {
		return err
	}
	if !row.Changed.IsZero() {
		if err := t.log(n, row.Changed); err != nil {
			return err
		}
	}
	t.step(step{n: n, row: row, metadata: metadata})
	for _, a := range waiting {
		if err := t.give(a.number, a); err != nil {
			return err
		}
	}
	return nil
}

// set replaces a row; it has the metadata of before.
func (t *transaction) set(n uint32, before stored, row mirror.Row, sent time.Time, person int64, shows bool) error {
	values, err := t.values(row, sent, person)
	if err != nil {
		return err
	}
	if err := t.exec(`UPDATE sessions SET kind = ?, report = ?, since = ?, rough = ?, as_of = ?, sent = ?, person = ? WHERE n = ?`,
		append(values[:], n)...); err != nil {
		return err
	}
	noticed := time.Time{}
	if row.Changed != before.Changed {
		noticed = row.Changed
	}
	if err := t.log(n, noticed); err != nil {
		return err
	}
	t.count(before.Row, -1)
	t.count(row, +1)
	t.shows = t.shows || shows
	t.step(step{n: n, row: row, metadata: before.metadata})
	return nil
}

// began records when a session came to its present state.
func (t *transaction) began(b mirror.Beginning) error {
	n, known := t.number(b.ID)
	if !known {
		return nil
	}
	before, err := t.stored(n)
	if err != nil {
		return err
	}
	row, news := b.Update(before.Row)
	if !news {
		return nil
	}
	if err := t.dated(n, row); err != nil {
		return err
	}
	return t.set(n, before, row, before.sent, before.person, true)
}

// drop empties the row of a session that is gone.
func (t *transaction) drop(id string) error {
	n, known := t.number(id)
	if !known {
		return nil
	}
	before, err := t.stored(n)
	if err != nil || before.gone {
		return err
	}
	if err := t.retain(before); err != nil {
		return err
	}
	if err := t.dropReports(n); err != nil {
		return err
	}
	if _, err := t.rename(before.person, nil); err != nil {
		return err
	}
	if err := t.exec(`UPDATE sessions SET id = NULL, created = 0, report = NULL, since = NULL, sent = NULL, person = NULL
		WHERE n = ?`, n); err != nil {
		return err
	}
	if err := t.exec("DELETE FROM newest WHERE n = ?", n); err != nil {
		return err
	}
	if err := t.log(n, time.Time{}); err != nil {
		return err
	}
	if t.added[id] == n {
		delete(t.added, id)
	}
	t.count(before.Row, -1)
	t.shows = true
	t.step(step{n: n, gone: true})
	return nil
}

// number finds a row by its id, including rows that this transaction added.
func (t *transaction) number(id string) (n uint32, known bool) {
	if n, known = t.added[id]; known {
		return n, true
	}
	return t.columns.Number(id)
}

// stored reads a row as this transaction sees it.
func (t *transaction) stored(n uint32) (stored, error) {
	if err := t.flush(); err != nil {
		return stored{}, err
	}
	before, err := t.storedRow(n)
	if err != nil {
		return before, err
	}
	changed, ok := t.news[n]
	if !ok && n < t.at.next && t.columns.Known(n) {
		changed = t.columns.Row(n).Changed
	}
	before.Changed = changed
	return before, nil
}

func (t *transaction) step(change step) {
	if t.news == nil {
		t.news = map[uint32]time.Time{}
	}
	t.news[change.n] = change.row.Changed
	t.steps = append(t.steps, change)
}

// take makes the committed changes in the columns.
func (s *Store) take(steps []step) {
	for _, change := range steps {
		switch known := change.n < s.columns.Given(); {
		case change.attempt != nil:
			putAttempt(s.columns, *change.attempt)
		case known && change.gone:
			s.columns.Remove(change.n)
		case known:
			s.columns.Set(change.n, change.row)
			s.columns.SetMetadata(change.n, change.metadata)
		case change.gone:
			s.columns.Skip()
		default:
			s.columns.SetMetadata(s.columns.Append(change.row), change.metadata)
		}
	}
}
