package emulator

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// controlSubmit plays the person: the session goes to processing at once, and
// after the delay to the outcome. A session that is processing already only
// gets its outcome.
func (s *Server) controlSubmit(id string, p url.Values) (any, error) {
	w := s.world
	i, ok := w.sessionAt(id)
	if !ok {
		return nil, notFoundError{fmt.Sprintf("there is no session %s; list them with GET %s", clip(id), sessionsPath)}
	}
	delay, err := controlDuration(p, "delay", 0, longest)
	if err != nil {
		return nil, err
	}
	outcome, c, err := controlOutcome(p)
	if err != nil {
		return nil, err
	}
	now := w.status[i]
	if now != requiresInput && now != processing || w.redaction[i] != notRedacted {
		return nil, fmt.Errorf("session %s can't be submitted: its status is %s; only a session in requires_input or processing can", id, describe(w, i))
	}
	if failures[c].check == checkNone && c != 0 {
		if now == processing {
			return nil, fmt.Errorf("session %s is processing, and %s happens only before a submission; choose a code of a check", id, failures[c].name)
		}
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

// controlOutcome reads outcome and code.
func controlOutcome(p url.Values) (status, code, error) {
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
		}
		c, ok := codeNamed(name)
		if !ok {
			return 0, 0, fmt.Errorf("code=%s is no failure; there are: %s", clip(name), strings.Join(codeNames(), ", "))
		}
		return requiresInput, c, nil
	}
	return 0, 0, fmt.Errorf("outcome=%s is no outcome; say processing, verified or requires_input", clip(p.Get("outcome")))
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
	if r := w.redaction[i]; r != notRedacted {
		return statusNames[w.status[i]] + " with a redaction in " + redactionNames[r]
	}
	return statusNames[w.status[i]]
}

// sessionState is a session as the API shows it.
func (s *Server) sessionState(i uint32) json.RawMessage {
	return json.RawMessage(s.world.ofSession(i, 0).body)
}

// clockState, faultState and state are what GET /_emulator/state tells.
type clockState struct {
	Now    string `json:"now"`
	Unix   int64  `json:"unix"`
	Offset string `json:"offset"`
}

type faultState struct {
	Mode  string `json:"mode"`
	Match string `json:"match,omitempty"`
	Left  int    `json:"left,omitempty"` // none: until it is cleared
	Delay string `json:"delay,omitempty"`
}

type worldState struct {
	Seed      uint64         `json:"seed"`
	Traffic   bool           `json:"traffic"`
	Livemode  bool           `json:"livemode"`
	Account   string         `json:"account"`
	Clock     clockState     `json:"clock"`
	Sessions  int            `json:"sessions"`
	Status    map[string]int `json:"status"`
	Redaction map[string]int `json:"redaction"`
	Reports   int            `json:"reports"`
	Events    int            `json:"events"`
	Planned   int            `json:"planned"` // steps that are due later
	Requests  uint32         `json:"requests"`
	Faults    []faultState   `json:"faults"`
}

func (s *Server) clockState() clockState {
	now := time.Unix(0, s.world.now).UTC()
	return clockState{Now: now.Format(time.RFC3339), Unix: now.Unix(), Offset: s.offset.String()}
}

func (s *Server) faultState() []faultState {
	list := []faultState{}
	for _, f := range s.faults {
		one := faultState{Mode: f.mode, Left: f.left}
		if f.match != nil {
			one.Match = f.match.String()
		}
		if f.mode == "slow" {
			one.Delay = f.delay.String()
		}
		list = append(list, one)
	}
	return list
}

func (s *Server) controlState(string, url.Values) (any, error) {
	w := s.world
	state := worldState{
		Seed: w.seed, Traffic: s.cfg.Traffic, Livemode: w.live, Account: w.accountID(), Clock: s.clockState(),
		Sessions: len(w.sessions), Reports: len(w.reports), Events: len(w.events), Planned: len(w.queue.items),
		Requests: s.requests, Faults: s.faultState(),
		Status: map[string]int{}, Redaction: map[string]int{},
	}
	var byStatus [statuses]int
	var byRedaction [redacted + 1]int
	for i := range w.status {
		byStatus[w.status[i]]++
		byRedaction[w.redaction[i]]++
	}
	for v, n := range byStatus {
		state.Status[statusNames[v]] = n
	}
	state.Redaction["processing"], state.Redaction["redacted"] = byRedaction[redacting], byRedaction[redacted]
	return state, nil
}
