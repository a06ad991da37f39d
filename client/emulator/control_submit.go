package emulator

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// controlSubmit plays the person: the session goes to processing at once, and
// after the delay to the outcome. A session that is processing already only
// gets its outcome.
func (s *sandbox) controlSubmit(id string, p url.Values) (any, error) {
	w := s.world
	i, ok := w.sessionAt(id)
	if !ok {
		return nil, noSession(id)
	}
	delay, err := controlDuration(p, "delay", 0, longest)
	if err != nil {
		return nil, err
	}
	outcome, c, err := w.controlOutcome(i, p)
	if err != nil {
		return nil, err
	}
	now := w.status[i]
	if now != requiresInput && now != processing || w.redaction[i].begun() {
		return nil, fmt.Errorf("session %s can't be submitted: its status is %s; only a session in requires_input or processing can", id, describe(w, i))
	}
	if c != 0 {
		if err := w.refuseImpossible(i, c); err != nil {
			return nil, err
		}
	}
	if failures[c].check == checkNone && c != 0 {
		w.soon(delay, i, stepLeave, c)
		return s.sessionState(i), nil
	}
	if now == requiresInput {
		w.submit(i)
	} else {
		w.sessions[i].generation++ // an outcome that was planned before is void
	}
	if outcome != processing {
		w.soon(delay, i, stepDecide, c)
	}
	return s.sessionState(i), nil
}

// refuseImpossible tells which codes are possible for a session where one is not:
// nothing fails a check that the session does not run, and a visit ends only before
// something was submitted.
func (w *world) refuseImpossible(i uint32, c code) error {
	s := &w.sessions[i]
	names, visits := s.options.possibleNames(s.kind)
	if w.status[i] == requiresInput {
		names = append(names, visits...)
	}
	if slices.Contains(names, failures[c].name) {
		return nil
	}
	why := "it runs no such check"
	if failures[c].check == checkNone {
		why = "it was submitted, and that happens only before"
	} else if c == insufficientData && s.options.checks(s.kind, checkIDNumber) {
		why = "it takes no document"
	}
	return fmt.Errorf("code=%s is not possible for session %s: %s; possible are: %s", failures[c].name, w.sessionID(i), why, strings.Join(names, ", "))
}

// controlOutcome reads outcome and code for a session.
func (w *world) controlOutcome(i uint32, p url.Values) (status, code, error) {
	name := p.Get("code")
	switch p.Get("outcome") {
	case "processing", "verified":
		if name != "" {
			return 0, 0, fmt.Errorf("code=%s goes with outcome=requires_input only; leave one of them out", clip(name))
		}
		if p.Get("outcome") == "verified" {
			return verified, 0, nil
		}
		return processing, 0, nil
	case "requires_input":
		if name == "" {
			name = "document_unverified_other" // what Stripe's own test mode gives
			if s := &w.sessions[i]; s.kind == kindIDNumber {
				name = "id_number_unverified_other"
			}
		}
		c, err := failureNamed(name)
		return requiresInput, c, err
	}
	return 0, 0, fmt.Errorf("outcome=%s is no outcome; say processing, verified or requires_input", clip(p.Get("outcome")))
}

func noSession(id string) error {
	return notFoundError{fmt.Sprintf("there is no session %s; list them with GET %s", clip(id), sessionsPath)}
}

func failureNamed(name string) (code, error) {
	c, ok := codeNamed(name)
	if !ok {
		return 0, fmt.Errorf("code=%s is no failure; there are: %s", clip(name), strings.Join(codeNames(), ", "))
	}
	return c, nil
}

// soon does a step after a delay, or at once if there is none.
func (w *world) soon(d time.Duration, i uint32, s step, c code) {
	if d > 0 {
		w.after(d, i, s, c)
		return
	}
	w.perform(item{session: i, generation: w.sessions[i].generation, step: s, code: c})
}

// describe is a session's status in words.
func describe(w *world, i uint32) string {
	if r := w.redaction[i]; r.begun() {
		return statusNames[w.status[i]] + " with a redaction in " + redactionNames[r]
	}
	return statusNames[w.status[i]]
}

// sessionState is a session as the API shows it.
func (s *sandbox) sessionState(i uint32) json.RawMessage {
	return json.RawMessage(s.world.ofSession(i, 0).body)
}
