package mirror

import (
	"reflect"
	"time"

	"idtop/client"
	"idtop/client/query"
)

// States is a set of states; the empty set stands for all.
type States uint16

// StatesOf returns the set of the given states.
func StatesOf(states ...client.State) States {
	var set States
	for _, s := range states {
		set |= 1 << s
	}
	return set
}

// Has tells whether the set holds s; the empty set holds all.
func (set States) Has(s client.State) bool { return set == 0 || set&(1<<s) != 0 }

// Column is a column that rows can be ordered by.
type Column uint8

// The columns. ByBest orders a search by how well rows match, and a list without a
// query by age. Every order breaks ties newest first.
const (
	ByBest Column = iota
	ByAge
	ByState
	ByUser
	ByReason
	ByTries
	BySince // newest in its state first
	ByDoc
	ByCountry
	ByAttempts // most first
	ColumnCount
)

// Order is a column and a direction; the zero Order is best match or newest
// first.
type Order struct {
	Column  Column
	Reverse bool
}

// Request asks for a window of the matching rows.
type Request struct {
	Query  query.Query
	Now    time.Time // the server's clock, in the zone whose days Query means; needed if Query.Timed
	States States
	Order  Order
	UserID string   // only the sessions of exactly this user_id; "" does not limit
	Alike  bool     // also sessions of user_ids that look like UserID
	Only   []string // only these ids; nil does not limit
	Marked []string // ids to be counted in Page.Marked
	Near   []string // the window lies around the first of these ids that matches
	At     int      // the window lies around this index when none of Near matches
	Rows   int      // how many rows to return at most
	Whole  bool     // wait until the store has read its files: the page is not Loading

	Values string // the name of a term whose values among the matching rows are counted, see Page.Values
	Begun  string // of a name that IsText, only values that begin with this: this value, and the most frequent ones, the newer first, query.MostCandidates at most

	Metadata []string // the keys whose values each row brings, see Hit.Metadata

	Reasons    bool // below the rows, those whose reason has words that their user_id has not, see Page.ByReason
	AsTyped    bool // only rows that contain the words of Query as typed, see query.Query.AsTyped
	Unreadable bool // only rows with a Row.Unreadable

	Screen <-chan struct{} // the screen that asks, see Wish.Screen: each has its last answers cached
}

// SameRows tells whether two requests have the same rows in the same order, so
// that they differ at most in the window and in Marked. The time counts where the query
// depends on it.
func (r Request) SameRows(other Request) bool {
	conditions := func(r Request) Request {
		r.Marked, r.Near, r.At, r.Rows, r.Whole, r.Screen, r.Values, r.Begun = nil, nil, 0, 0, false, nil, "", ""
		r.Query, r.Now, r.Metadata = query.Query{}, time.Time{}, nil
		return r
	}
	return r.Order == other.Order && r.States == other.States && r.Query.String() == other.Query.String() && // spares the slow rest, mostly
		(!r.Query.Timed() || r.Now.Unix() == other.Now.Unix()) && reflect.DeepEqual(conditions(r), conditions(other))
}

// Hit is a row of a page with the letters that matched the query.
type Hit struct {
	Row
	Marks query.Marks
	Apart bool // it does not contain the words as typed, see query.Query.AsTyped

	Metadata []string // the values of Request.Metadata that are kept, "" for none; nil while the page is Loading
}

// Alike is a user_id that looks like another, see query.LookAlike, and the number
// of its sessions.
type Alike struct {
	UserID   string
	Sessions int
}

// Page is the answer to a Request.
type Page struct {
	Rows      []Hit
	First     int // index of Rows[0] among all matching rows
	At        int // index of the row around which the window lies; -1 when nothing matches
	Total     int // how many rows match
	Counts    Counts
	Elsewhere []string      // words that match no user_id, see query.Query.Marks
	Alike     []Alike       // the user_ids that look like Request.UserID
	Marked    int           // how many of Request.Marked match
	Values    []query.Value // of the term Request.Values: those that rows have, and those that are offered
	Apart     int           // how many of Found, the last ones, have the letters of a word apart; 0 as well in other orders than the best first, and while they are far below Rows
	ByReason  int           // how many of Total, the last ones, are there for their reason; they are none with Request.AsTyped
	Unknown   int           // how many more rows could match if their reports were known
	Loading   bool          // the store still reads its files: changes by other processes may be missing, and Row.Tries
}

// Found is how many rows match, without those that are there for their reason.
func (p Page) Found() int { return p.Total - p.ByReason }

// Counts are the numbers of known sessions, independent of the query.
type Counts struct {
	All        int
	State      [client.StateCount]int
	Unreadable int // how many of All have a Row.Unreadable
}

// Of returns how many sessions are in the states of the set.
func (c Counts) Of(set States) int {
	if set == 0 {
		return c.All
	}
	n := 0
	for s, count := range c.State {
		if set.Has(client.State(s)) {
			n += count
		}
	}
	return n
}
