package mirror

import (
	"time"

	"idtop/client"
)

// Origin says where sessions come from: when they were read, and whether that is
// news, which marks rows that come or change as fresh. A back-fill is no news.
// After the server's clock was moved back, a row may have a time that has not come
// yet: only Sent tells then whether it is newer.
type Origin struct {
	At    time.Time // the server's clock: the Date of the answer, or created of the event
	Sent  time.Time // this machine's clock when the request was sent; zero: not known
	News  bool
	Moved bool // the server's clock was moved back
}

// Sighting is one session as it was seen.
type Sighting struct {
	Origin
	Session client.Session
}

// Beginning tells when a session came to a state, as an event does.
type Beginning struct {
	ID    string
	State client.State
	At    client.Unix
}

// Row is the row of a session that was not known.
func (s Sighting) Row() Row {
	row := RowOf(s.Session)
	row.AsOf = s.At
	row.Since, row.Rough = FirstSince(row, s.News)
	if s.News {
		row.Changed = s.noticed()
	}
	return row
}

// FirstSince dates the state of a session that was not known. A waiting session
// waits since it was created. A state that Stripe soon ends, and an erasure, which
// comes long after all else, are dated when they were seen: the session has been so
// for at least as long. A verdict or a cancellation that is read back is dated when
// the session was created: it came soon after that and may be years old. News is
// dated when it came. An event gives the time itself, see Batch.Began.
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

// Update returns a known row as the sighting makes it. sent is Origin.Sent of the
// answer that the row shows, zero when it is not known. took tells whether the sighting counts:
// then the new row replaces the known one and the sighting's Sent goes with it.
// shows tells whether anything that can be seen changed by that.
//
// A sighting does not count when it takes back what Stripe never takes back,
// however new it says it is, or when it was read before the row: by the
// server's clock in whole seconds, and within one second by when the requests
// were sent. A readable session is not replaced by one that can't be read.
func (s Sighting) Update(known Row, sent time.Time) (row Row, took, shows bool) {
	row = RowOf(s.Session)
	row.Created = known.Created // it is the row's place, which can't change
	switch {
	case s.before(known.AsOf, sent):
		return known, false, false
	case row.Unreadable != "": // what was readable once stays, with that to say
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
	row.Tries, row.Since, row.Rough, row.Changed, row.AsOf = known.Tries, known.Since, known.Rough, known.Changed, s.At
	if row.State != known.State || failedAgain(known, row) {
		row.Since, row.Rough = s.At.Truncate(time.Second), true
	}
	if s.News {
		row.Changed = s.noticed()
	}
	return row, true, true
}

// Update returns a row that is dated by the beginning; news is false when the date
// is known, or the beginning was that of another state.
func (b Beginning) Update(row Row) (_ Row, news bool) {
	if row.State != b.State || row.Since.Equal(b.At.Time()) && !row.Rough {
		return row, false
	}
	row.Since, row.Rough = b.At.Time(), false
	return row, true
}

// failedAgain tells whether a session that is failed has been tried between.
func failedAgain(known, row Row) bool {
	return row.State == client.StateFailed && (row.ErrorCode != known.ErrorCode || row.ReportID != known.ReportID)
}

// before tells whether sessions of this origin are older than a row that was so at
// asOf, by an answer that was asked for at sent.
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

// noticed is when this machine learned of it.
func (o Origin) noticed() time.Time {
	if o.Sent.IsZero() {
		return o.At
	}
	return o.Sent
}

// takesBack tells whether a session can't go from one state to the other: a
// redaction stays, a finished one stays finished, and what is canceled can only
// be redacted. A verdict is not final: Stripe's Dashboard can turn it round.
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
