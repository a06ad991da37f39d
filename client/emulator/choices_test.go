package emulator

import (
	"fmt"
	"strings"
	"testing"
)

// choiceTests are, for each choice, the request, the session's state, and the
// status of both answers with a part of the chosen one.
var choiceTests = []struct {
	name, state, action  string
	status, chosenStatus int
	chosen               string
}{
	{name: "redact_twice_refused", state: "redacted verified", action: "redact", status: 200, chosenStatus: 400, chosen: "it has already been redacted."},
	{name: "redact_canceled_refused", state: "canceled", action: "redact", status: 200, chosenStatus: 400, chosen: `You cannot redact this VerificationSession because it has a status of \"canceled\".`},
	{name: "cancel_redacted_refused", state: "redacted canceled", action: "cancel", status: 200, chosenStatus: 400, chosen: "You cannot cancel this VerificationSession because it has been redacted."},
	{name: "metadata_refused", state: "processing", action: "update metadata", status: 200, chosenStatus: 400, chosen: fmt.Sprintf(strings.ReplaceAll(updateRefused, `"`, `\"`), "processing")},
	{name: "metadata_refused", state: "verified", action: "update metadata", status: 200, chosenStatus: 400, chosen: "may be updated"},
	{name: "metadata_refused", state: "requires_input", action: "update metadata", status: 200, chosenStatus: 200},
}

// Both answers of the choices that decide about an action.
func TestChoicesOfActions(t *testing.T) {
	for _, test := range choiceTests {
		for _, on := range []bool{false, true} {
			c := newClient(t, Config{})
			path := sessionsPath + "/" + c.session(t, test.state)
			c.choose(t, test.name, on)
			r, status := c.act(t, path, test.action), test.status
			if on {
				status = test.chosenStatus
			}
			if r.status != status || on && !strings.Contains(r.text, test.chosen) {
				t.Errorf("%s=%v %s in %s: %v", test.name, on, test.action, test.state, r)
			}
		}
	}
}

// choose changes a choice on a running server.
func (c client) choose(t testing.TB, name string, on bool) {
	t.Helper()
	got := c.post(t, "/_emulator/choices", name, fmt.Sprint(on)).ok(t).object
	if got[name] != on || len(got) != len(choices) {
		t.Fatal(got)
	}
}

func TestChoiceOfSensitiveMembers(t *testing.T) {
	c := newClient(t, Config{})
	path := sessionsPath + "/" + c.session(t, "verified") + "?expand[]=verified_outputs.dob"
	c.key = secretKey
	if r := c.get(t, path).ok(t); strings.Contains(r.text, `"dob"`) {
		t.Error(r)
	}
	c.choose(t, "sensitive_forbidden", true)
	if r := c.get(t, path); r.status != 403 {
		t.Error(r)
	}
	c.choose(t, "sensitive_forbidden", false)
	c.get(t, path).ok(t)
}

func TestChoiceOfRedactedEvents(t *testing.T) {
	for _, on := range []bool{false, true} {
		c := newClient(t, Config{RedactionDelay: -1})
		c.choose(t, "redacted_events", on)
		c.session(t, "redacted canceled")
		events := len(c.all(t, eventsPath+"?type="+eventPrefix+"redacted"))
		if (events == 1) != on {
			t.Errorf("%v: %d events", on, events)
		}
	}
}

func TestChoiceOfReferences(t *testing.T) {
	for _, on := range []bool{false, true} {
		c := newClient(t, Config{})
		c.choose(t, "redact_references", on)
		id := c.post(t, sessionsPath, "type", "document", "client_reference_id", "mine", "related_customer", "cus_1", "related_customer_account", "acct_1",
			"related_person[account]", "acct_1", "related_person[person]", "person_1").ok(t).id()
		s := c.post(t, sessionsPath+"/"+id+"/redact").ok(t).object
		for _, name := range []string{"client_reference_id", "related_customer", "related_customer_account", "related_person"} {
			if (s[name] == nil) != on {
				t.Errorf("%v: %s is %v", on, name, s[name])
			}
		}
		if n := len(c.get(t, sessionsPath+"?client_reference_id=mine").ok(t).data()); (n == 0) != on {
			t.Errorf("%v: the reference finds %d", on, n)
		}
	}
}

func TestChoiceOfLastError(t *testing.T) {
	for _, on := range []bool{false, true} {
		c := newClient(t, Config{})
		c.choose(t, "last_error_kept", on)
		id := c.session(t, "failed")
		want := "processing"
		if on {
			want = "processing document_expired"
		}
		if s := c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "processing").ok(t).object; stateOf(s) != want {
			t.Errorf("%v: %s", on, stateOf(s))
		}
		if s := c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified").ok(t).object; stateOf(s) != "verified" {
			t.Errorf("%v: %s", on, stateOf(s))
		}
	}
}

func TestChoiceOfVisits(t *testing.T) {
	for _, on := range []bool{false, true} {
		c := newClient(t, Config{})
		c.choose(t, "silent_visits", on)
		id := c.session(t, "requires_input")
		c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "requires_input", "code", "abandoned").ok(t)
		if s := c.get(t, sessionsPath+"/"+id).ok(t).object; stateOf(s) != "requires_input abandoned" {
			t.Error(stateOf(s))
		}
		if n := len(c.all(t, eventsPath+"?type="+eventPrefix+"requires_input")); (n == 0) != on {
			t.Errorf("%v: %d events", on, n)
		}
	}
}

func TestChoiceOfLimit(t *testing.T) {
	c := newClient(t, Config{Sessions: 12})
	c.choose(t, "limit_refused", true)
	for _, path := range []string{sessionsPath, reportsPath, eventsPath} {
		for limit, message := range map[string]string{
			"0": "This value must be greater than or equal to 1.", "-3": "This value must be greater than or equal to 1.",
			"101": "This value must be less than or equal to 100 (it currently is '101').", "1": "", "100": "", "007": "",
		} {
			r := c.get(t, path+"?limit="+limit)
			if message == "" {
				r.ok(t)
				continue
			}
			if p := r.problem(); r.status != 400 || p["code"] != "parameter_invalid_integer" || p["param"] != "limit" || p["message"] != message {
				t.Errorf("limit=%s: %v", limit, r)
			}
		}
	}
}

// Choices of the Config hold from the start, and the state shows them.
func TestChoicesAreShown(t *testing.T) {
	c := newClient(t, Config{Choices: Choices{RedactTwiceRefused: true, LimitRefused: true}})
	c.choose(t, "limit_refused", false)
	shown := c.get(t, "/_emulator/state").ok(t).object["choices"].(object)
	for _, name := range choiceNames() {
		if shown[name] != (name == "redact_twice_refused") {
			t.Errorf("%s: %v", name, shown[name])
		}
	}
}
