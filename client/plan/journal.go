package plan

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the driver

	"idtop/client"
)

// Files of a journal in its folder.
const (
	journalFile = "jobs.db"
	lockFile    = "jobs.lock"
)

// schemaVersion is the form of the tables below, after all migrations.
const schemaVersion = 3

const schema = `
CREATE TABLE runner (epoch INTEGER NOT NULL);
INSERT INTO runner VALUES (0);
CREATE TABLE jobs (
	id INTEGER PRIMARY KEY AUTOINCREMENT, verb TEXT NOT NULL, account TEXT NOT NULL, live INTEGER NOT NULL,
	plan TEXT NOT NULL, reason TEXT NOT NULL, created INTEGER NOT NULL, start INTEGER NOT NULL,
	state INTEGER NOT NULL, why TEXT NOT NULL);
CREATE TABLE items (
	job INTEGER NOT NULL REFERENCES jobs, number INTEGER NOT NULL, session TEXT NOT NULL, planned TEXT NOT NULL,
	state INTEGER NOT NULL, words TEXT NOT NULL, generation INTEGER NOT NULL, key TEXT NOT NULL, since INTEGER NOT NULL,
	request TEXT NOT NULL, after TEXT NOT NULL, recovered INTEGER NOT NULL, accepted INTEGER NOT NULL, changed INTEGER NOT NULL,
	look INTEGER NOT NULL, looks INTEGER NOT NULL,
	PRIMARY KEY (job, number)) WITHOUT ROWID;
CREATE UNIQUE INDEX items_session ON items (job, session);
CREATE INDEX items_look ON items (look) WHERE look > 0;
CREATE INDEX items_state ON items (state, job);
PRAGMA user_version = 1;`

// migrations bring a journal from one version to the next. What is here is never
// edited.
var migrations = [schemaVersion]string{schema, `
ALTER TABLE jobs ADD COLUMN later INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET later = 1 WHERE EXISTS (SELECT 1 FROM items WHERE job = jobs.id AND planned = 'processing' AND generation > 0);
ALTER TABLE items ADD COLUMN looked INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 2;`, `
CREATE INDEX jobs_state ON jobs (state);
PRAGMA user_version = 3;`}

// Errors of a journal.
var (
	// ErrBusy is why a job can't be begun: another process carries out jobs.
	ErrBusy = errors.New("another idtop on this machine carries out a job now: wait until it has finished, or act there")
	// ErrFenced is why nothing is recorded: another process has taken over.
	ErrFenced = errors.New("another idtop has taken over the jobs: this one sends nothing any more")
)

// Journal keeps jobs on disk. What it says is recorded survives a crash of the
// program and of the machine. It holds ids of sessions, states and the words of
// the operator, and nothing of the persons. It is safe for concurrent use, and
// several processes may have one folder open; those that write take turns, see
// Runner.
type Journal struct {
	path string
	db   *sql.DB
	lock *flock.Flock

	mu       sync.Mutex
	prepared map[string]*sql.Stmt

	// halt is called at each commit, before it and after it. Tests end the
	// program there: an error is as a crash at that point.
	halt func(point string, committed bool) error
}

// OpenJournal opens the journal in a folder, which it makes if it has to. Both
// are for this user only, and neither may be a symbolic link.
func OpenJournal(dir string) (*Journal, error) { return openJournal(dir, "FULL") }

// openJournal opens a journal with a setting of SQLite's synchronous.
func openJournal(dir, synchronous string) (*Journal, error) {
	if err := prepare(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, journalFile)
	db, err := sql.Open("sqlite", dataSource(path, synchronous))
	if err != nil {
		return nil, fmt.Errorf("the journal of jobs %s can't be opened: %w", path, err)
	}
	// One connection: SQLite writes one after the other anyway.
	db.SetMaxOpenConns(1)
	j := &Journal{path: path, db: db, lock: flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600)), prepared: map[string]*sql.Stmt{}}
	if err := j.migrate(); err != nil {
		db.Close()
		return nil, err
	}
	return j, nil
}

// dataSource asks for a log that is flushed to the disk at each commit; macOS
// needs to be told so a second time.
func dataSource(path, synchronous string) string {
	options := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(" + synchronous + ")", "fullfsync(1)", "secure_delete(1)",
	}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: options.Encode()}).String()
}

