package syncer

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/guard"
	"idtop/client/mirror"
)

// Bounds of the back-fill.
const (
	pageSize   = 100
	sideBySide = 4  // windows read at the same time
	pagesEach  = 64 // how many pages a slice should have
	longWalk   = 10 // pages after which a look for the oldest session pays
)

// filling is the back-fill: it reads the open windows, newest first, page by page.
// The last window is all the rest. When there is much to read, slices are cut off
// the top of the rest and read at the same time.
type filling struct {
	spans   []*span
	read    int       // pages so far
	spare   time.Time // until then no page may be asked for
	probing bool

	rows     int       // sessions read
	rate     int       // sessions read a second
	paceAt   time.Time // when rate was last computed
	paceRows int       // rows at that time

	pages   chan struct{} // signaled when a page came
	fetches sync.WaitGroup
	mu      sync.Mutex
	came    []pageRead
	oldest  client.Unix // the time of the oldest session, once found
}

// span is a window whose pages are being read.
type span struct {
	mirror.Window
	reading  bool
	failures int
	due      time.Time
	share    client.Unix // how many seconds of the window the last page covered
}

// pageRead is the answer to the request of a page.
type pageRead struct {
	span  *span
	asked mirror.Window
	sent  time.Time
	page  client.Page[client.Session]
	err   error
}

// openWindows takes over the open windows from the store's progress.
func (l *leader) openWindows() {
	l.fill.spans = nil
	for _, w := range l.progress.Open {
		l.fill.spans = append(l.fill.spans, &span{Window: w})
	}
}

// windows are the windows that are still to be read, newest first.
func (f *filling) windows() []mirror.Window {
	var open []mirror.Window
	for _, s := range f.spans {
		open = append(open, s.Window)
	}
	return open
}

// nextDue is when the next page can be asked for; zero when no page is left to ask
// for.
func (f *filling) nextDue() (next time.Time) {
	for _, s := range f.spans {
		due := s.due
		if due.Before(f.spare) {
			due = f.spare
		}
		if !s.reading && (next.IsZero() || due.Before(next)) {
			next = due
		}
		if !s.reading && next.IsZero() {
			return time.Now()
		}
	}
	return next
}

// fetchPages asks for the next page of every window that awaits none.
func (l *leader) fetchPages(ctx context.Context) {
	l.cut()
	for _, s := range l.fill.spans {
		if !s.reading && !time.Now().Before(s.due) && l.spend(false) {
			l.fetch(client.WithLane(ctx, client.LaneFill), s)
		}
	}
	if f := &l.fill; !f.probing && f.read >= longWalk && len(f.spans) > 0 && l.progress.Oldest == 0 {
		f.probing = true
		from, now := f.spans[len(f.spans)-1].Until, l.clock.now()
		f.fetches.Go(func() {
			defer guard.Catch()
			l.findOldest(client.WithLane(ctx, client.LaneFill), from, now)
		})
	}
}

// spend tells whether the back-fill or the sweep may ask for a page now.
func (l *leader) spend(sweep bool) bool {
	budget, now := l.config.Budget, time.Now()
	if budget == nil {
		return true
	}
	if now.Before(l.fill.spare) {
		return false
	}
	between := budget.Spare
	if sweep {
		between = budget.SpareSweep
	}
	l.fill.spare = now.Add(between(now))
	return true
}

// held tells whether the budget slows the back-fill down, so that more requests at
// the same time gain nothing.
func (l *leader) held() bool {
	return l.config.Budget != nil && l.config.Budget.Spare(time.Now()) > 0
}

// cut cuts slices off the rest. A slice is as wide as pagesEach pages at the
// density of the last page. It waits until the time of the oldest session is known.
func (l *leader) cut() {
	f := &l.fill
	for l.progress.Oldest != 0 && len(f.spans) > 0 && len(f.spans) < sideBySide && !l.held() {
		rest := f.spans[len(f.spans)-1]
		below := rest.Until - pagesEach*rest.share
		if rest.share == 0 || rest.After != "" || below <= max(rest.From, l.progress.Oldest) {
			return
		}
		f.spans = append(f.spans, &span{Window: mirror.Window{From: rest.From, Until: below}, share: rest.share})
		rest.From = below
	}
}

// fetch asks for a page in a goroutine of its own.
func (l *leader) fetch(ctx context.Context, s *span) {
	s.reading = true
	asked := s.Window
	l.fill.fetches.Go(func() {
		defer guard.Catch()
		read := l.list(ctx, asked)
		read.span = s
		l.fill.mu.Lock()
		l.fill.came = append(l.fill.came, read)
		l.fill.mu.Unlock()
		signal(l.fill.pages)
	})
}

// list asks for a page of a window.
func (s *Syncer) list(ctx context.Context, w mirror.Window) pageRead {
	read := pageRead{asked: w, sent: time.Now()}
	read.page, read.err = s.config.API.ListSessions(ctx, client.SessionListParams{
		Cursor: client.Cursor{Limit: pageSize, After: w.After}, Created: created(w),
	})
	return read
}

// step returns the rest of the window after the page. The window's lower end may
// have been raised meanwhile.
func (r *pageRead) step() (mirror.Window, walk) {
	w, last := r.asked, mark{}
	w.From = max(w.From, r.span.From)
	if n := len(r.page.Data); n > 0 {
		last = mark{r.page.Data[n-1].ID, r.page.Data[n-1].Created}
	}
	return leftOf(w, len(r.page.Data), last, r.page.HasMore)
}

