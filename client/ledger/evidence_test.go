package ledger

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"idtop/client"
)

func example(t testing.TB) Evidence {
	at := time.Date(2026, 11, 19, 10, 0, 0, 0, time.UTC)
	return Evidence{
		Reference: "DSR 2026-118", Reason: "ticket 4711", Job: "7", Plan: "9f86d081", Account: "acct_1", AccountName: "Acme Inc", Mode: "live",
		Actor: Actor{"jo", "desk-4"}, Tool: "1.2", Requested: at, Written: at.Add(96 * time.Hour),
		Sessions: []EvidenceSession{
			{ID: "vs_1", Created: at.Add(-time.Hour), Verb: Redact, Before: Statuses{Status: client.StatusVerified},
				After:    Statuses{client.StatusVerified, client.RedactionRedacted},
				Accepted: at.Add(time.Second), RequestID: "req_1", HTTP: 200, Checked: at.Add(95 * time.Hour)},
			{ID: "vs_2", Verb: Redact, Before: Statuses{Status: client.StatusRequiresInput},
				After:    Statuses{client.StatusCanceled, client.RedactionProcessing},
				Accepted: at.Add(2 * time.Second), RequestID: "req_2", HTTP: 200, Checked: at.Add(95 * time.Hour)},
			{ID: "vs_3", Verb: Redact, Before: Statuses{Status: client.StatusProcessing}, After: Statuses{Status: client.StatusProcessing}, Note: "still processing"},
		},
		Ledger: Trace{First: Head{3, Hash{1}}, Last: Head{9, Hash{2}}, Head: Head{12, Hash{3}}, Records: 7},
	}
}

func TestEvidenceSaysWhatItIsWorth(t *testing.T) {
	e := example(t)
	text := string(e.Markdown())
	for _, want := range []string{
		"**Not complete: Stripe reports 1 of 3 sessions as redacted.**", "- Reference: ` DSR 2026-118 `", "- Account: ` Acme Inc acct_1 `",
		"1. ` vs_1 `: redacted", "2. ` vs_2 `: redaction under way", "3. ` vs_3 `: **not redacted**", "- request id: ` req_1 `",
		"- now: ` canceled, redaction processing `", "- before: ` verified `", "- First: `3:01", "- Last: `9:02", "written: `12:03",
		"2026-11-19 10:00:01 UTC", "privacy@stripe.com", "country of the address", "user_id in their metadata", "written anew", "- note: ` still processing `",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var got struct {
		Complete  bool
		Reference string
		Written   string
		Sessions  []struct {
			ID        string
			After     map[string]string
			RequestID string `json:"request_id"`
		}
		Head      string   `json:"ledger_head"`
		ProvesNot []string `json:"does_not_prove"`
	}
	if err := json.Unmarshal(e.JSON(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Complete || got.Reference != e.Reference || got.Written != "2026-11-23T10:00:00Z" || len(got.Sessions) != 3 ||
		got.Sessions[0].After["redaction"] != "redacted" || got.Sessions[1].RequestID != "req_2" || len(got.ProvesNot) != len(provesNot) {
		t.Errorf("%+v", got)
	}
	if head, err := ParseHead(got.Head); err != nil || head != e.Ledger.Head {
		t.Errorf("%v, %v", head, err)
	}
	e.Sessions = e.Sessions[:1]
	if !e.Complete() || !strings.Contains(string(e.Markdown()), "**Complete: ") {
		t.Error("one redacted session is not complete")
	}
	e.Sessions = nil
	if e.Complete() || json.Unmarshal(e.JSON(), &got) != nil || got.Sessions == nil {
		t.Error("no sessions are complete")
	}
}

// Whatever is typed stays inside of its code span on its line.
func FuzzEvidence(f *testing.F) {
	for _, s := range []string{
		"x\n# Complete", "`` ` ```", "<script>alert(1)</script>", "[a](javascript:b)", "![](http://a/b.png)", "a | b\n--- | ---", "\u202egnp.exe",
		"\x1b[2J", "https://a.b www.a.b a@b.c", "\\`", "` `", " ", "\u200b\ufe0f\U000e0101\u3164", "\xff", "&lt;", "    code", "<!--", "\u2028- x", "\x7f",
		strings.Repeat("`", 100), strings.Repeat("😀", 10_000),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := example(t)
		e.Reference = "R"
		lines := strings.Count(string(e.Markdown()), "\n")
		e.Reference, e.Reason, e.AccountName, e.Actor.User = s, s, s, s
		e.Sessions[0].ID, e.Sessions[0].Note, e.Sessions[2].Before.Status = s, s, client.Status(s)
		text := string(e.Markdown())
		if s != "" && strings.Count(text, "\n") != lines+1 { // and the note of the first session
			t.Errorf("%q changes the lines:\n%s", s, text)
		}
		for _, r := range text {
			if r != '\n' && (!unicode.IsPrint(r) || unicode.Is(unseen, r)) {
				t.Errorf("%q: %U in\n%s", s, r, text)
			}
		}
		for line := range strings.Lines(text) {
			value, ok := strings.CutPrefix(line, "- Reference: ")
			if !ok {
				continue
			}
			fence := value[:len(value)-len(strings.TrimLeft(value, "`"))]
			inside, closed := strings.CutSuffix(strings.TrimPrefix(value, fence+" "), " "+fence+"\n")
			if !closed || strings.Contains(inside, fence) {
				t.Errorf("%q leaves its code span: %s", s, line)
			}
		}
		b := e.JSON()
		var got struct{ Reference string }
		if err := json.Unmarshal(b, &got); err != nil || got.Reference != strings.ToValidUTF8(s, "\ufffd") && !strings.Contains(got.Reference, "\ufffd") {
			t.Errorf("%q is %q, %v", s, got.Reference, err)
		}
		for _, c := range b {
			if c != '\n' && (c < ' ' || c > '~') {
				t.Errorf("%q: byte %02x in JSON", s, c)
			}
		}
	})
}

func TestEvidenceIsSavedOnceAndWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "evidence")
	e := example(t)
	e.Job = "../7\n"
	for _, want := range []string{"evidence-___7_", "evidence-___7_-2", "evidence-___7_-3"} {
		markdown, jsonPath, err := e.Save(dir)
		if err != nil || markdown != filepath.Join(dir, want+".md") || jsonPath != filepath.Join(dir, want+".json") {
			t.Fatalf("%s, %s, %v", markdown, jsonPath, err)
		}
		b, err := os.ReadFile(markdown)
		if err != nil || string(b) != string(e.Markdown()) {
			t.Errorf("%v\n%s", err, b)
		}
		b, err = os.ReadFile(jsonPath)
		if err != nil || string(b) != string(e.JSON()) {
			t.Errorf("%v\n%s", err, b)
		}
	}
}

// Names of files keep letters, digits and hyphens; a value in the document is cut after
// as many characters as are said, and only then.
func TestWhatEvidenceKeepsOfAText(t *testing.T) {
	for job, want := range map[string]string{"azAZ09-": "azAZ09-", "`{@[/:": "______", strings.Repeat("7", maxWord+1): strings.Repeat("7", maxWord)} {
		if got := fileName(job); got != want {
			t.Errorf("%q becomes %q", job, got)
		}
	}
	for n, want := range map[int]string{longestPlain: strings.Repeat("ä", longestPlain), longestPlain + 1: strings.Repeat("ä", longestPlain) + "…"} {
		if got := plain(strings.Repeat("ä", n)); got != want {
			t.Errorf("%d characters become %d", n, len([]rune(got)))
		}
	}
}
