package query

import (
	"context"
	"math/bits"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// matchGlob tells whether a pattern matches a whole text: a star stands for any
// characters, a question mark for one. No pattern matches what is not there.
func matchGlob[T string | []byte](pattern string, text T) bool {
	if len(text) == 0 {
		return false
	}
	if last := pattern[len(pattern)-1]; last != '*' && last != '?' && last != text[len(text)-1] { // spares most texts the long way
		return false
	}
	star, again := -1, 0 // the last star, and where its next try begins
	p, t := 0, 0
	for t < len(text) {
		if p < len(pattern) {
			switch c := pattern[p]; {
			case c == '*':
				if star, again = p, t; p == len(pattern)-1 {
					return true
				}
				p++
				continue
			case c == '?':
				p, t = p+1, t+sizeOf(text[t:])
				continue
			default:
				if c == '\\' {
					c = pattern[p+1]
				}
				if c == text[t] {
					if pattern[p] == '\\' {
						p++
					}
					p, t = p+1, t+1
					continue
				}
			}
		}
		if star < 0 {
			return false
		}
		again += sizeOf(text[again:])
		p, t = star+1, again
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// Beginning is the pattern of the texts that begin with a text.
func Beginning(text string) Item {
	return Item{Text: strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(text) + "*", Glob: true}
}

// sizeOf returns how many bytes the first character of a text has.
func sizeOf[T string | []byte](text T) int {
	if text[0] < utf8.RuneSelf {
		return 1
	}
	_, size := utf8.DecodeRuneInString(string(text[:min(len(text), utf8.UTFMax)]))
	return size
}

// glob is a pattern for columns. Its stars split it into runs: the first run is at the
// beginning of a text, the last one at its end.
type glob struct {
	runs  [][]column // a zero column is a question mark
	least int        // the letters that a text has at least
	plain bool       // the pattern is ASCII: without that no text in columns matches
}

func newGlob(pattern string) *glob {
	g := &glob{runs: make([][]column, 1), plain: isASCII(pattern)}
	for at := 0; at < len(pattern); at++ {
		last := &g.runs[len(g.runs)-1]
		switch pattern[at] {
		case '*':
			g.runs = append(g.runs, nil)
			continue
		case '?':
			*last = append(*last, column{})
		case '\\':
			at++
			fallthrough
		default:
			planes := planesOf(pattern[at])
			planes[bonusPlane] = ^uint64(0) // capitals differ from small letters
			*last = append(*last, planes)
		}
		g.least++
	}
	return g
}

// match returns the candidate lanes of a block that match. A run between two stars is
// found where it comes first, for all lanes together.
func (g *glob) match(block []column, candidates uint64) uint64 {
	first, last, between := g.runs[0], g.runs[len(g.runs)-1], g.runs[1:]
	if g.least > len(block) || len(between) == 0 && g.least < len(block) {
		return 0
	}
	end := len(block) - len(last)
	lanes := runAt(last, block[end:], runAt(first, block, candidates))
	if len(between) < 2 || lanes == 0 {
		return lanes
	}
	var from [longest + 1]uint64 // from[p]: the lanes whose next run is at p or later
	from[len(first)] = lanes
	for _, run := range between[:len(between)-1] {
		var after [longest + 1]uint64
		waiting := uint64(0)
		for p := len(first); p+len(run) <= end; p++ {
			waiting |= from[p]
			here := runAt(run, block[p:], waiting)
			after[p+len(run)] = here
			waiting &^= here
		}
		from = after
	}
	lanes = 0
	for _, found := range from {
		lanes |= found
	}
	return lanes
}

// runAt returns the candidate lanes that begin with a run.
func runAt(run, block []column, candidates uint64) uint64 {
	for i := 0; candidates != 0 && i < len(run); i++ {
		if run[i][bonusPlane] != 0 {
			candidates &= holding(&block[i], &run[i])
		}
	}
	return candidates
}

// Glob returns the rows whose user_id matches a pattern. Its only error is ctx's.
func (x *Index) Glob(ctx context.Context, pattern Item) (*Matches, error) {
	g, m := newGlob(pattern.Text), &Matches{index: x}
	stretches := x.stretches(func(class int) bool { return class == apartClass || g.plain && class >= g.least })
	for _, s := range stretches {
		if m.bits[s.class] == nil {
			m.bits[s.class] = make([]uint64, x.blocks(s.class))
		}
	}
	var count atomic.Int64
	err := concurrently(ctx, len(stretches), func(i int) {
		s, found := stretches[i], 0
		for b := s.from; b < s.to; b++ {
			var lanes uint64
			if s.class == apartClass {
				lanes = x.apart.glob(pattern.Text, b)
			} else {
				lanes = g.match(s.chunk.block(b-s.from), s.chunk.taken[b-s.from])
			}
			m.bits[s.class][b] = lanes
			found += bits.OnesCount64(lanes)
		}
		count.Add(int64(found))
	})
	m.count = int(count.Load())
	return m, err
}

// glob returns the rows of a block that match a pattern.
func (a *apart) glob(pattern string, block int) (matches uint64) {
	for n, text := range a.texts[block*lanes : min((block+1)*lanes, len(a.texts))] {
		if matchGlob(pattern, text) {
			matches |= 1 << n
		}
	}
	return matches
}
