package ledger

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"idtop/client/datadir"
)

// Cause is the kind of a failure of the ledger; each kind has its next step.
type Cause uint8

// The causes.
const (
	CauseDisk    Cause = iota // reading or writing failed
	CauseFull                 // no space is left, or a limit is reached
	CauseDenied               // the files may not be written
	CauseGone                 // the folder or a file was removed or replaced
	CauseUnsafe               // the files may belong to somebody else: a link, a wrong owner, open to others
	CauseBusy                 // another process keeps the lock
	CauseDamaged              // written data has been changed or cut off
	CauseNewer                // a newer idtop has written to it
	CauseInvalid              // the record lacks a required member
	CauseClosed               // the book is closed, or there is none
	causeCount
)

var causes = [causeCount]struct{ what, hint string }{
	CauseDisk:    {"reading or writing it failed", "check the disk; nothing is done meanwhile"},
	CauseFull:    {"there is no space left for it", "free some space; nothing is done meanwhile"},
	CauseDenied:  {"it can't be written", "check who may write to the data folder, and that its disk is not read-only"},
	CauseGone:    {"it was removed or replaced while in use", "put the folder back as it was, then start idtop again"},
	CauseUnsafe:  {"its files can't be trusted", "the data folder must be yours, not open to others, and hold no links"},
	CauseBusy:    {"another idtop keeps it locked", "look for an idtop that hangs or is stopped, and end it"},
	CauseDamaged: {"records have been changed or cut off", "run `idtop ledger verify`; then restore the files, or move them all away to begin a new ledger"},
	CauseNewer:   {"a newer version of idtop has written to it", "use that version, here and on every machine that shares the folder"},
	CauseInvalid: {"the record is not complete", "this is a mistake in idtop: please report it"},
	CauseClosed:  {"it is not open", "start idtop again"},
}

// Error is the error of all functions here except Verify and Records. After one
// from Intend the action must not happen.
type Error struct {
	Cause Cause
	Path  string // the file or folder, or ""
	Err   error  // what happened, or nil; a *Fault names a line
}

// Error is the failed operation, its object and the cause.
func (e *Error) Error() string {
	what := "the ledger"
	if e.Path != "" {
		what += " " + e.Path
	}
	what += ": " + causes[min(e.Cause, causeCount-1)].what
	var inPath *fs.PathError
	var ofFile *datadir.Error
	switch {
	case errors.As(e.Err, &ofFile):
		if ofFile.Err != datadir.ErrBusy && ofFile.Err != datadir.ErrGone { // the cause has said it
			what += ": " + ofFile.Why
		}
	case errors.As(e.Err, &inPath):
		what += ": " + inPath.Err.Error()
	case e.Err != nil:
		what += ": " + e.Err.Error()
	}
	return what
}

// Hint names the operator's next step.
func (e *Error) Hint() string {
	var ofFile *datadir.Error
	if errors.As(e.Err, &ofFile) && (e.Cause == CauseUnsafe || errors.Is(ofFile, datadir.ErrNoLocks)) {
		return ofFile.Hint()
	}
	return causes[min(e.Cause, causeCount-1)].hint
}

// Unwrap returns what happened.
func (e *Error) Unwrap() error { return e.Err }

// CauseOf returns the cause of an error of this package, CauseDisk for others.
func CauseOf(err error) Cause {
	var e *Error
	if errors.As(err, &e) {
		return e.Cause
	}
	return CauseDisk
}

// diskError types an error about a file, of the system or of package datadir.
func diskError(path string, err error) *Error {
	var typed *Error
	if errors.As(err, &typed) {
		return typed
	}
	cause, ofDatabase := sqliteCause(err)
	var ofFile *datadir.Error
	if errors.As(err, &ofFile) {
		path = ofFile.Path
	}
	switch {
	case ofDatabase:
	case errors.Is(err, datadir.ErrUnsafe), errors.Is(err, datadir.ErrOtherOwner), errors.Is(err, datadir.ErrOthersWrite):
		cause = CauseUnsafe
	case datadir.IsFull(err):
		cause = CauseFull
	case errors.Is(err, datadir.ErrBusy):
		cause = CauseBusy
	case errors.Is(err, datadir.ErrGone), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		cause = CauseGone
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		cause = CauseDenied
	case errors.Is(err, os.ErrClosed), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		cause = CauseClosed
	}
	return &Error{Cause: cause, Path: path, Err: err}
}
