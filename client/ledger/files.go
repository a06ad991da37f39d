package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"idtop/client"
)

// The files of a book. Package datadir guards them.
const (
	bookFile  = "book.db"    // the database
	lockFile  = "book.lock"  // locked by the process that writes
	usersFile = "book.users" // locked, for sharing, by every process that has the book open
	markFile  = "book.mark"  // the head of the last commit
	keyFile   = "book.key"   // under which the records have persons
)

const booksDir = "books"

// BookDir is the folder of the book of one account and mode in a data folder.
func BookDir(data, account string, live bool) string {
	return filepath.Join(data, booksDir, fileName(account)+"-"+client.ModeName(live))
}

// Books are the folders of all books in a data folder, in the order of their names.
func Books(data string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(data, booksDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, diskError(filepath.Join(data, booksDir), err)
	}
	var dirs []string
	for _, entry := range entries {
		dir := filepath.Join(data, booksDir, entry.Name())
		if entry.IsDir() && isThere(filepath.Join(dir, bookFile)) {
			dirs = append(dirs, dir)
		}
	}
	return dirs, nil
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// LockOf is the path of the lock of the process that writes to the book of a folder.
func LockOf(dir string) string { return filepath.Join(dir, lockFile) }
