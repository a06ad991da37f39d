package safe

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks one base may carry. Two are enough for
// every living script in composed form; forty paint over the rows around.
const maxMarks = 2

// item is one character of the raw string.
type item struct {
	r       rune
	invalid bool // a byte that is not UTF-8
	match   bool
}

// sanitize is the general path behind Line and LineMatched; matched is
// ascending.
func sanitize(raw string, matched []int) Text {
	raw, long := bound(raw)
	var room [128]item
	items, ascii := decode(raw, matched, room[:0]), ASCII()
	if !ascii { // there each character is spelled out as it came
		items = compose(raw, items)
	}
	w := writer{out: make([]byte, 0, len(raw)+len(raw)/2+16), ascii: ascii}
	for _, it := range items {
		w.put(it)
	}
	w.flush()
	if long || len(w.out) > maxBytes {
		w.end()
	}
	t := Text{s: string(w.out), spans: w.spans, foreign: w.foreign}
	t.width = cells(t.s)
	return t
}

// bound cuts raw to maxBytes, not inside a character, and reports whether it
// had to.
func bound(raw string) (string, bool) {
	if len(raw) <= maxBytes {
		return raw, false
	}
	n := maxBytes
	for n > maxBytes-utf8.UTFMax && !utf8.RuneStart(raw[n]) {
		n--
	}
	return raw[:n], true
}

func decode(raw string, matched []int, items []item) []item {
	m := 0
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRuneInString(raw[i:])
		for m < len(matched) && matched[m] < i {
			m++
		}
		items = append(items, item{
			r:       r,
			invalid: r == utf8.RuneError && size == 1,
			match:   m < len(matched) && matched[m] < i+size,
		})
		i += size
	}
	return items
}

// writer draws items one after the other. It knows as much of the grapheme
// cluster it is in as the limits on marks need.
type writer struct {
	out     []byte
	spans   []span
	ascii   bool // nothing but ASCII is written
	foreign bool

	base     bool // there is a character for a mark to sit on
	marks    int  // marks drawn on it
	linker   bool // one of them joins it to the next letter
	joined   bool // it was itself joined to the letter before it
	excess   int  // marks on it that were not drawn
	excessIn kind // whether one of those was matched
}

func (w *writer) put(it item) {
	r := it.r
	switch {
	case r >= 0x20 && r < 0x7f:
		w.flush()
		w.base, w.marks, w.linker, w.joined = true, 0, false, false
		w.draw(it)
	case w.ascii:
		w.code(it)
	case it.invalid:
		w.escape(utf8.RuneError, it)
	case r < 0x20:
		w.escape(0x2400+r, it)
	case r == 0x7f:
		w.escape(0x2421, it)
	case !isAllowed(r) || isUnsteady(r):
		w.code(it)
	case isMark(r):
		w.mark(it)
	default:
		w.flush()
		w.joined = w.linker && unicode.IsLetter(r)
		w.base, w.marks, w.linker = true, 0, false
		w.draw(it)
	}
}

// mark draws a combining mark. Without a base it would sit on the text before this
// one, so it is spelled out. A chain of letters joined by
// viramas is one cluster however long it is: after one join the next virama is
// spelled out, which ends the cluster.
func (w *writer) mark(it item) {
	virama := isVirama(it.r)
	switch {
	case w.excess > 0 || w.base && w.marks == maxMarks:
		w.excess++
		w.excessIn |= it.kind()
	case !w.base || virama && w.joined:
		w.code(it)
	default:
		w.marks++
		w.linker = w.linker || virama
		w.draw(it)
	}
}

// draw writes a character as itself.
func (w *writer) draw(it item) {
	from := len(w.out)
	w.out = utf8.AppendRune(w.out, it.r)
	w.foreign = w.foreign || it.r > 0x7e
	w.cover(from, it.kind())
}

// escape writes a picture in the place of a character.
func (w *writer) escape(picture rune, it item) {
	w.flush()
	from := len(w.out)
	w.out = utf8.AppendRune(w.out, picture)
	w.cover(from, it.kind()|kindEscape)
	w.base = false
}

// code writes <U+202E> in the place of a character.
func (w *writer) code(it item) {
	w.flush()
	from := len(w.out)
	w.out = append(w.out, "<U+"...)
	shift := 12
	for it.r>>shift > 0xf {
		shift += 4
	}
	for ; shift >= 0; shift -= 4 {
		w.out = append(w.out, "0123456789ABCDEF"[it.r>>shift&0xf])
	}
	w.out = append(w.out, '>')
	w.cover(from, it.kind()|kindEscape)
	w.base = false
}

// flush writes <+3> for the marks that were left out of a cluster.
func (w *writer) flush() {
	if w.excess == 0 {
		return
	}
	from := len(w.out)
	w.out = append(w.out, "<+"...)
	w.out = strconv.AppendInt(w.out, int64(w.excess), 10)
	w.out = append(w.out, '>')
	w.cover(from, w.excessIn|kindEscape)
	w.base, w.excess, w.excessIn = false, 0, 0
}

// end cuts the written text to make room for a last ellipsis, so that the
// result is within maxBytes itself and sanitising it again changes nothing.
func (w *writer) end() {
	mark := cutMark().s
	n := min(len(w.out), maxBytes-len(mark))
	for n > 0 && n < len(w.out) && !utf8.RuneStart(w.out[n]) {
		n--
	}
	w.out = append(w.out[:n], mark...)
	for len(w.spans) > 0 && int(w.spans[len(w.spans)-1].from) >= n {
		w.spans = w.spans[:len(w.spans)-1]
	}
	if k := len(w.spans); k > 0 {
		w.spans[k-1].to = min(w.spans[k-1].to, int32(n))
	}
	w.cover(n, kindEscape)
}

// cover flags the text written since from.
func (w *writer) cover(from int, k kind) {
	w.spans = addSpan(w.spans, span{int32(from), int32(len(w.out)), k})
}

func (it item) kind() kind {
	if it.match {
		return kindMatch
	}
	return 0
}
