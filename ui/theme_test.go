package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"idtop/client"
	"idtop/model"
	"idtop/ui/safe"
)

// The 16 colours as terminals come with them.
var (
	xterm = [16]string{"#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5",
		"#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"}
	console = [16]string{"#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa",
		"#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff"}
)

// colours reads the colours of a style: "" for the terminal's own.
func (s style) colours(t *testing.T, sixteen [16]string) (text, ground string) {
	t.Helper()
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(s.before, "\x1b["), "m"), ";")
	number := func(i int) int {
		n, err := strconv.Atoi(parts[i])
		if err != nil && parts[i] != "" {
			t.Fatalf("style %q", s.before)
		}
		return n
	}
	for i := 0; i < len(parts); i++ {
		to, code := &text, number(i)
		if code >= 40 && code < 50 || code >= 100 {
			to, code = &ground, code-10
		}
		switch {
		case code == 38 && number(i+1) == 2:
			*to = fmt.Sprintf("#%02x%02x%02x", number(i+2), number(i+3), number(i+4))
			i += 4
		case code == 38:
			r, g, b, _ := lipgloss.Color(parts[i+2]).RGBA()
			*to = fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
			i += 2
		case code >= 90 && code <= 97:
			*to = sixteen[code-90+8]
		case code >= 30 && code <= 37:
			*to = sixteen[code-30]
		}
	}
	return text, ground
}

// texts are the styles of texts in a palette, by name; the styles of lines are no texts.
func (p *palette) texts() map[string]style {
	texts := map[string]style{
		"text": p.text, "bold": p.bold, "dim": p.dim, "accent": p.accent, "danger": p.danger, "bold danger": p.dangerBold,
		"processing": p.processing, "verified": p.verified, "match": p.match, "wrong": p.wrong,
	}
	for state := range client.State(client.StateCount) {
		texts["state "+state.String()], texts["bold state "+state.String()] = p.state[state], p.stateBold[state]
	}
	return texts
}

// TestContrast holds every text of every theme to the contrast of accessible texts on
// each background it is drawn on, in all colours, in 256 and in 16: 4.5 to 1, in the
// themes of high contrast 7 to 1, and 3 to 1 for bars. Hair lines are no text.
func TestContrast(t *testing.T) {
	for _, name := range model.Themes {
		for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI} {
			for _, dark := range []bool{true, false} {
				theme, sixteen := newTheme(name, dark, profile), xterm
				_, dark := themeOf(name, dark)
				terminals := []string{"#ffffff"}
				if dark {
					terminals = []string{"#000000", "#101218", "#1e1e1e"}
				}
				if profile == colorprofile.ANSI {
					terminals = terminals[:1]
				}
				least := 4.5
				if strings.HasPrefix(name, "contrast") && profile != colorprofile.ANSI {
					least = 7
				}
				hold := func(what string, s style, least float64) {
					text, ground := s.colours(t, sixteen)
					grounds := []string{ground}
					if ground == "" {
						grounds = terminals
					}
					for _, ground := range grounds {
						if text != "" && contrast(lipgloss.Color(text), lipgloss.Color(ground)) < least {
							t.Errorf("%s, dark %v, %v: %s: %s on %s: %.2f", name, dark, profile, what, text, ground,
								contrast(lipgloss.Color(text), lipgloss.Color(ground)))
						}
					}
				}
				for i := range 2 {
					if i == 1 && profile == colorprofile.ANSI {
						sixteen = console
					}
					for where, p := range map[string]*palette{"plain": &theme.plain, "selected": &theme.selected, "dialog": &theme.dialog, "chosen": &theme.chosen} {
						for what, s := range p.texts() {
							hold(what+", "+where, s, least)
						}
					}
					hold("tab", theme.tab, least)
					hold("LIVE", theme.live, 4.5)
					hold("TEST", theme.test, 4.5)
					hold("bar", theme.plain.bar, 3)
					hold("bar, selected", theme.selected.bar, 3)
				}
			}
		}
	}
}

