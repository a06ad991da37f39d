package emulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestEveryActionInEveryState(t *testing.T) {
	for _, test := range stateTable {
		t.Run(test.state+"/"+test.action, func(t *testing.T) {
			c := newClient(t, Config{})
			path := sessionsPath + "/" + c.session(t, test.state)
			before := len(c.all(t, eventsPath))
			r := c.act(t, path, test.action)
			if test.refused == "" {
				r.ok(t)
				if got := stateOf(r.object); got != test.after {
					t.Errorf("answered %q, want %q", got, test.after)
				}
			} else if p := r.problem(); r.status != 400 || p["type"] != "invalid_request_error" || p["message"] != strings.Replace(test.refused, "ID", path[len(sessionsPath)+1:], 1) || p["code"] != nil || p["param"] != nil {
				t.Errorf("refused with %v, want %q", r, test.refused)
			}
			if got := stateOf(c.get(t, path).ok(t).object); got != test.after {
				t.Errorf("afterwards %q, want %q", got, test.after)
			}
			var raised []string
			events := c.all(t, eventsPath)
			for _, e := range events[:len(events)-before] {
				raised = append(raised, strings.TrimPrefix(fmt.Sprint(e["type"]), eventPrefix))
			}
			if got := strings.Join(raised, " "); got != test.events {
				t.Errorf("raised %q, want %q", got, test.events)
			}
		})
	}
}

// act does an action of the table.
func (c client) act(t *testing.T, path, action string) reply {
	t.Helper()
	id := path[len(sessionsPath)+1:]
	switch action {
	case "submit":
		return c.post(t, aliasPath+id+"/submit", "outcome", "verified")
	case "fail":
		return c.post(t, aliasPath+id+"/submit", "outcome", "requires_input", "code", "document_expired")
	case "override":
		return c.post(t, aliasPath+id+"/override", "status", "verified")
	case "ephemeral key":
		r := c.with("Stripe-Version", APIVersion).post(t, ephemeralPath, "verification_session", id)
		if r.status == 200 { // what it shows is told by the session itself
			app := c
			app.key = text(r.object["secret"])
			return app.get(t, path)
		}
		return r
	case "get":
		return c.get(t, path)
	case "update options":
		return c.post(t, path, "options[document][require_live_capture]", "true")
	case "update details":
		return c.post(t, path, "provided_details[email]", "a@b.c")
	case "update type":
		return c.post(t, path, "type", "id_number")
	case "update metadata and type":
		return c.post(t, path, "metadata[note]", "x", "type", "document")
	case "list":
		return c.listed(t, path)
	case "update metadata":
		return c.post(t, path, "metadata[note]", "x")
	}
	return c.post(t, path+"/"+action)
}

// listed answers with one session of the list as if it had been retrieved.
func (c client) listed(t *testing.T, path string) reply {
	t.Helper()
	r := c.get(t, sessionsPath)
	for _, s := range r.ok(t).data() {
		if sessionsPath+"/"+text(s["id"]) == path {
			r.object = s
			return r
		}
	}
	t.Fatal(path, "is not listed")
	return r
}

// stateOf is a session's status, error code and redaction, and checks that
// tokens are there exactly while the person has something to do.
func stateOf(s object) string {
	parts := []string{fmt.Sprint(s["status"])}
	if e, ok := s["last_error"].(object); ok {
		parts = append(parts, fmt.Sprint(e["code"]))
	}
	if r, ok := s["redaction"].(object); ok {
		parts = append(parts, fmt.Sprint(r["status"]))
	}
	waits := s["status"] == "requires_input"
	if (s["url"] != nil) != waits || (s["client_secret"] != nil) != waits {
		parts = append(parts, "with the wrong tokens")
	}
	return strings.Join(parts, " ")
}

func TestTokensAreFreshAtEachRetrieval(t *testing.T) {
	c := newClient(t, Config{})
	path := sessionsPath + "/" + c.session(t, "requires_input")
	seen := map[string]bool{}
	for range 50 {
		s := c.get(t, path).ok(t).object
		url, secret := fmt.Sprint(s["url"]), fmt.Sprint(s["client_secret"])
		if !strings.HasPrefix(url, defaultPublicURL+"/start/test_") || !strings.HasPrefix(secret, s["id"].(string)+"_secret_test_") {
			t.Fatal("no tokens of Stripe's form:", url, secret)
		}
		if seen[url] || seen[secret] {
			t.Fatal("handed out twice:", url, secret)
		}
		seen[url], seen[secret] = true, true
	}
}

// A submission goes to processing at once and to its outcome after the delay,
// by the clock, with one report for the attempt.
func TestSubmitWithDelay(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now})
	id := c.post(t, sessionsPath, "type", "document", "options[document][require_matching_selfie]", "true").ok(t).id()
	path := sessionsPath + "/" + id
	submit := "/_emulator/sessions/" + id + "/submit"
	if r := c.post(t, submit, "outcome", "requires_input", "code", "selfie_face_mismatch", "delay", "2s").ok(t); stateOf(r.object) != "processing" {
		t.Fatal(r)
	}
	at.add(1999 * 1e6)
	if got := stateOf(c.get(t, path).object); got != "processing" {
		t.Fatal("too early:", got)
	}
	at.add(1e6)
	if got := stateOf(c.get(t, path).object); got != "requires_input selfie_face_mismatch" {
		t.Fatal("not on time:", got)
	}
	c.post(t, submit, "outcome", "verified", "delay", "3s").ok(t)
	c.post(t, "/_emulator/clock", "advance", "3s").ok(t)
	s := c.get(t, path).ok(t).object
	if stateOf(s) != "verified" {
		t.Fatal(s)
	}
	reports := c.get(t, reportsPath+"?verification_session="+id).ok(t).data()
	if len(reports) != 2 || reports[0]["id"] != s["last_verification_report"] {
		t.Fatal("not two reports, the newest first:", reports)
	}
	selfie, document := reports[1]["selfie"].(object), reports[1]["document"].(object)
	if selfie["status"] != "unverified" || selfie["error"].(object)["code"] != "selfie_face_mismatch" || document["status"] != "verified" || document["error"] != nil {
		t.Error("the first attempt's report:", reports[1])
	}
}

