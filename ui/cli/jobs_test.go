package cli

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/plan"
)

// interrupt ends a command when the program has sent so many POSTs, and returns
// what it leaves behind.
func (s *shop) interrupt(after int32, args ...string) outcome {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	defer stop()
	var n atomic.Int32
	s.hook = func(r *http.Request) {
		if r.Method == http.MethodPost && n.Add(1) == after {
			stop()
		}
	}
	defer func() { s.hook = nil }()
	var stdout, stderr bytes.Buffer
	code := Run(ctx, Process{
		Args: append(args, "--api-base", s.base, "--data-dir", s.dir), Environ: s.environ(),
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
	})
	return outcome{code, stdout.String(), stderr.String()}
}

// ctrl+c in the middle of a job: what is under way is answered, the job stays
// open and is said; it goes on, and nothing is done twice.
func TestStoppedInTheMiddle(t *testing.T) {
	s := newShop(t, emulator.Config{})
	var ids []string
	for i := range 40 {
		ids = append(ids, s.create(fmt.Sprintf("ann_%d", i)))
	}
	got := s.interrupt(12, s.seal(append([]string{"redact", "--confirm", "REDACT 40 TEST", "--reason", "ticket 4711"}, ids...)...)...)
	said := regexp.MustCompile(`(?m)^idtop: job 1: left undone: accepted (\d+), (?:(\d+) unknown, )?(\d+) never sent; it stopped: idtop was left before it had finished\n` +
		`hint: idtop jobs resume 1 goes on with it, idtop jobs close 1 gives it up$`).FindStringSubmatch(got.stderr)
	if got.code != exitFailed || said == nil || said[1] == "0" || said[3] == "0" {
		t.Fatalf("%+v", got)
	}
	sent := s.sent()
	expectLines(t, s.good("jobs").stdout, "JOB  WHAT       WHO", "HOW IT STANDS", "1    redact 40  "+ledger.ThisActor().User, "left undone: accepted "+said[1]+", ", "ticket 4711\n", "it stopped: idtop was left before it had finished\n")

	got = s.good("jobs", "resume", "1")
	phrase := regexp.MustCompile(`--confirm "(REDACT \d+ TEST [0-9a-f]{4})" goes on with it`).FindStringSubmatch(got.stdout)
	if phrase == nil || s.sent() != 0 {
		t.Fatalf("%+v", got)
	}
	expectFailure(t, s.run("jobs", "resume", "1", "--confirm", "REDACT 40 TEST"), exitFailed,
		fmt.Sprintf(`the job still needs %q, and --confirm says "REDACT 40 TEST": nothing was sent`, phrase[1]), "look again: the same without --confirm")
	if s.sent() != 0 {
		t.Error("a wrong phrase sent something")
	}
	got = s.good("jobs", "resume", "1", "--confirm", phrase[1])
	expectLines(t, got.stdout, "job 1: accepted 40, none erased yet\n")
	if all := sent + s.sent(); all != len(ids) {
		t.Errorf("%d requests were sent for %d sessions", all, len(ids))
	}
	for _, id := range ids {
		if s.status(id) != "redacting" {
			t.Errorf("%s is %s", id, s.status(id))
		}
	}
	expectFailure(t, s.run("jobs", "resume", "1"), exitFailed, "job 1 is finished: there is nothing to go on with", "idtop jobs lists the jobs of this account")
	expectLines(t, s.ledger("show", "--job", "1").stdout, "  confirm  note  job 1  reason ticket 4711  REDACT 40 TEST", "  resume  note  job 1")
	if got := s.ledger("verify"); got.code != exitOK || strings.Contains(got.stdout, "no outcome") {
		t.Errorf("%+v", got)
	}
}

