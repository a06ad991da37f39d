package ui_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/client/mirror"
)

// pictured compares the screen with a picture of the pages.
func (p *program) pictured(name string) {
	p.t.Helper()
	path, picture := "../.github/"+name+".svg", p.screen.SVG()
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, []byte(picture), 0o644); err != nil {
			p.t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	if string(kept) != picture {
		p.t.Errorf("%s is stale; `go test ./ui -run Picture -update` draws it anew", path)
	}
}

// TestPicture keeps the README's picture a real screen: it is drawn from the
// whole program on a seeded world, and fails when the screen has changed.
func TestPicture(t *testing.T) {
	run(t, options{width: 120, height: 36, emulator: emulator.Config{Seed: 42, Sessions: 1500}}, func(p *program) {
		p.press("/ ann enter enter")
		p.wait(time.Second)
		p.pictured("screen")
	})
}

// TestPicturesOfUsing does the same for the pictures of USING: one way from a rise to a
// person and to the plan of what would be erased.
func TestPicturesOfUsing(t *testing.T) {
	run(t, options{width: 120, height: 32, reports: mirror.KeptAll, emulator: emulator.Config{Seed: 42, Sessions: 6000, Incident: true}}, func(p *program) {
		p.wait(time.Minute)
		for _, picture := range []struct{ script, name string }{
			{"esc 2 j", "list"},
			{"i", "insights"},
			{"esc 1 / mario enter u", "person"},
			{"esc esc esc esc 2 g space j space j space j space 5 g space 4 g space j space r", "plan"},
		} {
			p.press(picture.script)
			p.wait(time.Second)
			p.pictured(picture.name)
		}
	})
}
