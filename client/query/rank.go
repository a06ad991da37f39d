package query

import (
	"container/heap"
	"context"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// Ranking asks for the best rows.
type Ranking struct {
	Words []string              // a row has to match each of them
	Keep  func(row uint32) bool // and pass this; called from several goroutines at once; nil passes all
	Rows  int                   // how many rows to return at most
}

// Ranked is the answer to a Ranking.
type Ranked struct {
	Rows     []uint32 // best first: by standing, then by the sum of the scores, then newest first
	Together int      // how many of Rows, the first ones, have the letters of each word side by side
	Total    int      // how many rows match and pass Keep
}

// hit is a row with the worst standing among the words, and the sum of their
// scores.
type hit struct {
	score    int
	row      uint32
	standing standing
}

// Rank returns the best rows that match all words. Without a word there are none.
// Its only error is ctx's.
func (x *Index) Rank(ctx context.Context, r Ranking) (Ranked, error) {
	search := ranking{Index: x, keep: r.Keep}
	for _, word := range r.Words {
		w := newPattern(word)
		matches, err := x.match(ctx, w)
		if err != nil || matches.count == 0 {
			return Ranked{}, err
		}
		search.words = append(search.words, w)
		search.matches = append(search.matches, matches)
	}
	if len(search.words) == 0 {
		return Ranked{}, ctx.Err()
	}
	if r.Rows <= mostBest {
		search.best = &best{better: x.better, size: r.Rows}
	}
	err := search.run(ctx)
	if err != nil {
		return Ranked{}, err
	}
	ranked := Ranked{Total: int(search.total.Load())}
	var rows []hit
	if search.best != nil {
		rows = search.best.sorted()
	} else if rows, err = x.sorted(ctx, search.all, r.Rows); err != nil {
		return Ranked{}, err
	}
	ranked.Rows = make([]uint32, len(rows))
	for i, s := range rows {
		if ranked.Rows[i] = s.row; s.standing >= together {
			ranked.Together++
		}
	}
	return ranked, nil
}

// better is the order of the rows.
func (x *Index) better(a, b hit) bool {
	if a.standing != b.standing {
		return a.standing > b.standing
	}
	if a.score != b.score {
		return a.score > b.score
	}
	return x.newer(a.row, b.row)
}

// ranking is the state of one Rank.
type ranking struct {
	*Index
	words   []*pattern
	matches []*Matches
	keep    func(row uint32) bool
	total   atomic.Int64

	best *best // for few wanted rows
	mu   sync.Mutex
	all  [][]hit // otherwise: all of them
}

// run goes through all matching rows. Short rows come first, and in each class the
// newest: they are likely to be among the best, and then the other rows need no
// closer look.
func (r *ranking) run(ctx context.Context) error {
	stretches := r.stretches(func(class int) bool {
		return !slices.ContainsFunc(r.matches, func(m *Matches) bool { return m.bits[class] == nil })
	})
	for from := 0; from < len(stretches); {
		to := from + 1
		for to < len(stretches) && stretches[to].class == stretches[from].class {
			to++
		}
		if class := stretches[from].class; class != apartClass && r.classes[class].newestLast(r.newer) {
			slices.Reverse(stretches[from:to])
		}
		from = to
	}
	return concurrently(ctx, len(stretches), func(i int) { r.stretch(stretches[i]) })
}

// stretch goes through the rows of one stretch.
func (r *ranking) stretch(s stretch) {
	bound := r.boundOf(s)
	var found []hit
	total := 0
	for b := s.from; b < s.to; b++ {
		rows := r.rows(s, b)
		hits := r.hits(s.class, b, rows)
		if hits == 0 {
			continue
		}
		total += bits.OnesCount64(hits)
		if s.class == apartClass {
			for ; hits != 0; hits &= hits - 1 {
				lane := bits.TrailingZeros64(hits)
				if h, ok := r.apart.rate(r.words, uint32(b*lanes+lane), r.leastStanding()); ok {
					found = append(found, h)
				}
			}
		} else {
			found = r.block(s.chunk, b-s.from, hits, bound, found)
		}
		if r.best != nil {
			r.best.offer(found)
			found = found[:0]
		}
	}
	r.total.Add(int64(total))
	if len(found) > 0 {
		r.mu.Lock()
		r.all = append(r.all, found)
		r.mu.Unlock()
	}
}

// leastStanding is the least standing of a row that may still be among the best.
func (r *ranking) leastStanding() standing {
	if r.best == nil {
		return 0
	}
	if bar := r.best.bar.Load(); bar != nil {
		return bar.standing
	}
	return 0
}

// hits returns the rows of a block that match all words and pass Keep.
func (r *ranking) hits(class, block int, rows []uint32) uint64 {
	hits := ^uint64(0)
	for _, m := range r.matches {
		hits &= m.word(class, block)
	}
	if r.keep == nil {
		return hits
	}
	kept := uint64(0)
	for ; hits != 0; hits &= hits - 1 {
		lane := bits.TrailingZeros64(hits)
		if r.keep(rows[lane]) {
			kept |= 1 << lane
		}
	}
	return kept
}

// bound limits the scores in a chunk: five for each point, plus a part common to
// all rows.
type bound struct {
	most   uint64
	common int
}

func (r *ranking) boundOf(s stretch) bound {
	var b bound
	if s.class == apartClass {
		return b
	}
	for _, w := range r.words {
		b.most += w.most(s.chunk)
		b.common += len(w.planes) - s.class + 5*leastPoints
	}
	return b
}

// block appends the rows of a block that may be among the best.
func (r *ranking) block(c *chunk, b int, hits uint64, bound bound, found []hit) []hit {
	var bar *hit
	if r.best != nil {
		if r.best.size <= 0 {
			return found
		}
		bar = r.best.bar.Load()
	}
	better, equal := standing(0), false // rows of this standing are wanted at any score; whether rows one standing below may be wanted
	needed, ties := uint64(0), true     // the points that the latter have to exceed, and whether just as many suffice
	if bar != nil {
		better = (bar.standing + 1) &^ ownLetters
		if equal = bar.standing&ownLetters != 0; equal && bar.score >= bound.common {
			needed = uint64(bar.score-bound.common) / 5
			ties = (bar.score-bound.common)%5 == 0 && needed <= bound.most && r.newer(c.newest[b], bar.row)
			equal = needed < bound.most || needed == bound.most && ties
		}
	}
	least := better
	if equal {
		least -= together
	}
	block := c.block(b)
	stands, wanted := r.stand(block, hits, least)
	if wanted == 0 {
		return found
	}
	var (
		sum   points
		trace trace
	)
	for _, w := range r.words {
		trace.follow(w, block, wanted)
		sum.add(&trace)
	}
	if equal {
		more, same := sum.compare(needed, bound.most)
		if !ties {
			same = 0
		}
		wanted &= more | same | stands.at(better)
	}
	for left := wanted; left != 0; left &= left - 1 {
		lane := bits.TrailingZeros64(left)
		found = append(found, hit{5*int(sum.of(lane, bound.most)) + bound.common, c.rows[b*lanes+lane], stands.of(lane)})
	}
	return found
}

// stand returns the lowest standing among the words for the lanes of hits, and the
// lanes where it is at least least.
func (r *ranking) stand(block []column, hits uint64, least standing) (stands, uint64) {
	all := stands{hits, hits, hits, hits, hits}
	for _, w := range r.words {
		one := w.stand(block, all.at(least), least)
		for i := range all {
			all[i] &= one[i]
		}
		if all.at(least) == 0 {
			break
		}
	}
	return all, all.at(least)
}

// mostBest is the largest number of rows that is picked by a heap rather than by
// sorting.
const mostBest = 8192

// best keeps the best of the rows offered to it.
type best struct {
	better func(a, b hit) bool
	size   int
	bar    atomic.Pointer[hit] // the worst of the best rows, which others have to beat; nil until there are enough

	mu   sync.Mutex
	rows []hit // a heap with the worst on top
}

func (h *best) offer(rows []hit) {
	if len(rows) == 0 || h.size <= 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range rows {
		if len(h.rows) < h.size {
			heap.Push(h, s)
		} else if h.better(s, h.rows[0]) {
			h.rows[0] = s
			heap.Fix(h, 0)
		}
	}
	if len(h.rows) == h.size {
		if bar := h.bar.Load(); bar == nil || *bar != h.rows[0] {
			worst := h.rows[0]
			h.bar.Store(&worst)
		}
	}
}

func (h *best) Len() int           { return len(h.rows) }
func (h *best) Less(i, j int) bool { return h.better(h.rows[j], h.rows[i]) }
func (h *best) Swap(i, j int)      { h.rows[i], h.rows[j] = h.rows[j], h.rows[i] }
func (h *best) Push(s any)         { h.rows = append(h.rows, s.(hit)) }
func (h *best) Pop() any {
	last := len(h.rows) - 1
	s := h.rows[last]
	h.rows = h.rows[:last]
	return s
}

func (h *best) sorted() []hit {
	slices.SortFunc(h.rows, order(h.better))
	return h.rows
}

func order(better func(a, b hit) bool) func(a, b hit) int {
	return func(a, b hit) int {
		switch {
		case better(a, b):
			return -1
		case better(b, a):
			return 1
		}
		return 0
	}
}
