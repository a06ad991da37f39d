package ledger

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Markdown returns the evidence for people. A typed reference or reason always
// stays text: it can't end its line, begin a link, an image or HTML, or reorder the
// letters on the screen.
func (e Evidence) Markdown() []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	field := func(name, value string) {
		if value != "" {
			line("- %s: %s", name, code(value))
		}
	}
	line("# Redaction of a person's verification sessions\n\n**%s**\n\n## Request\n", e.result())
	field("Reference", e.Reference)
	field("Reason", e.Reason)
	field("Requested", clock(e.Requested))
	field("Account", strings.TrimSpace(e.AccountName+" "+e.Account))
	field("Mode", e.Mode)
	field("Operator", e.Actor.User)
	field("Host", e.Actor.Host)
	field("Job", e.Job)
	field("Plan", e.Plan)
	field("Written", clock(e.Written))
	field("By", strings.TrimSpace("idtop "+e.Tool))

	line("\n## Sessions\n")
	for i, s := range e.Sessions {
		line("%d. %s: %s", i+1, code(s.ID), s.words())
		for _, f := range [...]struct{ name, value string }{
			{"created", clock(s.Created)}, {"request", string(s.Verb)}, {"before", s.Before.words()}, {"now", s.After.words()},
			{"accepted", clock(s.Accepted)}, {"request id", s.RequestID}, {"checked", clock(s.Checked)}, {"note", s.Note},
		} {
			if f.value != "" {
				line("    - %s: %s", f.name, code(f.value))
			}
		}
	}
	line("\n## Ledger\n")
	line("- Records of this job: %d\n- First: `%s`\n- Last: `%s`\n- Head of the ledger when this was written: `%s`",
		e.Ledger.Records, e.Ledger.First, e.Ledger.Last, e.Ledger.Head)
	line("\n`idtop ledger verify` checks the chain.")
	line("\n## What this proves\n")
	for _, text := range proves {
		line("- %s", text)
	}
	line("\n## What this does not prove\n")
	for _, text := range provesNot {
		line("- %s", text)
	}
	return []byte(b.String())
}

// words describes the progress of the session's redaction.
func (s EvidenceSession) words() string {
	switch {
	case s.redacted():
		return "redacted"
	case s.After.Redaction != "":
		return "redaction under way"
	}
	return "**not redacted**"
}

func (s Statuses) words() string {
	if s.Redaction == "" {
		return string(s.Status)
	}
	return strings.TrimPrefix(string(s.Status)+", redaction "+string(s.Redaction), ", ")
}

func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// code returns text as a code span on one line. In a code span Markdown looks only
// for its end, which is a longer run of backticks than any in the text.
func code(text string) string {
	text = plain(text)
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + " " + text + " " + fence
}

// longestPlain bounds a value in a document, in characters.
const longestPlain = 500

// plain replaces each invisible character by a visible form like <U+202E>, and
// limits the length.
func plain(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(text, "?") {
		if n++; n > longestPlain {
			return b.String() + "…"
		}
		if unicode.IsPrint(r) && !unicode.Is(unseen, r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}

// unseen are invisible characters that unicode.IsPrint accepts.
var unseen = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1},
		{Lo: 0x115f, Hi: 0x1160, Stride: 1},
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1},
		{Lo: 0x180b, Hi: 0x180f, Stride: 1},
		{Lo: 0x2800, Hi: 0x2800, Stride: 1},
		{Lo: 0x3164, Hi: 0x3164, Stride: 1},
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1},
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0xe0100, Hi: 0xe01ef, Stride: 1}},
}
