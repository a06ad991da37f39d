//go:build unix

package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func open(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// must fails the test with the first error.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// expect checks that an error is of a kind, says why, and says a way out.
func expect(t *testing.T, err, kind error, why string) {
	t.Helper()
	var typed *Error
	if !errors.Is(err, kind) || !errors.As(err, &typed) {
		t.Errorf("got %v, want %v", err, kind)
		return
	}
	if !strings.Contains(typed.Why, why) || typed.Hint() == "" || typed.Path == "" || strings.HasSuffix(typed.Why, ".") {
		t.Errorf("got %q, hint %q, path %q; want %q", typed.Why, typed.Hint(), typed.Path, why)
	}
}

// modes checks that all below a folder is for its owner alone.
func modes(t *testing.T, dir string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[entry.IsDir()]; err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has the mode %o", path, info.Mode().Perm())
		}
		return err
	}))
}

func TestModesWhateverTheUmaskIs(t *testing.T) {
	base := t.TempDir()
	for _, umask := range []int{0, 0o022, 0o277, 0o777} {
		old := syscall.Umask(umask)
		top := filepath.Join(base, fmt.Sprintf("%o", umask))
		d := open(t, filepath.Join(top, "a", "b"))
		f, err := d.OpenFile("opened", os.O_RDWR|os.O_CREATE)
		must(t, err, f.Close(), d.WriteWhole("written", nil), d.CreateWhole("created", nil), d.Prepare("prepared"))
		_, err = d.Lock("lock")
		syscall.Umask(old)
		must(t, err)
		modes(t, top)
	}
}

// What others may read is closed to them, and what they may write is refused.
func TestModesOfBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	must(t, os.Mkdir(path, 0o755), os.WriteFile(filepath.Join(path, "a"), []byte("text"), 0o644), os.WriteFile(filepath.Join(path, "b"), nil, 0o640))
	d := open(t, path)
	text, err := d.Read("a")
	must(t, err, d.Check("b", "missing"), d.Private())
	if string(text) != "text" {
		t.Errorf("read %q", text)
	}
	modes(t, path)
	if _, err := os.Lstat(d.Join("missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a look made a file")
	}
	must(t, os.Chmod(d.Join("a"), 0o620), os.Chmod(d.Join("b"), 0o602))
	_, err = d.Read("a")
	expect(t, err, ErrUnsafe, "others may write to it (mode 0620)")
	expect(t, d.Check("b"), ErrUnsafe, "others may write to it (mode 0602)")
	expect(t, d.Prepare("b"), ErrUnsafe, "others may write to it (mode 0602)")
	_, err = d.Lock("b")
	expect(t, err, ErrUnsafe, "others may write to it")
}

