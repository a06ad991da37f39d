package ui

import (
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// tokens are the colours of a theme on one background, dark or light. A "" is the
// terminal's own.
type tokens struct {
	text, dim, line, accent                             string
	failed, danger, processing, verified                string
	waiting, canceled, redacting, match                 string
	selected, tab, dialog                               string // backgrounds
	bar, ghost                                          string // charts: the usual, and the time before
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
	failed: "#b4232f", danger: "#b4232f", processing: "#8a5a00", verified: "#1c7230",
	waiting: "#4d5666", canceled: "#5f6673", redacting: "#7137b8", match: "#8a4b00",
	selected: "#e6edfb", tab: "#dbe5fa", dialog: "#eef2fa",
	bar: "#7387b8", ghost: "#d9dfec",
	liveBadge: "#f3c6ca", liveText: "#7a1620", testBadge: "#d5efe9", testText: "#0b6b60", liveFrame: "#b4232f",
}

// with returns the tokens with others in the place of some.
func (t tokens) with(change func(*tokens)) tokens {
	change(&t)
	return t
}

// family is a theme on both backgrounds: in all colours, and in the 16 that the
// terminal's owner chose to suit the background.
type family struct {
	dark, light, dark16, light16 tokens
	least                        float64 // contrast of a text, if it is not the usual one
}

// In 16 colours a token has the one that is readable on the usual palettes of terminals,
// or the terminal's own text.
var (
	dark16 = tokens{
		dim: "7", line: "8", accent: "14", failed: "9", danger: "9", processing: "11", verified: "10",
		canceled: "7", redacting: "13", match: "11", bar: "6", ghost: "8",
		liveBadge: "1", liveText: "15", testText: "14", liveFrame: "9",
	}
	light16 = tokens{
		line: "7", accent: "4", failed: "1", danger: "1", match: "4", bar: "4", ghost: "7",
		liveBadge: "1", liveText: "15", testText: "4", liveFrame: "1",
	}
)

// usualTheme is the family that has no name of its own.
const usualTheme = "usual"

// families are the themes that have colours. The tests compute the
// colours that people with a deficiency see, and hold those of the states apart there too.
var families = map[string]family{
	usualTheme: {dark: darkTokens, light: lightTokens, dark16: dark16, light16: light16},
	"contrast": {
		least: highContrast,
		dark: tokens{
			text: "#ffffff", dim: "#d3d8e2", line: "#9aa3b2", accent: "#a9c9ff",
			failed: "#ffadb3", danger: "#ffadb3", processing: "#ffdc93", verified: "#b0ecab",
			waiting: "#dbe3f2", canceled: "#cbd1dc", redacting: "#e0ccff", match: "#ffe694",
			selected: "#1d2c4a", tab: "#203054", dialog: "#151d2e",
			bar: "#8ea4d8", ghost: "#55617a",
			liveBadge: "#7a0a16", liveText: "#ffffff", testBadge: "#0c2b28", testText: "#93ece1", liveFrame: "#ff6b78",
		},
		light: tokens{
			text: "#000000", dim: "#333a45", line: "#5f6673", accent: "#0b2f8a",
			failed: "#7d0a16", danger: "#7d0a16", processing: "#563700", verified: "#0a471a",
			waiting: "#2c3442", canceled: "#333a45", redacting: "#4a1a86", match: "#5a3000",
			selected: "#dce7ff", tab: "#cfdeff", dialog: "#edf2fc",
			bar: "#4a5f96", ghost: "#aab4c8",
			liveBadge: "#f8ccd0", liveText: "#5c0610", testBadge: "#cdeee7", testText: "#04443c", liveFrame: "#7d0a16",
		},
		dark16: dark16, light16: light16,
	},
	// The colours of states are among the 256 that are the same in each terminal, so that
	// they are as far apart there.
	"deuteranopia": {
		dark: darkTokens.with(func(t *tokens) {
			t.failed, t.danger, t.processing, t.verified = "#d78700", "#ff8700", "#d7d787", "#00afff"
			t.waiting, t.canceled, t.redacting, t.match = "#dadada", "#949494", "#d787d7", "#ffd75f"
		}),
		light: lightTokens.with(func(t *tokens) {
			t.failed, t.danger, t.processing, t.verified = "#870000", "#870000", "#875f00", "#0000d7"
			t.waiting, t.canceled, t.redacting, t.match = "#262626", "#5f5f5f", "#870087", "#875f00"
			t.tab = "#e6edfb"
		}),
		dark16:  dark16.with(func(t *tokens) { t.verified, t.accent = "14", "15" }),
		light16: light16.with(func(t *tokens) { t.verified, t.accent = "4", "" }),
	},
	"tritanopia": {
		dark: darkTokens.with(func(t *tokens) {
			t.failed, t.danger, t.processing, t.verified = "#ff5f5f", "#ff5f5f", "#d7af5f", "#00d787"
			t.waiting, t.canceled, t.redacting, t.match = "#afd7d7", "#949494", "#d75fd7", "#ffd75f"
			t.tab = "#1b2436"
		}),
		light: lightTokens.with(func(t *tokens) {
			t.failed, t.danger, t.processing, t.verified = "#af0000", "#af0000", "#875f00", "#005f87"
			t.waiting, t.canceled, t.redacting, t.match = "#262626", "#5f5f5f", "#870087", "#875f00"
			t.tab = "#e6edfb"
		}),
		dark16: dark16, light16: light16,
	},
}

// themeOf returns the family of a theme by its name, and whether it is for a dark
// background: the terminal's, unless the name ends in another. The family of mono has
// no colours.
func themeOf(name string, dark bool) (family, bool) {
	rest, isDark := strings.CutSuffix("-"+name, "-dark")
	rest, isLight := strings.CutSuffix(rest, "-light")
	rest = strings.TrimPrefix(rest, "-")
	if rest == "" || rest == "auto" {
		rest = usualTheme
	}
	return families[rest], isDark || dark && !isLight
}

// on returns the colours for a background, in a number of colours.
func (f family) on(dark bool, profile colorprofile.Profile) tokens {
	all, sixteen, terminal := f.light, f.light16, lightTerminal
	if dark {
		all, sixteen, terminal = f.dark, f.dark16, darkTerminal
	}
	switch profile {
	case colorprofile.TrueColor:
		return all
	case colorprofile.ANSI256:
		return all.in256(terminal, max(f.least, textContrast))
	case colorprofile.ANSI:
		return sixteen
	}
	return tokens{} // glyphs, words, bold and reverse tell everything
}
