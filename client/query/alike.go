package query

import (
	"context"
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// lookalikes maps letters of other alphabets to the ASCII letters that they
// resemble, in small or capital form.
var lookalikes = func() map[rune]rune {
	letters := map[rune]rune{}
	for like, others := range map[rune]string{
		'a': "аα", 'b': "вβ", 'c': "сϲ", 'd': "ԁ", 'e': "еε", 'h': "нһη", 'i': "іιı", 'j': "јϳ", 'k': "кκ", 'l': "ӏ", 'm': "мμ", 'n': "ν",
		'o': "оοօ", 'p': "рρ", 'q': "ԛ", 's': "ѕ", 't': "тτ", 'u': "υ", 'w': "ԝ", 'x': "хχ", 'y': "уγ", 'z': "ζ", '-': "‐‑‒–—−", '\'': "’ʼ", '"': "“”",
	} {
		for _, other := range others {
			letters[unicode.ToLower(folded(other))] = like
		}
	}
	return letters
}()

// look returns the appearance of a user_id: the same for all user_ids that look the
// same. It drops the case and the alphabet of letters, invisible characters, and
// white space at the ends. Composed and decomposed letters count as the same.
func look(userID string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(userID) {
		if r = unicode.ToLower(folded(r)); unicode.IsSpace(r) {
			space = true
			continue
		}
		if unseen(r) || unicode.IsControl(r) {
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		if like, ok := lookalikes[r]; ok {
			r = like
		}
		b.WriteRune(r)
	}
	return b.String()
}

// LookAlike tells whether two user_ids look the same, or nearly so. An invisible
// user_id looks like no other.
func LookAlike(a, b string) bool { return look(a) != "" && look(a) == look(b) }

// spare is how many more spaces and invisible characters a user_id may have than
// another that it resembles.
const spare = 8

// Alike returns the rows with another user_id that looks the same as the given one.
// Its only error is ctx's.
func (x *Index) Alike(ctx context.Context, userID string) ([]uint32, error) {
	looks := look(userID)
	if looks == "" {
		return nil, ctx.Err()
	}
	w := newPattern(strings.ReplaceAll(looks, " ", ""))
	var rows []uint32
	check := func(row uint32) {
		if other := x.UserID(row); other != userID && look(other) == looks {
			rows = append(rows, row)
		}
	}
	hash := maphash.String(x.apart.seed, looks)
	for slot, text := range x.apart.texts {
		if text != nil && x.apart.looks[slot] == hash {
			check(x.apart.rows[slot])
		}
	}
	for length := len(w.planes); length > 0 && length <= min(longest, len(looks)+spare); length++ {
		c := &x.classes[length]
		for b := range c.blocks() {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			chunk, at := c.chunks[b/chunkBlocks], b%chunkBlocks
			for left := w.match(chunk.block(at), chunk.taken[at]); left != 0; left &= left - 1 {
				check(chunk.rows[at*lanes+bits.TrailingZeros64(left)])
			}
		}
	}
	return rows, nil
}

// TrimPasted returns a pasted id without the invisible characters at its ends.
func TrimPasted(text string) string { return strings.TrimFunc(text, invisible) }

// Within names the characters of an id that a reader overlooks; "" when there are
// none.
func Within(userID string) string {
	trimmed := TrimPasted(userID)
	switch {
	case trimmed != userID:
		return "white space at an end"
	case strings.ContainsFunc(trimmed, unicode.IsSpace):
		return "white space within"
	case strings.ContainsFunc(trimmed, invisible):
		return "something within that can't be seen"
	}
	return ""
}

// invisible tells whether a character shows nothing.
func invisible(r rune) bool { return unicode.IsSpace(r) || unseen(r) || unicode.IsControl(r) }

// Difference names, in words, how a user_id differs from another that looks the same.
func Difference(than, userID string) string {
	var words []string
	add := func(differs bool, format string, args ...any) {
		if differs {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	is, was := userID, than
	spaced := func(text string, trim func(string, func(rune) bool) string) bool {
		return trim(text, unicode.IsSpace) != text
	}
	for _, end := range []struct {
		words string
		trim  func(string, func(rune) bool) string
	}{{"a space before it", strings.TrimLeftFunc}, {"a space after it", strings.TrimRightFunc}} {
		add(spaced(is, end.trim) && !spaced(was, end.trim), "%s", end.words)
		add(!spaced(is, end.trim) && spaced(was, end.trim), "no %s", strings.TrimPrefix(end.words, "a "))
		is, was = end.trim(is, unicode.IsSpace), end.trim(was, unicode.IsSpace)
	}
	spaces := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	add((spaces(is) == is) != (spaces(was) == was), "other spaces within")
	is, was = spaces(is), spaces(was)
	hidden := func(r rune) bool { return unseen(r) || unicode.IsControl(r) }
	for _, r := range is {
		if hidden(r) && !strings.ContainsRune(was, r) {
			add(true, "U+%04X, which can't be seen", r)
			break
		}
	}
	add(strings.ContainsFunc(was, hidden) && !strings.ContainsFunc(is, hidden), "nothing that can't be seen")
	visible := func(text string) string {
		return strings.Map(func(r rune) rune {
			if hidden(r) {
				return -1
			}
			return r
		}, text)
	}
	is, was = visible(is), visible(was)
	for _, r := range is {
		if like, ok := lookalikes[unicode.ToLower(folded(r))]; ok && !strings.ContainsRune(was, r) {
			add(true, "U+%04X for %c", r, like)
			break
		}
	}
	small := func(text string) string { return strings.ToLower(norm.NFKC.String(text)) }
	add(small(is) == small(was) && norm.NFKC.String(is) != norm.NFKC.String(was), "other capitals")
	composed, before := norm.NFC.IsNormalString(is), norm.NFC.IsNormalString(was)
	add(composed && !before, "accents composed")
	add(before && !composed, "accents decomposed")
	add(len(words) == 0, "written otherwise")
	return strings.Join(slices.Compact(words), ", ")
}
