package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/ui/internal/screentest"
)

// click presses and releases the left button on the first cell of a text on the screen, as
// a terminal reports it.
func (p *program) click(text string) {
	p.t.Helper()
	y, ok := p.screen.Find(text)
	if !ok {
		p.t.Fatalf("the screen does not show %q:\n%s", text, p.screen.Text())
	}
	line := p.screen.Line(y)
	p.clickAt(utf8.RuneCountInString(line[:strings.Index(line, text)]), y)
}

func (p *program) clickAt(x, y int) {
	p.sends(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%d;%dm", x+1, y+1, x+1, y+1))
}

// wheel turns the wheel over a cell by notches, downwards or upwards.
func (p *program) wheel(x, y, notches int) {
	button := 65
	if notches < 0 {
		button, notches = 64, -notches
	}
	p.sends(strings.Repeat(fmt.Sprintf("\x1b[<%d;%d;%dM", button, x+1, y+1), notches))
}

// selected is the line of the cursor, "" without one.
func (p *program) selected() string {
	if y, ok := p.screen.Find("▸"); ok {
		return p.screen.Line(y)
	}
	return ""
}

func TestStoryMouse(t *testing.T) {
	run(t, options{width: 140, height: 40, input: true}, func(p *program) {
		for n := range 60 {
			p.create(fmt.Sprintf("user_%02d", n))
		}
		bad := p.create("zoe_1")
		p.control("POST", "sessions/"+bad+"/submit", "outcome=requires_input&code=document_expired")
		p.wait(8 * time.Second)

		p.click("user_55") // nobody has asked for the mouse
		if p.selected() != "" {
			p.t.Fatalf("a click acted while the mouse was off: %q", p.selected())
		}
		if p.screen.Mode(screentest.MouseClicks) {
			p.t.Fatal("the mouse was taken silently")
		}
		p.sends("\x14")
		p.shows("mouse on:")
		if !p.screen.Mode(screentest.MouseClicks) || p.screen.Mode(screentest.MouseMovements) {
			p.t.Fatal("the terminal reports no clicks, or every movement")
		}
		p.click("user_55")
		if !strings.Contains(p.selected(), "user_55") {
			p.t.Fatalf("cursor on %q", p.selected())
		}
		p.hides("METADATA") // it is selected, and not read
		p.click("waiting     user_55")
		p.shows("METADATA")
		p.sends("\x1b")

		p.click("2 Failed")
		p.shows("FAILED ▾")
		p.hides("user_55")
		p.click("zoe_1")
		p.click("1 All")
		p.shows("user_55")

		p.click("USER ID")
		p.shows("USER ID ▾", "row 61 of 61")
		p.click("USER ID ▾")
		p.shows("USER ID ▴")
		p.shows("row 1 of 61")
		p.click("AGE")
		p.hides("USER ID ▴")
		p.click("SESSION")
		p.shows("can't be sorted by this column")
		p.wait(time.Minute)

		p.sends("f")
		p.wheel(10, 20, 3) // the list follows: the wheel takes it from the newest
		if !strings.Contains(p.selected(), "user_51") {
			p.t.Fatalf("cursor on %q", p.selected())
		}
		p.wheel(10, 20, 1)
		p.wheel(10, 20, -2)
		p.shows("user_54")
		p.hides("user_55")
		p.wheel(10, 20, -20)
		p.shows("zoe_1")

		p.click("? help")
		p.shows("Help", "MOVE")
		p.wheel(10, 20, 2)
		p.sends("\x1b")
		p.click("zoe_1")
		p.click("zoe_1")
		p.resize(140, 20)
		p.shows("WHY")
		p.wheel(120, 10, 4) // over the detail: the list stays
		p.hides("WHY")
		p.shows("failed      zoe_1")

		p.sends("\x14")
		p.shows("mouse off: the terminal selects text again")
		if p.screen.Mode(screentest.MouseClicks) {
			p.t.Fatal("the terminal did not get the mouse back")
		}
		before := p.selected()
		p.click("zoe_1")
		p.wheel(10, 20, 5)
		if p.selected() != before {
			p.t.Fatalf("the mouse is off, and moved the cursor to %q", p.selected())
		}
	})
}

// A click on a hint opens the dialog that its key opens, and no click answers one.
func TestStoryMouseNeverConfirms(t *testing.T) {
	run(t, options{input: true, mouse: true}, func(p *program) {
		p.create("bob_1")
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.click("c cancel") // nothing is selected: as the key says
		p.shows("Select a session first: j")
		p.click("ann_8392")
		p.wait(10 * time.Second)
		p.click("c cancel")
		p.wait(time.Second)
		p.shows("Cancel this session?", id)
		for y := range 24 {
			for x := 0; x < 80; x += 7 {
				p.sends(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<65;%d;%dM", x+1, y+1, x+1, y+1))
			}
		}
		p.shows("Cancel this session?", id)
		if s := p.status(id); s.Status != client.StatusRequiresInput || p.writes.count.Load() != 2 {
			p.t.Fatalf("clicks left it %s", s.Status)
		}
		p.sends("y")
		p.wait(time.Second)
		if s := p.status(id); s.Status != client.StatusCanceled {
			p.t.Fatalf("y left it %s", s.Status)
		}
	})
}

// On pages a click selects as in the list; a tab leads away from one.
func TestStoryMouseOnPages(t *testing.T) {
	run(t, options{width: 120, height: 40, input: true, mouse: true, emulator: emulator.Config{Seed: 1, Sessions: 300}}, func(p *program) {
		p.wait(4 * time.Second)
		p.sends("V")
		p.shows("Never submitted")
		p.click("Never submitted")
		p.click("Never submitted")
		p.hides("saved, in their order")
		p.shows("Never submitted")
		p.sends("1")
		p.sends("U")
		p.shows("HISTORY")
		line := strings.Fields(p.screen.Line(12))
		p.click(line[0])
		if !strings.Contains(p.selected(), line[0]) {
			p.t.Fatalf("cursor on %q, clicked %q", p.selected(), line)
		}
		p.click(line[0])
		p.shows("NOW", "CAN DO")
		p.sends("J")
		p.shows("Jobs")
		p.click("5 Verified") // a tab leads away from a page
		p.hides("Jobs")
		p.shows("VERIFIED ▾")
		p.sends("?")
		p.wheel(10, 10, 2)
		p.click("sort")
		p.shows("sort by the next column")
	})
}
