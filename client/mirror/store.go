package mirror

import (
	"context"
	"errors"
	"reflect"
	"time"

	"idtop/client"
	"idtop/client/query"
)

// Store is the local copy. Rows may be in memory or at a shared SQL server, so the
// query, the order and the window are arguments, and nobody asks for all rows. All
// methods may be called at the same time from several goroutines, and several
// processes may have one mirror open: any of them may Apply the answers it got,
// one of them leads and commits what its Syncer reads.
type Store interface {
	// Find answers with the rows of a window. It fails only when ctx ends or
	// the store can't be read.
	Find(ctx context.Context, request Request) (Page, error)
	// Get returns the row of an id; ok is false when it is not known.
	Get(ctx context.Context, id string) (row Row, ok bool, err error)
	// IDs lists the ids of the sessions in the given states, newest first.
	IDs(ctx context.Context, states States) ([]string, error)
	// Within lists the ids of the sessions created in a window, newest first;
	// Window.After does not count.
	Within(ctx context.Context, window Window) ([]string, error)
	// Subscribe returns a channel that is signaled at once and, without blocking,
	// after rows have changed, here or in another process, until ctx ends. Each
	// reader has its own.
	Subscribe(ctx context.Context) <-chan struct{}

	// Apply records sessions as the API gave them; see Origin. It needs no
	// leadership: an answer to this process shows at once.
	Apply(ctx context.Context, seen Origin, sessions ...client.Session) error

	// Lead makes this process the one that commits, until Resign or Close. ok is
	// false while another leads. Every leadership has a higher epoch than all
	// before it.
	Lead(ctx context.Context) (epoch uint64, ok bool, err error)
	// Resign ends a leadership; another process may lead at once.
	Resign(epoch uint64) error
	// Commit records all of a batch or nothing. It fails with ErrFenced when the
	// epoch is not that of the present leadership.
	Commit(ctx context.Context, epoch uint64, batch Batch) error
	// Progress returns what was last committed; the zero Progress when nothing was.
	Progress(ctx context.Context) (Progress, error)
	// Handled tells which events a batch has recorded, in the order of ids.
	// Events are forgotten EventsKept after they were created.
	Handled(ctx context.Context, ids []string) ([]bool, error)

	// AddReads adds to the number of requests in a period, by all processes
	// together, and returns it. A period is any name, such as "2026-11" for a month
	// and "2026-11-23" for a day, and is counted apart from all others.
	AddReads(ctx context.Context, period string, n int64) (total int64, err error)

	// Close releases everything. Nothing may be called after it.
	Close() error
}

// Owner is whose sessions a mirror holds: an account in one of its two modes.
type Owner struct {
	Account  string
	Livemode bool
}

// String names the account and the mode.
func (o Owner) String() string {
	if o.Livemode {
		return o.Account + " (live)"
	}
	return o.Account + " (test)"
}

// ErrFenced is why a Commit is refused: another process leads meanwhile.
var ErrFenced = errors.New("another idtop keeps this mirror now")

// EventsKept is how long an event that was recorded is remembered, counted from
// Progress.Tail. Late events come seconds to minutes later, not days.
const EventsKept = 24 * time.Hour

// Batch is one commit of a leader. Its parts are recorded in this order.
type Batch struct {
	Sightings []Sighting
	Began     []Beginning // ignored for sessions in another state
	Gone      []string    // ids that the server does not know any more: their rows go
	Events    []EventMark // events whose news is in this batch
	Progress  Progress    // replaces the last one
}

// EventMark names an event that was dealt with.
type EventMark struct {
	ID      string
	Created client.Unix
}

// Progress is how much of the account the mirror knows. All times are the
// server's.
type Progress struct {
	Anchor  client.Unix // the tail began here, before the first list was read; 0: not begun
	Tail    client.Unix // created of the newest event that was dealt with, or Anchor
	Checked client.Unix // all that could be seen then is known, but for Open; 0: never
	Oldest  client.Unix // no session is older; 0: not known yet
	Open    []Window    // not read yet, newest first; they do not overlap
	Sweep   Sweep       // the walk over all that is known, to find what no event tells
	Horizon client.Unix `json:",omitzero"` // the server's clock was moved back: rows up to this time may be of the clock before
	Ahead   client.Unix `json:",omitzero"` // how many seconds the server's clock was ahead of this machine's
	Lost    int         // how many sessions had no id that could be read, when all were listed last: they have no row
	Stale   bool        // the tail was interrupted for so long that Open is read anew, not for the first time
}

// Window is the sessions created in [From, Until). After is set when the newest
// second of the window has more sessions than a page: those of this id and
// before it in the list were read.
type Window struct {
	From, Until client.Unix
	After       string `json:",omitzero"`
}

// Sweep is a slow walk from the newest session to the oldest.
type Sweep struct {
	Began client.Unix // when this walk began; 0: none is under way
	Rest  Window      // what it has still to read
	Last  client.Unix // when the last whole walk began; 0: none did
	Ended client.Unix // when it ended
	Lost  int         // Progress.Lost of this walk so far
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

// Column is a column that rows can be ordered by.
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
	BySince // newest in its state first
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
	Reason string // an error code that the rows must have; "": any or none
	Order  Order
	UserID string   // only the sessions of exactly this user_id; "" does not limit
	Alike  bool     // those of user_ids that look like UserID too
	Only   []string // only these ids; nil does not limit
	Marked []string // the ids whose matches are counted, see Page.Marked
	Near   []string // the window lies round the first of these ids that matches
	At     int      // round this index when none does
	Rows   int      // how many rows to hand over at most
	Whole  bool     // wait until the store has read its files: the page is not Loading

	AsTyped    bool // only rows that have the words of Query as typed, see query.Query.AsTyped
	Unreadable bool // only those with a Row.Unreadable
}

// SameRows tells whether two requests have the same rows in the same order, so
// that they differ at most in the window and in Marked.
func (r Request) SameRows(other Request) bool {
	conditions := func(r Request) Request {
		r.Marked, r.Near, r.At, r.Rows, r.Whole = nil, nil, 0, 0, false
		return r
	}
	return r.Order == other.Order && r.States == other.States && r.Reason == other.Reason && // spares the slow rest, mostly
		reflect.DeepEqual(conditions(r), conditions(other))
}

// Hit is a row of a page with the letters that the query matched.
type Hit struct {
	Row
	Marks query.Marks
	Apart bool // it does not have the words as typed, see query.Query.AsTyped
}

// Alike is a user_id that looks like another, see query.LookAlike, and how many
// sessions it has.
type Alike struct {
	UserID   string
	Sessions int
}

// Page is the answer to a Request.
type Page struct {
	Rows      []Hit
	First     int // index of Rows[0] among all that match
	At        int // index of the row that the window lies round; -1 when nothing matches
	Total     int // how many rows match
	Counts    Counts
	Elsewhere []string // words that match no user_id, see query.Query.Marks
	Alike     []Alike  // the user_ids that look like Request.UserID
	Marked    int      // how many of Request.Marked match
	Loading   bool     // the store still reads its files: changes by others may be missing, and Row.Tries
}

// Counts are the numbers of known sessions, whatever the query.
type Counts struct {
	All        int
	State      [client.StateCount]int
	Unreadable int // of all, those with a Row.Unreadable
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
