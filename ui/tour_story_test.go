package ui_test

import (
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"idtop/client/emulator"
	"idtop/model"
)

// touring is the tour of a test; kept counts how often it was noted as seen.
func touring(kept *int) *model.Touring {
	return &model.Touring{Begin: true, Keep: func() error { *kept++; return nil }}
}

// TestStoryTour walks through the tour by the keys that it names, and by no other.
func TestStoryTour(t *testing.T) {
	kept := 0
	run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 200}, tour: touring(&kept), undo: 5 * time.Second}, func(p *program) {
		p.wait(4 * time.Second)
		p.shows("TOUR 1 of 6  2 lists who failed  esc ends it", "? help")
		p.press("j 3")
		p.shows("TOUR 1 of 6")
		p.press("2")
		p.shows("TOUR 2 of 6  enter says why")
		p.press("j enter")
		p.shows("TOUR 3 of 6  / and letters find a person", "WHY")
		p.press("/")
		p.shows("TOUR 4 of 6  goes on after this")
		p.hides("r redacts", "esc ends it")
		p.types("user")
		p.press("enter")
		p.shows("TOUR 4 of 6  r redacts: here nobody is real")
		p.press("r")
		p.wait(time.Second)
		p.shows("Redact this session?", "TEST", "TOUR 5 of 6  goes on after this")
		p.press("y")
		p.shows("begins in", "z recalls it")
		p.wait(8 * time.Second)
		p.shows("TOUR 5 of 6  J shows what came of it")
		p.press("J")
		p.shows("TOUR 6 of 6  ? has every key")
		p.hides("esc ends it") // it closes the jobs first
		if kept != 0 {
			p.t.Errorf("noted as seen %d times before its end", kept)
		}
		p.press("?")
		p.hides("TOUR")
		p.press("! esc")
		p.press(": tour enter")
		p.shows("TOUR 1 of 6")
		if kept != 1 {
			p.t.Errorf("noted as seen %d times", kept)
		}
	})
}

// esc ends it at once, and does nothing else by that; elsewhere than in the demo there is
// none.
func TestStoryTourIsSkipped(t *testing.T) {
	kept := 0
	run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 200}, tour: touring(&kept), width: 140, height: 40}, func(p *program) {
		p.wait(4 * time.Second)
		p.press("2 j esc")
		p.hides("TOUR")
		p.shows("The tour is over; :tour begins it again", "FAILED ▾", "▸")
		if kept != 1 {
			p.t.Errorf("noted as seen %d times", kept)
		}
	})
	run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 20}}, func(p *program) {
		p.wait(4 * time.Second)
		p.hides("TOUR")
		p.press(": tour enter")
		p.shows("Can't show the tour: it is on the screen of the demo only")
	})
}

func TestTourScreens(t *testing.T) {
	for size, at := range map[string][2]int{"40x12": {40, 12}, "80x24": {80, 24}, "120x40": {120, 40}, "160x45": {160, 45}} {
		t.Run(size, func(t *testing.T) {
			kept := 0
			run(t, options{width: at[0], height: at[1], tour: touring(&kept), emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
				p.wait(time.Minute)
				p.press("2")
				golden.RequireEqual(t, p.screen.Text())
			})
		})
	}
}
