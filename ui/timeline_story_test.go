package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
)

// tried creates a session and lets its person try it with some outcomes, minutes apart.
func (p *program) tried(user string, outcomes ...string) (id string) {
	id = p.create(user)
	p.wait(4 * time.Second)
	for i, outcome := range outcomes {
		p.wait(time.Duration(7+5*i) * time.Minute)
		p.control("POST", "sessions/"+id+"/submit", outcome+"&delay=10s")
		p.wait(time.Minute)
	}
	return id
}

// The story of LOOK's picture: what happened to a session, one key from the list.
func TestStoryTimeline(t *testing.T) {
	run(t, options{width: 160, height: 45}, func(p *program) {
		id := p.tried("ann_8392", "outcome=requires_input&code=selfie_face_mismatch", "outcome=requires_input&code=document_unverified_other", "outcome=requires_input&code=document_expired")
		other := p.create("bob_1")
		p.wait(4 * time.Second)
		p.press("2 j")
		reads := p.writes.all.Load()
		p.press("t")
		p.shows("esc 2 Failed, row 1", "…"+id[len(id)-6:]+", timeline", "NOW", "Has waited for the person for", "Failed 3 times in",
			"○ created", "document", "◐ submitted", "attempt 1", "✗ failed", "selfie does not match  selfie_face_mismatch", "attempt 3", "document_expired",
			"event, report …", "still to come", "the person opens the link and tries again; nothing is due", "MINUTES WENT", "waited for the person")
		if now := p.writes.all.Load(); now != reads {
			p.t.Fatalf("the timeline sent %d requests", now-reads)
		}
		p.press("y")
		if got := p.screen.Clipboard(); got != id {
			p.t.Fatalf("the clipboard has %q, want %q", got, id)
		}
		p.press("L")
		p.wait(time.Second)
		p.shows("you", "copied a fresh link", "ledger ")
		p.press("?")
		p.shows("LOOK CLOSER")
		p.press("esc")
		p.shows("still to come") // back in the timeline, not in the list
		p.press("esc")
		p.hides("still to come")
		if line := p.line("▸"); !strings.Contains(line, "ann_8392") {
			p.t.Fatalf("the cursor is on %q", line)
		}
		p.press("t")
		p.control("POST", "sessions/"+id+"/submit", "outcome=verified&delay=1s")
		p.wait(8 * time.Second)
		p.shows("✓ verified", "attempt 4", "all checks passed", "NOW", "Verified ", " ago.", "nothing: this is its end") // it follows, pinned to its session
		p.press("enter")
		p.shows("ATTEMPTS", id)
		p.press("esc esc 1")
		p.wait(time.Second)
		p.press("/ bob_1 enter t")
		p.shows("…"+other[len(other)-6:]+", timeline", "Has waited for the person", "Nothing has been submitted yet.")
	})
}

func TestStoryCompare(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		older := p.tried("ann_8392", "outcome=verified")
		newer := p.tried("ann_8392", "outcome=requires_input&code=document_expired")
		p.press("g space j space t")
		p.shows("two sessions", "DIFFERS", "At the first attempt the older was verified, the newer failed: document expired.", "older, newer",
			"…"+older[len(older)-6:], "…"+newer[len(newer)-6:], "≠ ATTEMPT 1", "✓ verified", "✗ failed", "DONE HERE")
		p.press("y")
		if got := p.screen.Clipboard(); got != older {
			p.t.Fatalf("the clipboard has %q, want %q", got, older)
		}
		p.press("tab y")
		if got := p.screen.Clipboard(); got != newer {
			p.t.Fatalf("the clipboard has %q, want %q", got, newer)
		}
		p.press("enter")
		p.shows("…"+newer[len(newer)-6:]+", timeline", "still to come")
		p.press("t")
		p.shows("two sessions") // they are still marked
		p.resize(80, 24)
		p.shows("older", "newer", "≠ ATTEMPT 1", "DIFFERS")
		p.press("esc")
		p.shows("2 marked")
	})
}

// An erased session keeps its history, and nothing that names the person.
func TestStoryTimelineOfAnErasedSession(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{RedactionDelay: 30 * time.Minute}}, func(p *program) {
		id := p.tried("ann_8392", "outcome=requires_input&code=document_expired")
		p.press("j r")
		p.wait(time.Second)
		p.press("y")
		p.wait(5 * time.Second)
		p.press("t")
		p.shows("◌ redacting", "accepted by Stripe", "you", "redacted it", "Stripe has been erasing it for", "erased by ", "document_expired", "the mirror can't tell any more")
		p.hides("seen here", "~16")
		p.wait(20 * time.Second) // the message about the redaction is read
		p.hides("ann_8392")
		p.control("POST", "clock", "advance=1h")
		p.wait(70 * time.Second)
		p.shows("⊘ redacted", "erased by Stripe", "nothing: this is its end")
		if s := p.status(id); s.RedactionStatus() != client.RedactionRedacted {
			p.t.Fatalf("the server has it %s", s.RedactionStatus())
		}
	})
}

// A session that was there at the start has one change that nobody saw, and that is said.
func TestStoryTimelineOfWhatIsReadBack(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
		p.press("5 G t")
		p.wait(time.Second)
		p.shows("Verified, and it is not known since when", "it was read back", "seen here", "report facts are off")
	})
}

// TestTimelineScreens keeps the timelines at the sizes of the screens.
func TestTimelineScreens(t *testing.T) {
	for _, c := range []struct {
		name   string
		script func(p *program)
	}{
		{"attempts", func(p *program) {
			p.tried("ann_8392", "outcome=requires_input&code=selfie_face_mismatch", "outcome=requires_input&code=document_expired")
			p.press("j L")
			p.wait(time.Minute)
			p.press("t")
		}},
		{"checks", func(p *program) {
			p.tried("ann_8392", "outcome=requires_input&code=selfie_face_mismatch", "outcome=requires_input&code=document_expired")
			p.press("j t")
		}},
		{"compare_checks", func(p *program) {
			p.tried("ann_8392", "outcome=requires_input&code=selfie_face_mismatch", "outcome=verified")
			p.tried("ann_8392", "outcome=requires_input&code=document_expired")
			p.press("g space j space t")
		}},
		{"compare", func(p *program) {
			p.tried("ann_8392", "outcome=requires_input&code=selfie_face_mismatch", "outcome=verified")
			p.tried("ann_8392", "outcome=requires_input&code=document_expired")
			p.press("g space j space t")
		}},
		{"erased", func(p *program) {
			p.tried("ann_8392", "outcome=requires_input&code=document_expired")
			p.press("j r")
			p.wait(time.Second)
			p.press("y")
			p.wait(5 * time.Second)
			p.press("t")
		}},
		{"read_back", func(p *program) { p.press("5 G t") }},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", c.name, size[0], size[1]), func(t *testing.T) {
				o := options{width: size[0], height: size[1]}
				if strings.HasSuffix(c.name, "checks") {
					o.reports = mirror.KeptAll
				}
				if c.name == "read_back" {
					o.emulator = emulator.Config{Seed: 42, Sessions: 300}
				}
				run(t, o, func(p *program) {
					c.script(p)
					p.wait(time.Second)
					sameScreen(t, p.screen.Text())
				})
			})
		}
	}
}
