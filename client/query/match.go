package query

import (
	"context"
	"iter"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"idtop/client/guard"
)

// Matches is the rows that match a word. It is valid until the next Put.
type Matches struct {
	index *Index
	count int
	bits  [apartClass + 1][]uint64 // for each class a bit a slot; missing bits at the end are zero
}

// Count is how many rows match.
func (m *Matches) Count() int { return m.count }

// Has tells whether a row matches.
func (m *Matches) Has(row uint32) bool {
	at := m.index.placeOf(row)
	return m.word(at.class(), int(at.slot()/lanes))>>(at.slot()%lanes)&1 != 0
}

// Each goes through the rows that match, in no particular order.
func (m *Matches) Each() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for class, words := range m.bits {
			for b, left := range words {
				for ; left != 0; left &= left - 1 {
					slot := uint32(b*lanes + bits.TrailingZeros64(left))
					if !yield(m.index.rowAt(placeOf(class, slot))) {
						return
					}
				}
			}
		}
	}
}

// word returns the bits of a block.
func (m *Matches) word(class, block int) uint64 {
	if block < len(m.bits[class]) {
		return m.bits[class][block]
	}
	return 0
}

// set sets or clears the bit of a place.
func (m *Matches) set(at place, to bool) {
	class, block, bit := at.class(), int(at.slot()/lanes), uint64(1)<<(at.slot()%lanes)
	switch has := m.word(class, block)&bit != 0; {
	case to && !has:
		if missing := block + 1 - len(m.bits[class]); missing > 0 {
			m.bits[class] = append(m.bits[class], make([]uint64, missing)...)
		}
		m.bits[class][block] |= bit
		m.count++
	case has && !to:
		m.bits[class][block] &^= bit
		m.count--
	}
}

// typed is the answers to the latest words, the last one at the end. They are
// updated when rows change.
type typed struct {
	mu      sync.Mutex
	answers []answer
}

type answer struct {
	*pattern
	*Matches
}

// mostTyped is how many answers are kept: one for each letter of a typed word.
const mostTyped = MaxWord

// find returns the answer to a word, or else to its longest known beginning.
func (t *typed) find(w *pattern) (m *Matches, whole bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	longest := -1
	for i, a := range t.answers {
		if strings.HasPrefix(w.text, a.text) && (longest < 0 || len(a.text) > len(t.answers[longest].text)) {
			longest = i
		}
	}
	if longest < 0 {
		return nil, false
	}
	a := t.answers[longest]
	t.answers = append(slices.Delete(t.answers, longest, longest+1), a)
	return a.Matches, a.text == w.text
}

func (t *typed) keep(w *pattern, m *Matches) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.ContainsFunc(t.answers, func(a answer) bool { return a.text == w.text }) {
		return
	}
	if len(t.answers) == mostTyped {
		t.answers = slices.Delete(t.answers, 0, 1)
	}
	t.answers = append(t.answers, answer{w, m})
}

// put notes a new text at a place.
func (t *typed) put(at place, userID string, folding []byte) {
	for _, a := range t.answers {
		a.set(at, a.matches(userID, folding))
	}
}

// drop notes that a place is empty.
func (t *typed) drop(at place) {
	for _, a := range t.answers {
		a.set(at, false)
	}
}

// Match returns the rows whose user_id has the letters of word in order, in either
// case, with or without accents. No row matches the empty word, and only the first
// MaxWord characters of a word count. The index remembers its latest answers, so a
// word that grew or shrank by a letter takes less time. Its only error is ctx's.
func (x *Index) Match(ctx context.Context, word string) (*Matches, error) {
	return x.match(ctx, newPattern(word))
}

