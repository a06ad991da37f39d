package act

import (
	"strconv"
	"sync"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/plan"
)

// Jobs returns the ledger as a Runner writes to it. userID tells whose session
// an id is, so that the records of a person can be found; "" when nobody knows.
func (d *Desk) Jobs(userID func(session string) string) plan.Ledger {
	return &jobs{desk: d, userID: userID, open: map[string]*ledger.Entry{}}
}

// jobs keeps the entries of what is under way by their idempotency keys.
type jobs struct {
	desk   *Desk
	userID func(session string) string

	mu   sync.Mutex
	open map[string]*ledger.Entry
}

// Intend implements plan.Ledger.
func (j *jobs) Intend(i plan.Intent) error {
	entry, err := j.desk.Ledger.Intend(j.act(i))
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open[i.Key] = entry
	return nil
}

// Settle implements plan.Ledger. What an earlier run of the program intended is
// found in the ledger itself.
func (j *jobs) Settle(i plan.Intent, o plan.Outcome) error {
	entry, err := j.entry(i)
	if err != nil {
		return err
	}
	done := ledger.Outcome{
		Result: result(o.Result), After: stateWords(o.After), HTTP: o.Status, RequestID: o.RequestID, Detail: o.Words,
	}
	if o.Recovered {
		done.Detail = "found by looking at the session: the answer was lost"
	}
	if err := entry.Done(done); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.open, i.Key)
	return nil
}

// entry returns the intent that is to be settled.
func (j *jobs) entry(i plan.Intent) (*ledger.Entry, error) {
	j.mu.Lock()
	entry := j.open[i.Key]
	j.mu.Unlock()
	if entry != nil {
		return entry, nil
	}
	pending, err := j.desk.Ledger.Pending(ledger.Query{Session: i.Session, Job: strconv.FormatInt(i.Job, 10)})
	if err != nil {
		return nil, err
	}
	for _, entry := range pending {
		if entry.Intent().Idempotency == i.Key {
			return entry, nil
		}
	}
	return j.desk.Ledger.Intend(j.act(i)) // settled already, and told once more
}

func (j *jobs) act(i plan.Intent) ledger.Act {
	verb := ledger.Cancel
	if i.Verb == client.Redact {
		verb = ledger.Redact
	}
	act := j.desk.act(verb, i.Session, j.userID(i.Session))
	act.Job, act.Plan, act.Idempotency, act.Generation = strconv.FormatInt(i.Job, 10), i.Plan, i.Key, i.Generation
	act.Before, act.Reason = stateWords(i.Before), i.Reason
	return act
}

func result(r plan.Result) ledger.Result {
	switch r {
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
