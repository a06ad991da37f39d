package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// The rights of others, as bits of a mode.
const (
	anyRight   = 0o077
	writeRight = 0o022
)

// Dir is an open folder that only its owner can change. It is safe for
// concurrent use. All errors of its methods are *Error.
type Dir struct {
	path string
	root *os.Root
}

// Open opens a folder, and makes it and its parents if need be. It refuses a folder
// in which somebody else could have put files.
func Open(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, failed(path, err)
	}
	if err := makeAll(path); err != nil {
		if info, statErr := os.Stat(path); statErr == nil && !info.IsDir() {
			return nil, unsafe(path, "it is no folder", "name another one with --data-dir")
		}
		var typed *Error
		if err = failed(path, err); errors.As(err, &typed) && !errors.Is(err, ErrFull) {
			typed.hint = hintWritable
		}
		return nil, err
	}
	return Find(path)
}

// Find is Open without making a folder: if there is none, the error is
// fs.ErrNotExist.
func Find(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, failed(path, err)
	}
	named, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, failed(path, err)
	case named.Mode()&fs.ModeSymlink != 0:
		return nil, unsafe(path, "it is a symbolic link", "name the folder itself with --data-dir")
	case !named.IsDir():
		return nil, unsafe(path, "it is no folder", "name another one with --data-dir")
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, failed(path, err)
	}
	d := &Dir{path, root}
	if err := d.check(named); err != nil {
		root.Close()
		return nil, err
	}
	return d, nil
}

// check verifies the open folder.
func (d *Dir) check(named fs.FileInfo) error {
	info, err := d.root.Stat(".")
	switch {
	case err != nil:
		return failed(d.path, err)
	case !os.SameFile(named, info):
		return d.gone("")
	case !OwnedByUser(info):
		return unsafe(d.path, "it belongs to another user", "name a folder of your own with --data-dir")
	case OthersMay(info, writeRight):
		return unsafe(d.path, fmt.Sprintf("others may write to it (mode %04o)", info.Mode().Perm()), fmt.Sprintf("chmod 700 %+q", d.path))
	}
	return nil
}

// makeAll makes a folder and its parents. Each new name is on the disk when it
// returns.
func makeAll(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent == path {
		return &fs.PathError{Op: "mkdir", Path: path, Err: fs.ErrNotExist}
	}
	if err := makeAll(parent); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // Find checks it
		}
		return err
	}
	// Only needed under an umask that removes the owner's own rights.
	if info, err := os.Lstat(path); err == nil && runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		if err := os.Chmod(path, 0o700); err != nil {
			return err
		}
	}
	return syncFolder(os.Open, parent)
}

// Path returns the absolute path of the folder.
func (d *Dir) Path() string { return d.path }

// Join returns the path of a file in the folder, for libraries that open files by
// their paths; see Prepare.
func (d *Dir) Join(name string) string { return filepath.Join(d.path, name) }

// Close closes the folder.
func (d *Dir) Close() error { return d.root.Close() }

// Private removes the rights of others to read the folder, which Open leaves.
func (d *Dir) Private() error {
	f, err := d.root.Open(".")
	if err != nil {
		return failed(d.path, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !OthersMay(info, anyRight) {
		return nil
	}
	return failed(d.path, f.Chmod(0o700))
}

// Sync makes sure that the names of new, renamed and removed files are on the disk
// too.
func (d *Dir) Sync() error { return failed(d.path, syncFolder(d.root.Open, ".")) }

func syncFolder(open func(string) (*os.File, error), name string) error {
	if runtime.GOOS == "windows" {
		return nil // it has no such call, and needs none
	}
	f, err := open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// gone is the error when a name leads to something else than before; "" is the
// folder itself.
func (d *Dir) gone(name string) error {
	return &Error{d.Join(name), ErrGone.Error(), ErrGone, "put it back as it was, then start again"}
}
