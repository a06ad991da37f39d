package mirror

import (
	"cmp"
	"slices"
	"strings"

	"idtop/client/query"
)

// position finds the row that the window lies round.
func (c *columns) position(rows []uint32, request Request) int {
	for _, id := range request.Near {
		n, ok := c.number(id)
		if !ok {
			continue
		}
		if at := slices.Index(rows, n); at >= 0 {
			return at
		}
	}
	return max(0, min(request.At, len(rows)-1))
}

// viewOf returns the matching rows in order.
func (c *columns) viewOf(r Request) ([]uint32, []string) {
	source := c.newest
	var elsewhere []string
	if !r.Query.Empty() {
		source, elsewhere = c.search(r)
	}
	rows := make([]uint32, 0, len(source))
	for _, n := range source {
		if c.shown(n, r) {
			rows = append(rows, n)
		}
	}
	c.sort(rows, r.Order, r.Query.Empty())
	return rows, elsewhere
}

// search returns the rows that match, best first. What a word means is decided
// over all sessions, so that a tab does not change it.
func (c *columns) search(r Request) ([]uint32, []string) {
	found := query.NewSearcher(searchable{c}).Find(r.Query)
	rows := make([]uint32, 0, len(found.Rows))
	for _, i := range found.Rows {
		rows = append(rows, c.newest[i])
	}
	return rows, found.Elsewhere
}

// searchable is the query.Source of the rows.
type searchable struct{ *columns }

func (s searchable) Len() int               { return len(s.newest) }
func (s searchable) UserID(i int) string    { return s.rows[s.newest[i]].UserID }
func (s searchable) SessionID(i int) string { return s.rows[s.newest[i]].ID }
func (s searchable) Reference(i int) string { return s.rows[s.newest[i]].Reference }

func (c *columns) newestFirst(a, b uint32) int {
	x, y := &c.rows[a], &c.rows[b]
	return cmp.Or(cmp.Compare(y.Created, x.Created), strings.Compare(y.ID, x.ID))
}

// sort orders rows that come newest first, or best first when they were
// searched for. Rows without the value of the column go last either way.
func (c *columns) sort(rows []uint32, order Order, listed bool) {
	var compare func(a, b *entry) int
	switch order.Column {
	case ByAge:
		compare = func(a, b *entry) int {
			return cmp.Or(cmp.Compare(b.Created, a.Created), strings.Compare(b.ID, a.ID))
		}
	case ByState:
		compare = func(a, b *entry) int { return cmp.Compare(a.State, b.State) }
	case ByUser:
		compare = func(a, b *entry) int { return emptyLast(a.UserID, b.UserID, order.Reverse) }
	case ByReason:
		compare = func(a, b *entry) int { return emptyLast(a.ErrorCode, b.ErrorCode, order.Reverse) }
	case ByTries:
		compare = func(a, b *entry) int { return cmp.Compare(c.tries[b.UserID], c.tries[a.UserID]) }
	default:
		if order.Reverse {
			slices.Reverse(rows)
		}
		return
	}
	if order.Column == ByAge && listed && !order.Reverse {
		return // newest first is the order that rows come in
	}
	slices.SortStableFunc(rows, func(a, b uint32) int {
		by := compare(&c.rows[a], &c.rows[b])
		if order.Reverse {
			by = -by
		}
		return cmp.Or(by, c.newestFirst(a, b))
	})
}

// emptyLast compares so that "" comes last, also once the result is negated for
// a reversed order.
func emptyLast(a, b string, reversed bool) int {
	if (a == "") != (b == "") {
		if (a == "") != reversed {
			return 1
		}
		return -1
	}
	return strings.Compare(a, b)
}
