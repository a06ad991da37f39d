package emulator

import (
	"net/http"
	"slices"
	"strconv"
)

// Stripe's page sizes. A limit outside is brought inside, without an error.
const (
	defaultLimit = 10
	maxLimit     = 100
)

// listing is a list that is asked for: rows are positions in order of time.
type listing struct {
	rows   int
	at     func(row int) uint32           // when a row was created
	cursor func(id string) (uint32, bool) // the row with an id
	noun   string                         // the name of a row in errors
	keep   func(row int) bool             // nil: all
	skip   skipper                        // nil: none
	floor  uint32                         // rows before it are not told
	strict bool                           // refuse a limit outside
}

// skipper gives the first row from row towards end (which is not meant any
// more) that may be worth a look, or end. It is where a filter walks over a
// million rows, so it goes over columns in a loop of its own.
type skipper func(row, end, step int) int

// page gives the rows of the page that a query asks for, the newest first.
func (l listing) page(q *query) (rows []int, more bool, failed *apiError) {
	low, high, failed := l.bounds(q.form)
	if failed != nil {
		return nil, false, failed
	}
	limit := defaultLimit
	if text := q.form.value("limit"); text != "" {
		asked, _ := strconv.Atoi(text)
		if limit = min(max(asked, 1), maxLimit); l.strict && limit != asked {
			return nil, false, beyondLimit(limit, text)
		}
	}
	from, end, step := high-1, low-1, -1
	if q.form.get("ending_before") != nil { // the page nearest to the cursor
		from, end, step = low, high, 1
		defer func() { slices.Reverse(rows) }()
	}
	for row := from; (end-row)*step > 0; row += step {
		if l.skip != nil {
			if row = l.skip(row, end, step); row == end {
				break
			}
		}
		if l.keep != nil && !l.keep(row) {
			continue
		}
		if len(rows) == limit {
			return rows, true, nil
		}
		rows = append(rows, row)
	}
	return rows, false, nil
}

// beyondLimit refuses an impossible limit, and names the nearest possible one.
func beyondLimit(nearest int, text string) *apiError {
	if nearest == maxLimit {
		return invalid("limit", "parameter_invalid_integer", "This value must be less than or equal to %d (it currently is '%s').", maxLimit, clip(text))
	}
	return invalid("limit", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
}

// bounds gives the rows [low, high) that the cursors and created leave.
func (l listing) bounds(f *node) (low, high int, failed *apiError) {
	if f.get("starting_after") != nil && f.get("ending_before") != nil {
		return 0, 0, invalid("", "", "Received both starting_after and ending_before parameters. Please pass in only one.")
	}
	low, high = l.firstSince(int64(l.floor)), l.rows
	for _, name := range []string{"starting_after", "ending_before"} {
		m := f.get(name)
		if m == nil {
			continue
		}
		row, ok := l.cursor(m.text)
		if !ok {
			return 0, 0, missing(l.noun, m.text, name)
		}
		if name == "starting_after" {
			high = min(high, int(row))
		} else {
			low = max(low, int(row)+1)
		}
	}
	if created := f.get("created"); created != nil {
		from, to := createdRange(created)
		low, high = max(low, l.firstSince(from)), min(high, l.firstSince(to))
	}
	return low, high, nil
}

// createdRange turns the created parameter into [from, to) in Unix seconds.
func createdRange(n *node) (from, to int64) {
	const forever = 1 << 40
	bounded := func(text string) int64 {
		v, _ := strconv.ParseInt(text, 10, 64)
		return min(max(v, 0), forever)
	}
	if n.leaf {
		return bounded(n.text), bounded(n.text) + 1
	}
	from, to = 0, forever
	for _, m := range n.members {
		switch v := bounded(m.text); m.key {
		case "gt":
			from = max(from, v+1)
		case "gte":
			from = max(from, v)
		case "lt":
			to = min(to, v)
		case "lte":
			to = min(to, v+1)
		}
	}
	return from, to
}

// firstSince is the first row created at or after a time.
func (l listing) firstSince(from int64) int {
	low, high := 0, l.rows
	for low < high {
		if mid := (low + high) / 2; int64(l.at(mid)) < from {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// answerList answers with the envelope of a list around its rows.
func answerList(path string, rows []int, more bool, write func(o *out, row int)) answer {
	o := out{b: make([]byte, 0, 256+len(rows)*1024)}
	writeList(&o, path, rows, more, write)
	return answer{status: http.StatusOK, body: o.b}
}

func writeList(o *out, path string, rows []int, more bool, write func(o *out, row int)) {
	o.open('{')
	o.key("object").text("list")
	o.key("data").open('[')
	for _, row := range rows {
		write(o, row)
	}
	o.close(']')
	o.key("has_more").boolean(more)
	o.key("url").text(path)
	o.close('}')
}

func listSessions(w *world, q *query) (answer, *apiError) {
	l := listing{
		rows: len(w.sessions), strict: w.choice.LimitRefused, noun: "verificationsession", cursor: w.sessionAt,
		at: func(row int) uint32 { return w.created[row] },
	}
	l.skip, l.keep = w.sessionFilters(q.form)
	if q.access.live != w.live {
		l = empty(l)
	}
	rows, more, err := l.page(q)
	if err != nil {
		return answer{}, err
	}
	return answerList(sessionsPath, rows, more, func(o *out, row int) {
		w.writeSession(o, w.current(uint32(row)), q.view)
	}), nil
}

// empty is a list of the other mode: nothing is in it, not even a cursor.
func empty(l listing) listing {
	l.rows = 0
	l.cursor = func(string) (uint32, bool) { return 0, false }
	return l
}
