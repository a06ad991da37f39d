package emulator

import (
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Bounds of how deliveries can be spoiled by a control.
const (
	maxDuplicates = 10
	maxLateness   = 30 * day // later than that events are gone
)

// controlDeliveries changes how events are delivered from now on. A setting that is
// left out stays as it is; 0 ends it.
func (s *sandbox) controlDeliveries(_ string, p url.Values) (any, error) {
	spoiled := s.world.hooks.spoiled
	if text := p.Get("duplicate"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxDuplicates {
			return nil, fmt.Errorf("duplicate=%s is no number from 0 to %d: it says how many more times an event is sent", clip(text), maxDuplicates)
		}
		spoiled.Duplicates = n
	}
	var err error
	if spoiled.Late, err = controlDuration(p, "late", spoiled.Late, maxLateness); err != nil {
		return nil, err
	}
	if spoiled.Shuffle, err = controlDuration(p, "shuffle", spoiled.Shuffle, maxLateness); err != nil {
		return nil, err
	}
	s.world.hooks.spoiled = spoiled
	return s.webhookState(), nil
}

func (s *sandbox) controlWebhooks(string, url.Values) (any, error) { return s.webhookState(), nil }

// webhookState is the state of webhooks for the controls, without secrets.
type webhookState struct {
	Duplicate int             `json:"duplicate"`
	Late      string          `json:"late"`
	Shuffle   string          `json:"shuffle"`
	Endpoints []endpointState `json:"endpoints"`
}

type endpointState struct {
	ID         string   `json:"id"`
	URL        string   `json:"url"`
	Disabled   bool     `json:"disabled,omitempty"`
	Events     []string `json:"events"`
	Waiting    int      `json:"waiting"`        // deliveries that are still to be made
	Next       string   `json:"next,omitempty"` // when the first of them is due
	Accepted   int      `json:"accepted"`       // attempts that were answered with 2xx
	Refused    int      `json:"refused"`        // attempts that were not
	GivenUp    int      `json:"given_up"`       // events that are not tried any more
	LastStatus int      `json:"last_status,omitempty"`
	LastError  string   `json:"last_error,omitempty"`
}

func (s *sandbox) webhookState() webhookState {
	hs := &s.world.hooks
	state := webhookState{
		Duplicate: hs.spoiled.Duplicates, Late: hs.spoiled.Late.String(), Shuffle: hs.spoiled.Shuffle.String(),
		Endpoints: []endpointState{},
	}
	for _, e := range hs.endpoints {
		one := endpointState{
			ID: s.world.endpointID(e), URL: e.URL, Disabled: e.disabled, Waiting: len(e.queue), Accepted: e.accepted, Refused: e.refused, GivenUp: e.givenUp,
			LastStatus: e.lastStatus, LastError: e.lastError,
		}
		for k, wanted := range e.wants {
			if wanted {
				one.Events = append(one.Events, eventPrefix+eventNames[k])
			}
		}
		if len(e.queue) > 0 {
			one.Next = time.Unix(0, e.queue[0].due).UTC().Format(time.RFC3339)
		}
		state.Endpoints = append(state.Endpoints, one)
	}
	return state
}
