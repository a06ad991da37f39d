package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"idtop/ui/safe"
)

// trust says what a file must be to be read: it decides whose account is acted
// on, or names a program that is run.
type trust struct {
	most  int                     // how many bytes it may have
	pipe  bool                    // a pipe will do, and is waited for
	check func(fs.FileInfo) error // more that is asked of it; may be nil
}

// read reads a file that its owner and the system alone may write. It looks at
// the file that it opened and not at the name, which may lead elsewhere by then,
// and reads no more than the bound. Unless a pipe will do it waits for nobody.
func (t trust) read(name string) ([]byte, error) {
	flags := os.O_RDONLY
	if !t.pipe {
		flags |= noWait
	}
	f, err := os.OpenFile(name, flags, 0)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			if link := deadLink(name); link != "" {
				return nil, fmt.Errorf("the link %s leads nowhere", safe.Quote(link))
			}
		}
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	pipe := t.pipe && info.Mode()&fs.ModeNamedPipe != 0
	switch {
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case !info.Mode().IsRegular() && !pipe && t.pipe:
		return nil, errors.New("it is neither a file nor a pipe")
	case !info.Mode().IsRegular() && !pipe:
		return nil, errors.New("it is not a plain file")
	case !ownedByUser(info) && !ownedByRoot(info):
		return nil, errOtherOwner
	case othersMay(info, writable):
		return nil, errOthersWrite
	}
	if t.check != nil {
		if err := t.check(info); err != nil {
			return nil, err
		}
	}
	text, err := io.ReadAll(io.LimitReader(f, int64(t.most)+1))
	if err == nil && len(text) > t.most {
		err = &tooLong{t.most}
	}
	return text, err
}

// Why a file is not trusted.
var (
	errOtherOwner  = errors.New("it belongs to another user")
	errOthersWrite = errors.New("others may write to it")
)

// tooLong is a file of more bytes than it may have.
type tooLong struct{ most int }

func (l *tooLong) Error() string { return fmt.Sprintf("it has more than %d bytes", l.most) }

// deadLink returns the first part of a path that is a link to something that is
// not there, "" when there is none.
func deadLink(path string) string {
	info, err := os.Lstat(path)
	switch parent := filepath.Dir(path); {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		return path
	case err == nil || parent == path:
		return ""
	default:
		return deadLink(parent)
	}
}
