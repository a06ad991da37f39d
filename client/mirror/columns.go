package mirror

import (
	"context"
	"slices"
	"time"

	"idtop/client"
)

// columns is what a store on this machine answers from: every session's row but
// for ReportID and Customer, which are neither searched nor sorted by. Rows have
// dense numbers in the order in which they came; a number is never used again.
//
// The methods that change something (append, load, set, began, remove) must
// have the columns for themselves; all others may run at the same time as one
// another. The stores see to that with a gate.
type columns struct {
	rows   []entry
	byID   map[string]uint32
	newest []uint32 // all rows, newest first
	tries  map[string]int
	counts Counts
}

type entry struct {
	Row
	sent time.Time
	gone bool
}

func newColumns() *columns {
	return &columns{byID: map[string]uint32{}, tries: map[string]int{}}
}

// number returns the number of an id; ok is false when it is not known.
func (c *columns) number(id string) (n uint32, ok bool) {
	n, ok = c.byID[id]
	return n, ok
}

// append takes in a row whose id is not known, with Seen.Sent of what it shows,
// and returns its number. Row.Tries is not taken: the columns count.
func (c *columns) append(row Row, sent time.Time) uint32 {
	n := uint32(len(c.rows))
	c.load([]Row{row})
	c.rows[n].sent = sent
	return n
}

// load takes in many rows at once, whose ids are not known, in the order of
// their numbers. It is the way to fill columns at a start: the order of rows is
// mended once for all of them. Rows that are all newer or all older than those
// that are known cost the least.
func (c *columns) load(rows []Row) {
	for _, row := range rows {
		n := uint32(len(c.rows))
		row.ReportID, row.Customer = "", ""
		c.rows = append(c.rows, entry{Row: row})
		c.byID[row.ID] = n
		c.newest = append(c.newest, n)
		c.count(row, +1)
	}
	slices.SortFunc(c.newest, func(a, b uint32) int { return c.newestFirst(a, b) })
}

// set replaces the row of a number. Its id and created stay what they were.
// A value of UserID or Reference that goes leaves no byte behind.
func (c *columns) set(n uint32, row Row, sent time.Time) {
	row.ReportID, row.Customer = "", ""
	c.count(c.rows[n].Row, -1)
	c.rows[n].Row, c.rows[n].sent = row, sent
	c.count(row, +1)
}

// began notes when the session came to the state it is in.
func (c *columns) began(n uint32, since time.Time) { c.rows[n].Since = since }

// remove takes a row out; its number stays empty and its bytes are wiped.
func (c *columns) remove(n uint32) {
	c.count(c.rows[n].Row, -1)
	delete(c.byID, c.rows[n].ID)
	c.rows[n] = entry{gone: true}
	c.newest = slices.DeleteFunc(c.newest, func(other uint32) bool { return other == n })
}

// row returns the row of a number, with its Tries, without ReportID and Customer.
func (c *columns) row(n uint32) Row {
	row := c.rows[n].Row
	row.Tries = c.tries[row.UserID]
	return row
}

// sent returns Seen.Sent of what a row shows; zero when it is not known.
func (c *columns) sent(n uint32) time.Time { return c.rows[n].sent }

// ids lists the ids of the sessions in the given states, newest first.
func (c *columns) ids(states States) []string {
	var ids []string
	for _, n := range c.newest {
		if states.Has(c.rows[n].State) {
			ids = append(ids, c.rows[n].ID)
		}
	}
	return ids
}

// within lists the ids of the sessions created in a window, newest first.
func (c *columns) within(w Window) []string {
	before := func(t client.Unix) int { // the first row created before t
		at, _ := slices.BinarySearchFunc(c.newest, t, func(n uint32, t client.Unix) int {
			if c.rows[n].Created >= t {
				return -1
			}
			return 1
		})
		return at
	}
	var ids []string
	for _, n := range c.newest[before(w.Until):before(w.From)] {
		ids = append(ids, c.rows[n].ID)
	}
	return ids
}

func (c *columns) count(row Row, by int) {
	c.counts.All += by
	c.counts.State[row.State] += by
	if row.UserID == "" {
		return
	}
	if c.tries[row.UserID] += by; c.tries[row.UserID] == 0 {
		delete(c.tries, row.UserID)
	}
}

// found is the answer to a Request in numbers of rows.
type found struct {
	numbers   []uint32 // of the window
	first     int
	at        int
	total     int
	counts    Counts
	elsewhere []string
}

// page makes the answer of what was found; row returns a whole row.
func (f found) page(request Request, row func(n uint32) Row) Page {
	page := Page{First: f.first, At: f.at, Total: f.total, Counts: f.counts, Elsewhere: f.elsewhere}
	for _, n := range f.numbers {
		r := row(n)
		page.Rows = append(page.Rows, Hit{Row: r, Marks: request.Query.Marks(r.UserID, r.ID, r.Reference, f.elsewhere)})
	}
	return page
}

// find answers a request. It fails with ctx's error when ctx ends, and soon
// after it does.
func (c *columns) find(ctx context.Context, request Request) (found, error) {
	if err := ctx.Err(); err != nil {
		return found{}, err
	}
	rows, elsewhere := c.viewOf(request)
	f := found{total: len(rows), counts: c.counts, elsewhere: elsewhere, at: -1}
	if f.total == 0 {
		return f, nil
	}
	f.at = c.position(rows, request)
	f.first = max(0, min(f.at-request.Rows/2, f.total-request.Rows))
	f.numbers = rows[f.first:min(f.total, f.first+max(1, request.Rows))]
	return f, nil
}

// shown tells whether a row belongs to what a request asks for, its words aside.
func (c *columns) shown(n uint32, r Request) bool {
	row := &c.rows[n]
	return r.States.Has(row.State) && (r.Reason == "" || r.Reason == row.ErrorCode)
}

// stateOf returns the state of a row.
func (c *columns) stateOf(n uint32) client.State { return c.rows[n].State }
