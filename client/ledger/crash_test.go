package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/gofrs/flock"
)

// state is all files of a ledger, to be put back as a crash left them.
type state map[string][]byte

func saved(t testing.TB, dir string) state {
	t.Helper()
	s := state{}
	for _, name := range []string{ledgerFile, markFile, keyFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		s[name] = b
	}
	return s
}

// restored returns a folder with these files, and more behind the ledger.
func restored(t testing.TB, s state, more []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, b := range s {
		if name == ledgerFile {
			b = slices.Concat(b, more)
		}
		put(t, dir, name, b)
	}
	return dir
}

// sound opens a ledger after a crash, appends, and checks that nothing that
// was there is lost, that the tears are these, and that it verifies.
func sound(t testing.TB, dir string, tears string) {
	t.Helper()
	before := content(t, dir)
	l, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	fill(t, l, 50, 1)
	if !bytes.HasPrefix(content(t, dir), before) {
		t.Error("something was taken away")
	}
	if report := verified(t, dir); fmt.Sprint(report.Tears) != tears || report.Head != l.Head() {
		t.Errorf("tears %v, want %s", report.Tears, tears)
	}
}

// A crash leaves any part of a record behind, and a crash while that is set
// aside any part of the record that does.
func TestAWriteCutShortAnywhere(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 1)
	acknowledged := saved(t, dir)
	if _, err := l.Intend(redaction(t, 2)); err != nil {
		t.Fatal(err)
	}
	third := content(t, dir)[len(acknowledged[ledgerFile]):]
	step := 7
	if raceDetector {
		step = 100
	}
	for n := 1; n < len(third); n += step {
		sound(t, restored(t, acknowledged, third[:n]), fmt.Sprintf("[{3 %d 3}]", n+1))
	}
	unmarked := state{ledgerFile: acknowledged[ledgerFile], keyFile: acknowledged[keyFile]}
	sound(t, restored(t, unmarked, third[:40]), "[{3 41 3}]")
	sound(t, restored(t, acknowledged, third), "[]") // whole, but for the acknowledgement

	dir = restored(t, acknowledged, third[:40])
	l = open(t, dir, Options{})
	repair := content(t, dir)[len(acknowledged[ledgerFile])+40:]
	for n := 1; n < len(repair)-1; n += step {
		torn := slices.Concat(third[:40], repair[:n])
		sound(t, restored(t, acknowledged, torn), fmt.Sprintf("[{3 %d 3}]", len(torn)+min(1, n-1)))
	}
	if pending, err := l.Pending(Query{}); err != nil || len(pending) > 0 {
		t.Errorf("what was cut short is pending: %v, %v", pending, err)
	}
}

// A power failure can leave more than a beginning.
func TestOtherTails(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 2)
	s := saved(t, dir)
	for name, tail := range map[string]string{
		"zeros": strings.Repeat("\x00", 4096), "line feed": "\n", "zeros and an end": strings.Repeat("\x00", 100) + "\"}\n",
		"lines": "a\nb\n\nc", "other bytes": "\xff\xfe\r", "long": strings.Repeat("x", longestTear-1),
	} {
		want := len(tail)
		if !strings.HasSuffix(tail, "\n") {
			want++
		}
		t.Run(name, func(t *testing.T) { sound(t, restored(t, s, []byte(tail)), fmt.Sprintf("[{5 %d 5}]", want)) })
	}
	_, err := Open(restored(t, s, []byte(strings.Repeat("x", 2*longestTear))), Options{})
	wantCause(t, err, CauseDamaged)
}

// After a power failure the mark can be old, or unreadable. All is found.
func TestAnOldMark(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 2)
	old := saved(t, dir)[markFile]
	fill(t, l, 3, 2)
	head := l.Head()
	s := saved(t, dir)
	for _, mark := range [][]byte{old, old[:50], nil, slices.Concat(old[:60], s[markFile][60:]), bytes.ReplaceAll(old, []byte("0"), []byte("9"))} {
		s[markFile] = mark
		dir := restored(t, s, nil)
		l := open(t, dir, Options{})
		if l.Head() != head {
			t.Errorf("with the mark %q the head is %s", mark, l.Head())
		}
		sound(t, dir, "[]")
	}
}

