package columns

import (
	"context"
	"slices"
	"sort"
)

// sequence is numbers of rows in an order, with room at both ends: at the front
// for the rows of now, at the back for those of a back-fill. What goes in moves
// only the rows between its place and the nearer end.
//
// How many rows of each kind there are is counted by stretches of the buffer.
// A change of rows spoils the counts of the stretches in which rows moved, and a
// change of kind is counted at once. So whichever kinds are asked for, their
// number and the n-th of them are found without going through all rows.
type sequence struct {
	buf    []uint32
	lo, hi int
	before func(a, b uint32) bool // the order; no two rows are equal
	counts [][]int32              // by stretch and kind; nil: to be counted
}

// stretch is how many rows are counted together: so many that the counts take
// no room to speak of, so few that looking at each row of one takes no time.
const stretch = 1 << 12

// stretches is how many stretches the buffer has.
func (s *sequence) stretches() int { return (len(s.buf) + stretch - 1) / stretch }

// stretch returns the rows of one.
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

// recount notes that a row is of another kind, if it is in.
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

// count counts the stretches that are not counted.
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

// remove takes a row out that is in.
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

// insert puts rows in, and changes their order on the way.
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
		step := 1 // its place is likely near the last one's
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

// room sees to it that so many rows fit in front and behind, with an eighth to
// spare for the next ones.
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
