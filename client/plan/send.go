package plan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"idtop/client"
	"idtop/client/ledger"
)

// errBook is why a run halts that can't be recorded.
type errBook struct{ err error }

func (e errBook) Error() string {
	return "the ledger can't be written, so nothing more is done: " + e.err.Error()
}

func (e errBook) Unwrap() error { return e.err }

// look reads the session, several times if it has to.
func (e *errand) look(ctx context.Context) (client.Session, error) {
	for n := 1; ; n++ {
		e.asked = time.Now()
		session, err := e.run.runner.config.API.GetSession(ctx, e.item.Session)
		if err == nil {
			e.looked, e.item.Looked = e.run.runner.config.Now(), e.run.runner.answered(session)
			return session, nil
		}
		failed := asError(err)
		switch {
		case final(failed):
			e.run.stopFor(failed)
			return client.Session{}, err
		case failed.Kind == client.KindNotFound, failed.Kind == client.KindUnknown, ctx.Err() != nil:
			return client.Session{}, err
		case failed.Kind == client.KindRateLimit && n < maxSlow:
		case n >= maxTries:
			return client.Session{}, err
		}
		if !e.wait(ctx, backoff(min(n, maxTries), failed)) {
			return client.Session{}, err
		}
	}
}

// backoff is how long to wait after the n-th failure of an errand.
func backoff(n int, err *client.Error) time.Duration {
	var asked time.Duration
	if err != nil {
		asked = min(err.After, longestWait)
	}
	return client.Backoff{First: 500 * time.Millisecond, Longest: longestWait}.Wait(n, asked)
}

// wait waits before another attempt, and tells whether there is to be one. A
// run that is being closed has halted from the start, and looks on.
func (e *errand) wait(ctx context.Context, d time.Duration) bool {
	if e.run.closing {
		return sleep(ctx, d, nil)
	}
	return sleep(ctx, d, e.run.going.Done())
}

// read asks for a session.
func (r *Runner) read(ctx context.Context, id string) (client.Session, error) {
	sent := time.Now()
	session, err := r.config.API.GetSession(ctx, id)
	if err != nil {
		return client.Session{}, err
	}
	r.config.Sink(session, sent)
	return session, nil
}

// turn waits for the turn of the POST: as long as the run does not halt and the look
// before it is fresh.
func (e *errand) turn() (client.Turn, error) {
	runner := e.run.runner
	ctx, cancel := context.WithTimeout(e.run.going, fresh-runner.config.Now().Sub(e.looked))
	defer cancel()
	if runner.config.Pace == nil {
		return anyTime{}, ctx.Err()
	}
	return runner.config.Pace.Turn(ctx, e.run.job.Verb)
}

// anyTime is the turn where nothing waits for one.
type anyTime struct{}

func (anyTime) Back() {}

// post sends the POST once. What is sent is in the book before, in one transaction
// with its item, and only a job is sent that the book has confirmed. It returns the
// verdict when the answer settles the item, and nil when the session has to be looked
// at, or is to be tried again.
func (e *errand) post(ctx context.Context) (*verdict, error) {
	runner, job := e.run.runner, e.run.job
	turn, err := e.turn()
	if err != nil {
		return nil, nil // the run halts, or the look has grown old: nothing was sent
	}
	defer turn.Back()
	if e.run.stopCause() != nil || !e.lookedJustNow() {
		return nil, nil
	}
	before := e.item
	err = e.save(e.ready(), false, func(tx *ledger.Tx) (err error) {
		if ok, err := tx.Confirmed(number(job.ID), job.Plan); err != nil || !ok {
			return errors.Join(err, ErrUnconfirmed)
		}
		if e.entry, err = tx.Intend(e.intent()); err == nil {
			e.item.Intent = e.entry.Intent().Seq
		}
		return err
	})
	switch {
	case errors.Is(err, ErrUnconfirmed):
		e.item = before
		e.run.stopFor(ErrUnconfirmed)
		return nil, nil
	case err != nil:
		return nil, errBook{err}
	}
	e.owed = true
	sent := time.Now()
	session, err := e.act(client.WithTurn(ctx, turn))
	turn.Back()
	if err != nil {
		return nil, e.failed(ctx, asError(err))
	}
	runner.config.Sink(session, sent)
	e.item.Looked = runner.answered(session)
	if !job.Verb.Done(session) {
		// Stripe said yes and shows no effect: look again, with patience.
		e.last = errors.New("no effect")
		e.unsure, e.looked = true, time.Time{}
		e.tries++
		e.wait(ctx, backoff(e.tries, nil))
		return nil, nil
	}
	v := accepted(job.Verb, session)
	v.request, v.words = session.RequestID, e.changed
	v.outcome = ledger.Outcome{Result: ledger.Done, After: wordsOf(session), RequestID: v.request, HTTP: http.StatusOK, Server: session.Date}
	return v, nil
}

