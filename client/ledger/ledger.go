package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Options are what a Ledger needs besides its folder; the zero Options will do.
type Options struct {
	Tool   string           // version of idtop
	Actor  Actor            // who acts; zero: ThisActor
	Now    func() time.Time // nil: time.Now
	OnHead func(Head) error // is told the head, to keep it elsewhere, by whoever appends; see FileSink and SyslogSink
	Every  int              // tell it after so many records, and at Close; 0: 100
}

// Ledger is an open ledger. Several goroutines may use it at the same time, and
// several processes may have the same one open.
type Ledger struct {
	dir, path string
	options   Options
	key       []byte

	mu     sync.Mutex // all below
	lock   *flock.Flock
	file   *os.File
	mark   *os.File
	head   Head  // of the last record that is known
	end    int64 // where it ends
	failed error // why nothing can be appended any more
	doubt  bool  // what is behind end may not be on the disk, although it can be read
	line   []byte

	// What reaches the disk; tests make them fail.
	write func([]byte) (int, error)
	sync  func() error

	telling sync.Mutex // all below
	told    Head
	tellErr error
}

const (
	lockPatience = 10 * time.Second // how long to wait for a lock, which is held for milliseconds
	lockPoll     = time.Millisecond // how often to ask for it meanwhile
	usualEvery   = 100
)

// Open opens the ledger of a folder and makes what is missing. It checks the
// chain from the last acknowledged record on, all of it when that is not where
// it should be, and sets a write that was cut short aside. The errors are
// *Error; without a Ledger nothing may be done.
func Open(dir string, o Options) (*Ledger, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Actor == (Actor{}) {
		o.Actor = ThisActor()
	}
	if o.Every <= 0 {
		o.Every = usualEvery
	}
	if err := openDir(dir); err != nil {
		return nil, err
	}
	l := &Ledger{dir: dir, path: filepath.Join(dir, ledgerFile), options: o, lock: newLock(dir, os.O_RDWR|os.O_CREATE)}
	unlock, err := l.acquire()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := l.open(); err != nil {
		l.closeFiles()
		return nil, err
	}
	l.told = l.head
	return l, nil
}

// open opens the files, with the lock held.
func (l *Ledger) open() (err error) {
	if l.file, err = openFile(l.dir, ledgerFile, os.O_RDWR|os.O_CREATE|os.O_APPEND); err != nil {
		return err
	}
	l.write, l.sync = l.file.Write, l.file.Sync
	if l.mark, err = openFile(l.dir, markFile, os.O_RDWR|os.O_CREATE); err != nil {
		return err
	}
	info, err := l.file.Stat()
	if err != nil {
		return diskError(l.path, err)
	}
	if l.key, err = installKey(l.dir, info.Size() == 0); err != nil {
		return err
	}
	if err := syncDir(l.dir); err != nil {
		return diskError(l.dir, err)
	}
	l.skipToMark()
	tail, err := l.catchUp()
	if err != nil || len(tail) == 0 {
		return err
	}
	return l.put(nil, tail)
}

// Close tells OnHead the last head and closes the files. The error is what
// OnHead said last, when it failed.
func (l *Ledger) Close() error {
	if l == nil {
		return nil
	}
	l.tell(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = &Error{Cause: CauseClosed, Path: l.path}
	l.closeFiles()
	return l.tellErr
}

func (l *Ledger) closeFiles() {
	if l.file != nil {
		l.file.Close()
	}
	if l.mark != nil {
		l.mark.Close()
	}
}

// Head returns the last record that this process knows of, to be shown at quit.
func (l *Ledger) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// tell hands the head to OnHead, when it is time to.
func (l *Ledger) tell(atEnd bool) {
	if l.options.OnHead == nil {
		return
	}
	l.telling.Lock()
	defer l.telling.Unlock()
	head := l.Head()
	if head == l.told || !atEnd && head.Seq < l.told.Seq+uint64(l.options.Every) {
		return
	}
	if l.tellErr = l.options.OnHead(head); l.tellErr == nil {
		l.told = head
	}
}

// add appends a record. When it returns nil the record is on the disk, and r
// has its place in the chain.
func (l *Ledger) add(r *Record) error {
	if l == nil {
		return &Error{Cause: CauseClosed}
	}
	if err := l.append(r); err != nil {
		return err
	}
	l.tell(false)
	return nil
}

func (l *Ledger) append(r *Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return l.failed
	}
	unlock, err := l.acquire()
	if err != nil {
		return err
	}
	defer unlock()
	if err := samePlace(l.file, l.path); err != nil {
		return err
	}
	if l.doubt {
		if err := l.writeAgain(); err != nil {
			return err
		}
		l.doubt = false
	}
	tail, err := l.catchUp()
	if err != nil {
		return err
	}
	return l.put(r, tail)
}

// writeAgain writes what is behind the last record that is known to be on the disk
// once more, as it can be read. After a sync that failed the system may believe
// that it is there: only what is written anew is also synced anew. The lock is
// held.
func (l *Ledger) writeAgain() error {
	info, err := l.file.Stat()
	if err != nil {
		return diskError(l.path, err)
	}
	behind := make([]byte, max(0, info.Size()-l.end))
	if _, err := l.file.ReadAt(behind, l.end); err != nil {
		return diskError(l.path, err)
	}
	again, err := openFile(l.dir, ledgerFile, os.O_RDWR) // without O_APPEND
	if err != nil {
		return err
	}
	defer again.Close()
	if _, err := again.WriteAt(behind, l.end); err != nil {
		return diskError(l.path, err)
	}
	if err := l.sync(); err != nil {
		return diskError(l.path, fmt.Errorf("it is not known whether the last record is on the disk: %w", err))
	}
	return nil
}

