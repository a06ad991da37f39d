package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"idtop/client"
	"idtop/client/ledger"
)

// Bounds of one item.
const (
	keyLife  = 23 * time.Hour   // Stripe forgets keys after 24 h, and then carries out a repeated request anew
	keyClock = 5 * time.Minute  // how far the clock may have been set back since a key was sent
	fresh    = 15 * time.Second // how long a look allows a POST; at the lowest pace all requests in flight take 8 s
	maxTries = 6                // failed requests before an item is given up
	maxSlow  = 60               // refusals because of the rate, each followed by a wait of up to longestWait

	longestWait = 30 * time.Second // between attempts, even if the server asks for more
)

// errand takes one item through look, POST and outcome, as often as needed. At each
// moment its journal record holds everything that a restart needs.
type errand struct {
	run  *Run
	item Item
	was  ItemState // the state in the counts

	before   client.State    // by the last look
	statuses ledger.Statuses // the same in Stripe's own words
	said     time.Time       // when the server answered that look; zero: its answer had no date
	entry    *ledger.Entry   // of the last POST; nil: the item has its number
	changed  string          // what the report says of a session that has changed since the plan
	asked    time.Time       // when the last look was sent
	looked   time.Time       // when it was answered; zero: a look is due
	owed     bool            // the book may hold an intent without an outcome
	unsure   bool            // a POST without an answer may have had its effect
	renew    bool            // the key must not be used again
	beside   uint64          // the last intent of another job for the session, before the last look
	moves    int             // looks that another job has outdated
	tries    int             // failed requests
	slowed   int             // refusals because of the rate
	last     error           // why the last request failed
	refused  *client.Error   // Stripe refuses, in whatever state the session is
}

// alone is carryOut, once no other errand has the session in hand: a second errand
// must find the effect of the first, not send beside it.
func (e *errand) alone(ctx context.Context) error {
	leave, ok := e.run.runner.config.Journal.takeInHand(ctx, e.item.Session)
	if !ok {
		return nil // the run ends, and the item stays unchanged
	}
	defer leave()
	return e.carryOut(ctx)
}

// carryOut brings the item to an outcome, or leaves it for later when the run
// halts. Its error comes from the book: nothing may go on.
func (e *errand) carryOut(ctx context.Context) error {
	e.unsure = e.item.State == Sending || e.item.State == Unknown
	e.owed = e.unsure
	for {
		if !e.lookedJustNow() {
			if err := e.lookAside(); err != nil {
				return err
			}
			session, err := e.look(ctx)
			if err != nil {
				return e.blind(err)
			}
			end := e.judge(session)
			if end != nil || e.run.stopCause() != nil {
				e.run.runner.config.Sink(session, e.asked) // otherwise the answer to the POST shows it
			}
			if end != nil {
				return e.conclude(*end)
			}
			if err := e.settleOwed(e.found(ledger.Failed)); err != nil {
				return err
			}
		}
		switch {
		case e.refused != nil:
			return e.conclude(verdict{state: Failed, words: words(e.refused), trouble: e.refused.Kind == client.KindUnknown})
		case e.run.stopCause() != nil:
			return e.leave()
		case e.tries >= maxTries || e.slowed >= maxSlow:
			return e.conclude(verdict{state: Failed, words: words(e.last), trouble: true})
		}
		end, err := e.post(ctx)
		if err != nil {
			return err
		}
		if end != nil {
			return e.conclude(*end)
		}
	}
}

// lookedJustNow tells whether a look is recent enough for a POST.
func (e *errand) lookedJustNow() bool {
	age := e.run.runner.config.Now().Sub(e.looked)
	return !e.looked.IsZero() && 0 <= age && age < fresh
}

// verdict is the end of an errand.
type verdict struct {
	state     ItemState
	words     string
	request   string
	after     client.State
	recovered bool
	trouble   bool           // it failed for a reason that is not the session's
	outcome   ledger.Outcome // of the POST before; without a result nothing is known about it
}

// found is the outcome of a POST, as a look at the session shows it.
func (e *errand) found(result ledger.Result) ledger.Outcome {
	return ledger.Outcome{Result: result, After: e.statuses, Server: e.said, Detail: "found by looking at the session: no answer told it"}
}

