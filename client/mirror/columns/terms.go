package columns

import (
	"context"
	"errors"
	"hash/maphash"
	"math"
	"time"

	"idtop/client"
	"idtop/client/query"
)

// A row can be one of three things to a term: it meets it, it does not, or nothing
// is known. Conditions are compiled for what is known: neither a term nor its contrary is met by a
// row that nothing is known of. Compiled leniently, both are.

// kindTest returns a condition as a predicate over kinds; nil if some of it depends on
// more of a row.
func kindTest(e query.Expr, lenient bool) func(k *kind) bool {
	var parts []func(k *kind) bool
	for _, part := range e.Parts {
		meets := kindTest(part, lenient != (e.Op == query.Not))
		if meets == nil {
			return nil
		}
		parts = append(parts, meets)
	}
	switch e.Op {
	case query.All:
		return func(k *kind) bool {
			for _, meets := range parts {
				if !meets(k) {
					return false
				}
			}
			return true
		}
	case query.Any:
		return func(k *kind) bool {
			for _, meets := range parts {
				if meets(k) {
					return true
				}
			}
			return false
		}
	case query.Not:
		return func(k *kind) bool { return !parts[0](k) }
	case query.Bad: // no row is shown
		return func(*kind) bool { return false }
	case query.Is:
		return kindTerm(e.Term)
	}
	return nil
}

// kindTerm is a term on a field of kinds as a predicate.
func kindTerm(t query.Term) func(k *kind) bool {
	texts := kindTexts(t.Name.Name)
	if texts == nil {
		return nil
	}
	return func(k *kind) bool { return t.Match(texts(k)...) }
}

// kindTexts returns what a kind has under a name: one of the texts has to match. The first is its
// value. It is nil if the name is not of kinds.
func kindTexts(name string) func(k *kind) []string {
	switch name {
	case "state":
		return func(k *kind) []string { return []string{k.state.String()} }
	case "status":
		return func(k *kind) []string { return []string{string(k.Status)} }
	case "reason":
		return func(k *kind) []string { return []string{k.ErrorCode, client.ReasonOf(k.ErrorCode).Label} }
	case "type":
		return func(k *kind) []string { return []string{k.Type} }
	case "redacted":
		return func(k *kind) []string {
			if k.state == client.StateRedacting || k.state == client.StateRedacted {
				return []string{"yes"}
			}
			return []string{"no"}
		}
	}
	return nil
}

// compiler makes tests of conditions.
type compiler struct {
	ctx context.Context
	c   *Columns
	now time.Time
	err error // the first one
}

// errNoTime is why a request can't be answered. Whoever asks has to know the server's clock.
var errNoTime = errors.New("the query depends on the time, and the request has none")

// test returns a condition as a test of pages.
func (p *compiler) test(e query.Expr, lenient bool) test {
	if meets := kindTest(e, lenient); meets != nil {
		return p.c.kindTest(meets)
	}
	var parts []test
	for _, part := range e.Parts {
		parts = append(parts, p.test(part, lenient != (e.Op == query.Not)))
	}
	switch e.Op {
	case query.All:
		return all(parts)
	case query.Any:
		return anyOf(parts)
	case query.Not:
		return none(parts[0])
	case query.Word:
		rows, err := p.c.having(p.ctx, e.Word)
		p.fails(err)
		return rows.test()
	}
	return p.term(e.Term)
}

func (p *compiler) fails(err error) {
	if p.err == nil {
		p.err = err
	}
}

// term is the terms on the fields of single rows.
func (p *compiler) term(t query.Term) test {
	c := p.c
	switch t.Name.Name {
	case "age", "created":
		return between(&c.created, p.ranges(t))
	case "since":
		return between(&c.since, p.ranges(t))
	case "stuck":
		return p.stuck(t)
	case "tries":
		tries := ranges(p.ranges(t))
		return c.rowTest(func(n uint32) bool { return tries.has(c.tries(n)) })
	case "user":
		return p.user(t)
	case "ref":
		return c.rowTest(func(n uint32) bool { return t.MatchBytes(c.references.at(n)) })
	case "customer":
		return c.rowTest(func(n uint32) bool { return t.MatchBytes(c.customers.at(n)) })
	case "id":
		return c.rowTest(func(n uint32) bool {
			var room [64]byte
			id := room[:0]
			if c.kindOf(n).prefixed {
				id = append(id, idPrefix...)
			}
			return t.MatchBytes(append(id, c.idTexts.at(n)...))
		})
	}
	return func(int, *pageSet) {}
}

