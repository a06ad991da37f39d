package datadir

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Lock is a lock among processes: the operating system locks a file of a Dir for
// one process, or for several that share it. The lock ends with its process,
// however that ends. The file stays, so that a waiting process does not lock a file
// without a name.
type Lock struct {
	dir   *Dir
	name  string
	flock *flock.Flock
}

// poll is how often a waiting process asks for a lock; locks are mostly held for
// milliseconds.
const poll = time.Millisecond

// Lock prepares a lock, with its file if need be, without taking it.
func (d *Dir) Lock(name string) (*Lock, error) {
	if err := d.Prepare(name); err != nil {
		return nil, err
	}
	return &Lock{d, name, flock.New(d.Join(name), flock.SetFlag(os.O_RDWR|noFollow))}, nil
}

// Path returns the path of the file.
func (l *Lock) Path() string { return l.flock.Path() }

// Try takes the lock unless another process holds or shares it. Taking it again is
// harmless.
func (l *Lock) Try() (bool, error) { return l.taken(l.flock.TryLock()) }

// TryShared takes the lock together with others, unless a process holds it alone.
func (l *Lock) TryShared() (bool, error) { return l.taken(l.flock.TryRLock()) }

// Wait takes the lock, and fails with ErrBusy when another process keeps it for
// longer than patience.
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

// taken releases a lock if its file is no longer the one at the path: other
// processes would lock another file.
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

// Unlock releases the lock; the next Try opens the file anew.
func (l *Lock) Unlock() error { return failed(l.Path(), l.flock.Unlock()) }
