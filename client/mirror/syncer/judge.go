package syncer

import (
	"context"
	"slices"

	"idtop/client"
	"idtop/client/mirror"
)

// design is how the tail deals with events. Every part of the sound one is
// needed; the tests show so with weaker ones.
type design struct {
	overlap    client.Unix // seconds before the tail that are listed again
	exclusive  bool        // not listed again: what was created in the second of the tail
	lateAnchor bool        // the tail begins when the back-fill has ended
	trust      trust
}

// trust says when the snapshot in an event is taken for the session.
type trust uint8

const (
	trustClear    trust = iota // when it is the newest, and alone in its second; otherwise the session is read
	trustNewer                 // when it is newer than the row; otherwise nothing is done
	trustNotOlder              // when it is not older than the row
	trustNone                  // never: the session is read
)

var sound = design{overlap: overlap}

// story is the events of a window about one session, at least one of them not
// handled yet.
type story struct {
	id     string
	newest client.Event   // also of those that are handled
	fresh  bool           // the newest is not handled yet
	tied   bool           // another event shares its second
	told   []client.Event // those that are not handled yet, oldest first
}

// storiesOf sorts events by their sessions. Events about something else are
// left out.
func storiesOf(events []client.Event, handled []bool) []*story {
	if !slices.Contains(handled, false) {
		return nil
	}
	done := map[string]bool{}
	for i, e := range events {
		done[e.ID] = handled[i]
	}
	byID := map[string]*story{}
	var all []*story
	for _, e := range newestFirst(events) {
		id := e.Object.ID
		if id == "" {
			continue
		}
		s, ok := byID[id]
		if !ok {
			s = &story{id: id, newest: e, fresh: !done[e.ID]}
			byID[id] = s
			all = append(all, s)
		} else if e.Created == s.newest.Created {
			s.tied = true
		}
		if !done[e.ID] {
			s.told = append([]client.Event{e}, s.told...)
		}
	}
	fresh := all[:0]
	for _, s := range all {
		if len(s.told) > 0 {
			fresh = append(fresh, s)
		}
	}
	return fresh
}

// into records in a batch that the events of the story are dealt with, and since
// when the session is in its state.
func (s *story) into(batch *mirror.Batch) {
	for _, e := range s.told {
		batch.Events = append(batch.Events, mirror.EventMark{ID: e.ID, Created: e.Created})
		if e.Created == s.newest.Created { // of several in a second, the row's state tells which counts
			batch.Began = append(batch.Began, mirror.Beginning{ID: s.id, State: stateAfter(e), At: e.Created})
		}
	}
}

// stateAfter is the state that an event tells of. The snapshot of a redacted
// session may look as if nothing had happened.
func stateAfter(e client.Event) client.State {
	state := e.Object.State()
	if e.Type == eventPrefix+"redacted" && state != client.StateRedacting {
		return client.StateRedacted
	}
	return state
}

// verdict tells what to do about a story.
type verdict uint8

const (
	nothing verdict = iota // the row shows it already
	believe                // the snapshots in the events are right
	read                   // only the session itself tells
)

// judge decides what a story's events are good for. A snapshot is the session
// as it was in some moment of its second: it counts only when it is newer than
// the row and alone in that second. And only when nothing speaks for a
// redaction, which may raise another event or none at all: the snapshots of a
// redacted session are emptied but look as if nothing had happened.
//
// A story that is much older than the row is in it: no answer takes as long to come.
func (l *leader) judge(ctx context.Context, s *story) (verdict, error) {
	row, known, err := l.config.Store.Get(ctx, s.id)
	if err != nil {
		return nothing, err
	}
	asOf := client.Unix(0)
	if known {
		asOf = client.Unix(row.AsOf.Unix())
	}
	switch l.design.trust {
	case trustNone:
		return read, nil
	case trustNewer, trustNotOlder:
		least := asOf
		if l.design.trust == trustNewer {
			least++
		}
		if s.fresh && s.newest.Created >= least {
			return believe, nil
		}
		return nothing, nil
	}
	if s.newest.Created+slowest < asOf && asOf <= l.clock.now() {
		return nothing, nil
	}
	if !s.fresh || s.tied || s.newest.Object.Unreadable != "" || s.newest.Created <= asOf || s.suspect(row, known) {
		return read, nil
	}
	return believe, nil
}

// suspect tells whether the session may be redacted.
func (s *story) suspect(row mirror.Row, known bool) bool {
	for _, e := range s.told {
		if e.Type == eventPrefix+"canceled" || e.Type == eventPrefix+"redacted" || e.Object.Redaction != nil {
			return true
		}
	}
	now := mirror.RowOf(s.newest.Object)
	if known {
		return now.UserID != row.UserID || now.Reference != row.Reference || now.Customer != row.Customer
	}
	return len(s.newest.Object.Metadata) == 0
}
