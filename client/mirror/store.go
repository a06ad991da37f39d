package mirror

import (
	"context"
	"errors"
	"time"

	"idtop/client"
)

// Store is the local copy. Rows may be in memory or on a shared SQL server, so
// query, order and window are arguments, and no caller asks for all rows. All
// methods are safe for concurrent use. Several processes may have one mirror open:
// each may Apply the answers it got, and one of them leads and commits what its
// Syncer reads.
type Store interface {
	// Find answers with the rows of a window. It fails only when ctx ends or
	// the store can't be read.
	Find(ctx context.Context, request Request) (Page, error)
	// Counts counts the sessions of several lists in one pass. It waits until the store has
	// read all its files, and fails as Find does.
	Counts(ctx context.Context, requests []CountRequest, own Owned) ([]Count, error)
	// Get returns the row of an id; ok is false when it is not known.
	Get(ctx context.Context, id string) (row Row, ok bool, err error)
	// Reports returns the known reports of sessions by their ids, oldest first.
	Reports(ctx context.Context, ids ...string) (map[string][]client.ReportFacts, error)
	// Tally counts the attempts of a period. Only attempts that the mirror has are
	// counted: Status.Reports says which are.
	Tally(ctx context.Context, request TallyRequest) (Tally, error)
	// People groups the sessions that a Request lists by their user_id.
	People(ctx context.Context, request PeopleRequest) (People, error)
	// Stays counts how long sessions were in processing, of all histories: those that
	// left it in [from, until). It knows no more than History does.
	Stays(ctx context.Context, from, until client.Unix) (Lengths, error)
	// IDs lists the ids of the sessions in the given states, newest first.
	IDs(ctx context.Context, states States) ([]string, error)
	// Within lists the ids of the sessions created in a window, newest first; it
	// ignores Window.After.
	Within(ctx context.Context, window Window) ([]string, error)
	// History returns what is known of a session's changes, oldest first; nil when
	// nothing is. It outlives the row.
	History(ctx context.Context, id string) ([]Change, error)
	// Subscribe returns a channel that is signaled at once, and after each change of
	// rows, here or in another process, until ctx ends. Signaling never blocks. Each
	// reader has its own channel.
	Subscribe(ctx context.Context) <-chan struct{}

	// Apply records sessions as the API gave them; see Origin. It needs no
	// leadership: a process's own answers show at once.
	Apply(ctx context.Context, seen Origin, sessions ...client.Session) error

	// Lead makes this process the one that commits, until Resign or Close. ok is
	// false while another process leads. Every leadership has a higher epoch than
	// all before it.
	Lead(ctx context.Context) (epoch uint64, ok bool, err error)
	// Resign ends a leadership; another process may lead at once.
	Resign(epoch uint64) error
	// Commit records all of a batch or nothing. It fails with ErrFenced when the
	// epoch is not the epoch of the present leadership.
	Commit(ctx context.Context, epoch uint64, batch Batch) error
	// Progress returns the last committed progress; the zero Progress when there is
	// none.
	Progress(ctx context.Context) (Progress, error)
	// Handled tells which events a batch has recorded, in the order of ids.
	// Events are forgotten EventsKept after they were created.
	Handled(ctx context.Context, ids []string) ([]bool, error)

	// AddReads adds to the number of requests in a period, counted over all
	// processes, and returns the sum. A period is any name, such as "2026-11" for a
	// month and "2026-11-23" for a day; each is counted by itself.
	AddReads(ctx context.Context, period string, n int64) (total int64, err error)

	// Close releases everything. Nothing may be called after it.
	Close() error
}

// Owner names the owner of a mirror's sessions: an account in one of its two modes.
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

// ErrFenced refuses a Commit because another process leads now.
var ErrFenced = errors.New("another idtop keeps this mirror now")

// EventsKept is how long a recorded event is remembered, counted back from
// Progress.Tail. Late events come seconds to minutes later, not days.
const EventsKept = 24 * time.Hour
