package syncer

import (
	"context"
	"maps"
	"slices"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// Without permission for events, changes are found by lists: the newest page, all
// processing sessions, a part of the waiting ones, and single sessions that left
// these lists. A final session that changes is found by the sweep alone.

// Bounds of one round of lists, in requests. A round costs two list calls when
// nothing happens; every waitingEvery a walk over the waiting sessions is added.
const (
	glance       = 25 // rows of the newest page, when the whole page was read a moment ago
	processPages = 10
	waitingPages = 3 // of the walk over requires_input, which goes on in the next round
)

// wholePageEvery is how often the newest page is read whole. Sessions further down
// that are not final are in the other lists.
const wholePageEvery = 15 * time.Second

// waitingEvery is how often a walk over requires_input begins. A session that is
// tried again appears among the processing ones, so this walk only finds the few
// that the other lists miss.
const waitingEvery = 15 * time.Second

// lister is the state of the rounds of lists.
type lister struct {
	denied bool                // the key may not read events
	asked  time.Time           // when it last asked for events
	whole  time.Time           // when the newest page was last read whole
	reread map[string]struct{} // sessions that left a list, to be read by themselves

	waitingBegan time.Time       // when the last walk over requires_input began
	waitingAfter string          // where the walk over requires_input goes on
	waitingSeen  map[string]bool // ids seen by this walk; nil: no walk under way
	waitingKnown []string        // the ids that waited when the walk began
}

// deny notes whether events are denied.
func (l *lister) deny(denied bool) {
	if l.denied = denied; denied {
		l.asked = time.Now()
	}
}

// readLists reads one round of lists.
func (l *leader) readLists(ctx context.Context) error {
	if l.lists.reread == nil {
		l.lists.reread = map[string]struct{}{}
	}
	began := client.Unix(0)
	if l.clock.known() {
		began = l.clock.now()
	}
	if err := l.readNewest(ctx); err != nil {
		return err
	}
	if err := l.readProcessing(ctx); err != nil {
		return err
	}
	if err := l.readWaiting(ctx); err != nil {
		return err
	}
	ids := slices.DeleteFunc(slices.Collect(maps.Keys(l.lists.reread)), func(id string) bool {
		return time.Now().Before(l.follows.unreadable[id])
	})
	ids = ids[:min(len(ids), readsAtOnce)]
	batch, err := l.reread(ctx, ids)
	if err != nil {
		return err
	}
	for _, s := range batch.Sightings {
		row, _, err := l.config.Store.Get(ctx, s.Session.ID)
		if err == nil {
			err = l.noteListed(ctx, s.Session, row)
		}
		if err != nil {
			return err
		}
	}
	for _, id := range ids {
		delete(l.lists.reread, id)
	}
	return l.commit(ctx, batch, func(p *mirror.Progress) { p.Checked = max(p.Checked, began) })
}

// ask asks for a page of sessions.
func (l *leader) ask(ctx context.Context, params client.SessionListParams) (pageRead, error) {
	read := pageRead{sent: time.Now()}
	read.page, read.err = l.config.API.ListSessions(ctx, params)
	if read.err == nil {
		l.answered(read.page.Date)
		read.err = l.ahead()
	}
	return read, read.err
}

// sort makes sightings of a page, and tells whether the page reaches the sessions
// of the previous listing. An unknown session is news only if it was created since
// this program's first answer. onlyKnown leaves out the other unknown sessions: the
// back-fill brings them.
func (l *leader) sort(ctx context.Context, read pageRead, onlyKnown bool) (sightings []mirror.Sighting, met bool, err error) {
	for _, session := range read.page.Data {
		row, known, err := l.config.Store.Get(ctx, session.ID)
		if err != nil {
			return nil, false, err
		}
		if known || session.Created >= l.began {
			if err := l.noteListed(ctx, session, row); err != nil {
				return nil, false, err
			}
		}
		if state := session.State(); known && row.State != state || !known && session.Created >= l.began {
			if l.active = time.Now(); state == client.StateProcessing {
				l.entered = l.active
			}
		}
		met = met || known && session.Created < l.listedTo()
		if known || !onlyKnown {
			news := known || session.Created >= l.began
			sightings = append(sightings, mirror.Sighting{Origin: l.seen(read.page.Date, read.sent, news), Session: session})
		}
	}
	return sightings, met, nil
}

// readNewest reads the newest page. If the page does not reach down to the sessions
// that were known when the lists were last read, more have come than a page holds:
// the gap becomes a window of the back-fill.
func (l *leader) readNewest(ctx context.Context) error {
	limit := glance
	if time.Since(l.lists.whole) >= wholePageEvery {
		limit = pageSize
	}
	read, err := l.ask(ctx, client.SessionListParams{Cursor: client.Cursor{Limit: limit}})
	if err != nil {
		return err
	}
	sightings, met, err := l.sort(ctx, read, false)
	if err != nil {
		return err
	}
	var between []mirror.Window
	if n := len(read.page.Data); !met && read.page.HasMore && n > 0 {
		if gap := (mirror.Window{From: l.listedTo(), Until: read.page.Data[n-1].Created + 1}); gap.From < gap.Until {
			between = []mirror.Window{gap}
		}
	}
	if between != nil {
		err = l.open(ctx, mirror.Batch{Sightings: sightings}, between)
	} else if len(sightings) > 0 {
		err = l.commit(ctx, mirror.Batch{Sightings: sightings}, nil)
	}
	if err == nil && limit == pageSize {
		l.lists.whole = read.sent
	}
	return err
}

// listedTo is the time after which sessions may be missing that neither the lists
// nor the back-fill would bring. A known session newer than that may have been
// created by this program: it says nothing about sessions before it.
func (l *leader) listedTo() client.Unix {
	to := max(1, l.progress.Checked)
	if l.progress.Checked == 0 {
		to = max(1, l.progress.Anchor)
	}
	if open := l.progress.Open; len(open) > 0 && open[0].Until > to {
		return open[0].Until // everything from there on is read anyway
	}
	return to
}

// open commits a batch, and adds windows newer than all others to the open windows.
func (l *leader) open(ctx context.Context, batch mirror.Batch, newer []mirror.Window) error {
	var spans []*span
	for _, w := range newer {
		spans = append(spans, &span{Window: w})
	}
	spans = append(spans, l.fill.spans...)
	err := l.commit(ctx, batch, func(p *mirror.Progress) {
		p.Open = nil
		for _, s := range spans {
			p.Open = append(p.Open, s.Window)
		}
	})
	l.fill.spans = spans
	return err
}

// readProcessing lists the processing sessions. Sessions that left the list are
// read by themselves.
func (l *leader) readProcessing(ctx context.Context) error {
	known, err := l.config.Store.IDs(ctx, mirror.StatesOf(client.StateProcessing))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	params := client.SessionListParams{Status: client.StatusProcessing, Cursor: client.Cursor{Limit: pageSize}}
	for range processPages {
		read, err := l.ask(ctx, params)
		if err != nil {
			return err
		}
		last, err := l.takeListed(ctx, read, false, seen)
		if err != nil {
			return err
		}
		if !read.page.HasMore || last == "" {
			l.rereadMissing(known, seen)
			return nil
		}
		params.After = last
	}
	return nil
}

// takeListed commits a page, notes its ids, and returns the last of them.
func (l *leader) takeListed(ctx context.Context, read pageRead, onlyKnown bool, seen map[string]bool) (last string, err error) {
	for _, session := range read.page.Data {
		last = session.ID
		seen[last] = true
	}
	sightings, _, err := l.sort(ctx, read, onlyKnown)
	if err != nil || len(sightings) == 0 {
		return last, err
	}
	return last, l.commit(ctx, mirror.Batch{Sightings: sightings}, nil)
}

// readWaiting walks a few pages of requires_input, which may be many, and goes on
// from there in the next round. After a whole walk, known waiting sessions that the
// walk did not see are read by themselves.
func (l *leader) readWaiting(ctx context.Context) error {
	r := &l.lists
	if r.waitingSeen == nil {
		if time.Since(r.waitingBegan) < waitingEvery {
			return nil
		}
		known, err := l.config.Store.IDs(ctx, mirror.StatesOf(client.StateFailed, client.StateWaiting))
		if err != nil || len(known) == 0 {
			return err
		}
		r.waitingSeen, r.waitingKnown, r.waitingAfter = map[string]bool{}, known, ""
		r.waitingBegan = time.Now()
	}
	params := client.SessionListParams{Status: client.StatusRequiresInput, Cursor: client.Cursor{Limit: pageSize}}
	for range waitingPages {
		params.After = r.waitingAfter
		read, err := l.ask(ctx, params)
		if client.KindOf(err) == client.KindNotFound {
			r.waitingSeen = nil // the cursor is gone: begin anew in the next round
			return nil
		}
		if err != nil {
			return err
		}
		last, err := l.takeListed(ctx, read, true, r.waitingSeen)
		if err != nil {
			return err
		}
		if !read.page.HasMore || last == "" || last == r.waitingAfter {
			l.rereadMissing(r.waitingKnown, r.waitingSeen)
			r.waitingSeen = nil
			return nil
		}
		r.waitingAfter = last
	}
	return nil
}

func (l *leader) rereadMissing(known []string, seen map[string]bool) {
	for _, id := range known {
		if !seen[id] {
			l.lists.reread[id] = struct{}{}
		}
	}
}