// Every code of the catalogue can be the outcome. Codes of the visit leave no
// report; all others leave a report with the code in its check.
func TestEveryCode(t *testing.T) {
	c := newClient(t, Config{})
	for _, f := range failures[1:] {
		id := c.failing(t, f.name)
		s := c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "requires_input", "code", f.name).ok(t).object
		e := s["last_error"].(object)
		if s["status"] != "requires_input" || e["code"] != f.name || e["reason"] != f.reason {
			t.Errorf("%s: %v", f.name, s)
		}
		reports := c.get(t, reportsPath+"?verification_session="+id).ok(t).data()
		if f.check == checkNone {
			if len(reports) != 0 || s["last_verification_report"] != nil {
				t.Errorf("%s left a report", f.name)
			}
			continue
		}
		section := strings.Split(f.name, "_")[0]
		if section == "id" {
			section = "id_number"
		}
		result, _ := reports[0][section].(object)
		if len(reports) != 1 || result["status"] != "unverified" || result["error"].(object)["code"] != f.name {
			t.Errorf("%s: report %v", f.name, reports)
		}
	}
	want := []string{"abandoned", "consent_declined", "country_not_supported", "device_not_supported", "document_expired",
		"document_type_not_supported", "document_unverified_other", "email_unverified_other", "email_verification_declined",
		"id_number_insufficient_document_data", "id_number_mismatch", "id_number_unverified_other", "phone_unverified_other",
		"phone_verification_declined", "selfie_document_missing_photo", "selfie_face_mismatch", "selfie_manipulated",
		"selfie_unverified_other", "under_supported_age"}
	got := codeNames()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the catalogue is %v, want %v", got, want)
	}
}

// allowed_types are answered in the order in which they were sent, whichever it is.
func TestAllowedTypesKeepTheirOrder(t *testing.T) {
	c := newClient(t, Config{})
	for _, order := range typeOrders[1:] {
		params := []string{"type", "document"}
		for _, name := range append(order, order[0]) { // the first one twice
			params = append(params, "options[document][allowed_types][]", name)
		}
		s := c.post(t, sessionsPath, params...).ok(t).object
		want := fmt.Sprintf("map[document:map[allowed_types:%v]]", order)
		id := text(s["id"])
		c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified").ok(t)
		report := c.get(t, reportsPath+"?verification_session="+id).ok(t).data()[0]
		event := c.get(t, eventsPath+"?limit=1").ok(t).data()[0]["data"].(object)["object"].(object)
		for _, got := range []any{s["options"], c.get(t, sessionsPath+"/"+id).ok(t).object["options"], report["options"], event["options"]} {
			if fmt.Sprint(got) != want {
				t.Errorf("got %v, want %s", got, want)
			}
		}
	}
	if len(typeOrders) != 16 {
		t.Error(len(typeOrders), "orders")
	}
}

func TestUpdate(t *testing.T) {
	c := newClient(t, Config{})
	path := sessionsPath + "/" + c.post(t, sessionsPath, "type", "document", "metadata[a]", "1", "metadata[b]", "2",
		"options[document][allowed_types][]", "passport", "options[document][require_matching_selfie]", "true").ok(t).id()
	for _, test := range []struct {
		params       []string
		member, want string
	}{
		{[]string{"metadata[b]", "3", "metadata[c]", "4"}, "metadata", `map[a:1 b:3 c:4]`},
		{[]string{"metadata[a]", ""}, "metadata", `map[b:3 c:4]`},
		{[]string{"metadata", ""}, "metadata", `map[]`},
		{[]string{"options[document][require_live_capture]", "true"}, "options",
			`map[document:map[allowed_types:[passport] require_live_capture:true require_matching_selfie:true]]`},
		{[]string{"options[document][require_matching_selfie]", "false"}, "options",
			`map[document:map[allowed_types:[passport] require_live_capture:true require_matching_selfie:false]]`},
		{[]string{"options[document][allowed_types][]", "passport", "options[document][allowed_types][]", "driving_license"}, "options",
			`map[document:map[allowed_types:[passport driving_license] require_live_capture:true require_matching_selfie:false]]`},
		{[]string{"options[document]", ""}, "options", `map[document:map[]]`},
		{[]string{"type", "id_number"}, "options", `map[]`},
		{[]string{"type", "document"}, "type", `document`},
		{[]string{"provided_details[email]", "a@b.c", "expand[]", "provided_details"}, "provided_details", `map[email:a@b.c]`},
		{[]string{"provided_details[phone]", "+1", "expand[]", "provided_details"}, "provided_details", `map[email:a@b.c phone:+1]`},
		{[]string{"provided_details[email]", "", "expand[]", "provided_details"}, "provided_details", `map[phone:+1]`},
	} {
		if got := fmt.Sprint(c.post(t, path, test.params...).ok(t).object[test.member]); got != test.want {
			t.Errorf("%v: got %s, want %s", test.params, got, test.want)
		}
	}
}
