package ui_test

import (
	"idtop/client/mirror"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
)

// TestStoryPalette: a person is found by letters in the palette, the help carries out
// what is searched for, [ leads back through all of it, and what is listed is passed on.
func TestStoryPalette(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 1, Sessions: 200}}, func(p *program) {
		p.create("joann_smith_77")
		p.wait(4 * time.Second)
		p.press("esc 2 j j")
		row := p.line("▸")
		p.press(": r e c a l l enter")
		p.shows(": recall", "NOT NOW", "▸ recall", "Can't recall: nothing waits to be sent")
		p.press("esc : j o s m 7 7")
		p.shows("▸ joann_smith_77", "1 session")
		p.press("enter")
		p.shows(`›  "joann_smith_77"`, "NOW")
		p.press("? / v e r i f i e d")
		p.shows("›   Help ", "for the list;", "verified sessions")
		p.press("down down")
		if line := p.line("▸"); !strings.Contains(line, "verified") {
			t.Errorf("the cursor of the help is on %q", line)
		}
		p.press("esc esc [")
		if line := p.line("▸"); strings.TrimLeft(line[:20], " ▸▪") != strings.TrimLeft(row[:20], " ▸▪") || !strings.Contains(line, strings.Fields(row)[3]) {
			t.Errorf("[ led to %q, from %q", line, row)
		}
		p.press("]")
		p.shows(`›  "joann_smith_77"`, "NOW")
		p.press("ctrl+y")
		p.shows("Can't copy locator: it names a person; take the name out first")
		p.press("[ ctrl+y")
		p.shows("Copied the locator of this list")
		if got := p.screen.Clipboard(); !strings.HasPrefix(got, "idtop://") || !strings.HasSuffix(got, "/state:failed") {
			t.Errorf("the clipboard has %q", got)
		}
		if n := p.writes.count.Load(); n != 1 { // what the test itself made
			t.Errorf("%d requests that change something were sent", n)
		}
	})
}

// TestStoryNextFresh: . goes to what has just changed, wherever the cursor is.
func TestStoryNextFresh(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		id := p.create("ann_8392")
		for _, user := range []string{"bob_1", "cat_2", "dan_3"} {
			p.create(user)
		}
		p.wait(30 * time.Second)
		p.press("g .")
		p.shows("No other row here has changed in the last 12s")
		p.control("POST", "sessions/"+id+"/submit", "outcome=processing")
		p.wait(5 * time.Second)
		p.press(".")
		if line := p.line("▸"); !strings.Contains(line, "ann_8392") || !strings.Contains(line, "▪") {
			t.Errorf("the cursor is on %q", line)
		}
	})
}

// The commands open on every page, and esc returns to it. What is about a row of the list
// can't be carried out there; a tab, a view and a person leave the page.
func TestStoryCommandsOnEveryPage(t *testing.T) {
	for _, page := range []struct{ key, shows string }{
		{"i", "NEEDS SOMEBODY"}, {"t", "still to come"}, {"V", "the first nine have the keys"}, {"J", "No job"}, {"U", "People"}, {"!", "Messages"}, {"u", "NOW"}, {"?", "LOOK CLOSER"},
	} {
		t.Run(page.key, func(t *testing.T) {
			run(t, options{width: 120, height: 40, reports: mirror.KeptAll}, func(p *program) {
				p.create("ann_8392")
				p.wait(8 * time.Second)
				p.press("j " + page.key)
				p.wait(time.Second)
				p.shows(page.shows)
				p.press(":")
				p.shows("letters of a command, a view or a person")
				p.press("esc")
				if page.key != "?" {
					p.shows(page.shows)
				}
				if page.key != "u" && page.key != "?" {
					p.press(":")
					p.types("redact")
					p.press("enter")
					p.shows("not on this page: esc leaves it")
					p.press("esc")
				}
				p.press(":")
				p.types("waiting")
				p.press("enter")
				p.wait(time.Second)
				p.shows("ann_8392", "STATE")
				p.hides("NEEDS SOMEBODY", "still to come")
			})
		})
	}
}

// A command that is named in full comes before others that have its letters.
func TestStoryCommandThatIsNotPossible(t *testing.T) {
	run(t, options{width: 120, height: 40, readOnly: true, emulator: emulator.Config{Seed: 1, Sessions: 20}}, func(p *program) {
		p.press("j j :")
		p.types("redact")
		p.press("enter")
		p.shows("Can't redact: ")
		p.press("esc")
		p.hides("▸ redacted")
	})
}
