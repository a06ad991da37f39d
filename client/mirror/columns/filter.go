package columns

import (
	"cmp"
	"context"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"

	"idtop/client/mirror"
)

// A row is shown when it meets every condition of the request. A condition on fields
// with few values is a predicate over kinds, any other is a test of pages of rows. A new
// condition takes a predicate or a test here, a term of the query takes one in terms.go.

// ofKinds returns the conditions that depend only on a row's kind.
func ofKinds(r mirror.Request) (conditions []func(k *kind) bool) {
	if r.States != 0 {
		conditions = append(conditions, func(k *kind) bool { return r.States.Has(k.state) })
	}
	if r.Unreadable {
		conditions = append(conditions, func(k *kind) bool { return k.Unreadable != "" })
	}
	if len(r.Query.Problems()) > 0 {
		conditions = append(conditions, func(*kind) bool { return false })
	}
	for _, part := range r.Query.Conditions().Parts {
		if meets := kindTest(part, false); meets != nil {
			conditions = append(conditions, meets)
		}
	}
	return conditions
}

// meeting returns the rows that meet all conditions except the words and those of
// ofKinds; nil stands for all rows. alike are the rows whose user_id looks like
// Request.UserID.
func (c *Columns) meeting(ctx context.Context, r mirror.Request, alike []uint32) (bitset, error) {
	tests, err := c.tests(ctx, r, alike, false)
	if err != nil {
		return nil, err
	}
	return c.pass(ctx, tests)
}

// tests returns the conditions on single rows; of the query leniently all.
func (c *Columns) tests(ctx context.Context, r mirror.Request, alike []uint32, lenient bool) (tests []test, err error) {
	if r.Only != nil {
		only := newBitset(int(c.rows))
		for _, id := range r.Only {
			if n, ok := c.Number(id); ok {
				only.add(n)
			}
		}
		tests = append(tests, only.test())
	}
	if r.UserID != "" {
		looks := newBitset(int(c.rows))
		if r.Alike {
			for _, n := range alike {
				looks.add(n)
			}
		}
		group := c.groups.find(maphash.String(c.seed, r.UserID))
		tests = append(tests, c.rowTest(func(n uint32) bool {
			return group != 0 && *c.group.at(n) == group && c.index.UserID(n) == r.UserID || looks.has(n)
		}))
	}
	terms := compiler{ctx: ctx, c: c, now: r.Now}
	for _, part := range r.Query.Conditions().Parts {
		if lenient || kindTest(part, false) == nil {
			tests = append(tests, terms.test(part, lenient))
		}
	}
	return tests, terms.err
}

// test fills in which rows of a page meet a condition. It can be called from several
// goroutines at once; what it says of numbers without a row does not matter.
type test func(page int, rows *pageSet)

// pageSet is some rows of a page.
type pageSet [pageRows / 64]uint64

// rowTest asks each row of a page.
func (c *Columns) rowTest(meets func(n uint32) bool) test {
	return func(page int, rows *pageSet) {
		first := uint32(page) << pageBits
		for i := range min(pageRows, c.rows-first) {
			if meets(first + i) {
				rows[i/64] |= 1 << (i % 64)
			}
		}
	}
}

// test takes what is in a set.
func (b bitset) test() test {
	return func(page int, rows *pageSet) {
		from := page * len(rows)
		copy(rows[:], b[min(from, len(b)):])
	}
}

// pass goes once over all pages, on all cores, and returns the rows that meet all
// tests; nil stands for all rows.
func (c *Columns) pass(ctx context.Context, tests []test) (bitset, error) {
	if len(tests) == 0 {
		return nil, nil
	}
	rows := newBitset(c.pageCount() << pageBits)
	every := all(tests)
	return rows, parallel(ctx, c.pageCount(), func(page int) {
		every(page, (*pageSet)(rows[page*len(pageSet{}):]))
	})
}

// pageCount is how many pages the rows fill.
func (c *Columns) pageCount() int { return int(c.rows+pageRows-1) >> pageBits }

// rowsOf returns the rows of a view, as whole pages.
func (c *Columns) rowsOf(ctx context.Context, v view) (bitset, error) {
	if v.total() == 0 {
		return newBitset(c.pageCount() << pageBits), nil
	}
	return c.pass(ctx, []test{c.rowTest(func(n uint32) bool { return *c.kind.at(n) != 0 && v.has(n) })})
}

