package mirror

import (
	"context"
	"slices"
	"time"

	"idtop/client"
)

// Bounds of one poll, in requests. A poll costs two list calls when nothing
// happens; every waitingEvery, the waiting sessions are walked besides.
const (
	pageSize     = 100
	newestPages  = 10 // until a session that is known already
	processPages = 10
	waitingPages = 3  // of the walk over requires_input, which goes on in the next poll
	singleReads  = 10 // of sessions that left a list, or are being redacted
)

// waitingEvery is how often a walk over requires_input begins: who retries is
// found among what is processing, so that this is only for what the other lists
// miss.
const waitingEvery = 15 * time.Second

// redactionRecheck is how often a session that is being redacted is read again.
// Stripe takes up to four days.
const redactionRecheck = time.Minute

// pollRound is what the polls have still to do.
type pollRound struct {
	waitingBegan time.Time           // when the last walk over requires_input began
	waitingAfter string              // where the walk over requires_input goes on
	waitingSeen  map[string]bool     // what this walk has seen; nil: no walk under way
	waitingKnown []string            // what was known to wait when it began
	reread       map[string]struct{} // sessions that are not where they were
	rechecked    map[string]time.Time
}

// readRound reads the newest page, all that is processing, a part of what
// waits, and single sessions that left those lists.
func (s *Syncer) readRound(ctx context.Context) error {
	if s.round.reread == nil {
		s.round.reread = map[string]struct{}{}
		s.round.rechecked = map[string]time.Time{}
	}
	first := s.Status().Last.IsZero()
	if err := s.readNewest(ctx, first); err != nil {
		return err
	}
	if err := s.readProcessing(ctx); err != nil {
		return err
	}
	if err := s.readWaiting(ctx); err != nil {
		return err
	}
	if err := s.readSingles(ctx); err != nil {
		return err
	}
	if first {
		return s.readBeginnings(ctx)
	}
	return nil
}

// readBeginnings learns from the newest events since when sessions have been
// processing; a key that may not read events does without.
func (s *Syncer) readBeginnings(ctx context.Context) error {
	processing, err := s.config.Store.IDs(ctx, StatesOf(client.StateProcessing))
	if err != nil || len(processing) == 0 {
		return err
	}
	page, err := s.config.API.ListEvents(ctx, client.EventListParams{
		Cursor: client.Cursor{Limit: pageSize}, Types: []string{"identity.verification_session.processing"},
	})
	if err != nil {
		return nil
	}
	ahead := s.Status().Ahead
	for _, event := range slices.Backward(page.Data) {
		at := event.Created.Time().Add(-ahead)
		if err := s.config.Store.Began(ctx, event.Object.ID, client.StateProcessing, at); err != nil {
			return err
		}
	}
	return nil
}

// readNewest reads from the top until a session that is known. The first page
// of all goes to the store before anything else is read.
func (s *Syncer) readNewest(ctx context.Context, first bool) error {
	params := client.SessionListParams{Cursor: client.Cursor{Limit: pageSize}}
	for range newestPages {
		page, sent, err := s.list(ctx, params)
		if err != nil {
			return err
		}
		met := first || !page.HasMore || len(page.Data) == 0
		for _, session := range page.Data {
			_, known, err := s.config.Store.Get(ctx, session.ID)
			if err != nil {
				return err
			}
			met = met || known
		}
		if err := s.config.Store.Apply(ctx, Seen{sent, !first}, page.Data...); err != nil {
			return err
		}
		if first {
			s.fill.begin(page, s.config.Limit)
			s.setStatus(func(status *Status) { status.Filling = s.fill.pending() })
		}
		if met {
			return nil
		}
		params.After = page.Data[len(page.Data)-1].ID
	}
	return nil
}

// readProcessing lists what is processing; what was and is no more is read
// again by itself.
func (s *Syncer) readProcessing(ctx context.Context) error {
	known, err := s.config.Store.IDs(ctx, StatesOf(client.StateProcessing))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	params := client.SessionListParams{Status: client.StatusProcessing, Cursor: client.Cursor{Limit: pageSize}}
	for range processPages {
		page, sent, err := s.list(ctx, params)
		if err != nil {
			return err
		}
		if err := s.config.Store.Apply(ctx, Seen{sent, true}, page.Data...); err != nil {
			return err
		}
		for _, session := range page.Data {
			seen[session.ID] = true
		}
		if !page.HasMore || len(page.Data) == 0 {
			s.rereadMissing(known, seen)
			return nil
		}
		params.After = page.Data[len(page.Data)-1].ID
	}
	return nil
}

