package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const everyExpand = "expand[]=verified_outputs.dob&expand[]=verified_outputs.id_number&expand[]=verified_outputs.sex" +
	"&expand[]=verified_outputs.unparsed_sex&expand[]=verified_outputs.unparsed_place_of_birth&expand[]=provided_details" +
	"&expand[]=last_verification_report.document.dob&expand[]=last_verification_report.document.expiration_date" +
	"&expand[]=last_verification_report.document.number&expand[]=last_verification_report.document.sex" +
	"&expand[]=last_verification_report.document.unparsed_sex&expand[]=last_verification_report.document.unparsed_place_of_birth" +
	"&expand[]=last_verification_report.id_number.dob&expand[]=last_verification_report.id_number.id_number"

const everyReportExpand = "expand[]=document.dob&expand[]=document.expiration_date&expand[]=document.number&expand[]=document.sex" +
	"&expand[]=document.unparsed_sex&expand[]=document.unparsed_place_of_birth&expand[]=id_number.dob&expand[]=id_number.id_number"

// onList is an expand query for a list.
func onList(query string) string { return strings.ReplaceAll(query, "[]=", "[]=data.") }

// After a redaction no answer of any kind tells any of the personal values that
// were told or planted before: not the session, its reports, its events, nor a
// replayed answer.
func TestRedactionLeavesNothing(t *testing.T) {
	c := newClient(t, Config{})
	planted := []string{"planted-user", "planted-note", "planted@example.com", "+15550100", "planted-once"}
	create := func() reply {
		return c.with("Idempotency-Key", planted[4]).post(t, sessionsPath, "type", "document", "metadata[user_id]", planted[0],
			"metadata[planted-key]", planted[1], "provided_details[email]", planted[2], "provided_details[phone]", planted[3],
			"options[document][require_id_number]", "true", "options[document][require_matching_selfie]", "true", "expand[]", "provided_details")
	}
	id := create().ok(t).id()
	path := sessionsPath + "/" + id
	c.post(t, path, "metadata[user_id]", planted[0]+"-2").ok(t)
	for _, code := range []string{"document_expired", "selfie_unverified_other", "id_number_mismatch"} {
		c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "requires_input", "code", code).ok(t)
	}
	c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified").ok(t)

	everything := func() string {
		var b strings.Builder
		for _, p := range []string{
			path + "?" + everyExpand, sessionsPath + "?" + onList(everyExpand), reportsPath + "?" + onList(everyReportExpand), eventsPath,
		} {
			b.WriteString(c.get(t, p).ok(t).text)
		}
		for _, e := range c.all(t, eventsPath) {
			b.WriteString(c.get(t, eventsPath+"/"+text(e["id"])).ok(t).text)
		}
		b.WriteString(create().ok(t).text)
		return b.String()
	}
	before := everything()
	v := c.get(t, path+"?"+everyExpand).ok(t).object["verified_outputs"].(object)
	d := c.get(t, path+"?"+everyExpand).ok(t).object["last_verification_report"].(object)["document"].(object)
	for _, value := range []any{v["first_name"], v["last_name"], v["id_number"], d["number"]} {
		planted = append(planted, text(value))
	}
	if a, ok := v["address"].(object); ok {
		planted = append(planted, text(a["line1"]), text(a["city"]))
	}
	for _, member := range []any{v["dob"], d["dob"], d["expiration_date"]} {
		day := member.(object)
		planted = append(planted, fmt.Sprintf(`"day":%v,"month":%v,"year":%v}`, day["day"], day["month"], day["year"]))
	}
	for _, value := range planted {
		if value == "" || !strings.Contains(before, value) {
			t.Fatalf("%q was not told before: the test tests nothing", value)
		}
	}
	c.with("Idempotency-Key", "redact").post(t, path+"/redact").ok(t)
	for _, wait := range []string{"1s", "1h"} {
		after := everything()
		for _, value := range append(planted, "planted") {
			if strings.Contains(after, value) {
				t.Errorf("%q is still told", value)
			}
		}
		c.post(t, "/_emulator/clock", "advance", wait).ok(t)
	}
}

