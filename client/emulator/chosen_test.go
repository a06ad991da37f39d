package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// wholeCheck are the parameters of a session that runs every check but those of a flow.
var wholeCheck = []string{"type", "document", "options[document][require_id_number]", "true", "options[document][require_matching_selfie]", "true"}

// at gives the member of an object at a path such as document.error.code.
func (r reply) at(path string) any {
	var v any = r.object
	for _, name := range strings.Split(path, ".") {
		o, _ := v.(object)
		v = o[name]
	}
	return v
}

// Whatever is chosen is told, in the outputs and in the report, and nothing else of it.
func TestChosenResult(t *testing.T) {
	c := newClient(t, Config{})
	id := c.post(t, sessionsPath, wholeCheck...).ok(t).id()
	c.submit(t, id, "outcome", "verified", "first_name", "Zoë", "last_name", "O'Neil", "dob", "2001-02-03", "id_number", "123456789",
		"address[line1]", "1 Main St", "address[city]", "Dublin", "address[country]", "IE", "document_type", "id_card", "issuing_country", "FR", "expiration", "2031-12-31")
	s := c.get(t, sessionsPath+"/"+id+"?"+everyExpand).ok(t)
	for path, want := range map[string]string{
		"verified_outputs.first_name": "Zoë", "verified_outputs.last_name": "O'Neil", "verified_outputs.dob": "map[day:3 month:2 year:2001]",
		"verified_outputs.id_number": "6789", "verified_outputs.id_number_type": "us_ssn",
		"verified_outputs.address":                          "map[city:Dublin country:IE line1:1 Main St line2:<nil> postal_code:<nil> state:<nil>]",
		"last_verification_report.document.first_name":      "Zoë",
		"last_verification_report.document.dob":             "map[day:3 month:2 year:2001]",
		"last_verification_report.document.type":            "id_card",
		"last_verification_report.document.issuing_country": "FR",
		"last_verification_report.document.expiration_date": "map[day:31 month:12 year:2031]",
		"last_verification_report.document.address.city":    "Dublin",
		"last_verification_report.id_number.id_number":      "6789",
		"last_verification_report.id_number.last_name":      "O'Neil",
		"last_verification_report.document.status":          "verified",
		"verified_outputs.email":                            "<nil>",
	} {
		if got := fmt.Sprint(s.at(path)); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	flow := c.post(t, sessionsPath, "verification_flow", "vf_1", "provided_details[email]", "a@b.c").ok(t).id()
	c.submit(t, flow, "outcome", "verified", "email", "chosen@example.com", "phone", "+15550100")
	s = c.get(t, sessionsPath+"/"+flow+"?expand[]=verified_outputs&expand[]=last_verification_report").ok(t)
	for path, want := range map[string]string{
		"verified_outputs.email": "chosen@example.com", "verified_outputs.phone": "+15550100",
		"last_verification_report.email.email": "chosen@example.com", "last_verification_report.phone.phone": "+15550100",
	} {
		if got := fmt.Sprint(s.at(path)); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	other := c.session(t, "verified")
	if name := c.get(t, sessionsPath+"/"+other+"?expand[]=verified_outputs").ok(t).at("verified_outputs.last_name"); name == "O'Neil" || name == nil {
		t.Error("another session has", name)
	}
}

// The named people, whose ages follow the emulator's clock, on every kind of session.
func TestNamedPeople(t *testing.T) {
	c := newClient(t, Config{})
	c.post(t, "/_emulator/clock", "advance", "10000h").ok(t)
	today := time.Unix(0, c.s.home.world.now).UTC().Truncate(24 * time.Hour)
	for _, p := range namedPeople {
		for _, params := range [][]string{wholeCheck, {"type", "id_number"}, {"verification_flow", "vf_1"}, {"type", "document", "options[document][allowed_types][]", "id_card"}} {
			id := c.post(t, sessionsPath, params...).ok(t).id()
			c.submit(t, id, "outcome", "verified", "person", p.name)
			s := c.get(t, sessionsPath+"/"+id+"?"+everyExpand).ok(t)
			birth, told := s.at("verified_outputs.dob").(object)
			if told != (p.name != "undated") {
				t.Errorf("%s: dob %v", p.name, birth)
			}
			var eighteenth time.Time
			if told {
				eighteenth = time.Date(int(birth["year"].(float64))+18, time.Month(birth["month"].(float64)), int(birth["day"].(float64)), 0, 0, 0, 0, time.UTC)
			}
			first, last := s.at("verified_outputs.first_name"), text(s.at("verified_outputs.last_name"))
			switch p.name {
			case "eighteen":
				if !eighteenth.Equal(today) {
					t.Error("eighteen is eighteen on", eighteenth, "and today is", today)
				}
			case "seventeen":
				if !eighteenth.Equal(today.AddDate(0, 0, 1)) {
					t.Error("seventeen is eighteen on", eighteenth, "and today is", today)
				}
			case "mononym":
				if first != nil || last != "Sukma" {
					t.Error(first, last)
				}
			case "jenny":
				if first != "Jenny" || last != "Rosen" {
					t.Error(first, last)
				}
			}
		}
	}
	id := c.post(t, sessionsPath, wholeCheck...).ok(t).id()
	c.submit(t, id, "outcome", "verified", "person", "jenny", "last_name", "Smith", "address[city]", "Oslo")
	s := c.get(t, sessionsPath+"/"+id+"?expand[]=verified_outputs").ok(t)
	if s.at("verified_outputs.first_name") != "Jenny" || s.at("verified_outputs.last_name") != "Smith" || s.at("verified_outputs.address.line1") != nil || s.at("verified_outputs.address.city") != "Oslo" {
		t.Error("what is named one by one goes before the person's:", s)
	}
}

// Several checks fail in one attempt, and several attempts in one call: each leaves its
// report and its events.
func TestChosenFailures(t *testing.T) {
	c := newClient(t, Config{})
	id := c.post(t, sessionsPath, wholeCheck...).ok(t).id()
	c.submit(t, id, "outcome", "requires_input", "attempts[]", "abandoned", "attempts[]", "document_expired", "attempts[]", "selfie_face_mismatch,document_unverified_other",
		"code", "id_number_mismatch,selfie_manipulated", "issuing_country", "PL", "delay", "30s")
	if s := c.get(t, sessionsPath+"/"+id).ok(t).object; stateOf(s) != "processing" {
		t.Error(s)
	}
	c.post(t, "/_emulator/clock", "advance", "30s").ok(t)
	if s := c.get(t, sessionsPath+"/"+id).ok(t).object; stateOf(s) != "requires_input id_number_mismatch" {
		t.Error(s)
	}
	var told []string
	for _, r := range c.all(t, reportsPath+"?verification_session="+id) {
		one := reply{object: r}
		told = append(told, fmt.Sprintf("%v %v %v %v", one.at("document.error.code"), one.at("selfie.error.code"), one.at("id_number.error.code"), one.at("document.issuing_country")))
		for _, check := range []string{"document", "selfie", "id_number"} {
			if (one.at(check+".error") == nil) != (one.at(check+".status") == "verified") {
				t.Error(check, r)
			}
		}
	}
	if got, want := strings.Join(told, ", "), "<nil> selfie_manipulated id_number_mismatch PL, document_unverified_other selfie_face_mismatch <nil> PL, document_expired <nil> <nil> PL"; got != want {
		t.Errorf("reports:\n%s, want\n%s", got, want)
	}
	var events []string
	for _, e := range c.all(t, eventsPath) {
		events = append(events, strings.TrimPrefix(text(e["type"]), eventPrefix))
	}
	if got := strings.Join(events, " "); got != "requires_input processing requires_input processing requires_input processing requires_input created" {
		t.Error("events:", got)
	}
	c.submit(t, id, "outcome", "verified", "attempts[0]", "document_expired")
}

// A second call replaces the chosen results of the attempt under way.
func TestChosenResultTakenOver(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "requires_input")
	c.submit(t, id, "outcome", "verified", "last_name", "First", "delay", "1h")
	c.submit(t, id, "outcome", "requires_input", "attempts[]", "document_expired", "code", "document_type_not_supported")
	c.post(t, "/_emulator/clock", "advance", "2h").ok(t)
	if all := c.get(t, reportsPath+"?verification_session="+id).ok(t); strings.Contains(all.text, "First") || len(all.data()) != 2 {
		t.Error(all)
	}
}

// A redaction erases the chosen results.
func TestChosenResultIsRedacted(t *testing.T) {
	c := newClient(t, Config{})
	id := c.post(t, sessionsPath, wholeCheck...).ok(t).id()
	c.submit(t, id, "outcome", "verified", "attempts[]", "selfie_manipulated", "first_name", "Planted", "last_name", "", "dob[day]", "3", "dob[month]", "2", "dob[year]", "2001",
		"address[line1]", "Planted 1", "address[country]", "IE", "id_number", "9876", "document_type", "id_card", "issuing_country", "FR", "expiration", "2031-12-31")
	c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
	s := c.get(t, sessionsPath+"/"+id+"?"+everyExpand).ok(t)
	if all := s.text + c.get(t, reportsPath+"?"+onList(everyReportExpand)).ok(t).text + fmt.Sprint(c.s.home.world.results); strings.Contains(all, "Planted") || strings.Contains(all, "9876") || strings.Contains(all, "2031") {
		t.Error(all)
	}
	for path, want := range map[string]string{
		"verified_outputs.first_name": redactedText, "verified_outputs.last_name": "<nil>", "verified_outputs.dob": "map[day:1 month:1 year:1]",
		"verified_outputs.address.line1": redactedText, "verified_outputs.address.country": "IE", "verified_outputs.id_number": redactedText,
		"last_verification_report.document.type": "id_card", "last_verification_report.document.issuing_country": "FR",
		"last_verification_report.document.expiration_date": "map[day:1 month:1 year:1]",
	} {
		if got := fmt.Sprint(s.at(path)); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	for _, r := range c.s.home.world.results {
		for _, kept := range r.texts {
			if kept.key == "first_name" && kept.value != redactedText {
				t.Error("kept:", kept)
			}
		}
	}
}

// A result that can't be chosen is refused, and has no effect.
func TestChosenResultErrors(t *testing.T) {
	c := newClient(t, Config{})
	document := c.post(t, sessionsPath, "type", "document", "options[document][allowed_types][]", "passport", "options[document][allowed_types][]", "id_card").ok(t).id()
	number := c.post(t, sessionsPath, "type", "id_number").ok(t).id()
	for _, test := range []struct{ id, params, message string }{
		{document, "outcome=verified&id_number=1234", "id_number can't be chosen: the session runs no check that tells it"},
		{document, "outcome=verified&email=a@b.c", "email can't be chosen"},
		{document, "outcome=verified&email=nobody", "Invalid email address: nobody"},
		{number, "outcome=verified&address[city]=Oslo", "address[city] can't be chosen"},
		{number, "outcome=verified&document_type=passport", "document_type can't be chosen"},
		{number, "outcome=verified&id_number=12", "id_number has not the form of "},
		{number, "outcome=verified&id_number=1234&id_number_type=br_cpf", "id_number has not the form of br_cpf"},
		{document, "outcome=verified&document_type=driving_license", "document_type=driving_license is not allowed by the session's options: passport, id_card"},
		{document, "outcome=verified&document_type=visa", "Invalid document_type: must be one of driving_license, id_card, or passport"},
		{document, "outcome=verified&issuing_country=Germany", "issuing_country=Germany is no country: write two letters, such as DE"},
		{document, "outcome=verified&dob=1990-02-30", "Invalid dob: write it like 1990-05-17"},
		{document, "outcome=verified&dob[day]=1&dob[month]=2", "Invalid dob"},
		{document, "outcome=verified&dob=2026-09-22", "dob=2026-09-22 has not come yet"},
		{document, "outcome=verified&expiration=2026-09-20", "a document that has expired goes with code=document_expired, and that code with no other"},
		{document, "outcome=requires_input&code=document_expired&expiration=2026-09-21", "a document that has expired goes with"},
		{document, "outcome=verified&address[street]=x", "Received unknown parameter: address[street]"},
		{document, "outcome=verified&person=nobody", "person=nobody is nobody; there are: jenny, eighteen, seventeen, "},
		{document, "outcome=requires_input&code=document_expired,document_unverified_other", "document_expired and document_unverified_other don't fail at once: an attempt has one code for each check"},
		{document, "outcome=requires_input&code=document_expired,abandoned", "document_expired and abandoned don't fail at once"},
		{document, "outcome=requires_input&code=document_expired,selfie_manipulated", "code=selfie_manipulated is not possible"},
		{document, "outcome=verified&attempts[]=selfie_manipulated", "code=selfie_manipulated is not possible"},
		{document, "outcome=verified&attempts[]=nothing", "code=nothing is no failure"},
		{document, "outcome=verified&attempts=document_expired", "Invalid array"},
		{document, "outcome=processing&attempts[]=document_expired&code=document_expired", "goes with outcome=requires_input only"},
	} {
		r := c.do(t, "POST", "/_emulator/sessions/"+test.id+"/submit", test.params)
		if r.status != 400 || !strings.Contains(r.text, test.message) || strings.Count(r.text, "\n") != 1 {
			t.Errorf("%s: %d %q, want %q", test.params, r.status, r.text, test.message)
		}
	}
	for _, id := range []string{document, number} {
		if s := c.get(t, sessionsPath+"/"+id).ok(t).object; stateOf(s) != "requires_input" {
			t.Error("something happened:", s)
		}
	}
}
