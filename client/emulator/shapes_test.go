package emulator

import (
	"slices"
	"strings"
	"testing"
)

// The members that Stripe's objects always have, and after a bar those that
// they may have. Everything that a server holds is held against it.
var shapes = map[string]string{
	"identity.verification_session": "id object client_reference_id client_secret created last_error last_verification_report livemode metadata options " +
		"redaction related_customer related_customer_account status type url | related_person verification_flow verified_outputs provided_details",
	"identity.verification_report": "id object client_reference_id created livemode type verification_session | document selfie id_number email phone options verification_flow",
	"event":                        "id object api_version created data livemode pending_webhooks request type",
	"last_error":                   "code reason",
	"error":                        "code reason",
	"redaction":                    "status",
	"request":                      "id idempotency_key",
	"related_person":               "account person",
	"verified_outputs":             "address email first_name id_number_type last_name phone | dob id_number sex unparsed_sex unparsed_place_of_birth",
	"provided_details":             "| email phone",
	"address":                      "city country line1 line2 postal_code state",
	"dob":                          "day month year",
	"issued_date":                  "day month year",
	"expiration_date":              "day month year",
	"selfie":                       "document error selfie status",
	"id_number":                    "error first_name id_number_type last_name status | dob id_number",
	"email":                        "email error status",
	"phone":                        "phone error status",
	"document":                     "address error files first_name issued_date issuing_country last_name status type | dob expiration_date number sex unparsed_sex unparsed_place_of_birth",
	"document options":             "| allowed_types require_id_number require_live_capture require_matching_selfie",
	"id_number options":            "|",
	"options":                      "| document id_number",
}

// enums are the values that members can have.
var enums = map[string][]string{
	"identity.verification_session status": {"requires_input", "processing", "verified", "canceled"},
	"identity.verification_session type":   {"document", "id_number", "verification_flow"},
	"identity.verification_report type":    {"document", "id_number", "verification_flow"},
	"redaction status":                     {"processing", "redacted"},
	"document status":                      {"verified", "unverified"},
	"document type":                        {"driving_license", "id_card", "passport"},
	"document sex":                         {"[redacted]", "female", "male", "unknown"},
	"id_number id_number_type":             {"br_cpf", "sg_nric", "us_ssn"},
	"last_error code":                      codeNames(),
	"error code":                           codeNames(),
}

// checkShape holds an object and everything inside against the shapes.
func checkShape(t *testing.T, name string, o object, seen map[string]int) {
	t.Helper()
	shape, ok := shapes[name]
	if !ok {
		t.Fatalf("an object of unknown shape: %s: %v", name, o)
	}
	seen[name]++
	required, optional, _ := strings.Cut(shape, "|")
	for _, key := range strings.Fields(required) {
		if _, there := o[key]; !there {
			t.Fatalf("%s has no %s: %v", name, key, o)
		}
	}
	for key, v := range o {
		if !slices.Contains(strings.Fields(required+optional), key) {
			t.Fatalf("%s has a member %s: %v", name, key, o)
		}
		if values, ok := enums[name+" "+key]; ok && v != nil && !slices.Contains(values, text(v)) {
			t.Errorf("%s.%s is %v", name, key, v)
		}
		inner, is := v.(object)
		if !is || key == "metadata" {
			continue
		}
		switch {
		case key == "data":
			inner = inner["object"].(object)
			key = text(inner["object"])
		case inner["object"] != nil:
			key = text(inner["object"])
		case name == "options":
			key += " options"
		}
		checkShape(t, key, inner, seen)
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{Sessions: 700, Seed: 21})
	c.post(t, sessionsPath, "type", "document", "related_person[account]", "acct_1", "related_person[person]", "person_1",
		"options[document][allowed_types][]", "passport", "metadata[ünïcode \"key\"]", "a\tb\\\u2028\U0001F600<&>").ok(t)
	seen := map[string]int{}
	for _, path := range []string{sessionsPath + "?" + onList(everyExpand), sessionsPath, reportsPath + "?" + onList(everyReportExpand), eventsPath} {
		for _, o := range c.all(t, path) {
			checkShape(t, text(o["object"]), o, seen)
		}
	}
	for name := range shapes {
		if seen[name] == 0 {
			t.Errorf("no %s was seen: the test tests nothing", name)
		}
	}
	m := c.get(t, sessionsPath+"?limit=1").ok(t).data()[0]["metadata"].(object)
	if m["ünïcode \"key\""] != "a\tb\\\u2028\U0001F600<&>" {
		t.Errorf("metadata came back as %q", m)
	}
}
