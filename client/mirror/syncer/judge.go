package syncer

import (
	"context"
	"slices"

	"idtop/client"
	"idtop/client/mirror"
)

// design is how the tail handles events. Every part of the sound design is needed;
// the tests show that by weaker ones.
type design struct {
	overlap    client.Unix // seconds before the tail that are listed again
	exclusive  bool        // nothing is listed again: events of the tail's own second are skipped
	lateAnchor bool        // the tail begins when the back-fill has ended
	trust      trust
}

// trust says when a session's snapshot in an event is believed.
type trust uint8

const (
	trustClear    trust = iota // when it is the newest, and alone in its second; otherwise the session is read
	trustNewer                 // when it is newer than the row; otherwise it is ignored
	trustNotOlder              // when it is not older than the row
	trustNone                  // never: the session is read
)

var sound = design{overlap: overlap}

// story is the events of a window about one session, at least one of them not yet
// handled.
type story struct {
	id     string
	newest client.Event   // the newest of all, handled or not
	fresh  bool           // the newest is not handled yet
	tied   bool           // another event shares its second
	told   []client.Event // the events not handled yet, oldest first
}

// storiesOf groups events by session. Events about other objects are left out.
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

// into adds to a batch that the events of the story are handled, and when the
// session came to its state.
func (s *story) into(batch *mirror.Batch) {
	for _, e := range s.told {
		batch.Events = append(batch.Events, mirror.EventMark{ID: e.ID, Created: e.Created})
		batch.Told = append(batch.Told, mirror.ChangeOf(e.Object, stateAfter(e), e.Created, mirror.Event))
		if e.Created == s.newest.Created { // of several in a second, the one of the row's state counts
			batch.Began = append(batch.Began, mirror.Beginning{ID: s.id, State: stateAfter(e), At: e.Created})
		}
	}
}

// stateAfter is the state that an event reports. The snapshot of a redacted session
// may look as if it had never been redacted.
func stateAfter(e client.Event) client.State {
	state := e.Object.State()
	if e.Type == eventPrefix+"redacted" && state != client.StateRedacting {
		return client.StateRedacted
	}
	return state
}

// verdict is how a story is handled.
type verdict uint8

const (
	nothing verdict = iota // the row already shows it
	believe                // the snapshots in the events are true
	read                   // the session has to be read
)

// judge decides whether a story's snapshots are believed. A snapshot is the session
// at some moment of its second, so it counts only when it is newer than the row and
// alone in that second. It also counts only without any sign of a redaction, which
// may raise another event or none: the snapshots of a redacted session are emptied
// but otherwise look untouched.
//
// A story much older than the row is already part of it: no answer is under way for
// that long.
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
