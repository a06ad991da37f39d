package ui_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"idtop/client/emulator"
)

// sizes are those that screens are kept for.
var sizes = [][2]int{{80, 24}, {120, 40}, {200, 60}, {40, 12}}

// TestScreens keeps plain-text screens of the whole program on a seeded world.
// Refresh them with `go test ./ui -update` and read the difference.
func TestScreens(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"list", "esc"},
		{"failed", "esc 2"},
		{"detail", "2 enter"},
		{"search", "esc / an"},
		{"nothing", "esc / zzqq enter"},
		{"cancel", "esc 2 c"},
		{"redact", "esc 5 r"},
		{"help", "?"},
		{"messages", "6 c !"},
	} {
		for _, size := range sizes {
			name := fmt.Sprintf("%s_%dx%d", c.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				run(t, options{width: size[0], height: size[1], emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
					p.press(c.script)
					p.wait(time.Second)
					golden.RequireEqual(t, p.screen.Text())
				})
			})
		}
	}
}
