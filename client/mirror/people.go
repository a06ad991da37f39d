package mirror

import "idtop/client"

// PeopleOrder is an order of people. Those who are equal in it come by their newest
// session, newest first, then by user_id.
type PeopleOrder uint8

// The orders. Of two people with as many failed attempts, the one with the newest
// failure comes first, and the other way round.
const (
	ByFailures    PeopleOrder = iota // most failed attempts first
	ByLastFailure                    // newest failure first; who never failed comes last
	PeopleOrders
)

// PeopleRequest asks for a window of the people whose sessions a Request lists. Of the
// Request, its Order, Near, Marked and Values do not matter; At and Rows count people.
type PeopleRequest struct {
	Request
	By     PeopleOrder
	Around string // the window lies around this user_id if it is among them, else around At
}

// Person is all that the mirror has of a user_id. A session that is redacted or being
// redacted is nobody's any more.
type Person struct {
	UserID   string
	Listed   int // their sessions that the request lists
	Sessions int // all of theirs
	State    [client.StateCount]int
	Failed   int // attempts of theirs that failed: reports, failures without one, and failed sessions of which neither is known
	Failure
	First   client.Unix      // when their oldest session was created
	Newest  client.Unix      // when their newest session was created
	Session string           // the id of that one
	History [][]client.State // how the attempts of each session ended and what became of it, both oldest first; of the newest HistoryMost sessions
}

// HistoryMost is how many sessions Person.History has at most.
const HistoryMost = 40

// Open is how many of their sessions wait for the person or are being checked.
func (s Person) Open() int { return s.State[client.StateWaiting] + s.State[client.StateProcessing] }

// Failure is when and why something failed; At is 0 when nothing did. Of a session that
// is failed, it is the time and the reason of that state, else those of its last attempt
// that failed.
type Failure struct {
	At    client.Unix
	Rough bool // At is a Row.Since that is Rough
	Code  string
}

// After tells whether a failure is newer than another. Of two at the same time the one
// whose time is exact is, then the one whose code is first in the alphabet.
func (f Failure) After(other Failure) bool {
	switch {
	case f.At != other.At:
		return f.At > other.At
	case f.Rough != other.Rough:
		return other.Rough
	}
	return f.Code < other.Code
}

// People is the answer to a PeopleRequest.
type People struct {
	People   []Person
	First    int // index of People[0] among all who are listed
	At       int // index of the one around whom the window lies; -1 when nobody is listed
	Total    int // how many are listed
	Failing  int // how many of them have a session that is failed
	Known    int // how many people the mirror has
	Sessions int // how many sessions the request lists
	Nobody   int // listed sessions that never had a user_id, or whose user_id is erased
	Erased   int // those of them that are redacted or being redacted
	Rare     int // so many sessions, or more, have at most one in a hundred of all people; at least 3
}