// readWaiting walks a few pages of requires_input, which may be many, and goes
// on there in the next poll. After a whole walk, what was known to wait and was
// not seen is read by itself.
func (s *Syncer) readWaiting(ctx context.Context) error {
	r := &s.round
	if r.waitingSeen == nil {
		if time.Since(r.waitingBegan) < waitingEvery {
			return nil
		}
		known, err := s.config.Store.IDs(ctx, StatesOf(client.StateFailed, client.StateWaiting))
		if err != nil || len(known) == 0 {
			return err
		}
		r.waitingSeen, r.waitingKnown, r.waitingAfter = map[string]bool{}, known, ""
		r.waitingBegan = time.Now()
	}
	params := client.SessionListParams{Status: client.StatusRequiresInput, Cursor: client.Cursor{Limit: pageSize}}
	for range waitingPages {
		params.After = r.waitingAfter
		page, sent, err := s.list(ctx, params)
		if client.KindOf(err) == client.KindNotFound {
			r.waitingSeen = nil // the cursor is gone: begin anew in the next poll
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.applyKnown(ctx, sent, page.Data); err != nil {
			return err
		}
		for _, session := range page.Data {
			r.waitingSeen[session.ID] = true
		}
		if !page.HasMore || len(page.Data) == 0 || page.Data[len(page.Data)-1].ID == r.waitingAfter || s.beyond(page.Data) {
			s.rereadMissing(r.waitingKnown, r.waitingSeen)
			r.waitingSeen = nil
			return nil
		}
		r.waitingAfter = page.Data[len(page.Data)-1].ID
	}
	return nil
}

// applyKnown applies what the store has already: sessions that the back-fill
// has not reached come by the back-fill, newest first.
func (s *Syncer) applyKnown(ctx context.Context, sent time.Time, sessions []client.Session) error {
	for _, session := range sessions {
		_, known, err := s.config.Store.Get(ctx, session.ID)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		if err := s.config.Store.Apply(ctx, Seen{sent, true}, session); err != nil {
			return err
		}
	}
	return nil
}

// beyond tells whether a page is older than all that is loaded, so that the
// walk can end there.
func (s *Syncer) beyond(sessions []client.Session) bool {
	oldest := s.fill.oldest
	return len(sessions) > 0 && oldest != 0 && sessions[0].Created < oldest
}

func (s *Syncer) rereadMissing(known []string, seen map[string]bool) {
	for _, id := range known {
		if !seen[id] {
			s.round.reread[id] = struct{}{}
		}
	}
}

// readSingles reads sessions that left a list, and now and then those that are
// being redacted.
func (s *Syncer) readSingles(ctx context.Context) error {
	redacting, err := s.config.Store.IDs(ctx, StatesOf(client.StateRedacting))
	if err != nil {
		return err
	}
	rechecked := make(map[string]time.Time, len(redacting))
	for _, id := range redacting {
		rechecked[id] = s.round.rechecked[id]
		if time.Since(rechecked[id]) >= redactionRecheck {
			s.round.reread[id] = struct{}{}
		}
	}
	s.round.rechecked = rechecked
	reads := 0
	for id := range s.round.reread {
		if reads++; reads > singleReads {
			return nil
		}
		sent := time.Now()
		session, err := s.config.API.GetSession(ctx, id)
		switch client.KindOf(err) {
		case client.KindNotFound: // it can't be read any more: keep what is known
		default:
			if err != nil {
				return err
			}
			if err := s.config.Store.Apply(ctx, Seen{sent, true}, session); err != nil {
				return err
			}
		}
		delete(s.round.reread, id)
		s.round.rechecked[id] = sent
	}
	return nil
}

// list reads a page and learns how far the server's clock is ahead.
func (s *Syncer) list(ctx context.Context, params client.SessionListParams) (client.Page[client.Session], time.Time, error) {
	sent := time.Now()
	page, err := s.config.API.ListSessions(ctx, params)
	if err == nil && !page.Date.IsZero() {
		s.mu.Lock()
		s.status.Ahead = time.Until(page.Date).Round(time.Second)
		s.mu.Unlock()
	}
	return page, sent, err
}
