package query

import (
	"unicode"
	"unicode/utf8"
)

// pattern is a word to look for, without its invisible characters.
type pattern struct {
	text    string   // folded: the same for words that differ only in letter case
	letters []rune   // of text
	loose   []rune   // compared with foldings
	planes  []column // the bits of letters, compared with columns; none if no ASCII text can match

	looseText string // of loose
}

func newPattern(word string) *pattern {
	w := new(pattern)
	for _, r := range word {
		if len(w.letters) == MaxWord {
			break
		}
		if r = folded(r); !unseen(r) {
			w.letters = append(w.letters, r)
		}
	}
	w.text = string(w.letters)
	for _, s := range loosely(nil, w.text) {
		w.loose = append(w.loose, s.letter)
	}
	w.looseText = string(w.loose)
	for _, r := range w.letters {
		if r == 0 || r >= utf8.RuneSelf {
			w.planes = nil
			break
		}
		w.planes = append(w.planes, planesOf(byte(r)))
	}
	return w
}

// planesOf returns the bits of a letter, each spread over all lanes. The last word
// is a mask for the bit that distinguishes capitals: letters ignore it, all other
// characters compare it.
func planesOf(letter byte) column {
	var planes column
	for k := range bonusPlane {
		planes[k] = -(uint64(letter) >> k & 1)
	}
	if letter < 'a' || letter > 'z' {
		planes[bonusPlane] = ^uint64(0)
	}
	return planes
}

// folded returns one letter for all letters that the library takes for the same:
// the small letter for ASCII letters, for the Kelvin sign and for the long s.
func folded(r rune) rune {
	least := r
	if r >= utf8.RuneSelf {
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
	}
	if 'A' <= least && least <= 'Z' {
		return least + 'a' - 'A'
	}
	return least
}

// matches tells whether a text or its folding has the letters of the word in order.
func (w *pattern) matches(text string, folding []byte) bool {
	if w.planes != nil && len(folding) > 0 { // a folding has every ASCII letter of its text
		return w.matchesBytes(folding)
	}
	return w.has(text) || len(folding) > 0 && w.matchesLoosely(folding)
}

// matchesBytes is matchesLoosely for a word of ASCII.
func (w *pattern) matchesBytes(folding []byte) bool {
	next := 0
	for _, b := range folding {
		if rune(b) == w.loose[next] {
			if next++; next == len(w.loose) {
				return true
			}
		}
	}
	return false
}

// has tells whether a text itself has the letters of the word in order.
func (w *pattern) has(text string) bool {
	next := 0
	for _, r := range text {
		if next == len(w.letters) || r == 0 {
			break
		}
		if folded(r) == w.letters[next] {
			next++
		}
	}
	return next == len(w.letters) && next > 0
}

func (w *pattern) matchesLoosely(folding []byte) bool {
	next := 0
	for at := 0; at < len(folding) && next < len(w.loose); {
		r, size := utf8.DecodeRune(folding[at:])
		if at += size; r == w.loose[next] {
			next++
		}
	}
	return next == len(w.loose) && next > 0
}
