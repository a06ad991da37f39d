package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// What is wrong with a control is said in one line that says what to do.
func TestControlErrors(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "requires_input")
	verified, canceled, running := c.session(t, "verified"), c.session(t, "redacted canceled"), c.session(t, "processing")
	number := c.post(t, sessionsPath, "type", "id_number").ok(t).id()
	for _, test := range []struct {
		method, path, params string
		status               int
		message              string
	}{
		{"POST", "sessions/vs_x/submit", "outcome=verified", 404, "there is no session vs_x"},
		{"POST", "sessions/ID/submit", "", 400, "say processing, verified or requires_input"},
		{"POST", "sessions/ID/submit", "outcome=ok", 400, "outcome=ok is no outcome"},
		{"POST", "sessions/ID/submit", "outcome=requires_input&code=bad_hair", 400, "code=bad_hair is no failure; there are: abandoned, "},
		{"POST", "sessions/ID/submit", "outcome=requires_input&code=selfie_manipulated", 400, "code=selfie_manipulated is not possible for session " + id +
			": it runs no such check; possible are: document_unverified_other, document_expired, document_type_not_supported, abandoned, "},
		{"POST", "sessions/ID/submit", "outcome=requires_input&code=id_number_insufficient_document_data", 400, "it runs no such check"},
		{"POST", "sessions/" + number + "/submit", "outcome=requires_input&code=document_expired", 400, "it runs no such check; possible are: id_number_mismatch, id_number_unverified_other, abandoned, "},
		{"POST", "sessions/" + number + "/submit", "outcome=requires_input&code=id_number_insufficient_document_data", 400, "it takes no document; possible are: id_number_mismatch, "},
		{"POST", "sessions/" + verified + "/override", "status=requires_input&code=selfie_manipulated", 400, "is not possible for session " + verified + "; possible are: document_unverified_other, document_expired, document_type_not_supported\n"},
		{"POST", "sessions/" + verified + "/override", "status=requires_input&code=abandoned", 400, "code=abandoned is not possible"},
		{"POST", "sessions/ID/submit", "outcome=verified&code=document_expired", 400, "goes with outcome=requires_input only"},
		{"POST", "sessions/ID/submit", "outcome=verified&delay=soon", 400, "write for example 90s, 15m or 96h"},
		{"POST", "sessions/ID/submit", "outcome=verified&wait=1s", 400, `there is no parameter "wait"; POST /_emulator/sessions/{id}/submit takes: outcome, code, attempts, delay, person, first_name, `},
		{"POST", "sessions/" + verified + "/submit", "outcome=verified", 400, "its status is verified; only a session in requires_input or processing can"},
		{"POST", "sessions/" + canceled + "/submit", "outcome=verified", 400, "its status is canceled with a redaction in processing"},
		{"POST", "sessions/" + running + "/submit", "outcome=requires_input&code=abandoned", 400, "it was submitted, and that happens only before; possible are: document_unverified_other, "},
		{"POST", "clock", "", 400, "say how far the clock is to go (advance=96h)"},
		{"POST", "clock", "advance=-1h", 400, "advance=-1h is no duration"},
		{"POST", "clock", "advance=99999999h", 400, "is no duration"},
		{"POST", "fault", "mode=fire", 400, "mode=fire is no fault; there are: 401, 403, 409, 429, 429_lock,"},
		{"POST", "fault", "mode=429&match=(", 400, "match is no regular expression"},
		{"POST", "fault", "mode=429&count=0", 400, "count=0 is no number from 1 on"},
		{"POST", "fault", "mode=429&retry_after=x", 400, "retry_after=x is no number from 1 on"},
		{"POST", "fault", "mode=500&reason=global-rate", 400, "reason=global-rate goes with mode=429 only"},
		{"POST", "fault", "mode=429&reason=x", 400, "and is one of global-rate, endpoint-rate, "},
		{"POST", "choices", "", 400, "say what to choose, such as redacted_events=true; there are: sensitive_forbidden, "},
		{"POST", "choices", "redacted_events=yes", 400, "redacted_events=yes is no choice; say true or false"},
		{"POST", "choices", "unknown=true", 400, `there is no parameter "unknown"`},
		{"GET", "state", "x=1", 400, "takes no parameters"},
		{"GET", "clock", "", 404, "there is no control GET /_emulator/clock; send POST; GET /_emulator/ lists them"},
		{"GET", "fault", "", 404, "there is no control GET /_emulator/fault; send POST or DELETE; GET /_emulator/ lists them"},
		{"POST", "clocks", "", 404, "there is no control POST /_emulator/clocks; GET /_emulator/ lists them"},
		{"POST", "sessions/ID/submit", "outcome=canceled", 400, "outcome=canceled is no outcome; say processing, verified or requires_input; POST /v1/identity/verification_sessions/{id}/cancel cancels\n"},
		{"POST", "sessions/ID/submit", "outcome=redacted", 400, "; POST /v1/identity/verification_sessions/{id}/redact redacts\n"},
		{"POST", "clock", "advance=%zz", 400, "the parameters can't be read"},
	} {
		path, params := "/_emulator/"+strings.Replace(test.path, "ID", id, 1), test.params
		if test.method == "GET" && params != "" {
			path, params = path+"?"+params, ""
		}
		r := c.do(t, test.method, path, params)
		if r.status != test.status || !strings.Contains(r.text, test.message) || strings.Count(r.text, "\n") != 1 {
			t.Errorf("%s %s %s: %d %q, want %d %q", test.method, test.path, test.params, r.status, r.text, test.status, test.message)
		}
	}
	if got := stateOf(c.get(t, sessionsPath+"/"+id).ok(t).object); got != "requires_input" {
		t.Error("a wrong control had an effect:", got)
	}
}

