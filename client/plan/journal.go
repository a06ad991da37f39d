package plan

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"idtop/client"
	"idtop/client/ledger"
)

// lockFile is the lock for carrying out jobs, in the book's folder.
const lockFile = "jobs.lock"

// Errors of a journal.
var (
	// ErrBusy says that a job can't begin: another process carries out jobs.
	ErrBusy = errors.New("another idtop on this machine carries out a job now: wait until it has finished, or act there")
	// ErrFenced says that nothing is recorded: another process has taken over.
	ErrFenced = errors.New("another idtop has taken over the jobs: this one sends nothing any more")
)

// Journal is the jobs in a book. Its records survive a crash of the program and of
// the machine. It holds ids of sessions, states and the words of the operator, and
// nothing about the persons. It is safe for concurrent use, and several processes
// may have one book open; writers take turns. Runners of one process share one
// Journal.
type Journal struct {
	book *ledger.Book
	lock *flock.Flock
	owns bool // the book was opened for this journal alone

	following sync.Mutex    // held while a follower has an item in hand
	nudge     chan struct{} // signaled when there is something new to follow

	// Shared by all Runners of this process.
	mu      sync.Mutex
	lease   *lease
	holders int                      // of the lease
	runs    map[int64]*Run           // by job
	inHand  map[string]chan struct{} // the sessions in the hands of an errand; closed when it leaves them

	// halt is called before and after each commit. Tests end the program there: an
	// error acts like a crash at that point.
	halt func(point string, committed bool) error
}

// JournalOf returns the journal of an open book.
func JournalOf(book *ledger.Book) (*Journal, error) {
	j := &Journal{book: book, lock: flock.New(filepath.Join(book.Dir(), lockFile), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600)), nudge: make(chan struct{}, 1), runs: map[int64]*Run{}, inHand: map[string]chan struct{}{}}
	if info, err := os.Lstat(j.lock.Path()); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is a link or something else than expected: move it away", j.lock.Path())
	}
	return j, book.Prepare(latestEpoch, updateItem, countsOf, itemsOf, oneItem, dueItems, nextDue)
}

// OpenJournal opens the book in a folder for its jobs alone.
func OpenJournal(dir string, o ledger.Options) (*Journal, error) {
	book, err := ledger.Open(dir, o)
	if err != nil {
		return nil, err
	}
	j, err := JournalOf(book)
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	j.owns = true
	return j, nil
}

// latestEpoch reads the epoch of the last process that took over the jobs.
const latestEpoch = "SELECT epoch FROM runner"

func (j *Journal) broken(what string, err error) error {
	var failed *ledger.Error
	if errors.As(err, &failed) {
		return err
	}
	return fmt.Errorf("the jobs of the book in %s can't be %s: %w", j.book.Dir(), what, err)
}

// Busy tells whether a process carries out jobs of this journal now.
func (j *Journal) Busy() bool {
	lock := flock.New(j.lock.Path(), flock.SetPermissions(0o600))
	defer lock.Close()
	free, err := lock.TryLock()
	return err == nil && !free
}

// Close releases the lock, and closes a book that was opened for the jobs alone.
// Nothing may be called after it.
func (j *Journal) Close() error {
	err := j.lock.Close()
	if j.owns {
		err = errors.Join(err, j.book.Close())
	}
	return err
}

// lease is the right of one process to write to the journal. Its first write gives
// the journal a new epoch, unless another process has done so since the lease was
// taken.
type lease struct {
	j     *Journal
	found int64 // the epoch when it was taken
	epoch int64 // the epoch that it gave; 0 before the first write
	over  atomic.Bool
}

// take takes the right to write, or fails with ErrBusy.
func (j *Journal) take() (*lease, error) {
	ok, err := j.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the lock of the journal of jobs can't be taken: %w", err)
	}
	if !ok {
		return nil, ErrBusy
	}
	l := &lease{j: j}
	err = j.book.Read(func(tx *ledger.Tx) error { return tx.QueryRow(latestEpoch).Scan(&l.found) })
	if err != nil {
		return nil, errors.Join(j.broken("read", err), j.lock.Unlock())
	}
	return l, nil
}

