package plan

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/client/guard"
	"idtop/client/ledger"
)

// lives tells which processes live among those that hold jobs of a book. A process
// has an id of its own, which is never used again.
type lives interface {
	// begin gives this process an id, and shows that it lives until end is called or
	// the process ends, however that ends.
	begin() (id string, err error)
	end() error
	// alive tells whether a process lives. tx is a transaction under way.
	alive(tx *ledger.Tx, id string) (bool, error)
}

func livesOf(book *ledger.Book) lives {
	if clock := book.Clock(); clock != "" {
		return &beats{book: book, clock: clock}
	}
	return &files{path: filepath.Join(book.Dir(), livesFolder)}
}

// anID is the form of an id. It is the name of a file too.
var anID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func newID() string {
	id := make([]byte, 16)
	rand.Read(id) // never fails
	return hex.EncodeToString(id)
}

// livesFolder is the folder in a book's folder that has a file for each process.
const livesFolder = "holders"

// files are the lives of processes on one machine: each keeps a file locked, and the
// operating system frees it when the process ends. A process that is stopped or sleeps
// keeps its lock.
type files struct {
	path string
	dir  *datadir.Dir
	lock *datadir.Lock // nil before begin and after end
}

func (f *files) begin() (string, error) {
	dir, err := datadir.Open(f.path)
	if err != nil {
		return "", err
	}
	f.dir = dir
	others, err := os.ReadDir(f.path)
	for _, other := range others {
		_, _ = f.alive(nil, other.Name()) // the files of the dead are removed
	}
	for range 3 { // another process may take the new file for that of a dead one
		id := newID()
		if f.lock, err = dir.Lock(id); err != nil {
			continue
		}
		var ok bool
		if ok, err = f.lock.Try(); ok {
			return id, nil
		}
	}
	return "", errors.Join(err, dir.Close())
}

func (f *files) end() error {
	if f.lock == nil {
		return nil
	}
	lock := f.lock
	f.lock = nil
	err := f.dir.Remove(filepath.Base(lock.Path()))
	return errors.Join(err, lock.Unlock(), f.dir.Close())
}

func (f *files) alive(_ *ledger.Tx, id string) (bool, error) {
	if !anID.MatchString(id) {
		return false, nil
	}
	if _, err := os.Lstat(filepath.Join(f.path, id)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	dir, err := datadir.Find(f.path)
	if err != nil {
		return false, err
	}
	defer dir.Close()
	lock, err := dir.Lock(id)
	if err != nil {
		return false, err
	}
	free, err := lock.Try()
	if err != nil || !free {
		return err == nil, err
	}
	// Removed while it is locked: its process would see that it has lost it.
	return false, errors.Join(dir.Remove(id), lock.Unlock())
}

// How long a beat lasts, by the clock of the database, and when the next one comes.
const (
	beatLasts = 10 * time.Second
	beatEvery = 3 * time.Second
)

// beats are the lives of processes that share a server: each renews a row again and
// again. A process that comes late is taken for dead; its jobs may go to another one,
// and then the fence of the lease stops it.
type beats struct {
	book  *ledger.Book
	clock string // the time of the server, in SQL
	id    string
	stop  chan struct{}
	over  chan struct{}
}

func (b *beats) begin() (string, error) {
	b.id, b.stop, b.over = newID(), make(chan struct{}), make(chan struct{})
	if err := b.beat(); err != nil {
		b.id = ""
		return "", err
	}
	guard.Go(func() {
		defer close(b.over)
		for client.Sleep(context.Background(), beatEvery, b.stop) {
			_ = b.beat() // the next one may succeed; without any the fence decides
		}
	})
	return b.id, nil
}

func (b *beats) beat() error {
	return b.book.Write(func(tx *ledger.Tx) error {
		if _, err := tx.Exec(fmt.Sprintf("DELETE FROM holders WHERE until < %s - %d", b.clock, time.Hour.Milliseconds())); err != nil {
			return err
		}
		_, err := tx.Exec(fmt.Sprintf("INSERT INTO holders (id, until) VALUES ($1, %s + %d) ON CONFLICT (id) DO UPDATE SET until = excluded.until",
			b.clock, beatLasts.Milliseconds()), b.id)
		return err
	})
}

func (b *beats) end() error {
	if b.id == "" {
		return nil
	}
	close(b.stop)
	<-b.over
	id := b.id
	b.id = ""
	return b.book.Write(func(tx *ledger.Tx) error {
		_, err := tx.Exec("DELETE FROM holders WHERE id = $1", id)
		return err
	})
}

func (b *beats) alive(tx *ledger.Tx, id string) (bool, error) {
	var n int
	err := tx.QueryRow("SELECT count(*) FROM holders WHERE id = $1 AND until > "+b.clock, id).Scan(&n)
	return n > 0, err
}
