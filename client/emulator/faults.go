package emulator

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// breakage is how a connection breaks.
type breakage uint8

const (
	breakNot    breakage = iota
	breakBefore          // nothing of the answer arrives
	breakInside          // half of the answer arrives
)

// fault is a failure that is asked for, for tests and training.
type fault struct {
	mode   string
	match  *regexp.Regexp // on "METHOD /path"; nil: every request
	left   int            // how often it still happens; 0: until it is cleared
	delay  time.Duration  // of slow
	wait   int            // Retry-After in seconds, 0: none
	reason string         // of 429
}

// faultModes are the failures that there are. Those with an effect execute the
// request before they spoil its answer.
var faultModes = []string{
	"401", "403", "409", "429", "429_lock", "500", "500_after", "502", "503", "slow", "cut", "cut_after", "truncate", "html", "invalid_json", "redirect", "hang",
}

// defaultSlowness is how long slow waits unless it is told.
const defaultSlowness = 5 * time.Second

// takeFault gives a copy of the fault that hits a request, and counts it.
func (s *sandbox) takeFault(r *http.Request) *fault {
	line := r.Method + " " + r.URL.Path
	for i, f := range s.faults {
		if f.match != nil && !f.match.MatchString(line) {
			continue
		}
		if f.left > 0 {
			if f.left--; f.left == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		hit := *f
		return &hit
	}
	return nil
}

// before gives the answer of a fault that strikes before the request has any
// effect; done is false for the others.
func (f *fault) before(r *http.Request) (a answer, done bool) {
	switch f.mode {
	case "401":
		a = unknownKey(requestKey(r)).answer("")
	case "403":
		a = forbidden("The provided key does not have the required permissions for this endpoint. " +
			"Having the 'rak_identity_product_read' permission would allow this request to continue.").answer("")
	case "429":
		a = rateLimited(f.reason, "")
	case "429_lock":
		a = lockTimeout().answer("")
	case "409":
		e := &apiError{status: http.StatusConflict, kind: typeIdempotency, code: "idempotency_key_in_use"}
		e.message = "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, " +
			"and the other request is still going through). Please try again later."
		a = e.answer("")
	case "500":
		a = serverError(http.StatusInternalServerError)
	case "502":
		a = serverError(http.StatusBadGateway)
	case "503":
		a = serverError(http.StatusServiceUnavailable)
	case "cut":
		a = answer{broken: breakBefore}
	case "html":
		a = answer{status: http.StatusOK, body: []byte("<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>" +
			"<body><h1>Welcome</h1><p>Accept the terms to go online.</p></body></html>\n"),
			header: [][2]string{{"Content-Type", "text/html; charset=utf-8"}}}
	case "invalid_json":
		a = answer{status: http.StatusOK, body: []byte(`{"object": "list", "data": [{"id": "vs_`)}
	case "redirect":
		// To another port where nobody listens: a client that follows it gets nowhere.
		a = answer{status: http.StatusTemporaryRedirect, header: [][2]string{{"Location", "http://127.0.0.1:1/elsewhere"}}}
	default:
		return answer{}, false
	}
	return f.hinted(a), true
}

// after spoils the answer of a request that has had its effect.
func (f *fault) after(a answer) answer {
	switch f.mode {
	case "500_after":
		return f.hinted(serverError(http.StatusInternalServerError))
	case "cut_after":
		a.broken = breakBefore
	case "truncate":
		a.broken = breakInside
	}
	return a
}

// waits tells whether the request is under way for a while.
func (f *fault) waits() bool { return f.mode == "slow" || f.mode == "hang" }

func (f *fault) hinted(a answer) answer {
	if f.wait > 0 {
		a.header = append(a.header, [2]string{"Retry-After", strconv.Itoa(f.wait)})
	}
	return a
}

func serverError(status int) answer {
	e := &apiError{status: status, kind: typeServer,
		message: "An unknown error occurred. If the problem persists, contact https://support.stripe.com/."}
	return e.answer("")
}

// wait is the waiting of slow and hang, with no lock held. The work of a slow
// request goes on when its client leaves, as a server's does; a hanging one
// never gets to it.
func (s *sandbox) wait(c *call) {
	if c.fault == nil {
		return
	}
	gone := c.http.Context().Done()
	switch c.fault.mode {
	case "slow":
		timer := time.NewTimer(c.fault.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-gone:
			c.expired = true
		}
	case "hang":
		<-gone
		s.mu.Lock()
		s.replays.abandon(c)
		s.unlock(c)
		s.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
}
