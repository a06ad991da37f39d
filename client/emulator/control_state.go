package emulator

import (
	"net/url"
	"time"
)

// clockState, faultState and state are what GET /_emulator/state tells.
type clockState struct {
	Now    string `json:"now"`
	Unix   int64  `json:"unix"`
	Offset string `json:"offset"`
	Frozen bool   `json:"frozen,omitempty"`
}

type faultState struct {
	Mode  string `json:"mode"`
	Match string `json:"match,omitempty"`
	Left  int    `json:"left,omitempty"` // none: until it is cleared
	Delay string `json:"delay,omitempty"`
}

type worldState struct {
	Seed      uint64          `json:"seed"`
	Traffic   bool            `json:"traffic"`
	Livemode  bool            `json:"livemode"`
	World     string          `json:"world,omitempty"`
	Worlds    []string        `json:"worlds,omitempty"` // the names of all
	Account   string          `json:"account"`
	Clock     clockState      `json:"clock"`
	Sessions  int             `json:"sessions"`
	Status    map[string]int  `json:"status"`
	Redaction map[string]int  `json:"redaction"`
	Reports   int             `json:"reports"`
	Events    int             `json:"events"`
	Planned   int             `json:"planned"`  // steps that are due later
	Requests  uint32          `json:"requests"` // all requests, including:
	Reads     uint32          `json:"reads"`    // GETs: Stripe allots them by the month
	Allocated int             `json:"read_allocation,omitempty"`
	Choices   map[string]bool `json:"choices"`
	Faults    []faultState    `json:"faults"`
}

func (s *sandbox) clockState() clockState {
	now := time.Unix(0, s.world.now).UTC()
	real := s.cfg.Now()
	offset := s.time.at(real).Sub(real).Round(time.Second)
	return clockState{Now: now.Format(time.RFC3339), Unix: now.Unix(), Offset: offset.String(), Frozen: s.time.stands}
}

func (s *sandbox) faultState() []faultState {
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

func (s *sandbox) controlState(string, url.Values) (any, error) {
	w := s.world
	state := worldState{
		Seed: w.seed, Traffic: s.cfg.Traffic, Livemode: w.live, World: s.name, Worlds: s.server.worlds(), Account: w.account, Clock: s.clockState(),
		Sessions: len(w.sessions), Reports: len(w.reports), Events: len(w.events), Planned: len(w.queue.items),
		Requests: s.requests, Reads: s.reads, Allocated: s.cfg.ReadAllocation, Faults: s.faultState(), Choices: w.choice.named(),
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
	for r := validated; r <= redacted; r++ {
		state.Redaction[redactionNames[r]] = byRedaction[r]
	}
	return state, nil
}
