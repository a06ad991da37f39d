package act_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/mirror/storetest"
	"idtop/client/stripe"
)

// The folders testdata/older-* were written by an idtop from before there were books,
// against its own emulator: two sessions of ann_8392 redacted, one of ben_1177
// canceled, and two of cid_2040 whose redaction was cut off by a kill while the
// server did not answer. In older-closed that job was then closed, by `idtop jobs`.
const (
	olderAccount    = "acct_1kMPnNUcukX"
	olderClosedHead = "14:08bc9f647969442cbfc662bc20f440829f1348bbc6b46d1a9de2100c1154fa08"
)

// older copies a data folder of an older idtop.
func older(t *testing.T, name string) (data string) {
	t.Helper()
	data = t.TempDir()
	from := filepath.Join("testdata", name)
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(data, strings.TrimPrefix(path, from))
		if entry.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		text, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(to, text, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func olderJournal(data string) string {
	return filepath.Join(data, "jobs", olderAccount+"-test", "jobs.db")
}

func openOver(t *testing.T, data string) (*act.Desk, error) {
	t.Helper()
	key, err := client.ParseKey(theKey)
	if err != nil {
		t.Fatal(err)
	}
	api, err := stripe.New(stripe.Config{Key: key, Transport: emulator.Transport(emulator.New(emulator.Config{}))})
	if err != nil {
		t.Fatal(err)
	}
	return act.Open(act.Config{Dir: data, API: api, Key: key, Account: olderAccount, Store: storetest.NewMemory()})
}

func read(t *testing.T, elem ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestOpenJobsOfBefore: an open job of an older idtop is named, and so is the program
// that can close it. Until then the book is refused and no file changes.
func TestOpenJobsOfBefore(t *testing.T) {
	data := older(t, "older-open")
	desk, err := openOver(t, data)
	var open *act.OpenBeforeError
	if desk != nil || !errors.As(err, &open) {
		t.Fatalf("got %v", err)
	}
	if want := "an older idtop has left jobs that are not at their end: job 3 of acct_1kMPnNUcukX-test"; open.Error() != want {
		t.Errorf("%s\nwant %s", open, want)
	}
	if hint := open.Hint(); !strings.Contains(hint, "close them with the idtop that began them, by `idtop jobs`") {
		t.Error(hint)
	}
	if read(t, data, "ledger.jsonl") != read(t, "testdata", "older-open", "ledger.jsonl") {
		t.Error("the ledger was changed")
	}
	for _, name := range []string{"books", "ledger-before.jsonl"} {
		if _, err := os.Lstat(filepath.Join(data, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was made, %v", name, err)
		}
	}
	chains, err := ledger.VerifyAll(data, ledger.Head{}, nil)
	if err != nil || len(chains) != 1 || chains[0].Report.Records != 11 || chains[0].Report.Pending != 2 {
		t.Errorf("%+v, %v", chains, err)
	}
}

// Every state of a job and an item of before, as their numbers were then.
func TestWhichJobsOfBeforeAreOpen(t *testing.T) {
	for _, c := range []struct {
		change string
		open   bool
	}{
		{"UPDATE jobs SET state = 1 WHERE id = 2", true}, // open
		{"UPDATE jobs SET state = 2 WHERE id = 2", false},
		{"UPDATE jobs SET state = 3 WHERE id = 2", false},
		{"UPDATE jobs SET state = 4 WHERE id = 2", false},
		{"UPDATE jobs SET state = 5 WHERE id = 2", false},
		{"UPDATE items SET state = 1 WHERE job = 2", false}, // pending, and the job is at its end
		{"UPDATE items SET state = 2 WHERE job = 2", true},  // sending
		{"UPDATE items SET state = 3 WHERE job = 2", false},
		{"UPDATE items SET state = 4 WHERE job = 2", false},
		{"UPDATE items SET state = 5 WHERE job = 2", false},
		{"UPDATE items SET state = 6 WHERE job = 2", true}, // unknown
		{"UPDATE items SET state = 7 WHERE job = 2", false},
		{"UPDATE items SET state = 8 WHERE job = 2", true},  // waiting
		{"UPDATE items SET state = 9 WHERE job = 2", false}, // followed by the mirror now
		{"UPDATE items SET state = 10 WHERE job = 2", false},
		{"DROP TABLE items; DROP TABLE jobs", false},
	} {
		data := older(t, "older-closed")
		db, err := sql.Open("sqlite", olderJournal(data))
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Exec(c.change)
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		err = act.OpenBefore(data)
		if got := fmt.Sprint(err); c.open != strings.HasSuffix(got, ": job 2 of acct_1kMPnNUcukX-test") || !c.open && err != nil {
			t.Errorf("%s: %v", c.change, err)
		}
	}
}

// A journal that can't be read might have anything in it.
func TestAJournalOfBeforeThatIsDamaged(t *testing.T) {
	data := older(t, "older-closed")
	if err := os.WriteFile(olderJournal(data), []byte(strings.Repeat("not a database. ", 300)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := act.OpenBefore(data); err == nil || !strings.Contains(err.Error(), olderJournal(data)) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(olderJournal(data), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := act.OpenBefore(data); err != nil {
		t.Errorf("an empty one: %v", err)
	}
	if err := act.OpenBefore(t.TempDir()); err != nil {
		t.Errorf("none at all: %v", err)
	}
}

// A real ledger of before is verified and sealed, byte by byte as it was; its head is
// the first record of the new book, and what reads the book reads it too.
func TestALedgerOfBefore(t *testing.T) {
	data := older(t, "older-closed")
	was := read(t, data, "ledger.jsonl")
	desk, err := openOver(t, data)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(desk.Note(ledger.Copy, "vs_1xX9I7kMPnNUcukX2s35aMTs", "ann_8392", "user_id", ""), desk.Close())
	if err != nil {
		t.Fatal(err)
	}
	if read(t, data, "ledger-before.jsonl") != was {
		t.Error("the ledger was changed")
	}
	if _, err := os.Lstat(filepath.Join(data, "ledger.jsonl")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an older idtop could go on with it: %v", err)
	}
	book := ledger.BookDir(data, olderAccount, false)
	for r, err := range ledger.Find(book, ledger.Query{}) {
		if err != nil || r.Seq != 1 || r.Detail != "ledger-before.jsonl "+olderClosedHead {
			t.Errorf("the book begins with %+v, %v", r, err)
		}
		break
	}
	head, err := ledger.ParseHead(olderClosedHead)
	if err != nil {
		t.Fatal(err)
	}
	chains, err := ledger.VerifyAll(data, head, nil)
	if err != nil || len(chains) != 2 || chains[0].Report.Head != head || chains[0].Report.Pending != 0 || chains[1].Report.Records != 2 {
		t.Errorf("%+v, %v", chains, err)
	}
	var all []ledger.Record
	for r, err := range ledger.FindAll(data, ledger.Query{UserID: "ann_8392"}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if got := words(all); got != "confirm note, redact intent, redact outcome done, redact intent, redact outcome done, copy note" {
		t.Error(got)
	}
	sealed := filepath.Join(data, "ledger-before.jsonl")
	for name, text := range map[string]string{
		"cut off": was[:strings.LastIndex(strings.TrimSpace(was), "\n")+1], "changed": strings.Replace(was, "ticket 4711", "ticket 4710", 1), "emptied": "",
	} {
		if err := os.WriteFile(sealed, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.VerifyAll(data, ledger.Head{}, nil); err == nil {
			t.Errorf("a sealed ledger that was %s verifies", name)
		}
	}
	if err := os.Remove(sealed); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.VerifyAll(data, ledger.Head{}, nil); err == nil {
		t.Error("the book verifies without the ledger that it has sealed")
	}
}
