// Package timeline puts what is known of one session in the order of time: its changes
// of state, its attempts with their checks, and what was done here. It compares two.
//
// Its one rule: a timeline says from where it knows each thing, and what it does not
// know. It reads the mirror and the ledger, and never Stripe.
package timeline

import (
	"context"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
)

// Known is all that is known of one session.
type Known struct {
	ID      string
	Row     mirror.Row // zero when the mirror has none
	Changes []mirror.Change
	Reports []client.ReportFacts // oldest first
	Records []ledger.Record      // about the session, oldest first
	NoBook  string               // why there are no Records, "" when the ledger was read
}

// Nothing tells whether nothing at all is known.
func (k Known) Nothing() bool {
	return k.Row.ID == "" && len(k.Changes) == 0 && len(k.Reports) == 0 && len(k.Records) == 0
}

// Read reads what is known of a session. book may be nil.
func Read(ctx context.Context, store mirror.Store, book *ledger.Book, id string) (k Known, err error) {
	k.ID = id
	if k.Row, _, err = store.Get(ctx, id); err != nil {
		return k, err
	}
	if k.Changes, err = store.History(ctx, id); err != nil {
		return k, err
	}
	reports, err := store.Reports(ctx, id)
	if err != nil {
		return k, err
	}
	k.Reports = reports[id]
	if book == nil {
		k.NoBook = "no ledger is open"
		return k, nil
	}
	k.Records, err = book.OfSession(id)
	return k, err
}
