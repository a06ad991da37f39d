package ui_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
)

// TestStoryErasedPerson: "I redacted her, and the page said 0 sessions." The page
// stays on the person by the ids of the job, until Stripe has erased all.
func TestStoryErasedPerson(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{RedactionDelay: 2 * time.Hour}}, func(p *program) {
		var ids []string
		for range 3 {
			ids = append(ids, p.create("ann_8392"))
		}
		p.create("ann_839")
		p.control("POST", "sessions/"+ids[1]+"/submit", "outcome=verified&delay=10m")
		p.wait(8 * time.Second)
		p.press("g j u r")
		p.wait(time.Second)
		p.press("tab")
		p.types("ticket DSR-2291")
		p.press("up")
		p.types("REDACT 3 TEST")
		p.wait(10 * time.Second)
		p.hides("0 sessions", "ann_839 ")
		p.shows("Stripe has accepted 2 of 3 and erased none yet.", `"ann_8392" stays until the last session is accepted`,
			"waits until Stripe has checked it", "accepted", "job 1, due in 96h",
			"RECORD", "you", "redacted 2", "ticket DSR-2291, ledger 1 to 5", "idtop ledger show --user", "E evidence")
		later := p.create("ann_8392") // it is of the person too
		p.wait(30 * time.Second)
		p.shows("accepted 2 of 4", later)
		p.press("esc")
		p.wait(time.Second)
		p.hides("Stripe has accepted")
	})
}

// TestStoryErasedWhole: after the last one the name is forgotten and the sessions
// stay; E writes what proves it.
func TestStoryErasedWhole(t *testing.T) {
	run(t, options{width: 80, height: 24, emulator: emulator.Config{RedactionDelay: 40 * time.Minute}}, func(p *program) {
		for range 2 {
			p.create("ann_8392")
		}
		p.wait(8 * time.Second)
		p.press("g j y u r")
		p.wait(time.Second)
		p.types("REDACT 2 TEST")
		p.wait(20 * time.Second)
		p.shows("a person, being erased", "Stripe has accepted all 2 and erased none yet.", "forgotten here, as it has to be; the sessions stay listed by job 1")
		p.hides("ann_8392", "0 sessions")
		p.press("!")
		p.shows("Copied the id of ••••••••")
		p.hides("ann_8392")
		p.press("esc")
		p.wait(90 * time.Minute)
		p.shows("All 2 have been erased since ", "⊘ redacted", "E writes it: all are erased")
		p.press("E")
		p.wait(2 * time.Second)
		p.shows("Evidence is in ")
	})
}

// Somebody else erased a session of the person: the page says so.
func TestStoryErasedElsewhere(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{RedactionDelay: 2 * time.Hour}}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(8 * time.Second)
		p.press("g j u")
		p.wait(time.Second)
		if _, err := p.api.RedactSession(p.t.Context(), id, client.NewIdempotencyKey()); err != nil {
			t.Fatal(err)
		}
		p.wait(10 * time.Second)
		p.shows("Stripe has accepted it and not erased it yet.", "not by a job here")
		p.hides("0 sessions", "ann_8392")
	})
}

// requests are ids of requests, which go out at once in any order.
var requests = regexp.MustCompile(`(req_|…)1xU\w+`)

// TestErasedScreens keeps the page at each size.
func TestErasedScreens(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("erased_%dx%d", size[0], size[1]), func(t *testing.T) {
			run(t, options{width: size[0], height: size[1], emulator: emulator.Config{RedactionDelay: 2 * time.Hour}}, func(p *program) {
				for range 3 {
					p.create("ann_8392")
				}
				p.wait(8 * time.Second)
				p.press("g j u r")
				p.wait(time.Second)
				p.types("REDACT 3 TEST")
				p.wait(150 * time.Second)
				sameScreen(p.t, requests.ReplaceAllString(p.screen.Text(), "request-of-the-test"))
			})
		})
	}
}
