package plan

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/ledger"
)

// Errors of a journal.
var (
	// ErrBusy says that a job can't begin: another process carries it out.
	ErrBusy error = refusal("another idtop carries out this job now: wait until it has finished, or act there")
	// ErrFenced says that nothing is recorded: another process has taken the job over.
	ErrFenced error = refusal("another idtop has taken over this job: this one sends nothing more of it")
)

// Journal is the jobs in a book. Its records survive a crash of the program and of
// the machine. It holds ids of sessions, states and the words of the operator, and
// nothing about the persons. It is safe for concurrent use, and several processes
// may have one book open: each carries out the jobs that it holds. Runners of one
// process share one Journal.
type Journal struct {
	book  *ledger.Book
	lives lives
	owns  bool // the book was opened for this journal alone

	following sync.Mutex // held while a follower has an item in hand
	beginning sync.Mutex // held while this process gets its id

	// Shared by all Runners of this process.
	mu        sync.Mutex
	id        string                   // of this process among the holders of jobs; "" before it holds any
	held      map[int64]bool           // the jobs that it holds
	runs      map[int64]*Run           // by job
	inHand    map[string]chan struct{} // the sessions in the hands of an errand; closed when it leaves them
	followers map[chan struct{}]bool   // signaled when there is something new to follow

	// halt is called before and after each commit. Tests end the program there: an
	// error acts like a crash at that point.
	halt func(point string, committed bool) error
}

// JournalOf returns the journal of an open book.
func JournalOf(book *ledger.Book) (*Journal, error) {
	j := &Journal{
		book: book, lives: livesOf(book), held: map[int64]bool{}, runs: map[int64]*Run{}, inHand: map[string]chan struct{}{},
		followers: map[chan struct{}]bool{},
	}
	return j, book.Prepare(takeJob, freeJob, heldBy, othersOf, updateItem, countsOf, itemsOf, oneItem, dueItems, nextDue)
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

// A refusal is why nothing is written, though the book could be.
type refusal string

func (r refusal) Error() string { return string(r) }

// broken says that the book failed, unless err says itself why nothing was done.
func (j *Journal) broken(what string, err error) error {
	var failed *ledger.Error
	var refused refusal
	if errors.As(err, &failed) || errors.As(err, &refused) {
		return err
	}
	return fmt.Errorf("the jobs of the book in %s can't be %s: %w", j.book.Dir(), what, err)
}

// Close frees the jobs that this process holds, and closes a book that was opened for
// the jobs alone. Nothing may be called after it.
func (j *Journal) Close() error {
	err := j.lives.end()
	if j.owns {
		err = errors.Join(err, j.book.Close())
	}
	return err
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