// takePages records the pages that came. The next pages are requested before these
// are committed.
func (l *leader) takePages(ctx context.Context) {
	l.fill.mu.Lock()
	came, oldest := l.fill.came, l.fill.oldest
	l.fill.came = nil
	l.fill.mu.Unlock()
	if len(came) == 0 {
		return
	}
	came = slices.DeleteFunc(came, func(read pageRead) bool {
		if read.span != &l.sweep.span {
			return false
		}
		l.takeSweep(ctx, read)
		return true
	})
	if len(came) == 0 || l.lost || ctx.Err() != nil {
		return
	}
	var batch mirror.Batch
	var failure error
	lost := 0
	for _, read := range came {
		read.span.reading = false
		if read.err == nil {
			l.answered(read.page.Date)
			batch.Sightings = append(batch.Sightings, l.sightings(ctx, read)...)
			l.fill.rows += len(read.page.Data)
			lost += read.page.Lost
		}
		if err := l.advance(read); err != nil {
			failure = err
		}
	}
	if ctx.Err() != nil {
		return
	}
	l.noteBegan(&batch)
	l.fetchPages(ctx)
	err := l.commit(ctx, batch, func(p *mirror.Progress) {
		p.Open = l.fill.windows()
		p.Lost += lost
		if p.Oldest == 0 {
			p.Oldest = oldest
		}
		l.close(p)
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, mirror.ErrFenced) {
		l.failed(err)
	}
	l.setStatus(func(status *mirror.Status) {
		fillFailed(status, failure, l.fill.nextDue())
		status.Rate = l.fill.pace(time.Now())
	})
}

// fillFailed notes whether reading older sessions failed; next is when it goes on.
func fillFailed(s *mirror.Status, err error, next time.Time) {
	if s.FillErr, s.FillNext = err, next; err == nil {
		s.FillFails = 0
		return
	}
	s.FillFails++
}

// paceOver is the time over which the pace of the back-fill is measured.
const paceOver = 5 * time.Second

// pace is the sessions read a second of late; 0 until it is known.
func (f *filling) pace(now time.Time) int {
	switch since := now.Sub(f.paceAt); {
	case f.paceAt.IsZero():
		f.paceAt, f.paceRows = now, f.rows
	case since >= paceOver:
		f.rate = int(float64(f.rows-f.paceRows) / since.Seconds())
		f.paceAt, f.paceRows = now, f.rows
	}
	return f.rate
}

// advance moves a window on by a page, or makes it wait when the page failed.
func (l *leader) advance(read pageRead) error {
	s, err := read.span, read.err
	if err == nil {
		rest, how := read.step()
		switch how {
		case further:
			l.fill.read++
			s.share = max(1, s.Until-rest.Until)
			if s.Until == 0 {
				s.share = 0
			}
			s.Window, s.failures = rest, 0
			return nil
		case ended:
			l.fill.read++
			l.replace(s)
			return nil
		}
		err = errStuck("list sessions")
		if s.After != "" {
			parts := apart(s.Window)
			l.replace(s, parts...)
			s = l.fill.find(parts[0])
		}
	} else if client.KindOf(err) == client.KindNotFound { // the session of the cursor is gone
		s.After = ""
	}
	s.failures = max(s.failures, read.span.failures) + 1
	s.due = time.Now().Add(patience(err, l.config.Interval, s.failures))
	return err
}

// replace puts new windows in the place of a span.
func (l *leader) replace(old *span, parts ...mirror.Window) {
	var spans []*span
	for _, s := range l.fill.spans {
		if s != old {
			spans = append(spans, s)
			continue
		}
		for _, w := range parts {
			spans = append(spans, &span{Window: w, share: old.share})
		}
	}
	l.fill.spans = spans
}

func (f *filling) find(w mirror.Window) *span {
	for _, s := range f.spans {
		if s.Window == w {
			return s
		}
	}
	return &span{}
}

// close notes the end of the back-fill, once all is read. Sessions known before an
// interruption may be gone since: only a sweep finds them.
func (l *leader) close(p *mirror.Progress) {
	if len(p.Open) > 0 {
		return
	}
	if l.design.lateAnchor && p.Checked == 0 {
		p.Tail = l.clock.now()
	}
	if p.Stale {
		p.Stale, p.Sweep = false, mirror.Sweep{}
	} else if p.Sweep == (mirror.Sweep{}) {
		p.Sweep.Last, p.Sweep.Ended = l.clock.now(), l.clock.now() // a whole listing is as good as a sweep
	}
}

// sightings are the sessions of a page. For a session that this process recorded
// from a later answer or event while the page was under way, the page may be out of
// date: the session is read by itself.
func (l *leader) sightings(ctx context.Context, read pageRead) []mirror.Sighting {
	seen := l.seen(read.page.Date, read.sent, false)
	sightings := make([]mirror.Sighting, 0, len(read.page.Data))
	for _, session := range read.page.Data {
		if !l.touched[session.ID].After(read.sent) {
			sightings = append(sightings, mirror.Sighting{Origin: seen, Session: session})
			continue
		}
		again := l.get(client.WithLane(ctx, client.LaneTail), session.ID)
		if again.err == nil {
			sightings = append(sightings, again.sighting(false))
		}
	}
	return sightings
}

// readFirst reads the newest page at once.
func (l *leader) readFirst(ctx context.Context) error {
	read := l.list(ctx, mirror.Window{})
	if read.err != nil {
		return read.err
	}
	l.answered(read.page.Date)
	batch := mirror.Batch{Sightings: l.sightings(ctx, read)}
	l.noteBegan(&batch)
	read.span = &span{}
	rest, how := read.step()
	if how == stuck {
		return errStuck("list sessions")
	}
	err := l.commit(ctx, batch, func(p *mirror.Progress) {
		if p.Anchor == 0 {
			l.anchor(p)
		}
		if p.Open = nil; how == further {
			p.Open = []mirror.Window{rest}
		}
		p.Lost = read.page.Lost
		l.close(p)
	})
	l.openWindows()
	return err
}
