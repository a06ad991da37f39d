// Package act is all actions of an operator with one key on one account: jobs, a
// new session, its metadata, a fresh link, revealing and copying.
//
// Its one rule: no record, no action. The record of an action is on the disk before
// its request is sent; if it can't be written, nothing is sent and nothing is
// shown.
package act

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// Desk carries out an operator's actions with one key on one account. It is safe
// for concurrent use.
type Desk struct {
	API     client.API
	Ledger  *ledger.Book
	Journal *plan.Journal // of the jobs
	Runner  *plan.Runner  // carries them out; jobs are begun through the Desk
	Gate    *client.Gate  // while it is closed, nothing is changed; nil is always open
	Key     client.Key
	Account string
	actor   ledger.Actor // zero: the actor of the book
	shared  bool         // another Desk closes the book
	dir     string
	tool    string
	store   mirror.Store

	reasons        Reasons
	reasonRequired bool

	mu   sync.Mutex
	runs []*plan.Run // begun by this Desk
	why  string      // why writing was switched on, in a live account
	gate uint64      // the record of that, or of a test account's; 0: writing is off, or was on from the start
}

func (d *Desk) act(verb ledger.Verb, session, userID string) ledger.Act {
	return ledger.Act{Actor: d.actor, Verb: verb, Key: d.Key, Account: d.Account, Session: session, UserID: userID}
}

// Actor is the operator of this Desk, as the records name it.
func (d *Desk) Actor() ledger.Actor { return cmp.Or(d.actor, d.Ledger.Actor()) }

// mayWrite tells whether this operator may change something now. The transport asks
// the same gate again, for each request.
func (d *Desk) mayWrite() bool { return d.Gate == nil || d.Gate.IsOpen() }

// refusal says why nothing is changed while the gate is closed.
func (d *Desk) refusal(op, session string) error {
	if d.mayWrite() {
		return nil
	}
	return client.Refusal(op, session, "idtop is in read-only mode, in which it changes nothing at Stripe")
}

// Create starts a verification. A repetition with the same key makes no second one.
func (d *Desk) Create(ctx context.Context, params client.SessionCreateParams, key string) (client.Session, error) {
	intent := d.act(ledger.Create, "", params.Metadata["user_id"])
	intent.Idempotency = key
	return d.send(intent, func() (client.Session, error) { return d.API.CreateSession(ctx, params, key) })
}

// SetMetadata changes metadata of a session, which must be in requires_input; an
// empty value removes its key. The ledger gets the names of the keys, not their
// values.
func (d *Desk) SetMetadata(ctx context.Context, id, userID string, changes map[string]string, key string) (client.Session, error) {
	intent := d.act(ledger.Update, id, userID)
	intent.Idempotency = key
	intent.Detail = "metadata " + strings.Join(slices.Sorted(maps.Keys(changes)), ", ")
	return d.send(intent, func() (client.Session, error) {
		return d.API.UpdateSession(ctx, id, client.SessionUpdateParams{Metadata: changes}, key)
	})
}

// Link reads a fresh link of a session, for the person alone.
func (d *Desk) Link(ctx context.Context, id, userID string) (client.Private, error) {
	entry, err := d.Ledger.Intend(d.act(ledger.Link, id, userID))
	if err != nil {
		return "", err
	}
	link, err := d.API.SessionLink(ctx, id)
	if err := errors.Join(err, entry.Settle(outcome(client.Session{}, err))); err != nil {
		return "", err
	}
	return link, nil
}

// Note records an action of one step: showing outputs, copying, switching writing on.
// After an error the action must not happen.
func (d *Desk) Note(verb ledger.Verb, id, userID, detail, reason string) error {
	if err := d.reasons.check(context.Background(), reason, []string{userID}); err != nil {
		return err
	}
	note := d.act(verb, id, userID)
	note.Detail, note.Reason = detail, reason
	head, err := d.Ledger.Note(note)
	if err == nil && verb == ledger.WriteMode {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.gate = head.Seq; detail == "off" {
			d.gate = 0
		}
		if d.Key.Live() {
			d.why = reason
		}
	}
	return err
}

// openedBy is the record of the :write that this operator acts under, 0 for none.
func (d *Desk) openedBy() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gate
}

// whyWriting is the operator's reason for changing a live account. Actions without
// a reason of their own are recorded with it.
func (d *Desk) whyWriting() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.why
}

// send carries out an intent and records its outcome.
func (d *Desk) send(intent ledger.Act, post func() (client.Session, error)) (client.Session, error) {
	if err := d.refusal(string(intent.Verb), intent.Session); err != nil {
		return client.Session{}, err
	}
	intent.Reason = d.whyWriting()
	entry, err := d.Ledger.Intend(intent)
	if err != nil {
		return client.Session{}, err
	}
	sent := time.Now()
	session, err := post()
	if err == nil {
		d.show(session, sent)
	}
	if noted := entry.Settle(outcome(session, err)); noted != nil && err == nil {
		return session, fmt.Errorf("%s %s was done, and what came of it could not be recorded: %w", intent.Verb, session.ID, noted)
	}
	return session, err
}

// outcome is the ledger's record of an answer.
func outcome(session client.Session, err error) ledger.Outcome {
	if err == nil {
		o := ledger.Outcome{Result: ledger.Succeeded, Session: session.ID, After: ledger.StatusesOf(session), RequestID: session.RequestID, Server: session.Date}
		if session.ID != "" {
			o.HTTP = http.StatusOK
		}
		return o
	}
	o := ledger.Outcome{Result: ledger.Failed, Detail: client.KindOf(err).What()}
	var e *client.Error
	if errors.As(err, &e) {
		o.HTTP, o.RequestID, o.Server = e.Status, e.RequestID, e.Date
		if e.Undecided {
			o.Result = ledger.Unknown
		}
	}
	return o
}
