package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io/fs"
	"os"

	"idtop/client/mirror"
)

// newFile is the mirror that takes the place of the old one.
const newFile = "rebuilt.db"

// Rebuild empties a mirror, so that all sessions are read from Stripe anew. It keeps the
// histories, which nobody else has: lost tells that not all of them could be read. It
// refuses while any process has the mirror open. The lock files stay: a process that
// waits for one must not lock a file that has no name any more. Wherever it ends early, the
// mirror is the old one or the new one, whole.
func Rebuild(ctx context.Context, config Config) (lost bool, err error) {
	if _, err := os.Lstat(config.Dir); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	d, err := openDir(config.Dir)
	if err != nil {
		return false, err
	}
	defer d.Close()
	config.Dir = d.Path()
	lock, err := d.Lock(useFile)
	if err != nil {
		return false, troubleIn(config.Dir, err)
	}
	ok, err := lock.Try()
	if err != nil {
		return false, troubleIn(config.Dir, err)
	}
	if !ok {
		return false, inUse(config.Dir, "is open in another idtop")
	}
	err = d.Remove(append(beside(newFile), newFile)...)
	if err == nil {
		err = d.Prepare(newFile)
	}
	if err == nil {
		lost, err = salvage(ctx, config)
	}
	if err = cmp.Or(err, ctx.Err()); err == nil { // a log beside the new file would be taken for its own; the old file has all of it since it was closed
		err = d.Remove(append(beside(newFile), beside(dbFile)...)...)
	}
	if err = cmp.Or(err, ctx.Err()); err == nil {
		err = d.Replace(newFile, dbFile)
	}
	return lost, troubleIn(config.Dir, errors.Join(err, lock.Unlock()))
}

// salvage writes the new file, with the histories that the old one has.
func salvage(ctx context.Context, config Config) (lost bool, err error) {
	into, err := bare(ctx, config, newFile)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, into.shut()) }()
	if err := migrate(ctx, into.conn, migrations); err != nil {
		return false, err
	}
	if err := own(ctx, into.conn, config.Owner); err != nil {
		return false, err
	}
	from, err := bare(ctx, config, dbFile)
	if err != nil {
		return true, nil // the old file may be damaged in any way
	}
	defer from.shut()
	t := &transaction{Store: into}
	var failed error
	err = inTransaction(ctx, into.conn, func() error {
		var old error
		old, failed = t.copyHistories(from)
		lost = old != nil
		return failed
	})
	return lost, err
}

// copyHistories copies what the rows of another mirror and its table kept tell. old is
// why the other could not be read to its end.
func (t *transaction) copyHistories(from *Store) (old, err error) {
	var tables int
	if err := from.queryRow("SELECT count(*) FROM sqlite_schema WHERE name IN ('history', 'kept', 'codes', 'kinds', 'sessions')").Scan(&tables); err != nil {
		return err, nil
	}
	var owner mirror.Owner
	if err := from.queryRow("SELECT account, livemode FROM mirror").Scan(&owner.Account, &owner.Livemode); err != nil && tables > 0 {
		return err, nil
	}
	if tables < 5 || owner != t.config.Owner {
		return nil, nil // a mirror from before, or of another account
	}
	codes, old := from.readCodes()
	if old != nil {
		return old, nil
	}
	copy := func(id string, history mirror.History, read error) error {
		if old = errors.Join(old, read); read != nil || len(history) == 0 {
			return nil
		}
		bytes, failed := t.encodeHistory(history, base{id: id})
		if failed == nil {
			failed = t.exec("INSERT OR REPLACE INTO kept (id, changes) VALUES (?, ?)", id, bytes)
		}
		if failed == nil {
			failed = t.recount(nil, history)
		}
		err = errors.Join(err, failed)
		return failed
	}
	read := from.each("SELECT id, changes FROM kept", 2, func(v []driver.Value) error {
		id, _ := v[0].(string)
		bytes, _ := v[1].([]byte)
		history, failed := decodeHistory(bytes, base{id: id}, codes)
		return copy(id, history, failed)
	})
	if err != nil {
		return old, err
	}
	old = errors.Join(old, read, from.readKinds())
	read = from.each(`SELECT n, id, created, kind, since << 1 | rough, as_of, NULL, report, sent, NULL, changes
		FROM sessions LEFT JOIN history USING (n) WHERE id IS NOT NULL`, storedWidth+1, func(v []driver.Value) error {
		row, failed := decode(v[:storedWidth], &from.kinds)
		bytes, _ := v[storedWidth].([]byte)
		var history mirror.History
		if failed == nil {
			history, failed = decodeHistory(bytes, baseOf(row.Row), codes)
		}
		if history = history.Of(row.Row); row.Erased() {
			history = history.Erase()
		}
		if len(bytes) == 0 && row.ReadBack() {
			return nil // that is what Stripe shows again
		}
		return copy(row.ID, history, failed)
	})
	return errors.Join(old, read), cmp.Or(err, t.writeStays())
}

// bare opens a file of a mirror alone, for Rebuild.
func bare(ctx context.Context, config Config, file string) (*Store, error) {
	s := &Store{config: config, stmts: map[string]*sql.Stmt{}, kinds: newStoredKinds()}
	var err error
	if s.db, err = sql.Open("sqlite", s.source(file)); err != nil {
		return nil, err
	}
	if s.conn, err = s.connect(ctx); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// shut closes what bare opened.
func (s *Store) shut() error {
	return errors.Join(s.closeStmts(), s.conn.Close(), s.db.Close())
}
