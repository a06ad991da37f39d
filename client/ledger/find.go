package ledger

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// Query is which records are looked for: those that match all that is given.
type Query struct {
	UserID  string // hashed with the key of this installation
	Session string
	Job     string
	Plan    string
	Verb    Verb
	Since   time.Time // local time of the record, from this on
	Until   time.Time // and before this
}

// match returns the filter of a query.
func (q Query) match(key []byte) func(Record) bool {
	who := person(key, q.UserID)
	cut := Record{Session: q.Session, Job: q.Job, Plan: q.Plan, Verb: q.Verb}
	cut.fields(cutter{}) // as they were when they were written
	return func(r Record) bool {
		return (who == "" || r.Person == who) &&
			(cut.Session == "" || r.Session == cut.Session) &&
			(cut.Job == "" || r.Job == cut.Job) &&
			(cut.Plan == "" || r.Plan == cut.Plan) &&
			(cut.Verb == "" || r.Verb == cut.Verb) &&
			(q.Since.IsZero() || !r.Time.Before(q.Since)) &&
			(q.Until.IsZero() || r.Time.Before(q.Until))
	}
}

// Find goes through the records of a folder's ledger that match, oldest first,
// and checks the chain as it goes: the last pair has the error when something
// is wrong. It writes nothing, so that it works where Open refuses to.
func Find(dir string, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		var key []byte
		s, err := read(dir)
		if err == nil {
			defer s.file.Close()
			if q.UserID != "" {
				key, err = readKey(dir)
			}
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		filter(s.records(), q.match(key), yield)
	}
}

// Find is the function Find on an open ledger. A write that was cut short at
// the end is no error here: the next record speaks of it.
func (l *Ledger) Find(q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		in, err := l.read()
		if err != nil {
			yield(Record{}, err)
			return
		}
		filter(in, q.match(l.key), yield)
	}
}

func filter(in io.Reader, match func(Record) bool, yield func(Record, error) bool) {
	for r, err := range Records(in) {
		if (err != nil || match(r)) && !yield(r, err) {
			return
		}
	}
}

// read returns all records that are there now.
func (l *Ledger) read() (io.Reader, error) {
	if l == nil {
		return nil, &Error{Cause: CauseClosed}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	unlock, err := l.acquire()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := l.catchUp(); err != nil {
		return nil, err
	}
	return io.NewSectionReader(l.file, 0, l.end), nil
}

// Pending returns the intents that match and have no outcome, oldest first:
// what is under way in this and other processes, and what a crash has left
// unsettled. Their Done records the outcome that was found out since.
func (l *Ledger) Pending(q Query) ([]*Entry, error) {
	in, err := l.read()
	if err != nil {
		return nil, err
	}
	match := q.match(l.key)
	open := map[uint64]*Entry{}
	var order []uint64
	for r, err := range Records(in) {
		switch {
		case err != nil:
			return nil, &Error{Cause: CauseDamaged, Path: l.path, Err: err}
		case r.Kind == KindOutcome:
			delete(open, r.Intent)
		case r.Kind == KindIntent && match(r):
			open[r.Seq] = &Entry{ledger: l, intent: r, userID: q.UserID}
			order = append(order, r.Seq)
		}
	}
	var pending []*Entry
	for _, seq := range order {
		if e := open[seq]; e != nil {
			pending = append(pending, e)
		}
	}
	return pending, nil
}

// Trace is where in the chain the records that match are.
type Trace struct {
	First, Last Head   // of the records that match
	Head        Head   // of the ledger
	Records     uint64 // that match
}

// Trace finds the place of records in the chain, for Evidence.
func (l *Ledger) Trace(q Query) (Trace, error) {
	in, err := l.read()
	if err != nil {
		return Trace{}, err
	}
	var t Trace
	match := q.match(l.key)
	for r, err := range Records(in) {
		if err != nil {
			return Trace{}, &Error{Cause: CauseDamaged, Path: l.path, Err: err}
		}
		t.Head = r.Head()
		if match(r) {
			if t.Last = r.Head(); t.Records == 0 {
				t.First = t.Last
			}
			t.Records++
		}
	}
	return t, nil
}

// VerifyDir verifies the ledger of a folder against a head that was kept
// elsewhere, or the zero Head, and against the mark beside it, which shows a
// tail that was cut off by accident. The error is nil, a *Fault that names the
// first bad line, or an *Error when there is no ledger to read.
func VerifyDir(dir string, head Head) (Report, error) {
	s, err := read(dir)
	if err != nil {
		return Report{}, err
	}
	defer s.file.Close()
	report, err := VerifyAgainst(s.records(), head)
	if err == nil && s.marked != (Head{}) {
		report, err = VerifyAgainst(s.records(), s.marked)
	}
	return report, err
}

// snapshot is a ledger opened for reading, as it was at a moment when nobody
// wrote.
type snapshot struct {
	file   *os.File
	size   int64
	marked Head // zero without a mark
}

func (s snapshot) records() io.Reader { return io.NewSectionReader(s.file, 0, s.size) }

// read opens a ledger for reading, whoever it belongs to. Where there is no
// lock, as beside a copy, it goes without.
func read(dir string) (s snapshot, err error) {
	path := filepath.Join(dir, ledgerFile)
	s.file, err = os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, &Error{Cause: CauseGone, Path: path, Err: errors.New("there is none")}
	}
	if err != nil {
		return s, diskError(path, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	lock := newLock(dir, os.O_RDWR)
	if ok, _ := lock.TryLockContext(ctx, lockPoll); ok {
		defer lock.Unlock()
	}
	info, err := s.file.Stat()
	if err != nil {
		s.file.Close()
		return s, diskError(path, err)
	}
	s.size = info.Size()
	if mark, err := os.Open(filepath.Join(dir, markFile)); err == nil {
		s.marked, _, _ = readMark(mark)
		mark.Close()
	}
	return s, nil
}
