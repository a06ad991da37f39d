package ui_test

import (
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
)

// TestStoryAPersonWritesIn: all of one person, and nothing of anybody else, without a read
// of Stripe's; then all is erased, the page stays, and the ledger finds it again.
func TestStoryAPersonWritesIn(t *testing.T) {
	run(t, options{width: 160, height: 45, emulator: emulator.Config{RedactionDelay: 2 * time.Hour}}, func(p *program) {
		first := p.create("ann_8392")
		second := p.create("ann_8392")
		p.create("ann_839")
		p.control("POST", "sessions/"+first+"/submit", "outcome=requires_input&code=document_expired&delay=1s")
		p.wait(8 * time.Second)
		p.press("/ ann_8392 enter u")
		p.wait(time.Second)
		p.shows(`›  "ann_8392"`, "A session waits for the person", "Failed once today.", "2 sessions and 1 attempt", "document expired", "WHY, SO FAR", "2 now")
		p.hides("ann_839 ", "0 sessions")
		p.press("L")
		p.wait(15 * time.Second)
		p.shows("DONE HERE", "copied a link")
		p.press("r")
		p.wait(time.Second)
		p.types("REDACT 2 TEST")
		for range 20 {
			p.wait(time.Second)
			p.hides("0 sessions", "No session")
		}
		p.shows("a person, being erased", "Stripe has accepted all 2 and erased none yet.", first, second)
		p.hides("ann_8392")
		p.press("esc")
		p.wait(time.Second)
		p.hides("a person, being erased")
		third := p.create("ann_8392")
		p.wait(8 * time.Second)
		p.press("j u")
		p.wait(time.Second)
		p.shows("3 sessions and 0 attempts", "…"+third[len(third)-6:], "…"+first[len(first)-6:], "BEING ERASED", "What is erased or being erased is known by the ledger only.")
		if line := p.line("redact   "); !strings.Contains(line, "1 now, 2 erased or being erased") {
			t.Errorf("%q", line)
		}
	})
}

// TestTheAdviceOfAPersonsPageIsWhole also where it needs more than one line.
func TestTheAdviceOfAPersonsPageIsWhole(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {100, 30}} {
		run(t, options{width: size[0], height: size[1]}, func(p *program) {
			id := p.create("ann_8392")
			p.control("POST", "sessions/"+id+"/submit", "outcome=requires_input&code=document_unverified_other&delay=1s")
			p.wait(8 * time.Second)
			p.press("j u")
			p.wait(time.Second)
			_, next, _ := strings.Cut(p.screen.Text(), "NEXT ")
			next, _, _ = strings.Cut(next, "redact ")
			said := strings.Join(strings.Fields(next), " ")
			if want := client.ReasonOf("document_unverified_other").Next; !strings.HasPrefix(said, want) || strings.Contains(said, "…") {
				t.Errorf("%v: %q, want %q", size, said, want)
			}
			p.shows("…"+id[len(id)-6:], "redact  1 now", "cancel  1 now")
		})
	}
}

// TestStoryThePersonOfAnOpenedSession: u leads to the person's page also from an opened
// session, each page names the list it came from, and esc leads back to the session.
func TestStoryThePersonOfAnOpenedSession(t *testing.T) {
	for _, size := range [][2]int{{160, 45}, {80, 24}} {
		run(t, options{width: size[0], height: size[1]}, func(p *program) {
			id := p.create("ann_8392")
			p.create("ann_8392")
			p.control("POST", "sessions/"+id+"/submit", "outcome=requires_input&code=document_expired&delay=1s")
			p.wait(8 * time.Second)
			p.press("2 enter")
			p.wait(time.Second)
			p.shows("document_expired", "next move")
			p.press("u")
			p.wait(time.Second)
			p.shows("esc 2 Failed, row 1 ›", "NOW", "2 sessions and 1 attempt")
			p.hides("next move")
			p.press("t")
			p.wait(time.Second)
			p.shows("esc 2 Failed, row 1", "timeline", "still to come")
			p.press("esc")
			p.wait(time.Second)
			p.shows("NOW", "2 sessions and 1 attempt")
			p.press("esc")
			p.wait(time.Second)
			p.shows("document_expired", "next move")
			p.hides("NOW", "2 sessions and 1 attempt")
		})
	}
}
