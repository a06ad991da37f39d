package datadir

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// longest bounds the files that Read reads, in bytes.
const longest = 1 << 20

// OpenFile opens a file, with the flags of os.OpenFile, never through a link. A new
// file is for its owner alone under any umask; an existing file loses the read
// rights of others. The name of a new file is on the disk after Sync.
func (d *Dir) OpenFile(name string, flag int) (*os.File, error) {
	path := d.Join(name)
	if flag&os.O_CREATE != 0 {
		f, err := d.root.OpenFile(name, flag|os.O_EXCL, 0o600)
		if err == nil {
			if err := f.Chmod(0o600); err != nil {
				f.Close()
				return nil, failed(path, err)
			}
			return f, nil
		}
		if flag&os.O_EXCL != 0 || !errors.Is(err, fs.ErrExist) {
			return nil, failed(path, err)
		}
	}
	for range 9 {
		f, err := d.openExisting(name, flag)
		if !errors.Is(err, errReplaced) {
			return f, err
		}
	}
	return nil, d.gone(name)
}

// OpenFile is Dir.OpenFile for a file in a folder that may be another's.
func OpenFile(path string, flag int) (*os.File, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, failed(path, err)
	}
	d := &Dir{filepath.Dir(path), root}
	defer d.Close()
	return d.OpenFile(filepath.Base(path), flag)
}

// errReplaced says that another process replaced a file, as WriteWhole does,
// between the look at its name and its opening.
var errReplaced = errors.New("replaced while it was opened")

