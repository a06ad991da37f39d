package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gofrs/flock"
)

// raw is the database of a book, past the book.
func raw(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, bookFile))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// alter changes a book as only somebody with the file can.
func alter(t testing.TB, dir string, steps ...string) {
	t.Helper()
	db := raw(t, dir)
	for _, step := range append([]string{"DROP TRIGGER records_keep", "DROP TRIGGER records_stay"}, steps...) {
		if _, err := db.Exec(step); err != nil {
			t.Fatal(step, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// copyOf copies some files of a folder to another one.
func copyOf(t testing.TB, from, to string, names ...string) {
	t.Helper()
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, to, name, text)
	}
}

// shorten deletes the last record and lets the head fit.
var shorten = []string{
	"DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)",
	"UPDATE head SET seq = (SELECT max(seq) FROM records), hash = (SELECT hash FROM records ORDER BY seq DESC LIMIT 1)",
}

// What a book has lost, or has besides, is found by verify and at the next action
// alike, and nothing is recorded in it.
func TestABookThatIsNotWhatItWas(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir, yesterday string){
		"the last record deleted":               func(t *testing.T, dir, _ string) { alter(t, dir, shorten...) },
		"the last record deleted, but the head": func(t *testing.T, dir, _ string) { alter(t, dir, shorten[0]) },
		"-wal removed": func(t *testing.T, dir, _ string) {
			// A crash leaves it behind: without it the file is as it was at the start.
			if err := os.Remove(filepath.Join(dir, bookFile+"-wal")); err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(dir, bookFile+"-shm"))
		},
		"yesterday's copy restored":   func(t *testing.T, dir, yesterday string) { copyOf(t, yesterday, dir, bookFile) },
		"an empty file in its place":  func(t *testing.T, dir, _ string) { put(t, dir, bookFile, nil) },
		"the database removed":        func(t *testing.T, dir, _ string) { os.Remove(filepath.Join(dir, bookFile)) },
		"removed with its mark":       func(t *testing.T, dir, _ string) { put(t, dir, bookFile, nil); os.Remove(filepath.Join(dir, markFile)) },
		"a record in between deleted": func(t *testing.T, dir, _ string) { alter(t, dir, "DELETE FROM records WHERE seq = 3") },
		"a record planted": func(t *testing.T, dir, _ string) {
			alter(t, dir, "INSERT INTO records SELECT 9, kind, intent, job, hash, line FROM records WHERE seq = 6")
		},
		"the first records deleted": func(t *testing.T, dir, _ string) { alter(t, dir, "DELETE FROM records WHERE seq < 3") },
		"the key removed":           func(t *testing.T, dir, _ string) { os.Remove(filepath.Join(dir, keyFile)) },
		"written anew": func(t *testing.T, dir, _ string) {
			other := t.TempDir()
			l := open(t, other, Options{})
			fill(t, l, 1, 3)
			l.Close()
			copyOf(t, other, dir, bookFile)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, yesterday := t.TempDir(), t.TempDir()
			l := open(t, dir, Options{})
			fill(t, l, 1, 1)
			l.Close()
			copyOf(t, dir, yesterday, bookFile)
			l = open(t, dir, Options{})
			fill(t, l, 2, 2)
			if name == "-wal removed" {
				crashed := t.TempDir() // the files as they are while the book is open
				copyOf(t, dir, crashed, bookFile, bookFile+"-wal", markFile, keyFile)
				dir = crashed
			}
			l.Close()
			if name != "-wal removed" { // reading would write it into the database
				verified(t, dir)
			}
			spoil(t, dir, yesterday)
			if _, err := VerifyDir(dir, Head{}); err == nil && name != "the key removed" {
				t.Error("it verifies")
			}
			again, err := Open(dir, Options{})
			if err == nil {
				_, err = again.Intend(redaction(t, 9))
				if name == "a record in between deleted" || name == "the first records deleted" {
					err = nil // only a reading of all shows it, as of every change in the middle
				} else if err == nil {
					t.Error("it is acted on")
				}
				again.Close()
			}
			if err != nil {
				wantCause(t, err, CauseDamaged)
			}
		})
	}
}