// lab are the coordinates of an amount of light in a space where distances are as large
// as they are seen to be: CIE L*a*b*.
func lab(r, g, b float64) [3]float64 {
	f := func(t float64) float64 {
		if t > 0.008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16.0/116
	}
	x, y, z := f((0.4124*r+0.3576*g+0.1805*b)/0.95047), f(0.2126*r+0.7152*g+0.0722*b), f((0.0193*r+0.1192*g+0.9505*b)/1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// Eyes without the green or the blue kind of cones see a colour changed in this way, by
// Machado, Oliveira and Fernandes (2009).
var (
	deuteranopia = [3][3]float64{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}
	tritanopia   = [3][3]float64{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}
	allCones     = [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
)

// apart is how far two colours are seen to be apart.
func apart(a, b string, eyes [3][3]float64) float64 {
	seen := func(hex string) [3]float64 {
		red, green, blue := linear(lipgloss.Color(hex))
		var out [3]float64
		for i, row := range eyes {
			out[i] = min(1, max(0, row[0]*red+row[1]*green+row[2]*blue))
		}
		return lab(out[0], out[1], out[2])
	}
	x, y := seen(a), seen(b)
	return math.Sqrt((x[0]-y[0])*(x[0]-y[0]) + (x[1]-y[1])*(x[1]-y[1]) + (x[2]-y[2])*(x[2]-y[2]))
}

// closest is the least distance of the colours of two states; canceled and redacted
// share one.
func closest(t *testing.T, theme *theme, eyes [3][3]float64) float64 {
	least := math.Inf(1)
	states := []client.State{client.StateFailed, client.StateWaiting, client.StateProcessing, client.StateVerified, client.StateCanceled, client.StateRedacting}
	for i, a := range states {
		for _, b := range states[:i] {
			one, _ := theme.plain.state[a].colours(t, xterm)
			other, _ := theme.plain.state[b].colours(t, xterm)
			least = min(least, apart(one, other, eyes))
		}
	}
	return least
}

// TestStatesStandApart: the colours of the states differ also for the eyes that a theme is
// made for. 15 is six times what can just be told apart; the usual theme has less.
func TestStatesStandApart(t *testing.T) {
	for name, eyes := range map[string][3][3]float64{"deuteranopia": deuteranopia, "tritanopia": tritanopia} {
		for _, dark := range []bool{true, false} {
			for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
				theme := newTheme(name, dark, profile)
				for whose, eyes := range map[string][3][3]float64{"its": eyes, "all": allCones} {
					if d := closest(t, theme, eyes); d < 15 {
						t.Errorf("%s, dark %v, %v, for %s eyes: %.1f, want 15", name, dark, profile, whose, d)
					}
				}
			}
			if d := closest(t, newTheme("", dark, colorprofile.TrueColor), deuteranopia); d > 10 {
				t.Errorf("the usual theme keeps %.1f: what is simulated?", d)
			}
		}
	}
}

// TestEachThemeIsMade: every name has colours of its own, except mono, and no name has
// those of another by a slip.
func TestEachThemeIsMade(t *testing.T) {
	for _, name := range model.Themes {
		ofDark, onDark := themeOf(name, true)
		ofLight, onLight := themeOf(name, false)
		switch fixed := strings.HasSuffix("-"+name, "-dark") || strings.HasSuffix("-"+name, "-light"); {
		case ofDark != ofLight || fixed != (onDark == onLight):
			t.Errorf("%s: the background counts: %v", name, onDark != onLight)
		case (name == "mono") != (ofDark == family{}):
			t.Errorf("%s: it has colours: %v", name, ofDark != family{})
		}
	}
	named := 1 + len(families) // mono, and the usual one as auto
	for _, name := range model.Themes {
		if strings.Contains(name, "-") || name == "dark" || name == "light" {
			continue
		}
		named--
	}
	if named != 0 {
		t.Errorf("%d themes have no name", named)
	}
}

// TestWithoutColour: where there is no colour, nothing but bold and reverse may
// be asked for, and the selection has to be reversed.
func TestWithoutColour(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.NoTTY, colorprofile.ASCII} {
		theme := newTheme("", true, profile)
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
			theme := themeFor("", dark, profile)
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

// TestStatesHaveSignsOfTheirOwn: no two states share a glyph or a word, and in ASCII they
// have other glyphs, one cell wide as well.
func TestStatesHaveSignsOfTheirOwn(t *testing.T) {
	t.Cleanup(func() { safe.SetASCII(false) })
	for _, ascii := range []bool{false, true} {
		safe.SetASCII(ascii)
		signs, seen, all := stateSigns(), map[string]client.State{}, ""
		for state := range client.State(client.StateCount) {
			glyph, text := signs.glyph[state], signs.stateText[state].String()
			word := strings.TrimPrefix(text, glyph.String()+" ")
			for _, sign := range []string{glyph.String(), word} {
				if other, taken := seen[sign]; taken || strings.TrimSpace(sign) == "" {
					t.Errorf("ascii %v: %v and %v share %q", ascii, state, other, sign)
				}
				seen[sign] = state
			}
			if glyph.Width() != 1 || word != state.String() {
				t.Errorf("ascii %v: %v is %q", ascii, state, text)
			}
			all += glyph.String()
		}
		if want := map[bool]string{false: "?✗○◐✓–◌⊘", true: "?xo%v-:#"}[ascii]; all != want {
			t.Errorf("ascii %v: the glyphs are %q", ascii, all)
		}
	}
}

// TestBarsWithoutColour: the parts of a bar have signs of their own where no colour tells
// them apart.
func TestBarsWithoutColour(t *testing.T) {
	t.Cleanup(func() { safe.SetASCII(false) })
	for _, c := range []struct {
		name    string
		profile colorprofile.Profile
		ascii   bool
		charts  bool
	}{{"", colorprofile.TrueColor, false, true}, {"", colorprofile.ANSI, false, true}, {"mono", colorprofile.TrueColor, false, false},
		{"", colorprofile.ASCII, false, false}, {"contrast", colorprofile.TrueColor, true, false}} {
		safe.SetASCII(c.ascii)
		theme := themeFor(c.name, true, c.profile)
		usual, less := safe.Lit("▇").String(), safe.Lit("░").String()
		for _, p := range []*palette{&theme.plain, &theme.selected} {
			coloured := c.charts && p.bar.before != p.state[client.StateFailed].before // a row that is reversed has no colours
			if above := p.above.String(); theme.charts != c.charts || (above == usual) != coloured || above == less || usual == less {
				t.Errorf("%+v: charts %v, bars of %q, %q and %q", c, theme.charts, usual, above, less)
			}
		}
	}
}

// The code of a character that can't be drawn looks unlike a text that reads the same,
// with and without colours.
func TestEscapesLookUnlikeText(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI, colorprofile.ASCII} {
		for _, dark := range []bool{true, false} {
			theme := themeFor("", dark, profile)
			for name, on := range map[string]*palette{"plain": &theme.plain, "selected": &theme.selected, "dialog": &theme.dialog, "chosen": &theme.chosen} {
				painted := func(text string) string {
					p := &painter{theme: theme}
					p.put(on.text, on, safe.Line(text))
					return p.String()
				}
				if painted("a\u202e") == painted("a<U+202E>") {
					t.Errorf("%v, dark %v, %s: they look alike", profile, dark, name)
				}
			}
		}
	}
}
