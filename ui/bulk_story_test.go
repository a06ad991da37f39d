package ui_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
)

// TestStoryBulk: four hundred redactions against Stripe's limit of 25 requests a
// second. Keys are answered all along, a pause stops it and its end is told.
func TestStoryBulk(t *testing.T) {
	sessions := 480
	if testing.Short() {
		sessions = 160
	}
	run(t, options{width: 120, height: 40, maxItems: sessions, emulator: emulator.Config{Seed: 6, Sessions: sessions, RateLimits: true}}, func(p *program) {
		p.wait(10 * time.Second)
		p.press("5")
		p.press("*")
		p.press("r")
		p.wait(time.Second)
		phrase := between(p.line("type REDACT"), "type ", "   ")
		count, err := strconv.Atoi(strings.Fields(phrase)[1])
		if err != nil || count < sessions*5/8 {
			t.Fatalf("%q: %v", phrase, err)
		}
		p.types(phrase)
		began := time.Now()
		p.wait(400 * time.Millisecond)
		p.press("1 g")
		for range 10 { // the cursor moves with each key although rows change all the time
			was := p.line("▸")
			p.press("j")
			if p.line("▸") == was {
				t.Fatalf("no answer to a key:\n%s", p.screen.Text())
			}
		}
		p.press("J p")
		p.wait(2 * time.Second) // what is under way finishes
		p.shows("‖ paused", "job 1 paused at", "p continue job")
		was := p.line("paused at")
		p.wait(10 * time.Second)
		if now := p.line("paused at"); now != was {
			t.Errorf("it goes on in a pause: %q, %q", was, now)
		}
		p.press("p J")
		for range 40 {
			p.wait(2 * time.Second)
			if !p.screen.Contains("job 1 ") {
				break
			}
		}
		took := time.Since(began) - 12*time.Second
		if least := time.Duration(2*count) * time.Second / 25; took < least*8/10 || took > least*14/10 {
			t.Errorf("%d redactions of two requests each took %s, the limit allows %s", count, took, least)
		}
		p.press("J")
		p.shows("◌ accepted "+strconv.Itoa(count)+", none erased yet", "Stripe has accepted "+strconv.Itoa(count)+" of "+strconv.Itoa(count)+" and erased none.")
		p.hides("refused:")
	})
}

// TestStoryPlanDrift: a session that changes while its plan is shown makes a new
// plan; what was typed for the old one is gone.
func TestStoryPlanDrift(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		var ids []string
		for _, user := range []string{"ann_1", "bob_2", "cid_3"} {
			ids = append(ids, p.create(user))
		}
		p.wait(4 * time.Second)
		p.press("* c")
		p.wait(time.Second)
		p.press("tab")
		p.types("ticket 9")
		p.press("up")
		p.types("CANCEL 3")
		p.control("POST", "sessions/"+ids[1]+"/submit", "outcome=processing")
		p.wait(5 * time.Second)
		p.shows("Changed meanwhile: this is the new plan", "Cancel 3 of 3 sessions: 2 now, 1 later", "type CANCEL 3 TEST", "ticket 9", "1  later")
		p.hides("CANCEL 3 TEST   CANCEL 3")
		p.press("tab tab space up up")
		p.shows("Cancel 2 of 3 sessions", "type CANCEL 2 TEST", "it is left as it is")
		p.types("CANCEL 2 TEST")
		p.wait(3 * time.Second)
		p.shows("6 Canceled 2", "Job 1: canceled 2, 1 left out")
		if s := p.status(ids[1]); s.Status != client.StatusProcessing {
			t.Errorf("it is %s", s.Status)
		}
	})
}

// TestStoryRecallTooLate: z in the last moment either takes it back or says that
// it can't be.
func TestStoryRecallTooLate(t *testing.T) {
	run(t, options{undo: 2 * time.Second}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("j c")
		p.wait(time.Second)
		p.press("y")
		p.wait(4 * time.Second)
		p.press("z")
		p.shows("Can't recall: nothing waits to be sent")
		if s := p.status(id); s.Status != client.StatusCanceled {
			t.Errorf("it is %s", s.Status)
		}
	})
}