// A head that was sent elsewhere, and that the book lacks, is found by verify and at
// the next action, even where the mark was taken back with the book.
func TestAHeadThatWasSentElsewhere(t *testing.T) {
	dir, yesterday := t.TempDir(), t.TempDir()
	path := filepath.Join(t.TempDir(), "heads")
	o := Options{OnHead: FileSink(path, "a"), Sent: func() (Head, error) { return FileHead(path, "a") }}
	l := open(t, dir, o)
	fill(t, l, 1, 1)
	l.Close()
	copyOf(t, dir, yesterday, bookFile, markFile)
	l = open(t, dir, o)
	fill(t, l, 2, 1)
	l.Close()
	open(t, dir, o).Close()
	copyOf(t, yesterday, dir, bookFile, markFile)
	if _, err := Open(dir, Options{Sent: o.Sent}); err == nil || !strings.Contains(err.Error(), "was sent elsewhere") {
		t.Errorf("it is acted on: %v", err)
	}
	data := t.TempDir()
	if err := os.MkdirAll(filepath.Join(data, booksDir, "a"), 0o700); err != nil {
		t.Fatal(err)
	}
	copyOf(t, dir, filepath.Join(data, booksDir, "a"), bookFile, markFile, keyFile)
	_, err := VerifyAll(data, Head{}, func(book string) (Head, error) { return FileHead(path, book) })
	if err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("it verifies: %v", err)
	}
	if _, err := VerifyAll(data, Head{}, nil); err != nil {
		t.Errorf("without that head nothing shows it: %v", err)
	}
}

// The mark of a crash of the machine can be old, or unreadable. All is found.
func TestAnOldMark(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 2)
	old, err := os.ReadFile(filepath.Join(dir, markFile))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, l, 3, 2)
	head := l.Head()
	l.Close()
	for _, mark := range [][]byte{old, old[:50], nil, []byte("nonsense")} {
		put(t, dir, markFile, mark)
		l := open(t, dir, Options{})
		if l.Head() != head {
			t.Errorf("with the mark %q the head is %s", mark, l.Head())
		}
		l.Close()
	}
}

// The database itself refuses to change a record.
func TestRecordsAreNeverChanged(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 1)
	db := raw(t, dir)
	for _, step := range []string{"UPDATE records SET line = ''", "DELETE FROM records", "DELETE FROM records WHERE seq = 2"} {
		if _, err := db.Exec(step); err == nil || !strings.Contains(err.Error(), changed) {
			t.Errorf("%s: %v", step, err)
		}
	}
	verified(t, dir)
}

