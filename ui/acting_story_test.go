package ui_test

import (
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
)

// TestStoryRecall: a confirmed job waits a moment and can be recalled.
func TestStoryRecall(t *testing.T) {
	run(t, options{undo: 5 * time.Second}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(3900 * time.Millisecond)
		p.press("j r")
		p.wait(time.Second)
		p.press("y")
		p.wait(2 * time.Second)
		p.shows("begins in 3s", "z recalls it", "redact not sent yet")
		p.press("z")
		p.shows("Recalled: nothing was sent")
		p.wait(10 * time.Second)
		if s := p.status(id); s.Status != client.StatusRequiresInput || s.Redaction != nil {
			p.t.Fatalf("it is %s, redaction %v", s.Status, s.Redaction)
		}
		p.hides("redact not sent yet")
		p.press("r")
		p.wait(time.Second)
		p.press("y")
		p.wait(8 * time.Second)
		p.shows("Redaction of "+named("ann_8392", id)+" accepted", "◌ redacting")
	})
}

// TestStoryAPersonIsErased: one plan redacts all sessions of a user_id, one of them
// still being processed; the job is followed until Stripe says redacted.
func TestStoryAPersonIsErased(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{RedactionDelay: 3 * time.Minute}}, func(p *program) {
		var ids []string
		for range 5 {
			ids = append(ids, p.create("ann_8392"))
		}
		p.create("ann_839") // somebody else
		p.control("POST", "sessions/"+ids[0]+"/submit", "outcome=verified&delay=1s")
		p.control("POST", "sessions/"+ids[1]+"/submit", "outcome=requires_input&code=document_expired&delay=1s")
		p.control("POST", "sessions/"+ids[2]+"/submit", "outcome=verified&delay=2m")
		p.wait(8 * time.Second)
		p.press("j j u")
		p.shows(`›  "ann_8392"`, "5 sessions and 3 attempts", "4 now, 1 after its check")
		p.hides("ann_839 ")
		p.press("r")
		p.shows("Redact 5 of 5 sessions: 4 now, 1 later", "can't be undone", "4  redact now", "1  later", "type REDACT 5 TEST", "nothing has been sent")
		p.wait(time.Second)
		p.press("tab tab space")
		p.shows("Redact 4 of 5 sessions", "1  left", "type REDACT 4 TEST")
		p.press("space up up y")
		p.shows("type REDACT 5 TEST", "that is not the phrase")
		p.press("backspace enter enter up up")
		p.types("REDACT 5 TEST")
		p.wait(4 * time.Second)
		p.hides("type REDACT")
		p.press("J")
		p.shows("Jobs", "redact", "◌ accepted 4, none erased yet, 1 waits", "1 still being erased", "◌ accepted, Stripe is erasing it", "◐ waits until its check ends")
		p.hides("done,", "finished", "✓ ")
		p.wait(2 * time.Minute) // it is looked at after one minute and after two more
		p.wait(2 * time.Minute)
		p.shows("still being erased")
		p.wait(14 * time.Minute)
		p.shows("⊘ erased, all 5", "Stripe says that all 5 are erased.")
		for _, id := range ids {
			if s := p.status(id); s.RedactionStatus() != client.RedactionRedacted {
				p.t.Errorf("%s: redaction %v", id, s.Redaction)
			}
		}
		p.press("E")
		p.shows("Evidence is in")
	})
}

// TestPersonWhoMayHaveMore: the plan says when sessions of the person may be
// missing from it, whatever the reason, and also once it has changed.
func TestPersonWhoMayHaveMore(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		p.create("ann_1")
		p.wait(4 * time.Second)
		p.press("j u c")
		p.shows("Cancel 1 of 1 session", `of "ann_1"`)
		p.hides("may have more")
		p.press("esc P")
		p.create("ann_1")
		p.wait(time.Minute)
		p.press("c") // which reads once, and finds the new one
		p.shows("Cancel 2 of 2 sessions", "Reading is paused: this person may have more.")
		p.press("esc P")
		p.wait(4 * time.Second)
		p.press("c")
		p.shows("of 2 sessions")
		p.hides("may have more")
		p.says(500, "down")
		p.wait(time.Minute)
		p.shows("Stripe can't be read now: this person may have more.")
	})
}

// TestStoryMarks: marks are kept by id, and what is marked and not shown is said.
func TestStoryMarks(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		for _, user := range []string{"dan_4", "cid_3", "bob_2", "ann_1"} {
			p.create(user)
		}
		p.wait(4 * time.Second)
		p.press("g space")
		p.shows("● 1 marked")
		p.press("shift+down shift+down")
		p.shows("● 3 marked")
		p.press("shift+up")
		p.shows("● 2 marked")
		p.press("/ cid enter")
		p.shows("● 2 marked · 2 not shown")
		p.press("space esc")
		p.shows("● 3 marked")
		p.press("M")
		p.shows("only the marked sessions", "ann_1", "bob_2", "cid_3")
		p.hides("dan_4")
		p.press("c")
		p.shows("Cancel 3 of 3 sessions", "those marked")
		p.wait(time.Second)
		p.types("CANCEL 3 TEST")
		p.wait(3 * time.Second)
		p.shows("6 Canceled 3")
		p.hides("marked")
	})
}

// TestStoryAbort: esc twice stops a job; what was not begun is not started.
func TestStoryAbort(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 2, Sessions: 400}}, func(p *program) {
		p.wait(2 * time.Second)
		p.press("5 *")
		p.shows("marked")
		p.press("r")
		p.wait(time.Second)
		phrase := p.line("type REDACT")
		p.types(between(phrase, "type ", "   "))
		p.wait(time.Second)
		p.shows("job 1", "left")
		p.press("J esc")
		p.shows("esc again aborts this job")
		p.press("esc")
		p.wait(5 * time.Second)
		p.shows("▲ stopped: accepted", "· never sent")
	})
}

// TestStoryNewSession: the form offers the session that waits already, makes one
// when asked by its word, and L copies its link without showing it.
func TestStoryNewSession(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		waits := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("n")
		p.types("ann_8392")
		p.press("tab")
		p.shows("New session", "This person has an open session: ○ waiting", waits[len(waits)-4:], "ctrl+o copies the open session's link instead of making a new one")
		p.press("tab tab tab tab tab enter enter")
		p.shows("type create", "nothing has been sent yet")
		p.types("create")
		p.wait(4 * time.Second)
		p.shows(`›  "ann_8392"`, "2 sessions and 0 attempts", "Created ann_8392 …", "L copies its link")
		p.press("L")
		p.shows("Copied a fresh link of ann_8392 …", "48 hours")
		p.hides("/start/")
		p.press("m")
		p.wait(time.Second)
		p.shows("Metadata of vs_", "user_id", "type save")
		p.types("x")
		p.press("tab tab tab")
		p.types("save")
		p.wait(4 * time.Second)
		p.press("esc") // the new session does not belong to the listed person
		p.shows("ann_8392x")
		verbs := map[ledger.Verb]int{}
		for record, err := range p.desk.Ledger.Find(ledger.Query{}) {
			if err != nil {
				p.t.Fatal(err)
			}
			verbs[record.Verb]++
		}
		if verbs[ledger.Create] != 2 || verbs[ledger.Link] != 2 || verbs[ledger.Update] != 2 {
			p.t.Errorf("the ledger has %v", verbs)
		}
	})
}

// between returns what is between two texts.
func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}
