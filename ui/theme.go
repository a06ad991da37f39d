package ui

import (
	"image/color"
	"strings"
	"sync"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"idtop/client"
	"idtop/ui/safe"
)

// This is the only file that knows colours. Tokens become styles here, and a
// style is the escape sequence before a text and the one after it, taken from
// Lip Gloss once: painting a cell is then two copies.

// style is how a text is painted. Styles of one ground have the same
// background, so that spaces in any of them look alike.
type style struct {
	before, after string
	ground        ground
}

type ground uint8

// The grounds; no style also means plain ground. A text on another ground, for
// example a badge, has ownGround.
const (
	plainGround ground = iota
	selectedGround
	dialogGround
	chosenGround
	ownGround
)

// palette is every style on one background.
type palette struct {
	text, bold, dim, line, accent, danger, dangerBold style
	processing, verified, match, wrong, bar, ghost    style
	escape                                            style // of <U+202E>, which stands for a character
	state                                             [client.StateCount]style
	stateBold                                         [client.StateCount]style
	above                                             safe.Text // a bar's part above the usual
	*signs
}

// theme is every style.
type theme struct {
	plain, selected, dialog palette
	chosen                  palette // the row of the cursor in a panel
	tab                     style   // the active tab
	live, test              style   // badges
	liveFrame               style
	charts                  bool // colours tell the parts of a chart apart, and there are signs for it
}

type themeKey struct {
	name    string
	dark    bool
	profile colorprofile.Profile
	ascii   bool
}

var themes sync.Map // themeKey -> *theme

// themeFor returns the theme of a name, "" for the usual one, for a terminal's background
// and colours.
func themeFor(name string, dark bool, profile colorprofile.Profile) *theme {
	key := themeKey{name, dark, profile, safe.ASCII()}
	if t, ok := themes.Load(key); ok {
		return t.(*theme)
	}
	t := newTheme(name, dark, profile)
	themes.Store(key, t)
	return t
}

func newTheme(name string, dark bool, profile colorprofile.Profile) *theme {
	family, dark := themeOf(name, dark)
	t := family.on(dark, profile)
	base := lipgloss.NewStyle()
	highlight := func(background string) lipgloss.Style {
		if background == "" {
			return base.Reverse(true)
		}
		return base.Background(paint(background))
	}
	selected := highlight(t.selected)
	dialog := base
	if t.dialog != "" {
		dialog = base.Background(paint(t.dialog))
	}
	on, row, signs := t, t, stateSigns()
	row.dim = t.text                                          // the cursor's row is drawn at each move: a colour less is sent
	on.dim, on.canceled, on.danger = t.text, t.text, t.failed // they have too little contrast there
	return &theme{
		plain:     newPalette(base, t, plainGround, signs),
		selected:  newPalette(selected, onReverse(row), selectedGround, signs),
		dialog:    newPalette(dialog, t, dialogGround, signs),
		chosen:    newPalette(highlight(t.tab), onReverse(on), chosenGround, signs),
		charts:    t != (tokens{}) && !safe.ASCII(),
		tab:       styleOf(highlight(t.tab).Foreground(paint(t.text)).Bold(true), ownGround),
		live:      styleOf(highlight(t.liveBadge).Foreground(paint(t.liveText)).Bold(true), ownGround),
		test:      styleOf(badge(base, t), ownGround),
		liveFrame: styleOf(base.Foreground(paint(t.liveFrame)), plainGround),
	}
}

// badge is the quiet badge of test mode.
func badge(base lipgloss.Style, t tokens) lipgloss.Style {
	if t.testBadge == "" {
		return base.Foreground(paint(t.testText))
	}
	return base.Background(paint(t.testBadge)).Foreground(paint(t.testText))
}

// onReverse drops the colours where the selection is drawn reversed: there each
// colour would become another background.
func onReverse(t tokens) tokens {
	if t.selected == "" {
		return tokens{}
	}
	return t
}

func newPalette(base lipgloss.Style, t tokens, on ground, signs *signs) palette {
	colored := func(token string) style { return styleOf(base.Foreground(paint(token)), on) }
	above := safe.Lit("▇")
	if t == (tokens{}) || safe.ASCII() {
		above = safe.Lit("▓") // no colour tells it from the rest of the bar
	}
	p := palette{
		above: above,
		signs: signs,
		text:  colored(t.text), dim: colored(t.dim), line: colored(t.line), accent: colored(t.accent),
		danger: colored(t.danger), processing: colored(t.processing), verified: colored(t.verified),
		bar: colored(t.bar), ghost: colored(t.ghost),
		bold:       styleOf(base.Foreground(paint(t.text)).Bold(true), on),
		dangerBold: styleOf(base.Foreground(paint(t.danger)).Bold(true), on),
		match:      styleOf(base.Foreground(paint(t.match)).Bold(true), on),
		wrong:      styleOf(base.Foreground(paint(t.danger)).Underline(true), on),
		// Without colours the underline tells it from a text that reads like it.
		escape: styleOf(base.Foreground(paint(t.processing)).Underline(t.processing == ""), on),
	}
	for state, token := range map[client.State]string{
		client.StateUnknown: t.text, client.StateFailed: t.failed, client.StateWaiting: t.waiting,
		client.StateProcessing: t.processing, client.StateVerified: t.verified,
		client.StateCanceled: t.canceled, client.StateRedacting: t.redacting, client.StateRedacted: t.canceled,
	} {
		p.state[state] = colored(token)
		p.stateBold[state] = styleOf(base.Foreground(paint(token)).Bold(true), on)
	}
	return p
}

// paint returns the colour of a token; "" is the terminal's own.
func paint(token string) color.Color {
	if token == "" {
		return lipgloss.NoColor{}
	}
	return lipgloss.Color(token)
}

func styleOf(s lipgloss.Style, on ground) style {
	before, after, _ := strings.Cut(s.Render("X"), "X")
	return style{before, after, on}
}
