package columns

import (
	"cmp"
	"context"
	"slices"

	"idtop/client/mirror"
)

// listing is a view of rows ordered by a column. It knows how many rows of each
// part there are in each stretch of a sequence, and looks at the rows of a stretch
// only when the window touches it.
type listing struct {
	*filter
	sequence
	perPart   []int32 // the number of rows by stretch and part
	starts    []int   // the index of each part's first row in the view, then the total
	backwards bool    // the whole view is reversed
}

// listing answers a request ordered by a column, or one without a query.
func (c *Columns) listing(ctx context.Context, r mirror.Request, s searched, limit bitset) (view, error) {
	in := both(limit, s.rows(c))
	newest, err := c.countedNewest(ctx)
	if err != nil {
		return nil, err
	}
	l := &listing{filter: c.filter(r, in), sequence: newest}
	if r.Order.Column == mirror.BySince {
		if l.sequence, err = c.countedBySince(ctx, r.Order.Reverse); err != nil {
			return nil, err
		}
		return l, l.tally(ctx)
	}
	if r.Order.Column != mirror.ByUser {
		l.backwards = r.Order.Reverse && (r.Order.Column == mirror.ByAge || r.Order.Column == mirror.ByBest)
		return l, l.tally(ctx)
	}
	byUser, err := c.countedByUser(ctx, r.Order.Reverse)
	if err != nil {
		return nil, err
	}
	l.free = false
	for i := range c.kinds.all {
		if c.kinds.all[i].named {
			l.parts[i] = -1 // they come before
		}
	}
	named := &listing{filter: c.filter(r, in), sequence: byUser}
	return &stacked{named, l}, cmp.Or(named.tally(ctx), l.tally(ctx))
}

// tally counts the rows of each part.
func (l *listing) tally(ctx context.Context) error {
	parts := l.filter.count
	l.perPart = make([]int32, l.stretches()*parts)
	var err error
	if l.in == nil && !l.divided() {
		for i, counts := range l.counts {
			for kind, count := range counts {
				if part := l.parts[kind]; part >= 0 {
					l.perPart[i*parts+int(part)] += count
				}
			}
		}
	} else {
		err = parallel(ctx, l.stretches(), func(i int) {
			l.filter.tally(l.stretch(i), l.perPart[i*parts:(i+1)*parts])
		})
	}
	l.starts = make([]int, parts+1)
	for i, count := range l.perPart {
		l.starts[i%parts+1] += int(count)
	}
	for part := range parts {
		l.starts[part+1] += l.starts[part]
	}
	return err
}

// tally counts rows one by one. It repeats the code of part for speed: the order by
// tries goes through all rows after every change.
func (f *filter) tally(rows []uint32, counts []int32) {
	kinds, groups, sizes, tolds := f.c.kind.pages, f.c.group.pages, f.c.groups.sizes.pages, f.c.told.pages
	for _, n := range rows {
		page, row := n>>pageBits, n&(pageRows-1)
		part := int32(0)
		if !f.free || !f.divided() {
			part = f.parts[kinds[page][row]]
		}
		if part < 0 || f.in != nil && !f.in.has(n) {
			continue
		}
		switch {
		case f.told != nil:
			part = f.told[tolds[page][row]]
		case f.tries != nil:
			part = f.tries[0]
			if group := groups[page][row]; group != 0 {
				part = f.tries[sizes[group>>pageBits][group&(pageRows-1)]]
			}
		}
		counts[part]++
	}
}

func (l *listing) total() int { return l.starts[len(l.starts)-1] }

func (l *listing) has(n uint32) bool { return l.shows(n) }

func (l *listing) place(_ context.Context, n uint32) (int, error) {
	at := l.lo + place(l.rows(), n, l.before)
	part := l.part(n)
	index := l.starts[part]
	for i := range at / stretch {
		index += int(l.perPart[i*l.filter.count+int(part)])
	}
	for _, other := range l.buf[max(l.lo, at/stretch*stretch):at] {
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
	for part := range l.filter.count {
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

// collect appends up to want rows of a part, after skipping the first skip.
func (l *listing) collect(window []uint32, part int32, skip, want int) []uint32 {
	for i := 0; want > 0; i++ {
		if count := int(l.perPart[i*l.filter.count+int(part)]); count <= skip {
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

// stacked is the rows of a view and below them those of another, which has none of them.
type stacked struct{ first, second view }

func (s *stacked) total() int { return s.first.total() + s.second.total() }

func (s *stacked) has(n uint32) bool { return s.first.has(n) || s.second.has(n) }

func (s *stacked) place(ctx context.Context, n uint32) (int, error) {
	if !s.second.has(n) {
		return s.first.place(ctx, n)
	}
	index, err := s.second.place(ctx, n)
	return s.first.total() + index, err
}

func (s *stacked) window(ctx context.Context, first, end int) ([]uint32, error) {
	above := s.first.total()
	var window []uint32
	var err, err2 error
	if first < above {
		window, err = s.first.window(ctx, first, min(end, above))
	}
	if end > above {
		var below []uint32
		below, err2 = s.second.window(ctx, max(first-above, 0), end-above)
		window = append(slices.Clip(window), below...)
	}
	return window, cmp.Or(err, err2)
}

// moved forgets the views that depend on when rows came to their states.
func (k *caches) moved() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.views = slices.DeleteFunc(k.views, func(known cached) bool {
		return known.asked.Order.Column == mirror.BySince || known.conditional()
	})
}