func (p *compiler) ranges(t query.Term) []query.Range {
	p.needsTime(t.Timed())
	return t.Ranges(p.now)
}

func (p *compiler) needsTime(timed bool) {
	if timed && p.now.IsZero() {
		p.fails(errNoTime)
	}
}

// stuck is the rows that are in processing for too long, or all others.
func (p *compiler) stuck(t query.Term) test {
	p.needsTime(true)
	before := p.now.Add(-client.StuckAfter).Unix()
	stuck := all([]test{
		p.c.kindTest(func(k *kind) bool { return k.state == client.StateProcessing }),
		between(&p.c.since, []query.Range{{Low: math.MinInt64, High: before}}),
	})
	switch {
	case t.Yes(true) && t.Yes(false):
		return none(func(int, *pageSet) {})
	case t.Yes(true):
		return stuck
	}
	return none(stuck)
}

// user is the rows of some user_ids. Of a pattern, the index tells which rows are worth
// a look.
func (p *compiler) user(t query.Term) test {
	c := p.c
	var either []test
	for _, item := range t.Items {
		one := query.Term{Name: t.Name, Items: []query.Item{item}}
		switch letters := item.Letters(); {
		case item.Glob && letters == "":
			either = append(either, c.rowTest(func(n uint32) bool { return one.Match(c.index.UserID(n)) }))
		case item.Glob:
			matches, err := c.index.Match(p.ctx, letters)
			if err != nil {
				p.fails(err)
				continue
			}
			near := c.bits(matches)
			either = append(either, c.rowTest(func(n uint32) bool { return near.has(n) && one.Match(c.index.UserID(n)) }))
		case item.Text == "":
			either = append(either, c.rowTest(func(n uint32) bool { return *c.group.at(n) == 0 }))
		default:
			group := c.groups.find(maphash.String(c.seed, item.Text))
			either = append(either, c.rowTest(func(n uint32) bool {
				return group != 0 && *c.group.at(n) == group && c.index.UserID(n) == item.Text
			}))
		}
	}
	return anyOf(either)
}

// having returns the rows that have a word: in their user_id or, if none has it there,
// elsewhere.
func (c *Columns) having(ctx context.Context, word string) (bitset, error) {
	matches, err := c.index.Match(ctx, word)
	if err != nil || matches.Count() > 0 {
		return c.bits(matches), err
	}
	return c.elsewhere(ctx, word)
}

// kindTest is a predicate over kinds as a test of pages.
func (c *Columns) kindTest(meets func(k *kind) bool) test {
	of := make([]uint64, len(c.kinds.all))
	for i := range of {
		if meets(&c.kinds.all[i]) {
			of[i] = 1
		}
	}
	return func(page int, rows *pageSet) {
		for i, kind := range c.kind.pages[page] {
			rows[i/64] |= of[kind] << (i % 64)
		}
	}
}

// ranges are numbers that lie in one of them.
type ranges []query.Range

func (r ranges) has(n uint32) bool {
	for _, one := range r {
		if one.Has(int64(n)) {
			return true
		}
	}
	return false
}

// between tests which times of a column lie in one of some ranges.
func between(times *pages[uint32], ranges []query.Range) test {
	return func(page int, rows *pageSet) {
		for _, r := range ranges {
			low, high := seconds(r.Low), seconds(r.High)
			if r.High < 0 || r.Low > math.MaxUint32 {
				continue
			}
			for i, at := range times.pages[page] {
				if low <= at && at <= high {
					rows[i/64] |= 1 << (i % 64)
				}
			}
		}
	}
}

// all tests for all of some conditions.
func all(tests []test) test {
	if len(tests) == 1 {
		return tests[0]
	}
	return func(page int, rows *pageSet) {
		for i := range rows {
			rows[i] = math.MaxUint64
		}
		for _, test := range tests {
			var part pageSet
			test(page, &part)
			any := uint64(0)
			for i := range rows {
				rows[i] &= part[i]
				any |= rows[i]
			}
			if any == 0 {
				return
			}
		}
	}
}

// anyOf tests for one of some conditions at least.
func anyOf(tests []test) test {
	return func(page int, rows *pageSet) {
		for _, test := range tests {
			var part pageSet
			test(page, &part)
			for i := range rows {
				rows[i] |= part[i]
			}
		}
	}
}

// none tests that a condition is not met.
func none(met test) test {
	return func(page int, rows *pageSet) {
		met(page, rows)
		for i := range rows {
			rows[i] = ^rows[i]
		}
	}
}
