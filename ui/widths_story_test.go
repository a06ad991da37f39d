package ui_test

import (
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
)

// The hair line between list and detail stands at every width that has both, from the top
// of the panes to their bottom, whatever they show; and no line is longer than the screen.
func TestTheHairLineStandsAtEveryWidth(t *testing.T) {
	run(t, options{width: 140, height: 30, emulator: emulator.Config{Seed: 1, Sessions: 60}}, func(p *program) {
		p.wait(4 * time.Second)
		p.press("2 j enter")
		for width := 140; width <= 200; width++ {
			p.resize(width, 30)
			at := width * 3 / 5
			lines := 0
			for y := range 30 {
				line := []rune(p.screen.Line(y))
				if len(line) > width {
					p.t.Errorf("%d columns: line %d has %d", width, y, len(line))
				}
				if y > 4 && y < 28 {
					if len(line) <= at || line[at] != '│' {
						p.t.Fatalf("%d columns: no hair line at %d of line %d: %q", width, at, y, string(line))
					}
					lines++
				}
			}
			if lines < 20 || !strings.Contains(p.screen.Text(), "WHY") {
				p.t.Fatalf("%d columns: the hair line has %d lines:\n%s", width, lines, p.screen.Text())
			}
		}
	})
}
