package mirror

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// The files of a mirror. SQLite makes the two others beside mirror.db itself,
// with mirror.db's mode.
const (
	dbFile   = "mirror.db"
	leadFile = "mirror.lock" // locked by the process that leads
	useFile  = "mirror.use"  // locked, for sharing, by every process that has the mirror open
)

var allFiles = []string{dbFile, dbFile + "-wal", dbFile + "-shm", dbFile + "-journal", leadFile, useFile}

// prepare makes the folder and the files, for us alone whatever the umask is,
// and refuses those that somebody else could have put there: links, another
// user's, and what others may write. Once the folder is ours alone nobody can
// put anything else in their place.
func prepare(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return troubleIn(dir, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return troubleIn(dir, err)
	}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return troubleIn(dir, err)
	case !info.IsDir():
		return unsafeFile(dir, "is not a folder")
	case !ours(info):
		return unsafeFile(dir, "belongs to another user")
	case others(info)&0o022 != 0:
		return unsafeFile(dir, "can be written by other users")
	case others(info) != 0:
		if err := os.Chmod(dir, 0o700); err != nil {
			return troubleIn(dir, err)
		}
	}
	for _, name := range allFiles {
		if err := prepareFile(filepath.Join(dir, name), name == dbFile || name == leadFile || name == useFile); err != nil {
			return troubleIn(dir, err)
		}
	}
	return nil
}

// prepareFile checks one file, or makes it. It never opens one that is there:
// where SQLite's locks are POSIX locks, closing it would free those that this
// process has.
func prepareFile(path string, needed bool) error {
	if needed {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return errors.Join(f.Chmod(0o600), f.Close())
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return unsafeFile(path, "is not a plain file")
	case !ours(info):
		return unsafeFile(path, "belongs to another user")
	case others(info) != 0:
		return os.Chmod(path, 0o600)
	}
	return nil
}

func unsafeFile(path, why string) error {
	return &Trouble{
		What: fmt.Sprintf("%s %s", path, why),
		Hint: "move it away, or name another folder with --data-dir",
		Err:  ErrUnsafe,
	}
}

// use locks the mirror for sharing, so that nobody removes it meanwhile.
func use(dir string) (*flock.Flock, error) {
	lock := newLock(dir, useFile)
	ok, err := lock.TryRLock()
	if err != nil {
		return nil, troubleIn(dir, err)
	}
	if !ok {
		return nil, inUse(dir, "is being removed by another idtop")
	}
	return lock, nil
}

func inUse(dir, why string) error {
	return &Trouble{
		What: fmt.Sprintf("the mirror in %s %s", dir, why),
		Hint: "close every other idtop and try again",
		Err:  ErrInUse,
	}
}

func newLock(dir, name string) *flock.Flock {
	return flock.New(filepath.Join(dir, name), flock.SetFlag(lockFlags))
}

// Remove deletes the mirror in a folder, so that it is read from Stripe anew.
// It refuses while any process has the mirror open. The lock files stay: who
// waits for one must not lock a file that has no name any more.
func Remove(dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := prepare(dir); err != nil {
		return err
	}
	lock := newLock(dir, useFile)
	ok, err := lock.TryLock()
	if err != nil {
		return troubleIn(dir, err)
	}
	if !ok {
		return inUse(dir, "is open in another idtop")
	}
	defer lock.Close()
	var failed error
	for _, name := range allFiles {
		if name == leadFile || name == useFile {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return troubleIn(dir, failed)
}
