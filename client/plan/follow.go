package plan

import (
	"context"
	"errors"
	"maps"
	"time"

	"idtop/client"
	"idtop/client/ledger"
)

// When sessions are looked at again. A redaction is complete after up to 4 days;
// most checks are after a minute or two.
const (
	followFirst  = time.Minute
	followSecond = 10 * time.Minute
	followThird  = time.Hour
	followThen   = 6 * time.Hour
	followFailed = 10 * time.Minute // after a look that failed
	followClaim  = time.Minute      // for a look that is under way
	overdueAfter = EraseTime

	unsaidAgain = time.Minute // until a failed record is tried again

	waitFirst = time.Minute
	waitLast  = time.Hour
)

// EraseTime is the longest time between Stripe's acceptance of a redaction and its
// end.
const EraseTime = 96 * time.Hour

// waitAfter is the wait before a processing session is looked at again, after n
// looks.
func waitAfter(n int) time.Duration {
	wait := waitFirst
	for range n {
		wait = min(2*wait, waitLast)
	}
	return wait
}

// nextLook is when a redaction is looked at again after n looks, the last one now.
func nextLook(accepted, now time.Time, n int) time.Time {
	at := now.Add(followThen)
	switch n {
	case 1:
		at = accepted.Add(followSecond)
	case 2:
		at = accepted.Add(followThird)
	}
	if !at.After(now) {
		at = now.Add(followSecond)
	}
	return at
}

// wakeFollower lets the followers of this process check the journal again.
func (r *Runner) wakeFollower() {
	j := r.config.Journal
	j.mu.Lock()
	defer j.mu.Unlock()
	for woken := range j.followers {
		select {
		case woken <- struct{}{}:
		default:
		}
	}
}

// subscribe returns a channel that wakeFollower signals, until the end.
func (j *Journal) subscribe() (woken chan struct{}, end func()) {
	woken = make(chan struct{}, 1)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.followers[woken] = true
	return woken, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.followers, woken)
	}
}

