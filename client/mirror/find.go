package mirror

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"idtop/client/query"
)

// Find implements Store.
func (m *Memory) Find(ctx context.Context, request Request) (Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return Page{}, err
	}
	v := m.viewOf(request)
	page := Page{Total: len(v.rows), Counts: m.counts, Elsewhere: v.elsewhere, At: -1}
	if page.Total == 0 {
		return page, nil
	}
	page.At = position(v.rows, request)
	page.First = max(0, min(page.At-request.Rows/2, page.Total-request.Rows))
	end := min(page.Total, page.First+max(1, request.Rows))
	page.Rows = make([]Hit, 0, end-page.First)
	for _, e := range v.rows[page.First:end] {
		page.Rows = append(page.Rows, Hit{
			Row:   m.rowOf(e),
			Marks: request.Query.Marks(e.UserID, e.ID, e.Reference, v.elsewhere),
		})
	}
	return page, nil
}

// position finds the row that the window lies round.
func position(rows []*entry, request Request) int {
	for _, id := range request.Near {
		if at := slices.IndexFunc(rows, func(e *entry) bool { return e.ID == id }); at >= 0 {
			return at
		}
	}
	return max(0, min(request.At, len(rows)-1))
}

// viewOf returns the matching rows in order, the last ones again when nothing
// changed since.
func (m *Memory) viewOf(r Request) view {
	text := r.Query.String()
	if m.view.valid && m.view.query == text && m.view.states == r.States && m.view.order == r.Order {
		return m.view
	}
	v := view{query: text, states: r.States, order: r.Order, valid: true}
	if r.Query.Empty() {
		v.rows = make([]*entry, 0, m.counts.Of(r.States))
		for _, e := range m.newest {
			if r.States.Has(e.State) {
				v.rows = append(v.rows, e)
			}
		}
	} else {
		v.rows, v.elsewhere = m.search(r)
	}
	m.sort(v.rows, r.Order, r.Query.Empty())
	m.view = v
	return v
}

// search returns the rows that match, best first. What a word means is decided
// over all sessions, so that a tab does not change it.
func (m *Memory) search(r Request) ([]*entry, []string) {
	if m.searcher == nil {
		m.searcher = query.NewSearcher(searchable(slices.Clone(m.newest)))
	}
	found := m.searcher.Find(r.Query)
	rows := make([]*entry, 0, len(found.Rows))
	for _, i := range found.Rows {
		if e := m.newest[i]; r.States.Has(e.State) {
			rows = append(rows, e)
		}
	}
	return rows, found.Elsewhere
}

// searchable is the query.Source of the entries.
type searchable []*entry

func (s searchable) Len() int               { return len(s) }
func (s searchable) UserID(i int) string    { return s[i].UserID }
func (s searchable) SessionID(i int) string { return s[i].ID }
func (s searchable) Reference(i int) string { return s[i].Reference }

// sort orders rows that come newest first, or best first when they were
// searched for. Rows without the value of the column go last either way.
func (m *Memory) sort(rows []*entry, order Order, listed bool) {
	newestFirst := func(a, b *entry) int {
		return cmp.Or(cmp.Compare(b.Created, a.Created), strings.Compare(b.ID, a.ID))
	}
	var compare func(a, b *entry) int
	switch order.Column {
	case ByAge:
		compare = newestFirst
	case ByState:
		compare = func(a, b *entry) int { return cmp.Compare(a.State, b.State) }
	case ByUser:
		compare = func(a, b *entry) int { return emptyLast(a.UserID, b.UserID, order.Reverse) }
	case ByReason:
		compare = func(a, b *entry) int { return emptyLast(a.ErrorCode, b.ErrorCode, order.Reverse) }
	case ByTries:
		compare = func(a, b *entry) int { return cmp.Compare(m.tries[b.UserID], m.tries[a.UserID]) }
	default:
		if order.Reverse {
			slices.Reverse(rows)
		}
		return
	}
	if order.Column == ByAge && listed && !order.Reverse {
		return // newest first is the order that rows come in
	}
	slices.SortStableFunc(rows, func(a, b *entry) int {
		by := compare(a, b)
		if order.Reverse {
			by = -by
		}
		return cmp.Or(by, newestFirst(a, b))
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