// act sends the verb.
func (e *errand) act(ctx context.Context) (client.Session, error) {
	if e.run.job.Verb == client.Redact {
		return e.run.runner.config.API.RedactSession(ctx, e.item.Session, e.item.Key)
	}
	return e.run.runner.config.API.CancelSession(ctx, e.item.Session, e.item.Key)
}

// failed decides the next step after a failed POST.
func (e *errand) failed(ctx context.Context, err *client.Error) error {
	e.last = err
	if !err.Undecided {
		refused := ledger.Outcome{Result: ledger.Failed, After: e.seen, RequestID: err.RequestID, HTTP: err.Status, Server: err.Date, Detail: words(err)}
		if err := e.settleOwed(refused); err != nil {
			return err
		}
	}
	e.unsure = e.unsure || err.Undecided
	if err.Kind == client.KindRateLimit {
		// Nothing happened, and the key is as good as before.
		e.slowed++
		e.wait(ctx, backoff(min(e.slowed, 4), err))
		return nil
	}
	e.looked = time.Time{}
	switch {
	case final(err):
		// A key that was refused with may be stored with the refusal.
		e.renew = !err.Undecided
		e.run.stopFor(err)
		if !e.unsure {
			e.looked = e.run.runner.config.Now() // there is nothing to look for
		}
		return nil
	case err.Kind == client.KindState, err.Kind == client.KindNotFound, err.Kind == client.KindUnknown && !err.Undecided:
		e.refused = err
		return nil
	case err.Kind == client.KindServer && err.RequestID != "":
		// Stripe would replay it for a day. Without a request id it was somebody
		// on the way, and the key may still be at work.
		e.renew = true
	}
	e.tries++
	e.wait(ctx, backoff(e.tries, err))
	return nil
}

// intent is what the book gets to know of the POST.
func (e *errand) intent() ledger.Act {
	job, it := e.run.job, e.item
	a := e.run.runner.config.Act(verbOf(job.Verb), it.Session)
	a.Job, a.Plan, a.Reason, a.Before = number(job.ID), job.Plan, job.Reason, e.seen
	a.Idempotency, a.Generation = it.Key, it.Generation
	return a
}

// settle records what became of the last POST. What was recorded as unknown gets a
// pair of records of its own once it is known.
func (e *errand) settle(tx *ledger.Tx, o ledger.Outcome) (err error) {
	if e.item.Intent == 0 {
		return nil
	}
	known, ok, err := tx.OutcomeOf(e.item.Intent)
	switch {
	case err != nil:
		return err
	case ok && (known.Result != ledger.Unknown || o.Result == ledger.Unknown):
		return nil
	case ok:
		later := e.intent()
		later.Detail = fmt.Sprintf("what became of record %d was found out later; nothing is sent again", e.item.Intent)
		if e.entry, err = tx.Intend(later); err == nil {
			e.item.Intent = e.entry.Intent().Seq
		}
	case e.entry == nil || e.entry.Intent().Seq != e.item.Intent:
		e.entry, err = tx.Entry(e.item.Intent)
	}
	if err != nil {
		return err
	}
	return tx.Settle(e.entry, o)
}

// settleOwed is settle by itself, if there is an intent without its outcome.
func (e *errand) settleOwed(o ledger.Outcome) error {
	if !e.owed {
		return nil
	}
	err := e.save("settle", false, func(tx *ledger.Tx) error { return e.settle(tx, o) })
	e.owed = err != nil
	return err
}

// wordsOf are the words that Stripe has for the state of a session.
func wordsOf(s client.Session) ledger.State {
	return ledger.State{Status: s.Status, Redaction: s.RedactionStatus()}
}

func verbOf(v client.Verb) ledger.Verb {
	if v == client.Redact {
		return ledger.Redact
	}
	return ledger.Cancel
}

// number is how the book names a job in its records.
func number(job int64) string { return strconv.FormatInt(job, 10) }
