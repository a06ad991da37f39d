package syncer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// leader is a Syncer while it leads.
type leader struct {
	*Syncer
	epoch    uint64
	progress mirror.Progress // the last committed progress
	lost     bool            // a commit failed: the next leader goes on from the store

	fill    filling
	sweep   sweeping
	reports reporting
	touched map[string]time.Time // when this process last wrote a session, by its own clock
}

// A session that this process wrote is remembered for longer than any page is under
// way. Old entries are dropped when there are many.
const (
	manyTouched = 1000
	touchedFor  = 5 * time.Minute
)

// lead reads and commits until another leads, a poll fails, the operator pauses,
// or ctx ends.
func (s *Syncer) lead(ctx context.Context, epoch uint64) {
	ctx, cancel := context.WithCancel(client.OnRetry(ctx, s.retries))
	l := &leader{Syncer: s, epoch: epoch, touched: map[string]time.Time{}}
	l.fill.pages = make(chan struct{}, 1)
	l.reports.seen = map[string]client.Unix{}
	defer func() {
		cancel()
		l.fill.fetches.Wait()
		s.config.Store.Resign(epoch)
	}()
	if err := l.takeOver(ctx); err != nil {
		if ctx.Err() == nil && !errors.Is(err, mirror.ErrFenced) {
			s.failed(err)
		}
		return
	}
	l.openWindows()
	for ctx.Err() == nil && !l.lost {
		switch paused, now := l.takeWish(), time.Now(); {
		case paused:
			return
		case !now.Before(l.due):
			if !l.poll(ctx) {
				return
			}
		default:
			l.takePages(ctx)
			l.takeReports(ctx)
			l.sweepOn(ctx)
			if l.lost {
				return
			}
			l.fetchPages(ctx)
			l.reportsOn(ctx)
			if until := l.nextDue(); until.After(time.Now()) {
				l.wait(ctx, until, l.fill.pages)
			}
		}
	}
}

// retries shows at once why an attempt failed that is being repeated.
func (s *Syncer) retries(err error) {
	s.setStatus(func(status *mirror.Status) { status.Trouble = err })
}

// takeOver goes on from the last commit, and shows the age of that commit until
// something is read. Its first, empty commit makes sure that the commits of other
// processes are visible here before this one judges by them.
func (l *leader) takeOver(ctx context.Context) (err error) {
	if l.progress, err = l.config.Store.Progress(ctx); err != nil || l.progress.Anchor == 0 {
		return err
	}
	if l.floor = max(l.progress.Tail, l.progress.Checked); l.clock.known() && l.moved == 0 && l.floor > l.clock.now()+overlap {
		l.clock = clock{} // another process had its own clock: this one has to be learned again
	}
	return l.commit(ctx, mirror.Batch{}, nil)
}

// nextDue is when the leader has to act by itself.
func (l *leader) nextDue() time.Time {
	next := l.due
	for _, due := range []time.Time{l.fill.nextDue(), l.sweep.due, l.reports.fillDue} {
		if !due.IsZero() && due.Before(next) {
			next = due
		}
	}
	return next
}

// poll reads one round, schedules the next and tells whether to go on leading.
func (l *leader) poll(ctx context.Context) bool {
	l.mu.Lock()
	l.asked = false
	l.mu.Unlock()
	began := time.Now()
	l.setStatus(func(status *mirror.Status) { status.Asked = began })
	err := l.readRound(client.WithLane(ctx, client.LaneTail))
	switch {
	case ctx.Err() != nil, errors.Is(err, mirror.ErrFenced):
		return false
	case err != nil:
		l.failed(err)
		return false
	}
	l.setStatus(func(status *mirror.Status) {
		l.polled = time.Now()
		if status.Listing = l.lists.denied; l.doubt.answers == 0 { // while in doubt, it is not certain which row is newest
			status.Last = began
		}
		status.Asked, status.Trouble = time.Time{}, nil
		l.due = l.polled.Add(l.interval())
		status.Phase, status.Err, status.Failures, status.Next = mirror.Live, nil, 0, l.due
	})
	return true
}

// readRound makes the store show the present state of Stripe, except sessions that
// the back-fill has yet to read.
func (l *leader) readRound(ctx context.Context) error {
	if !l.clock.known() || l.progress.Anchor == 0 {
		if err := l.begin(ctx); err != nil {
			return err
		}
	}
	if !l.lists.denied || time.Since(l.lists.asked) >= askForEvents {
		denied, err := l.readTail(ctx)
		if err != nil {
			return err
		}
		l.lists.deny(denied)
	}
	if l.lists.denied {
		if err := l.readLists(ctx); err != nil {
			return err
		}
	}
	if err := l.followUp(ctx); err != nil {
		return err
	}
	return l.readReports(ctx)
}

// begin learns the server's time. On an empty mirror it fixes the start of the tail
// before anything else is read: changes during the back-fill are then among the
// events. The page of events that it asks for also tells since when sessions have
// been processing.
func (l *leader) begin(ctx context.Context) error {
	page, err := l.config.API.ListEvents(ctx, client.EventListParams{
		Cursor: client.Cursor{Limit: pageSize}, Types: []string{eventPrefix + "processing"},
	})
	switch client.KindOf(err) {
	case client.KindPermission:
		l.lists.deny(true)
	default:
		if err != nil {
			return err
		}
		if l.answered(page.Date); l.progress.Anchor != 0 {
			if err := l.ahead(); err != nil {
				return err
			}
		}
		l.noteStarted(page.Data)
	}
	if l.astray { // the times of the break can't be compared
		l.astray = false
		return l.beginAnew(ctx)
	}
	if l.progress.Anchor != 0 {
		return nil
	}
	if !l.lists.denied {
		if err := l.commit(ctx, mirror.Batch{}, l.anchor); err != nil {
			return err
		}
	}
	return l.readFirst(ctx)
}

// anchor makes progress begin now, with everything still to be read.
func (l *leader) anchor(p *mirror.Progress) {
	now := l.clock.now()
	p.Anchor, p.Tail = now-anchorBefore, now-anchorBefore
	p.Open, p.Oldest = []mirror.Window{{}}, 0
}

// commit records a batch together with the progress as changed by change.
func (l *leader) commit(ctx context.Context, batch mirror.Batch, change func(*mirror.Progress)) error {
	p := l.progress
	p.Open, p.Reports.Open = slices.Clone(p.Open), slices.Clone(p.Reports.Open)
	if change != nil {
		change(&p)
	}
	if l.moved != 0 {
		move(&p, l.clock.now(), l.moved)
	}
	if l.clock.known() {
		p.Ahead = client.Unix(l.Status().Ahead / time.Second)
	}
	batch.Progress = p
	err := l.config.Store.Commit(ctx, l.epoch, batch)
	if err != nil {
		l.lost = true
		return err
	}
	l.progress, l.moved = p, 0
	now := time.Now()
	if len(l.touched) > manyTouched {
		maps.DeleteFunc(l.touched, func(_ string, at time.Time) bool { return now.Sub(at) > touchedFor })
	}
	for _, s := range batch.Sightings {
		if s.News {
			l.touched[s.Session.ID] = now
		}
	}
	l.setStatus(func(status *mirror.Status) { show(status, p) })
	return nil
}