// TestStoryWriteInLive: a live account is read-only until :write says why; the
// reason is in the ledger, and :read-only goes back.
func TestStoryWriteInLive(t *testing.T) {
	run(t, options{width: 120, height: 40, live: true, shut: true, emulator: emulator.Config{Seed: 2, Sessions: 60}}, func(p *program) {
		p.wait(4 * time.Second)
		p.shows("LIVE", "read-only")
		p.press("esc 2 g c")
		p.shows("Can't cancel: read-only until :write REASON")
		p.press("n")
		p.shows("Can't make a new session: read-only until :write REASON")
		p.press(":")
		p.types("write")
		p.press("enter")
		p.shows("Say why, as in :write ticket 4711", ":write")
		p.types("ticket 4711")
		p.press("enter")
		p.shows("Read-write from now on, until you quit", "read-write")
		p.press("c")
		p.wait(time.Second)
		p.press("y")
		p.wait(3 * time.Second)
		p.shows("Canceled ")
		p.press(":")
		p.types("read-only")
		p.press("enter")
		p.shows("Read-only from now on")
		sent := p.writes.count.Load()
		p.press("g r")
		p.shows("Can't redact: read-only")
		if n := p.writes.count.Load(); n != sent || sent == 0 {
			t.Errorf("%d requests that change something, then %d", sent, n)
		}
		var reasons []string
		for record, err := range p.desk.Ledger.Find(ledger.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			if record.Verb == ledger.WriteMode && record.Reason != "" {
				reasons = append(reasons, record.Reason)
			}
		}
		if len(reasons) != 1 || reasons[0] != "ticket 4711" {
			t.Errorf("the ledger has %q", reasons)
		}
	})
}

// TestStoryReuse: the session that waits already is offered, and one key goes to
// its fresh link instead of making another one.
func TestStoryReuse(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		waits := p.create("ann_8392")
		p.create("bob_2")
		p.wait(4 * time.Second)
		p.press("n")
		p.types("ann_8392")
		p.press("tab")
		p.shows("This person has an open session: ○ waiting")
		p.press("ctrl+o")
		p.hides("New session")
		p.shows(`›  "ann_8392"`, "1 session and 0 attempts", "Copied a fresh link of "+named("ann_8392", waits))
		if p.screen.Clipboard() == "" || p.screen.Contains(p.screen.Clipboard()) {
			t.Errorf("the clipboard has %q, and the screen shows it or there is none", p.screen.Clipboard())
		}
		p.press("n") // for the person under the cursor
		p.shows("▸ user_id      ann_8392   type another, or tab", "This person has an open session")
		p.types("bob_2")
		p.press("tab")
		p.shows("  user_id      bob_2", "This person has an open session")
		p.press("esc")
		if n := p.writes.count.Load(); n != 2 { // those that the test itself made
			t.Errorf("%d sessions were made", n)
		}
	})
}

// TestStoryFormErrors: an error is shown in the form and nothing that was typed
// is lost; after an answer that was lost the same form makes no second session.
func TestStoryFormErrors(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		p.wait(4 * time.Second)
		p.press("n")
		p.types("ann_8392")
		p.press("tab tab tab tab tab tab tab")
		p.says(400, "No such thing as that option")
		p.types("create")
		p.wait(4 * time.Second)
		p.shows("New session", "No such thing as that option", "ann_8392", "nothing that you typed is lost", "type create")
		p.says(0, "")
		p.losing.Store(true)
		p.types("create")
		p.wait(2 * time.Minute)
		p.shows("New session", "ann_8392", "It may have been done. Sent again as it is, it is not done twice.")
		p.losing.Store(false)
		p.types("create")
		p.wait(4 * time.Second)
		p.hides("New session")
		p.shows("1 session and 0 attempts", "Created ann_8392 …")
	})
}

// TestStoryMetadata: a key is taken away, another one is added; what can't be
// meant is not sent.
func TestStoryMetadata(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("j m")
		p.wait(time.Second)
		p.press("tab tab tab")
		p.types("save")
		p.shows("nothing was changed")
		p.press("up")
		p.types("5")
		p.press("tab")
		p.types("save")
		p.shows("the new value has no key")
		p.press("up up")
		p.types("tier")
		p.press("up backspace backspace backspace backspace backspace backspace backspace backspace tab tab tab")
		p.types("save")
		p.wait(4 * time.Second)
		p.shows("Changed the metadata of " + named("ann_8392", id))
		if got := p.status(id).Metadata; len(got) != 1 || got["tier"] != "5" {
			t.Errorf("metadata %v", got)
		}
	})
}
