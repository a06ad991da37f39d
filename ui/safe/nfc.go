package safe

import (
	"cmp"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// compose brings characters into Unicode's composed normal form, in which a
// letter and its accent are one character again, so that values that look the
// same are drawn the same and few marks are left to be drawn apart. Only what
// is drawn is normalised, never a stored value.
func compose(items []item) []item {
	if !slices.ContainsFunc(items, unsettled) {
		return items
	}
	items = decomposed(items)
	for from := 0; from < len(items); from++ {
		to := from
		for to < len(items) && class(items[to].r) != 0 {
			to++
		}
		if to-from > 1 {
			slices.SortStableFunc(items[from:to], func(a, b item) int {
				return cmp.Compare(class(a.r), class(b.r))
			})
		}
		from = max(from, to)
	}
	return recomposed(items)
}

// unsettled reports characters that composition may change, or by which it
// changes the one before.
func unsettled(it item) bool {
	if it.r < 0x300 {
		return false
	}
	_, other := replacement(it.r)
	return other || isJamo(it.r) || unicode.Is(unicode.M, it.r)
}

// decomposed takes every character apart except Hangul syllables, which
// compose with what follows as they are.
func decomposed(items []item) []item {
	out := make([]item, 0, len(items)+len(items)/2)
	for _, it := range items {
		out = appendDecomposed(out, it)
	}
	return out
}

func appendDecomposed(out []item, it item) []item {
	if other, ok := replacement(it.r); ok && isAllowed(it.r) {
		for _, r := range other {
			out = appendDecomposed(out, item{r: r, match: it.match})
		}
		return out
	}
	if pair, ok := tables().apart[it.r]; ok {
		out = appendDecomposed(out, item{r: pair.first, match: it.match})
		return append(out, item{r: pair.second, match: it.match})
	}
	return append(out, it)
}

// recomposed joins each character to the base before it where the two have a
// composed form and nothing between them is in the way.
func recomposed(items []item) []item {
	out := items[:0] // never longer than what was read
	base, last := -1, uint8(0)
	for _, it := range items {
		c := class(it.r)
		adjacent := base == len(out)-1
		if base >= 0 && (adjacent || last < c) {
			if r, ok := together(out[base].r, it.r); ok {
				out[base].r = r
				out[base].match = out[base].match || it.match
				continue
			}
		}
		if c == 0 {
			base = len(out)
		}
		if it.invalid {
			base = -1
		}
		last = c
		out = append(out, it)
	}
	return out
}

// pair is the two characters a composed one is made of.
type pair struct{ first, second rune }

type compositionTables struct {
	apart    map[rune]pair
	together map[pair]rune
}

// tables are built when the first text with marks is drawn.
var tables = sync.OnceValue(func() compositionTables {
	t := compositionTables{apart: map[rune]pair{}, together: map[pair]rune{}}
	for _, c := range compositions {
		for s := c.pairs; s != ""; {
			first, n := utf8.DecodeRuneInString(s)
			whole, m := utf8.DecodeRuneInString(s[n:])
			s = s[n+m:]
			t.apart[whole] = pair{first, c.second}
			t.together[pair{first, c.second}] = whole
		}
	}
	return t
})

func together(first, second rune) (rune, bool) {
	if r, ok := syllable(first, second); ok {
		return r, true
	}
	r, ok := tables().together[pair{first, second}]
	return r, ok
}

// The Hangul syllables are laid out by rule: 19 leading consonants, 21 vowels
// and 27 trailing consonants or none.
const (
	hangulL, countL = 0x1100, 19
	hangulV, countV = 0x1161, 21
	hangulT, countT = 0x11a7, 28 // the first means none
	hangulS, countS = 0xac00, countL * countV * countT
)

// syllable composes a leading consonant with a vowel, or the two with a
// trailing consonant.
func syllable(first, second rune) (rune, bool) {
	l, v, s, t := first-hangulL, second-hangulV, first-hangulS, second-hangulT
	switch {
	case l >= 0 && l < countL && v >= 0 && v < countV:
		return hangulS + (l*countV+v)*countT, true
	case s >= 0 && s < countS && s%countT == 0 && t > 0 && t < countT:
		return first + t, true
	}
	return 0, false
}

func isJamo(r rune) bool { return r >= hangulL && r <= 0x11ff }

// replacement returns what stands in the composed form for a character that
// never does itself.
func replacement(r rune) (string, bool) {
	if i := r - 0xf900; i >= 0 && int(i) < len(ideographs) && ideographs[i] != r {
		return string(ideographs[i]), true
	}
	if i := r - 0x2f800; i >= 0 && int(i) < len(ideographsSupplement) {
		return string(ideographsSupplement[i]), true
	}
	s, ok := replaced[r]
	return s, ok
}

// class returns the combining class of r, 0 for everything that is not a mark.
func class(r rune) uint8 {
	if r < 0x300 {
		return 0
	}
	i, ok := slices.BinarySearchFunc(classes, r, func(c struct {
		from, to rune
		class    uint8
	}, r rune) int {
		switch {
		case c.to < r:
			return -1
		case c.from > r:
			return 1
		}
		return 0
	})
	if !ok {
		return 0
	}
	return classes[i].class
}

// isVirama reports the marks that join a letter to the next one.
func isVirama(r rune) bool { return class(r) == 9 }
