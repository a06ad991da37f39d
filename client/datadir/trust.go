package datadir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Trust names the conditions for reading a file outside of a Dir, such as a config: it
// decides whose account is acted on, or names a program that is run.
type Trust struct {
	Most  int                     // how many bytes it may have
	Pipe  bool                    // a pipe will do, and is waited for
	Check func(fs.FileInfo) error // more that is asked of it; may be nil
}

// Why a file is not trusted, besides others.
var (
	ErrOtherOwner  = errors.New("it belongs to another user")
	ErrOthersWrite = errors.New("others may write to it")
)

// TooLong is a file of more bytes than it may have.
type TooLong struct{ Most int }

// Error says how many those are.
func (l *TooLong) Error() string { return fmt.Sprintf("it has more than %d bytes", l.Most) }

// DeadLink is a link to something that is not there.
type DeadLink struct{ Path string }

// Error names the link.
func (l *DeadLink) Error() string { return fmt.Sprintf("the link %q leads nowhere", l.Path) }

// Read reads a file that its owner and the system alone may write. It looks at
// the file that it opened and not at the name, which may lead elsewhere by then,
// and reads no more than the bound. Unless a pipe will do it waits for nobody.
func (t Trust) Read(name string) ([]byte, error) {
	flags := os.O_RDONLY
	if !t.Pipe {
		flags |= noWait
	}
	f, err := os.OpenFile(name, flags, 0)
	if err != nil {
		if link := deadLink(name); link != "" && errors.Is(err, fs.ErrNotExist) {
			return nil, &DeadLink{link}
		}
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	pipe := t.Pipe && info.Mode()&fs.ModeNamedPipe != 0
	switch {
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case !info.Mode().IsRegular() && !pipe && t.Pipe:
		return nil, errors.New("it is neither a file nor a pipe")
	case !info.Mode().IsRegular() && !pipe:
		return nil, errors.New("it is not a plain file")
	case !OwnedByUser(info) && !ownedByRoot(info):
		return nil, ErrOtherOwner
	case OthersMay(info, writeRight):
		return nil, ErrOthersWrite
	}
	if t.Check != nil {
		if err := t.Check(info); err != nil {
			return nil, err
		}
	}
	text, err := io.ReadAll(io.LimitReader(f, int64(t.Most)+1))
	if err == nil && len(text) > t.Most {
		err = &TooLong{t.Most}
	}
	return text, err
}

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
