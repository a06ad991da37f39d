package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// The kinds of an Error, for errors.Is.
var (
	ErrUnsafe   = errors.New("somebody else may change it")
	ErrReadOnly = errors.New("it can't be written")
	ErrFull     = errors.New("the disk is full")
	ErrGone     = errors.New("it was removed or replaced while in use")
	ErrBusy     = errors.New("another process keeps it locked")
	ErrNoLocks  = errors.New("its file system gives no locks")
)

// Error says why a folder or a file can't be used. It wraps one of the kinds above,
// if one fits, and the system's own error, such as fs.ErrNotExist.
type Error struct {
	Path string
	Why  string // the fault of the path, such as "it belongs to another user"
	Err  error

	hint string
}

// Error names the path and the reason.
func (e *Error) Error() string { return e.Path + ": " + e.Why }

// Hint is the way out, "" if none is known.
func (e *Error) Hint() string { return e.hint }

// Unwrap returns the kind and the system's error.
func (e *Error) Unwrap() error { return e.Err }

func unsafe(path, why, hint string) error { return &Error{path, why, ErrUnsafe, hint} }

// The ways out shared by several errors.
const (
	hintOther    = "name another folder with --data-dir"
	hintWritable = "name a folder that you may write to with --data-dir"
	hintMoveAway = "move it away, or name another folder with --data-dir"
	hintLocal    = "keep it on a local disk: name a folder there with --data-dir"
)

// failed makes an Error of the system's error about a path.
func failed(path string, err error) error {
	var typed *Error
	if err == nil || errors.As(err, &typed) {
		return err
	}
	kind, hint := error(nil), hintOther
	switch {
	case IsFull(err):
		kind, hint = ErrFull, "make room there, or name another folder with --data-dir"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		kind, hint = ErrReadOnly, hintWritable
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, os.ErrClosed):
		kind, hint = ErrGone, hintWritable
	}
	return &Error{path, Cause(err).Error(), errors.Join(kind, err), hint}
}

// lockFailed makes an Error of the system's error about a lock.
func lockFailed(path string, err error) error {
	if errors.Is(err, syscall.ENOLCK) || errors.Is(err, errors.ErrUnsupported) {
		return NoLocks(path, err)
	}
	return failed(path, err)
}

// NoLocks is the error when files can't be locked, mostly on a network file system:
// there two programs could write at the same time. It names the file system of the
// path if that is a known one.
func NoLocks(path string, err error) error {
	kind := ""
	if name := fileSystemOf(path); name != "" {
		kind = ", " + name + ","
	}
	return &Error{path, fmt.Sprintf("its file system%s gives no locks: %v", kind, Cause(err)), errors.Join(ErrNoLocks, err), hintLocal}
}

// Cause is an error of the file system without the operation and the path.
func Cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	var call *os.SyscallError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &call):
		return call.Err
	}
	return err
}
