package columns

import (
	"context"
	"maps"
	"slices"

	"idtop/client/mirror"
	"idtop/client/query"
)

// Found is the answer to a Request, as numbers of rows.
type Found struct {
	Numbers   []uint32 // the rows of the window
	first     int
	at        int
	total     int
	marked    int
	counts    mirror.Counts
	elsewhere []string
	alike     []mirror.Alike
	values    []query.Value
	unknown   int
	byReason  int
	apart     int
	metadata  [][]string // of each number, the values of Request.Metadata
}

// Page makes the Page of the rows found; row returns a whole row.
func (f Found) Page(request mirror.Request, row func(n uint32) mirror.Row) mirror.Page {
	page := mirror.Page{First: f.first, At: f.at, Total: f.total, Marked: f.marked, Counts: f.counts, Elsewhere: f.elsewhere, Alike: f.alike, Values: f.values, Unknown: f.unknown, ByReason: f.byReason, Apart: f.apart}
	for i, n := range f.Numbers {
		r := row(n)
		hit := mirror.Hit{Row: r, Marks: request.Query.Marks(r.UserID, r.ID, r.Reference, f.elsewhere),
			Apart: !request.Query.AsTyped(r.UserID, f.elsewhere)}
		if f.metadata != nil {
			hit.Metadata = f.metadata[i]
		}
		page.Rows = append(page.Rows, hit)
	}
	return page
}

// Find answers a request. Soon after ctx ends it fails with ctx's error.
func (c *Columns) Find(ctx context.Context, request mirror.Request) (Found, error) {
	if err := ctx.Err(); err != nil {
		return Found{}, err
	}
	known, err := c.view(ctx, request)
	if err != nil {
		return Found{}, err
	}
	v := known.view
	f := Found{total: v.total(), marked: c.marked(v, request.Marked), counts: c.counts, elsewhere: known.elsewhere, alike: c.alike(known.alike), unknown: known.unknown, byReason: known.byReason, at: -1}
	if f.values, err = c.values(ctx, known.found(), request); err != nil || f.total == 0 {
		return f, err
	}
	if f.at, err = c.position(ctx, v, request); err != nil {
		return Found{}, err
	}
	f.first = max(0, min(f.at-request.Rows/2, f.total-request.Rows))
	end := min(f.total, f.first+max(1, request.Rows))
	f.Numbers, err = v.window(ctx, f.first, end)
	if r, ok := known.found().(*ranking); ok {
		f.apart = r.apart()
	}
	f.metadata = c.metadataOfAll(f.Numbers, request.Metadata)
	return f, err
}

// view returns the matching rows in order, the words that were looked up outside
// user_ids, and the rows whose user_id looks like Request.UserID.
func (c *Columns) view(ctx context.Context, r mirror.Request) (cached, error) {
	if known, ok := c.caches.find(r); ok {
		return known, nil
	}
	s, err := c.search(ctx, r)
	if err != nil {
		return cached{}, err
	}
	r.Only, r.Marked, r.Near = slices.Clone(r.Only), nil, nil // the caller may change its slices
	known := cached{asked: r, elsewhere: s.elsewhere}
	if r.UserID != "" {
		if known.alike, err = c.index.Alike(ctx, r.UserID); err != nil {
			return cached{}, err
		}
	}
	limit, err := c.meeting(ctx, r, known.alike)
	if err != nil {
		return cached{}, err
	}
	if r.Order.Column == mirror.ByBest && len(s.words) > 0 {
		known.view, err = c.ranking(ctx, r, s, limit)
	} else {
		known.view, err = c.listing(ctx, r, s, limit)
	}
	if err == nil && r.Reasons && !r.AsTyped {
		err = c.addByReason(ctx, &known, s, limit)
	}
	if err == nil {
		known.unknown, err = c.unknown(ctx, r, s, known.alike, known.view.total()-known.byReason)
	}
	if err == nil {
		c.caches.keep(known)
	}
	return known, err
}

// found is the view without the rows that are there for their reason.
func (known cached) found() view {
	if both, ok := known.view.(*stacked); ok && known.byReason > 0 {
		return both.first
	}
	return known.view
}

// view is the rows of an answer in order, not necessarily all laid out in memory.
// It is safe for concurrent use and valid until the columns change.
type view interface {
	total() int
	// has tells whether the view has a row.
	has(n uint32) bool
	// place returns the index of a row that the view has.
	place(ctx context.Context, n uint32) (int, error)
	window(ctx context.Context, first, end int) ([]uint32, error)
}

// position returns the index of the row around which the window lies.
func (c *Columns) position(ctx context.Context, v view, request mirror.Request) (int, error) {
	for _, id := range request.Near {
		if n, ok := c.Number(id); ok && v.has(n) {
			return v.place(ctx, n)
		}
	}
	return max(0, min(request.At, v.total()-1)), nil
}

// alike counts the sessions of each user_id.
func (c *Columns) alike(rows []uint32) (alike []mirror.Alike) {
	sessions := map[string]int{}
	for _, n := range rows {
		sessions[c.index.UserID(n)]++
	}
	for _, userID := range slices.Sorted(maps.Keys(sessions)) {
		alike = append(alike, mirror.Alike{UserID: userID, Sessions: sessions[userID]})
	}
	return alike
}

// marked counts how many of the marked rows are in a view.
func (c *Columns) marked(v view, ids []string) int {
	count := 0
	for _, id := range ids {
		if n, ok := c.Number(id); ok && v.total() > 0 && v.has(n) {
			count++
		}
	}
	return count
}
