package mirror

import (
	"cmp"
	"context"
	"slices"
)

// listing is a view of rows in an order of columns: it counts how many rows of
// each part there are in each stretch of a sequence, and looks at the rows of a
// stretch only when the window touches it.
type listing struct {
	*filter
	rows      []uint32           // the sequence
	at        func(n uint32) int // where a row is in it
	counts    []int32            // rows by stretch and part
	starts    []int              // index of each part's first row in the view, and at the end the total
	backwards bool               // the whole view is turned round
}

const stretch = 1 << 14

// listing answers an order by a column, and the order of a list that is not
// searched in.
func (c *columns) listing(ctx context.Context, r Request, s searched) (view, error) {
	in := both(c.limit(r), s.rows(c))
	l := &listing{filter: c.filter(r, in), rows: c.newest()}
	l.at = func(n uint32) int { return place(l.rows, n, c.newer) }
	if r.Order.Column != ByUser {
		l.backwards = r.Order.Reverse && (r.Order.Column == ByAge || r.Order.Column == ByBest)
		return l, l.tally(ctx)
	}
	l.bare = true
	named := &listing{filter: c.filter(r, in)}
	var err error
	if named.rows, err = c.byUser(ctx, r.Order.Reverse); err != nil {
		return nil, err
	}
	named.at = func(n uint32) int { return slices.Index(named.rows, n) }
	return &listingByUser{named, l}, cmp.Or(named.tally(ctx), l.tally(ctx))
}

// tally counts.
func (l *listing) tally(ctx context.Context) error {
	stretches, parts := (len(l.rows)+stretch-1)/stretch, l.count
	l.counts = make([]int32, stretches*parts)
	err := parallel(ctx, stretches, func(i int) {
		counts := l.counts[i*parts : (i+1)*parts]
		for _, n := range l.stretch(i) {
			if part := l.part(n); part >= 0 {
				counts[part]++
			}
		}
	})
	l.starts = make([]int, parts+1)
	for i, count := range l.counts {
		l.starts[i%parts+1] += int(count)
	}
	for part := range parts {
		l.starts[part+1] += l.starts[part]
	}
	return err
}

func (l *listing) stretch(i int) []uint32 {
	return l.rows[i*stretch : min(len(l.rows), (i+1)*stretch)]
}

func (l *listing) total() int { return l.starts[len(l.starts)-1] }

func (l *listing) has(n uint32) bool { return l.shows(n) }

func (l *listing) place(_ context.Context, n uint32) (int, error) {
	at := l.at(n)
	part := l.part(n)
	index := l.starts[part]
	for i := range at / stretch {
		index += int(l.counts[i*l.count+int(part)])
	}
	for _, other := range l.rows[at/stretch*stretch : at] {
		if l.part(other) == part {
			index++
		}
	}
	if l.backwards {
		index = l.total() - 1 - index
	}
	return index, nil
}

func (l *listing) window(_ context.Context, first, end int) ([]uint32, error) {
	if l.backwards {
		first, end = l.total()-end, l.total()-first
	}
	window := make([]uint32, 0, end-first)
	for part := range l.count {
		from, to := max(first, l.starts[part]), min(end, l.starts[part+1])
		if from < to {
			window = l.collect(window, int32(part), from-l.starts[part], to-from)
		}
	}
	if l.backwards {
		slices.Reverse(window)
	}
	return window, nil
}

// collect appends so many rows of a part after skipping others.
func (l *listing) collect(window []uint32, part int32, skip, want int) []uint32 {
	for i := 0; want > 0; i++ {
		if count := int(l.counts[i*l.count+int(part)]); count <= skip {
			skip -= count
			continue
		}
		for _, n := range l.stretch(i) {
			if l.part(n) != part {
				continue
			}
			if skip--; skip < 0 {
				window = append(window, n)
				if want--; want == 0 {
					break
				}
			}
		}
	}
	return window
}

// listingByUser is the rows with a user_id, and behind them those without.
type listingByUser struct{ named, bare *listing }

func (l *listingByUser) total() int { return l.named.total() + l.bare.total() }

func (l *listingByUser) has(n uint32) bool { return l.named.has(n) }

func (l *listingByUser) place(ctx context.Context, n uint32) (int, error) {
	if !l.bare.has(n) {
		return l.named.place(ctx, n)
	}
	index, err := l.bare.place(ctx, n)
	return l.named.total() + index, err
}

func (l *listingByUser) window(ctx context.Context, first, end int) ([]uint32, error) {
	named := l.named.total()
	window, err := l.named.window(ctx, min(first, named), min(end, named))
	bare, err2 := l.bare.window(ctx, max(first-named, 0), max(end-named, 0))
	return append(window, bare...), cmp.Or(err, err2)
}
