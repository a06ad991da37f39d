package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	secretKey     = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
	restrictedKey = "rk_test_51H0abcDEFghiJKLmnopQRst"
)

// started is when the worlds of tests start.
var started = time.Date(2026, 9, 21, 14, 13, 20, 0, time.UTC)

func fixedClock() time.Time { return started }

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: started} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// object is decoded JSON.
type object = map[string]any

// reply is an answer as a client sees it.
type reply struct {
	status int
	header http.Header
	text   string
	object object
	err    error // of the transport, or of reading the body
}

func (r reply) String() string { return fmt.Sprint(r.status, " ", r.text, " ", r.err) }

// id of the object in the answer.
func (r reply) id() string { return fmt.Sprint(r.object["id"]) }

// data are the objects of a list.
func (r reply) data() []object {
	var all []object
	for _, v := range r.object["data"].([]any) {
		all = append(all, v.(object))
	}
	return all
}

// problem is the error member of a refusal.
func (r reply) problem() object {
	e, _ := r.object["error"].(object)
	if e == nil {
		return object{}
	}
	return e
}

// client calls a server through the in-process transport.
type client struct {
	s      *Server
	key    string
	header map[string]string
}

func newClient(t testing.TB, cfg Config) client {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = fixedClock
	}
	return client{s: New(cfg), key: restrictedKey}
}

func (c client) with(name, value string) client {
	header := map[string]string{name: value}
	for k, v := range c.header {
		header[k] = v
	}
	c.header = header
	return c
}

func (c client) get(t testing.TB, path string) reply {
	t.Helper()
	return c.do(t, "GET", path, "")
}

// post sends parameters as name, value, name, value.
func (c client) post(t testing.TB, path string, params ...string) reply {
	t.Helper()
	var fields []string
	for i := 0; i < len(params); i += 2 {
		fields = append(fields, url.QueryEscape(params[i])+"="+url.QueryEscape(params[i+1]))
	}
	return c.do(t, "POST", path, strings.Join(fields, "&"))
}

// do sends a request; a control acts in the world of the client's key.
func (c client) do(t testing.TB, method, path, body string) reply {
	t.Helper()
	if _, world, named := strings.Cut(c.key, worldMark); named && strings.HasPrefix(path, controlPrefix) {
		path += "?" + worldParam + "=" + world
	}
	r, err := http.NewRequest(method, "http://emulator"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range c.header {
		r.Header.Set(k, v)
	}
	return read(Transport(c.s).RoundTrip(r))
}

func read(res *http.Response, err error) reply {
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	r := reply{status: res.StatusCode, header: res.Header, text: string(body), err: err}
	_ = json.Unmarshal(body, &r.object) // not every answer is an object
	return r
}

// ok fails the test unless the answer is 200.
func (r reply) ok(t testing.TB) reply {
	t.Helper()
	if r.status != http.StatusOK || r.err != nil {
		t.Fatal("not answered:", r)
	}
	return r
}

// all pages through a list, the newest first.
func (c client) all(t testing.TB, path string) []object {
	t.Helper()
	var found []object
	for _, page := range c.pages(t, path) {
		found = append(found, page.data()...)
	}
	return found
}

// pages are the answers of a whole list, 100 objects each.
func (c client) pages(t testing.TB, path string) []reply {
	t.Helper()
	var pages []reply
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	after := ""
	for {
		r := c.get(t, path+join+"limit=100"+after).ok(t)
		pages = append(pages, r)
		if r.object["has_more"] != true {
			return pages
		}
		data := r.data()
		after = "&starting_after=" + fmt.Sprint(data[len(data)-1]["id"])
	}
}

// session creates a session in a state.
func (c client) session(t testing.TB, state string) string {
	t.Helper()
	id := c.post(t, sessionsPath, "type", "document", "metadata[user_id]", "ann_1").ok(t).id()
	submit := func(params ...string) {
		c.post(t, "/_emulator/sessions/"+id+"/submit", params...).ok(t)
	}
	switch state {
	case "requires_input":
	case "failed":
		submit("outcome", "requires_input", "code", "document_expired")
	case "abandoned":
		submit("outcome", "requires_input", "code", "abandoned")
	case "overridden":
		submit("outcome", "verified")
		c.post(t, "/_emulator/sessions/"+id+"/override", "status", "requires_input").ok(t)
	case "validated":
		c.post(t, "/_emulator/sessions/"+id+"/override", "redaction", "validated").ok(t)
	case "long redacted verified", "long redacted canceled":
		id = c.session(t, strings.TrimPrefix(state, "long "))
		c.post(t, "/_emulator/clock", "advance", "96h").ok(t)
	case "processing":
		submit("outcome", "processing")
	case "verified":
		submit("outcome", "verified")
	case "canceled":
		c.post(t, sessionsPath+"/"+id+"/cancel").ok(t)
	case "redacted verified":
		submit("outcome", "verified")
		c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
	case "redacted canceled":
		c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
	default:
		t.Fatal("no such state:", state)
	}
	return id
}

// failing creates a session that can fail with a code.
func (c client) failing(t testing.TB, name string) string {
	t.Helper()
	params := []string{"verification_flow", "vf_1"}
	if n, ok := codeNamed(name); ok && failures[n].check == checkIDNumber {
		params = []string{"type", "document", "options[document][require_id_number]", "true"}
	}
	return c.post(t, sessionsPath, append(params, "metadata[user_id]", "ann_1")...).ok(t).id()
}

// possible are the codes that a waiting session can fail with.
func (c client) possible(id string) []string {
	i, _ := c.s.home.world.sessionAt(id)
	s := &c.s.home.world.sessions[i]
	attempts, visits := s.options.possibleNames(s.kind)
	return append(attempts, visits...)
}

// anyRequest makes a request out of parts that need not be valid, or gives nil.
func anyRequest(method, path, params string) *http.Request {
	r, err := http.NewRequest(method, "http://emulator/", nil)
	if err != nil {
		return nil
	}
	r.URL.Path = path
	r.Header.Set("Authorization", "Bearer "+restrictedKey)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body = io.NopCloser(strings.NewReader(params))
	} else {
		r.URL.RawQuery = params
	}
	return r
}
