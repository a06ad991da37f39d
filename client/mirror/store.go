package mirror

import (
	"context"
	"time"

	"idtop/client"
	"idtop/client/query"
)

// Store is the local copy. It is written for an implementation that keeps all
// in memory and for one that asks a shared SQL server: the query, the order and
// the window are arguments, and nobody asks for all rows. All methods may be
// called at the same time from several goroutines.
type Store interface {
	// Find answers with the rows of a window. It fails only when ctx ends or
	// the store can't be read.
	Find(ctx context.Context, request Request) (Page, error)
	// Get returns the row of an id; ok is false when it is not known.
	Get(ctx context.Context, id string) (row Row, ok bool, err error)
	// IDs lists the ids of the sessions in the given states, newest first.
	IDs(ctx context.Context, states States) ([]string, error)
	// Apply records sessions as the API gave them; see Seen.
	Apply(ctx context.Context, seen Seen, sessions ...client.Session) error
	// Began notes when a session came to the state that it is in, as an event
	// tells; it does nothing for a session in another state.
	Began(ctx context.Context, id string, state client.State, at time.Time) error
	// Changed is signaled, without blocking, after rows have changed.
	Changed() <-chan struct{}
}

// Seen says when sessions were read. At is when a GET was sent or when the
// answer of a POST came: a row is not overwritten by what was read before it.
// News marks rows that come or change as fresh; a back-fill does not.
type Seen struct {
	At   time.Time
	News bool
}

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

// Column is what rows are ordered by.
type Column uint8

// The columns. ByBest orders a search by how well rows match, and a list
// without a search by age. Every order breaks ties newest first.
const (
	ByBest Column = iota
	ByAge
	ByState
	ByUser
	ByReason
	ByTries
)

// Order is a column and a direction; the zero Order is best match or newest
// first.
type Order struct {
	Column  Column
	Reverse bool
}

// Request asks for a window of the rows that match.
type Request struct {
	Query  query.Query
	States States
	Order  Order
	Near   []string // the window lies round the first of these ids that matches
	At     int      // round this index when none does
	Rows   int      // how many rows to hand over at most
}

// Hit is a row of a page with the letters that the query matched.
type Hit struct {
	Row
	Marks query.Marks
}

// Page is the answer to a Request.
type Page struct {
	Rows      []Hit
	First     int // index of Rows[0] among all that match
	At        int // index of the row that the window lies round; -1 when nothing matches
	Total     int // how many rows match
	Counts    Counts
	Elsewhere []string // words that match no user_id, see query.Result
}

// Counts are the numbers of known sessions, whatever the query.
type Counts struct {
	All   int
	State [client.StateCount]int
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