func (x *Index) match(ctx context.Context, w *pattern) (*Matches, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := &Matches{index: x}
	if len(w.letters) == 0 {
		return m, nil
	}
	known, whole := x.typed.find(w)
	if whole {
		return known, nil
	}
	stretches := x.stretches(func(class int) bool {
		return (class == apartClass || len(w.planes) > 0 && class >= len(w.planes)) && (known == nil || known.bits[class] != nil)
	})
	for _, s := range stretches {
		if m.bits[s.class] == nil {
			m.bits[s.class] = make([]uint64, x.blocks(s.class))
		}
	}
	var count atomic.Int64
	err := concurrently(ctx, len(stretches), func(i int) {
		count.Add(int64(x.matchStretch(w, stretches[i], known, m.bits[stretches[i].class])))
	})
	if err != nil {
		return nil, err
	}
	m.count = int(count.Load())
	for class, words := range m.bits {
		if !slices.ContainsFunc(words, func(word uint64) bool { return word != 0 }) {
			m.bits[class] = nil
		}
	}
	x.typed.keep(w, m)
	return m, nil
}

// AsTyped returns the rows whose user_id contains a word side by side, letter case
// aside. Its only error is ctx's.
func (x *Index) AsTyped(ctx context.Context, word string) (*Matches, error) {
	w := newPattern(word)
	all, err := x.match(ctx, w)
	if err != nil {
		return nil, err
	}
	typed := &Matches{index: x}
	for class, words := range all.bits {
		typed.bits[class] = make([]uint64, len(words))
		for b, hits := range words {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if class == apartClass {
				hits = x.apart.asTyped(w, b, hits)
			} else if hits != 0 {
				stands := w.stand(x.classes[class].chunks[b/chunkBlocks].block(b%chunkBlocks), hits, together)
				hits = stands.at(together)
			}
			typed.bits[class][b] = hits
			typed.count += bits.OnesCount64(hits)
		}
	}
	return typed, nil
}

// matchStretch fills in the bits of one stretch and returns how many rows match.
func (x *Index) matchStretch(w *pattern, s stretch, known *Matches, words []uint64) (count int) {
	if s.chunk != nil && slices.ContainsFunc(w.letters, func(letter rune) bool { return !s.chunk.seen.has(letter) }) {
		return 0
	}
	for b := s.from; b < s.to; b++ {
		candidates := ^uint64(0)
		if known != nil {
			candidates = known.word(s.class, b)
		}
		if candidates == 0 {
			continue
		}
		if s.class == apartClass {
			words[b] = x.apart.match(w, b, candidates)
		} else {
			words[b] = w.match(s.chunk.block(b-s.from), candidates)
		}
		count += bits.OnesCount64(words[b])
	}
	return count
}

// stretch is one core's share of work: some blocks of a class.
type stretch struct {
	class    int
	from, to int    // blocks
	chunk    *chunk // with these blocks
}

// stretches returns the stretches of some classes, the most work first.
func (x *Index) stretches(of func(class int) bool) []stretch {
	var stretches []stretch
	const apartBlocks = 4
	if of(apartClass) {
		for b := 0; b < x.apart.blocks(); b += apartBlocks {
			stretches = append(stretches, stretch{class: apartClass, from: b, to: min(b+apartBlocks, x.apart.blocks())})
		}
	}
	for length := range x.classes {
		if !of(length) {
			continue
		}
		c := &x.classes[length]
		for n, chunk := range c.chunks {
			stretches = append(stretches, stretch{length, n * chunkBlocks, min((n+1)*chunkBlocks, c.blocks()), chunk})
		}
	}
	return stretches
}

// rows returns the rows of a block in a stretch, by lane.
func (x *Index) rows(s stretch, block int) []uint32 {
	if s.class == apartClass {
		return x.apart.rows[block*lanes:]
	}
	return s.chunk.rows[(block-s.from)*lanes:]
}

func (x *Index) blocks(class int) int {
	if class == apartClass {
		return x.apart.blocks()
	}
	return x.classes[class].blocks()
}

// concurrently does work(0) to work(n-1), roughly in that order, on all cores,
// until ctx ends.
func concurrently(ctx context.Context, n int, work func(i int)) error {
	var next atomic.Int64
	worker := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			work(i)
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n/4) - 1 {
		workers.Go(func() {
			defer guard.Catch()
			worker()
		})
	}
	worker()
	workers.Wait()
	return ctx.Err()
}
