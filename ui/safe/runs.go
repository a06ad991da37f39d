package safe

import (
	"iter"
	"slices"
	"sort"
)

// Run is a piece of a Text that is painted in one way.
type Run struct {
	Text   string // sanitised, never empty
	Match  bool   // matched by the search, see LineMatched
	Escape bool   // stands for something that can't be drawn as itself: a warning
}

// Runs yields the text in pieces; together they are exactly String().
func (t Text) Runs() iter.Seq[Run] {
	return func(yield func(Run) bool) {
		at := 0
		for _, sp := range t.spans {
			from, to := int(sp.from), int(sp.to)
			if at < from && !yield(Run{Text: t.s[at:from]}) {
				return
			}
			r := Run{t.s[from:to], sp.kind&kindMatch != 0, sp.kind&kindEscape != 0}
			if !yield(r) {
				return
			}
			at = to
		}
		if at < len(t.s) {
			yield(Run{Text: t.s[at:]})
		}
	}
}

// Uniform reports whether the text is one plain run, so that a renderer can
// write String() in one style.
func (t Text) Uniform() bool { return len(t.spans) == 0 }

type kind uint8

const (
	kindMatch kind = 1 << iota
	kindEscape
)

// span is a part of a Text's string that is not plain, by byte offsets.
type span struct {
	from, to int32
	kind     kind
}

// addSpan appends sp, joined to the last one if it goes on in the same way.
func addSpan(spans []span, sp span) []span {
	if sp.kind == 0 || sp.from >= sp.to {
		return spans
	}
	if n := len(spans); n > 0 {
		last := &spans[n-1]
		if sp.from <= last.to && sp.kind == last.kind {
			last.to = max(last.to, sp.to)
			return spans
		}
	}
	return append(spans, sp)
}

// slice returns the part of t between two byte offsets, which must be the
// bounds of grapheme clusters, with the spans that fall into it.
func (t Text) slice(from, to, width int) Text {
	part := Text{s: t.s[from:to], width: width, foreign: t.foreign}
	lo, hi := int32(from), int32(to)
	// Wrap asks for many small parts of a long text.
	first := sort.Search(len(t.spans), func(i int) bool { return t.spans[i].to > lo })
	for _, sp := range t.spans[first:] {
		if sp.from >= hi {
			break
		}
		part.spans = append(part.spans, span{max(sp.from, lo) - lo, min(sp.to, hi) - lo, sp.kind})
	}
	return part
}

// ascending returns the indexes in order, without changing the caller's.
func ascending(idx []int) []int {
	if slices.IsSorted(idx) {
		return idx
	}
	idx = slices.Clone(idx)
	slices.Sort(idx)
	return idx
}
