//go:build unix

package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"idtop/ui/config"
)

// No test may write to the home of the user who runs it: a run without an
// environment has no place to write to.
func TestWithoutAHomeNothingIsWritten(t *testing.T) {
	expectFailure(t, run(t, []string{config.KeyVariable + "=" + aKey}, "sync"), exitFailed,
		"where to keep the mirror is not known: neither XDG_STATE_HOME nor HOME is set", "name a folder with --data-dir")
}

func TestFoldersThatAreNotUsed(t *testing.T) {
	dir := t.TempDir()
	plain, link, open := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "open")
	for _, err := range []error{os.WriteFile(plain, nil, 0o600), os.Symlink(t.TempDir(), link), os.Mkdir(open, 0o700), os.Chmod(open, 0o777)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ dir, why, hint string }{
		{plain, "it is no folder", "name another one with --data-dir"},
		{filepath.Join(plain, "below"), "not a directory", "name a folder that you may write to with --data-dir"},
		{link, "it is a symbolic link", "name the folder itself with --data-dir"},
		{open, "others may write to it (mode 0777)", `chmod 700 "` + open + `"`},
	} {
		got := run(t, []string{config.KeyVariable + "=" + aKey}, "sync", "--data-dir", c.dir)
		expectFailure(t, got, exitFailed, `the mirror can't be kept: "`+c.dir+`": `+c.why, c.hint)
	}
}

// The folder of a demo that was killed goes at the next start; that of one that
// runs, of somebody else, or in doubt, stays.
func TestDemoLeftovers(t *testing.T) {
	temporary := t.TempDir()
	p := &Process{Environ: []string{"TMPDIR=" + temporary}}
	running, err := newDemoDir(p)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	make := func(name string, mode fs.FileMode, when time.Time) string {
		dir := filepath.Join(temporary, name)
		for _, err := range []error{os.Mkdir(dir, mode), os.WriteFile(filepath.Join(dir, demoLock), nil, 0o600),
			os.WriteFile(filepath.Join(dir, "mirror.db"), nil, 0o600), os.Chmod(dir, mode), os.Chtimes(dir, when, when)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	killed := make("idtop-demo-1", 0o700, old)
	stay := []string{running.dir, make("idtop-demo-2", 0o700, time.Now()), make("idtop-demo-x", 0o700, old), make("idtop-demo-3", 0o755, old)}
	if err := os.Chtimes(running.dir, old, old); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(temporary, "idtop-demo-4")
	if err := os.Symlink(stay[2], link); err != nil {
		t.Fatal(err)
	}
	next, err := newDemoDir(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(killed); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a leftover stays: %v", err)
	}
	for _, dir := range append(stay, link, next.dir) {
		if _, err := os.Lstat(dir); err != nil {
			t.Errorf("%s is gone", dir)
		}
	}
	if ok, err := flock.New(filepath.Join(running.dir, demoLock)).TryLock(); ok || err != nil {
		t.Errorf("a running demo is not locked: %v", err)
	}
	running.remove()
	next.remove()
	for _, dir := range []string{running.dir, next.dir} {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s stays", dir)
		}
	}
}
