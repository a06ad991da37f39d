package columns

import (
	"context"
	"math"
	"math/bits"
	"slices"
	"sync/atomic"

	"idtop/client"
	"idtop/client/mirror"
)

// countedList is a list whose rows are being counted.
type countedList struct {
	*mirror.CountRequest
	meets    test
	then     test         // what met at the look, of the rows as they are now
	look     *mirror.Look // as it is after the count
	again    bool         // what came to its state again is new
	own      bitset       // the rows that are where the operator brought them; nil: there are none
	sessions atomic.Int64
	fresh    atomic.Int64
}

// Counts counts the rows of lists in one pass over all rows, see mirror.Count.
func (c *Columns) Counts(ctx context.Context, requests []mirror.CountRequest, own mirror.Owned) ([]mirror.Count, error) {
	bySince, err := c.countedBySince(ctx, false)
	if err != nil {
		return nil, err
	}
	newest, last := bySince.rows(), client.Unix(0)
	if len(newest) > 0 {
		last = client.Unix(*c.since.at(newest[0]))
	}
	lists, owned := make([]countedList, len(requests)), c.owned(own)
	for i := range lists {
		l := &lists[i]
		l.CountRequest, l.own = &requests[i], owned
		if l.meets, l.again, err = c.listTest(ctx, l.Request); err != nil {
			return nil, err
		}
		l.then = l.meets
		l.look = &mirror.Look{Now: l.Now, At: last, Known: c.rows, Rows: newBitset(c.pageCount() << pageBits)}
		if l.Since == nil {
			continue
		}
		l.look.Now, l.look.At = l.Since.Now, max(l.Since.At, c.lastReadBack(l.Since.Known))
		copy(l.look.Rows, l.Since.Rows)
		if l.Query.Timed() {
			then := l.Request
			then.Now = l.look.Now
			if l.then, _, err = c.listTest(ctx, then); err != nil {
				return nil, err
			}
		}
	}
	recent := c.cameSince(newest, requests)
	err = parallel(ctx, c.pageCount(), func(page int) {
		for i := range lists {
			lists[i].count(c, page, recent)
		}
	})
	counts := make([]mirror.Count, len(lists))
	for i := range lists {
		l := &lists[i]
		counts[i] = mirror.Count{Sessions: int(l.sessions.Load()), New: int(l.fresh.Load()), Look: l.look}
	}
	return counts, err
}

// listTest returns the test of a list, and whether all its rows are in one state.
func (c *Columns) listTest(ctx context.Context, r mirror.Request) (meets test, oneState bool, err error) {
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

// cameSince returns the rows that came to their state after the first of some looks.
func (c *Columns) cameSince(newest []uint32, requests []mirror.CountRequest) bitset {
	rows, first := newBitset(int(c.rows)), client.Unix(math.MaxInt64)
	for _, r := range requests {
		if r.Since != nil {
			first = min(first, r.Since.At)
		}
	}
	for _, n := range newest {
		if !c.after(n, first) {
			break
		}
		rows.add(n)
	}
	return rows
}

// lastReadBack is when one of the rows from a number on, that are no news, came to its state
// last.
func (c *Columns) lastReadBack(from uint32) (last client.Unix) {
	for n := from; n < c.rows; n++ {
		if c.Known(n) && c.changed[n] == 0 {
			last = max(last, client.Unix(*c.since.at(n)))
		}
	}
	return last
}

// after tells whether a row came to its state after a time.
func (c *Columns) after(n uint32, at client.Unix) bool { return client.Unix(*c.since.at(n)) > at }

// count counts the rows of a page.
func (l *countedList) count(c *Columns, page int, recent bitset) {
	var rows pageSet
	l.meets(page, &rows)
	sessions, fresh := 0, 0
	var then *pageSet
	before := func(n uint32) bool { // tells whether the list had the row at the look, if it was as it is now
		if then == nil {
			then = new(pageSet)
			l.then(page, then)
		}
		return bitset(then[:]).has(n & (pageRows - 1))
	}
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
		had := l.look.Rows[at]
		came := word &^ had
		if l.again && at < len(recent) {
			came |= word & recent[at]
		}
		for ; came != 0; came &= came - 1 {
			if n := uint32(at*64 + bits.TrailingZeros64(came)); l.came(c, n, had&(came&-came) != 0, before) {
				fresh++
			}
		}
	}
	l.sessions.Add(int64(sessions))
	l.fresh.Add(int64(fresh))
}

// came tells whether a row of the list came into it since the look; had tells whether the
// list had it then.
func (l *countedList) came(c *Columns, n uint32, had bool, before func(n uint32) bool) bool {
	switch {
	case !had && c.changed[n] == 0 && before(n): // only what is known of it changed
		l.look.Rows[n/64] |= 1 << (n % 64)
		return false
	case l.own != nil && l.own.has(n):
		return false
	case had:
		return c.after(n, l.look.At)
	case l.Query.AsksReports():
		return c.after(n, l.look.At-mirror.ReportedWithin)
	}
	return true
}
