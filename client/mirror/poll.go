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
	glance       = 25 // the newest page, when all of it was read a moment ago
	processPages = 10
	waitingPages = 3  // of the walk over requires_input, which goes on in the next poll
	singleReads  = 10 // of sessions that left a list, or are being redacted
)

// wholePageEvery is how often the newest page is read whole. What is further
// down and not final is in the other lists.
const wholePageEvery = 15 * time.Second

// waitingEvery is how often a walk over requires_input begins: who retries is
// found among what is processing, so that this is only for what the other lists
// miss.
const waitingEvery = 15 * time.Second

// redactionRecheck is how often a session that is being redacted is read again.
// Stripe takes up to four days.
const redactionRecheck = time.Minute

// pollRound is what the polls have still to do.
type pollRound struct {
	whole        time.Time           // when the newest page was last read whole
	waitingBegan time.Time           // when the last walk over requires_input began
	waitingAfter string              // where the walk over requires_input goes on
	waitingSeen  map[string]bool     // what this walk has seen; nil: no walk under way
	waitingKnown []string            // what was known to wait when it began
	reread       map[string]struct{} // sessions that are not where they were
	gone         map[string]struct{} // sessions that the server does not know any more
	rechecked    map[string]time.Time
}

// readRound reads the newest page, all that is processing, a part of what
// waits, and single sessions that left those lists.
func (s *Syncer) readRound(ctx context.Context) error {
	if s.round.reread == nil {
		s.round.reread = map[string]struct{}{}
		s.round.gone = map[string]struct{}{}
		s.round.rechecked = map[string]time.Time{}
	}
	first := s.Status().Last.IsZero()
	if err := s.readNewest(ctx); err != nil {
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
	var batch Batch
	for _, event := range slices.Backward(page.Data) {
		batch.Began = append(batch.Began, Beginning{event.Object.ID, client.StateProcessing, event.Created})
	}
	epoch, ok, err := s.config.Store.Lead(ctx)
	if err != nil || !ok {
		return err
	}
	defer s.config.Store.Resign(epoch)
	return s.config.Store.Commit(ctx, epoch, batch)
}

// readNewest reads the newest page. If none of it is known, more has come than a
// page holds: the back-fill reads what is between.
func (s *Syncer) readNewest(ctx context.Context) error {
	newest, err := s.config.Store.Find(ctx, Request{Order: Order{Column: ByAge}, Rows: 1})
	if err != nil {
		return err
	}
	limit := glance
	if time.Since(s.round.whole) >= wholePageEvery || s.fill.anew {
		limit = pageSize
	}
	page, sent, err := s.list(ctx, client.SessionListParams{Cursor: client.Cursor{Limit: limit}})
	if err != nil {
		return err
	}
	if limit == pageSize {
		s.round.whole = sent
	}
	met := !page.HasMore || len(page.Data) == 0
	for _, session := range page.Data {
		_, known, err := s.config.Store.Get(ctx, session.ID)
		if err != nil {
			return err
		}
		met = met || known
	}
	if err := s.apply(ctx, sent, page.Data); err != nil {
		return err
	}
	switch {
	case s.began == 0:
		s.began = client.Unix(time.Now().Add(s.Status().Ahead).Unix())
		s.fill.begin(page, 0, s.config.Limit)
	case s.fill.anew:
		s.fill.begin(page, 0, s.config.Limit)
	case !met:
		until := client.Unix(0)
		if newest.Total > 0 {
			until = newest.Rows[0].Created
		}
		s.fill.begin(page, until, s.config.Limit)
	default:
		return nil
	}
	s.setStatus(func(status *Status) { status.Filling, status.Capped = s.fill.pending(), s.fill.capped })
	return nil
}

// apply gives sessions to the store. What is not known yet is news only if it
// was created since this program looks: the back-fill brings the rest.
func (s *Syncer) apply(ctx context.Context, sent time.Time, sessions []client.Session) error {
	var news, rest []client.Session
	for _, session := range sessions {
		_, known, err := s.config.Store.Get(ctx, session.ID)
		if err != nil {
			return err
		}
		if known || s.began != 0 && session.Created >= s.began {
			news = append(news, session)
		} else {
			rest = append(rest, session)
		}
	}
	if err := s.config.Store.Apply(ctx, s.seen(sent, false), rest...); err != nil {
		return err
	}
	return s.config.Store.Apply(ctx, s.seen(sent, true), news...)
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
		if err := s.apply(ctx, sent, page.Data); err != nil {
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
	var known []client.Session
	for _, session := range sessions {
		_, ok, err := s.config.Store.Get(ctx, session.ID)
		if err != nil {
			return err
		}
		if ok {
			known = append(known, session)
		}
	}
	return s.config.Store.Apply(ctx, s.seen(sent, true), known...)
}

// beyond tells whether a page is older than all that is loaded, so that the
// walk can end there.
func (s *Syncer) beyond(sessions []client.Session) bool {
	oldest := s.fill.oldest
	return len(sessions) > 0 && oldest != 0 && sessions[0].Created < oldest
}

func (s *Syncer) rereadMissing(known []string, seen map[string]bool) {
	for _, id := range known {
		if _, gone := s.round.gone[id]; !seen[id] && !gone {
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
		if err := s.readSingle(ctx, id); err != nil {
			return err
		}
		delete(s.round.reread, id)
	}
	return nil
}

// readSingle reads one session. An error that is only about this session does
// not stop the others.
func (s *Syncer) readSingle(ctx context.Context, id string) error {
	sent := time.Now()
	if _, redacting := s.round.rechecked[id]; redacting {
		s.round.rechecked[id] = sent
	}
	session, err := s.config.API.GetSession(ctx, id)
	switch client.KindOf(err) {
	case client.KindNotFound:
		s.round.gone[id] = struct{}{}
		return nil
	case client.KindAuth, client.KindPermission, client.KindRateLimit, client.KindNetwork, client.KindServer:
		return err
	}
	if err != nil {
		return ctx.Err()
	}
	return s.config.Store.Apply(ctx, s.seen(sent, true), session)
}

// seen says when something was read that was asked for at sent.
func (s *Syncer) seen(sent time.Time, news bool) Seen {
	return Seen{sent.Add(s.Status().Ahead), sent, news}
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
