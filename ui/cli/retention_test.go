package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
)

// notYet runs a check of what should be so and is known not to be. It passes only
// while the check fails: then the mark has to go.
func notYet(t *testing.T, check func() error) {
	t.Helper()
	err := check()
	if err == nil {
		t.Error("this is right by now: take the mark of an expected failure away")
		return
	}
	t.Log("as expected, not right yet:", err)
}

// Records that are old enough can be pruned on purpose, and what remains still
// verifies.
func TestOldRecordsCanBePruned(t *testing.T) {
	s := newShop(t, emulator.Config{RedactionDelay: -1})
	s.good(s.seal("redact", s.create("ann_8392"), "--confirm", "REDACT 1 TEST")...)
	if got := s.ledger("show"); !strings.Contains(got.stdout, "redact  intent") {
		t.Fatal(got.stdout)
	}
	notYet(t, func() error {
		tomorrow := time.Now().AddDate(0, 0, 1).Format("2006-01-02")
		if got := s.ledger("prune", "--before", tomorrow); got.code != exitOK {
			return fmt.Errorf("ledger prune: exit code %d: %s", got.code, got.stderr)
		}
		if got := s.ledger("show"); got.code != exitOK || strings.Contains(got.stdout, "redact  intent") {
			return fmt.Errorf("what was pruned is there: %s", got.stdout)
		}
		if got := s.ledger("verify"); got.code != exitOK {
			return fmt.Errorf("what remains does not verify: %s", got.stderr)
		}
		return nil
	})
}
