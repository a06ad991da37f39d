package mirror

import (
	"context"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// sequence is numbers of rows in an order, with room at both ends: at the front
// for the rows of now, at the back for those of a back-fill. What goes in moves
// only the rows between its place and the nearer end.
type sequence struct {
	buf    []uint32
	lo, hi int
	before func(a, b uint32) bool // the order; no two rows are equal
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
	copy(s.buf[at:], s.buf[at+1:s.hi])
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
	s.buf, s.lo, s.hi = buf, front, front+s.len()
}

// parallel calls do for 0 to n-1 on all cores, each time with another number,
// until ctx ends.
func parallel(ctx context.Context, n int, do func(i int)) error {
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) - 1 {
		wait.Go(work)
	}
	work()
	wait.Wait()
	return ctx.Err()
}
