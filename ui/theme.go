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

// tokens are the colours of one background, dark or light.
type tokens struct {
	text, dim, line, accent                             string
	failed, danger, processing, verified                string
	waiting, canceled, redacting, match                 string
	selected, tab, dialog                               string // backgrounds
	bar, ghost                                          string // charts: what is usual, what there was before
	liveBadge, liveText, testBadge, testText, liveFrame string
}

var darkTokens = tokens{
	text: "#d6dae2", dim: "#8a93a3", line: "#3b4252", accent: "#82aaff",
	failed: "#ff7b85", danger: "#ff5f6b", processing: "#f2c063", verified: "#8fd18a",
	waiting: "#a9b4c8", canceled: "#868fa1", redacting: "#c9a2ff", match: "#ffd479",
	selected: "#1b2436", tab: "#24324a", dialog: "#1a2130",
	bar: "#5f709a", ghost: "#333d52",
	liveBadge: "#7a1620", liveText: "#ffffff", testBadge: "#14322f", testText: "#6fd3c7", liveFrame: "#c2303d",
}

var lightTokens = tokens{
	text: "#1f2430", dim: "#5f6673", line: "#d4d7dd", accent: "#2453c4",
	failed: "#b4232f", danger: "#b4232f", processing: "#8a5a00", verified: "#1f7a34",
	waiting: "#4d5666", canceled: "#5f6673", redacting: "#7137b8", match: "#8a4b00",
	selected: "#e6edfb", tab: "#dbe5fa", dialog: "#eef2fa",
	bar: "#7387b8", ghost: "#d9dfec",
	liveBadge: "#f3c6ca", liveText: "#7a1620", testBadge: "#d5efe9", testText: "#0b6b60", liveFrame: "#b4232f",
}

// ansiTokens are for 16 colours, which the terminal's owner has chosen to suit the
// background. "" is the terminal's own colour.
var ansiTokens = tokens{
	dim: "8", line: "8", accent: "4", failed: "1", danger: "1", processing: "3", verified: "2",
	bar: "4", ghost: "8", canceled: "8", redacting: "5", match: "3", liveBadge: "1", liveText: "15", testText: "6", liveFrame: "1",
}

// palette is every style on one background.
type palette struct {
	text, bold, dim, line, accent, danger, dangerBold style
	processing, verified, match, wrong, bar, ghost    style
	state                                             [client.StateCount]style
	stateBold                                         [client.StateCount]style
	*signs
}

// theme is every style.
type theme struct {
	plain, selected, dialog palette
	chosen                  palette // the row of the cursor in a panel
	tab                     style   // the active tab
	live, test              style   // badges
	liveFrame               style
	above                   safe.Text // a bar's part above what is usual
}

type themeKey struct {
	dark    bool
	profile colorprofile.Profile
	ascii   bool
}

var themes sync.Map // themeKey -> *theme

// themeFor returns the theme for a terminal's background and colours.
func themeFor(dark bool, profile colorprofile.Profile) *theme {
	key := themeKey{dark, profile, safe.ASCII()}
	if t, ok := themes.Load(key); ok {
		return t.(*theme)
	}
	t := newTheme(dark, profile)
	themes.Store(key, t)
	return t
}

func newTheme(dark bool, profile colorprofile.Profile) *theme {
	t := lightTokens
	if dark {
		t = darkTokens
	}
	switch {
	case profile <= colorprofile.ASCII:
		t = tokens{} // glyphs, words, bold and reverse tell everything
	case profile == colorprofile.ANSI:
		t = ansiTokens
	}
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
	on, signs := t, stateSigns()
	on.dim = t.text // dim has too little contrast there
	above := safe.Lit("▇")
	if t == (tokens{}) || safe.ASCII() {
		above = safe.Lit("▓") // no colour tells it from the rest of the bar
	}
	return &theme{
		plain:     newPalette(base, t, plainGround, signs),
		selected:  newPalette(selected, onReverse(t), selectedGround, signs),
		dialog:    newPalette(dialog, t, dialogGround, signs),
		chosen:    newPalette(highlight(t.tab), onReverse(on), chosenGround, signs),
		above:     above,
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
	p := palette{
		signs: signs,
		text:  colored(t.text), dim: colored(t.dim), line: colored(t.line), accent: colored(t.accent),
		danger: colored(t.danger), processing: colored(t.processing), verified: colored(t.verified),
		bar: colored(t.bar), ghost: colored(t.ghost),
		bold:       styleOf(base.Foreground(paint(t.text)).Bold(true), on),
		dangerBold: styleOf(base.Foreground(paint(t.danger)).Bold(true), on),
		match:      styleOf(base.Foreground(paint(t.match)).Bold(true), on),
		wrong:      styleOf(base.Foreground(paint(t.danger)).Underline(true), on),
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
