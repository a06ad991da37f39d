package columns

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"idtop/client/mirror"
)

// Found is the answer to a Request in numbers of rows.
type Found struct {
	Numbers   []uint32 // of the window
	first     int
	at        int
	total     int
	marked    int
	counts    mirror.Counts
	elsewhere []string
	alike     []mirror.Alike
}

// Page makes the answer of what was found; row returns a whole row.
func (f Found) Page(request mirror.Request, row func(n uint32) mirror.Row) mirror.Page {
	page := mirror.Page{First: f.first, At: f.at, Total: f.total, Marked: f.marked, Counts: f.counts, Elsewhere: f.elsewhere, Alike: f.alike}
	for _, n := range f.Numbers {
		r := row(n)
		page.Rows = append(page.Rows, mirror.Hit{Row: r, Marks: request.Query.Marks(r.UserID, r.ID, r.Reference, f.elsewhere),
			Apart: !request.Query.AsTyped(r.UserID, f.elsewhere)})
	}
	return page
}

// Find answers a request. It fails with ctx's error when ctx ends, and soon
// after it does.
func (c *Columns) Find(ctx context.Context, request mirror.Request) (Found, error) {
	if err := ctx.Err(); err != nil {
		return Found{}, err
	}
	known, err := c.view(ctx, request)
	if err != nil {
		return Found{}, err
	}
	v := known.view
	f := Found{total: v.total(), marked: c.marked(v, request.Marked), counts: c.counts, elsewhere: known.elsewhere, alike: c.alike(known.alike), at: -1}
	if f.total == 0 {
		return f, nil
	}
	if f.at, err = c.position(ctx, v, request); err != nil {
		return Found{}, err
	}
	f.first = max(0, min(f.at-request.Rows/2, f.total-request.Rows))
	end := min(f.total, f.first+max(1, request.Rows))
	f.Numbers, err = v.window(ctx, f.first, end)
	return f, err
}

// view returns the rows that match in order, the words that were looked for
// elsewhere than in user_ids, and the rows whose user_id looks like that asked for.
func (c *Columns) view(ctx context.Context, r mirror.Request) (cached, error) {
	key := viewKey{r.Query.String(), r.States, r.Reason, r.Order, r.UserID, c.only(r), r.Alike, r.AsTyped, r.Unreadable}
	if known, ok := c.caches.find(key); ok {
		return known, nil
	}
	s, err := c.search(ctx, r)
	if err != nil {
		return cached{}, err
	}
	known := cached{key: key, elsewhere: s.elsewhere}
	limit, alike, err := c.limit(ctx, r)
	if err != nil {
		return cached{}, err
	}
	known.alike = alike
	if r.Order.Column == mirror.ByBest && len(s.words) > 0 {
		known.view, err = c.ranking(ctx, r, s, limit)
	} else {
		known.view, err = c.listing(ctx, r, s, limit)
	}
	if err == nil {
		c.caches.keep(known)
	}
	return known, err
}

// view is the rows of an answer in order. They need not all be laid out. It is
// safe for concurrent use and good until the columns change.
type view interface {
	total() int
	// has tells whether a row is among them.
	has(n uint32) bool
	// place returns the index of a row that is among them.
	place(ctx context.Context, n uint32) (int, error)
	window(ctx context.Context, first, end int) ([]uint32, error)
}

// position finds the row that the window lies round.
func (c *Columns) position(ctx context.Context, v view, request mirror.Request) (int, error) {
	for _, id := range request.Near {
		if n, ok := c.Number(id); ok && v.has(n) {
			return v.place(ctx, n)
		}
	}
	return max(0, min(request.At, v.total()-1)), nil
}

// filter tells which rows are shown, and in which order's part each of them is.
type filter struct {
	c     *Columns
	free  bool    // nothing that the kind tells is asked for: rows of all kinds are shown
	parts []int32 // by kind; -1: not shown
	tries []int32 // by how many rows the user_id has, instead of the kind; nil: the kind says it
	in    bitset  // the rows that the words match; nil: all
	count int     // of parts
}

// lasting tells whether the filter stays the same when rows become of other
// kinds, even of kinds that were not known.
func (f *filter) lasting() bool { return f.free && f.tries != nil }

// shows tells whether a row is shown.
func (f *filter) shows(n uint32) bool {
	return (f.in == nil || f.in.has(n)) && (f.free || f.parts[*f.c.kind.at(n)] >= 0)
}

// part returns the part that a row is in, -1 when it is not shown.
func (f *filter) part(n uint32) int32 {
	switch {
	case !f.shows(n):
		return -1
	case f.tries != nil:
		return f.tries[f.c.tries(n)]
	}
	return f.parts[*f.c.kind.at(n)]
}

// filter prepares the order of a request. An order by a column of few values is
// its parts, one after another, each newest first.
func (c *Columns) filter(r mirror.Request, in bitset) *filter {
	f := &filter{c: c, in: in, free: r.States == 0 && r.Reason == "" && !r.Unreadable, parts: make([]int32, len(c.kinds.all)), count: 1}
	for i := range c.kinds.all {
		if k := &c.kinds.all[i]; i == 0 || !r.States.Has(k.state) || r.Reason != "" && r.Reason != k.code || r.Unreadable && k.unreadable == "" {
			f.parts[i] = -1
		}
	}
	switch r.Order.Column {
	case mirror.ByState:
		f.divide(func(k *kind) string { return string(rune(k.state) + 1) }, r.Order.Reverse)
	case mirror.ByReason:
		f.divide(func(k *kind) string { return k.code }, r.Order.Reverse)
	case mirror.ByTries:
		f.divideByTries(r.Order.Reverse)
	}
	return f
}

// divide makes a part of each value that kinds have. Rows without it are the
// last part either way.
func (f *filter) divide(value func(k *kind) string, back bool) {
	part := map[string]int32{}
	var values []string
	for i, p := range f.parts {
		if v := value(&f.c.kinds.all[i]); p >= 0 && part[v] == 0 {
			part[v] = 1
			values = append(values, v)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return emptyLast(a, b, back) })
	for i, v := range values {
		part[v] = int32(i)
	}
	for i, p := range f.parts {
		if p >= 0 {
			f.parts[i] = part[value(&f.c.kinds.all[i])]
		}
	}
	f.count = max(1, len(values))
}

// emptyLast compares so that "" comes last, also backwards.
func emptyLast(a, b string, back bool) int {
	switch {
	case (a == "") != (b == ""):
		return cmp.Compare(len(b), len(a)) // one of them is 0
	case back:
		a, b = b, a
	}
	return strings.Compare(a, b)
}

func (f *filter) divideByTries(back bool) {
	sizes := append(f.c.groups.having.present(), 0)
	slices.SortFunc(sizes, func(a, b uint32) int { return cmp.Compare(b, a) })
	f.tries = make([]int32, sizes[0]+1)
	if back {
		slices.Reverse(sizes)
	}
	for i, size := range sizes {
		f.tries[size] = int32(i)
	}
	f.count = len(sizes)
}
