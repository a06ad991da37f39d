package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Erasing must leave no byte of a user_id, a reference, a customer or a kept
// metadata value in any file. SQLite's secure_delete overwrites the bytes that a
// DELETE or an UPDATE frees, but not the copies left behind when a row moves: when
// a leaf of a tree is split or merged with its neighbours, the cells are copied to
// other pages, and the old places become free space that nothing overwrites. Of
// 1,000 erased values in 20,000 rows, two could still be read with every setting.
// VACUUM removes those too, by rewriting the whole file, which takes seconds at a
// million rows.
//
// So the values that name a person are kept where SQLite never moves them. That
// rests on four facts of its B-tree (btree.c):
//
//  1. A row with an INTEGER PRIMARY KEY above all others goes to the end of the
//     last leaf. When that is full, balance_quick makes a new, empty leaf for it
//     and leaves the full one alone. Only balance_nonroot moves cells between
//     leaves, and nothing but an insert in the middle, a delete, or a row that
//     changes its size gets it to a leaf. (In the nodes above the leaves, which
//     it does split, there are numbers only. balance_deeper, which the first full
//     page of a table goes through, copies that page and zeroes the old one when
//     secure_delete is on.)
//  2. An UPDATE to a record of the same size is written over the old one in
//     place, on overflow pages too (btreeOverwriteCell). A blob of zeros of the
//     same length has a record of the same size.
//  3. A page's old images in the write-ahead log, also those that a transaction
//     spilled there and rolled back, are gone when a checkpoint has truncated
//     the log to nothing. It can't while a reader still needs them.
//  4. With temp_store=memory there are no temporary files, and in WAL mode there
//     is no rollback journal.
//
// Hence the table people: rows are added at its end and never deleted. Erasing
// overwrites facts with zeros; a changed value is erased and added again at the
// end. No other table holds anything that names a person, so all other tables may
// be changed freely. After a transaction that erased comes a checkpoint. The
// transaction raises mirror.owed, which stays raised until the checkpoint has
// succeeded: every process with the mirror open tries it, a little later or at
// Close, and so does the next one that opens the mirror. The log of a process that
// died, or of a transaction that failed, may hold rows that were never committed
// and that no table names: it is emptied too.

// scrubAgain is how soon a checkpoint that a reader held up is tried again, and
// scrubPatience how long it waits for the reader.
const (
	scrubAgain    = time.Second
	scrubPatience = 100 * time.Millisecond
)

// rename gives a session's person other facts and erases the old ones. It returns
// the new number of the person, 0 when there are no facts.
func (t *transaction) rename(person int64, facts []byte) (int64, error) {
	if person != 0 {
		if err := t.erase(person); err != nil {
			return 0, err
		}
	}
	if facts == nil {
		return 0, nil
	}
	return t.addPerson(facts)
}

// owe notes that the transaction erases something.
func (t *transaction) owe() error {
	if t.erased {
		return nil
	}
	t.erased = true
	return t.exec("UPDATE mirror SET owed = owed + 1")
}

func (t *transaction) erase(person int64) error {
	if err := t.owe(); err != nil {
		return err
	}
	if err := t.flush(); err != nil { // the person may be a new one
		return err
	}
	return t.exec("UPDATE people SET facts = zeroblob(length(facts)) WHERE person = ?", person)
}

// scrub empties the write-ahead log if an erasure is owed, and tells whether none
// is owed any more. A failure is tried again later: the debt is in the file.
// Guarded by mu.
func (s *Store) scrub(ctx context.Context) (done bool) {
	ctx = context.WithoutCancel(ctx)
	var owed int64
	if err := s.queryRow("SELECT owed FROM mirror").Scan(&owed); err != nil || owed == 0 && !s.spilled {
		return err == nil
	}
	var busy, pages, moved int
	s.conn.ExecContext(ctx, pragmaTimeout(scrubPatience))
	err := s.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	s.conn.ExecContext(ctx, pragmaTimeout(writePatience))
	if err != nil || busy != 0 {
		return false
	}
	s.spilled = false
	// Another process may have erased in between: then its erasure is still owed.
	return owed == 0 || s.exec("UPDATE mirror SET owed = 0 WHERE owed = ?", owed) == nil
}

func pragmaTimeout(d time.Duration) string {
	return fmt.Sprintf("PRAGMA busy_timeout = %d", d.Milliseconds())
}

// forgetMetadata erases metadata that an earlier configuration kept and this one
// does not. Guarded by mu.
func (s *Store) forgetMetadata(ctx context.Context) error {
	var had string
	if err := s.queryRow("SELECT metadata FROM mirror").Scan(&had); err != nil {
		return err
	}
	now := slices.Sorted(slices.Values(s.config.Metadata))
	kept := strings.FieldsFunc(had, func(r rune) bool { return r == '\n' })
	if slices.Equal(kept, now) {
		return nil
	}
	t := &transaction{Store: s}
	err := s.transaction(ctx, func() error {
		if slices.ContainsFunc(kept, func(key string) bool { return !slices.Contains(now, key) }) {
			if err := errors.Join(t.trim(), t.flush()); err != nil {
				return err
			}
		}
		return s.exec("UPDATE mirror SET metadata = ?", strings.Join(now, "\n"))
	})
	return err
}

// trim replaces every person with metadata that this configuration does not keep.
func (t *transaction) trim() error {
	var all []stored
	err := t.each("SELECT n, person, facts FROM sessions JOIN people USING (person)", 3, func(v []driver.Value) error {
		n, _ := v[0].(int64)
		person, _ := v[1].(int64)
		facts, _ := v[2].([]byte)
		s := stored{n: uint32(n), person: person}
		if !s.setFacts(facts) {
			return errDamaged
		}
		for key := range s.metadata {
			if !slices.Contains(t.config.Metadata, key) {
				all = append(all, s)
				break
			}
		}
		return nil
	})
	for _, s := range all {
		if err != nil {
			return err
		}
		var person any
		facts := factsOf(s.Row, s.metadata, t.config.Metadata)
		if person, err = t.rename(s.person, facts); err != nil {
			return err
		}
		if facts == nil {
			person = nil
		}
		err = t.exec("UPDATE sessions SET person = ? WHERE n = ?", person, s.n)
	}
	return err
}
