package cli

import (
	"strings"
	"testing"

	"idtop/client/emulator"
)

// TestAPlanOfAQuery: redact --query plans what a query finds, and a session that has left it by then is
// left out.
func TestAPlanOfAQuery(t *testing.T) {
	s := newShop(t, emulator.Config{})
	ann, bob, apart := s.create("ann_8392"), s.create("bob_1"), s.create("a_n_n")
	waiting := s.create("ann_2")
	for _, id := range []string{ann, bob, apart} {
		s.submit(id, "requires_input")
	}
	s.good("sync")
	got := s.good("redact", "--query", "ann state:failed", "--plan")
	expectLines(t, got.stdout, "redact in account", ann, "failed", "    1 now\n", `--confirm "REDACT 1 TEST `)
	if strings.Contains(got.stdout, bob) || strings.Contains(got.stdout, waiting) || strings.Contains(got.stdout, apart) {
		t.Errorf("others are planned:\n%s", got.stdout)
	}
	expectLines(t, got.stderr, "1 session with letters apart or accented left out")
	confirmed := s.seal("redact", "--query", "ann state:failed", "--confirm", "REDACT 1 TEST")
	s.good(confirmed...)
	if s.status(ann) != "redacting" || s.status(waiting) != "waiting" {
		t.Errorf("the plan was not carried out as it was: %s, %s", s.status(ann), s.status(waiting))
	}
	if got := s.run("cancel", "--query", "ann state:failed", "--plan"); got.code != exitFailed || !strings.Contains(got.stderr, "no session matches the query") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	s.submit(waiting, "verified") // nobody has told the mirror
	got = s.good("cancel", "--query", "state:waiting OR user:bob_1", "--plan")
	if strings.Contains(got.stdout, waiting) || !strings.Contains(got.stdout, bob) {
		t.Errorf("what is not so any more is planned:\n%s\n%s", got.stdout, got.stderr)
	}
}

// TestAQueryWithAnErrorIsOneLine, with what would be right, wherever it is given.
func TestAQueryWithAnErrorIsOneLine(t *testing.T) {
	s := newShop(t, emulator.Config{})
	s.create("ann_8392")
	s.good("sync")
	for _, args := range [][]string{
		{"list", "--query", "ann age:<2k"}, {"redact", "--query", "ann age:<2k", "--plan"}, {"cancel", "--query", "ann age:<2k", "--plan"}, {"--query", "ann age:<2k"},
	} {
		got := s.run(args...)
		if want := "idtop: --query: age:<2k is no time\nhint: right would be: <2h, >30m, 1d..3d\n"; got.code != exitUsage || got.stderr != want || got.stdout != "" {
			t.Errorf("%q: exit code %d\n%s", args, got.code, got.stderr)
		}
	}
	if got := s.run("redact", "--query", " ", "--plan"); got.code != exitUsage || !strings.Contains(got.stderr, "a query is missing") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if got := s.run("redact", "--query", "ann", "--user", "ann", "--plan"); got.code != exitUsage {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// TestListByTerms: a list has the sessions that its query finds.
func TestListByTerms(t *testing.T) {
	s := newShop(t, emulator.Config{Now: fromNoon()})
	ann, bob := s.create("ann_8392"), s.create("bob_1")
	s.submit(ann, "requires_input")
	s.good("sync")
	for query, want := range map[string][]string{
		"state:failed": {ann}, "-state:failed": {bob}, "reason:*": {ann}, "user:bob_1 OR ann": {ann, bob}, "age:<1h": {ann, bob}, "age:>1h": nil, "created:today..": {ann, bob},
	} {
		got := s.good("list", "--query", query, "--format", "jsonl")
		for _, id := range []string{ann, bob} {
			listed := false
			for _, wanted := range want {
				listed = listed || wanted == id
			}
			if strings.Contains(got.stdout, id) != listed {
				t.Errorf("%q lists:\n%s", query, got.stdout)
			}
		}
	}
}