func TestAJobIsGivenUp(t *testing.T) {
	s := newShop(t, emulator.Config{})
	var ids []string
	for i := range 40 {
		ids = append(ids, s.create(fmt.Sprintf("ann_%d", i)))
	}
	s.interrupt(5, s.seal(append([]string{"cancel", "--confirm", "CANCEL 40 TEST"}, ids...)...)...)
	s.sent()
	got := s.good("jobs", "close", "1", "--format", "json")
	var report struct {
		State    string
		Counts   map[string]int
		Sessions []struct{ ID, Outcome string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || report.State != "closed" || report.Counts["not started"] == 0 || len(report.Sessions) != 40 {
		t.Errorf("%v: %s", err, got.stdout)
	}
	for _, row := range report.Sessions {
		if want := map[string]string{"done": "canceled", "not started": "waiting"}[row.Outcome]; want != s.status(row.ID) {
			t.Errorf("%s is %s, and the job says %s", row.ID, s.status(row.ID), row.Outcome)
		}
	}
	if s.sent() != 0 {
		t.Error("closing a job sent something")
	}
	expectFailure(t, s.run("jobs", "close", "1"), exitFailed, "not closed: job 1 is closed already", "idtop jobs lists the jobs of this account")
}

// Another idtop on the machine carries out a job: this one carries out a job of its own
// at the same time, and leaves that of the other one alone.
func TestAnotherIdtopActs(t *testing.T) {
	s := newShop(t, emulator.Config{})
	var ids []string
	for i := range 20 {
		ids = append(ids, s.create(fmt.Sprintf("ann_%d", i)))
	}
	other := s.create("bob_1")
	second := s.seal("cancel", other, "--confirm", "CANCEL 1 TEST")
	var during, closed, listed outcome
	var n atomic.Int32
	s.hook = func(r *http.Request) {
		if r.Method == http.MethodPost && n.Add(1) == 1 {
			during = s.run(second...)
			closed = s.run("jobs", "close", "1")
			listed = s.run("jobs")
		}
	}
	s.good(s.seal(append([]string{"cancel", "--confirm", "CANCEL 20 TEST"}, ids...)...)...)
	s.hook = nil
	if during.code != exitOK || s.status(other) != "canceled" {
		t.Errorf("a job of its own: %+v", during)
	}
	expectFailure(t, closed, exitFailed, "not closed: "+plan.ErrBusy.Error(), "idtop jobs lists the jobs of this account")
	expectLines(t, listed.stdout, "2", "cancel 1", "canceled", "1", "cancel 20", "in another idtop: ")
	if s.sent() != 21 {
		t.Errorf("%d requests were sent", s.sent())
	}
}

func TestJobsOfNobody(t *testing.T) {
	s := newShop(t, emulator.Config{})
	if got := s.good("jobs"); got.stdout != "no jobs\n" || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	if got := s.good("jobs", "--format", "json"); got.stdout != "[]\n" {
		t.Errorf("%+v", got)
	}
	if _, err := os.Lstat(s.dir); err == nil {
		t.Error("a folder was made")
	}
}

func TestLedgerOnTheCommandLine(t *testing.T) {
	s := newShop(t, emulator.Config{RedactionDelay: -1})
	for _, command := range []string{"verify", "show"} {
		expectFailure(t, s.ledger(command), exitFailed, "there is no ledger yet", "the first action makes one")
	}
	expectFailure(t, s.ledger("verify", "--head", "x"), exitUsage, "--head: this is no head of a ledger: one looks like 12:9f86d081... with 64 hex digits", "idtop says it when it quits")
	ann, bob := s.create("ann_8392"), s.create("bob_1")
	s.good(s.seal("redact", ann, "--confirm", "REDACT 1 TEST")...)
	got := s.good(s.seal("cancel", bob, "--confirm", "CANCEL 1 TEST")...)
	head := strings.TrimSpace(strings.TrimPrefix(got.stderr, "ledger head "))
	if got := s.ledger("verify", "--head", head); got.code != exitOK || got.stdout != "6 records, each as it was written\nhead "+head+"\n" {
		t.Errorf("%+v", got)
	}
	records := s.ledger("show", "--user", "ann_8392").stdout
	expectLines(t, records, "confirm  note", "redact  intent", ann, "redact  outcome  done", "redaction redacted", "req_")
	if strings.Contains(records, bob) || strings.Contains(records, "ann_8392") || strings.Count(records, "\n") != 3 {
		t.Error(records)
	}
	export := filepath.Join(t.TempDir(), "export.jsonl")
	text := []byte(s.ledger("export").stdout)
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(export, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	if got := s.ledger("verify", export, "--head", head); got.code != exitOK || got.stdout != "6 records, each as it was written\nhead "+head+"\n" {
		t.Errorf("%+v", got)
	}
	write(bytes.Replace(text, []byte(`"result":"done"`), []byte(`"result":"gone"`), 1))
	if got := s.ledger("verify", export); got.code != exitFailed || !strings.HasPrefix(got.stderr, "idtop: line 3 of the ledger, where record 3 belongs: ") {
		t.Errorf("%+v", got)
	}
	write(text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1])
	if got := s.ledger("verify", export, "--head", head); got.code != exitFailed || !strings.Contains(got.stderr, "the end was cut off") {
		t.Errorf("%+v", got)
	}
	// The same in the book itself, which its mark tells too.
	books, err := filepath.Glob(filepath.Join(s.dir, "books", "*", "book.db"))
	if err != nil || len(books) != 1 {
		t.Fatal(books, err)
	}
	db, err := sql.Open("sqlite", books[0])
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, step := range []string{"DROP TRIGGER records_keep", "DELETE FROM records WHERE seq = 6", "UPDATE head SET seq = 5, hash = (SELECT hash FROM records WHERE seq = 5)"} {
		if _, err := db.Exec(step); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.ledger("verify"); got.code != exitFailed || !strings.Contains(got.stderr, "the end was cut off") {
		t.Errorf("%+v", got)
	}
	if got := s.run(s.seal("cancel", s.create("carl"), "--confirm", "CANCEL 1 TEST")...); got.code != exitFailed || !strings.Contains(got.stderr, "the end was cut off") || s.sent() != 2 {
		t.Errorf("%+v, %d sent", got, s.sent())
	}
}

// Beside the files of an older idtop nothing is sent until its jobs are closed. Then its
// ledger is sealed, and verify and show read it like the book.
func TestTheLedgerOfAnOlderIdtop(t *testing.T) {
	s := newShop(t, emulator.Config{})
	bob := s.create("bob_1")
	confirmed := s.seal("cancel", bob, "--confirm", "CANCEL 1 TEST")
	put := func(name string) {
		t.Helper()
		for _, file := range []string{"ledger.jsonl", "ledger.mark", "ledger.key", "jobs/acct_1kMPnNUcukX-test/jobs.db", "jobs/acct_1kMPnNUcukX-test/jobs.db-wal"} {
			from, to := filepath.Join("../../client/act/testdata", name, file), filepath.Join(s.dir, file)
			text, err := os.ReadFile(from)
			if errors.Is(err, fs.ErrNotExist) {
				err = os.RemoveAll(to)
			} else if err == nil {
				err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, text, 0o600))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	const left, hint = "an older idtop has left jobs that are not at their end: job 3 of acct_1kMPnNUcukX-test", "close them with the idtop that began them, by `idtop jobs`, then start this one again"
	put("older-open")
	expectFailure(t, s.run(confirmed...), exitFailed, "the ledger can't be used: "+left, hint)
	if got := s.good("jobs"); got.stdout != "no jobs\n" || got.stderr != "idtop: warning: "+left+"\nhint: "+hint+"\n" {
		t.Errorf("%+v", got)
	}
	if s.sent() != 0 || s.status(bob) != "waiting" {
		t.Error("something was sent")
	}
	put("older-closed")
	s.good(confirmed...)
	const head = "14:08bc9f647969442cbfc662bc20f440829f1348bbc6b46d1a9de2100c1154fa08"
	got := s.ledger("verify", "--head", head)
	if got.code != exitOK || !strings.HasPrefix(got.stdout, "ledger-before.jsonl: 14 records, each as it was written\nhead "+head+"\n") || strings.Count(got.stdout, "each as it was written") != 2 {
		t.Errorf("%+v", got)
	}
	records := s.ledger("show", "--user", "ann_8392").stdout
	expectLines(t, records, "confirm  note", "ticket 4711", "redact  outcome  done")
	if strings.Count(records, "\n") != 5 {
		t.Error(records)
	}
	if records := s.ledger("show").stdout; strings.Count(records, "\n") != 14+1+3 || !strings.Contains(records, "sealed  note") {
		t.Error(records)
	}
}

func TestHeadOfTheLedgerIsKeptElsewhere(t *testing.T) {
	s := newShop(t, emulator.Config{})
	id := s.create("ann_8392")
	config := s.config("ledger_head = \"heads.log\"\n")
	got := s.good(s.seal("cancel", id, "--confirm", "CANCEL 1 TEST", config)...)
	text, err := os.ReadFile(filepath.Join(filepath.Dir(strings.TrimPrefix(config, "--config=")), "heads.log"))
	if err != nil || !strings.HasSuffix(got.stderr, "ledger head "+strings.Fields(string(text))[1]+"\n") {
		t.Errorf("%v: %q, stderr %q", err, text, got.stderr)
	}
	// An action is not undone because its head can't be kept elsewhere; it is said.
	got = s.good(s.seal("cancel", s.create("ann_8392"), "--confirm", "CANCEL 1 TEST", s.config("ledger_head = \"none/heads.log\"\n"))...)
	if !strings.HasPrefix(got.stderr, "idtop: warning: ") {
		t.Errorf("stderr %q", got.stderr)
	}
}

func TestEvidenceOnTheCommandLine(t *testing.T) {
	s := newShop(t, emulator.Config{RedactionDelay: -1})
	id := s.create("ann_8392")
	s.good(s.seal("redact", id, "--confirm", "REDACT 1 TEST", "--reason", "ticket 4711")...)
	s.good(s.seal("cancel", s.create("bob_1"), "--confirm", "CANCEL 1 TEST")...)
	got := s.good("ledger", "evidence", "--job", "1")
	expectLines(t, got.stdout, "# Redaction", "**Complete: Stripe reports 1 of 1 sessions as redacted.**", "Reference: ` ticket 4711 `", id, "request id: ` req_", "What this does not prove")
	got = s.good("ledger", "evidence", "--job", "1", "--format", "json", "--reference", "request of Ann")
	var e struct {
		Complete  bool
		Reference string
		Records   int `json:"ledger_records"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &e); err != nil || !e.Complete || e.Reference != "request of Ann" || e.Records != 5 {
		t.Errorf("%v: %s", err, got.stdout)
	}
	expectFailure(t, s.run("ledger", "evidence", "--job", "2"), exitFailed, "there is no evidence: job 2 cancels sessions: evidence is of redactions",
		"idtop jobs lists the jobs of this account")
}

// TestTheLaterOfTwoRunsOnAPersonIsToldWhatHappened: the sessions have no user_id any
// more, and the ledger knows why.
func TestTheLaterOfTwoRunsOnAPersonIsToldWhatHappened(t *testing.T) {
	s := newShop(t, emulator.Config{})
	s.create("ann_8392")
	s.good("sync")
	s.good(s.seal("redact", "--user", "ann_8392", "--confirm", "REDACT 1 TEST")...)
	expectFailure(t, s.run("redact", "--user", "ann_8392", "--plan"), exitFailed, `"ann_8392" was redacted a moment ago`, "idtop jobs shows it")
	expectFailure(t, s.run("redact", "--user", "bob_1", "--plan"), exitFailed, `no session has the user_id "bob_1"`, "the user_id has to be exact: idtop list --query finds similar ones")
}
