package act

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// Config holds a Desk's parts. Dir, API, Key and Store are required.
type Config struct {
	Dir     string // the folder of all that idtop keeps, with the book of this account and mode
	API     client.API
	Once    client.API // API without repeats, for the jobs; nil stands for API
	Pace    plan.Pace  // makes the requests of both wait for their turn; may be nil
	Key     client.Key
	Account string       // acct_..., or the name of the mirror when the account is not known
	Book    string       // the name of the book; "" stands for the account and mode
	Store   mirror.Store // gets the server's answers at once, and tells the user_id of a session
	Ledger  ledger.Options
	Gate    *client.Gate // while it is closed, waiting items go on waiting; may be nil
	// ReasonRequired refuses jobs without a reason.
	ReasonRequired bool
	// Ticket matches a ticket, which a reason may contain even if it is a user_id;
	// nil allows none. It has to match the whole text.
	Ticket *regexp.Regexp
}

// Open opens the book of an account and mode. Without it nothing may be changed. The
// errors name the cause and have a Hint.
func Open(c Config) (*Desk, error) {
	if err := OpenBefore(c.Dir); err != nil {
		return nil, err
	}
	c.Ledger.Before = c.Dir
	book, err := ledger.Open(c.bookDir(), c.Ledger)
	if err != nil {
		return nil, err
	}
	d := &Desk{API: c.API, Ledger: book, Gate: c.Gate, Key: c.Key, Account: c.Account, dir: c.Dir, tool: c.Ledger.Tool, reasonRequired: c.ReasonRequired, reasons: Reasons{c.Store, c.Ticket}, store: c.Store}
	if d.Journal, err = plan.JournalOf(book); err == nil {
		err = d.settleOrphans()
	}
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	d.serve(c.Once, c.Pace)
	return d, nil
}

// serve gives the Desk its Runner, with an API that sends each request once.
func (d *Desk) serve(once client.API, pace plan.Pace) {
	if once == nil {
		once = d.API
	}
	d.Runner = plan.NewRunner(plan.Config{
		Journal: d.Journal, API: once, Pace: pace, Act: func(verb ledger.Verb, session string) ledger.Act { return d.act(verb, session, d.userID(session)) },
		Account: d.Account, Live: d.Key.Live(), Sink: d.show, MayWrite: d.mayWrite, Known: d.known,
	})
}

// Operator is a further operator at the same book, with a Desk of their own.
type Operator struct {
	Actor ledger.Actor
	Gate  *client.Gate // opened by :write of this operator
	API   client.API   // behind that gate
	Once  client.API   // API without repeats; nil stands for API
	Pace  plan.Pace
}

// For returns a Desk of another operator over the same book and account. It has to
// be closed before d.
func (d *Desk) For(o Operator) *Desk {
	other := &Desk{
		API: o.API, Ledger: d.Ledger, Journal: d.Journal, Gate: o.Gate, Key: d.Key, Account: d.Account, actor: o.Actor, shared: true,
		dir: d.dir, tool: d.tool, store: d.store, reasonRequired: d.reasonRequired, reasons: d.reasons,
	}
	other.serve(o.Once, o.Pace)
	return other
}

func (c Config) bookDir() string {
	if c.Book != "" {
		return filepath.Join(c.Dir, "books", c.Book)
	}
	return ledger.BookDir(c.Dir, c.Account, c.Key.Live())
}

// orphanAge is longer than any request takes.
const orphanAge = time.Hour

// settleOrphans records an unknown outcome for each intent that belongs to no job
// and no process: the program was ended, or could not record the outcome. A younger
// intent may be another process's, still under way.
func (d *Desk) settleOrphans() error {
	pending, err := d.Ledger.Pending(ledger.Query{})
	if err != nil {
		return err
	}
	for _, entry := range pending {
		if r := entry.Intent(); r.Job != "" || !d.Ledger.Alone() && time.Since(r.Time) < orphanAge {
			continue
		}
		err := entry.Settle(ledger.Outcome{Result: ledger.Unknown, Detail: "idtop ended before it had recorded the outcome: look at the session"})
		if err != nil && !errors.Is(err, ledger.ErrSettled) {
			return err
		}
	}
	return nil
}

// Close waits for the jobs begun here and closes the book. To stop them early, end
// their context first. The Runner's Follow has to be over.
func (d *Desk) Close() error {
	d.Wait()
	if d.shared {
		return nil
	}
	return errors.Join(d.Journal.Close(), d.Ledger.Close())
}

// known is the mirror's row of a session. The mirror follows redactions, so the jobs
// need not.
func (d *Desk) known(ctx context.Context, id string) (state client.State, at time.Time, ok bool) {
	row, ok, err := d.store.Get(ctx, id)
	return row.State, row.AsOf, ok && err == nil
}

// userID is the user_id of a session in the mirror, "" when it has none.
func (d *Desk) userID(id string) string { return userIDIn(d.store, id) }

func userIDIn(store mirror.Store, id string) string {
	row, _, _ := store.Get(context.Background(), id)
	return row.UserID
}
