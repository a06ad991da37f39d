package query

// standing is how the letters of a word appear in a user_id; greater is better.
// With several words, a row has the standing of its worst word.
type standing uint8

// Where the letters are. The values are even; ownLetters adds one when the user_id
// has the letters themselves, letter case aside, rather than accented or otherwise
// spelled ones.
const (
	scattered standing = 2 * iota // not side by side
	together
	separated           // together, after a separator
	beginning           // together, at the beginning
	whole               // all of the user_id
	ownLetters standing = 1
)

// placed is where a word is: in the spots [from, to).
type placed struct {
	standing
	from, to int
}

// locate finds the place where a word appears side by side in the letters of a text
// with the best standing; scattered when there is none. With loose, it passes over
// accents that the word does not have.
func locate(text []spot, word []rune, loose bool) placed {
	var best placed
	if len(word) == 0 {
		return best
	}
	for from := range text {
		if text[from].letter != word[0] {
			continue
		}
		to, next := from, 0
		for ; to < len(text) && next < len(word); to++ {
			if text[to].letter == word[next] {
				next++
			} else if !loose || !accent(text[to].letter) {
				break
			}
		}
		if next < len(word) {
			continue
		}
		for loose && to < len(text) && accent(text[to].letter) {
			to++
		}
		is := together
		switch {
		case from == 0 && to == len(text):
			is = whole
		case from == 0:
			is = beginning
		case separator(text[from-1].letter):
			is = separated
		}
		if is > best.standing {
			best = placed{is, from, to}
		}
		if from == 0 {
			break
		}
	}
	return best
}

// separator tells whether the library treats a letter as a separator.
func separator(r rune) bool {
	switch r {
	case '/', '-', '_', ' ', '.', '\\':
		return true
	}
	return false
}

// standing returns the best standing of the word in a matching text. It does not
// look for standings below least. loose is the text's folding, empty when there is
// none.
func (w *pattern) standing(text, loose string, least standing) (best standing) {
	var buffer [64]spot
	if loose != "" {
		spots := buffer[:0]
		for at, r := range loose {
			spots = append(spots, spot{r, at})
		}
		best = locate(spots, w.loose, true).standing
		if w.planes != nil && best+ownLetters < least { // the ASCII letters already stand at least as well
			return best
		}
	}
	if !w.has(text) {
		return best
	}
	return max(best, ownLetters+locate(spotsOf(buffer[:0], text), w.letters, false).standing)
}

// score is the library's score of a text, or of its folding if only that matches.
func (w *pattern) score(text, loose string) int {
	score, ok := scoreOf(w.text, text)
	if !ok {
		score, _ = scoreOf(w.looseText, loose)
	}
	return score
}

// asTyped tells whether a text has a word side by side, letter case aside.
func (w *pattern) asTyped(text string) bool {
	var buffer [128]spot
	return len(w.letters) > 0 && locate(spotsOf(buffer[:0], text), w.letters, false).standing >= together
}

// marks returns the byte offsets of a word's letters in a text.
func (w *pattern) marks(text string) (offsets []int) {
	if len(w.letters) == 0 {
		return nil
	}
	spots := spotsOf(nil, text)
	at, matched := locate(spots, w.letters, false), indexesOf(w.text, text)
	if at.standing < together && !isASCII(text) {
		loose := loosely(nil, text)
		if other := locate(loose, w.loose, true); other.standing >= together {
			spots, at = loose, other
		} else if matched == nil {
			return scatteredIn(loose, w.loose)
		}
	}
	if at.standing < together {
		return matched
	}
	for _, s := range spots[at.from:at.to] {
		if n := len(offsets); n == 0 || offsets[n-1] != s.at {
			offsets = append(offsets, s.at)
		}
	}
	return offsets
}

// scatteredIn returns the first place of each letter of a word in order, nil when
// not all are found.
func scatteredIn(text []spot, word []rune) (offsets []int) {
	next := 0
	for _, s := range text {
		if next < len(word) && s.letter == word[next] {
			next++
			if n := len(offsets); n == 0 || offsets[n-1] != s.at {
				offsets = append(offsets, s.at)
			}
		}
	}
	if next < len(word) {
		return nil
	}
	return offsets
}
