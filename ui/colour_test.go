package ui_test

import (
	"testing"

	"github.com/charmbracelet/colorprofile"

	"idtop/client/emulator"
)

// TestSelectionWithoutColour looks at the cells of the cursor's row: without
// colours it is reversed from edge to edge, and the cursor sign is there.
func TestSelectionWithoutColour(t *testing.T) {
	world := emulator.Config{Seed: 1, Sessions: 20}
	run(t, options{emulator: world, profile: colorprofile.ASCII}, func(p *program) {
		p.press("j")
		y, ok := p.screen.Find("▸")
		if !ok {
			p.t.Fatalf("no cursor:\n%s", p.screen.Text())
		}
		for x := range 80 {
			if !p.screen.At(x, y).Reversed {
				p.t.Fatalf("cell %d of the cursor's row is not reversed", x)
			}
		}
		if p.screen.At(10, y+1).Reversed {
			p.t.Error("the row below is reversed too")
		}
	})
}

// TestColoursOfEveryProfile draws the same text with every number of colours,
// dark and light.
func TestColoursOfEveryProfile(t *testing.T) {
	world := emulator.Config{Seed: 1, Sessions: 60}
	want := ""
	for _, profile := range []colorprofile.Profile{colorprofile.ASCII, colorprofile.ANSI, colorprofile.ANSI256, colorprofile.TrueColor} {
		for _, light := range []bool{false, true} {
			run(t, options{emulator: world, profile: profile, light: light}, func(p *program) {
				p.press("2 enter")
				text := p.screen.Text()
				if want == "" {
					want = text
				}
				if text != want {
					p.t.Errorf("%v, light %v:\n%s\nwant\n%s", profile, light, text, want)
				}
			})
		}
	}
}