// judge draws the conclusion from a look at the session: the effect is there, or
// nothing may be done, or, by nil, the POST may be sent.
func (e *errand) judge(s client.Session) *verdict {
	job, state := e.run.job, s.State()
	e.before, e.statuses, e.said = state, ledger.StatusesOf(s), s.Date
	skip := func(why string) *verdict {
		return &verdict{state: Skipped, words: why, after: state, outcome: e.found(ledger.Failed)}
	}
	switch {
	case s.Livemode != job.Live:
		return skip("it belongs to the other mode of the account")
	case e.unsure && job.Verb.TookEffect(s):
		v := accepted(job.Verb, s)
		v.recovered, v.words, v.outcome = true, "found done: the answer was lost", e.found(ledger.Succeeded)
		return v
	}
	why := job.Verb.Refusal(state)
	switch {
	case job.WhenFinished && state == client.StateProcessing:
		v := &verdict{state: Waiting, after: state}
		if e.item.Planned != state {
			v.words = "it went into processing after the plan"
		}
		if e.unsure { // the POST before had no effect
			v.outcome, e.renew = e.found(ledger.Failed), true
		}
		return v
	case job.WhenFinished:
		if state != e.item.Planned {
			e.changed = "it was " + e.item.Planned.String() + " at the plan and " + state.String() + " when it was sent"
		}
	case why == "" && state != e.item.Planned:
		why = "it has changed since the plan: it was " + e.item.Planned.String() + " and is " + state.String()
	}
	if why != "" {
		return skip(why)
	}
	return nil
}

// accepted is the verdict on a session that shows the effect.
func accepted(verb client.Verb, s client.Session) *verdict {
	v := &verdict{state: Complete, after: s.State()}
	if verb == client.Redact && s.RedactionStatus() != client.RedactionRedacted {
		v.state = Following
	}
	return v
}

// ready makes the item one that is being sent, and chooses its key. A new key
// replaces a key that Stripe may have forgotten, or has stored a failure under: the
// look before has shown that the old key had no effect. It returns the name of the
// step.
func (e *errand) ready() (point string) {
	it, now := &e.item, e.run.runner.config.Now() // this machine's clock tells the age of a key
	age := now.Sub(it.Since)
	point = "sending"
	if e.renew || !it.Since.IsZero() && (age >= keyLife || age < -keyClock) {
		e.nextKey()
		point = "generation"
	}
	if it.Since.IsZero() {
		it.Since = now
	}
	it.State, it.Changed, it.Look = Sending, e.run.runner.serverNow(), time.Time{}
	if e.run.job.State != Open {
		it.Look = it.Changed.Add(followFirst) // nobody will start the job again
	}
	return point
}

// nextKey begins the next generation: nothing has been sent under its key.
func (e *errand) nextKey() {
	e.item.Generation++
	e.item.Key, e.item.Since, e.renew = client.NewIdempotencyKey(), time.Time{}, false
}

// save records the item together with the writes of also, and counts it under its
// new state.
func (e *errand) save(point string, trouble bool, also func(*ledger.Tx) error) error {
	err := e.run.lease.write(point, func(tx *ledger.Tx) error {
		if err := also(tx); err != nil {
			return err
		}
		return saveItem(tx, e.item)
	})
	if err != nil {
		return err
	}
	was := e.was
	e.was = e.item.State
	e.run.concluded(was, e.was, trouble)
	return nil
}

func nothingElse(*ledger.Tx) error { return nil }

// conclude records the outcome of the item and of its POST.
func (e *errand) conclude(v verdict) error {
	now := e.run.runner.serverNow()
	if v.state == Failed && v.outcome.Result == "" {
		v.after, v.outcome = e.before, e.found(ledger.Failed)
	}
	it := &e.item
	it.State, it.Words, it.RequestID, it.After, it.Recovered = v.state, v.words, v.request, v.after, v.recovered
	it.Changed, it.Look = now, time.Time{}
	switch v.state {
	case Complete, Following:
		it.Accepted, it.Looks = it.Looked, 0
		if v.state == Following {
			it.Look = now.Add(followFirst)
		}
	case Unknown:
		it.Look = now.Add(followFirst)
	case Waiting:
		if e.renew { // under the old key Stripe may store its refusal
			e.nextKey()
		}
		it.Looks++
		it.Look = now.Add(waitAfter(it.Looks))
	}
	err := e.save("outcome", v.trouble, func(tx *ledger.Tx) error {
		if v.outcome.Result == "" || !e.owed {
			return nil
		}
		return e.settle(tx, v.outcome)
	})
	if err != nil {
		return err
	}
	if !it.Look.IsZero() {
		e.run.runner.wakeFollower()
	}
	return nil
}

// leave puts the item back when the run halts. An item whose POST certainly had no
// effect is pending again. An item whose POST may have had one stays unchanged
// until the job goes on; after an abort the last look concludes it.
func (e *errand) leave() error {
	if e.unsure {
		if _, aborted := e.run.stopCause().(abortCause); aborted && !e.looked.IsZero() {
			return e.conclude(verdict{state: Failed, after: e.before, outcome: e.found(ledger.Failed), words: "stopped before it could be tried again: it had not been done"})
		}
		return nil
	}
	if e.item.State != Sending && e.item.State != Unknown { // Unknown: it gave way
		return nil
	}
	if e.renew {
		e.nextKey()
	}
	now := e.run.runner.serverNow()
	e.item.State, e.item.Changed, e.item.After = Pending, now, e.before
	if e.run.job.State != Open {
		e.item.State, e.item.Look = Waiting, now.Add(followFailed) // nobody will start the job again
	}
	return e.save("outcome", false, nothingElse)
}

