package ui

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"idtop/client"
)

// TestContrast holds every text token to WCAG's contrast on each background it
// is drawn on: 4.5 to 1 for text. Hair lines are no text.
func TestContrast(t *testing.T) {
	for name, c := range map[string]struct {
		tokens   tokens
		terminal string
	}{"dark": {darkTokens, "#101218"}, "light": {lightTokens, "#ffffff"}} {
		k := c.tokens
		for _, background := range []string{c.terminal, k.selected, k.dialog} {
			for _, token := range []string{k.text, k.dim, k.accent, k.failed, k.danger, k.processing, k.verified,
				k.waiting, k.canceled, k.redacting, k.match} {
				if ratio := contrast(token, background); ratio < 4.5 {
					t.Errorf("%s: %s on %s: %.2f", name, token, background, ratio)
				}
			}
		}
		for _, pair := range [][2]string{{k.text, k.tab}, {k.accent, k.tab}, {k.match, k.tab}, {k.liveText, k.liveBadge}, {k.testText, k.testBadge}} {
			if ratio := contrast(pair[0], pair[1]); ratio < 4.5 {
				t.Errorf("%s: %s on %s: %.2f", name, pair[0], pair[1], ratio)
			}
		}
	}
}

func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(hex string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(err)
		}
		part := float64(n) / 255
		if part <= 0.03928 {
			part /= 12.92
		} else {
			part = math.Pow((part+0.055)/1.055, 2.4)
		}
		sum += weight * part
	}
	return sum
}

// TestWithoutColour: where there is no colour, nothing but bold and reverse may
// be asked for, and the selection has to be reversed.
func TestWithoutColour(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.NoTTY, colorprofile.ASCII} {
		theme := newTheme(true, profile)
		for _, s := range []style{theme.plain.text, theme.plain.state[client.StateFailed], theme.plain.match, theme.tab, theme.selected.text} {
			if strings.Contains(s.before, "38;") || strings.Contains(s.before, "48;") {
				t.Errorf("a colour in %q", s.before)
			}
		}
		if !strings.Contains(theme.selected.text.before, "7") || !strings.Contains(theme.tab.before, "7") {
			t.Errorf("selection %q, tab %q", theme.selected.text.before, theme.tab.before)
		}
	}
}

// TestStylesEnd: every style is closed again, so that none bleeds.
func TestStylesEnd(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.ASCII, colorprofile.ANSI, colorprofile.ANSI256, colorprofile.TrueColor} {
		for _, dark := range []bool{true, false} {
			theme := themeFor(dark, profile)
			for _, p := range []palette{theme.plain, theme.selected, theme.dialog, theme.chosen} {
				for _, s := range append(p.state[:], p.text, p.bold, p.dim, p.accent, p.danger, p.match) {
					if (s.before == "") != (s.after == "") {
						t.Errorf("before %q, after %q", s.before, s.after)
					}
				}
			}
		}
	}
}
