package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const controlPrefix = "/_emulator/"

// control is one of the emulator's own operations.
type control struct {
	method, path string // {id} stands for one segment
	params       []string
	run          func(s *Server, id string, p url.Values) (any, error)
}

var controls = []control{
	{"POST", controlPrefix + "sessions/{id}/submit", []string{"outcome", "code", "delay"}, (*Server).controlSubmit},
	{"POST", controlPrefix + "sessions/{id}/override", []string{"status", "code", "redaction"}, (*Server).controlOverride},
	{"POST", controlPrefix + "choices", choiceNames(), (*Server).controlChoices},
	{"POST", controlPrefix + "clock", []string{"advance"}, (*Server).controlClock},
	{"POST", controlPrefix + "fault", []string{"mode", "match", "count", "delay", "retry_after", "reason"}, (*Server).controlFault},
	{"DELETE", controlPrefix + "fault", nil, (*Server).controlClearFaults},
	{"GET", controlPrefix + "state", nil, (*Server).controlState},
	{"POST", controlPrefix + "webhooks", []string{"duplicate", "late", "shuffle"}, (*Server).controlDeliveries},
	{"GET", controlPrefix + "webhooks", nil, (*Server).controlWebhooks},
}

// notFoundError is a control's error that is answered with 404.
type notFoundError struct{ what string }

func (e notFoundError) Error() string { return e.what }

// serveControl serves an operation. Errors are one line of text that says what to
// do.
func (s *Server) serveControl(rw http.ResponseWriter, r *http.Request) {
	c, id, err := findControl(r.Method, r.URL.Path)
	var params url.Values
	if err == nil {
		params, err = controlParams(rw, r, c)
	}
	var result any
	if err == nil {
		s.mu.Lock()
		s.catchUp()
		s.world.base = s.baseOf(r)
		result, err = c.run(s, id, params)
		s.world.hooks.rouse()
		s.mu.Unlock()
	}
	if err != nil {
		status := http.StatusBadRequest
		if _, ok := err.(notFoundError); ok {
			status = http.StatusNotFound
		}
		http.Error(rw, err.Error(), status)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(rw)
	enc.SetIndent("", "  ")
	_ = enc.Encode(result) // a client that has left is no error here
}

func findControl(method, path string) (*control, string, error) {
	for i := range controls {
		c := &controls[i]
		if id, ok := matchPath(c.path, path); ok && c.method == method {
			return c, id, nil
		}
	}
	var known []string
	for _, c := range controls {
		known = append(known, c.method+" "+c.path)
	}
	return nil, "", notFoundError{fmt.Sprintf("there is no control %s %s; there are: %s", clip(method), clip(path), strings.Join(known, ", "))}
}

// controlParams reads parameters from the query and the body alike.
func controlParams(rw http.ResponseWriter, r *http.Request, c *control) (url.Values, error) {
	r.Body = http.MaxBytesReader(rw, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return nil, fmt.Errorf("the parameters can't be read (%v): send them as name=value&name=value", err)
	}
	for name := range r.Form {
		if !slices.Contains(c.params, name) {
			if len(c.params) == 0 {
				return nil, fmt.Errorf("%s %s takes no parameters; leave %q out", c.method, c.path, clip(name))
			}
			return nil, fmt.Errorf("there is no parameter %q; %s %s takes: %s", clip(name), c.method, c.path, strings.Join(c.params, ", "))
		}
	}
	return r.Form, nil
}

// controlDuration reads a duration that may not be negative.
func controlDuration(p url.Values, name string, otherwise, most time.Duration) (time.Duration, error) {
	text := p.Get(name)
	if text == "" {
		return otherwise, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > most {
		return 0, fmt.Errorf("%s=%s is no duration from 0 to %s: write for example 90s, 15m or 96h", name, clip(text), most)
	}
	return d, nil
}

const longest = 10 * 365 * day

func (s *Server) controlClock(_ string, p url.Values) (any, error) {
	if p.Get("advance") == "" {
		return nil, fmt.Errorf("say how far the clock is to go: advance=96h")
	}
	d, err := controlDuration(p, "advance", 0, longest)
	if err != nil {
		return nil, err
	}
	const end = 4102444800 // the year 2100: objects tell time in 32 bits of seconds here
	if int64(s.world.seconds())+int64(d/time.Second) > end {
		return nil, fmt.Errorf("the clock can't go beyond the year 2100")
	}
	s.offset += d
	s.catchUp()
	return s.clockState(), nil
}

func (s *Server) controlFault(_ string, p url.Values) (any, error) {
	f := &fault{mode: p.Get("mode")}
	if !slices.Contains(faultModes, f.mode) {
		return nil, fmt.Errorf("mode=%s is no fault; there are: %s", clip(f.mode), strings.Join(faultModes, ", "))
	}
	if f.reason = p.Get("reason"); f.reason == "" {
		f.reason = reasonGlobal
	} else if f.mode != "429" || !slices.Contains(limitReasons, f.reason) {
		return nil, fmt.Errorf("reason=%s goes with mode=429 only, and is one of %s", clip(f.reason), strings.Join(limitReasons, ", "))
	}
	var err error
	if text := p.Get("match"); text != "" {
		if f.match, err = regexp.Compile(text); err != nil {
			return nil, fmt.Errorf("match is no regular expression (%v): it is matched with a line such as POST %s/vs_1/cancel", err, sessionsPath)
		}
	}
	for name, number := range map[string]*int{"count": &f.left, "retry_after": &f.wait} {
		if text := p.Get(name); text != "" {
			if *number, err = strconv.Atoi(text); err != nil || *number < 1 {
				return nil, fmt.Errorf("%s=%s is no number from 1 on; leave it out for no limit", name, clip(text))
			}
		}
	}
	if f.delay, err = controlDuration(p, "delay", defaultSlowness, longest); err != nil {
		return nil, err
	}
	s.faults = append(s.faults, f)
	return s.faultState(), nil
}

func (s *Server) controlClearFaults(string, url.Values) (any, error) {
	s.faults = nil
	return s.faultState(), nil
}
