package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"idtop/client/guard"
)

const (
	answerWithin = 10 * time.Second // how long an endpoint may take
	maxAnswer    = 64 << 10         // of an endpoint's answer is read, to keep the connection
	nothingDue   = time.Hour        // how long to wait when nothing is planned: any change rouses
	leastWait    = time.Millisecond
)

// Deliver sends events to the webhook endpoints as they become due by the clock of
// their world, and returns when ctx ends. While it runs, planned steps happen at
// their time and not only at the next request. Endpoints don't wait for
// each other; each gets one event after the other. What ctx interrupts stays
// due, for the next Deliver. Without Deliver nothing is ever sent.
func (s *Server) Deliver(ctx context.Context) {
	var all sync.WaitGroup
	for ctx.Err() == nil {
		for _, box := range s.all() {
			for _, e := range box.take() {
				all.Go(func() {
					defer guard.Catch()
					box.deliverTo(ctx, e)
				})
			}
		}
		select {
		case <-ctx.Done():
		case <-s.changed:
		}
	}
	all.Wait()
	if t, ok := s.cfg.WebhookTransport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// endpointsChanged lets Deliver look for endpoints that nobody sees to.
func (s *Server) endpointsChanged() {
	select {
	case s.changed <- struct{}{}:
	default: // it will look anyway
	}
}

// take gives the endpoints that nobody sees to, for the caller to do it.
func (s *sandbox) take() (taken []*endpointQueue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.world == nil {
		return nil
	}
	for _, e := range s.world.hooks.endpoints {
		if !e.taken {
			e.taken = true
			taken = append(taken, e)
		}
	}
	return taken
}

// deliverTo sends events to an endpoint until ctx ends or the endpoint is gone.
func (s *sandbox) deliverTo(ctx context.Context, e *endpointQueue) {
	for ctx.Err() == nil {
		m, wait, ok := s.nextMessage(e)
		if !ok {
			return
		}
		if m != nil {
			s.sent(e, m, s.post(ctx, m), ctx.Err() != nil)
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-e.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.taken = false
}

// sent notes how an attempt ended. One that was interrupted stays due.
func (s *sandbox) sent(e *endpointQueue, m *message, result attempt, interrupted bool) {
	s.enter()
	defer s.mu.Unlock()
	switch {
	case e.gone:
	case interrupted && !result.accepted():
		e.push(m.delivery)
	default:
		w := s.world
		within := int64(w.events[m.event].at+1) * int64(time.Second) // the second in which it was created
		w.hooks.settle(e, m.delivery, result, within, w.now)
	}
}

// message is a delivery as it goes over the wire.
type message struct {
	delivery
	url       string // of the endpoint: it can be changed meanwhile
	body      []byte
	signature string
}

// nextMessage takes the due event of an endpoint, or tells how long to wait for
// the next thing that can happen. The event is written now: it says how many
// endpoints still wait for it, and shows nothing that was redacted meanwhile.
// ok is false for an endpoint that is gone.
func (s *sandbox) nextMessage(e *endpointQueue) (m *message, wait time.Duration, ok bool) {
	s.enter()
	defer s.mu.Unlock()
	if e.gone {
		return nil, 0, false
	}
	w := s.world
	for e.disabled && len(e.queue) > 0 && e.queue[0].due <= w.now {
		e.queue = e.queue[1:] // it is not tried again, even when the endpoint is enabled later
		e.givenUp++
	}
	if len(e.queue) > 0 && e.queue[0].due <= w.now {
		m = &message{delivery: e.queue[0], url: e.URL}
		e.queue = e.queue[1:]
		m.body = w.eventBody(m.event, e.APIVersion)
		// A clock that stands, or that a snapshot set back, is not what receivers compare
		// with: they refuse old signatures.
		m.signature = e.signature(m.body, max(w.seconds(), uint32(s.cfg.Now().Unix())), w.live)
		return m, 0, true
	}
	if wait = nothingDue; s.time.stands {
		return nil, wait, true // until somebody lets the clock go on
	}
	now := s.time.at(s.cfg.Now()).UnixNano()
	if len(e.queue) > 0 {
		wait = min(wait, time.Duration(e.queue[0].due-now))
	}
	if len(w.queue.items) > 0 {
		wait = min(wait, time.Duration(w.queue.items[0].at-now))
	}
	return nil, max(wait, leastWait), true
}

// eventBody is an event in the form of webhooks.
func (w *world) eventBody(at uint32, version string) []byte {
	o := out{b: make([]byte, 0, 1536)}
	w.writeEvent(&o, at, version)
	var body bytes.Buffer
	if err := json.Indent(&body, o.b, "", "  "); err != nil { // what out writes is JSON
		panic(strconv.QuoteToASCII(err.Error()))
	}
	return body.Bytes()
}

// post sends a message once. A redirect is no success and is not followed.
func (s *sandbox) post(ctx context.Context, m *message) attempt {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url, bytes.NewReader(m.body))
	if err != nil {
		return attempt{err: err}
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	r.Header.Set("Accept", "*/*; q=0.5, application/xml")
	r.Header.Set("Cache-Control", "no-cache")
	r.Header.Set("Stripe-Signature", m.signature)
	res, err := s.cfg.WebhookTransport.RoundTrip(r)
	if err != nil {
		return attempt{err: err}
	}
	defer res.Body.Close()
	// The status decides; the rest of a receiver's answer is of no interest.
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer))
	return attempt{status: res.StatusCode}
}

// newSender gives the transport of events. It uses no proxy, and unless anywhere is
// set it connects to loopback addresses only, whatever name they had.
func newSender(anywhere bool) http.RoundTripper {
	d := &net.Dialer{Timeout: answerWithin}
	if !anywhere {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			host, _, err := net.SplitHostPort(address)
			if err == nil && isLoopback(host) {
				return nil
			}
			return fmt.Errorf("%s is not on this machine", address)
		}
	}
	return &http.Transport{DialContext: d.DialContext, TLSHandshakeTimeout: answerWithin, IdleConnTimeout: time.Minute}
}
