package safe

import (
	"strings"
	"sync/atomic"
)

// asciiOnly is whether texts are made of ASCII alone.
var asciiOnly atomic.Bool

// SetASCII lets texts be made of ASCII alone from now on, for a terminal or a locale
// that knows no other characters: signs of our own are spelled by the table below, and
// foreign characters as <U+00E9>. Like a locale it is the process's, and it is set
// before anything is drawn.
func SetASCII(on bool) { asciiOnly.Store(on) }

// ASCII reports whether texts are made of ASCII alone.
func ASCII() bool { return asciiOnly.Load() }

// signs are all signs of our own that are outside ASCII, each with its spelling in
// ASCII. Of those that begin alike the longest comes first.
var signs = strings.NewReplacer(
	// states
	"✗", "x", "○", "o", "◐", "%", "✓", "v", "–", "-", "◌", ":", "⊘", "#",
	// rows: the cursor, a mark, a fresh change, a warning, a difference
	"▸", ">", "●", "*", "▪", "+", "▲", "!", "≠", "!=", "‖", "=",
	// keys, newer rows, sorted columns
	"↑ ↓", "up down", "↑↓", "up/down", "↑ ", "^ ", "↑", "up", "↓", "down", "←", "left", "→", "right", "▾", "v", "▴", "^",
	// between words, and in the place of some
	" · ", ", ", "·", ".", "›", ">", "…", "..", "•", "*",
	// lines, and bars: what is usual, what is above it, and what is missing
	"─", "-", "━", "=", "│", "|", "▌", "|", "▇", "=", "▄", "=", "▓", "+", "█", "=", "░", ".",
)

// arrows are the keys that people know by a sign.
var arrows = strings.NewReplacer("↑", "up", "↓", "down", "←", "left", "→", "right")

// Spelled is Line for a text of our own that is known only at run time, such as the
// name of a key: its signs are spelled in ASCII as those of a Lit are.
func Spelled(s string) Text {
	if ASCII() && !isPlain(s) {
		s = signs.Replace(arrows.Replace(s))
	}
	return Line(s)
}

// cutMark stands in the place of what was cut. It is one cell wide, in ASCII two, or if
// the environment says that characters of ambiguous width are wide (RUNEWIDTH_EASTASIAN).
func cutMark() Text {
	if ASCII() {
		return Text{s: "..", width: 2}
	}
	return wideMark
}

var wideMark = Text{s: "…", width: cells("…")}
