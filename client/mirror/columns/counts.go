package columns

import (
	"context"
	"math/bits"
	"slices"
	"sync/atomic"

	"idtop/client"
	"idtop/client/mirror"
)

// counted is a list whose rows are being counted.
type counted struct {
	*mirror.CountRequest
	meets    test
	look     *mirror.Look
	again    bool   // what came to its state again is new
	own      bitset // the rows that are where the operator brought them; nil: there are none
	sessions atomic.Int64
	fresh    atomic.Int64
}

// Counts counts the rows of lists in one pass over all rows, see mirror.Count.
func (c *Columns) Counts(ctx context.Context, requests []mirror.CountRequest, own mirror.Owned) ([]mirror.Count, error) {
	newest, err := c.countedBySince(ctx, false)
	if err != nil {
		return nil, err
	}
	last := client.Unix(0)
	if rows := newest.rows(); len(rows) > 0 {
		last = client.Unix(*c.since.at(rows[0]))
	}
	pages := int(c.rows+pageRows-1) >> pageBits
	lists, owned := make([]counted, len(requests)), c.owned(own)
	for i := range lists {
		l := &lists[i]
		l.CountRequest, l.look, l.own = &requests[i], requests[i].Since, owned
		if l.meets, l.again, err = c.counting(ctx, l.Request); err != nil {
			return nil, err
		}
		if l.Since == nil {
			l.look = &mirror.Look{At: last, Known: c.rows, Rows: newBitset(pages << pageBits)}
		}
	}
	news := c.news(requests)
	err = parallel(ctx, pages, func(page int) {
		for i := range lists {
			lists[i].count(c, page, news)
		}
	})
	counts := make([]mirror.Count, len(lists))
	for i := range lists {
		l := &lists[i]
		counts[i] = mirror.Count{Sessions: int(l.sessions.Load()), New: int(l.fresh.Load()), Look: l.look}
	}
	return counts, err
}

// counting returns the test of a list, and whether all its rows are in one state.
func (c *Columns) counting(ctx context.Context, r mirror.Request) (meets test, oneState bool, err error) {
	s, err := c.search(ctx, r)
	if err != nil {
		return nil, false, err
	}
	var alike []uint32
	if r.UserID != "" {
		if alike, err = c.index.Alike(ctx, r.UserID); err != nil {
			return nil, false, err
		}
	}
	tests, err := c.tests(ctx, r, alike, false)
	if err != nil {
		return nil, false, err
	}
	if words := s.rows(c); words != nil {
		tests = append(tests, words.test())
	}
	conditions := ofKinds(r)
	of := func(k *kind) bool {
		return !slices.ContainsFunc(conditions, func(meets func(*kind) bool) bool { return !meets(k) })
	}
	var states mirror.States
	for i := range c.kinds.all {
		if k := &c.kinds.all[i]; i > 0 && of(k) {
			states |= mirror.StatesOf(k.state)
		}
	}
	return all(append([]test{c.kindTest(of)}, tests...)), bits.OnesCount16(uint16(states)) == 1, nil
}

// owned returns the rows that are in a state to which the operator brought them.
func (c *Columns) owned(own mirror.Owned) bitset {
	var rows bitset
	for id, states := range own {
		if n, ok := c.Number(id); ok && states.Has(c.stateOf(n)) {
			if rows == nil {
				rows = newBitset(int(c.rows))
			}
			rows.add(n)
		}
	}
	return rows
}

// news returns the rows that came to their state after the first of some looks, as this
// program saw it.
func (c *Columns) news(requests []mirror.CountRequest) bitset {
	rows := newBitset(int(c.rows))
	for n := range c.changed {
		if slices.ContainsFunc(requests, func(r mirror.CountRequest) bool { return r.Since != nil && c.after(n, r.Since.At) }) {
			rows.add(n)
		}
	}
	return rows
}

// after tells whether a row came to its state after a time.
func (c *Columns) after(n uint32, at client.Unix) bool { return client.Unix(*c.since.at(n)) > at }

// count counts the rows of a page.
func (l *counted) count(c *Columns, page int, news bitset) {
	var rows pageSet
	l.meets(page, &rows)
	sessions, fresh := 0, 0
	for i, word := range rows {
		if word == 0 {
			continue
		}
		sessions += bits.OnesCount64(word)
		at := page*len(rows) + i
		if l.Since == nil {
			l.look.Rows[at] = word
			continue
		}
		had := uint64(0)
		if at < len(l.look.Rows) {
			had = l.look.Rows[at]
		}
		came := word &^ had
		if l.again && at < len(news) {
			came |= word & news[at]
		}
		for ; came != 0; came &= came - 1 {
			if n := uint32(at*64 + bits.TrailingZeros64(came)); l.came(c, n, had&(came&-came) != 0) {
				fresh++
			}
		}
	}
	l.sessions.Add(int64(sessions))
	l.fresh.Add(int64(fresh))
}

// came tells whether a row of the list came into it since the look; had tells whether the
// list had it then.
func (l *counted) came(c *Columns, n uint32, had bool) bool {
	switch {
	case l.own != nil && l.own.has(n):
		return false
	case had:
		return c.after(n, l.look.At)
	case n >= l.look.Known && c.changed[n] == 0:
		return false
	case l.Query.AsksReports():
		return c.after(n, l.look.At-mirror.ReportedWithin)
	}
	return true
}
