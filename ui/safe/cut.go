package safe

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// cells returns the width of one sanitised line. Terminals disagree about
// clusters such as a Devanagari letter with its vowel: some count the cluster,
// some each character. The larger count is taken, so that on neither kind does
// a text run into its neighbour or off the screen.
func cells(s string) int {
	width := 0
	for i := 0; i < len(s); {
		n, w := cluster(s[i:])
		i += n
		width += w
	}
	return width
}

// cluster returns the length in bytes and the width in cells of the first
// character of s, which is not empty, with all that is drawn on it. That is a
// grapheme cluster, and marks which Unicode counts apart, such as Myanmar's
// vowels: no cut may leave a mark without its base.
func cluster(s string) (n, width int) {
	if s[0] < 0x80 && (len(s) == 1 || s[1] < 0x80) {
		return 1, 1
	}
	for n == 0 || n < len(s) && startsWithMark(s[n:]) {
		c, w := ansi.FirstGraphemeCluster(s[n:], ansi.GraphemeWidth)
		n += len(c)
		width += w
	}
	return n, max(width, ansi.StringWidthWc(s[:n]))
}

func startsWithMark(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isMark(r)
}

// Cut returns the text in at most width cells, with … at the end if something
// was cut. The result is one line, also of a Block.
func (t Text) Cut(width int) Text { return t.cut(width, func(room int) int { return room }) }

// CutFront is Cut with the … in front: for ids, which differ at their end.
func (t Text) CutFront(width int) Text { return t.cut(width, func(int) int { return 0 }) }

// CutMiddle is Cut with the … in the middle; the end keeps the larger half.
func (t Text) CutMiddle(width int) Text {
	return t.cut(width, func(room int) int { return room / 2 })
}

// cut keeps what fits beside the …: before tells how many cells of the room are for
// the beginning of the text, the others are for its end.
func (t Text) cut(width int, before func(room int) int) Text {
	if t.width <= width {
		return t
	}
	mark := cutMark()
	room := width - mark.width
	if room < 0 {
		if isPlain(mark.s) && width > 0 { // half a mark shows the cut too
			return Text{s: mark.s[:width], width: width, foreign: t.foreign}
		}
		return Text{foreign: t.foreign}
	}
	n, front := head(t.s, before(room))
	from, end := t.tail(room - before(room))
	return Concat(t.slice(0, n, front), mark, t.slice(from, len(t.s), end))
}

// head returns the longest beginning of s, which is wider than width, that
// fits: its length and its width.
func head(s string, width int) (n, w int) {
	if isPlain(s) {
		return width, width
	}
	for n < len(s) {
		cn, cw := cluster(s[n:])
		if w+cw > width {
			break
		}
		n += cn
		w += cw
	}
	return n, w
}

// tail returns where the longest ending that fits begins, and its width.
func (t Text) tail(width int) (n, w int) {
	if isPlain(t.s) {
		return len(t.s) - width, width
	}
	w = t.width
	for w > width && n < len(t.s) {
		cn, cw := cluster(t.s[n:])
		n += cn
		w -= cw
	}
	return n, w
}

// Repeat returns the text n times.
func (t Text) Repeat(n int) Text {
	return Concat(slices.Repeat([]Text{t}, max(0, n))...)
}

// Pad returns the text with spaces after it up to width cells.
func (t Text) Pad(width int) Text {
	if t.width >= width {
		return t
	}
	t.s += blanks(width - t.width)
	t.width = width
	return t
}

// PadLeft returns the text with spaces before it up to width cells: for numbers.
func (t Text) PadLeft(width int) Text {
	if t.width >= width {
		return t
	}
	return Concat(Spaces(width-t.width), t)
}

// Fit returns the text in exactly width cells: cut at the end or padded.
func (t Text) Fit(width int) Text { return t.Cut(width).Pad(width) }

// TrimLeft returns the text without spaces before it.
func (t Text) TrimLeft() Text {
	n := 0
	for n < len(t.s) && isSpace(t.s[n:]) {
		n++
	}
	return t.slice(n, len(t.s), t.width-n)
}

// Spaces returns n blank cells.
func Spaces(n int) Text {
	n = max(0, n)
	return Text{s: blanks(n), width: n}
}

const blank = "                                                                                "

func blanks(n int) string {
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}