// Follow looks after the items that outlast their job, until ctx ends. It follows
// redactions until Stripe says redacted, through the mirror if there is one;
// carries out the items that waited for processing to end; and settles unknown
// outcomes by GET alone. The times of the looks are in the journal, so they survive
// restarts. It reads for the jobs of all operators, and sends the waiting items of
// its own operator's jobs only. Its error comes from the journal.
func (r *Runner) Follow(ctx context.Context) error {
	woken, end := r.config.Journal.subscribe()
	defer end()
	for {
		wait, err := r.followDue(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-woken:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// followDue looks at all due items and returns the time until the next is due.
func (r *Runner) followDue(ctx context.Context) (wait time.Duration, err error) {
	j := r.config.Journal
	if r.sayUnsaid() {
		defer func() { wait = min(wait, unsaidAgain) }()
	}
	dueNow, dueNext := dueItems, nextDue
	if r.config.Known != nil {
		dueNow, dueNext = dueRest, nextRest
		left, err := r.followKnown(ctx)
		if err != nil {
			return 0, err
		}
		if left {
			defer func() { wait = min(wait, followFirst) }()
		}
	}
	for ctx.Err() == nil {
		now := r.serverNow()
		who := follower{r.config.Account, r.config.Live, r.operator().User, r.config.MayWrite()}
		due, err := j.due(dueNow, who, now, inFlight)
		if err != nil {
			return 0, err
		}
		if len(due) == 0 {
			longest := time.Hour // Hear ends the wait when the server's clock jumps
			if !who.mayWrite {
				longest = waitFirst // nobody tells when it may
			}
			next, err := j.nextLook(dueNext, who)
			if err != nil || next.IsZero() {
				return longest, err
			}
			return min(max(next.Sub(now), time.Second), longest), nil
		}
		busy, err := r.lookAt(ctx, due)
		if err != nil {
			return 0, err
		}
		if busy == len(due) {
			return followFirst, nil
		}
	}
	return 0, nil
}

// followKnown records the news that the mirror has of redactions, and tells whether
// any is incomplete. A session that the mirror lacks is read when it is due.
func (r *Runner) followKnown(ctx context.Context) (left bool, err error) {
	items, err := r.config.Journal.items(redactions, r.config.Account, r.config.Live)
	if err != nil {
		return false, err
	}
	for _, it := range items {
		if ctx.Err() != nil {
			return left, nil
		}
		state, at, ok := r.config.Known(ctx, it.Session)
		switch now := r.serverNow(); {
		case !ok && !it.Look.After(now):
			err = r.lookAtOne(ctx, it)
		case ok:
			is := afterLook(it, state, at, now)
			if is != it && (is.State != it.State || at.Sub(it.Looked) >= followThen) {
				_, _, err = r.config.Journal.change(it, is)
			}
			it = is
		}
		if err != nil {
			return left, err
		}
		left = left || it.State != Complete
	}
	return left, nil
}

// afterLook is an item of a redaction after the server told the state of its session.
func afterLook(it Item, state client.State, at, now time.Time) Item {
	if !at.After(it.Looked) && state != client.StateRedacted {
		return it
	}
	it.Looked = at
	switch {
	case state == client.StateRedacted:
		it.State, it.After, it.Changed, it.Look = Complete, state, now, time.Time{}
	case it.State == Following && at.Sub(it.Accepted) >= overdueAfter:
		it.State, it.Changed = Overdue, now
	}
	return it
}

// sayLater records why a job does not go on, as soon as that can be recorded: the
// disk may be full.
func (r *Runner) sayLater(l *lease, job int64, why string) {
	if l.stopped(why) == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unsaid[job] = why
	r.wakeFollower()
}

// sayUnsaid tries the failed records again, and tells whether any is left.
func (r *Runner) sayUnsaid() (left bool) {
	r.mu.Lock()
	unsaid := maps.Clone(r.unsaid)
	r.mu.Unlock()
	for job, why := range unsaid {
		if stored, err := r.config.Journal.Job(job); err == nil && (stored.State != Open || stored.Why != "") {
			why = "" // it has gone on since
		}
		if why != "" && !r.say(job, why) {
			left = true
			continue
		}
		r.mu.Lock()
		delete(r.unsaid, job)
		r.mu.Unlock()
	}
	return left
}

func (r *Runner) say(job int64, why string) bool {
	l, _, err := r.config.Journal.take(job, func(*ledger.Tx, *Job) error { return nil })
	if err != nil {
		return false
	}
	defer l.release()
	return l.stopped(why) == nil
}

// lookAt looks at some items. busy counts those whose jobs another process holds.
func (r *Runner) lookAt(ctx context.Context, due []Item) (busy int, err error) {
	for _, it := range due {
		if ctx.Err() != nil {
			return busy, nil
		}
		switch err := r.lookAtOne(ctx, it); {
		case errors.Is(err, ErrBusy), errors.Is(err, ErrFenced):
			busy++
		case err != nil:
			return busy, err
		}
	}
	return busy, nil
}

func (r *Runner) lookAtOne(ctx context.Context, it Item) error {
	r.config.Journal.following.Lock()
	defer r.config.Journal.following.Unlock()
	if it.State == Following || it.State == Overdue {
		return r.follow(ctx, it)
	}
	l, job, err := r.config.Journal.take(it.Job, func(tx *ledger.Tx, job *Job) error {
		now, err := readItem(tx, it.Job, it.Number)
		if err == nil && now != it {
			err = errMoved // another process had it, or the operator has given it up
		}
		return err
	})
	if errors.Is(err, errMoved) {
		return nil
	}
	if err != nil {
		return err
	}
	defer l.release()
	return r.catchUp(ctx, l, job, it)
}

// follow looks at a redaction once. It claims the look in the journal first, so
// that no other process makes it too, and holds no lock while it waits for Stripe's
// answer.
func (r *Runner) follow(ctx context.Context, it Item) error {
	taken := it
	taken.Look = r.serverNow().Add(followClaim)
	taken, ok, err := r.config.Journal.change(it, taken)
	if err != nil || !ok {
		return err
	}
	looked := r.look(ctx, it)
	if ctx.Err() != nil {
		looked = it // it is still due
	}
	_, _, err = r.config.Journal.change(taken, looked)
	return err
}

// look is an item of a redaction after a look at its session.
func (r *Runner) look(ctx context.Context, it Item) Item {
	session, err := r.read(client.WithLane(ctx, client.LaneTail), it.Session)
	if err == nil {
		it.Looked = r.answered(session)
	}
	now := r.serverNow()
	switch {
	case err != nil:
		it.Look = now.Add(followFailed)
		if asError(err).Kind == client.KindNotFound {
			it.Look = now.Add(followThen)
		}
	case session.RedactionStatus() == client.RedactionRedacted:
		it.State, it.After, it.Changed, it.Look = Complete, session.State(), now, time.Time{}
	default:
		it.Looks++
		it.Look = nextLook(it.Accepted, now, it.Looks)
		if it.State == Following && now.Sub(it.Accepted) >= overdueAfter {
			it.State, it.Changed = Overdue, now
		}
	}
	return it
}

// catchUp carries out an item of a finished job. A waiting item is acted on if that
// is possible now; an unknown outcome is only settled.
func (r *Runner) catchUp(ctx context.Context, l *lease, job Job, it Item) error {
	if it.State == Waiting {
		items, err := r.config.Journal.Items(job.ID)
		if err != nil {
			return err
		}
		if job.isPlan(items) != nil {
			it.Look, it.Words = r.serverNow().Add(followThen), ErrUnconfirmed.Error()
			return l.save("follow", it)
		}
	}
	run := newRun(ctx, r, l, job)
	defer run.until(ctx)()
	run.begun = true
	if it.State == Unknown || job.State != Finished {
		run.closing = true
		run.stopFor(abortCause{})
	}
	e := &errand{run: run, item: it, was: it.State}
	if err := e.alone(run.ctx); err != nil || ctx.Err() != nil {
		return err
	}
	if e.item.State == it.State && !e.item.Look.After(r.serverNow()) {
		// Nothing could be learned now, for example because the key is refused.
		e.item.Look = r.serverNow().Add(followFailed)
		return l.save("follow", e.item)
	}
	return nil
}