// release lets another process write.
func (l *lease) release() error {
	l.over.Store(true)
	return l.j.lock.Unlock()
}

// write records what f does, all or nothing, on the disk when it returns. The lock
// ends with its process, but after a machine was suspended, or on a shared file
// system, two processes may believe that they have it: only the process with the
// latest epoch can write.
func (l *lease) write(point string, f func(*ledger.Tx) error) error {
	if err := l.stop(point, false); err != nil {
		return err
	}
	err := l.j.book.Write(func(tx *ledger.Tx) error {
		if err := l.lead(tx); err != nil {
			return err
		}
		return f(tx)
	})
	if errors.Is(err, ErrFenced) {
		return err
	}
	if err != nil {
		return l.j.broken("written", err)
	}
	return l.stop(point, true)
}

// lead makes sure that no other process has taken over. The book runs one
// transaction of this process at a time.
func (l *lease) lead(tx *ledger.Tx) error {
	var epoch int64
	if err := tx.QueryRow(latestEpoch).Scan(&epoch); err != nil {
		return err
	}
	switch {
	case l.over.Load():
		return ErrFenced
	case l.epoch != 0 && epoch == l.epoch:
		return nil
	case epoch != l.found:
		return ErrFenced
	}
	// Two processes that found the same epoch never give the same new one.
	l.epoch = epoch + 1 + rand.Int64N(1<<32)
	_, err := tx.Exec("UPDATE runner SET epoch = $1", l.epoch)
	return err
}

func (l *lease) stop(point string, committed bool) error {
	if l.j.halt == nil {
		return nil
	}
	return l.j.halt(point, committed)
}

// holdPatience is how long to wait for another process to give up the right to
// write: long enough for a record, so that a process that carries out a job is
// reported.
const holdPatience = 2 * time.Second

// holdSoon is hold with patience.
func (j *Journal) holdSoon() (*lease, error) {
	for end := time.Now().Add(holdPatience); ; time.Sleep(10 * time.Millisecond) {
		l, err := j.hold()
		if !errors.Is(err, ErrBusy) || time.Now().After(end) {
			return l, err
		}
	}
}

// hold takes the right to write to the journal, once for all who hold it.
func (j *Journal) hold() (*lease, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.holders == 0 {
		l, err := j.take()
		if err != nil {
			return nil, err
		}
		j.lease = l
	}
	j.holders++
	return j.lease, nil
}

// release gives the right back when its last holder has left. An error of the lock
// has no consequence here: the system frees the lock with the process.
func (j *Journal) release() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.holders--; j.holders == 0 {
		_ = j.lease.release()
		j.lease = nil
	}
}

// takeInHand waits until no other errand has a session in hand; ok is false when
// ctx ends before.
func (j *Journal) takeInHand(ctx context.Context, session string) (leave func(), ok bool) {
	for {
		j.mu.Lock()
		taken := j.inHand[session]
		if taken == nil {
			mine := make(chan struct{})
			j.inHand[session] = mine
			j.mu.Unlock()
			return func() {
				j.mu.Lock()
				defer j.mu.Unlock()
				delete(j.inHand, session)
				close(mine)
			}, true
		}
		j.mu.Unlock()
		select {
		case <-taken:
		case <-ctx.Done():
			return nil, false
		}
	}
}

// Times are kept in milliseconds since 1970, 0 for the zero time.

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// verbNamed and stateNamed parse the results of String.

func verbNamed(name string) (client.Verb, error) {
	for _, v := range []client.Verb{client.Cancel, client.Redact} {
		if v.String() == name {
			return v, nil
		}
	}
	return 0, fmt.Errorf("%.20q is no verb", name)
}

func stateNamed(name string) client.State {
	for s := range client.State(client.StateCount) {
		if s.String() == name {
			return s
		}
	}
	return client.StateUnknown
}
