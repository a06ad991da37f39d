package query

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plain spells small letters as people do who can't type them. It has the letters
// that Unicode does not decompose.
var plain = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ı': "i", 'ŋ': "n", 'ŧ': "t", 'ĸ': "k",
}

// spot is a letter of a text and the byte offset of its whole character.
type spot struct {
	letter rune
	at     int
}

// spotsOf appends the letters of a text up to its first NUL, as the library
// compares them.
func spotsOf(spots []spot, text string) []spot {
	for at, r := range text {
		if r == 0 {
			break
		}
		spots = append(spots, spot{folded(r), at})
	}
	return spots
}

// loosely appends the letters of a text up to its first NUL, each followed by
// its accents, so that a word without accents has its letters there in order,
// and composed and decomposed are the same. A letter that is in plain comes
// after its plain spelling, as an accent does. Invisible characters are left out.
func loosely(spots []spot, text string) []spot {
	var parts norm.Iter
	parts.InitString(norm.NFKD, text)
	for !parts.Done() {
		at := parts.Pos()
		for _, r := range string(parts.Next()) {
			if r == 0 {
				return spots
			}
			if r = unicode.ToLower(folded(r)); unseen(r) {
				continue
			}
			for _, letter := range plain[r] {
				spots = append(spots, spot{letter, at})
			}
			spots = append(spots, spot{r, at})
		}
	}
	return spots
}

// accent tells whether a letter of loosely belongs to the one before it.
func accent(r rune) bool {
	return r >= 0x80 && (unicode.Is(unicode.Mn, r) || plain[r] != "")
}

// unseen tells whether a character takes no place on a screen: zero-width
// spaces and joiners, marks of direction, soft hyphens.
func unseen(r rune) bool {
	return r >= 0x80 && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u034f' || r == '\u3164')
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// folding returns the form of a user_id for searches without its accents, nil when
// that is the user_id itself.
func folding(userID string) []byte {
	if isASCII(userID) {
		return nil
	}
	var buffer [64]spot
	spots := loosely(buffer[:0], userID)
	text := make([]byte, 0, 2*len(userID))
	for _, s := range spots {
		if len(text)+4 > cap(text) { // append would leave the old bytes behind
			more := append(make([]byte, 0, 2*cap(text)), text...)
			clear(text)
			text = more
		}
		text = utf8.AppendRune(text, s.letter)
	}
	clear(buffer[:])
	return text
}
