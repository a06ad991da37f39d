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

// controlRetry sends an event once more, as the operation of the API does.
func (s *sandbox) controlRetry(id string, p url.Values) (any, error) {
	w := s.world
	at, ok := w.eventAt(id)
	if !ok {
		return nil, notFoundError{fmt.Sprintf("there is no event %s; list them with GET %s", clip(id), eventsPath)}
	}
	var to []*endpointQueue
	if name := p.Get("webhook_endpoint"); name != "" {
		n, ok := w.endpointAt(name)
		if !ok {
			return nil, notFoundError{fmt.Sprintf("there is no webhook endpoint %s; list them with GET %s", clip(name), webhooksPath)}
		}
		to = append(to, w.hooks.endpoints[n])
	}
	if !w.hooks.resend(at, w.events[at].kind, w.now, to) {
		return nil, fmt.Errorf("there is no enabled webhook endpoint that event %s can be sent to; make one with POST %s", id, webhooksPath)
	}
	return s.webhookState(), nil
}

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
			ID: s.world.endpointID(e), URL: e.URL, Disabled: e.disabled, Events: []string{}, Waiting: len(e.queue), Accepted: e.accepted, Refused: e.refused, GivenUp: e.givenUp,
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