// What was acknowledged and is not there as it was is no write cut short:
// nothing is appended, and the line is named.
func TestDamageIsNotSetAside(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 3)
	s := saved(t, dir)
	lines := slices.Collect(bytes.Lines(s[ledgerFile]))
	flipped := slices.Clone(lines[5])
	flipped[100] ^= 1
	for name, test := range map[string]struct {
		text []byte
		mark []byte
		line int
	}{
		"last record changed":           {slices.Concat(slices.Concat(lines[:5]...), flipped), s[markFile], 6},
		"last record cut off":           {slices.Concat(lines[:5]...), s[markFile], 6},
		"half of the last cut off":      {slices.Concat(slices.Concat(lines[:5]...), lines[5][:90]), s[markFile], 6},
		"all cut off":                   {nil, s[markFile], 1},
		"changed, without a mark":       {slices.Concat(slices.Concat(lines[:5]...), flipped), nil, 6},
		"first missing, without a mark": {slices.Concat(lines[1:]...), nil, 1},
		"swapped, without a mark":       {slices.Concat(lines[0], lines[2], lines[1]), []byte("nonsense"), 2},
		"a record inserted":             {slices.Concat(lines[0], lines[0], slices.Concat(lines[1:]...)), s[markFile], 2},
		"a record repeated at the end":  {slices.Concat(s[ledgerFile], lines[5]), s[markFile], 7},
		"junk, then a record":           {slices.Concat(s[ledgerFile], []byte("junk\n"), lines[5]), s[markFile], 7},
	} {
		changed := state{ledgerFile: test.text, keyFile: s[keyFile]}
		if test.mark != nil {
			changed[markFile] = test.mark
		}
		dir := restored(t, changed, nil)
		_, err := Open(dir, Options{})
		wantCause(t, err, CauseDamaged)
		wantFault(t, name, err, test.line)
		if !bytes.Equal(content(t, dir), test.text) {
			t.Errorf("%s: the ledger was written to", name)
		}
	}
	_, err := Open(restored(t, state{ledgerFile: []byte(rehash(strings.Replace(string(lines[0]), `"v":1`, `"v":2`, 1))), keyFile: s[keyFile]}, nil), Options{})
	wantCause(t, err, CauseNewer)
	delete(s, keyFile)
	_, err = Open(restored(t, s, nil), Options{})
	wantCause(t, err, CauseDamaged)
	s[keyFile] = []byte("00ff\n")
	_, err = Open(restored(t, s, nil), Options{})
	wantCause(t, err, CauseDamaged)
}

// While a ledger is open its file is changed behind its back.
func TestDamageWhileOpen(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"cut":      func(path string) error { return os.Truncate(path, 100) },
		"removed":  os.Remove,
		"replaced": func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) },
		"linked": func(path string) error {
			return errors.Join(os.Rename(path, path+"2"), os.Symlink(path+"2", path))
		},
		"folder removed": func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
		"folder renamed": func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+"2") },
	} {
		dir := filepath.Join(t.TempDir(), "data")
		l := open(t, dir, Options{})
		fill(t, l, 1, 1)
		e, err := l.Intend(redaction(t, 2))
		if err != nil {
			t.Fatal(err)
		}
		if err := change(filepath.Join(dir, ledgerFile)); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{e.Done(accepted), func() error { _, err := l.Intend(redaction(t, 3)); return err }()} {
			if cause := CauseOf(err); err == nil || cause != CauseGone && cause != CauseDamaged && cause != CauseUnsafe {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A disk that fails: the caller is told, nothing that was acknowledged is lost.
func TestFailingDisk(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 1)
	random := rand.New(rand.NewPCG(7, 8))
	real := l.write
	full := &os.PathError{Op: "write", Path: l.path, Err: syscall.ENOSPC}
	tears := 0
	for range 20 {
		l.write = func(b []byte) (int, error) {
			n, err := real(b[:random.IntN(len(b))])
			return n, errors.Join(err, full)
		}
		size := len(content(t, dir))
		_, err := l.Intend(redaction(t, 2))
		wantCause(t, err, CauseFull)
		l.write = real
		if len(content(t, dir)) > size {
			tears++
		}
		fill(t, l, 3, 1)
	}
	if report := verified(t, dir); report.Pending+report.Unpaired != 0 || len(report.Tears) != tears || tears == 0 {
		t.Errorf("%+v, want %d tears", report, tears)
	}

	e, err := l.Intend(redaction(t, 4))
	if err != nil {
		t.Fatal(err)
	}
	l.write = func([]byte) (int, error) { return 0, full }
	wantCause(t, e.Done(accepted), CauseFull)
	l.write = real
	if err := e.Done(accepted); err != nil {
		t.Errorf("an outcome again, once there is room: %v", err)
	}

	realSync := l.sync
	l.sync = func() error { return syscall.EIO }
	_, err = l.Intend(redaction(t, 5))
	wantCause(t, err, CauseDisk)
	_, err = l.Intend(redaction(t, 6))
	wantCause(t, err, CauseDisk) // nobody knows what is on the disk
	synced := 0
	l.sync = func() error { synced++; return realSync() }
	if _, err = l.Intend(redaction(t, 7)); err != nil || synced != 2 {
		t.Errorf("the disk works again, and the ledger does not: %v, %d syncs", err, synced)
	}
	sound(t, dir, fmt.Sprint(verified(t, dir).Tears))
}

// Another process that hangs with the lock makes appending fail, not hang.
func TestALockThatIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		l, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		other := flock.New(filepath.Join(dir, lockFile))
		if err := other.Lock(); err != nil {
			t.Fatal(err)
		}
		_, err = l.Intend(redaction(t, 1))
		wantCause(t, err, CauseBusy)
		_, err = Open(dir, Options{})
		wantCause(t, err, CauseBusy)
		if _, err := VerifyDir(dir, Head{}); err != nil {
			t.Errorf("reading needs no lock: %v", err)
		}
		if err := other.Unlock(); err != nil {
			t.Fatal(err)
		}
		fill(t, l, 1, 1)
	})
}
