package safe

import "unicode"

// isPlain reports whether s is printable ASCII, the case of nearly every
// string on the screen: it is drawn as it is, one cell per byte.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i]-0x20 > 0x5e { // below space or above ~, by unsigned wrap-round
			return false
		}
	}
	return true
}

// isControl reports C0, DEL and C1.
func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }

// isAllowed reports whether r may be drawn as itself. It is an allow-list by
// category (letters, numbers, punctuation, symbols, non-spacing and spacing
// marks, and the plain space), less the characters in those categories that
// are invisible. A list of forbidden characters would miss those that Unicode adds.
func isAllowed(r rune) bool {
	if r < 0x7f {
		return r >= 0x20
	}
	if !unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S, unicode.Mn, unicode.Mc) {
		return false
	}
	return !unicode.Is(invisible, r)
}

// invisible lists default-ignorable and blank characters. Most are outside
// the allowed categories anyway; the rest are letters, marks and symbols only
// by name, such as U+3164 HANGUL FILLER.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00ad, Hi: 0x00ad, Stride: 1}, // soft hyphen
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, // combining grapheme joiner
		{Lo: 0x061c, Hi: 0x061c, Stride: 1}, // Arabic letter mark
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, // Mongolian selectors
		{Lo: 0x200b, Hi: 0x200f, Stride: 1}, // zero width, direction marks
		{Lo: 0x2028, Hi: 0x202e, Stride: 1}, // separators, bidi embedding
		{Lo: 0x2060, Hi: 0x206f, Stride: 1}, // joiners, bidi isolates
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // braille blank
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, // variation selectors
		{Lo: 0xfeff, Hi: 0xfeff, Stride: 1}, // byte order mark
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, // halfwidth Hangul filler
		{Lo: 0xfff0, Hi: 0xfffb, Stride: 1}, // unassigned, annotations
	},
	R32: []unicode.Range32{
		{Lo: 0x1bca0, Hi: 0x1bca3, Stride: 1}, // shorthand format controls
		{Lo: 0x1d173, Hi: 0x1d17a, Stride: 1}, // musical format controls
		{Lo: 0xe0000, Hi: 0xe0fff, Stride: 1}, // tags, more selectors
	},
}

// isUnsteady reports visible characters that no width can be counted for,
// because they melt into their neighbour, even one of another Text: parts of
// emoji sequences, jamo that composition left over, and letters that Unicode
// joins to the next character. They are drawn as <U+1F1E9> like the forbidden
// ones.
func isUnsteady(r rune) bool { return r >= 0x0d4e && unicode.Is(unsteady, r) }

var unsteady = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0d4e, Hi: 0x0d4e, Stride: 1}, // Malayalam dot reph
		{Lo: 0x1100, Hi: 0x11ff, Stride: 1}, // conjoining jamo
		{Lo: 0xa960, Hi: 0xa97f, Stride: 1},
		{Lo: 0xd7b0, Hi: 0xd7ff, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x111c2, Hi: 0x111c3, Stride: 1}, // Sharada
		{Lo: 0x113d1, Hi: 0x113d1, Stride: 1}, // Tulu-Tigalari
		{Lo: 0x1193f, Hi: 0x1193f, Stride: 1}, // Dives Akuru
		{Lo: 0x11941, Hi: 0x11941, Stride: 1},
		{Lo: 0x11a84, Hi: 0x11a89, Stride: 1}, // Soyombo
		{Lo: 0x11d46, Hi: 0x11d46, Stride: 1}, // Masaram Gondi
		{Lo: 0x11f02, Hi: 0x11f02, Stride: 1}, // Kawi
		{Lo: 0x1f1e6, Hi: 0x1f1ff, Stride: 1}, // regional indicators: flags
		{Lo: 0x1f3fb, Hi: 0x1f3ff, Stride: 1}, // skin tones
	},
}

// isMark reports characters that are drawn on the one before them. Four
// letters behave so too: Thai and Lao am, and the halfwidth voiced marks.
func isMark(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r == 0x0e33, r == 0x0eb3, r == 0xff9e, r == 0xff9f:
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Mc)
}
