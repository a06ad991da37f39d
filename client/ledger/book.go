package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"idtop/client/datadir"
)

// Options are a Book's settings besides its folder; the zero Options will do.
type Options struct {
	Tool   string           // version of idtop
	Actor  Actor            // who acts; zero: ThisActor
	Now    func() time.Time // nil: time.Now
	OnHead func(Head) error // gets the head after appends, to keep it elsewhere; see FileSink and SyslogSink
	Every  int              // call OnHead after this many records, and at Close; 0: 100
	// Sent returns the last head that OnHead accepted, the zero Head when there is
	// none: a book without that head allows no action. nil: not known.
	Sent func() (Head, error)
	// Before is the folder that may hold the ledger.jsonl of an older idtop; ""
	// means none.
	Before string
	// Server holds the book instead of a file in the folder; the folder then holds
	// the mark and the key of persons. It stays open when the book is closed.
	Server  *sql.DB
	Dialect *Dialect // of the server
	// Unsafe does not wait for the disk. Only tests may set it, and only those that
	// crash a program, not the machine.
	Unsafe bool
}

// Book is an open book: the jobs, their items and the records of one account and
// mode. It is safe for concurrent use, and several processes may have the same book
// open.
type Book struct {
	dir, path string
	options   Options
	dialect   *Dialect
	db        *sql.DB
	files     *datadir.Dir // nil for a book that is only read
	file      fs.FileInfo  // the database when it was opened; nil for a server
	key       installKey
	keyErr    error // why a book that is only read has no key
	readOnly  bool
	lent      bool // the database belongs to the caller, who closes it

	users *datadir.Lock // shared by all processes with the book open
	alone bool          // no other process had it open at the start

	mu     sync.Mutex // guards all fields below
	lock   *datadir.Lock
	mark   *os.File
	head   Head // of the last known record
	closed bool

	asked atomic.Bool // the head that was sent elsewhere is known to be in the book

	places places

	preparing sync.Mutex
	prepared  map[string]*sql.Stmt

	telling sync.Mutex // guards all fields below
	told    Head
	tellErr error
}

const (
	lockPatience = 10 * time.Second // how long to wait for a lock, which is held for milliseconds
	usualEvery   = 100
)

func (o Options) complete() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Actor == (Actor{}) {
		o.Actor = ThisActor()
	}
	if o.Every <= 0 {
		o.Every = usualEvery
	}
	return o
}

// Open opens the book of a folder, in SQLite or on a server, and makes a new one if
// there is none. It refuses a book that lacks the marked head. Its errors are
// *Error; without a Book nothing may be done.
func Open(dir string, o Options) (*Book, error) {
	b := newBook(dir, o)
	openDatabase := b.openFile
	if o.Server != nil {
		b.path, b.dialect, b.lent = "of the database server", o.Dialect, true
		openDatabase = func() error { b.db = o.Server; return nil }
	}
	if err := b.start(openDatabase); err != nil {
		b.closeFiles()
		return nil, err
	}
	return b, nil
}

func newBook(dir string, o Options) *Book {
	return &Book{dir: dir, path: filepath.Join(dir, bookFile), dialect: SQLite, options: o.complete(), prepared: map[string]*sql.Stmt{}}
}

// start opens the database and the files beside it.
func (b *Book) start(openDatabase func() error) (err error) {
	if b.files, err = datadir.Open(b.dir); err == nil {
		b.lock, err = b.files.Lock(lockFile)
	}
	if err != nil {
		return diskError(b.dir, err)
	}
	unlock, err := b.acquire()
	if err != nil {
		return err
	}
	defer unlock()
	if err := b.join(); err != nil {
		return err
	}
	if b.mark, err = b.files.OpenFile(markFile, os.O_RDWR|os.O_CREATE); err != nil {
		return diskError(b.dir, err)
	}
	if err := openDatabase(); err != nil {
		return err
	}
	isNew, err := b.prepareTables()
	if err != nil {
		return err
	}
	if b.key, err = openKey(b.files, b.options.Before, isNew); err != nil {
		return err
	}
	if err := b.files.Sync(); err != nil {
		return diskError(b.dir, err)
	}
	err = b.read(func(tx *Tx) error {
		err := tx.check()
		b.head = tx.head
		return err
	})
	if err != nil {
		return err
	}
	if b.head == (Head{}) && b.options.Before != "" {
		if err := b.sealBefore(); err != nil {
			return err
		}
	}
	b.told = b.head
	return b.prepare(hot...)
}

// join notes that this process has the book open, and whether it is the only one. The
// lock of the book is held, so nobody else joins meanwhile.
func (b *Book) join() (err error) {
	shared := false
	if b.users, err = b.files.Lock(usersFile); err == nil {
		b.alone, err = b.users.Try()
	}
	if err == nil {
		shared, err = b.users.TryShared()
	}
	switch {
	case err != nil:
		return diskError(b.dir, err)
	case !shared:
		return &Error{Cause: CauseBusy, Path: b.users.Path()}
	}
	return nil
}