// both returns the rows that are in both sets; nil stands for all rows.
func both(a, b bitset) bitset {
	if a == nil {
		return b
	}
	if b != nil {
		if len(b) < len(a) { // the longer set's rest is not in the shorter one
			a, b = b, a
		}
		a = append(bitset(nil), a...)
		a.and(b)
	}
	return a
}

// filter tells which rows are shown, and to which part of the order each belongs.
type filter struct {
	c     *Columns
	free  bool    // no condition depends on the kind: rows of all kinds are shown
	parts []int32 // the part of each kind; -1: not shown
	tries []int32 // the part by the number of rows with the same user_id; nil: the kind decides
	told  []int32 // the part by what the reports say; nil: the kind decides
	in    bitset  // the rows that match the words; nil: all
	count int     // the number of parts
}

// lasting tells whether the filter stays valid when rows change their kind, even to
// a new kind.
func (f *filter) lasting() bool { return f.free && f.divided() }

// divided tells whether something else than the kind decides about the part of a row.
func (f *filter) divided() bool { return f.tries != nil || f.told != nil }

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
	case f.told != nil:
		return f.told[*f.c.told.at(n)]
	}
	return f.parts[*f.c.kind.at(n)]
}

// filter prepares the order of a request. An order by a column with few values is a
// sequence of parts, one for each value, each newest first.
func (c *Columns) filter(r mirror.Request, in bitset) *filter {
	conditions := ofKinds(r)
	f := &filter{c: c, in: in, free: len(conditions) == 0, parts: make([]int32, len(c.kinds.all)), count: 1}
	f.parts[0] = -1
	for i := 1; i < len(f.parts); i++ {
		for _, meets := range conditions {
			if !meets(&c.kinds.all[i]) {
				f.parts[i] = -1
			}
		}
	}
	switch r.Order.Column {
	case mirror.ByState:
		f.divide(func(k *kind) string { return string(rune(k.state) + 1) }, r.Order.Reverse)
	case mirror.ByReason:
		f.divide(func(k *kind) string { return k.ErrorCode }, r.Order.Reverse)
	case mirror.ByTries:
		f.divideByTries(r.Order.Reverse)
	case mirror.ByDoc:
		f.divideByTold(func(s *mirror.ReportSum) string { return s.Doc }, r.Order.Reverse)
	case mirror.ByCountry:
		f.divideByTold(func(s *mirror.ReportSum) string { return s.Country }, r.Order.Reverse)
	case mirror.ByAttempts: // most first
		f.divideByTold(func(s *mirror.ReportSum) string {
			return string(binary.BigEndian.AppendUint32(nil, uint32(s.Attempts)))
		}, !r.Order.Reverse)
	}
	return f
}

// divide makes a part for each value among the kinds.
func (f *filter) divide(value func(k *kind) string, back bool) {
	values := make([]string, len(f.parts))
	for i := range values {
		values[i] = value(&f.c.kinds.all[i])
	}
	parts, count := partsOfValues(values, func(i int) bool { return f.parts[i] >= 0 }, back)
	for i, p := range f.parts {
		if p >= 0 {
			f.parts[i] = parts[i]
		}
	}
	f.count = count
}

// divideByTold makes a part of each value that reports say.
func (f *filter) divideByTold(value func(s *mirror.ReportSum) string, back bool) {
	tolds := &f.c.tolds
	values := make([]string, len(tolds.all))
	for i := range values {
		values[i] = value(&tolds.all[i])
	}
	f.told, f.count = partsOfValues(values, func(i int) bool { return i == 0 || tolds.having[i] > 0 }, back)
}

// partsOfValues numbers the used values in their order. Rows without a value are the
// last part in both directions.
func partsOfValues(values []string, used func(i int) bool, back bool) (parts []int32, count int) {
	part := map[string]int32{}
	var sorted []string
	for i, v := range values {
		if used(i) && part[v] == 0 {
			part[v] = 1
			sorted = append(sorted, v)
		}
	}
	slices.SortFunc(sorted, func(a, b string) int { return emptyLast(a, b, back) })
	for i, v := range sorted {
		part[v] = int32(i)
	}
	parts = make([]int32, len(values))
	for i, v := range values {
		parts[i] = part[v]
	}
	return parts, max(1, len(sorted))
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
