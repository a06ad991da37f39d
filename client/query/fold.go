package query

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plain spells small letters without the special keys. It holds the letters that
// Unicode does not decompose.
var plain = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ı': "i", 'ŋ': "n", 'ŧ': "t", 'ĸ': "k",
}

// spot is a letter of a text and the byte offset of the character that it comes
// from.
type spot struct {
	letter rune
	at     int
}

// spotsOf appends the letters of a text up to its first NUL, in the form that the
// library compares.
func spotsOf(spots []spot, text string) []spot {
	for at, r := range text {
		if r == 0 {
			break
		}
		spots = append(spots, spot{folded(r), at})
	}
	return spots
}

// loosely appends the letters of a text up to its first NUL, each followed by its
// accents. So the letters of a word without accents are found in order, and
// composed and decomposed letters are the same. A letter in plain follows its plain
// spelling, like an accent. Invisible characters are left out.
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

// unseen tells whether a character takes no room on a screen: zero-width spaces and
// joiners, marks of direction, soft hyphens.
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

// folding returns the form of a user_id for searches without accents, nil when it
// equals the user_id.
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