// Alone tells whether no other process had the book open when this one opened it:
// then no request is under way.
func (b *Book) Alone() bool { return b.alone }

// openFile opens the database of a folder.
func (b *Book) openFile() error {
	if _, err := os.Lstat(b.path); errors.Is(err, fs.ErrNotExist) {
		if marked, ok := b.readMark(); ok {
			return &Error{Cause: CauseDamaged, Path: b.path, Err: fmt.Errorf("it is not there, and its mark tells of record %d", marked.Seq)}
		}
	}
	err := b.files.Prepare(bookFile)
	if err == nil {
		err = b.files.Check(bookFile+"-wal", bookFile+"-shm")
	}
	if err == nil {
		b.file, err = b.files.Look(bookFile)
	}
	if err != nil {
		return diskError(b.path, err)
	}
	synchronous := "FULL"
	if b.options.Unsafe {
		synchronous = "OFF"
	}
	b.db, err = sql.Open("sqlite", dataSource(b.path, synchronous))
	if err != nil {
		return diskError(b.path, err)
	}
	// One connection: SQLite runs one write after another anyway.
	b.db.SetMaxOpenConns(1)
	return nil
}

// prepareTables makes the tables of a new book, brings those of an older program to
// their present form, and refuses those of a newer one.
func (b *Book) prepareTables() (isNew bool, err error) {
	var known int
	isNew = b.db.QueryRow("SELECT form FROM head").Scan(&known) != nil
	switch {
	case known > len(forms):
		return false, &Error{Cause: CauseNewer, Path: b.path}
	case known == len(forms):
		return false, nil
	}
	tx, err := b.db.Begin()
	if err != nil {
		return false, diskError(b.path, err)
	}
	defer tx.Rollback()
	var steps []string
	if isNew {
		steps = append(steps, "CREATE TABLE head (one INTEGER PRIMARY KEY, form INTEGER NOT NULL, rev BIGINT NOT NULL, seq BIGINT NOT NULL, hash TEXT NOT NULL)",
			fmt.Sprintf("INSERT INTO head (one, form, rev, seq, hash) VALUES (1, 0, 0, 0, '%s')", Hash{}))
	}
	for _, form := range forms[known:] {
		steps = append(steps, form...)
	}
	if isNew {
		steps = append(steps, b.dialect.guards...)
	}
	for _, step := range append(steps, fmt.Sprintf("UPDATE head SET form = %d", len(forms))) {
		if _, err := tx.Exec(step); err != nil {
			return false, diskError(b.path, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return false, diskError(b.path, err)
	}
	return isNew, nil
}

// OpenRead opens the book of a folder for reading, whoever owns it and in any
// state. Nothing can be recorded in it.
func OpenRead(dir string) (*Book, error) {
	return openRead(dir, dataSource(filepath.Join(dir, bookFile), "FULL", "query_only(1)"))
}

func openRead(dir, source string) (*Book, error) {
	b := newBook(dir, Options{})
	if _, err := os.Lstat(b.path); errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{Cause: CauseGone, Path: b.path, Err: errors.New("there is none")}
	}
	b.readOnly = true
	var err error
	if b.db, err = sql.Open("sqlite", source); err != nil {
		return nil, diskError(b.path, err)
	}
	b.db.SetMaxOpenConns(1)
	b.key, b.keyErr = readKey(filepath.Join(dir, keyFile))
	return b, nil
}

// Close tells OnHead the last head and closes the files. Its error is that of
// OnHead's last call, if that failed.
func (b *Book) Close() error {
	if b == nil {
		return nil
	}
	b.tell(true)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return b.tellErr
	}
	b.closed = true
	b.closeFiles()
	return b.tellErr
}

func (b *Book) closeFiles() {
	b.preparing.Lock()
	for _, s := range b.prepared {
		s.Close()
	}
	clear(b.prepared)
	b.preparing.Unlock()
	if b.db != nil && !b.lent {
		b.db.Close()
	}
	if b.mark != nil {
		b.mark.Close()
	}
	if b.users != nil {
		_ = b.users.Unlock() // the end of the process frees it in any case
	}
	if b.files != nil {
		b.files.Close()
	}
}

// Head returns the last record known to this process, to be shown at quit.
func (b *Book) Head() Head {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head
}

// Dir is the folder of the book.
func (b *Book) Dir() string { return b.dir }

// Clock is the time of the database in SQL, in milliseconds since 1970. It is "" if
// all processes that have the book open are on one machine.
func (b *Book) Clock() string { return b.dialect.clock }

// Actor is the actor in the records.
func (b *Book) Actor() Actor { return b.options.Actor }

