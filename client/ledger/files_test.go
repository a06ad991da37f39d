//go:build unix

package ledger

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	l := open(t, dir, Options{})
	fill(t, l, 1, 1)
	if err := FileSink(filepath.Join(dir, "heads"), "a-book")(l.Head()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := (Evidence{Job: "7"}).Save(dir); err != nil {
		t.Fatal(err)
	}
	l.Close()
	check := func() {
		t.Helper()
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			want := fs.FileMode(0o600)
			if d.IsDir() {
				want = fs.ModeDir | 0o700
			}
			if info.Mode() != want {
				t.Errorf("%s has mode %s, want %s", path, info.Mode(), want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check()
	for _, name := range []string{bookFile, markFile, keyFile} {
		if err := os.Chmod(filepath.Join(dir, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir, Options{}).Close()
	check()
	for _, name := range []string{bookFile, markFile, keyFile, "."} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, info.Mode().Perm()|0o022); err != nil {
			t.Fatal(err)
		}
		_, err = Open(dir, Options{})
		wantCause(t, err, CauseUnsafe)
		if err := os.Chmod(path, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

// A link in the place of a file is refused, wherever it points, and what it
// points to stays as it is.
func TestLinksAreNotFollowed(t *testing.T) {
	for _, name := range []string{bookFile, lockFile, usersFile, markFile, keyFile} {
		for _, dangling := range []bool{false, true} {
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			victim := filepath.Join(t.TempDir(), "victim")
			if !dangling {
				if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(victim, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir, Options{})
			wantCause(t, err, CauseUnsafe)
			b, err := os.ReadFile(victim)
			if dangling != os.IsNotExist(err) || !dangling && string(b) != "mine" {
				t.Errorf("%s: the victim is %q, %v", name, b, err)
			}
		}
	}
	real := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	_, err := Open(link, Options{})
	wantCause(t, err, CauseUnsafe)
	if err := os.Symlink(filepath.Join(real, "victim"), filepath.Join(real, "heads")); err != nil {
		t.Fatal(err)
	}
	if err := FileSink(filepath.Join(real, "heads"), "a-book")(Head{}); err == nil {
		t.Error("a sink follows a link")
	}
	if err := os.Symlink(filepath.Join(real, "victim"), filepath.Join(real, "evidence-7.md")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(real, 0o700); err != nil {
		t.Fatal(err)
	}
	markdown, _, err := (Evidence{Job: "7"}).Save(real)
	if err != nil || filepath.Base(markdown) != "evidence-7-2.md" {
		t.Errorf("%s, %v", markdown, err)
	}
	if _, err := os.Lstat(filepath.Join(real, "victim")); !os.IsNotExist(err) {
		t.Errorf("the victim was written: %v", err)
	}
}

// A book without its key is read and verified, and says that it can't find persons:
// that is not the same as finding none.
func TestReadingWithoutTheKey(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 1)
	l.Close()
	if err := os.Remove(filepath.Join(dir, keyFile)); err != nil {
		t.Fatal(err)
	}
	if report, err := VerifyDir(dir, Head{}); err != nil || report.Records != 2 {
		t.Errorf("%+v, %v", report, err)
	}
	n := 0
	for _, err := range Find(dir, Query{Verb: Redact}) {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 2 {
		t.Errorf("%d records of redactions", n)
	}
	for _, err := range Find(dir, Query{UserID: "ann_8392"}) {
		wantCause(t, err, CauseGone)
		return
	}
	t.Error("no record of the person, and no error")
}

func TestFoldersThatCanNotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "data"), Options{}); err == nil {
		t.Error("a folder inside of a file")
	}
	if os.Geteuid() == 0 {
		t.Skip("nothing is denied to root")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, Options{})
	wantCause(t, err, CauseDenied)
}
