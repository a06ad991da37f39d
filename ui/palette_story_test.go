package ui_test

import (
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
		p.shows("Can't copy locator: this names a person: it can't be kept")
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