// put writes a record behind the last one, and before it the record that says
// so when a tail is in between. The lock is held. r may be nil.
func (l *Ledger) put(r *Record, tail []byte) error {
	l.line = l.line[:0]
	head, begin := l.head, l.end // begin: of the last line
	seal := func(r *Record) {
		begin = l.end + int64(len(tail)+len(l.line))
		r.Seq, r.Prev, r.Tool = head.Seq+1, head.Hash, l.options.Tool
		r.Time, r.Actor = l.options.Now(), l.options.Actor
		l.line = r.seal(l.line)
		head = r.Head()
	}
	if n := len(tail); n > 0 {
		junk := tail
		if tail[n-1] != '\n' {
			l.line = append(l.line, '\n')
			junk = append(tail[:n:n], '\n')
		}
		seal(&Record{Kind: KindNote, Verb: torn, TornBytes: uint64(len(junk)), TornHash: sha256.Sum256(junk)})
	}
	if r != nil {
		seal(r)
	}
	// One write, so that a crash leaves a piece of it or all. What an error
	// leaves behind is a tail, which the next record speaks of.
	if _, err := l.write(l.line); err != nil {
		return diskError(l.path, err)
	}
	if err := l.sync(); err != nil {
		// The system may have forgotten what it could not write, and another
		// sync would not say so.
		l.doubt = true
		return diskError(l.path, fmt.Errorf("it is not known whether the last record is on the disk: %w", err))
	}
	l.head, l.end = head, l.end+int64(len(tail)+len(l.line))
	l.setMark(begin)
	return nil
}

// catchUp reads what was appended since, and returns what of it is the rest of
// a write that was cut short. The lock is held.
func (l *Ledger) catchUp() (tail []byte, err error) {
	info, err := l.file.Stat()
	if err != nil {
		return nil, diskError(l.path, err)
	}
	size := info.Size()
	if size == l.end && l.end > 0 {
		return nil, nil
	}
	marked, isMarked := l.readMark()
	if size < l.end {
		return nil, l.damaged(marked)
	}
	w := newWalker(io.NewSectionReader(l.file, l.end, size-l.end), l.head, l.end)
	for err == nil {
		var r Record
		if r, err = w.next(); err == nil && isMarked && r.Seq == marked.Seq && r.Hash != marked.Hash {
			return nil, l.damaged(marked)
		}
	}
	if isMarked && w.head.Seq < marked.Seq {
		return nil, l.damaged(marked)
	}
	if err != io.EOF {
		var fault *Fault
		errors.As(err, &fault)
		if fault.Flaw == FlawRead {
			return nil, diskError(l.path, fault.Err)
		}
		if !w.isTail(fault, isMarked) {
			return nil, l.damaged(marked)
		}
		tail = w.held
	}
	l.head, l.end = w.head, w.end
	return tail, nil
}

// isTail tells whether what follows the last record can be a write that was cut
// short, and not one that was acknowledged and damaged since. Every record up
// to the mark was found. Without a mark, only the end of a line can be missing.
func (w *walker) isTail(fault *Fault, isMarked bool) bool {
	if len(w.held) == 0 || len(w.held) > longestTear || !isMarked && fault.Flaw != FlawUnfinished {
		return false
	}
	for line := range bytes.Lines(w.held) {
		if _, flaw := parseLine(line); flaw == FlawNone || flaw == FlawNewer {
			return false
		}
	}
	return true
}

// damaged names the first bad line of the whole file.
func (l *Ledger) damaged(marked Head) error {
	_, err := VerifyAgainst(io.NewSectionReader(l.file, 0, 1<<62), marked)
	if err == nil {
		err = errors.New("it was changed while it was read")
	}
	cause := CauseDamaged
	var fault *Fault
	if errors.As(err, &fault) && fault.Flaw == FlawNewer {
		cause = CauseNewer
	}
	return &Error{Cause: cause, Path: l.path, Err: err}
}

func newLock(dir string, flag int) *flock.Flock {
	return flock.New(filepath.Join(dir, lockFile), flock.SetFlag(flag|noFollow), flock.SetPermissions(0o600))
}

// acquire locks the ledger among processes.
func (l *Ledger) acquire() (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	ok, err := l.lock.TryLockContext(ctx, lockPoll)
	path := l.lock.Path()
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, &Error{Cause: CauseBusy, Path: path}
	case err != nil || !ok:
		return nil, diskError(path, err)
	}
	unlock = func() { _ = l.lock.Unlock() } // closing the file frees it in any case
	there, err := os.Lstat(path)
	if err == nil {
		var held os.FileInfo
		if held, err = l.lock.Stat(); err == nil && !os.SameFile(there, held) {
			err = os.ErrNotExist
		}
	}
	if err != nil {
		unlock()
		return nil, diskError(path, err)
	}
	return unlock, nil
}

// Actor is who acts, as the records say.
func (l *Ledger) Actor() Actor { return l.options.Actor }
