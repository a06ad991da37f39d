package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/ui/internal/screentest"
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

// pages are scripts that lead to each page, one after the other.
var pages = []struct{ name, script string }{
	{"following", "esc"},
	{"failed", "2 j"},
	{"timeline", "t"},
	{"dialog", "esc c"},
	{"canceled", "y"},
	{"jobs", "J"},
	{"marks", "esc esc space j j space"},
	{"detail", "esc enter tab"},
	{"person", "u"},
	{"compare", "esc esc t"},
	{"insights", "esc esc esc i"},
	{"people", "esc U"},
	{"views", "esc V"},
	{"plan", "esc 2 * r"},
	{"form", "esc n"},
	{"search", "esc / a n"},
	{"wrong query", "esc esc / s t a t e : x x"},
	{"palette", "esc esc : r e"},
	{"help", "esc ?"},
	{"messages", "esc !"},
}

// visit leads through all pages.
func visit(t *testing.T, o options, seen func(p *program, page string)) {
	o.emulator = emulator.Config{Seed: 42, Sessions: 400, Incident: true}
	o.reports = mirror.KeptAll
	run(t, o, func(p *program) {
		p.wait(time.Minute)
		for _, page := range pages {
			p.press(page.script)
			p.wait(time.Second)
			seen(p, page.name)
		}
	})
}

// TestASCIIScreens keeps all pages as a terminal without colours and without Unicode shows
// them. Nothing on them is outside ASCII, and no sign of ours is spelled out as a foreign
// character is.
func TestASCIIScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {140, 45}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			var all strings.Builder
			visit(t, options{width: size[0], height: size[1], ascii: true, profile: colorprofile.ASCII}, func(p *program, page string) {
				text := p.screen.Text()
				if i := strings.IndexFunc(text, func(r rune) bool { return r > 0x7e }); i >= 0 {
					p.t.Errorf("%s has %.20q", page, text[i:])
				}
				if strings.Contains(text, "<U+") {
					p.t.Errorf("%s spells a sign out:\n%s", page, text)
				}
				fmt.Fprintf(&all, "== %s\n%s\n", page, text)
			})
			golden.RequireEqual(t, all.String())
		})
	}
}

// TestColoursOfEveryProfile draws the same text in every theme and with every number of
// colours, dark and light; only charts differ where there are none.
func TestColoursOfEveryProfile(t *testing.T) {
	world := emulator.Config{Seed: 1, Sessions: 60}
	want := ""
	same := func(o options) {
		o.emulator = world
		run(t, o, func(p *program) {
			p.press("2 enter")
			text := p.screen.Text()
			if want == "" {
				want = text
			}
			if text != want {
				p.t.Errorf("%v, light %v, theme %s:\n%s\nwant\n%s", o.profile, o.light, o.theme, text, want)
			}
		})
	}
	for _, profile := range []colorprofile.Profile{colorprofile.ASCII, colorprofile.ANSI, colorprofile.ANSI256, colorprofile.TrueColor} {
		for _, light := range []bool{false, true} {
			same(options{profile: profile, light: light})
		}
	}
	for _, theme := range []string{"contrast", "deuteranopia", "tritanopia-light", "mono"} {
		same(options{theme: theme})
	}
}

// TestNothingIsToldByColourAlone: where colours part two neighbours that look alike, such
// as the parts of a bar, their signs differ on a screen without colours. Words are parted
// by more than their colour: by a space, bold or reversed.
func TestNothingIsToldByColourAlone(t *testing.T) {
	type screen [][]screentest.Cell
	shot := func(p *program) (all screen) {
		w, h := p.screen.Size()
		for y := range h {
			line := make([]screentest.Cell, w)
			for x := range w {
				line[x] = p.screen.At(x, y)
			}
			all = append(all, line)
		}
		return all
	}
	coloured, found := map[string]screen{}, 0
	visit(t, options{width: 140, height: 45}, func(p *program, page string) { coloured[page] = shot(p) })
	visit(t, options{width: 140, height: 45, profile: colorprofile.ASCII}, func(p *program, page string) {
		mono := shot(p)
		for y, line := range coloured[page] {
			for x := 1; x < len(line); x++ {
				a, b := line[x-1], line[x]
				if a.Text != b.Text || a.Text == " " || a.Fg == b.Fg {
					continue
				}
				found++
				if c, d := mono[y][x-1], mono[y][x]; c.Text == a.Text && d.Text == a.Text && c.Bold == d.Bold && c.Reversed == d.Reversed {
					p.t.Errorf("%s, line %d: only the colour parts %q: %s", page, y, a.Text, p.screen.Line(y))
				}
			}
		}
		for y := range mono {
			for _, cell := range mono[y] {
				if cell.Fg != "" || cell.Bg != "" {
					p.t.Fatalf("%s, line %d: a colour: %+v", page, y, cell)
				}
			}
		}
	})
	if found == 0 {
		t.Error("no bar has two colours")
	}
}
