package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"time"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"idtop/client"
	"idtop/client/mirror"
)

var errClosed = errors.New("the mirror is closed")

func isBusy(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == codes.SQLITE_BUSY
}

// The limits of the table newest, which holds the newest rows.
const (
	newestKept = 400
	newestMost = 800
)

// changesKept is how many changes a process may be behind before it reads all rows
// anew.
const changesKept = 10_000

// stmt prepares a statement once. Guarded by mu, like everything below.
func (s *Store) stmt(query string) (*sql.Stmt, error) {
	if stmt, ok := s.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err == nil {
		s.stmts[query] = stmt
	}
	return stmt, err
}

// closeStmts closes the prepared statements.
func (s *Store) closeStmts() (err error) {
	for _, stmt := range s.stmts {
		err = errors.Join(err, stmt.Close())
	}
	return err
}

func (s *Store) exec(query string, args ...any) error {
	stmt, err := s.stmt(query)
	if err == nil {
		_, err = stmt.Exec(args...)
	}
	return err
}

// row is one that was asked for, or why it was not had.
type row struct {
	*sql.Row
	err error
}

func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.Row.Scan(dest...)
}

func (s *Store) queryRow(query string, args ...any) row {
	stmt, err := s.stmt(query)
	if err != nil {
		return row{err: err}
	}
	return row{Row: stmt.QueryRow(args...)}
}

// each calls do for every row; values are valid until it returns.
func (s *Store) each(query string, width int, do func(values []driver.Value) error, args ...any) error {
	stmt, err := s.stmt(query)
	if err != nil {
		return err
	}
	rows, err := stmt.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	values, scanned, targets := make([]driver.Value, width), make([]any, width), make([]any, width)
	for i := range scanned {
		targets[i] = &scanned[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i := range scanned {
			values[i] = scanned[i]
		}
		if err := do(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// eachText calls do for every text of a column.
func (s *Store) eachText(query string, do func(text string), args ...any) error {
	return s.each(query, 1, func(values []driver.Value) error {
		text, ok := values[0].(string)
		if !ok {
			return errDamaged
		}
		do(text)
		return nil
	}, args...)
}

// storedRow reads one row.
func (s *Store) storedRow(n uint32) (found stored, err error) {
	err = errDamaged
	missing := s.each(storedFields+"WHERE n = ?", storedWidth, func(values []driver.Value) error {
		found, err = decode(values, &s.kinds)
		return nil
	}, n)
	return found, errors.Join(missing, err)
}

// log notes a change for other processes.
func (t *transaction) log(n uint32, noticed time.Time) error {
	t.logged = true
	return t.exec("INSERT INTO changes (n, noticed) VALUES (?, ?)", n, millis(noticed))
}

// list adds a new row to newest if it is one of the newest. The first rows of all
// always are; every later one has to be newer than the oldest there, so that no
// newer row is missing.
func (t *transaction) list(n uint32, created client.Unix) error {
	if t.oldest < 0 {
		if err := t.queryRow("SELECT coalesce(min(created), 0) FROM newest").Scan(&t.oldest); err != nil {
			return err
		}
	}
	if n >= newestKept && int64(created) <= t.oldest {
		return nil
	}
	t.listed = true
	t.oldest = min(t.oldest, int64(created))
	return t.exec("INSERT INTO newest (n, created) VALUES (?, ?)", n, int64(created))
}

// countUnreadable is the key of Counts.Unreadable in the table counts: it is no
// state.
const countUnreadable = 255

// count notes that a row came or went.
func (t *transaction) count(row mirror.Row, by int) {
	t.counts.State[row.State] += by
	if row.Unreadable != "" {
		t.counts.Unreadable += by
	}
}

func (t *transaction) addCount(state, by int) error {
	if by == 0 {
		return nil
	}
	return t.exec(`INSERT INTO counts (state, rows) VALUES (?, ?)
		ON CONFLICT (state) DO UPDATE SET rows = rows + excluded.rows`, state, by)
}

// finish writes the transaction's changes in tables other than the rows'.
func (t *transaction) finish() error {
	if err := t.flush(); err != nil {
		return err
	}
	if err := t.writeStays(); err != nil {
		return err
	}
	for state, by := range t.counts.State {
		if err := t.addCount(state, by); err != nil {
			return err
		}
	}
	if err := t.addCount(countUnreadable, t.counts.Unreadable); err != nil {
		return err
	}
	if t.logged {
		if err := t.exec("DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ?", changesKept); err != nil {
			return err
		}
		if err := t.queryRow("SELECT max(seq) FROM changes").Scan(&t.seq); err != nil {
			return err
		}
	}
	if t.listed {
		var n int
		if err := t.queryRow("SELECT count(*) FROM newest").Scan(&n); err != nil || n <= newestMost {
			return err
		}
		return t.exec("DELETE FROM newest WHERE n NOT IN (SELECT n FROM newest ORDER BY created DESC LIMIT ?)", newestKept)
	}
	return nil
}

// note records the handled events and the Syncer's progress.
func (s *Store) note(events []mirror.EventMark, p mirror.Progress) error {
	for _, event := range events {
		if err := s.exec("INSERT OR REPLACE INTO events (id, created) VALUES (?, ?)", event.ID, int64(event.Created)); err != nil {
			return err
		}
	}
	if err := s.exec("DELETE FROM events WHERE created < ?", int64(p.Tail)-int64(mirror.EventsKept/time.Second)); err != nil {
		return err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.exec("UPDATE mirror SET progress = ?", string(text))
}

// Progress implements Store.
func (s *Store) Progress(ctx context.Context) (p mirror.Progress, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return p, err
	}
	var text []byte
	if err := s.queryRow("SELECT progress FROM mirror").Scan(&text); err != nil {
		return p, s.troubleOf(err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return mirror.Progress{}, s.troubleOf(errors.Join(errDamaged, err))
	}
	return p, nil
}

// Handled implements Store.
func (s *Store) Handled(ctx context.Context, ids []string) ([]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	handled := make([]bool, len(ids))
	for i, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.queryRow("SELECT EXISTS (SELECT 1 FROM events WHERE id = ?)", id).Scan(&handled[i]); err != nil {
			return nil, s.troubleOf(err)
		}
	}
	return handled, nil
}

// AddReads implements Store.
func (s *Store) AddReads(ctx context.Context, month string, n int64) (total int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.transaction(ctx, func() error {
		return s.queryRow(`INSERT INTO reads (month, n) VALUES (?, ?)
			ON CONFLICT (month) DO UPDATE SET n = n + excluded.n RETURNING n`, month, n).Scan(&total)
	})
	return total, err
}
