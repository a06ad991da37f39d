package syncer

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// The tail follows the account's events. Events become visible late and out of
// order, several in one second, and twice. So the events created up to overlap
// before the newest one are listed again each time, and the ids tell which were
// handled.
const (
	overlap      = client.Unix(300)
	anchorBefore = overlap                 // how long the tail begins before the first list
	tooOld       = client.Unix(25 * 86400) // Stripe keeps events for 30 days: a tail older than this may have lost some
	dayByDay     = client.Unix(86400)      // a long absence is read and committed day by day
	slowest      = client.Unix(60)         // no answer comes later than this after the moment it shows
	maxStuck     = 3                       // empty pages that claim to have more, in one walk
	eventPrefix  = "identity.verification_session."
	askForEvents = 10 * time.Minute // after events were denied
)

var eventTypes = []string{
	eventPrefix + "created", eventPrefix + "processing", eventPrefix + "verified",
	eventPrefix + "requires_input", eventPrefix + "canceled", eventPrefix + "redacted",
}

// errGap says that the tail ended too long ago to go on from there.
var errGap = errors.New("the tail is too old")

// readTail commits the events since the tail, and tells whether the key may not
// read events.
func (l *leader) readTail(ctx context.Context) (denied bool, err error) {
	if l.design.lateAnchor && len(l.progress.Open) > 0 {
		return false, nil
	}
	for {
		window := mirror.Window{From: max(1, l.progress.Tail-l.design.overlap)}
		if l.design.exclusive {
			window.From++
		}
		if l.clock.known() && l.clock.now()-l.progress.Tail > dayByDay {
			window.Until = l.progress.Tail + dayByDay
		}
		sent := time.Now()
		events, date, err := l.listEvents(ctx, window)
		switch {
		case errors.Is(err, errGap):
			if err := l.beginAnew(ctx); err != nil {
				return false, err
			}
			continue
		case client.KindOf(err) == client.KindPermission:
			return true, nil
		case err != nil:
			return false, err
		}
		if err := l.take(ctx, events, sent, l.reached(window, events, date)); err != nil {
			return false, err
		}
		if window.Until == 0 {
			return false, nil
		}
	}
}

// reached moves progress on once the events of a window are handled. Their list
// began at date.
func (l *leader) reached(window mirror.Window, events []client.Event, date client.Unix) func(*mirror.Progress) {
	return func(p *mirror.Progress) {
		if window.Until != 0 {
			p.Tail = max(p.Tail, min(window.Until, date))
			return
		}
		for _, e := range events {
			p.Tail = max(p.Tail, min(e.Created, date))
		}
		if l.design == sound { // no older event can become visible any more
			p.Tail = max(p.Tail, date-overlap)
		}
		p.Checked = max(p.Checked, date)
	}
}

// beginAnew starts over after an absence in which events were lost. The tail begins
// now, and everything is listed again while the rows stay visible.
func (l *leader) beginAnew(ctx context.Context) error {
	err := l.commit(ctx, mirror.Batch{}, func(p *mirror.Progress) {
		l.anchor(p)
		p.Stale, p.Sweep, p.Lost = true, mirror.Sweep{}, 0
		p.Reports.Due = p.Reports.Kept != mirror.KeptOff
	})
	l.openWindows()
	return err
}

// listEvents walks the events of a window to the bottom. It returns all events that
// were visible at date, by the server's clock.
func (l *leader) listEvents(ctx context.Context, window mirror.Window) (events []client.Event, date client.Unix, err error) {
	known, sent := map[string]bool{}, time.Now()
	rest, faults := []mirror.Window{window}, 0
	for len(rest) > 0 {
		w := rest[0]
		page, err := l.config.API.ListEvents(ctx, client.EventListParams{
			Cursor: client.Cursor{Limit: pageSize, After: w.After}, Created: created(w), Types: eventTypes,
		})
		if err != nil {
			return nil, 0, err
		}
		if l.answered(page.Date); date == 0 {
			// The date is later than the server's look at its events.
			date = l.clock.now() - client.Unix((time.Since(sent)+time.Second-1)/time.Second)
			if err := l.ahead(); err != nil {
				return nil, 0, err
			}
			if date-l.progress.Tail > tooOld {
				return nil, 0, errGap
			}
		}
		var last mark
		for _, e := range page.Data {
			if last = (mark{e.ID, e.Created}); !known[e.ID] {
				known[e.ID] = true
				events = append(events, e)
			}
		}
		next, how := leftOf(w, len(page.Data), last, page.HasMore)
		switch how {
		case further:
			rest[0] = next
		case ended:
			rest = rest[1:]
		case stuck:
			if faults++; faults > maxStuck {
				return nil, 0, errStuck("list events")
			}
			if w.After != "" {
				rest = append(apart(w), rest[1:]...)
			}
		}
	}
	return events, date, nil
}

