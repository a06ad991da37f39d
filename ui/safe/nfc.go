package safe

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxSegment is how many characters are composed at once. Into a pile of more
// than 30 marks norm puts an invisible character that was not in the string,
// and no character comes apart into more than three marks. Only the first
// maxMarks of a pile are drawn, so the order of the rest is not seen.
const maxSegment = 30 / 3

// compose brings the characters of raw into Unicode's composed normal form, in
// which a letter and its accent are one character again, so that values that
// look the same are drawn the same and few marks are left to be drawn apart.
// Only the drawn text is normalised, never a stored value.
func compose(raw string, items []item) []item {
	// norm takes the bytes after a truncated character for normal.
	if utf8.ValidString(raw) && norm.NFC.IsNormalString(raw) {
		return items
	}
	out := make([]item, 0, len(items)+len(items)/2)
	for len(items) > 0 {
		n := segment(items)
		out = appendComposed(out, items[:n])
		items = items[n:]
	}
	return out
}

// segment returns the number of leading items that compose with each other and with
// no later item. There has to be an item. An item that is not drawn as itself has a
// boundary before it, so it is always the first of a segment.
func segment(items []item) int {
	if !items[0].composes() {
		return 1
	}
	n := 1
	for n < len(items) && n < maxSegment && !properties(items[n].r).BoundaryBefore() {
		n++
	}
	return n
}

// composes is false for an item that is not drawn as itself. Such an item is spelled
// out as it came: as U+2000, say, not as U+2002, its normal form.
func (it item) composes() bool { return !it.invalid && isAllowed(it.r) }

// appendComposed appends the composed form of a segment.
func appendComposed(out, segment []item) []item {
	if len(segment) == 1 && (segment[0].r < 0x300 || !segment[0].composes()) {
		return append(out, segment[0])
	}
	text := make([]byte, 0, 4*utf8.UTFMax)
	mixed := false
	for _, it := range segment {
		text = utf8.AppendRune(text, it.r)
		mixed = mixed || it.match != segment[0].match
	}
	n := len(out)
	for _, r := range string(norm.NFC.Bytes(text)) {
		out = append(out, item{r: r, match: segment[0].match})
	}
	if mixed {
		flag(out[n:], segment)
	}
	return out
}

// flag flags a character of a composed segment as matched when a part of it was.
// Normalising reorders marks, but never two equal ones, so each part is the first
// that is left of its kind.
func flag(composed, segment []item) {
	var parts []item
	for _, it := range segment {
		for _, r := range apart(it.r) {
			parts = append(parts, item{r: r, match: it.match})
		}
	}
	for i := range composed {
		composed[i].match = false
		for _, r := range apart(composed[i].r) {
			composed[i].match = take(parts, r) || composed[i].match
		}
	}
}

// take uses up the first of the parts that is r, and reports whether it was
// matched.
func take(parts []item, r rune) bool {
	for i := range parts {
		if parts[i].r == r {
			parts[i].r = -1
			return parts[i].match
		}
	}
	return false
}

// apart returns the characters that r is composed of, or r itself.
func apart(r rune) string { return norm.NFD.String(string(r)) }

func properties(r rune) norm.Properties {
	var b [utf8.UTFMax]byte
	return norm.NFC.Properties(utf8.AppendRune(b[:0], r))
}

// isVirama reports the marks that join a letter to the next one.
func isVirama(r rune) bool { return properties(r).CCC() == 9 }
