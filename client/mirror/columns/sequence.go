package columns

import (
	"context"
	"slices"
	"sort"
)

// sequence is a list of row numbers in an order, with room at both ends: at the
// front for new sessions, at the back for those of a back-fill. An insertion moves
// only the rows between its place and the nearer end.
//
// The rows of each kind are counted for each stretch of the buffer. Rows that move
// spoil the counts of the stretches they pass; a row that changes its kind is
// counted at once. So for any set of kinds, the number of rows and the n-th row are
// found without going through all rows.
type sequence struct {
	buf    []uint32
	lo, hi int
	before func(a, b uint32) bool // the order; no two rows are equal
	counts [][]int32              // the number of rows by stretch and kind; nil: not counted
}

// stretch is how many rows are counted together: enough that the counts take hardly
// any room, few enough that a look at each row of a stretch takes hardly any time.
const stretch = 1 << 12

// stretches is the number of stretches in the buffer.
func (s *sequence) stretches() int { return (len(s.buf) + stretch - 1) / stretch }

// stretch returns the rows of a stretch.
func (s *sequence) stretch(i int) []uint32 {
	from, end := max(i*stretch, s.lo), min((i+1)*stretch, s.hi)
	return s.buf[min(from, s.hi):max(end, min(from, s.hi))]
}

// spoil forgets the counts of a part of the buffer.
func (s *sequence) spoil(from, end int) {
	if len(s.counts) != s.stretches() {
		s.counts = nil
		return
	}
	for i := from / stretch; i*stretch < end; i++ {
		s.counts[i] = nil
	}
}

// recount notes that a row's kind changed, if the sequence has the row.
func (s *sequence) recount(n, was, is uint32) {
	if len(s.counts) == 0 {
		return
	}
	at := s.lo + place(s.rows(), n, s.before)
	if at == s.hi || s.buf[at] != n || s.counts[at/stretch] == nil {
		return
	}
	counts := &s.counts[at/stretch]
	for len(*counts) <= int(is) {
		*counts = append(*counts, 0)
	}
	(*counts)[was]--
	(*counts)[is]++
}

// count counts the stretches without counts.
func (s *sequence) count(ctx context.Context, c *Columns) error {
	if len(s.counts) != s.stretches() {
		s.counts = make([][]int32, s.stretches())
	}
	var spoiled []int
	for i, counts := range s.counts {
		if counts == nil {
			spoiled = append(spoiled, i)
		}
	}
	return parallel(ctx, len(spoiled), func(i int) {
		counts := make([]int32, len(c.kinds.all))
		for _, n := range s.stretch(spoiled[i]) {
			counts[*c.kind.at(n)]++
		}
		s.counts[spoiled[i]] = counts
	})
}

func (s *sequence) rows() []uint32 { return s.buf[s.lo:s.hi] }

func (s *sequence) len() int { return s.hi - s.lo }

// place returns the index of the first row that does not come before n.
func place(rows []uint32, n uint32, before func(a, b uint32) bool) int {
	return sort.Search(len(rows), func(i int) bool { return !before(rows[i], n) })
}

// remove takes out a row that the sequence has.
func (s *sequence) remove(n uint32) {
	at := s.lo + place(s.rows(), n, s.before)
	if before := s.buf[s.lo:at]; len(before) < s.hi-at {
		copy(s.buf[s.lo+1:], before)
		s.spoil(s.lo, at+1)
		s.lo++
		return
	}
	copy(s.buf[at:], s.buf[at+1:s.hi])
	s.spoil(at, s.hi)
	s.hi--
}

// insert puts rows in. It reorders batch.
func (s *sequence) insert(batch []uint32) {
	if len(batch) == 0 {
		return
	}
	compare := func(a, b uint32) int {
		switch {
		case a == b:
			return 0
		case s.before(a, b):
			return -1
		}
		return +1
	}
	switch {
	case slices.IsSortedFunc(batch, compare):
	case slices.IsSortedFunc(batch, func(a, b uint32) int { return -compare(a, b) }):
		slices.Reverse(batch)
	default:
		slices.SortFunc(batch, compare)
	}
	rows := s.rows()
	first, last := place(rows, batch[0], s.before), place(rows, batch[len(batch)-1], s.before)
	if last < len(rows)-first {
		s.insertFront(batch, last)
	} else {
		s.insertBack(batch, first)
	}
}

// insertFront moves the rows before last towards the front.
func (s *sequence) insertFront(batch []uint32, last int) {
	s.room(len(batch), 0)
	from, end := s.lo, s.lo+last
	s.lo -= len(batch)
	s.spoil(s.lo, end)
	to := s.lo
	for _, n := range batch {
		step := 1 // its place is likely near the place of the row before
		for from+step <= end && s.before(s.buf[from+step-1], n) {
			step *= 2
		}
		near := from + step/2
		at := near + place(s.buf[near:min(from+step, end)], n, s.before)
		to += copy(s.buf[to:], s.buf[from:at])
		s.buf[to] = n
		from, to = at, to+1
	}
}

// insertBack moves the rows from first on towards the back.
func (s *sequence) insertBack(batch []uint32, first int) {
	s.room(0, len(batch))
	begin, from := s.lo+first, s.hi
	s.hi += len(batch)
	s.spoil(begin, s.hi)
	to := s.hi
	for i := len(batch) - 1; i >= 0; i-- {
		step := 1
		for from-step >= begin && s.before(batch[i], s.buf[from-step]) {
			step *= 2
		}
		near := max(begin, from-step)
		at := near + place(s.buf[near:from-step/2], batch[i], s.before)
		to -= from - at
		copy(s.buf[to:], s.buf[at:from])
		from = at
		to--
		s.buf[to] = batch[i]
	}
}

// room makes room for this many rows in front and behind, with an eighth to spare
// for the next rows.
func (s *sequence) room(front, back int) {
	if s.lo >= front && len(s.buf)-s.hi >= back {
		return
	}
	spare := func(want, has int) int {
		if want > 0 {
			return want + max(64, s.len()/8)
		}
		return min(has, s.len()/8)
	}
	front, back = spare(front, s.lo), spare(back, len(s.buf)-s.hi)
	buf := make([]uint32, front+s.len()+back)
	copy(buf[front:], s.rows())
	s.buf, s.lo, s.hi, s.counts = buf, front, front+s.len(), nil
}
