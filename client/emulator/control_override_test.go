package emulator

import (
	"strings"
	"testing"
)

// A verdict is turned round by hand in every state, or the control says why not.
func TestOverride(t *testing.T) {
	for _, test := range []struct{ state, params, after, event, refused string }{
		{"verified", "status=requires_input", "requires_input", "requires_input", ""},
		{"verified", "status=requires_input&code=document_expired", "requires_input document_expired", "requires_input", ""},
		{"failed", "status=verified", "verified", "verified", ""},
		{"verified", "status=verified", "", "", "can't be overridden to verified: its status is verified with 1 attempts"},
		{"failed", "status=requires_input", "", "", "can't be overridden to requires_input"},
		{"requires_input", "status=verified", "", "", "its status is requires_input with 0 attempts"},
		{"processing", "status=verified", "", "", "its status is processing"},
		{"canceled", "status=verified", "", "", "its status is canceled"},
		{"redacted verified", "status=requires_input", "", "", "its status is verified with a redaction in processing"},
		{"redacted verified", "redaction=none", "", "", "its status is verified with a redaction in processing"},
		{"verified", "status=canceled", "", "", "status=canceled can't be set; say verified or requires_input"},
		{"verified", "status=requires_input&code=bad_hair", "", "", "code=bad_hair is no failure"},
		{"failed", "status=verified&code=document_expired", "", "", "goes with status=requires_input only"},
		{"verified", "", "", "", "say status=verified"},
		{"verified", "status=requires_input&redaction=none", "", "", "say status=verified"},
		{"verified", "redaction=validated&code=abandoned", "", "", "say status=verified"},
		{"verified", "redaction=redacted", "", "", "redaction=redacted can't be set"},
	} {
		c := newClient(t, Config{})
		id := c.session(t, test.state)
		before, events := stateOf(c.get(t, sessionsPath+"/"+id).ok(t).object), len(c.all(t, eventsPath))
		r := c.do(t, "POST", "/_emulator/sessions/"+id+"/override", test.params)
		after := stateOf(c.get(t, sessionsPath+"/"+id).ok(t).object)
		all := c.all(t, eventsPath)
		if test.refused != "" {
			if r.status != 400 || !strings.Contains(r.text, test.refused) || after != before || len(all) != events {
				t.Errorf("%s %s: %v, afterwards %s", test.state, test.params, r, after)
			}
			continue
		}
		r.ok(t)
		if stateOf(r.object) != test.after || after != test.after || len(all) != events+1 || all[0]["type"] != eventPrefix+test.event {
			t.Errorf("%s %s: %v, afterwards %s", test.state, test.params, r, after)
		}
		if request := all[0]["request"].(object); request["id"] != nil {
			t.Errorf("the override is told as a request: %v", request)
		}
	}
	c := newClient(t, Config{})
	if r := c.post(t, "/_emulator/sessions/vs_x/override", "status", "verified"); r.status != 404 {
		t.Error(r)
	}
}

// A session that was overridden goes on like any other.
func TestOverriddenSessionsGoOn(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "verified")
	override := "/_emulator/sessions/" + id + "/override"
	c.post(t, override, "status", "requires_input").ok(t)
	c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "requires_input", "code", "document_expired").ok(t)
	s := c.post(t, override, "status", "verified").ok(t).object
	if n := len(c.all(t, reportsPath+"?verification_session="+id)); n != 2 || stateOf(s) != "verified" {
		t.Error(n, s)
	}
	if outputs := c.get(t, sessionsPath+"/"+id+"?expand[]=verified_outputs").ok(t).object["verified_outputs"]; outputs == nil {
		t.Error("nothing is verified")
	}
	c.post(t, override, "status", "requires_input").ok(t)
	if s := c.post(t, sessionsPath+"/"+id+"/cancel").ok(t).object; stateOf(s) != "canceled" {
		t.Error(s)
	}
}

// A session with a validated redaction looks like one that is being redacted and
// has everything still.
func TestValidatedIsNotRedacted(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "verified")
	path := sessionsPath + "/" + id
	events := len(c.all(t, eventsPath))
	s := c.post(t, "/_emulator/sessions/"+id+"/override", "redaction", "validated").ok(t).object
	if stateOf(s) != "verified validated" || s["metadata"].(object)["user_id"] != "ann_1" {
		t.Error(s)
	}
	if outputs := c.get(t, path+"?expand[]=verified_outputs").ok(t).object["verified_outputs"].(object); outputs["first_name"] == redactedText {
		t.Error(outputs)
	}
	c.post(t, path, "metadata[a]", "b").ok(t)
	if shown := c.get(t, "/_emulator/state").ok(t).object["redaction"].(object); shown["validated"] != 1.0 {
		t.Error(shown)
	}
	c.post(t, "/_emulator/sessions/"+id+"/override", "redaction", "none").ok(t)
	c.post(t, "/_emulator/sessions/"+id+"/override", "redaction", "validated").ok(t)
	if len(c.all(t, eventsPath)) != events {
		t.Error("an event was raised")
	}
	if s := c.post(t, path+"/redact").ok(t).object; stateOf(s) != "verified processing" || len(s["metadata"].(object)) != 0 {
		t.Error(s)
	}
}
