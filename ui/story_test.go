package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
)

// The stories press real keys in the whole program against the emulator, as an
// operator would, and look at the screen and at the server.

func TestStoryWhyDidItFail(t *testing.T) {
	run(t, options{width: 140, height: 40}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.shows("○ waiting", "ann_8392")
		p.control("POST", "sessions/"+id+"/submit", "outcome=requires_input&code=document_expired&delay=10s")
		p.wait(4 * time.Second)
		p.shows("◐ processing", "4 Processing 1")
		p.wait(10 * time.Second)
		p.shows("✗ failed", "document expired", "2 Failed 1")
		p.press("enter")
		p.shows(id, "WHY", "past its expiry date", "document_expired", "NEXT", "RETRY", "ATTEMPTS", "document  expired", "METADATA")
		p.control("POST", "sessions/"+id+"/submit", "outcome=verified&delay=1s")
		p.wait(8 * time.Second)
		p.shows("✓ verified", "5 Verified 1", "All checks passed", "OUTPUTS")
		p.press("v")
		p.shows("reveal  n name  b birth  a address  e e-mail, phone  i id number  esc nothing")
		p.press("n")
		p.shows("name, shown for")
		p.hides("born", "address  ")
		p.wait(16 * time.Second)
		p.hides("shown for")
		p.press("v b")
		p.shows("birth, shown for", "born")
		p.press("v")
		p.hides("shown for", "born")
		p.shows("••••")
	})
}

func TestStoryFindAPerson(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 400}}, func(p *program) {
		id := p.create("joann_smith_77")
		p.wait(4 * time.Second)
		p.press("/ jos77")
		p.shows("2 of 401")
		if line := p.line("▸"); !strings.Contains(line, "joann_smith_77") { // the best match
			p.t.Fatalf("cursor on %q", line)
		}
		p.press("enter 2")
		p.shows("No session matches") // it is waiting, not failed; the search stays
		p.press("1")
		p.shows("joann_smith_77")
		p.press("esc")
		p.shows("joann_2")
		p.press("/ " + id[len(id)-6:])
		p.shows("no user_id has", "joann_smith_77")
	})
}

func TestStoryCancel(t *testing.T) {
	run(t, options{}, func(p *program) {
		p.create("bob_1")
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("j c")
		p.shows("Cancel this session?", id, `"ann_8392"`, "can't be undone", "TEST", "esc back out")
		p.press("y")
		p.wait(time.Second)
		p.shows("Cancel this session?") // y came too early and does not count
		p.press("enter esc")
		p.hides("Cancel this session?")
		if s := p.status(id); s.Status != client.StatusRequiresInput {
			p.t.Fatalf("backing out left it %s", s.Status)
		}
		p.press("c")
		p.create("newcomer_9") // new rows do not change what the dialog is about
		p.wait(4 * time.Second)
		p.press("y")
		p.shows("– canceled", "Canceled "+named("ann_8392", id))
		if s := p.status(id); s.Status != client.StatusCanceled {
			p.t.Fatalf("the server has it %s", s.Status)
		}
		p.wait(400 * time.Millisecond)
		p.press("c")
		p.shows("already canceled")
	})
}

func TestStoryRedact(t *testing.T) {
	run(t, options{width: 140, height: 40, emulator: emulator.Config{RedactionDelay: 30 * time.Minute}}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("enter r")
		p.wait(time.Second)
		p.shows("Redact this session?", "It is canceled too", "up to 4 days")
		p.press("y")
		p.shows("◌ redacting", "erasing at Stripe", "accepted", "7 Redacted 1")
		p.wait(10 * time.Second)
		p.shows("REDACTION under way")
		p.hides("ann_8392") // the person's id goes at once
		p.press("r")
		p.shows("under way")
		p.control("POST", "clock", "advance=1h")
		p.wait(70 * time.Second)
		p.shows("⊘ redacted", "erased", "REDACTION done")
		if s := p.status(id); s.RedactionStatus() != client.RedactionRedacted || s.Status != client.StatusCanceled {
			p.t.Fatalf("the server has it %s %s", s.Status, s.RedactionStatus())
		}
	})
}

func TestStoryRedactLive(t *testing.T) {
	run(t, options{live: true}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.shows("LIVE")
		p.press("j r")
		p.wait(time.Second)
		p.shows("LIVE", "Type "+id[len(id)-4:]+" to redact")
		p.press("y enter " + id[len(id)-4:])
		if s := p.status(id); s.RedactionStatus() != "" {
			p.t.Fatal("a letter before the four characters did not spoil them")
		}
		p.press("backspace backspace backspace backspace " + id[len(id)-4:])
		if s := p.status(id); s.RedactionStatus() != client.RedactionProcessing {
			p.t.Fatalf("the redaction is %q", s.RedactionStatus())
		}
		p.shows("◌ redacting")
	})
}

