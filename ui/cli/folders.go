package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"idtop/ui/safe"
)

// Where things are on this system. The environment of the process decides, so
// that a run without one writes nowhere.

// stateHome is the folder of what a program keeps between its runs.
func stateHome(p *Process) (string, error) {
	return home(p, runtime.GOOS, "XDG_STATE_HOME", map[string][]string{
		"darwin": {"HOME", "Library", "Application Support"}, "windows": {"LocalAppData"}, "": {"HOME", ".local", "state"},
	})
}

// configHome is the folder of what people write for a program.
func configHome(p *Process) (string, error) {
	return home(p, runtime.GOOS, "XDG_CONFIG_HOME", map[string][]string{
		"darwin": {"HOME", "Library", "Application Support"}, "windows": {"AppData"}, "": {"HOME", ".config"},
	})
}

// home returns the folder that a variable names, else that of the system: a
// variable and what is below it. As the XDG specification wants, a variable that
// holds no absolute path counts as not set.
func home(p *Process, system, variable string, systems map[string][]string) (string, error) {
	if dir := p.getenv(variable); filepath.IsAbs(dir) {
		return dir, nil
	}
	parts, ok := systems[system]
	if !ok {
		parts = systems[""]
	}
	if dir := p.getenv(parts[0]); filepath.IsAbs(dir) {
		return filepath.Join(append([]string{dir}, parts[1:]...)...), nil
	}
	return "", fmt.Errorf("neither %s nor %s is set", variable, parts[0])
}

// writable are the rights of others to write.
const writable = 0o022

// unsafeFolder is why a folder can't be used for what only its owner may see.
type unsafeFolder struct{ dir, why, hint string }

func (u *unsafeFolder) Error() string { return safe.Quote(u.dir) + ": " + u.why }

// makePrivate makes a folder that only its owner may look into, or finds one. It
// refuses a folder that somebody else could have put other things into.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		if info, failed := os.Stat(dir); failed == nil && !info.IsDir() {
			return &unsafeFolder{dir, "it is no folder", "name another one with --data-dir"}
		}
		return &unsafeFolder{dir, pathCause(err).Error(), "name a folder that you may write to with --data-dir"}
	}
	return checkPrivate(dir)
}

// checkPrivate looks at the folder itself; above it the system's owner decides.
func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return &unsafeFolder{dir, "it is a symbolic link", "name the folder itself with --data-dir"}
	case !info.IsDir():
		return &unsafeFolder{dir, "it is no folder", "name another one with --data-dir"}
	case !ownedByUser(info):
		return &unsafeFolder{dir, "it belongs to another user", "name a folder of your own with --data-dir"}
	case othersMay(info, writable):
		return &unsafeFolder{dir, fmt.Sprintf("others may write to it (mode %04o)", info.Mode().Perm()), "chmod 700 " + safe.Quote(dir)}
	}
	return nil
}

// longestPrivate bounds what is read of a file of our own, in bytes.
const longestPrivate = 1 << 20

// readPrivate reads a file of a folder. It follows no link and reads no file
// that is not a plain one of this user's.
func readPrivate(folder *os.Root, name string) ([]byte, error) {
	info, err := folder.Lstat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a plain file")
	case !ownedByUser(info):
		return nil, errors.New("it belongs to another user")
	case othersMay(info, writable):
		return nil, fmt.Errorf("others may write to it (mode %04o)", info.Mode().Perm())
	}
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if opened, err := f.Stat(); err != nil || !os.SameFile(info, opened) {
		return nil, errors.New("it was replaced while it was opened")
	}
	data, err := io.ReadAll(io.LimitReader(f, longestPrivate+1))
	if len(data) > longestPrivate {
		return nil, fmt.Errorf("it has more than %d bytes", longestPrivate)
	}
	return data, err
}

// writePrivate replaces a file of a folder, as a whole or not at all.
func writePrivate(folder *os.Root, name string, data []byte) error {
	written, err := stage(folder, name, data)
	if err != nil {
		return err
	}
	if err := folder.Rename(written, name); err != nil {
		_ = folder.Remove(written)
		return err
	}
	return syncFolder(folder)
}

// createPrivate writes a file that is not there yet, as a whole or not at all.
// It fails with fs.ErrExist when another process was faster.
func createPrivate(folder *os.Root, name string, data []byte) error {
	written, err := stage(folder, name, data)
	if err != nil {
		return err
	}
	err = folder.Link(written, name)
	_ = folder.Remove(written)
	if err != nil {
		return err
	}
	return syncFolder(folder)
}

// stage writes a file beside the one that it will be, down to the disk.
func stage(folder *os.Root, name string, data []byte) (written string, err error) {
	written = "." + name + "-" + rand.Text()
	f, err := folder.OpenFile(written, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = folder.Remove(written)
		return "", err
	}
	return written, nil
}

// syncFolder makes sure that a file's new name is on the disk too.
func syncFolder(folder *os.Root) error {
	if runtime.GOOS == "windows" {
		return nil // it has no such call, and needs none
	}
	f, err := folder.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// pathCause is an error of the file system without the operation and the path.
func pathCause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