// blind ends an errand that can't read its session.
func (e *errand) blind(err error) error {
	kind := client.KindOf(err)
	halted := e.run.stopCause() != nil
	switch {
	case kind == client.KindNotFound && !e.unsure:
		return e.conclude(verdict{state: Failed, words: words(err)})
	case halted && !e.unsure:
		return e.leave()
	case halted || e.run.ctx.Err() != nil:
		return nil // it stays unchanged in the journal, to be settled later
	case e.item.State == Waiting && kind != client.KindNotFound:
		return e.conclude(verdict{state: Waiting})
	case e.unsure:
		return e.conclude(verdict{state: Unknown, words: words(err), outcome: ledger.Outcome{Result: ledger.Unknown, Server: asError(err).Date, Detail: words(err)}, trouble: true})
	}
	return e.conclude(verdict{state: Failed, words: words(err), trouble: true})
}

// final tells whether an error concerns all requests, not only this one, so that
// sending another is pointless.
func final(err *client.Error) bool {
	switch err.Kind {
	case client.KindAuth, client.KindPermission, client.KindRefused:
		return true
	case client.KindNetwork:
		return !err.Retryable && !errors.Is(err.Err, context.Canceled)
	}
	return false
}

// asError returns an API's error as an *client.Error.
func asError(err error) *client.Error {
	var e *client.Error
	if !errors.As(err, &e) {
		return &client.Error{Kind: client.KindUnknown, Undecided: true, Err: err}
	}
	return e
}

// errBook halts a run that can't be recorded.
type errBook struct{ err error }

func (e errBook) Error() string {
	return "the ledger can't be written, so nothing more is done: " + e.err.Error()
}

func (e errBook) Unwrap() error { return e.err }

// look reads the session, several times if necessary.
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

// backoff is the wait after the n-th failure of an errand.
func backoff(n int, err *client.Error) time.Duration {
	var asked time.Duration
	if err != nil {
		asked = min(err.After, longestWait)
	}
	return client.Backoff{First: 500 * time.Millisecond, Longest: longestWait}.Wait(n, asked)
}