// Person returns the pseudonym of a user_id in the records: its HMAC-SHA-256 in
// hex, under the key of this book. Without the key, nobody can find the user_id
// from it. An empty user_id has none.
func (b *Book) Person(userID string) string { return person(b.key.secret, userID) }

// tell hands the head to OnHead, when that is due.
func (b *Book) tell(atEnd bool) {
	if b.options.OnHead == nil {
		return
	}
	b.telling.Lock()
	defer b.telling.Unlock()
	head := b.Head()
	if head == b.told || !atEnd && head.Seq < b.told.Seq+uint64(b.options.Every) {
		return
	}
	if b.tellErr = b.options.OnHead(head); b.tellErr == nil {
		b.told = head
	}
}

// Write runs f in one transaction, and returns when it is on the disk.
func (b *Book) Write(f func(*Tx) error) error {
	if b == nil {
		return &Error{Cause: CauseClosed}
	}
	if err := b.write(f); err != nil {
		return err
	}
	b.tell(false)
	return nil
}

func (b *Book) write(f func(*Tx) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.readOnly {
		return &Error{Cause: CauseClosed, Path: b.path}
	}
	unlock, err := b.acquire()
	if err != nil {
		return err
	}
	defer unlock()
	return b.commit(f)
}

// commit is Write with the lock held.
func (b *Book) commit(f func(*Tx) error) error {
	if err := b.samePlace(); err != nil {
		return err
	}
	marked, isMarked := b.readMark()
	inner, err := b.db.Begin()
	if err != nil {
		return diskError(b.path, err)
	}
	defer inner.Rollback()
	tx := &Tx{book: b, tx: inner, marked: marked, isMarked: isMarked}
	if b.dialect.durable != "" {
		if _, err := inner.Exec(b.dialect.durable); err != nil {
			return diskError(b.path, err)
		}
	}
	if err := tx.begin(); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	if tx.appended {
		if _, err := tx.Exec(moveHead, tx.head.Seq, tx.head.Hash.String()); err != nil {
			return err
		}
	}
	if err := inner.Commit(); err != nil {
		return diskError(b.path, err)
	}
	if tx.appended {
		b.head = tx.head
		b.setMark()
		b.key.use(b.files)
	}
	return nil
}

// Read reads one state of all tables.
func (b *Book) Read(f func(*Tx) error) error {
	if b == nil {
		return &Error{Cause: CauseClosed}
	}
	b.mu.Lock()
	closed := b.closed
	b.mu.Unlock()
	if closed {
		return &Error{Cause: CauseClosed, Path: b.path}
	}
	return b.read(f)
}

func (b *Book) read(f func(*Tx) error) error {
	marked, isMarked := b.readMark() // before the state: other processes may commit meanwhile
	inner, err := b.db.BeginTx(context.Background(), b.dialect.options)
	if err != nil {
		return diskError(b.path, err)
	}
	defer inner.Rollback()
	return f(&Tx{book: b, tx: inner, marked: marked, isMarked: isMarked})
}

// prepare prepares queries once. For SQLite, parsing a query takes longer than
// running it.
func (b *Book) prepare(queries ...string) error {
	b.preparing.Lock()
	defer b.preparing.Unlock()
	for _, query := range queries {
		if b.prepared[query] != nil {
			continue
		}
		s, err := b.db.Prepare(query)
		if err != nil {
			return diskError(b.path, err)
		}
		b.prepared[query] = s
	}
	return nil
}

// Prepare prepares queries for all transactions.
func (b *Book) Prepare(queries ...string) error { return b.prepare(queries...) }

// samePlace fails when the open database is no longer the file at its path.
func (b *Book) samePlace() error {
	if b.file == nil {
		return nil
	}
	if err := b.files.Same(b.file, bookFile); err != nil {
		return diskError(b.path, err)
	}
	return nil
}

// acquire locks the book among processes, so that marks are written in the order of
// the records.
func (b *Book) acquire() (unlock func(), err error) {
	if err := b.lock.Wait(lockPatience); err != nil {
		return nil, diskError(b.lock.Path(), err)
	}
	return func() { _ = b.lock.Unlock() }, nil // the end of the process frees it in any case
}

// Primary codes of SQLite.
const (
	sqliteBusy     = 5
	sqliteReadOnly = 8
	sqliteCorrupt  = 11
	sqliteFull     = 13
	sqliteCantOpen = 14
	sqliteNotADB   = 26
)

// sqliteCause is the cause of an error of SQLite.
func sqliteCause(err error) (Cause, bool) {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return CauseDisk, false
	}
	switch failed.Code() & 0xff {
	case sqliteFull:
		return CauseFull, true
	case sqliteBusy:
		return CauseBusy, true
	case sqliteReadOnly, sqliteCantOpen:
		return CauseDenied, true
	case sqliteCorrupt, sqliteNotADB:
		return CauseDamaged, true
	}
	return CauseDisk, true
}