// openExisting opens an existing file. O_CREATE would follow a link, and O_TRUNC
// would empty a file before it is checked.
func (d *Dir) openExisting(name string, flag int) (*os.File, error) {
	path := d.Join(name)
	named, err := d.root.Lstat(name)
	if err != nil {
		return nil, failed(path, err)
	}
	if !named.Mode().IsRegular() {
		return nil, notPlain(path, named)
	}
	f, err := d.root.OpenFile(name, flag&^(os.O_CREATE|os.O_TRUNC)|noWait, 0)
	if err != nil {
		return nil, failed(path, err)
	}
	if err := d.checkOpen(f, named, flag); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (d *Dir) checkOpen(f *os.File, named fs.FileInfo, flag int) error {
	path := d.Join(named.Name())
	info, err := f.Stat()
	if err != nil {
		return failed(path, err)
	}
	if !os.SameFile(named, info) {
		return errReplaced
	}
	if err := checkFile(path, info); err != nil {
		return err
	}
	// CreateWhole gives a file two names for a moment; reading it then is harmless.
	if flag&(os.O_WRONLY|os.O_RDWR) != 0 && links(info) > 1 {
		return hardLink(path)
	}
	if OthersMay(info, anyRight) {
		if err := f.Chmod(0o600); err != nil {
			return failed(path, err)
		}
	}
	if flag&os.O_TRUNC != 0 {
		return failed(path, f.Truncate(0))
	}
	return nil
}

// checkFile says why others may control a file.
func checkFile(path string, info fs.FileInfo) error {
	switch {
	case !info.Mode().IsRegular():
		return notPlain(path, info)
	case !OwnedByUser(info):
		return unsafe(path, "it belongs to another user", hintMoveAway)
	case OthersMay(info, writeRight):
		return unsafe(path, fmt.Sprintf("others may write to it (mode %04o)", info.Mode().Perm()), hintMoveAway)
	}
	return nil
}

// hardLink refuses a file that may have another name elsewhere: a write would
// change that one too.
func hardLink(path string) error {
	return unsafe(path, "it has a second name, maybe elsewhere (a hard link)", hintMoveAway)
}

func notPlain(path string, info fs.FileInfo) error {
	if info.Mode()&fs.ModeSymlink != 0 {
		return unsafe(path, "it is a symbolic link", hintMoveAway)
	}
	return unsafe(path, "it is not a plain file", hintMoveAway)
}

// Look returns the FileInfo of a file. It does not follow a link.
func (d *Dir) Look(name string) (fs.FileInfo, error) {
	info, err := d.root.Lstat(name)
	return info, failed(d.Join(name), err)
}

// Same fails with ErrGone when a file that somebody has open is not the one that the
// path leads to any more: it or the folder was moved, removed or replaced.
func (d *Dir) Same(was fs.FileInfo, name string) error {
	path := d.Join(name)
	for _, look := range []func() (fs.FileInfo, error){
		func() (fs.FileInfo, error) { return os.Lstat(path) },
		func() (fs.FileInfo, error) { return d.root.Lstat(name) },
	} {
		there, err := look()
		switch {
		case err != nil:
			return failed(path, err)
		case there.Mode()&fs.ModeSymlink != 0:
			return notPlain(path, there)
		case !os.SameFile(there, was):
			return d.gone(name)
		}
	}
	return nil
}

// Prepare makes files for a library that opens them by their paths, such as SQLite,
// or checks existing ones. It never opens an existing file: with POSIX locks,
// closing it would release the locks that the library holds in this process. Only
// this user can change the folder, so nobody else can replace a file between the
// check and the opening.
func (d *Dir) Prepare(names ...string) error {
	for _, name := range names {
		f, err := d.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
		switch {
		case err == nil:
			err = failed(d.Join(name), f.Close())
		case errors.Is(err, fs.ErrExist):
			err = d.Check(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Check checks files as Prepare does, and makes none: missing files are accepted.
func (d *Dir) Check(names ...string) error {
	for _, name := range names {
		path := d.Join(name)
		info, err := d.root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return failed(path, err)
		}
		if err := checkFile(path, info); err != nil {
			return err
		}
		if links(info) > 1 {
			return hardLink(path)
		}
		if OthersMay(info, anyRight) {
			if err := d.root.Chmod(name, 0o600); err != nil {
				return failed(path, err)
			}
		}
	}
	return nil
}

// Read reads a file of at most 1 MiB.
func (d *Dir) Read(name string) ([]byte, error) {
	f, err := d.OpenFile(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, longest+1))
	if err == nil && len(data) > longest {
		err = &TooLong{longest}
	}
	return data, failed(d.Join(name), err)
}

// WriteWhole replaces a file, as a whole or not at all.
func (d *Dir) WriteWhole(name string, data []byte) error {
	return d.put(name, whole(data), d.root.Rename)
}

// CreateWhole writes a new file, as a whole or not at all. It fails with
// fs.ErrExist when the file exists, even if another process has just made it.
func (d *Dir) CreateWhole(name string, data []byte) error {
	return d.put(name, whole(data), d.root.Link)
}

// CreateStream is CreateWhole for a file that is too large for the memory. An error of
// write leaves no file, and is returned as it is.
func (d *Dir) CreateStream(name string, write func(io.Writer) error) error {
	return d.put(name, write, d.root.Link)
}

func whole(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// put has the content written to a file beside the final one, down to the disk, and then
// gives it its name.
func (d *Dir) put(name string, write func(io.Writer) error, give func(from, to string) error) error {
	staged := "." + name + "-" + rand.Text()
	f, err := d.OpenFile(staged, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = give(staged, name)
	}
	_ = d.root.Remove(staged) // after a rename it no longer exists
	if err != nil {
		return failed(d.Join(name), err)
	}
	return d.Sync()
}

// Rename gives a file another name, which no file may have. It fails with fs.ErrExist
// then.
func (d *Dir) Rename(from, to string) error {
	switch _, err := d.root.Lstat(to); {
	case err == nil:
		return failed(d.Join(to), fs.ErrExist)
	case !errors.Is(err, fs.ErrNotExist):
		return failed(d.Join(to), err)
	}
	return d.Replace(from, to)
}

// Replace gives a file the name of another one, which is gone then. There is no moment without
// one of them.
func (d *Dir) Replace(from, to string) error {
	if err := d.root.Rename(from, to); err != nil {
		return failed(d.Join(to), err)
	}
	return d.Sync()
}

// Remove removes files; missing files are accepted.
func (d *Dir) Remove(names ...string) error {
	var all error
	for _, name := range names {
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, failed(d.Join(name), err))
		}
	}
	return all
}
