package ui_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"idtop/client/emulator"
)

// TestPicture keeps the README's picture a real screen: it is drawn from the
// whole program on a seeded world, and fails when the screen has changed.
// `go test ./ui -update` draws it anew.
func TestPicture(t *testing.T) {
	const path = "../.github/screen.svg"
	run(t, options{width: 120, height: 36, emulator: emulator.Config{Seed: 42, Sessions: 1500}}, func(p *program) {
		p.press("/ ann enter enter")
		p.wait(time.Second)
		picture := p.screen.SVG()
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
			p.t.Errorf("%s is stale; `go test ./ui -update` draws it anew", path)
		}
	})
}
