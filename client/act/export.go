package act

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"idtop/client/datadir"
	"idtop/client/ledger"
)

// Export is a file that the operator asked for.
type Export struct {
	Path     string // of the file; none is replaced
	Format   string
	Personal bool   // with user_ids, references and customers
	Query    string // the query that chose it; it names no person
	UserID   string // of the person whose sessions it has; "" otherwise
	Write    func(io.Writer) (Exported, error)
}

// Exported is what a file has.
type Exported struct {
	Count   int
	Of      string // the things counted, such as "sessions"
	Columns []string
	Path    string // of the file
}

// String names it without its path.
func (e Exported) String() string { return fmt.Sprintf("%d %s", e.Count, e.Of) }

// errNoFile is why a path names no file.
var errNoFile = errors.New("the path ends with a folder: name a file in it")

// Export writes a file that only its owner can read. It is recorded before the file has
// its name, with its SHA-256; without the record there is no file.
func (d *Desk) Export(e Export) (done Exported, err error) {
	path, err := filepath.Abs(e.Path)
	if err != nil || strings.HasSuffix(e.Path, string(filepath.Separator)) {
		return done, errors.Join(err, errNoFile)
	}
	folder, err := datadir.Open(filepath.Dir(path))
	if err != nil {
		return done, err
	}
	defer folder.Close()
	name := filepath.Base(path)
	if _, err := folder.Look(name); err == nil {
		return done, exists(path)
	}
	err = folder.CreateStream(name, func(f io.Writer) error {
		sum := sha256.New()
		if done, err = e.Write(io.MultiWriter(f, sum)); err != nil {
			return err
		}
		note := d.act(ledger.Export, "", e.UserID)
		note.Detail = e.detail(done, ledger.Hash(sum.Sum(nil)))
		_, err = d.Ledger.Note(note)
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		return done, exists(path)
	}
	done.Path = path
	return done, err
}

func exists(path string) error { return fmt.Errorf("%s exists, and no file is replaced", path) }

// detail describes an export in its record, which cuts it at the end.
func (e Export) detail(done Exported, sum ledger.Hash) string {
	with := "without"
	if e.Personal {
		with = "with"
	}
	detail := fmt.Sprintf("%s as %s %s personal data; sha256 %s; columns %s", done, e.Format, with, sum, strings.Join(done.Columns, " "))
	if e.Query != "" {
		detail += "; query " + e.Query
	}
	return detail
}
