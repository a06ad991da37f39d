package act

import (
	"fmt"
	"sync"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/plan"
)

// records is the ledger as the Runner writes to it. It keeps the entries of what
// is under way by their idempotency keys.
type records struct {
	desk *Desk

	mu   sync.Mutex
	open map[string]*ledger.Entry
}

// Intend implements plan.Ledger.
func (r *records) Intend(i plan.Intent) error {
	entry, err := r.desk.Ledger.Intend(r.act(i))
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[i.Key] = entry
	return nil
}

// Settle implements plan.Ledger. What an earlier run of the program intended is
// found in the ledger itself.
func (r *records) Settle(i plan.Intent, o plan.Outcome) error {
	entry, err := r.entry(i, result(o.Result))
	if err != nil || entry == nil {
		return err
	}
	done := ledger.Outcome{
		Result: result(o.Result), After: stateWords(o.After), HTTP: o.Status, RequestID: o.RequestID, Detail: o.Words,
	}
	if o.Recovered {
		done.Detail = "found by looking at the session: no answer told it"
	}
	if err := entry.Done(done); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, i.Key)
	return nil
}

// entry returns the intent that is to be settled: one of this run of the
// program, or one that the ledger has without an outcome. It is nil when the
// ledger has this outcome already.
func (r *records) entry(i plan.Intent, result ledger.Result) (*ledger.Entry, error) {
	r.mu.Lock()
	entry := r.open[i.Key]
	r.mu.Unlock()
	if entry != nil {
		return entry, nil
	}
	query := ledger.Query{Session: i.Session, Job: number(i.Job), Plan: i.Plan}
	pending, err := r.desk.Ledger.Pending(query)
	if err != nil {
		return nil, err
	}
	for _, entry := range pending {
		if entry.Intent().Idempotency == i.Key {
			return entry, nil
		}
	}
	var last ledger.Record
	for record, err := range r.desk.Ledger.Find(query) {
		if err != nil {
			return nil, err
		}
		if record.Kind == ledger.KindOutcome && record.Idempotency == i.Key {
			last = record
		}
	}
	if last.Result == result {
		return nil, nil // told a second time after a crash
	}
	later := r.act(i)
	later.Detail = fmt.Sprintf("what became of record %d was found out later; nothing is sent again", last.Intent)
	return r.desk.Ledger.Intend(later)
}

func (r *records) act(i plan.Intent) ledger.Act {
	intent := r.desk.act(verbOf(i.Verb), i.Session, r.desk.userID(i.Session))
	intent.Job, intent.Plan, intent.Idempotency, intent.Generation = number(i.Job), i.Plan, i.Key, i.Generation
	intent.Before, intent.Reason = stateWords(i.Before), i.Reason
	return intent
}

func verbOf(v client.Verb) ledger.Verb {
	if v == client.Redact {
		return ledger.Redact
	}
	return ledger.Cancel
}

func result(of plan.Result) ledger.Result {
	switch of {
	case plan.TookEffect:
		return ledger.Done
	case plan.NoEffect:
		return ledger.Failed
	}
	return ledger.Unknown
}

// stateWords is a state in the API's own words, as far as the state tells them.
func stateWords(s client.State) ledger.State {
	switch s {
	case client.StateFailed, client.StateWaiting:
		return ledger.State{Status: client.StatusRequiresInput}
	case client.StateProcessing:
		return ledger.State{Status: client.StatusProcessing}
	case client.StateVerified:
		return ledger.State{Status: client.StatusVerified}
	case client.StateCanceled:
		return ledger.State{Status: client.StatusCanceled}
	case client.StateRedacting:
		return ledger.State{Redaction: client.RedactionProcessing}
	case client.StateRedacted:
		return ledger.State{Redaction: client.RedactionRedacted}
	}
	return ledger.State{}
}