// While a book is open its file is changed behind its back.
func TestDamageWhileOpen(t *testing.T) {
	for name, change := range map[string]func(path string) error{
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
		if err := change(filepath.Join(dir, bookFile)); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{e.Settle(accepted), func() error { _, err := l.Intend(redaction(t, 3)); return err }()} {
			if cause := CauseOf(err); err == nil || cause != CauseGone && cause != CauseDamaged && cause != CauseUnsafe {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// What a transaction does not come to the end of is not there, neither its records
// nor its rows.
func TestATransactionIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 1)
	no := errors.New("no")
	err := l.Write(func(tx *Tx) error {
		if _, err := tx.Intend(redaction(t, 2)); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO holders (id, until) VALUES ('x', 7)"); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Error(err)
	}
	var rows int
	if err := raw(t, dir).QueryRow("SELECT count(*) FROM holders").Scan(&rows); err != nil || rows != 0 {
		t.Error(rows, err)
	}
	if report := verified(t, dir); report.Records != 2 || report.Pending != 0 {
		t.Errorf("%+v", report)
	}
	fill(t, l, 3, 1)
	verified(t, dir)
}

// older writes the ledger of an older idtop into a folder.
func older(t testing.TB, data string, n int) Head {
	t.Helper()
	dir := t.TempDir()
	l := open(t, dir, Options{Tool: "0.9"})
	fill(t, l, 1, n)
	head := l.Head()
	l.Close()
	put(t, data, olderFile, content(t, dir))
	lines := strings.SplitAfter(string(content(t, dir)), "\n")
	begin := len(content(t, dir)) - len(lines[len(lines)-2])
	text := fmt.Sprintf("%020d %s %020d ", head.Seq, head.Hash, begin)
	put(t, data, olderMark, []byte(text+checksum(text)))
	copyOf(t, dir, data, keyFile)
	if err := os.Rename(filepath.Join(data, keyFile), filepath.Join(data, olderKey)); err != nil {
		t.Fatal(err)
	}
	return head
}

// The ledger of an older idtop is never rewritten: it is verified, gets another name,
// and its head is the first record of each new book. Verify and Find read all.
func TestALedgerOfBeforeIsSealed(t *testing.T) {
	data := t.TempDir()
	head := older(t, data, 2)
	before, err := os.ReadFile(filepath.Join(data, olderFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		l := open(t, filepath.Join(data, booksDir, name), Options{Before: data})
		fill(t, l, 3, 1)
		first := Record{}
		for r, err := range l.Find(Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			first = r
			break
		}
		if first.Verb != sealed || first.Detail != "ledger-before.jsonl "+head.String() {
			t.Errorf("%+v", first)
		}
		l.Close()
	}
	after, err := os.ReadFile(filepath.Join(data, sealedFile))
	if err != nil || string(after) != string(before) || isThere(filepath.Join(data, olderFile)) {
		t.Errorf("%v: the file was changed", err)
	}
	chains, err := VerifyAll(data, head, nil)
	if err != nil || len(chains) != 3 || chains[0].Report.Records != 4 || chains[1].Report.Records != 3 {
		t.Errorf("%+v, %v", chains, err)
	}
	n := 0
	for _, err := range FindAll(data, Query{UserID: "ann_8392"}) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != 8 {
		t.Errorf("%d records of the person, want those of before and of now", n)
	}
	put(t, data, sealedFile, before[:len(before)-10])
	if _, err := VerifyAll(data, Head{}, nil); err == nil {
		t.Error("a sealed ledger that was cut off verifies")
	}
}

// A ledger of before that does not verify is left where it is, and there is no book.
func TestADamagedLedgerOfBefore(t *testing.T) {
	data := t.TempDir()
	older(t, data, 2)
	text, err := os.ReadFile(filepath.Join(data, olderFile))
	if err != nil {
		t.Fatal(err)
	}
	put(t, data, olderFile, text[:len(text)/2])
	_, err = Open(filepath.Join(data, booksDir, "a"), Options{Before: data})
	wantCause(t, err, CauseDamaged)
	if !isThere(filepath.Join(data, olderFile)) || isThere(filepath.Join(data, sealedFile)) {
		t.Error("it was sealed")
	}
}

// The mark of a ledger of before tells when whole records are missing at its end. A mark
// that is no mark tells nothing.
func TestACutLedgerOfBefore(t *testing.T) {
	for name, c := range map[string]struct {
		mark func(text string) string
		cut  bool
	}{
		"as it was":     {func(text string) string { return text }, true},
		"damaged":       {func(text string) string { return strings.Replace(text, "0000", "0001", 1) }, false},
		"without a sum": {func(text string) string { return strings.Join(strings.Fields(text)[:3], " ") }, false},
		"empty":         {func(string) string { return "" }, false},
	} {
		data := t.TempDir()
		older(t, data, 2)
		mark, err := os.ReadFile(filepath.Join(data, olderMark))
		if err != nil {
			t.Fatal(err)
		}
		put(t, data, olderMark, []byte(c.mark(string(mark))))
		text, err := os.ReadFile(filepath.Join(data, olderFile))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		put(t, data, olderFile, []byte(strings.Join(lines[:len(lines)-2], "")))
		if _, err := VerifyBefore(data); (err != nil) != c.cut {
			t.Errorf("a mark %s: %v", name, err)
		}
	}
}

// A book holds the head of the ledger that was sealed before it: another one in its
// place is found. And one chain has to hold a head that was kept elsewhere.
func TestAnotherLedgerOfBefore(t *testing.T) {
	data, other := t.TempDir(), t.TempDir()
	sealedHead := older(t, data, 2)
	l := open(t, filepath.Join(data, booksDir, "a"), Options{Before: data})
	fill(t, l, 1, 2)
	head := l.Head()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, kept := range map[string]Head{"none": {}, "of the older one": sealedHead, "of the book": head} {
		if _, err := VerifyAll(data, kept, nil); err != nil {
			t.Errorf("the head %s: %v", name, err)
		}
	}
	for name, kept := range map[string]Head{"another": {Seq: head.Seq, Hash: sealedHead.Hash}, "a later one": {Seq: 99, Hash: head.Hash}} {
		if _, err := VerifyAll(data, kept, nil); err == nil {
			t.Errorf("%s head is in no chain", name)
		}
	}
	older(t, other, 3)
	for from, to := range map[string]string{olderFile: sealedFile, olderMark: olderMark} {
		text, err := os.ReadFile(filepath.Join(other, from))
		if err != nil {
			t.Fatal(err)
		}
		put(t, data, to, text)
	}
	if _, err := VerifyBefore(data); err != nil {
		t.Errorf("alone it is whole: %v", err)
	}
	_, err := VerifyAll(data, Head{}, nil)
	wantCause(t, err, CauseDamaged)
}

// While an older idtop writes its ledger, it is not sealed.
func TestALedgerOfBeforeThatIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		older(t, data, 1)
		lock := flock.New(filepath.Join(data, olderLock), flock.SetPermissions(0o600))
		if err := lock.Lock(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(filepath.Join(data, booksDir, "a"), Options{Before: data}); err == nil || isThere(filepath.Join(data, sealedFile)) {
			t.Errorf("it was sealed: %v", err)
		}
		if err := lock.Unlock(); err != nil {
			t.Fatal(err)
		}
		l, err := Open(filepath.Join(data, booksDir, "a"), Options{Before: data})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	})
}

// An export is checked without the database.
func TestAnExportVerifies(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	fill(t, l, 1, 600) // more than a page
	report, err := VerifyFile(l.Export(), l.Head())
	if err != nil || report.Records != 1200 || report.Head != l.Head() {
		t.Errorf("%+v, %v", report, err)
	}
	text, err := io.ReadAll(l.Export())
	if err != nil || strings.Count(string(text), "\n") != 1200 {
		t.Error(err)
	}
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
