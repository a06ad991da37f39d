package mirror

import (
	"time"

	"idtop/client"
)

// Origin says when sessions were read, and whether they are news. News marks rows
// that arrive or change as fresh; a back-fill is no news. After the server's clock
// was moved back, a row may carry a time in the future: then only Sent tells which
// answer is newer.
type Origin struct {
	At    time.Time // the server's clock: the Date of the answer, or created of the event
	Sent  time.Time // this machine's clock when the request was sent; zero: not known
	News  bool
	Moved bool   // the server's clock was moved back
	From  Source // Listed, but for an answer to an act of ours and an event that is believed
}

// Sighting is one session as it was seen.
type Sighting struct {
	Origin
	Session client.Session
}

// Beginning is the time at which a session came to a state, as an event tells it.
type Beginning struct {
	ID    string
	State client.State
	At    client.Unix
}

// Row is the row of a new session.
func (s Sighting) Row() Row {
	row := RowOf(s.Session)
	row.AsOf = s.At
	row.Since, row.Rough = FirstSince(row, s.News)
	if s.News {
		row.Changed = s.noticed()
	}
	return row
}

// FirstSince dates the state of a new session. A waiting session waits since it was
// created. A state that Stripe soon ends, and an erasure, which comes long after
// all else, are dated when they were seen: the session has been in that state for
// at least as long. A back-filled verdict or cancellation is dated when the session
// was created: it came soon after that and may be years old. News is dated when it
// came. An event gives the exact time, see Batch.Began.
func FirstSince(row Row, news bool) (since time.Time, rough bool) {
	switch row.State {
	case client.StateWaiting:
		return row.Created.Time(), false
	case client.StateFailed, client.StateVerified, client.StateCanceled:
		if !news {
			return row.Created.Time(), true
		}
	}
	return row.AsOf.Truncate(time.Second), true
}

// Update returns the known row changed by the sighting. sent is Origin.Sent of the
// answer that the row shows, zero when it is not known. took tells whether the
// sighting counts: then the new row replaces the known one, and the sighting's Sent
// belongs to it. shows tells whether a visible value changed.
//
// A sighting does not count when it undoes a state that Stripe never undoes,
// however new it claims to be. Nor does it count when it was read before the row:
// by the server's clock in whole seconds, and within one second by the order of the
// requests. A readable session is never replaced by an unreadable one.
func (s Sighting) Update(known Row, sent time.Time) (row Row, took, shows bool) {
	row = RowOf(s.Session)
	row.Created = known.Created // it decides the row's place, which can't change
	switch {
	case s.before(known.AsOf, sent):
		return known, false, false
	case row.Unreadable != "": // the readable values stay, marked as unreadable now
		took = row.Unreadable != known.Unreadable
		known.Unreadable = row.Unreadable
		return known, took, took
	case takesBack(known.State, row.State):
		return known, false, false
	}
	if known.SameAs(row) {
		known.AsOf = s.At
		return known, true, false
	}
	if row.ReportSum = known.ReportSum; row.Erased() {
		row.Doc, row.Country = "", ""
	}
	row.Tries, row.Since, row.Rough, row.Changed, row.AsOf = known.Tries, known.Since, known.Rough, known.Changed, s.At
	if row.State != known.State || failedAgain(known, row) {
		row.Since, row.Rough = s.At.Truncate(time.Second), true
	}
	if s.News {
		row.Changed = s.noticed()
	}
	return row, true, true
}

// Update returns the row dated by the beginning. news is false when the date is
// known already, or the row is in another state.
func (b Beginning) Update(row Row) (_ Row, news bool) {
	if row.State != b.State || row.Since.Equal(b.At.Time()) && !row.Rough {
		return row, false
	}
	row.Since, row.Rough = b.At.Time(), false
	return row, true
}

// failedAgain tells whether a failed session was tried again since the known row.
func failedAgain(known, row Row) bool {
	return row.State == client.StateFailed && (row.ErrorCode != known.ErrorCode || row.ReportID != known.ReportID)
}

// before tells whether sessions of this origin are older than a row that was true
// at asOf, by an answer whose request was sent at sent.
func (o Origin) before(asOf, sent time.Time) bool {
	switch at, known := o.At.Unix(), asOf.Unix(); {
	case at < known && o.Moved && !o.Sent.IsZero():
		return o.Sent.Before(sent)
	case at != known:
		return at < known
	default:
		return !o.Sent.IsZero() && o.Sent.Before(sent)
	}
}

// noticed is when this machine learned of the sessions.
func (o Origin) noticed() time.Time {
	if o.Sent.IsZero() {
		return o.At
	}
	return o.Sent
}

// takesBack tells whether a session can't go from one state to the other. A
// redaction stays. A finished redaction stays finished. A canceled session can only
// be redacted. A verdict is not final: in Stripe's Dashboard it can be reversed.
func takesBack(from, to client.State) bool {
	switch from {
	case client.StateRedacted:
		return to != client.StateRedacted
	case client.StateRedacting:
		return to != client.StateRedacting && to != client.StateRedacted
	case client.StateCanceled:
		return to != client.StateCanceled && to != client.StateRedacting && to != client.StateRedacted
	}
	return false
}
