package datadir

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// ErrUnread says that a database can't be read without changing its files.
var ErrUnread = errors.New("the log of an idtop that was ended lies beside it: the next start reads it in")

// Still gives look the address of a SQLite database under which a look changes no file
// beside it: SQLite makes files when it opens a database that nobody has open, unless it
// may take the file for one that never changes. When look fails and somebody has opened
// the database meanwhile, the fault may be none, and Still looks again.
func Still(path string, look func(address string) error) error {
	for {
		address, again, err := still(path)
		if err != nil {
			return err
		}
		if err := look(address); err == nil || !again() {
			return err
		}
	}
}

// still tells by again whether somebody has opened the database since.
func still(path string) (address string, again func() bool, err error) {
	opened := func() bool { _, err := os.Lstat(path + "-shm"); return err == nil }
	options := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "query_only(1)"}}
	again = func() bool { return false }
	if !opened() {
		switch log, err := os.Lstat(path + "-wal"); {
		case err == nil && log.Size() > 0:
			return "", nil, ErrUnread
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", nil, err
		}
		options.Set("immutable", "1")
		again = opened
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/...
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: options.Encode()}).String(), again, nil
}
