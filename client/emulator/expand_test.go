package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// Which parts each kind of key gets for each path.
func TestExpand(t *testing.T) {
	c := newClient(t, Config{})
	id := c.post(t, sessionsPath, "type", "document", "options[document][require_id_number]", "true", "provided_details[email]", "a@b.c").ok(t).id()
	c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified").ok(t)
	const plainOutputs = "address email first_name id_number_type last_name phone"
	const plainDocument = "address error files first_name issued_date issuing_country last_name status type"
	const plainNumber = "error first_name id_number_type last_name status"
	for _, test := range []struct {
		key, expand, part, want string
	}{
		{secretKey, "", "", ""},
		{secretKey, "verified_outputs", "verified_outputs", plainOutputs},
		{secretKey, "verified_outputs.dob", "verified_outputs", plainOutputs},
		{restrictedKey, "verified_outputs", "verified_outputs", plainOutputs},
		{restrictedKey, "verified_outputs.dob", "verified_outputs", plainOutputs + " dob"},
		{restrictedKey, "verified_outputs.id_number", "verified_outputs", plainOutputs + " id_number"},
		{restrictedKey, "verified_outputs.sex", "verified_outputs", plainOutputs + " sex"},
		{restrictedKey, "verified_outputs.unparsed_sex", "verified_outputs", plainOutputs + " unparsed_sex"},
		{restrictedKey, "verified_outputs.unparsed_place_of_birth", "verified_outputs", plainOutputs + " unparsed_place_of_birth"},
		{secretKey, "provided_details", "provided_details", "email"},
		{secretKey, "last_verification_report", "last_verification_report.document", plainDocument},
		{secretKey, "last_verification_report.document.number", "last_verification_report.document", plainDocument},
		{restrictedKey, "last_verification_report.document.number", "last_verification_report.document", plainDocument + " number"},
		{restrictedKey, "last_verification_report.document.dob", "last_verification_report.document", plainDocument + " dob"},
		{restrictedKey, "last_verification_report.document.expiration_date", "last_verification_report.document", plainDocument + " expiration_date"},
		{restrictedKey, "last_verification_report.document.sex", "last_verification_report.id_number", plainNumber},
		{restrictedKey, "last_verification_report.id_number.dob", "last_verification_report.id_number", plainNumber + " dob"},
		{restrictedKey, "last_verification_report.id_number.id_number", "last_verification_report.id_number", plainNumber + " id_number"},
	} {
		c.key = test.key
		query := ""
		if test.expand != "" {
			query = "?expand[]=" + test.expand
		}
		one := c.get(t, sessionsPath+"/"+id+query).ok(t).object
		listed := c.get(t, sessionsPath+onList(query)).ok(t).data()[0]
		for _, s := range []object{one, listed} {
			if test.part == "" {
				if _, is := s["last_verification_report"].(string); !is || s["verified_outputs"] != nil || s["provided_details"] != nil {
					t.Errorf("not asked for: %v", s)
				}
				continue
			}
			part := s
			for _, name := range strings.Split(test.part, ".") {
				part = part[name].(object)
			}
			want := strings.Fields(test.want)
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(part)); !slices.Equal(got, want) {
				t.Errorf("%.7s %s: %v, want %v", test.key, test.expand, got, want)
			}
		}
	}
}

func TestExpandOnReportsAndPosts(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "requires_input")
	c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified").ok(t)
	report := c.get(t, reportsPath+"?expand[]=data.document.number&verification_session="+id).ok(t).data()[0]
	if report["document"].(object)["number"] == nil {
		t.Error(report)
	}
	if one := c.get(t, reportsPath+"/"+text(report["id"])+"?expand[0]=document.number").ok(t).object; one["document"].(object)["number"] == nil {
		t.Error(one)
	}
	if s := c.post(t, sessionsPath+"/"+id, "metadata[a]", "b", "expand[]", "verified_outputs").ok(t).object; s["verified_outputs"] == nil {
		t.Error(s)
	}
	waiting := c.get(t, sessionsPath+"/"+c.session(t, "requires_input")+"?expand[]=verified_outputs&expand[]=provided_details&expand[]=last_verification_report").ok(t).object
	for _, name := range []string{"verified_outputs", "provided_details", "last_verification_report"} {
		if v, there := waiting[name]; !there || v != nil {
			t.Errorf("%s of a waiting session: %v, there %v", name, v, there)
		}
	}
}

func TestSensitiveForbidden(t *testing.T) {
	c := newClient(t, Config{Choices: Choices{SensitiveForbidden: true}})
	path := sessionsPath + "/" + c.session(t, "verified") + "?expand[]=verified_outputs.dob"
	c.get(t, path).ok(t)
	c.key = secretKey
	if r := c.get(t, path); r.status != 403 || r.problem()["type"] != "invalid_request_error" || strings.Contains(r.text, secretKey[8:24]) {
		t.Error(r)
	}
	c.get(t, strings.TrimSuffix(path, ".dob")).ok(t)
	if r := c.post(t, sessionsPath, "type", "document", "expand[]", "verified_outputs.dob"); r.status != 403 || len(c.all(t, sessionsPath)) != 1 {
		t.Error("created and refused at once:", r)
	}
	if r := c.get(t, sessionsPath+"?expand[]=data.verified_outputs.dob"); r.status != 403 {
		t.Error(r)
	}
}

// The placeholders of a redacted session need no restricted key: nothing in them is
// sensitive. What else is in the list stays hidden.
func TestRedactedPlaceholdersForEveryKey(t *testing.T) {
	for _, key := range []string{secretKey, "rk_test_write_1", "rk_test_write_recent_1", restrictedKey} {
		for _, forbids := range []bool{false, true} {
			at := newClock()
			c := newClient(t, Config{Now: at.Now, Choices: Choices{SensitiveForbidden: forbids}})
			ids := []string{}
			for range 2 {
				id := c.post(t, sessionsPath, "type", "document", "options[document][require_id_number]", "true").ok(t).id()
				c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified").ok(t)
				ids = append(ids, id)
			}
			at.add(50 * time.Hour)
			c.key = key
			path := sessionsPath + "/" + ids[0]
			first := c.post(t, path+"/redact", "expand[]", "verified_outputs.dob").ok(t).object
			s := c.get(t, path+"?"+everyExpand).ok(t).object
			r := c.get(t, reportsPath+"/"+text(s["last_verification_report"].(object)["id"])+"?"+everyReportExpand).ok(t).object
			for name, got := range map[string]any{
				"answer":   first["verified_outputs"].(object)["dob"],
				"outputs":  s["verified_outputs"].(object)["dob"],
				"document": s["last_verification_report"].(object)["document"].(object)["dob"],
				"report":   r["id_number"].(object)["dob"],
			} {
				if fmt.Sprint(got) != "map[day:1 month:1 year:1]" {
					t.Errorf("%s forbids %v: %s: dob %v", key, forbids, name, got)
				}
			}
			if n := s["verified_outputs"].(object)["id_number"]; n != redactedText {
				t.Errorf("%s: id_number %v", key, n)
			}
			if forbids && key != restrictedKey {
				continue // lists are refused or cut; single objects tell
			}
			for _, one := range c.get(t, sessionsPath+"?expand[]=data.verified_outputs.dob").ok(t).data() {
				_, told := one["verified_outputs"].(object)["dob"]
				if want := text(one["id"]) == ids[0] || key == restrictedKey; told != want {
					t.Errorf("%s: %v tells dob %v, want %v", key, one["id"], told, want)
				}
			}
		}
	}
}
