package emulator

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// These lists are for the control page. They are no requests to the API: they hand out
// no links, are not counted, and no fault meets them.

// listedSession is a session in short.
type listedSession struct {
	ID        string   `json:"id"`
	Type      string   `json:"type"`
	Status    string   `json:"status"`
	Redaction string   `json:"redaction,omitempty"`
	Code      string   `json:"code,omitempty"` // of last_error
	Person    string   `json:"person"`         // the integrator's id of them
	Created   string   `json:"created"`
	Attempts  int      `json:"attempts"`
	Possible  []string `json:"possible"` // codes that it can fail with now
}

// controlSessions lists sessions, the newest first.
func (s *sandbox) controlSessions(_ string, p url.Values) (any, error) {
	w := s.world
	limit, err := listLimit(p)
	if err != nil {
		return nil, err
	}
	status := p.Get("status")
	if status != "" && !slices.Contains(statusNames, status) {
		return nil, fmt.Errorf("status=%s is no status; there are: %s", clip(status), strings.Join(statusNames, ", "))
	}
	from := len(w.sessions)
	if after := p.Get("after"); after != "" {
		i, ok := w.sessionAt(after)
		if !ok {
			return nil, s.noSession(after)
		}
		from = int(i)
	}
	list := struct {
		Sessions []listedSession `json:"sessions"`
		More     bool            `json:"more"`
	}{Sessions: []listedSession{}}
	for i := from - 1; i >= 0; i-- {
		if status != "" && statusNames[w.status[i]] != status {
			continue
		}
		if list.More = len(list.Sessions) == limit; list.More {
			break
		}
		list.Sessions = append(list.Sessions, w.listed(uint32(i)))
	}
	return list, nil
}

func (w *world) listed(i uint32) listedSession {
	s := &w.sessions[i]
	one := listedSession{
		ID: w.sessionID(i), Type: kindNames[s.kind], Status: statusNames[w.status[i]], Redaction: redactionNames[w.redaction[i]],
		Code: failures[s.code].name, Person: w.personName(i), Created: clockText(w.created[i]), Attempts: int(s.attempts), Possible: []string{},
	}
	attempts, visits := s.options.possibleNames(s.kind)
	switch {
	case w.redaction[i].begun():
	case w.status[i] == requiresInput:
		one.Possible = append(attempts, visits...)
	case w.status[i] == processing:
		one.Possible = attempts
	}
	return one
}

// personName is the integrator's id of a session's person: where it usually is, or the
// first that there is.
func (w *world) personName(i uint32) string {
	if w.redaction[i].begun() {
		return ""
	}
	d := w.detailsOf(i, w.sessions[i].details)
	for _, m := range d.metadata {
		if m.key == "user_id" {
			return m.value
		}
	}
	if d.clientReferenceID != "" || len(d.metadata) == 0 {
		return d.clientReferenceID
	}
	return d.metadata[0].value
}

// listedEvent is an event with how far its deliveries are.
type listedEvent struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Session string `json:"session"`
	Created string `json:"created"`
	Pending int    `json:"pending"`        // endpoints that have not accepted it
	Next    string `json:"next,omitempty"` // when it is sent again; none: it is given up
}

// controlEvents lists events, the newest first.
func (s *sandbox) controlEvents(_ string, p url.Values) (any, error) {
	w := s.world
	limit, err := listLimit(p)
	if err != nil {
		return nil, err
	}
	list := struct {
		Events []listedEvent `json:"events"`
	}{Events: []listedEvent{}}
	for at := len(w.events) - 1; at >= 0 && len(list.Events) < limit && w.events[at].at >= w.eventFloor(); at-- {
		e := &w.events[at]
		one := listedEvent{
			ID: w.ids.text(idEvent, uint32(at), e.at), Type: eventPrefix + eventNames[e.kind], Session: w.sessionID(e.session),
			Created: clockText(e.at), Pending: w.hooks.undelivered(uint32(at)),
		}
		if one.Pending > 0 {
			if next := w.hooks.next(uint32(at)); next > 0 {
				one.Next = time.Unix(0, next).UTC().Format(time.RFC3339)
			}
		}
		list.Events = append(list.Events, one)
	}
	return list, nil
}

// next is when an event is sent next, or 0.
func (hs *webhooks) next(event uint32) (due int64) {
	for _, e := range hs.endpoints {
		for _, d := range e.queue {
			if d.event == event && (due == 0 || d.due < due) {
				due = d.due
			}
		}
	}
	return due
}

func listLimit(p url.Values) (int, error) {
	const usual = 25
	text := p.Get("limit")
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, fmt.Errorf("limit=%s is no number from 1 to %d", clip(text), maxLimit)
	}
	return n, nil
}

// clockText writes Unix seconds as controls do.
func clockText(at uint32) string { return time.Unix(int64(at), 0).UTC().Format(time.RFC3339) }