func TestState(t *testing.T) {
	c := newClient(t, Config{Sessions: 40, Seed: 77})
	c.get(t, sessionsPath).ok(t)
	c.get(t, eventsPath).ok(t)
	c.post(t, sessionsPath+"/vs_x/cancel")
	c.post(t, "/_emulator/clock", "advance", "90s").ok(t)
	c.post(t, "/_emulator/fault", "mode", "slow", "match", "nothing", "count", "3").ok(t)
	s := c.get(t, "/_emulator/state").ok(t).object
	status := s["status"].(object)
	sum := 0.0
	for _, name := range statusNames {
		sum += status[name].(float64)
	}
	clock := s["clock"].(object)
	fault := s["faults"].([]any)[0].(object)
	if sum != 40 || s["sessions"] != 40.0 || s["seed"] != 77.0 || s["traffic"] != false ||
		s["requests"] != 3.0 || s["reads"] != 2.0 || clock["now"] != "2026-09-21T14:14:50Z" || clock["offset"] != "1m30s" ||
		fault["mode"] != "slow" || fault["match"] != "nothing" || fault["left"] != 3.0 || fault["delay"] != "5s" ||
		s["redaction"].(object)["processing"].(float64) < 1 || s["account"] != c.get(t, "/v1/account").object["id"] {
		t.Error(s)
	}
}

// A clock that is set back stops the world; it goes on where it was.
func TestClockSetBack(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now})
	id := c.session(t, "requires_input")
	c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified", "delay", "10s").ok(t)
	at.add(-time.Hour)
	if r := c.get(t, sessionsPath+"/"+id).ok(t); stateOf(r.object) != "processing" || r.header.Get("Date") != started.Format(http.TimeFormat) {
		t.Error(r.header.Get("Date"), r)
	}
	newer := c.post(t, sessionsPath, "type", "document").ok(t).object
	if newer["created"].(float64) != float64(started.Unix()) {
		t.Error("created before what was created before it:", newer)
	}
	at.add(time.Hour + 10*time.Second)
	if got := stateOf(c.get(t, sessionsPath+"/"+id).ok(t).object); got != "verified" {
		t.Error(got)
	}
}

// Traffic keeps its pace for hours, and a jump of the clock is caught up with in
// one request of bounded work.
func TestTrafficPace(t *testing.T) {
	t.Parallel()
	at := newClock()
	c := newClient(t, Config{Sessions: 12, Traffic: true, Now: at.Now, Seed: 13})
	w := c.s.home.world
	for range 6 {
		before := len(w.events)
		for range 60 {
			at.add(time.Minute)
			c.get(t, "/v1/account").ok(t)
		}
		if n := len(w.events) - before; n < 800 || n > 1800 {
			t.Errorf("%d changes in an hour: not one every 2 to 4 s", n)
		}
	}
	for _, jump := range []string{"96h", "2000h", "40000h"} {
		sessions, events := len(w.sessions), len(w.events)
		c.post(t, "/_emulator/clock", "advance", jump).ok(t)
		if n, e := len(w.sessions)-sessions, len(w.events)-events; n < 300 || n > 1000 || e > 8000 {
			t.Errorf("after %s there are %d new sessions and %d new events", jump, n, e)
		}
		before := len(w.events)
		for range 30 {
			at.add(20 * time.Second)
			c.get(t, "/v1/account").ok(t)
		}
		if n := len(w.events) - before; n < 80 || n > 350 {
			t.Errorf("%d changes in ten minutes after %s", n, jump)
		}
	}
	if pending := len(w.queue.items); pending > 2000 {
		t.Error(pending, "steps are planned: they pile up")
	}
	if s := fmt.Sprint(c.get(t, "/_emulator/state").ok(t).object["status"]); !strings.Contains(s, "processing") {
		t.Error(s)
	}
}

// The list names each control and its parameters, and pages of other sites can't read it.
func TestControlList(t *testing.T) {
	c := newClient(t, Config{})
	var list []string
	if err := json.Unmarshal([]byte(c.get(t, controlPrefix).ok(t).text), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != len(controls) || !slices.Contains(list, "POST /_emulator/clock advance set freeze") || !slices.Contains(list, "POST /_emulator/reset") {
		t.Error(list)
	}
}