func TestFoldersThatAreRefused(t *testing.T) {
	base := t.TempDir()
	at := func(name string) string { return filepath.Join(base, name) }
	must(t, os.WriteFile(at("file"), nil, 0o600), os.Symlink(t.TempDir(), at("link")), os.Symlink(at("nothing"), at("dangling")),
		os.Mkdir(at("open"), 0o700), os.Chmod(at("open"), 0o720))
	for name, why := range map[string]string{
		"file": "it is no folder", "link": "it is a symbolic link", "dangling": "it is a symbolic link", "open": "others may write to it (mode 0720)",
	} {
		_, err := Open(at(name))
		expect(t, err, ErrUnsafe, why)
		_, err = Find(at(name))
		expect(t, err, ErrUnsafe, why)
	}
	_, err := Open(at("file/below"))
	expect(t, err, ErrGone, "not a directory")
	if _, err := Find(at("none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("found what is not there: %v", err)
	}
	for _, name := range []string{"nothing", "none"} {
		if _, err := os.Lstat(at(name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was made", name)
		}
	}
}

func TestOwners(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to somebody else")
	}
	d := open(t, filepath.Join(t.TempDir(), "d"))
	must(t, d.Prepare("f"), os.Chown(d.Join("f"), 12345, -1))
	expect(t, d.Check("f"), ErrUnsafe, "it belongs to another user")
	_, err := d.OpenFile("f", os.O_RDWR|os.O_CREATE)
	expect(t, err, ErrUnsafe, "it belongs to another user")
	must(t, os.Chown(d.Path(), 12345, -1))
	_, err = Open(d.Path())
	expect(t, err, ErrUnsafe, "it belongs to another user")
}

// A link in the place of a file is refused wherever it points, and what it points
// to stays as it is.
func TestLinksAreNotFollowed(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "d"))
	outside := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(outside, []byte("theirs"), 0o600), d.WriteWhole("victim", []byte("theirs")))
	for _, target := range []string{outside, "victim", "nothing"} {
		must(t, os.Symlink(target, d.Join("f")))
		for _, flag := range []int{os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_CREATE, os.O_WRONLY | os.O_CREATE | os.O_TRUNC} {
			_, err := d.OpenFile("f", flag)
			expect(t, err, ErrUnsafe, "it is a symbolic link")
		}
		_, err := d.Lock("f")
		expect(t, err, ErrUnsafe, "it is a symbolic link")
		_, err = d.Read("f")
		expect(t, err, ErrUnsafe, "it is a symbolic link")
		expect(t, d.Check("f"), ErrUnsafe, "it is a symbolic link")
		if err := d.CreateWhole("f", nil); !errors.Is(err, fs.ErrExist) {
			t.Errorf("got %v", err)
		}
		must(t, d.WriteWhole("f", []byte("ours")), d.Remove("f", "f"))
	}
	for _, path := range []string{outside, d.Join("victim")} {
		if text, err := os.ReadFile(path); string(text) != "theirs" || err != nil {
			t.Errorf("%s holds %q, %v", path, text, err)
		}
	}
	if entries, err := os.ReadDir(d.Path()); len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestRename(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "d"))
	must(t, d.WriteWhole("a", []byte("one")), d.Rename("a", "b"), d.WriteWhole("a", []byte("two")))
	if err := d.Rename("a", "b"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file was replaced: %v", err)
	}
	must(t, os.Symlink("nothing", d.Join("c")))
	if err := d.Rename("a", "c"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a link was replaced: %v", err)
	}
	expect(t, d.Rename("none", "d"), ErrGone, "no such file")
	if text, err := d.Read("b"); string(text) != "one" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// A file in a folder that others may change is guarded by itself.
func TestAFileInAFolderOfOthers(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o777))
	path := filepath.Join(dir, "f")
	if _, err := OpenFile(path, os.O_RDONLY); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	f, err := OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE)
	must(t, err, f.Close())
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	must(t, os.Symlink("f", filepath.Join(dir, "link")), os.Link(path, filepath.Join(dir, "second")))
	for name, why := range map[string]string{"link": "it is a symbolic link", "second": "a hard link"} {
		_, err := OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_APPEND|os.O_CREATE)
		expect(t, err, ErrUnsafe, why)
	}
	_, err = OpenFile(filepath.Join(dir, "none", "f"), os.O_RDONLY)
	expect(t, err, ErrGone, "no such file")
}

func TestHardLinks(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "d"))
	victim := filepath.Join(filepath.Dir(d.Path()), "victim")
	must(t, os.WriteFile(victim, []byte("theirs"), 0o600), os.Link(victim, d.Join("f")))
	_, err := d.OpenFile("f", os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	expect(t, err, ErrUnsafe, "a hard link")
	expect(t, d.Prepare("f"), ErrUnsafe, "a hard link")
	must(t, d.WriteWhole("f", []byte("ours")))
	if text, err := os.ReadFile(victim); string(text) != "theirs" || err != nil {
		t.Errorf("the victim holds %q, %v", text, err)
	}
}

func TestPipesAreNotWaitedFor(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "d"))
	must(t, syscall.Mkfifo(d.Join("f"), 0o600))
	_, err := d.Read("f")
	expect(t, err, ErrUnsafe, "it is not a plain file")
	_, err = Trust{Most: 10}.Read(d.Join("f"))
	if err == nil || err.Error() != "it is not a plain file" {
		t.Errorf("got %v", err)
	}
}

