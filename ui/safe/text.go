// Package safe is the one path from foreign text to the screen.
//
// Its one rule: a Text holds nothing but printable characters of known width.
// A value of this type can only be made here, by sanitising a string (Line,
// Block, LineMatched), from a constant of our own source (Lit), or from other
// values of this type. Every function that draws takes a Text, never a string,
// so a string from the API, the store, the environment, the configuration or
// an error can't reach the terminal any other way.
//
// A character that can't be drawn as itself is drawn visibly, as a control picture or
// as <U+202E>, and never dropped: dropping hides an attack and joins separate words.
// Sanitising happens here, at drawing; storage and search keep the
// bytes as they came. It never fails and never panics.
package safe

import (
	"strconv"
	"strings"
)

// maxBytes bounds both a foreign string's input and its output. Metadata values have
// at most 500 characters, so only a hostile string meets it; the output then ends in
// an ellipsis.
const maxBytes = 4 << 10

// Text is sanitised text that may be drawn, on one line. The zero value is empty.
type Text struct {
	s       string
	spans   []span // ascending, not overlapping; text without a span is plain
	width   int    // cells
	foreign bool
}

// literal is deliberately not exported: another package can't name it, so the
// only strings it can pass as one are untyped constants of its own source.
type literal string

// Lit returns a Text of a string constant. It does not compile for anything
// that is known only at run time, which is the point of it. Its signs outside ASCII
// are among those that ascii.go spells.
func Lit(s literal) Text {
	str := string(s)
	if !isPlain(str) && ASCII() {
		str = signs.Replace(str)
	}
	if isPlain(str) {
		return Text{s: str, width: len(str)}
	}
	if strings.ContainsFunc(str, isControl) {
		t := sanitize(str, nil)
		t.foreign = false
		return t
	}
	return Text{s: str, width: cells(str)}
}

// Line returns s as one line: a line break in it is drawn as ␊.
func Line(s string) Text {
	if isPlain(s) && len(s) <= maxBytes {
		return Text{s: s, width: len(s)}
	}
	return sanitize(s, nil)
}

// LineMatched is Line with some characters flagged as matched by a search.
// Matched are byte indexes into s as it was given, in any order, as the fuzzy
// matcher reports them; indexes outside s are ignored. The flags follow their
// characters through sanitising and cutting, see Runs.
func LineMatched(s string, matched []int) Text {
	if len(matched) == 0 {
		return Line(s)
	}
	matched = ascending(matched)
	if !isPlain(s) || len(s) > maxBytes {
		return sanitize(s, matched)
	}
	t := Text{s: s, width: len(s)}
	for _, i := range matched {
		if i >= 0 && i < len(s) {
			t.spans = addSpan(t.spans, span{int32(i), int32(i + 1), kindMatch})
		}
	}
	return t
}

// Num returns n with its digits grouped by three: 90,214.
func Num(n int) Text {
	var buf [32]byte
	digits := strconv.AppendInt(buf[:0], int64(n), 10)
	if len(digits) <= 3 {
		return Text{s: string(digits), width: len(digits)}
	}
	out := make([]byte, 0, len(digits)+len(digits)/3)
	for i, d := range digits {
		left := len(digits) - i
		if i > 0 && left%3 == 0 && digits[i-1] != '-' {
			out = append(out, ',')
		}
		out = append(out, d)
	}
	return Text{s: string(out), width: len(out)}
}

// Concat returns the parts one after the other.
func Concat(parts ...Text) Text { return Join(Text{}, parts...) }

// Join returns the parts with sep between them.
func Join(sep Text, parts ...Text) Text {
	switch len(parts) {
	case 0:
		return Text{}
	case 1:
		return parts[0]
	}
	size, spans := 0, 0
	for _, p := range parts {
		size += len(p.s) + len(sep.s)
		spans += len(p.spans) + len(sep.spans)
	}
	b := builder{s: make([]byte, 0, size)}
	if spans > 0 {
		b.spans = make([]span, 0, spans)
	}
	for i, p := range parts {
		if i > 0 {
			b.add(sep)
		}
		b.add(p)
	}
	return b.text()
}

// String returns the sanitised text, ready to be written to the terminal.
func (t Text) String() string { return t.s }

// Width returns the number of cells the text takes.
func (t Text) Width() int { return t.width }

// IsEmpty reports whether there is nothing to draw.
func (t Text) IsEmpty() bool { return t.s == "" }

// Foreign reports whether the value shows characters outside ASCII, which may
// look like others: such a value is drawn with its Badge. A cut text keeps the
// answer of the whole value.
func (t Text) Foreign() bool { return t.foreign }

// Badge returns the mark that is drawn beside a Foreign value, to be painted
// as a warning, and an empty Text for any other.
func (t Text) Badge() Text {
	if !t.foreign {
		return Text{}
	}
	return Text{s: "U+", width: 2, spans: []span{{0, 2, kindEscape}}}
}

// Badged returns the text with its Badge before it, if it has one.
func (t Text) Badged() Text {
	if !t.foreign {
		return t
	}
	return Concat(t.Badge(), Text{s: " ", width: 1}, t)
}

// builder puts texts together.
type builder struct {
	s       []byte
	spans   []span
	width   int
	foreign bool
}

func (b *builder) add(t Text) {
	shift := int32(len(b.s))
	for _, sp := range t.spans {
		b.spans = addSpan(b.spans, span{sp.from + shift, sp.to + shift, sp.kind})
	}
	b.s = append(b.s, t.s...)
	b.width += t.width
	b.foreign = b.foreign || t.foreign
}

func (b *builder) text() Text {
	return Text{s: string(b.s), spans: b.spans, width: b.width, foreign: b.foreign}
}
