package emulator

import (
	"strings"
	"testing"
	"time"
)

const people = `[
  {"ago": "2000h", "create": {"type": "document", "metadata": {"user_id": "ann_8392"}, "options": {"document": {"allowed_types": ["passport", "id_card"]}}},
   "steps": [
     {"after": "5m", "submit": {"outcome": "requires_input", "code": "document_expired"}},
     {"after": "10m", "submit": {"outcome": "verified", "first_name": "Ann", "dob": {"day": 1, "month": 2, "year": 1990}, "delay": "30s"}},
     {"after": "1h", "update": {"metadata": {"order": 7}}},
     {"after": "2002h", "redact": {}}]},
  {"create": {"type": "id_number"}, "steps": [{"after": "2h", "submit": {"outcome": "verified"}}, {"after": "20m", "update": {"metadata": {"late": true}}}]},
  {"ago": "30s", "create": {"verification_flow": "vf_1", "client_reference_id": "ref_1"}, "steps": [{"submit": {"outcome": "processing"}}, {"after": "1m", "submit": {"outcome": "verified"}}]},
  {"ago": "40s", "create": {"type": "document"}, "steps": [{"cancel": {}}]}
]`

// Sessions of a file are there with their stories, each thing at its time, before and
// after the start, among others and with traffic.
func TestPeopleOfAFile(t *testing.T) {
	list, err := ReadPeople(strings.NewReader(people))
	if err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]Config{"alone": {}, "among others": {Sessions: 50}, "with traffic": {Sessions: 50, Traffic: true}} {
		at := newClock()
		cfg.Now, cfg.People, cfg.Worlds = at.Now, list, true
		c := newClient(t, cfg)
		made := map[string]object{}
		all := c.all(t, sessionsPath+"?expand[]=data.last_verification_report&expand[]=data.verified_outputs")
		for _, s := range all {
			made[text(s["created"])] = s
		}
		if len(all) != 4+cfg.Sessions {
			t.Errorf("%s: %d sessions", name, len(all))
		}
		after := func(d time.Duration) object { return made[text(float64(started.Add(d).Unix()))] }
		ann := after(-2000 * time.Hour)
		if stateOf(ann) != "verified" || ann["metadata"].(object)["order"] != "7" || ann["metadata"].(object)["user_id"] != "ann_8392" ||
			ann["verified_outputs"].(object)["first_name"] != "Ann" || text(ann["options"].(object)["document"].(object)["allowed_types"]) != "[passport id_card]" {
			t.Error(name, ann)
		}
		if r := ann["last_verification_report"].(object); r["created"] != float64(started.Add(-2000*time.Hour+10*time.Minute+30*time.Second).Unix()) {
			t.Error(name, "the report is of", r["created"])
		}
		number, flow, canceled := after(-time.Hour), after(-30*time.Second), after(-40*time.Second)
		if stateOf(number) != "requires_input" || number["metadata"].(object)["late"] != "true" || stateOf(flow) != "processing" || stateOf(canceled) != "canceled" {
			t.Error(name, number, flow, canceled)
		}
		at.add(30 * time.Second)
		if s := c.get(t, sessionsPath+"/"+text(flow["id"])).ok(t).object; stateOf(s) != "verified" {
			t.Error(name, "not moved on:", s)
		}
		c.post(t, controlPrefix+"clock", "advance", "61m").ok(t)
		if s := c.get(t, sessionsPath+"/"+text(number["id"])).ok(t).object; stateOf(s) != "verified" {
			t.Error(name, "not moved on:", s)
		}
		if found := c.in("other").all(t, sessionsPath); len(found) < 4 {
			t.Errorf("%s: another world has %d sessions", name, len(found))
		}
	}
}

// Mistakes are found before the start, with the place.
func TestMistakesInAFileOfPeople(t *testing.T) {
	for file, want := range map[string]string{
		``:                                 "it is no list of sessions: EOF",
		`{}`:                               "it is no list of sessions: at byte 1 is one object",
		`[] []`:                            "something follows the list",
		`[{"created": "1h"}]`:              `unknown field "created"`,
		`[{"ago": "soon", "create": {}}]`:  "session 1: ago=soon is no duration",
		`[{"create": {}}]`:                 "session 1: create: Missing required param: type.",
		`[{"create": {"type": "letter"}}]`: "session 1: create: Invalid type: must be one of document or id_number",
		`[{"create": {"type": "document"}}, {"create": {"type": "document"}, "steps": [{"submit": {"outcome": "verified"}}, {"after": "1s", "cancel": {}}]}]`: `session 2: cancel: You cannot cancel this VerificationSession because it has a status of "verified".`,
		`[{"create": {"type": "document"}, "steps": [{"submit": {"outcome": "requires_input", "code": "selfie_manipulated"}}]}]`:                              "session 1: submit: code=selfie_manipulated is not possible",
		`[{"create": {"type": "document"}, "steps": [{"after": "500h", "submit": {"outcom": "verified"}}]}]`:                                                  "session 1: submit: Received unknown parameter: outcom",
		`[{"create": {"type": "document"}, "steps": [{"submit": {}, "cancel": {}}]}]`:                                                                         "session 1: a step has one of submit, override, update, cancel and redact",
		`[{"create": {"type": "document"}, "steps": [{}]}]`:                                                                                                   "session 1: a step has one of",
	} {
		list, err := ReadPeople(strings.NewReader(file))
		if err == nil {
			err = Config{People: list, Now: fixedClock}.Check()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", file, err, want)
		}
	}
}
