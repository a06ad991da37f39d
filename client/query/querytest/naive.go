// Package querytest is what a search has to answer, written the slow and obvious
// way: what the tests of the index and of the stores compare with.
//
// Its one rule: it shares nothing with what it is compared with.
package querytest

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/sahilm/fuzzy"
	"golang.org/x/text/unicode/norm"
)

// How a word stands in a text: the greater the better, and one more where the
// letters are the text's own rather than accented ones.
const (
	Scattered = 2 * iota
	Together
	Separated
	Beginning
	Whole
	Own = 1
)

// Rate tells whether a word matches a text, how it stands there, and its score.
func Rate(word, text string) (standing, score int, ok bool) {
	text, _, _ = strings.Cut(text, "\x00")
	word = strings.Map(seen, word)
	if own := fuzzy.Find(word, []string{text}); len(own) > 0 {
		standing, score, ok = stands(fold(word), fold(text), "")+Own, own[0].Score, true
	}
	if norm.NFKD.String(text) == text && !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return standing, score, ok
	}
	looseWord, loose := loosen(word), loosen(text)
	if len(looseWord) == 0 || !subsequence(looseWord, loose) {
		return standing, score, ok
	}
	if !ok {
		for _, m := range fuzzy.Find(looseWord, []string{loose}) {
			score = m.Score
		}
	}
	return max(standing, stands(looseWord, loose, `[\p{Mn}ßæœøłđðþħıŋŧĸ]*`)), score, true
}

// AsTyped tells whether a text has a word side by side, letter case aside.
func AsTyped(word, text string) bool {
	text, _, _ = strings.Cut(text, "\x00")
	return strings.Contains(fold(text), fold(strings.Map(seen, word)))
}

// Look is what is the same of texts that look the same.
func Look(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return seen(r)
	}, strings.ToLower(fold(norm.NFKD.String(text))))
	text = strings.NewReplacer("а", "a", "е", "e", "о", "o", "ν", "n", "η", "h").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

// stands tells where a word stands in a text with what may lie between its letters.
func stands(word, text, between string) int {
	for _, is := range expressions(word, between) {
		if is.MatchString(text) {
			return is.standing
		}
	}
	return Scattered
}

type expression struct {
	standing int
	*regexp.Regexp
}

var known sync.Map

// expressions are what says how a word stands, the best first.
func expressions(word, between string) []expression {
	if all, ok := known.Load(word + between); ok {
		return all.([]expression)
	}
	var letters []string
	for _, r := range word {
		letters = append(letters, regexp.QuoteMeta(string(r)))
	}
	pattern := strings.Join(letters, between) + between
	all := []expression{
		{Whole, regexp.MustCompile("^(?s:" + pattern + ")$")}, {Beginning, regexp.MustCompile("^" + pattern)},
		{Separated, regexp.MustCompile(`[-/_ .\\]` + pattern)}, {Together, regexp.MustCompile(pattern)},
	}
	known.Store(word+between, all)
	return all
}

// fold writes all letters that differ in case only the same.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, text)
}

// loosen writes a text with its accents behind the letters, in small letters.
func loosen(text string) string {
	text, _, _ = strings.Cut(text, "\x00")
	text = strings.Map(seen, norm.NFKD.String(text))
	text = strings.Map(func(r rune) rune {
		if lower := []rune(strings.ToLower(fold(string(r)))); len(lower) == 1 {
			return lower[0]
		}
		return r
	}, text)
	return strings.NewReplacer("ß", "ssß", "æ", "aeæ", "œ", "oeœ", "ø", "oø", "ł", "lł", "đ", "dđ", "ð", "dð", "þ", "thþ", "ħ", "hħ",
		"ı", "iı", "ŋ", "nŋ", "ŧ", "tŧ", "ĸ", "kĸ").Replace(text)
}

// seen drops what takes no place on a screen.
func seen(r rune) rune {
	if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u034f' || r == '\u3164' {
		return -1
	}
	return r
}

func subsequence(word, text string) bool {
	letters := []rune(word)
	for _, r := range text {
		if len(letters) > 0 && letters[0] == r {
			letters = letters[1:]
		}
	}
	return len(letters) == 0
}
