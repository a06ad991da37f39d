package plan

import (
	"context"
	"errors"
	"maps"
	"time"

	"idtop/client"
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

// wakeFollower lets Follow check the journal again.
func (r *Runner) wakeFollower() {
	select {
	case r.config.Journal.nudge <- struct{}{}:
	default:
	}
}

// Follow looks after the items that outlast their job, until ctx ends. It follows
// redactions until Stripe says redacted, through the mirror if there is one;
// carries out the items that waited for processing to end; and settles unknown
// outcomes by GET alone. The times of the looks are in the journal, so they survive
// restarts. While another process carries out jobs, Follow leaves this work to it.
// Its error comes from the journal.
func (r *Runner) Follow(ctx context.Context) error {
	for {
		wait, err := r.followDue(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, ErrBusy) {
			return err
		}
		if err != nil {
			wait = time.Minute
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-r.config.Journal.nudge:
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
		due, err := j.due(dueNow, r.config.Account, r.config.Live, now, inFlight)
		if err != nil {
			return 0, err
		}
		if len(due) == 0 {
			next, err := j.nextLook(dueNext, r.config.Account, r.config.Live)
			if err != nil || next.IsZero() {
				return time.Hour, err
			}
			return min(max(next.Sub(now), time.Second), time.Hour), nil // Hear ends the wait when the server's clock jumps
		}
		if err := r.lookAt(ctx, due); err != nil {
			return 0, err
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
			is := seen(it, state, at, now)
			if is != it && (is.State != it.State || at.Sub(it.Looked) >= followThen) {
				_, _, err = r.record(r.config.Journal.holdSoon, it, is)
			}
			it = is
		}
		if err != nil {
			return left, err
		}
		left = left || it.State != Done
	}
	return left, nil
}

// seen is an item of a redaction after the server told the state of its session.
func seen(it Item, state client.State, at, now time.Time) Item {
	if !at.After(it.Looked) && state != client.StateRedacted {
		return it
	}
	it.Looked = at
	switch {
	case state == client.StateRedacted:
		it.State, it.After, it.Changed, it.Look = Done, state, now, time.Time{}
	case it.State == Following && at.Sub(it.Accepted) >= overdueAfter:
		it.State, it.Changed = Overdue, now
	}
	return it
}

// sayLater records why a job does not go on, as soon as that can be recorded: the
// disk may be full.
func (r *Runner) sayLater(l *lease, job int64, why string) {
	if l.stopped(job, why) == nil {
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
	l, err := r.config.Journal.hold()
	if err != nil {
		return false
	}
	defer r.config.Journal.release()
	return l.stopped(job, why) == nil
}

// lookAt looks at some items. It holds the right to write only while an item needs
// it, so that other processes can begin a job in between.
func (r *Runner) lookAt(ctx context.Context, due []Item) error {
	for _, it := range due {
		if ctx.Err() != nil {
			return nil
		}
		if err := r.lookAtOne(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) lookAtOne(ctx context.Context, it Item) error {
	r.config.Journal.following.Lock()
	defer r.config.Journal.following.Unlock()
	if it.State == Following || it.State == Overdue {
		return r.follow(ctx, it)
	}
	l, err := r.config.Journal.hold()
	if err != nil {
		return err
	}
	defer r.config.Journal.release()
	if now, err := r.config.Journal.item(it.Job, it.Number); err != nil || now != it {
		return err // another process had it, or the operator has given it up
	}
	return r.catchUp(ctx, l, it)
}

// follow looks at a redaction once. It claims the look in the journal first, so
// that no other process makes it too, and holds no lock while it waits for Stripe's
// answer.
func (r *Runner) follow(ctx context.Context, it Item) error {
	taken := it
	taken.Look = r.serverNow().Add(followClaim)
	taken, ok, err := r.record(r.config.Journal.hold, it, taken)
	if err != nil || !ok {
		return err
	}
	looked := r.look(ctx, it)
	if ctx.Err() != nil {
		looked = it // it is still due
	}
	_, _, err = r.record(r.config.Journal.holdSoon, taken, looked)
	return err
}

// record saves an item, and returns it as saved. ok is false when the item has
// changed meanwhile: another process had it, or the operator has given it up.
func (r *Runner) record(hold func() (*lease, error), was, is Item) (saved Item, ok bool, err error) {
	l, err := hold()
	if err != nil {
		return is, false, err
	}
	defer r.config.Journal.release()
	j := r.config.Journal
	if now, err := j.item(was.Job, was.Number); err != nil || now != was {
		return now, false, err
	}
	if err := l.save("follow", is); err != nil {
		return is, false, err
	}
	saved, err = j.item(is.Job, is.Number)
	return saved, err == nil, err
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
		it.State, it.After, it.Changed, it.Look = Done, session.State(), now, time.Time{}
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
func (r *Runner) catchUp(ctx context.Context, l *lease, it Item) error {
	job, err := r.config.Journal.Job(it.Job)
	if err != nil {
		return err
	}
	if it.State == Waiting && !r.config.MayWrite() {
		it.Look = r.serverNow().Add(waitFirst)
		return l.save("follow", it)
	}
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
