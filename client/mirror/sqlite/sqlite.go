package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver

	"idtop/client/datadir"
	"idtop/client/guard"
	"idtop/client/mirror"
	"idtop/client/mirror/columns"
)

// Config says which mirror to open.
type Config struct {
	Dir           string        // a folder for this Owner alone; it is made if need be
	Owner         mirror.Owner  // a mirror of another owner is refused
	Metadata      []string      // the keys of metadata that are kept, besides user_id
	ForgetReports bool          // erase what is kept of reports: the configuration keeps none any more
	Watch         time.Duration // how often to check for writes of other processes; 0: DefaultWatch, negative: never
	Unsynced      bool          // let the system decide when to write to the disk: only for data that may be lost, as in a test
}

// DefaultWatch is how often to check for writes of other processes. A check of an
// idle mirror takes some microseconds.
const DefaultWatch = 200 * time.Millisecond

// patience is how long to wait for another process to end its transaction.
const writePatience = 5 * time.Second

// Store is a mirror.Store in a folder on this machine, which several processes may
// have open. The file is the truth: every change is one transaction, which reads
// the rows that its sightings are merged with. The answers come from columns in
// memory, which follow the file.
type Store struct {
	config  Config
	changes mirror.Changes
	dir     *datadir.Dir
	inUse   *datadir.Lock
	lead    *datadir.Lock
	readers *sql.DB
	close   func()
	tasks   sync.WaitGroup

	lock    columns.Lock
	columns *columns.Columns     // changed under mu and by the lock; empty until loaded is closed
	head    atomic.Pointer[head] // answers requests until loaded is closed
	loaded  chan struct{}
	failed  error // why the files could not be read; set before loaded is closed

	mu    sync.Mutex // guards the writing connection
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	kinds storedKinds

	reportKinds reportKinds

	at      position
	seen    int64  // the data_version that the columns show
	spilled bool   // the log may hold rows that were never committed
	epoch   uint64 // the epoch of our leadership; 0 while we do not lead
	closed  bool
}

// position is the point up to which a process has read: rows below next, changes up
// to seq.
type position struct {
	next     uint32
	seq      int64
	attempts uint32
}

// Open opens the mirror in a folder, or makes it. It returns as soon as the newest
// rows can be shown; the others are read in the background, see Page.Loading. It
// fails with a Trouble that names the way out.
func Open(ctx context.Context, config Config) (*Store, error) {
	s, start, err := openFiles(ctx, config)
	if err != nil {
		return nil, err
	}
	start()
	return s, nil
}

// openFiles opens the files and reads the newest rows; start begins to load the
// rest.
func openFiles(ctx context.Context, config Config) (s *Store, start func(), err error) {
	if config.Owner.Account == "" {
		return nil, nil, errors.New("open a mirror: its account has to be known")
	}
	dir, err := openDir(config.Dir)
	if err != nil {
		return nil, nil, err
	}
	config.Dir = dir.Path()
	lock, err := use(dir)
	if err != nil {
		dir.Close()
		return nil, nil, err
	}
	lead, err := dir.Lock(leadFile)
	if err != nil {
		lock.Unlock()
		dir.Close()
		return nil, nil, troubleIn(config.Dir, err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s = &Store{
		config: config, loaded: make(chan struct{}), close: stop,
		dir: dir, inUse: lock, lead: lead, columns: columns.New(), stmts: map[string]*sql.Stmt{}, kinds: newStoredKinds(), reportKinds: newReportKinds(),
	}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, nil, s.troubleOf(err)
	}
	return s, func() {
		for _, task := range []func(context.Context){s.load, s.watch} {
			s.tasks.Go(func() {
				defer guard.Catch()
				task(background)
			})
		}
	}, nil
}

func (s *Store) open(ctx context.Context) error {
	log, err := os.Lstat(filepath.Join(s.config.Dir, dbFile+"-wal"))
	unclean := err == nil && log.Size() > 0
	if s.db, err = sql.Open("sqlite", s.source(dbFile)); err != nil {
		return err
	}
	if s.readers, err = sql.Open("sqlite", s.source(dbFile)+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	s.readers.SetMaxIdleConns(loaders())
	if s.conn, err = s.connect(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, s.conn, migrations); err != nil {
		return err
	}
	if err := own(ctx, s.conn, s.config.Owner); err != nil {
		return err
	}
	if err := s.check(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.forgetMetadata(ctx); err != nil {
		return err
	}
	if err := s.forgetReports(ctx); err != nil {
		return err
	}
	s.scrub(ctx)
	s.spilled = unclean // watch empties it: that may have to wait for other processes
	// One state of the files: other processes may write meanwhile.
	return s.readOnly(func() error { return s.readHead(ctx) })
}

// source is the data source name of a file for SQLite. It makes SQLite overwrite freed bytes,
// write no temporary files, and have each commit on the disk when it returns.
func (s *Store) source(file string) string {
	synchronous := "full"
	if s.config.Unsynced {
		synchronous = "off"
	}
	path := filepath.ToSlash(filepath.Join(s.config.Dir, file))
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	options := []string{
		fmt.Sprintf("busy_timeout(%d)", writePatience.Milliseconds()),
		"secure_delete(on)", "temp_store(memory)", "trusted_schema(off)", "synchronous(" + synchronous + ")",
	}
	return (&url.URL{Scheme: "file", Path: path}).String() + "?_pragma=" + strings.Join(options, "&_pragma=")
}

// connect makes the writing connection. Turning a new file to WAL needs the file
// exclusively for a moment, and SQLite does not wait for that by itself.
func (s *Store) connect(ctx context.Context) (*sql.Conn, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for wait := time.Millisecond; ; wait *= 2 {
		var mode string
		err = conn.QueryRowContext(ctx, "PRAGMA journal_mode = wal").Scan(&mode)
		if err == nil && mode != "wal" {
			err = fmt.Errorf("the file system can't do with the mode %q", mode)
		}
		if !isBusy(err) || wait > time.Second {
			return conn, err
		}
		time.Sleep(wait)
	}
}

// check finds damage that shows at a glance: a file that was cut off, or tables
// whose trees can't be read from end to end. Deeper damage shows while the rows are
// loaded.
func (s *Store) check(ctx context.Context) error {
	for _, query := range []string{
		"SELECT count(*) FROM mirror WHERE one = 1",
		"SELECT count(*) FROM (SELECT n FROM sessions ORDER BY n DESC LIMIT 1)",
		"SELECT count(*) FROM (SELECT person FROM people ORDER BY person DESC LIMIT 1)",
		"SELECT count(*) FROM newest", "SELECT count(*) FROM counts", "SELECT count(*) FROM kinds",
	} {
		var n int
		if err := s.conn.QueryRowContext(ctx, query).Scan(&n); err != nil {
			return errors.Join(errDamaged, err)
		}
	}
	return nil
}

// Close implements Store.
func (s *Store) Close() error {
	s.close()
	s.tasks.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if len(s.stmts) > 0 { // the mirror is ours
		s.scrub(context.Background()) // if it fails, another process does it
	}
	err := s.closeStmts()
	if s.conn != nil {
		err = errors.Join(err, s.conn.Close())
	}
	for _, db := range []*sql.DB{s.readers, s.db} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	s.epoch = 0
	return s.troubleOf(errors.Join(err, s.lead.Unlock(), s.inUse.Unlock(), s.dir.Close()))
}

// Subscribe implements Store.
func (s *Store) Subscribe(ctx context.Context) <-chan struct{} { return s.changes.Subscribe(ctx) }

var _ mirror.Store = (*Store)(nil)
