package act

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// Config is what a Desk works with. Dir, API, Key and Store are needed.
type Config struct {
	Dir string // of the ledger; it is made if it is missing
	// JournalDir is where the journal of the jobs is, one for each account and
	// mode; "" is Dir.
	JournalDir string
	API        client.API
	Key        client.Key
	Account    string       // acct_..., or what the mirror is named by when that is not known
	Store      mirror.Store // shows at once what the server answered, and tells whose session an id is
	Ledger     ledger.Options
	Gate       *client.Gate // while it is closed, what waits goes on waiting; may be nil
	// ReasonRequired refuses jobs without a reason.
	ReasonRequired bool
	// Ticket is what a reason may hold although it is somebody's user_id; nil is
	// nothing. It has to match as a whole.
	Ticket *regexp.Regexp
	Rate   float64 // requests a second of all jobs together; 0 suits Stripe's limits
}

// Open opens the ledger and the journal of a folder. Without them nothing may be
// changed. The errors say what is wrong and have a Hint.
func Open(c Config) (*Desk, error) {
	book, err := ledger.Open(c.Dir, c.Ledger)
	if err != nil {
		return nil, err
	}
	journal, err := plan.OpenJournal(cmp.Or(c.JournalDir, c.Dir))
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	d := &Desk{API: c.API, Ledger: book, Journal: journal, Key: c.Key, Account: c.Account, dir: c.Dir, tool: c.Ledger.Tool, reasonRequired: c.ReasonRequired, ticket: c.Ticket, store: c.Store}
	mayWrite := func() bool { return c.Gate == nil || c.Gate.IsOpen() }
	d.Runner = plan.NewRunner(plan.Config{
		Journal: journal, API: c.API, Ledger: &records{desk: d, open: map[string]*ledger.Entry{}},
		Account: c.Account, Live: c.Key.Live(), Sink: d.show, Rate: c.Rate, MayWrite: mayWrite,
	})
	return d, nil
}

// Close waits for the jobs that were begun here, whose context has to have ended
// unless they are to come to their end, and closes ledger and journal. Follow of
// the Runner has to be over.
func (d *Desk) Close() error {
	d.Wait()
	return errors.Join(d.Journal.Close(), d.Ledger.Close())
}

// show gives the mirror a session that the server answered with. What the mirror
// can't take now it reads by itself later.
func (d *Desk) show(session client.Session, sent time.Time) {
	at := session.Date
	if at.IsZero() {
		at = sent
	}
	_ = d.store.Apply(context.Background(), mirror.Origin{At: at, Sent: sent, News: true}, session)
}

// userID is whose session an id is, as far as the mirror knows.
func (d *Desk) userID(id string) string {
	row, _, _ := d.store.Get(context.Background(), id)
	return row.UserID
}
