package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	controlPrefix = "/_emulator/"
	worldParam    = "world"
	bodyParam     = "the body" // of a control that takes one
)

// control is one of the emulator's own operations.
type control struct {
	method, path string // {id} stands for one segment
	params       []string
	run          func(s *sandbox, id string, p url.Values) (any, error)
}

var controls = append(sessionControlsAs(sessionControl.control), []control{
	{"POST", controlPrefix + "choices", choiceNames(), (*sandbox).controlChoices},
	{"POST", controlPrefix + "clock", []string{"advance", "set", "freeze"}, (*sandbox).controlClock},
	{"POST", controlPrefix + "fault", []string{"mode", "match", "count", "delay", "retry_after", "reason"}, (*sandbox).controlFault},
	{"DELETE", controlPrefix + "fault", nil, (*sandbox).controlClearFaults},
	{"POST", controlPrefix + "reset", nil, (*sandbox).controlReset},
	{"GET", controlPrefix + "snapshot", nil, (*sandbox).controlSnapshot},
	{"POST", controlPrefix + "snapshot", []string{bodyParam}, (*sandbox).controlRestore},
	{"GET", controlPrefix + "sessions", []string{"status", "limit", "after"}, (*sandbox).controlSessions},
	{"GET", controlPrefix + "events", []string{"limit"}, (*sandbox).controlEvents},
	{"GET", controlPrefix + "state", nil, (*sandbox).controlState},
	{"POST", controlPrefix + "webhooks", []string{"duplicate", "late", "shuffle"}, (*sandbox).controlDeliveries},
	{"POST", controlPrefix + "events/{id}/retry", []string{"webhook_endpoint"}, (*sandbox).controlRetry},
	{"GET", controlPrefix + "webhooks", nil, (*sandbox).controlWebhooks},
}...)

// notFoundError is a control's error that is answered with 404.
type notFoundError struct{ what string }

func (e notFoundError) Error() string { return e.what }

// serveControl serves an operation. Errors are one line of text that says what to
// do.
func (s *Server) serveControl(rw http.ResponseWriter, r *http.Request) {
	c, id, err := findControl(r.Method, r.URL.Path)
	var params url.Values
	var box *sandbox
	if err == nil {
		params, box, err = s.controlParams(rw, r, c)
	}
	var result any
	if err == nil {
		result, err = box.control(c, id, params, r)
	}
	if err != nil {
		status := http.StatusBadRequest
		if _, ok := err.(notFoundError); ok {
			status = http.StatusNotFound
		}
		http.Error(rw, err.Error(), status)
		return
	}
	if file, ok := result.(download); ok {
		rw.Header().Set("Content-Type", "application/octet-stream")
		_, _ = rw.Write(file) // a client that has left is no error here
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(rw)
	enc.SetIndent("", "  ")
	_ = enc.Encode(result) // a client that has left is no error here
}

// control carries an operation out.
func (s *sandbox) control(c *control, id string, p url.Values, r *http.Request) (any, error) {
	s.enter()
	defer s.mu.Unlock()
	s.world.base = s.baseOf(r)
	defer func() { s.world.hooks.rouse() }()
	return c.run(s, id, p)
}

// controlList lists the controls and their parameters.
func controlList(*sandbox, string, url.Values) (any, error) {
	var list []string
	for _, c := range controls {
		list = append(list, strings.TrimSpace(c.method+" "+c.path+" "+strings.Join(c.params, " ")))
	}
	return list, nil
}

func findControl(method, path string) (*control, string, error) {
	if method == http.MethodGet && path == controlPrefix {
		return &control{method: method, path: path, run: controlList}, "", nil
	}
	var methods []string // that the path takes
	for i := range controls {
		c := &controls[i]
		id, ok := matchPath(c.path, path)
		if ok && c.method == method {
			return c, id, nil
		}
		if ok {
			methods = append(methods, c.method)
		}
	}
	other := ""
	if len(methods) > 0 {
		other = "; send " + strings.Join(methods, " or ")
	}
	return nil, "", notFoundError{fmt.Sprintf("there is no control %s %s%s; GET %s lists them", clip(method), clip(path), other, controlPrefix)}
}

// controlParams reads parameters from the query and the body alike, and finds the
// sandbox that they name.
func (s *Server) controlParams(rw http.ResponseWriter, r *http.Request, c *control) (url.Values, *sandbox, error) {
	if err := readForm(rw, r, c); err != nil {
		return nil, nil, err
	}
	name := r.Form.Get(worldParam)
	if r.Form.Del(worldParam); name != "" && !s.cfg.Worlds {
		return nil, nil, fmt.Errorf("%s=%s: there is one world only; start the emulator with --worlds, or leave it out", worldParam, clip(name))
	}
	for name := range r.Form {
		name, _, _ = strings.Cut(name, "[")
		if !slices.Contains(c.params, name) {
			if len(c.params) == 0 {
				return nil, nil, fmt.Errorf("%s %s takes no parameters; leave %q out", c.method, c.path, clip(name))
			}
			return nil, nil, fmt.Errorf("there is no parameter %q; %s %s takes: %s", clip(name), c.method, c.path, strings.Join(c.params, ", "))
		}
	}
	box, err := s.sandbox(name)
	return r.Form, box, err
}

// readForm reads all parameters into the request's form.
func readForm(rw http.ResponseWriter, r *http.Request, c *control) error {
	if !slices.Contains(c.params, bodyParam) {
		raw, failed := readParameters(rw, r)
		if failed != nil {
			return failed
		}
		var err error
		if r.Form, err = url.ParseQuery(raw); err != nil {
			return fmt.Errorf("the parameters can't be read (%v): send them as name=value&name=value", err)
		}
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxSnapshot))
	if err != nil {
		return fmt.Errorf("the body can't be read: %v", err)
	}
	r.Form = r.URL.Query()
	r.Form.Set(bodyParam, string(body))
	return nil
}

// controlDuration reads a duration that may not be negative.
func controlDuration(p url.Values, name string, otherwise, most time.Duration) (time.Duration, error) {
	return readDuration(name, p.Get(name), otherwise, most)
}

func readDuration(name, text string, otherwise, most time.Duration) (time.Duration, error) {
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

func (s *sandbox) controlFault(_ string, p url.Values) (any, error) {
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

func (s *sandbox) controlClearFaults(string, url.Values) (any, error) {
	s.faults = nil
	return s.faultState(), nil
}
