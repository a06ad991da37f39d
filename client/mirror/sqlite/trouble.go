package sqlite

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"idtop/client/datadir"
	"idtop/client/mirror"
)

// troubleOf puts an error of SQLite or of the folder into words. It returns other
// errors, and those already in words, unchanged.
func (s *Store) troubleOf(err error) error { return troubleIn(s.config.Dir, err) }

func troubleIn(dir string, err error) error {
	var known *mirror.Trouble
	var failed *sqlite.Error
	var unusable *datadir.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.As(err, &failed):
		return sqliteTrouble(dir, failed)
	case errors.Is(err, errDamaged):
		return damaged(dir, err)
	case errors.Is(err, datadir.ErrReadOnly):
		return readOnly(dir, err)
	case errors.Is(err, datadir.ErrFull):
		return diskFull(dir, err)
	case errors.As(err, &unusable):
		return &mirror.Trouble{What: unusable.Error(), Way: unusable.Hint(), Err: err}
	}
	return err
}

func sqliteTrouble(dir string, err *sqlite.Error) error {
	switch err.Code() & 0xff {
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB, codes.SQLITE_MISMATCH:
		return damaged(dir, err)
	case codes.SQLITE_FULL:
		return diskFull(dir, err)
	case codes.SQLITE_READONLY, codes.SQLITE_CANTOPEN, codes.SQLITE_PERM:
		return readOnly(dir, err)
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return &mirror.Trouble{
			What: fmt.Sprintf("another program keeps the mirror in %s busy", dir),
			Way:  "close the other program that has mirror.db open, or wait until it is done",
			Err:  errors.Join(mirror.ErrInUse, err),
		}
	case codes.SQLITE_IOERR:
		switch err.Code() {
		case codes.SQLITE_IOERR_LOCK, codes.SQLITE_IOERR_RDLOCK:
			return troubleIn(dir, datadir.NoLocks(dir, err))
		case codes.SQLITE_IOERR_SHMSIZE: // the memory shared with other processes could not grow
			return diskFull(dir, err)
		}
		return &mirror.Trouble{
			What: fmt.Sprintf("the disk that holds the mirror in %s fails: %v", dir, err),
			Way:  "make sure that the disk has room and works; --data-dir names a folder on another one",
			Err:  err,
		}
	}
	return fmt.Errorf("the mirror in %s: %w", dir, err)
}

func damaged(dir string, err error) error {
	return &mirror.Trouble{
		What: fmt.Sprintf("the mirror in %s is damaged", dir),
		Way:  "idtop sync --rebuild reads everything from Stripe again, and keeps the histories that can be read",
		Err:  errors.Join(mirror.ErrDamaged, err),
	}
}

func diskFull(dir string, err error) error {
	return &mirror.Trouble{
		What: fmt.Sprintf("the disk is full: nothing can be written to the mirror in %s", dir),
		Way:  "make room: what was read before is kept, and reading goes on by itself or with the next start",
		Err:  errors.Join(datadir.ErrFull, err),
	}
}

func readOnly(dir string, err error) error {
	return &mirror.Trouble{
		What: fmt.Sprintf("the mirror in %s can't be written", dir),
		Way:  "make the folder and its files yours and writable, or name another folder with --data-dir",
		Err:  errors.Join(datadir.ErrReadOnly, err),
	}
}
