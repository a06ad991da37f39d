package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
)

// watch follows the writes of other processes, and makes up owed erasures.
func (s *Store) watch(ctx context.Context) {
	every := s.config.Watch
	if every < 0 || s.wait(ctx) != nil {
		return
	}
	if every == 0 {
		every = DefaultWatch
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var scrubbed time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			s.follow(ctx)
			if now.Sub(scrubbed) >= scrubAgain {
				scrubbed = now
				s.pay(ctx)
			}
		}
	}
}

// pay empties the log if an erasure still owes that. The debt may be another
// process's: that process may have ended.
func (s *Store) pay(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scrub(ctx)
}

// follow checks whether another process wrote. A check that fails is repeated at
// the next tick; a file that can't be read shows in the next answer.
func (s *Store) follow(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version, err := s.version(); err != nil || version == s.seen {
		return
	}
	s.readOnly(func() error { return s.catchUp(ctx) })
}

// version is a number that changes when another connection has committed.
func (s *Store) version() (version int64, err error) {
	err = s.queryRow("PRAGMA data_version").Scan(&version)
	return version, err
}

// readOnly runs do in a transaction that reads one version of the files.
func (s *Store) readOnly(do func() error) error {
	if err := s.exec("BEGIN"); err != nil {
		return err
	}
	return errors.Join(do(), s.exec("COMMIT"))
}

// catchUp brings the columns to the state of the files in the present transaction,
// and signals all subscribers when a change is visible. It reads the new rows and
// the rows named in the table changes; when it is too far behind for that, it reads
// all rows. Guarded by mu.
func (s *Store) catchUp(ctx context.Context) error {
	version, err := s.version()
	if err != nil || version == s.seen {
		return err
	}
	var oldest, newest int64
	var next, nextAttempt uint32
	if err := s.queryRow(`SELECT (SELECT coalesce(min(seq), 0) FROM changes), (SELECT coalesce(max(seq), 0) FROM changes),
		(SELECT coalesce(max(n) + 1, 0) FROM sessions), (SELECT coalesce(max(a) + 1, 0) FROM attempts)`).Scan(&oldest, &newest, &next, &nextAttempt); err != nil {
		return err
	}
	if oldest > s.at.seq+1 {
		return s.readAnew(ctx)
	}
	if err := s.readKinds(); err != nil {
		return err
	}
	steps, shows, err := s.news()
	if err != nil {
		return err
	}
	attempts, err := s.attemptNews()
	if err != nil {
		return err
	}
	steps, shows = append(steps, attempts...), shows || len(attempts) > 0
	if len(steps) > 0 {
		s.lock.Change(func() { s.take(steps) })
	}
	s.at, s.seen = position{next: next, seq: newest, attempts: nextAttempt}, version
	if shows {
		s.changes.Notify()
	}
	return nil
}

// readAnew reads everything, and then the rows that came meanwhile. In a writing
// transaction none can come; in a reading one, the next tick finds them.
func (s *Store) readAnew(ctx context.Context) error {
	columns, at, err := s.readAll(ctx)
	if err != nil {
		return err
	}
	s.show(columns, at)
	s.changes.Notify()
	return s.readKinds()
}

// news reads the rows that other processes added and changed since s.at.
func (s *Store) news() (steps []step, shows bool, err error) {
	noticed := map[uint32]time.Time{}
	err = s.each("SELECT n, noticed FROM changes WHERE seq > ? ORDER BY seq", 2, func(v []driver.Value) error {
		n, _ := v[0].(int64)
		last := noticed[uint32(n)]
		if at, ok := v[1].(int64); ok {
			last = time.UnixMilli(at)
		}
		noticed[uint32(n)] = last
		return nil
	}, s.at.seq)
	if err != nil {
		return nil, false, err
	}
	for n, at := range noticed {
		if n >= s.at.next {
			continue
		}
		row, err := s.storedRow(n)
		if err != nil {
			return nil, false, err
		}
		change, differs, ok := s.changeOf(row, at)
		if ok {
			steps, shows = append(steps, change), shows || differs
		}
	}
	err = s.each(storedFields+"WHERE n >= ? ORDER BY n", storedWidth, func(values []driver.Value) error {
		row, err := decode(values, &s.kinds)
		row.Changed = noticed[row.n]
		steps, shows = append(steps, step{n: row.n, row: row.Row, metadata: row.metadata, gone: row.gone}), true
		return err
	}, s.at.next)
	return steps, shows, err
}

// changeOf returns the change of a known row, and whether it is visible; ok is
// false when the row is already gone.
func (s *Store) changeOf(row stored, noticed time.Time) (change step, shows, ok bool) {
	if !s.columns.Known(row.n) {
		return step{}, false, false
	}
	if row.gone {
		return step{n: row.n, gone: true}, true, true
	}
	known := s.columns.Row(row.n)
	if row.Changed = known.Changed; !noticed.IsZero() {
		row.Changed = noticed
	}
	was, is := known, row.Row
	was.ReportID = is.ReportID // the columns do not hold it
	shows = !was.SameAs(is) || !was.Since.Equal(is.Since) || was.Rough != is.Rough || !was.Changed.Equal(is.Changed)
	return step{n: row.n, row: row.Row, metadata: row.metadata}, shows, true
}
