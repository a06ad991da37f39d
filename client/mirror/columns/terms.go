package columns

import (
	"context"
	"errors"
	"hash/maphash"
	"math"
	"math/bits"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/mirror"
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
	case "flow":
		return func(k *kind) []string { return []string{k.Flow} }
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
	return p.term(e.Term, lenient)
}

func (p *compiler) fails(err error) {
	if p.err == nil {
		p.err = err
	}
}

// term is the terms on the fields of single rows.
func (p *compiler) term(t query.Term, lenient bool) test {
	c := p.c
	switch t.Name.Name {
	case "doc", "country", "check":
		texts := toldTexts(t.Name.Name)
		return c.toldTest(func(sum *mirror.ReportSum) bool { return t.Match(texts(sum)...) }, lenient)
	case "attempts":
		attempts := ranges(p.ranges(t))
		return c.toldTest(func(sum *mirror.ReportSum) bool { return attempts.has(uint32(sum.Attempts)) }, lenient)
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
	text := c.textField(t.Name.Name)
	return c.rowTest(func(n uint32) bool { return t.MatchBytes(text(n)) })
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

// user is the rows of some user_ids.
func (p *compiler) user(t query.Term) test {
	c := p.c
	var either []test
	for _, item := range t.Items {
		switch {
		case item.Glob && strings.Trim(item.Text, "*") == "":
			either = append(either, c.rowTest(func(n uint32) bool { return *c.group.at(n) != 0 }))
		case item.Glob:
			if matches, err := c.index.Glob(p.ctx, item); err != nil {
				p.fails(err)
			} else {
				either = append(either, c.bits(matches).test())
			}
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
	if err != nil {
		return nil, err
	}
	if matches.Count() > 0 {
		return c.bits(matches), nil
	}
	return c.elsewhere(ctx, word)
}

// toldTexts returns what reports say under a name; nil if they do not say it.
func toldTexts(name string) func(sum *mirror.ReportSum) []string {
	switch name {
	case "doc":
		return func(sum *mirror.ReportSum) []string { return []string{sum.Doc} }
	case "country":
		return func(sum *mirror.ReportSum) []string { return []string{sum.Country} }
	case "check":
		return func(sum *mirror.ReportSum) []string {
			if sum.Checks == 0 {
				return []string{""}
			}
			return sum.Checks.Kinds()
		}
	}
	return nil
}

// toldTest tests what the reports of a row say. Of a session that may have reports and has none
// here nothing is known: it meets the condition if lenient.
func (c *Columns) toldTest(meets func(sum *mirror.ReportSum) bool, lenient bool) test {
	of, ofNone := make([]uint64, len(c.tolds.all)), make([]uint64, len(c.kinds.all))
	for i := range of {
		if meets(&c.tolds.all[i]) {
			of[i] = 1
		}
	}
	for i := range ofNone {
		ofNone[i] = of[0]
		if c.kinds.all[i].reportable() {
			ofNone[i] = 0
			if lenient {
				ofNone[i] = 1
			}
		}
	}
	return func(page int, rows *pageSet) {
		kinds := c.kind.pages[page]
		for i, told := range c.told.pages[page] {
			if told == 0 {
				rows[i/64] |= ofNone[kinds[i]] << (i % 64)
			} else {
				rows[i/64] |= of[told] << (i % 64)
			}
		}
	}
}

// reportable tells whether the session may have a report: something was submitted.
func (k *kind) reportable() bool {
	return k.state != client.StateWaiting && !client.BeforeAnyCheck(k.ErrorCode)
}

// unknown counts the rows that could be shown beside so many, if their reports were known.
func (c *Columns) unknown(ctx context.Context, r mirror.Request, s searched, alike []uint32, shown int) (int, error) {
	if !r.Query.AsksReports() || len(r.Query.Problems()) > 0 {
		return 0, nil
	}
	tests, err := c.tests(ctx, r, alike, true)
	if err != nil {
		return 0, err
	}
	tests = append(tests, c.kindTest(func(k *kind) bool {
		return r.States.Has(k.state) && (!r.Unreadable || k.Unreadable != "") && k.rows > 0
	}))
	if words := s.rows(c); words != nil {
		tests = append(tests, words.test())
	}
	rows, err := c.pass(ctx, tests)
	possible := 0
	for _, word := range rows {
		possible += bits.OnesCount64(word)
	}
	return possible - shown, err
}

// kindTest is a predicate over kinds as a test of pages.
func (c *Columns) kindTest(meets func(k *kind) bool) test {
	of := make([]uint64, len(c.kinds.all))
	for i := range of {
		if i > 0 && meets(&c.kinds.all[i]) {
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

// addByReason puts the rows below a view whose reason has words of the query that are not
// in their user_id.
func (c *Columns) addByReason(ctx context.Context, known *cached, s searched, limit bitset) error {
	var tests []test
	found := false
	for _, word := range known.asked.Query.Words() {
		has, err := c.having(ctx, word)
		if err != nil {
			return err
		}
		in := func(k *kind) bool { return query.InReason(word, k.ErrorCode) }
		for i := range c.kinds.all {
			found = found || c.kinds.all[i].rows > 0 && in(&c.kinds.all[i])
		}
		tests = append(tests, anyOf([]test{has.test(), c.kindTest(in)}))
	}
	if !found {
		return nil
	}
	if limit != nil {
		tests = append(tests, limit.test())
	}
	rows, err := c.pass(ctx, append(tests, none(s.rows(c).test())))
	if err != nil {
		return err
	}
	below, err := c.listing(ctx, known.asked, searched{}, rows)
	if err == nil && below.total() > 0 {
		known.view, known.byReason = &stacked{known.view, below}, below.total()
	}
	return err
}
