//go:build unix

package cli

import (
	"context"
	"strings"
	"testing"

	"idtop/ui/safe"
)

// Without colours not one is drawn, and in a locale without Unicode not one character
// outside ASCII.
func TestTerminalsOfLittle(t *testing.T) {
	t.Cleanup(func() { safe.SetASCII(false) })
	for _, environ := range []string{"NO_COLOR=yes LANG=C", "CLICOLOR=0 LC_ALL=POSIX", "COLORTERM=truecolor NO_COLOR=1 TERM=linux"} {
		console := newTTY(t)
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			defer stop()
			await(t, console.screen, "a list", func() bool { return console.screen.Contains("x failed") && console.screen.Contains("synced") })
			w, h := console.screen.Size()
			for i := range w * h {
				if c := console.screen.At(i%w, i/w); c.Fg != "" || c.Bg != "" || strings.ContainsFunc(c.Text, func(r rune) bool { return r > 0x7e }) {
					t.Errorf("%s: column %d, line %d: %+v", environ, i%w, i/w, c)
					return
				}
			}
		}()
		console.run(t, ctx, strings.Fields(environ), "--demo", "--demo-sessions", "40")
	}
}