func TestWholeFiles(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "a", "b"))
	must(t, d.CreateWhole("f", []byte("zero")))
	for _, text := range []string{"one", "two"} {
		must(t, d.WriteWhole("f", []byte(text)))
		if got, err := d.Read("f"); string(got) != text || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if err := d.CreateWhole("f", []byte("three")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("an existing file was created: %v", err)
	}
	if _, err := d.Read("missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	must(t, d.WriteWhole("long", make([]byte, longest+1)))
	if _, err := d.Read("long"); err == nil || !strings.Contains(err.Error(), "it has more than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
	must(t, d.Remove("long"))
	modes(t, filepath.Dir(d.Path()))
	if entries, err := os.ReadDir(d.Path()); len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// A file that is replaced all the time is read as one of those, never refused.
func TestReadWhileOthersWrite(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "d"))
	must(t, d.WriteWhole("f", []byte("a")))
	done := make(chan error)
	go func() {
		var err error
		for range 300 {
			err = errors.Join(err, d.WriteWhole("f", []byte("b")))
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			must(t, err)
			return
		default:
			if text, err := d.Read("f"); err != nil || len(text) != 1 {
				t.Fatalf("%q, %v", text, err)
			}
		}
	}
}

func TestAFileThatWasReplacedIsGone(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "d"))
	must(t, d.Prepare("f"))
	was, err := d.Look("f")
	must(t, err, d.Same(was, "f"), d.WriteWhole("f", nil))
	expect(t, d.Same(was, "f"), ErrGone, "removed or replaced")
	must(t, d.Remove("f"))
	expect(t, d.Same(was, "f"), ErrGone, "")
	must(t, os.Symlink("g", d.Join("f")))
	expect(t, d.Same(was, "f"), ErrUnsafe, "it is a symbolic link")
}

func TestAFolderThatWasReplacedIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	d := open(t, path)
	must(t, d.Prepare("f"))
	was, err := d.Look("f")
	must(t, err)
	lock, err := d.Lock("lock")
	must(t, err, os.Rename(path, path+"2"), os.Mkdir(path, 0o700))
	must(t, open(t, path).Prepare("f", "lock"))
	expect(t, d.Same(was, "f"), ErrGone, "")
	_, err = lock.Try()
	expect(t, err, ErrGone, "")
}

func TestLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	take := func() *Lock {
		lock, err := open(t, path).Lock("lock")
		must(t, err)
		return lock
	}
	one, two, three := take(), take(), take()
	try := func(name string, take func() (bool, error), want bool) {
		t.Helper()
		if ok, err := take(); ok != want || err != nil {
			t.Errorf("%s: %t, %v, want %t", name, ok, err, want)
		}
	}
	try("free", one.Try, true)
	try("once more", one.Try, true)
	try("taken", two.Try, false)
	try("taken, to share", two.TryShared, false)
	expect(t, two.Wait(10*time.Millisecond), ErrBusy, "another process keeps it locked")
	must(t, one.Unlock())
	try("shared", two.TryShared, true)
	try("shared by two", three.TryShared, true)
	try("shared, to have alone", one.Try, false)
	must(t, two.Unlock(), three.Unlock(), one.Wait(time.Second), one.Unlock(), one.Unlock())
}

// A file system without locks is neither damage nor a matter of rights.
func TestAFileSystemWithoutLocksIsNamed(t *testing.T) {
	for _, cause := range []error{syscall.ENOLCK, syscall.ENOSYS, &fs.PathError{Op: "flock", Path: "x", Err: syscall.ENOLCK}} {
		err := lockFailed("/mnt/home/idtop/lock", cause)
		expect(t, err, ErrNoLocks, "gives no locks: "+Cause(cause).Error())
	}
	expect(t, lockFailed("/d/lock", syscall.EACCES), ErrReadOnly, "permission denied")
}

func TestWhatTheSystemSays(t *testing.T) {
	for cause, want := range map[error]error{
		syscall.EROFS: ErrReadOnly, syscall.EACCES: ErrReadOnly, syscall.ENOSPC: ErrFull, syscall.EDQUOT: ErrFull, syscall.ENOENT: ErrGone,
	} {
		expect(t, failed("f", &fs.PathError{Op: "open", Path: "f", Err: cause}), want, cause.Error())
	}
	if os.Geteuid() == 0 {
		t.Skip("nothing is denied to root")
	}
	path := filepath.Join(t.TempDir(), "d")
	d := open(t, path)
	must(t, os.Chmod(path, 0o500))
	expect(t, d.WriteWhole("f", nil), ErrReadOnly, "permission denied")
	_, err := Open(filepath.Join(path, "below"))
	expect(t, err, ErrReadOnly, "permission denied")
}