func TestStoryProcessingHasToWait(t *testing.T) {
	run(t, options{}, func(p *program) {
		id := p.create("ann_8392")
		p.control("POST", "sessions/"+id+"/submit", "outcome=processing")
		p.wait(4 * time.Second)
		p.press("j")
		p.shows("c cancel  r redact", "c r: still processing")
		p.press("c")
		p.shows("Can't cancel: still processing: wait")
		p.press("r")
		p.shows("Can't redact: still processing: wait")
	})
}

// TestStoryCursorStays lets 30 people come in while the operator looks at one.
func TestStoryCursorStays(t *testing.T) {
	run(t, options{}, func(p *program) {
		for n := range 30 {
			p.create(fmt.Sprintf("old_%02d", n))
		}
		p.wait(4 * time.Second)
		p.press("g j j j")
		if line := p.line("▸"); !strings.Contains(line, "old_26") {
			p.t.Fatalf("cursor on %q", line)
		}
		for n := range 30 {
			p.create(fmt.Sprintf("new_%02d", n))
			if line := p.line("▸"); !strings.Contains(line, "old_26") {
				p.t.Fatalf("the cursor went to %q", line)
			}
		}
		p.wait(4 * time.Second)
		p.shows("1 All 60")
		p.press("g")
		if line := p.line("▸"); !strings.Contains(line, "new_29") {
			p.t.Fatalf("cursor on %q", line)
		}
	})
}

func TestStoryFreshMarkFades(t *testing.T) {
	run(t, options{}, func(p *program) {
		p.wait(4 * time.Second)
		p.create("ann_8392")
		p.wait(3 * time.Second)
		if line := p.line("ann_8392"); !strings.Contains(line, "▪") {
			p.t.Fatalf("a new row has no mark: %q", line)
		}
		p.wait(15 * time.Second)
		if line := p.line("ann_8392"); strings.Contains(line, "▪") {
			p.t.Fatalf("the mark does not fade: %q", line)
		}
	})
}

func TestStoryPause(t *testing.T) {
	run(t, options{}, func(p *program) {
		p.wait(4 * time.Second)
		p.press("P")
		p.shows("‖ paused")
		p.create("ann_8392")
		p.wait(30 * time.Second)
		p.hides("ann_8392")
		p.shows("‖ paused 30s")
		p.press("ctrl+r")
		p.shows("ann_8392", "‖ paused")
		p.press("P")
		p.wait(4 * time.Second)
		p.shows("● synced")
	})
}

// The first page is there at once, and what is still missing is said where it
// matters: in the header and beside what a search finds.
func TestStoryBackfill(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 1, Sessions: 9000}, reads: 10_000}, func(p *program) {
		p.press("j")
		p.shows("▸", "◐ reading back: to ", " of 10,000")
		p.press("/ zzzz")
		p.shows(" so far · read back to ", "No session matches so far")
		p.press("esc")
		p.wait(30 * time.Second)
		p.shows("1 All 9,000", " of 10,000")
		p.hides("◐ reading")
		p.press("/ zzzz")
		p.shows("0 of 9,000", "No session matches. esc clears the search")
		p.hides("is read")
	})
}

func TestStoryWithoutEvents(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 1, Sessions: 40}, noEvents: true}, func(p *program) {
		p.wait(4 * time.Second)
		p.shows("● synced", "by lists", "1 All 40")
		p.press("!")
		p.shows("The key may not read events", "Events: Read")
		p.press("! !")
		p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("esc")
		p.shows("ann_8392")
	})
}

func TestStoryDashboardLink(t *testing.T) {
	run(t, options{}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("j o")
		if want := "https://dashboard.stripe.com/test/identity/verification-sessions/" + id; len(p.opened) != 1 || p.opened[0] != want {
			p.t.Fatalf("opened %q, want %q", p.opened, want)
		}
		p.shows("Copied the link of "+named("ann_8392", id), "no browser here")
		if p.screen.Clipboard() != p.opened[0] {
			p.t.Fatalf("the clipboard has %q", p.screen.Clipboard())
		}
	})
}

func TestStoryCopy(t *testing.T) {
	run(t, options{}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("j y")
		if got := p.screen.Clipboard(); got != id {
			p.t.Fatalf("the clipboard has %q, want %q", got, id)
		}
		p.shows("Copied the id of " + named("ann_8392", id))
	})
}

func TestStoryReadOnly(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 20}, readOnly: true}, func(p *program) {
		p.shows("c cancel  r redact", "c r: read-only")
		p.press("2 j c r 5 j r")
		p.hides("this session?")
	})
}

func TestStoryResize(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 200}}, func(p *program) {
		p.press("j j j j enter")
		for _, size := range [][2]int{{200, 60}, {10, 3}, {40, 10}, {39, 24}, {1, 1}, {140, 24}, {80, 24}} {
			p.resize(size[0], size[1])
			if size[0] < 40 || size[1] < 10 {
				p.press("c r") // no key acts in a window that is too small
			}
		}
		p.hides("this session?")
		p.shows("▸", "WHY")
	})
}
