package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The files, see the package's doc.
const (
	bookFile  = "book.db"
	lockFile  = "book.lock"
	usersFile = "book.users"
	markFile  = "book.mark"
	keyFile   = "book.key"
)

// openDir makes the folder, and refuses one that others could change.
func openDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return diskError(dir, err)
	}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return diskError(dir, err)
	case !info.IsDir():
		return &Error{Cause: CauseUnsafe, Path: dir, Err: errors.New("it is a link, not a folder")}
	case distrust(info) != "":
		return &Error{Cause: CauseUnsafe, Path: dir, Err: errors.New(distrust(info))}
	}
	return nil
}

// openFile opens a file of the ledger, never through a link, and takes away
// what others may do with it.
func openFile(dir, name string, flag int) (*os.File, error) {
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, flag|noFollow, 0o600)
	if err != nil {
		return nil, diskError(path, err)
	}
	if err := checkFile(f, path); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func checkFile(f *os.File, path string) error {
	if err := samePlace(f, path); err != nil {
		return err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		return diskError(path, err)
	case !info.Mode().IsRegular():
		return &Error{Cause: CauseUnsafe, Path: path, Err: errors.New("it is not a file")}
	case distrust(info) != "":
		return &Error{Cause: CauseUnsafe, Path: path, Err: errors.New(distrust(info))}
	case info.Mode().Perm()&0o077 != 0:
		if err := f.Chmod(0o600); err != nil {
			return diskError(path, err)
		}
	}
	return nil
}

// samePlace fails when the open file is not the one at the path.
func samePlace(f *os.File, path string) error {
	there, err := os.Lstat(path)
	if err != nil {
		return diskError(path, err)
	}
	if there.Mode()&fs.ModeSymlink != 0 {
		return &Error{Cause: CauseUnsafe, Path: path, Err: errors.New("it is a link")}
	}
	open, err := f.Stat()
	if err != nil {
		return diskError(path, err)
	}
	if !os.SameFile(there, open) {
		return &Error{Cause: CauseGone, Path: path}
	}
	return nil
}