// wait waits before another attempt, and tells whether to make it. A run that only
// settles has halted from the start, and looks on.
func (e *errand) wait(ctx context.Context, d time.Duration) bool {
	if e.run.closing {
		return client.Sleep(ctx, d, nil)
	}
	return client.Sleep(ctx, d, e.run.going.Done())
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

// turn waits for the turn of the POST, while the run does not halt and the look
// before the POST is fresh.
func (e *errand) turn() (client.Turn, error) {
	runner := e.run.runner
	ctx, cancel := context.WithTimeout(e.run.going, fresh-runner.config.Now().Sub(e.looked))
	defer cancel()
	if runner.config.Pace == nil {
		return anyTime{}, ctx.Err()
	}
	return runner.config.Pace.Turn(ctx, e.run.job.Verb)
}

// anyTime is a turn that needs no wait.
type anyTime struct{}

func (anyTime) Back() {}

// post sends the POST once. The book has the intent first, in one transaction with
// its item, and it must hold the confirmation of the job. post returns the verdict
// when the answer settles the item, and nil when the session has to be looked at,
// or the POST tried again.
func (e *errand) post(ctx context.Context) (*verdict, error) {
	runner, job := e.run.runner, e.run.job
	turn, err := e.turn()
	if err != nil {
		return nil, nil // the run halts, or the look is too old: nothing was sent
	}
	defer turn.Back()
	if e.run.stopCause() != nil || !e.lookedJustNow() {
		return nil, nil
	}
	before, renew := e.item, e.renew
	err = e.save(e.ready(), false, func(tx *ledger.Tx) (err error) {
		if ok, err := tx.Confirmed(number(job.ID), job.Plan); err != nil || !ok {
			return errors.Join(err, ErrUnconfirmed)
		}
		switch last, _, err := runner.config.Journal.others(tx, e.item); {
		case err != nil:
			return err
		case last != e.beside:
			return errMoved
		}
		if e.entry, err = tx.Intend(e.intent()); err == nil {
			e.item.Intent = e.entry.Intent().Seq
		}
		return err
	})
	switch {
	case errors.Is(err, errMoved):
		e.item, e.renew, e.looked = before, renew, time.Time{}
		if err := e.giveWay(); err != nil {
			return nil, errBook{err}
		}
		e.moves++
		e.wait(ctx, backoff(min(e.moves, maxTries), nil))
		return nil, nil
	case errors.Is(err, ErrUnconfirmed):
		e.item, e.renew = before, renew
		e.run.stopFor(ErrUnconfirmed)
		return nil, nil
	case err != nil:
		return nil, errBook{err}
	}
	e.owed = true
	if !e.lookedJustNow() {
		return nil, nil // this process was stopped, or the machine slept: nothing was sent, and a look is due
	}
	sent := time.Now()
	session, err := e.act(client.WithTurn(ctx, turn))
	turn.Back()
	if err != nil {
		return nil, e.failed(ctx, asError(err))
	}
	runner.config.Sink(session, sent)
	e.item.Looked = runner.answered(session)
	if !job.Verb.TookEffect(session) {
		// Stripe accepted and shows no effect yet: look again, patiently.
		e.last = errors.New("no effect")
		e.unsure, e.looked = true, time.Time{}
		e.tries++
		e.wait(ctx, backoff(e.tries, nil))
		return nil, nil
	}
	v := accepted(job.Verb, session)
	v.request, v.words = session.RequestID, e.changed
	v.outcome = ledger.Outcome{Result: ledger.Succeeded, After: ledger.StatusesOf(session), RequestID: v.request, HTTP: http.StatusOK, Server: session.Date}
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
		refused := ledger.Outcome{Result: ledger.Failed, After: e.statuses, RequestID: err.RequestID, HTTP: err.Status, Server: err.Date, Detail: words(err)}
		if err := e.settleOwed(refused); err != nil {
			return err
		}
	}
	e.unsure = e.unsure || err.Undecided
	if err.Kind == client.KindRateLimit {
		// Nothing happened, and the key can be used again.
		e.slowed++
		e.wait(ctx, backoff(min(e.slowed, 4), err))
		return nil
	}
	e.looked = time.Time{}
	switch {
	case final(err):
		// Stripe may have stored its refusal under the key.
		e.renew = !err.Undecided
		e.run.stopFor(err)
		if !e.unsure {
			e.looked = e.run.runner.config.Now() // no effect is possible: no look is needed
		}
		return nil
	case err.Kind == client.KindState, err.Kind == client.KindNotFound, err.Kind == client.KindUnknown && !err.Undecided:
		e.refused = err
		return nil
	case err.Kind == client.KindServer && err.RequestID != "":
		// Stripe would repeat this answer for a day. Without a request id it came
		// from a proxy, and the key may still be in use.
		e.renew = true
	}
	e.tries++
	e.wait(ctx, backoff(e.tries, err))
	return nil
}

// lookAside notes before a look what other jobs have done to the session. Another
// process may carry out its jobs at the same time: the look is good for a POST only
// as long as no other job has sent one since.
func (e *errand) lookAside() error {
	j := e.run.runner.config.Journal
	return j.book.Read(func(tx *ledger.Tx) error {
		last, busy, err := j.others(tx, e.item)
		if e.beside = last; busy {
			e.beside = math.MaxUint64 // another POST may come during the look
		}
		return err
	})
}

// giveWay lets another job go first with the session. An item that is sending holds the
// other's back, and two of them would hold each other back for ever. The run counts the
// item as sending, for it goes on with it; the journal has it as unknown, for the case
// that the process ends before.
func (e *errand) giveWay() error {
	if e.item.State != Sending {
		return nil
	}
	e.item.State, e.item.Look = Unknown, e.run.runner.serverNow().Add(followFirst)
	return e.run.lease.write("giving way", func(tx *ledger.Tx) error { return saveItem(tx, e.item) })
}

// intent describes the POST for the book.
func (e *errand) intent() ledger.Act {
	job, it := e.run.job, e.item
	a := e.run.runner.config.Act(verbOf(job.Verb), it.Session)
	a.Actor = cmp.Or(job.Operator, a.Actor)
	a.Job, a.Plan, a.Reason, a.Before = number(job.ID), job.Plan, job.Reason, e.statuses
	a.Idempotency, a.Generation = it.Key, it.Generation
	return a
}

// settle records the outcome of the last POST. An outcome recorded as unknown gets
// a pair of records of its own once it is known.
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

// settleOwed is settle alone, if there is an intent without its outcome.
func (e *errand) settleOwed(o ledger.Outcome) error {
	if !e.owed {
		return nil
	}
	err := e.save("settle", false, func(tx *ledger.Tx) error { return e.settle(tx, o) })
	e.owed = err != nil
	return err
}

func verbOf(v client.Verb) ledger.Verb {
	if v == client.Redact {
		return ledger.Redact
	}
	return ledger.Cancel
}

// number is how the book names a job in its records.
func number(job int64) string { return strconv.FormatInt(job, 10) }