// take commits the news of events; the last commit sets the progress with change.
func (l *leader) take(ctx context.Context, events []client.Event, sent time.Time, change func(*mirror.Progress)) error {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	handled, err := l.config.Store.Handled(ctx, ids)
	if err != nil {
		return err
	}
	all := storiesOf(events, handled)
	if len(all) > 0 {
		l.active = time.Now()
	}
	var batch mirror.Batch
	var fetch []*story
	for _, s := range all {
		if s.newest.Object.State() == client.StateProcessing {
			l.noteEntered(s.newest.Created)
		}
		for _, e := range s.told {
			if err := l.noteReport(ctx, e.Object); err != nil {
				return err
			}
		}
		verdict, err := l.judge(ctx, s)
		if err != nil {
			return err
		}
		switch verdict {
		case read:
			fetch = append(fetch, s)
			continue
		case believe:
			seen := mirror.Origin{At: s.newest.Created.Time(), Sent: sent, News: true, From: mirror.Event}
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: seen, Session: s.newest.Object})
		}
		s.into(&batch)
	}
	for len(fetch) > 0 {
		some := fetch[:min(len(fetch), readsAtOnce)]
		fetch = fetch[len(some):]
		if err := l.readInto(ctx, &batch, some); err != nil {
			return err
		}
		if len(fetch) > 0 { // there is much to read: commit the part that was read
			if err := l.commit(ctx, batch, nil); err != nil {
				return err
			}
			batch = mirror.Batch{}
		}
	}
	return l.commit(ctx, batch, change)
}

// readInto reads sessions and puts them and their events into a batch. A session
// that can't be read, for a reason of its own, is tried again later.
func (l *leader) readInto(ctx context.Context, batch *mirror.Batch, stories []*story) error {
	ids := make([]string, 0, len(stories))
	for _, s := range stories {
		if time.Now().After(l.follows.unreadable[s.id]) {
			ids = append(ids, s.id)
		}
	}
	reads, err := l.getAll(ctx, ids)
	if err != nil {
		return err
	}
	for _, s := range stories {
		r, ok := reads[s.id]
		switch {
		case !ok:
			continue
		case client.KindOf(r.err) == client.KindNotFound:
			batch.Gone = append(batch.Gone, s.id)
		case r.err != nil:
			l.follows.postpone(s.id)
			continue
		default:
			batch.Sightings = append(batch.Sightings, r.sighting(true))
		}
		s.into(batch)
	}
	return nil
}

// noteStarted remembers since when sessions have been processing, until the pages
// with those sessions come.
func (l *leader) noteStarted(events []client.Event) {
	l.started = map[string]client.Unix{}
	for _, e := range events {
		if l.noteEntered(e.Created); e.Object.ID != "" {
			l.started[e.Object.ID] = max(l.started[e.Object.ID], e.Created)
		}
	}
}

// noteBegan adds to a batch since when its sessions have been processing.
func (l *leader) noteBegan(batch *mirror.Batch) {
	for _, s := range batch.Sightings {
		if at, ok := l.started[s.Session.ID]; ok {
			batch.Began = append(batch.Began, mirror.Beginning{ID: s.Session.ID, State: client.StateProcessing, At: at})
		}
	}
}

// newestFirst sorts events; events of one second keep the order of the list.
func newestFirst(events []client.Event) []client.Event {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b client.Event) int { return cmp.Compare(b.Created, a.Created) })
	return sorted
}
