package act_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"idtop/client/act"
	"idtop/client/emulator"
	"idtop/client/ledger"
)

// A file is its owner's alone, has its record before it has its name, and replaces none.
// A failure leaves no file, and a failure before the writing no record either.
func TestExport(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		dir := t.TempDir()
		there := filepath.Join(dir, "there.csv")
		if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		errFull := errors.New("disk full")
		write := func(f io.Writer) (act.Exported, error) {
			_, err := io.WriteString(f, "id,state\n")
			return act.Exported{Count: 1, Of: "sessions", Columns: []string{"id", "state"}}, err
		}
		for name, c := range map[string]struct {
			path  string
			write func(io.Writer) (act.Exported, error)
			want  string
		}{
			"a folder":         {path: dir + string(filepath.Separator), want: "the path ends with a folder: name a file in it"},
			"in no folder":     {path: filepath.Join(there, "a.csv"), want: there},
			"a file is there":  {path: there, want: there + " exists, and no file is replaced"},
			"it can't be read": {path: filepath.Join(dir, "half.csv"), write: func(io.Writer) (act.Exported, error) { return act.Exported{}, errFull }, want: errFull.Error()},
		} {
			if c.write == nil {
				c.write = func(io.Writer) (act.Exported, error) { panic(name + ": it is written") }
			}
			if _, err := w.desk.Export(act.Export{Path: c.path, Format: "csv", Write: c.write}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := words(w.records(ledger.Query{})); got != "" {
			t.Errorf("what was not written is recorded: %s", got)
		}

		// A file gets the name while this one is written.
		late := filepath.Join(dir, "late.csv")
		_, err := w.desk.Export(act.Export{Path: late, Format: "csv", Write: func(f io.Writer) (act.Exported, error) {
			if err := os.WriteFile(late, []byte("theirs"), 0o600); err != nil {
				return act.Exported{}, err
			}
			return write(f)
		}})
		if err == nil || err.Error() != late+" exists, and no file is replaced" {
			t.Error(err)
		}

		path := filepath.Join(dir, "a.csv")
		done, err := w.desk.Export(act.Export{Path: path, Format: "csv", Query: "state:failed", Write: write})
		if err != nil || done.Path != path || done.String() != "1 sessions" {
			t.Errorf("%+v, %v", done, err)
		}
		if _, err := w.desk.Export(act.Export{Path: filepath.Join(dir, "b.csv"), Format: "json", Personal: true, UserID: "ann_8392", Write: write}); err != nil {
			t.Error(err)
		}
		var sum string
		if text, err := os.ReadFile(path); err != nil || string(text) != "id,state\n" {
			t.Errorf("%q, %v", text, err)
		} else {
			sum = fmt.Sprintf("sha256 %s", ledger.Hash(sha256.Sum256(text)))
		}
		records := w.records(ledger.Query{Verb: ledger.Export})
		if len(records) != 3 {
			t.Fatal(words(records))
		}
		for i, want := range []string{
			"1 sessions as csv without personal data; " + sum + "; columns id state; query state:failed",
			"1 sessions as json with personal data; " + sum + "; columns id state",
		} {
			if got := records[i+1].Detail; got != want {
				t.Errorf("recorded as %q, want %q", got, want)
			}
		}
		if records[2].Person != w.desk.Ledger.Person("ann_8392") {
			t.Error("the record does not say whose sessions the file has")
		}

		// Without the ledger there is no file.
		if err := os.Rename(filepath.Join(w.book(), "book.db"), filepath.Join(w.book(), "gone")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.desk.Export(act.Export{Path: filepath.Join(dir, "c.csv"), Format: "csv", Write: write}); ledger.CauseOf(err) != ledger.CauseGone {
			t.Error(err)
		}
		files, err := os.ReadDir(dir)
		var names []string
		for _, file := range files {
			names = append(names, file.Name())
		}
		if got := strings.Join(names, " "); err != nil || got != "a.csv b.csv late.csv there.csv" {
			t.Errorf("%s, %v", got, err)
		}
		if text, err := os.ReadFile(late); err != nil || string(text) != "theirs" {
			t.Errorf("%q, %v", text, err)
		}
	})
}