// prepare makes the folder and the files, so that they never have more
// permissions than they should, not even for a moment.
func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder for the journal of jobs can't be made: %w", err)
	}
	if err := plainFile(dir, fs.ModeDir); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("the folder for the journal of jobs can't be made private: %w", err)
	}
	for _, name := range []string{journalFile, lockFile} {
		path := filepath.Join(dir, name)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if err == nil {
			err = f.Close()
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("the journal of jobs can't be made: %w", err)
		}
		if err := plainFile(path, 0); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("the journal of jobs can't be made private: %w", err)
		}
	}
	return nil
}

// plainFile refuses what is not a file or folder itself.
func plainFile(path string, want fs.FileMode) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("the journal of jobs can't be read: %w", err)
	}
	if info.Mode().Type() != want {
		return fmt.Errorf("%s is a link or something else than expected: the journal of jobs is not kept there; move it away", path)
	}
	return nil
}

// migrate makes the tables of a new file, changes those of an older program and
// refuses those of a newer program.
func (j *Journal) migrate() error {
	tx, err := j.db.Begin()
	if err != nil {
		return j.broken("opened", err)
	}
	defer tx.Rollback()
	var version int
	if err := tx.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return j.broken("read", err)
	}
	switch {
	case version == schemaVersion:
		return nil
	case version > schemaVersion:
		return fmt.Errorf("the journal of jobs %s was written by a newer idtop (form %d, this one knows %d): use that one", j.path, version, schemaVersion)
	}
	for _, step := range migrations[version:] {
		if _, err := tx.Exec(step); err != nil {
			return j.broken("made", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return j.broken("made", err)
	}
	return nil
}

// statement prepares a query once. Reading a query costs SQLite more than
// carrying it out.
func (j *Journal) statement(query string) (*sql.Stmt, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if s := j.prepared[query]; s != nil {
		return s, nil
	}
	s, err := j.db.Prepare(query)
	if err != nil {
		return nil, j.broken("read", err)
	}
	j.prepared[query] = s
	return s, nil
}

func (j *Journal) broken(what string, err error) error {
	return fmt.Errorf("the journal of jobs %s can't be %s: %w", j.path, what, err)
}

// Busy tells whether a process carries out jobs of this journal now.
func (j *Journal) Busy() bool {
	lock := flock.New(j.lock.Path(), flock.SetPermissions(0o600))
	defer lock.Close()
	free, err := lock.TryLock()
	return err == nil && !free
}

// Close releases the files. Nothing may be called after it.
func (j *Journal) Close() error {
	err := j.lock.Close()
	return errors.Join(err, j.db.Close())
}

// lease is the right of one process to write to the journal.
type lease struct {
	j     *Journal
	epoch int64
}

// take makes this process the one that writes, or fails with ErrBusy.
func (j *Journal) take() (*lease, error) {
	ok, err := j.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the lock of the journal of jobs can't be taken: %w", err)
	}
	if !ok {
		return nil, ErrBusy
	}
	l := &lease{j: j}
	err = j.db.QueryRow("UPDATE runner SET epoch = epoch + 1 RETURNING epoch").Scan(&l.epoch)
	if err != nil {
		return nil, errors.Join(j.broken("written", err), j.lock.Unlock())
	}
	return l, nil
}

// release lets another process write.
func (l *lease) release() error { return l.j.lock.Unlock() }

// write records what f does, all or nothing, on the disk when it returns. The
// lock ends with its process, but a machine that was suspended, or a file system
// that is shared, may let two believe that they have it: only the one with the
// latest epoch gets through.
func (l *lease) write(point string, f func(*sql.Tx) error) error {
	if err := l.stop(point, false); err != nil {
		return err
	}
	latest, err := l.j.statement("SELECT epoch FROM runner")
	if err != nil {
		return err
	}
	tx, err := l.j.db.Begin()
	if err != nil {
		return l.j.broken("written", err)
	}
	defer tx.Rollback()
	var epoch int64
	if err := tx.Stmt(latest).QueryRow().Scan(&epoch); err != nil {
		return l.j.broken("read", err)
	}
	if epoch != l.epoch {
		return ErrFenced
	}
	if err := f(tx); err != nil {
		return l.j.broken("written", err)
	}
	if err := tx.Commit(); err != nil {
		return l.j.broken("written", err)
	}
	return l.stop(point, true)
}

func (l *lease) stop(point string, committed bool) error {
	if l.j.halt == nil {
		return nil
	}
	return l.j.halt(point, committed)
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

// verbNamed and stateNamed read what String wrote.

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