// The placeholders, part by part.
func TestRedactedPlaceholders(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now, RedactionDelay: time.Hour})
	id := c.post(t, sessionsPath, "type", "document", "client_reference_id", "ref_1", "related_customer", "cus_1", "metadata[a]", "b",
		"provided_details[email]", "a@b.c", "options[document][require_id_number]", "true").ok(t).id()
	path := sessionsPath + "/" + id
	c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified").ok(t)
	was := c.get(t, path+"?"+everyExpand).ok(t).object
	outputs := was["verified_outputs"].(object)
	check := func(redaction string) {
		t.Helper()
		s := c.get(t, path+"?"+everyExpand).ok(t).object
		v, d := s["verified_outputs"].(object), s["last_verification_report"].(object)["document"].(object)
		for _, test := range []struct {
			name      string
			got, want any
		}{
			{"redaction", s["redaction"], object{"status": redaction}},
			{"status", s["status"], "verified"},
			{"metadata", s["metadata"], object{}},
			{"url", s["url"], nil},
			{"client_secret", s["client_secret"], nil},
			{"provided_details", s["provided_details"], object{"email": "[redacted]"}},
			{"client_reference_id", s["client_reference_id"], "ref_1"},
			{"related_customer", s["related_customer"], "cus_1"},
			{"created", s["created"], was["created"]},
			{"type", s["type"], was["type"]},
			{"options", s["options"], was["options"]},
			{"report", s["last_verification_report"].(object)["id"], was["last_verification_report"].(object)["id"]},
			{"first_name", v["first_name"], "[redacted]"},
			{"last_name", v["last_name"], "[redacted]"},
			{"id_number", v["id_number"], "[redacted]"},
			{"id_number_type", v["id_number_type"], outputs["id_number_type"]},
			{"sex", v["sex"], "[redacted]"},
			{"dob", v["dob"], object{"day": 1.0, "month": 1.0, "year": 1.0}},
			{"document number", d["number"], "[redacted]"},
			{"document dob", d["dob"], object{"day": 1.0, "month": 1.0, "year": 1.0}},
			{"issuing_country", d["issuing_country"], was["last_verification_report"].(object)["document"].(object)["issuing_country"]},
		} {
			if fmt.Sprint(test.got) != fmt.Sprint(test.want) {
				t.Errorf("%s: %v, want %v", test.name, test.got, test.want)
			}
		}
		if a, ok := outputs["address"].(object); ok {
			b := v["address"].(object)
			if b["country"] != a["country"] || b["line1"] != "[redacted]" || (b["line2"] == nil) != (a["line2"] == nil) {
				t.Error("address:", b)
			}
		}
	}
	c.post(t, path+"/redact").ok(t)
	check("processing")
	at.add(time.Hour - time.Second)
	check("processing")
	at.add(time.Second)
	check("redacted")
	at.add(30 * 24 * time.Hour)
	check("redacted")
}

// The choices that Stripe leaves open about redactions.
func TestRedactionChoices(t *testing.T) {
	c := newClient(t, Config{RedactionDelay: -1, Choices: Choices{RedactedEvents: true, RedactReferences: true, RedactTwiceRefused: true}})
	id := c.post(t, sessionsPath, "type", "document", "client_reference_id", "ref_1", "related_customer", "cus_1").ok(t).id()
	path := sessionsPath + "/" + id
	s := c.post(t, path+"/redact").ok(t).object
	if shownState(s) != "redacted" || s["client_reference_id"] != nil || s["related_customer"] != nil {
		t.Error(s)
	}
	if n := len(c.get(t, sessionsPath+"?client_reference_id=ref_1").ok(t).data()); n != 0 {
		t.Error("a redacted reference still finds its session")
	}
	newest := c.get(t, eventsPath).ok(t).data()[0]
	if newest["type"] != eventPrefix+"redacted" || newest["data"].(object)["object"].(object)["redaction"].(object)["status"] != "redacted" {
		t.Error(newest)
	}
	if r := c.post(t, path+"/redact"); r.status != 400 {
		t.Error("redacted twice:", r)
	}
}

// A redaction and a submission that was to come end as the redaction wants.
func TestRedactionWinsOverWhatWasPlanned(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "requires_input")
	c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "requires_input", "code", "abandoned", "delay", "1m").ok(t)
	c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
	c.post(t, "/_emulator/clock", "advance", "96h").ok(t)
	if s := c.get(t, sessionsPath+"/"+id).ok(t).object; stateOf(s) != "canceled redacted" {
		t.Error(s)
	}
}
