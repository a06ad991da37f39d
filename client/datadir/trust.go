package datadir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Trust is the conditions for reading a file outside of a Dir, such as a config:
// the file chooses the account to act on, or names a program to run.
type Trust struct {
	Most  int                     // the largest size in bytes
	Pipe  bool                    // a pipe is accepted too, and waited for
	Check func(fs.FileInfo) error // a further condition; may be nil
}

// Why a file is not trusted; there are other reasons too.
var (
	ErrOtherOwner  = errors.New("it belongs to another user")
	ErrOthersWrite = errors.New("others may write to it")
)

// TooLong is the error for a file that is too large.
type TooLong struct{ Most int }

// Error names the limit.
func (l *TooLong) Error() string { return fmt.Sprintf("it has more than %d bytes", l.Most) }

// DeadLink is the error for a link to a missing file.
type DeadLink struct{ Path string }

// Error names the link.
func (l *DeadLink) Error() string { return fmt.Sprintf("the link %q leads nowhere", l.Path) }

// Read reads a file that only its owner and the system may write. It checks the
// opened file, not the name, which may lead elsewhere by then, and reads no more
// than the limit. Unless Pipe is set, it never waits.
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

// deadLink returns the first part of a path that is a link to a missing file, ""
// when there is none.
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
