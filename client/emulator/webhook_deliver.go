package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
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

// Deliver sends events to the webhook endpoints as they become due by the
// emulator's clock, and returns when ctx ends. While it runs, planned steps happen at
// their time and not only at the next request. Endpoints don't wait for
// each other; each gets one event after the other. What ctx interrupts stays
// due, for the next Deliver. Without Deliver nothing is ever sent.
func (s *Server) Deliver(ctx context.Context) {
	var all sync.WaitGroup
	for _, e := range s.world.hooks.endpoints {
		all.Go(func() {
			defer guard.Catch()
			s.deliverTo(ctx, e)
		})
	}
	all.Wait()
	if t, ok := s.cfg.WebhookTransport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

func (s *Server) deliverTo(ctx context.Context, e *endpointQueue) {
	for ctx.Err() == nil {
		m, wait := s.nextMessage(e)
		if m != nil {
			result := s.post(ctx, e, m)
			s.mu.Lock()
			if ctx.Err() != nil && !result.accepted() {
				e.push(m.delivery)
			} else {
				s.catchUp()
				s.world.hooks.settle(e, m.delivery, result, s.world.now)
			}
			s.mu.Unlock()
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
}

// message is a delivery as it goes over the wire.
type message struct {
	delivery
	body      []byte
	signature string
}

// nextMessage takes the due event of an endpoint, or tells how long to wait for
// the next thing that can happen. The event is written now: it says how many
// endpoints still wait for it, and shows nothing that was redacted meanwhile.
func (s *Server) nextMessage(e *endpointQueue) (*message, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	w := s.world
	if len(e.queue) > 0 && e.queue[0].due <= w.now {
		m := &message{delivery: e.queue[0]}
		e.queue = e.queue[1:]
		m.body = w.eventBody(m.event, e.APIVersion)
		m.signature = e.signature(m.body, w.seconds(), w.live)
		return m, 0
	}
	wait, now := nothingDue, s.cfg.Now().Add(s.offset).UnixNano()
	if len(e.queue) > 0 {
		wait = min(wait, time.Duration(e.queue[0].due-now))
	}
	if len(w.queue.items) > 0 {
		wait = min(wait, time.Duration(w.queue.items[0].at-now))
	}
	return nil, max(wait, leastWait)
}

// eventBody is an event in the form of webhooks.
func (w *world) eventBody(at uint32, version string) []byte {
	o := out{b: make([]byte, 0, 1536)}
	w.writeEvent(&o, at, version)
	var body bytes.Buffer
	if err := json.Indent(&body, o.b, "", "  "); err != nil { // what out writes is JSON
		panic(err)
	}
	return body.Bytes()
}

// post sends a message once. A redirect is no success and is not followed.
func (s *Server) post(ctx context.Context, e *endpointQueue, m *message) attempt {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(m.body))
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
