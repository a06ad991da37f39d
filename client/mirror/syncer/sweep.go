package syncer

import (
	"context"
	"errors"
	"slices"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// The sweep lists all known sessions again, to find changes without an event:
// changes of metadata and options, redactions made elsewhere, and deleted sessions.
// It uses a tenth of the list quota of 20 requests a second, and runs only while no
// window is open: an account of a million sessions takes 83 minutes. The break
// before the next sweep grows with the length of this one, so that sweeps cost at
// most a hundred reads an hour: hourly up to ten thousand sessions, once a day from
// a quarter of a million on. A budget makes the sweep slower.
const (
	sweepPage   = 500 * time.Millisecond
	sweepSoon   = client.Unix(3600)
	sweepLate   = client.Unix(86400)
	sweepFactor = 72 // 100 pages take 50 s, and should last for an hour
	gonePages   = 10 // missing sessions of one page that are read one by one before the next page
)

// sweeping is the part of the sweep's state that is not in Progress.
type sweeping struct {
	span span
	due  time.Time // when there is something to do; zero: nothing until another event

	// The ids listed since the page that began at top, until a second is covered
	// whole.
	top    client.Unix
	listed map[string]bool
}

// sweepOn asks for the next page of the sweep when it is due.
func (l *leader) sweepOn(ctx context.Context) {
	s, now := &l.sweep, time.Now()
	if s.span.reading || len(l.fill.spans) > 0 || !l.clock.known() {
		s.due = time.Time{}
		return
	}
	began := l.progress.Sweep
	if wait := again(began) - l.clock.now(); began.Began == 0 && wait > 0 {
		s.due = now.Add(time.Duration(wait) * time.Second)
		return
	}
	if s.due = s.span.due; s.due.Before(l.fill.spare) {
		s.due = l.fill.spare
	}
	if now.Before(s.due) || !l.spend(true) {
		return
	}
	s.due = time.Time{}
	s.span.Window = began.Rest
	l.fetch(client.WithLane(ctx, client.LaneSweep), &s.span)
}

// again is when the next sweep may begin.
func again(s mirror.Sweep) client.Unix {
	if s.Ended == 0 {
		return 0
	}
	return max(s.Ended, s.Last+min(max(sweepSoon, sweepFactor*(s.Ended-s.Last)), sweepLate))
}

// takePage commits a page of a walk of its own unless reading it failed, and returns
// why that failed. leads is false when this process leads no more, or is about to end.
func (l *leader) takePage(ctx context.Context, readErr error, date time.Time, commit func() error) (err error, leads bool) {
	if err = readErr; err == nil {
		l.answered(date)
		err = commit()
	}
	switch {
	case ctx.Err() != nil, errors.Is(err, mirror.ErrFenced):
		return err, false
	case l.lost:
		l.failed(err)
		return err, false
	}
	return err, true
}

// takeSweep commits a page of the sweep, and removes the sessions missing in it.
func (l *leader) takeSweep(ctx context.Context, read pageRead) {
	s := &l.sweep.span
	s.reading = false
	err, leads := l.takePage(ctx, read.err, read.page.Date, func() error { return l.sweepPage(ctx, read) })
	switch {
	case !leads:
		return
	case err == nil:
		s.failures, s.due = 0, time.Now().Add(sweepPage)
	default:
		s.failures++
		s.due = time.Now().Add(patience(err, l.config.Interval, s.failures))
		if client.KindOf(read.err) == client.KindNotFound {
			l.progress.Sweep.Rest.After = "" // the session of the cursor is gone
		}
	}
	l.setStatus(func(status *mirror.Status) { fillFailed(status, err, s.due) })
}

// sweepPage is takeSweep for a page without an error.
func (l *leader) sweepPage(ctx context.Context, read pageRead) error {
	rest, how := read.step()
	if how == stuck {
		l.sweep.listed = nil
		if l.sweep.span.failures < maxStuck || read.asked.Until == 0 {
			l.progress.Sweep.Rest.After = "" // that second once more
			return errStuck("list sessions")
		}
		rest, how = mirror.Window{Until: read.asked.Until - 1}, further // the next sweep comes back to this second
	}
	sightings := l.sightings(ctx, read)
	for i := range sightings {
		_, known, err := l.config.Store.Get(ctx, sightings[i].Session.ID)
		if err != nil {
			return err
		}
		sightings[i].News = known // an unknown session is older than it looks
	}
	missing, err := l.missing(ctx, read, rest, how)
	if err != nil {
		return err
	}
	if len(missing) > gonePages {
		row, _, err := l.config.Store.Get(ctx, missing[gonePages])
		if err != nil {
			return err
		}
		missing, rest, how = missing[:gonePages], mirror.Window{Until: row.Created + 1}, further
	}
	batch, err := l.reread(client.WithLane(ctx, client.LaneSweep), missing)
	if err != nil {
		return err
	}
	batch.Sightings = append(sightings, batch.Sightings...)
	return l.commit(ctx, batch, func(p *mirror.Progress) {
		now := l.clock.now()
		if p.Sweep.Began == 0 {
			p.Sweep.Began = now
		}
		p.Sweep.Lost += read.page.Lost
		if p.Sweep.Rest = rest; how == ended {
			p.Lost = p.Sweep.Lost
			p.Sweep = mirror.Sweep{Ended: now, Last: p.Sweep.Began}
		}
	})
}

// missing returns the stored sessions that the lists lack, newest first, in the
// seconds that the sweep has listed whole with this page.
func (l *leader) missing(ctx context.Context, read pageRead, rest mirror.Window, how walk) ([]string, error) {
	s := &l.sweep
	if read.asked.After == "" {
		s.top, s.listed = top(read.asked), map[string]bool{}
	}
	if s.listed == nil { // another process began to list this full second
		return nil, nil
	}
	for _, session := range read.page.Data {
		s.listed[session.ID] = true
	}
	if how == further && rest.After != "" {
		return nil, nil
	}
	whole, listed := mirror.Window{Until: s.top}, s.listed
	s.listed = nil
	if how == further {
		whole.From = top(rest)
	}
	ids, err := l.config.Store.Within(ctx, whole)
	if err != nil {
		return nil, err
	}
	asOf := l.seen(read.page.Date, read.sent, false).At.Add(-time.Duration(slowest) * time.Second)
	var failed error
	ids = slices.DeleteFunc(ids, func(id string) bool {
		if listed[id] {
			return true
		}
		row, ok, err := l.config.Store.Get(ctx, id)
		failed = errors.Join(failed, err)
		return !ok || !row.AsOf.Before(asOf) && client.Unix(row.AsOf.Unix()) <= l.clock.now()+slowest
	})
	return ids, failed
}
