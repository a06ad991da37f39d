package datadir

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Lock is a lock among processes: a file of a Dir that the operating system
// locks for one process, or for several that share it. It ends with the process,
// however that ends. The file stays, so that a waiting process does not lock a file
// that has no name any more.
type Lock struct {
	dir   *Dir
	name  string
	flock *flock.Flock
}

// poll is how often to ask for a lock that is waited for; it is mostly held for
// milliseconds.
const poll = time.Millisecond

// Lock prepares a lock, and its file if need be, and takes nothing yet.
func (d *Dir) Lock(name string) (*Lock, error) {
	if err := d.Prepare(name); err != nil {
		return nil, err
	}
	return &Lock{d, name, flock.New(d.Join(name), flock.SetFlag(os.O_RDWR|noFollow))}, nil
}

// Path returns the path of the file.
func (l *Lock) Path() string { return l.flock.Path() }

// Try takes the lock unless another holds or shares it. To take it once more is
// all right.
func (l *Lock) Try() (bool, error) { return l.taken(l.flock.TryLock()) }

// TryShared takes the lock together with others unless one holds it alone.
func (l *Lock) TryShared() (bool, error) { return l.taken(l.flock.TryRLock()) }

// Wait takes the lock, and fails with ErrBusy when another keeps it for longer
// than the patience.
func (l *Lock) Wait(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ok, err := l.flock.TryLockContext(ctx, poll)
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{l.Path(), ErrBusy.Error(), ErrBusy, "look for an idtop that hangs or is stopped, and end it"}
	}
	_, err = l.taken(ok, err)
	return err
}

// taken lets go of a lock whose file is not the one that the path leads to: others
// would lock another one.
func (l *Lock) taken(ok bool, err error) (bool, error) {
	if err != nil {
		return false, lockFailed(l.Path(), err)
	}
	if !ok {
		return false, nil
	}
	info, err := l.flock.Stat()
	if err == nil {
		err = l.dir.Same(info, l.name)
	}
	if err != nil {
		_ = l.flock.Unlock()
		return false, failed(l.Path(), err)
	}
	return true, nil
}

// Unlock lets go of the lock; the next Try opens the file anew.
func (l *Lock) Unlock() error { return failed(l.Path(), l.flock.Unlock()) }
