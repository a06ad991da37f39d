package ui

import "strings"

// tokens are the colours of a theme on one background, dark or light. A "" is the
// terminal's own.
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
	bar: "#6577a3", ghost: "#333d52",
	liveBadge: "#7a1620", liveText: "#ffffff", testBadge: "#14322f", testText: "#6fd3c7", liveFrame: "#c2303d",
}

var lightTokens = tokens{
	text: "#1f2430", dim: "#5f6673", line: "#d4d7dd", accent: "#2453c4",
	failed: "#b4232f", danger: "#b4232f", processing: "#8a5a00", verified: "#1f7a34",
	waiting: "#4d5666", canceled: "#5f6673", redacting: "#7137b8", match: "#8a4b00",
	selected: "#e6edfb", tab: "#dbe5fa", dialog: "#eef2fa",
	bar: "#6f83b5", ghost: "#d9dfec",
	liveBadge: "#f3c6ca", liveText: "#7a1620", testBadge: "#d5efe9", testText: "#0b6b60", liveFrame: "#b4232f",
}

// with returns the tokens with others in the place of some.
func (t tokens) with(change func(*tokens)) tokens {
	change(&t)
	return t
}

// family is a theme on both backgrounds: in all colours, and in the 16 that the
// terminal's owner chose to suit the background.
type family struct{ dark, light, dark16, light16 tokens }

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

// families are the themes that have colours. What people with a deficiency see is
// computed by the tests, which hold the colours of the states apart there too.
var families = map[string]family{
	usualTheme: {darkTokens, lightTokens, dark16, light16},
	"contrast": {
		dark: tokens{
			text: "#ffffff", dim: "#d3d8e2", line: "#9aa3b2", accent: "#a9c9ff",
			failed: "#ffadb3", danger: "#ffadb3", processing: "#ffdc93", verified: "#b0ecab",
			waiting: "#dbe3f2", canceled: "#cbd1dc", redacting: "#e0ccff", match: "#ffe694",
			selected: "#1d2c4a", tab: "#233458", dialog: "#151d2e",
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
	"deuteranopia": {
		dark: darkTokens.with(func(t *tokens) {
			t.failed, t.danger, t.processing, t.verified = "#f0752f", "#f0752f", "#e7de9e", "#3d9bff"
			t.waiting, t.canceled, t.redacting, t.match = "#e3e8f0", "#868fa1", "#cd99fb", "#ffe58a"
			t.liveBadge, t.liveFrame, t.testBadge, t.testText = "#7a3000", "#f0752f", "#12294a", "#9cc8ff"
		}),
		light: lightTokens.with(func(t *tokens) {
			t.failed, t.danger, t.processing, t.verified = "#ad4b02", "#ad4b02", "#543d0d", "#0d54d9"
			t.waiting, t.canceled, t.redacting, t.match = "#252934", "#5f6673", "#5e3385", "#6b4a00"
			t.liveBadge, t.liveText, t.liveFrame, t.testBadge, t.testText = "#fbd9bd", "#6b2e00", "#ad4b02", "#d6e5fd", "#0b3f9e"
		}),
		dark16:  dark16.with(func(t *tokens) { t.verified, t.accent = "14", "15" }),
		light16: light16.with(func(t *tokens) { t.verified, t.accent = "4", "" }),
	},
	"tritanopia": {
		dark: darkTokens.with(func(t *tokens) {
			t.failed, t.danger, t.processing, t.verified = "#ff5468", "#ff5468", "#efca70", "#44fce2"
			t.waiting, t.canceled, t.redacting, t.match = "#dde5f2", "#868fa1", "#ec77c9", "#ffe08a"
		}),
		light: lightTokens.with(func(t *tokens) {
			t.failed, t.danger, t.processing, t.verified = "#bd031d", "#bd031d", "#714e09", "#067a61"
			t.waiting, t.canceled, t.redacting, t.match = "#191e27", "#5c5f67", "#a817a6", "#6b4a00"
		}),
		dark16: dark16, light16: light16,
	},
}

// themeOf returns the colours of a theme by its name, on a background, in all colours and
// in 16. A name that ends in -dark or -light has its own, and mono has no colours.
func themeOf(name string, dark bool) (all, sixteen tokens, onDark bool) {
	rest, isDark := strings.CutSuffix("-"+name, "-dark")
	rest, isLight := strings.CutSuffix(rest, "-light")
	dark = isDark || dark && !isLight
	rest = strings.TrimPrefix(rest, "-")
	switch rest {
	case "mono":
		return tokens{}, tokens{}, dark
	case "", "auto":
		rest = usualTheme
	}
	f := families[rest]
	if dark {
		return f.dark, f.dark16, true
	}
	return f.light, f.light16, false
}
