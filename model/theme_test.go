package model

import (
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// TestTheme: the theme is changed by its name, and an unknown one names the nearest.
func TestTheme(t *testing.T) {
	lateRig(t, func(r *rig) {
		for _, tt := range []struct{ typed, theme, says, hint string }{
			{"theme", "", "Say its name, as in :theme contrast", ""},
			{"theme tritanopa", "", "There is no theme tritanopa", "did you mean tritanopia?"},
			{"theme zzz", "", "There is no theme zzz", "there are auto, dark, light"},
			{"theme Contrast", "contrast", "The theme is contrast until you quit", `theme = "contrast"`},
			{"theme mono", "mono", "The theme is mono until you quit", ""},
			{"theme auto", "auto", "The theme is auto until you quit", ""},
		} {
			r.press(":")
			r.types(tt.typed)
			r.press("enter")
			if n := r.notice(); r.m.Theme != tt.theme || n.Text != tt.says || !strings.Contains(n.Hint, tt.hint) {
				t.Errorf("%s: theme %q, %+v", tt.typed, r.m.Theme, n)
			}
			r.press("esc")
		}
	})
}

// TestColourless: a terminal that says it has all colours gets none against the operator's
// wish, and a theme says why it is not seen.
func TestColourless(t *testing.T) {
	for _, wish := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, func(c *Config) { c.Colourless = wish })
			r.m.Update(tea.ColorProfileMsg{Profile: colorprofile.ANSI256})
			r.m.setTheme("contrast")
			if shown := r.m.Profile == colorprofile.ANSI256; shown == wish || strings.Contains(r.notice().Hint, "NO_COLOR") != wish {
				t.Errorf("colourless %v: profile %v, %+v", wish, r.m.Profile, r.notice())
			}
		})
	}
}
