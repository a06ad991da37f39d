package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
)

// Records that are old enough can be pruned on purpose, and what remains still
// verifies.
func TestOldRecordsCanBePruned(t *testing.T) {
	s := newShop(t, emulator.Config{RedactionDelay: -1})
	s.good(s.seal("redact", s.create("ann_8392"), "--confirm", "REDACT 1 TEST")...)
	if got := s.ledger("show"); !strings.Contains(got.stdout, "redact  intent") {
		t.Fatal(got.stdout)
	}
	if got := s.ledger("prune", "--before", later()); got.code != exitOK || !strings.HasPrefix(got.stdout, "2 records were removed; they are in ") {
		t.Fatalf("ledger prune: %+v", got)
	}
	if got := s.ledger("show"); got.code != exitOK || strings.Contains(got.stdout, "redact  intent") || !strings.Contains(got.stdout, "pruned  note") {
		t.Errorf("what was pruned is there: %+v", got)
	}
	if got := s.ledger("verify"); got.code != exitOK || !strings.Contains(got.stdout, "it begins with record 3: those before it were pruned") {
		t.Errorf("what remains does not verify: %+v", got)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "books", "*", "records-to-3.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if got := s.ledger("verify", files[0]); got.code != exitOK || !strings.HasPrefix(got.stdout, "3 records, ") {
		t.Errorf("what was pruned does not verify: %+v", got)
	}
	s.good(s.seal("cancel", s.create("bob_1"), "--confirm", "CANCEL 1 TEST")...)
	if got := s.ledger("verify"); got.code != exitOK {
		t.Errorf("%+v", got)
	}
}

// later is a day after all records of the test, also when midnight passes meanwhile.
func later() string { return time.Now().UTC().AddDate(0, 0, 2).Format(time.DateOnly) }

// What goes on keeps its records.
func TestAnOpenRedactionIsNotPruned(t *testing.T) {
	s := newShop(t, emulator.Config{RedactionDelay: time.Hour})
	s.good(s.seal("redact", s.create("ann_8392"), "--confirm", "REDACT 1 TEST")...)
	got := s.ledger("prune", "--before", later())
	if got.code != exitFailed || !strings.Contains(got.stderr, "job 1 has records that are older, and is not at its end") {
		t.Errorf("%+v", got)
	}
	if got := s.ledger("show"); !strings.Contains(got.stdout, "redact  intent") {
		t.Errorf("%+v", got)
	}
}
