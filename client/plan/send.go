package plan

import (
	"context"
	"errors"
	"time"

	"idtop/client"
)

// errLedger is why a run halts that can't be recorded.
type errLedger struct{ err error }

func (e errLedger) Error() string {
	return "the ledger can't record what is done, so nothing more is: " + e.err.Error()
}

func (e errLedger) Unwrap() error { return e.err }

// look reads the session, several times if it has to.
func (e *errand) look(ctx context.Context) (client.Session, error) {
	for n := 1; ; n++ {
		session, err := e.run.runner.read(ctx, e.item.Session)
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

// wait waits before another attempt, and tells whether there is to be one. A
// run that is being closed has halted from the start, and looks on.
func (e *errand) wait(ctx context.Context, d time.Duration) bool {
	if e.run.closing {
		return sleep(ctx, d, nil)
	}
	return sleep(ctx, d, e.run.halt)
}

// read asks for a session at the pace that the server allows.
func (r *Runner) read(ctx context.Context, id string) (client.Session, error) {
	if !r.throttle.wait(ctx) {
		return client.Session{}, &client.Error{Kind: client.KindNetwork, Op: "read session", ID: id, Err: ctx.Err()}
	}
	sent := time.Now()
	session, err := r.config.API.GetSession(ctx, id)
	if err != nil {
		r.noteRefusal(err)
		return client.Session{}, err
	}
	r.config.Sink(session, sent)
	return session, nil
}

func (r *Runner) noteRefusal(err error) {
	if e := asError(err); e.Kind == client.KindRateLimit {
		r.throttle.refused(e.After)
	}
}

// post sends the POST once: journal, ledger, request, ledger. It returns the
// verdict when the answer settles the item, and nil when the session has to be
// looked at, or is to be tried again.
func (e *errand) post(ctx context.Context) (*verdict, error) {
	runner := e.run.runner
	if !runner.throttle.wait(ctx) || e.run.stopCause() != nil || !e.lookedJustNow() {
		return nil, nil // the run halts, or the look has grown old: nothing was sent
	}
	if err := e.ready(); err != nil {
		return nil, err
	}
	intent := e.intent()
	if err := runner.config.Ledger.Intend(intent); err != nil {
		e.run.stopFor(errLedger{err})
		return nil, nil
	}
	e.owed = true
	sent := time.Now()
	session, err := e.act(ctx)
	if err != nil {
		runner.noteRefusal(err)
		return nil, e.failed(ctx, asError(err))
	}
	runner.config.Sink(session, sent)
	e.item.Looked = runner.answered(session)
	if !e.run.job.Verb.Done(session) {
		// Stripe said yes and shows no effect: look again, with patience.
		e.last = errors.New("no effect")
		e.unsure, e.looked = true, time.Time{}
		e.tries++
		e.wait(ctx, backoff(e.tries, nil))
		return nil, nil
	}
	v := accepted(e.run.job.Verb, session)
	v.request, v.words = session.RequestID, e.changed
	e.settle(Outcome{Result: TookEffect, After: v.after, RequestID: v.request, Status: 200})
	return v, nil
}

// act sends the verb.
func (e *errand) act(ctx context.Context) (client.Session, error) {
	if e.run.job.Verb == client.Redact {
		return e.run.runner.config.API.RedactSession(ctx, e.item.Session, e.item.Key)
	}
	return e.run.runner.config.API.CancelSession(ctx, e.item.Session, e.item.Key)
}

// failed says what has to come after a POST that failed.
func (e *errand) failed(ctx context.Context, err *client.Error) error {
	e.last = err
	if !err.Undecided {
		e.settle(Outcome{Result: NoEffect, After: e.before, RequestID: err.RequestID, Status: err.Status, Words: words(err)})
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

// intent is what the ledger gets to know of the item.
func (e *errand) intent() Intent {
	job, it := e.run.job, e.item
	return Intent{
		Job: job.ID, Plan: job.Plan, Verb: job.Verb, Account: job.Account, Live: job.Live, Session: it.Session, Before: e.before,
		Key: it.Key, Generation: it.Generation, Reason: job.Reason, At: e.run.runner.config.Now(),
	}
}

// settle tells the ledger what became of the intent. Without the ledger the run
// halts.
func (e *errand) settle(o Outcome) error {
	o.At = e.run.runner.config.Now()
	if err := e.run.runner.config.Ledger.Settle(e.intent(), o); err != nil {
		e.run.stopFor(errLedger{err})
		return err
	}
	e.owed = false
	return nil
}

// settleOwed is settle for an intent whose POST was not answered, if there is
// one.
func (e *errand) settleOwed(o Outcome) error {
	if !e.owed {
		return nil
	}
	return e.settle(o)
}
