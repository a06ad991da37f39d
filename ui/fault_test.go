package ui_test

import (
	"fmt"
	"testing"
	"time"

	"idtop/client/emulator"
)

// TestFaults breaks the server in every way while the dashboard polls: the
// operator sees the cause and a countdown, the last data stays, and the next
// poll after the fault recovers.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ mode, sees string }{
		{"429", "Stripe asks to slow down"},
		{"429_lock", "another request works on the same object"},
		{"409", "another request works on the same object"},
		{"500", "Stripe had an error of its own"},
		{"cut", "no complete answer came from the server"},
		{"truncate", "no complete answer came from the server"},
		{"html", "the answer is not one of Stripe's API"},
		{"invalid_json", "no complete answer came from the server"}, // its JSON ends early
		{"redirect", "the answer is not one of Stripe's API"},
		{"hang", "no complete answer came from the server"},
	} {
		t.Run(c.mode, func(t *testing.T) {
			run(t, options{emulator: emulator.Config{Seed: 3, Sessions: 40}}, func(p *program) {
				p.shows("● synced", "ann_8392")
				p.control("POST", "fault", "mode="+c.mode)
				p.wait(90 * time.Second)
				p.shows(c.sees, "trying again", "▲ ", ", again ", "ann_8392", "1 message")
				p.press("j k 2 1") // the dashboard stays usable
				p.shows("ann_8392")
				p.press("!")
				p.shows(c.sees, "Messages")
				p.press("!")
				p.control("DELETE", "fault", "")
				p.wait(70 * time.Second)
				p.shows("● synced", "ann_8392")
				p.hides("trying again", c.sees)
			})
		})
	}
}

// TestFaultBeforeAnyData starts with a server that does not answer.
func TestFaultBeforeAnyData(t *testing.T) {
	run(t, options{}, func(p *program) {
		p.control("POST", "fault", "mode=cut")
		p.press("ctrl+r")
		p.wait(20 * time.Second)
		p.control("DELETE", "fault", "")
		p.press("ctrl+r")
		p.wait(2 * time.Second)
		p.shows("● synced")
	})
}

// TestFaultOnPost breaks the answer to a cancel: the session is looked at, and
// what had no effect is sent again.
func TestFaultOnPost(t *testing.T) {
	for _, mode := range []string{"500", "500_after", "cut_after", "cut", "429", "409"} {
		t.Run(mode, func(t *testing.T) {
			run(t, options{width: 140, height: 40}, func(p *program) {
				id := p.create("ann_8392")
				p.wait(4 * time.Second)
				p.press("j c")
				p.wait(time.Second)
				p.control("POST", "fault", "mode="+mode+"&match=POST.*cancel&count=1")
				p.press("y")
				p.wait(5 * time.Second)
				p.shows("Canceled")
				if got := p.status(id).Status; got != "canceled" {
					p.t.Errorf("at the server it is %s", got)
				}
				p.wait(10 * time.Second) // whatever was lost, the next poll shows the truth
				p.shows("– canceled")
			})
		})
	}
}

// TestRefusals lets the server refuse everything for a while.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		status        int
		message, sees string
	}{
		{401, "Invalid API Key provided", "Stripe does not accept the key"},
		{403, "The provided key does not have the required permissions: rak_identity_product_read", "the key has no permission for this"},
		{404, "Unrecognized request URL", "there is no such object"},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			run(t, options{width: 140, height: 40, emulator: emulator.Config{Seed: 3, Sessions: 40}}, func(p *program) {
				p.says(c.status, c.message)
				p.wait(30 * time.Second)
				p.shows(c.sees, "trying again", "ann_8392", "1 message")
				p.press("!")
				p.shows("req_spoiled1")
				p.press("! enter")
				p.wait(time.Second)
				p.shows("enter tries again")
				p.press("c")
				p.wait(time.Second)
				p.press("y")
				p.wait(time.Second)
				p.press("!")
				p.shows("read session") // the session is read before anything is sent
				p.says(0, "")
				p.press("! ctrl+r")
				p.wait(70 * time.Second)
				p.shows("● synced", "ann_8392")
			})
		})
	}
}
