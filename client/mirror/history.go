package mirror

import (
	"cmp"
	"slices"

	"idtop/client"
)

// Source is from where a change is known.
type Source uint8

// The sources.
const (
	Listed   Source = iota // a list or a read showed it
	Event                  // an event of Stripe's told it
	Answered               // Stripe's answer to an act of ours
)

// String names the source.
func (s Source) String() string {
	switch s {
	case Event:
		return "event"
	case Answered:
		return "answer"
	}
	return "seen here"
}

// Change is a state that a session came to, and when. It has nothing that names a person.
type Change struct {
	ID     string
	At     client.Unix // when it came to State
	Rough  bool        // At is only when State was first seen, or when a session that is read back was created
	State  client.State
	Code   string // why it failed; "" for all other states
	Report string // the report of a verdict; "" when it is not known, and once the session is erased
	From   Source
}

// History is what is known of one session's changes, oldest first. A mirror keeps it
// longer than the rows: neither Stripe nor a mirror that is built anew has it again.
type History []Change

// changesMost is how many changes of a session are kept: the newest.
const changesMost = 200

// ChangeOf is the change that a session as it was at a time tells of.
func ChangeOf(session client.Session, state client.State, at client.Unix, from Source) Change {
	c := Change{ID: session.ID, At: at, State: state, From: from}
	if state == client.StateFailed {
		c.Code = session.ErrorCode()
	}
	if state == client.StateFailed || state == client.StateVerified {
		c.Report = string(session.LastReport)
	}
	return c
}

// shown is the change that a row shows.
func (r Row) shown() Change {
	c := Change{ID: r.ID, At: client.Unix(r.Since.Unix()), Rough: r.Rough, State: r.State}
	if r.State == client.StateFailed {
		c.Code = r.ErrorCode
	}
	if r.State == client.StateFailed || r.State == client.StateVerified {
		c.Report = r.ReportID
	}
	if !r.Rough && !r.created() {
		c.From = Event
	}
	return c
}

// created tells whether the row is as every session begins.
func (r Row) created() bool {
	return r.State == client.StateWaiting && !r.Rough && r.Since.Unix() == int64(r.Created)
}

// ReadBack tells whether the row shows no more of the past than that of a session which
// is read back.
func (r Row) ReadBack() bool {
	return r.created() || r.Rough && r.Since.Unix() == int64(r.Created)
}

// like tells whether two changes may be one: nothing that both know differs.
func (c Change) like(other Change) bool {
	agree := func(a, b string) bool { return a == b || a == "" || b == "" }
	return c.State == other.State && agree(c.Code, other.Code) && agree(c.Report, other.Report)
}

// late is how much later than an event an answer may say that something came.
const late = client.Unix(60)

// same tells whether c, which is new, is the known change for certain: told again, or
// dated by one of the two.
func (c Change) same(known Change) bool {
	if !c.like(known) {
		return false
	}
	switch c.State {
	case client.StateCanceled, client.StateRedacting, client.StateRedacted: // a session comes there once
		return true
	}
	return c.At == known.At || c.Report != "" && c.Report == known.Report // one report is one verdict
}

// beside tells whether c is the known change, next to which it would stand: one of the
// two says only when the state was seen.
func (c Change) beside(known Change) bool {
	switch {
	case !c.like(known):
		return false
	case c.Rough && known.Rough:
		return true
	case c.Rough:
		return c.At >= known.At-late
	case known.Rough:
		return known.At >= c.At-late
	}
	return false
}

// join is a known change with what c tells more of it.
func (c Change) join(known Change) Change {
	if known.Rough && (!c.Rough || c.At < known.At) {
		known.At, known.Rough, known.From = c.At, c.Rough, c.From
	}
	known.Code, known.Report = cmp.Or(known.Code, c.Code), cmp.Or(known.Report, c.Report)
	return known
}

// Add returns the history with one more change. Changes that events tell may be
// added in any order; a change that was only seen joins its neighbour of the same
// state. h stays unchanged.
func (h History) Add(c Change) History {
	at := len(h)
	for at > 0 && h[at-1].At > c.At {
		at--
	}
	beside := func(i int) bool { return i >= 0 && i < len(h) && c.beside(h[i]) }
	i := slices.IndexFunc(h, c.same)
	switch {
	case i >= 0:
	case beside(at - 1):
		i = at - 1
	case beside(at):
		i = at
	default:
		h = slices.Insert(slices.Clone(h), at, c)
		return h[max(0, len(h)-changesMost):]
	}
	joined := c.join(h[i])
	if joined == h[i] {
		return h
	}
	h = slices.Clone(h)
	h[i] = joined
	slices.SortStableFunc(h, func(a, b Change) int { return cmp.Compare(a.At, b.At) })
	return h
}

// See returns the history as a sighting makes it that turned the row known into row.
// known is the zero Row when the session had none. A session that is read back adds
// nothing: its row tells all.
func (h History) See(known, row Row, seen Origin) History {
	change := row.shown()
	change.At, change.Rough, change.From = client.Unix(seen.At.Unix()), true, seen.From
	switch last := len(h) - 1; {
	case known.ID != "":
		if row.State == known.State && !failedAgain(known, row) {
			return h
		}
		if !known.created() {
			h = h.Add(known.shown())
		}
		return h.Add(change)
	case last >= 0: // it has been there before
		if change.like(h[last]) {
			return h
		}
		return h.Add(change)
	case seen.News && !row.created():
		return h.Add(change)
	}
	return h
}

// Tell returns the history of a row with one more change that an event tells of.
func (h History) Tell(row Row, c Change) History {
	if len(h) == 0 && !row.created() {
		h = h.Add(row.shown()) // what only the row shows came before what it does not show
	}
	return h.Add(c)
}

// Dated returns the history of a row whose state an event has dated.
func (h History) Dated(row Row) History {
	if len(h) == 0 {
		return h // the row tells all
	}
	return h.Add(row.shown())
}

// Date returns the row of a session that has been there before with the date that the
// history has of its state.
func (h History) Date(row Row) Row {
	if last := len(h) - 1; last >= 0 && row.Rough && row.shown().like(h[last]) {
		row.Since, row.Rough = h[last].At.Time(), h[last].Rough
	}
	return row
}

// Of returns the history of a row: what is kept, and what only the row shows.
func (h History) Of(row Row) History {
	shown := row.shown()
	if last := len(h) - 1; last >= 0 && shown.like(h[last]) {
		return h
	}
	if shown.Rough && len(h) > 0 { // it came after all that is known
		shown.At = max(shown.At, h[len(h)-1].At)
	}
	return h.Add(shown)
}

// Erase returns the history as it is kept of an erased session: states, codes and times.
func (h History) Erase() History {
	h = slices.Clone(h)
	for i := range h {
		h[i].Report = ""
	}
	return h
}
