package emulator

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// The controls of a session are operations of the API, too: with a key, in its form,
// with its errors, and marked as none of Stripe's.
func TestAlias(t *testing.T) {
	c := newClient(t, Config{})
	id := c.post(t, sessionsPath, wholeCheck...).ok(t).id()
	submit := aliasPath + id + "/submit"
	r := c.keyed("k").post(t, submit, "outcome", "requires_input", "code[0]", "document_expired", "code[1]", "selfie_manipulated", "expand[]", "last_verification_report").ok(t)
	if stateOf(r.object) != "requires_input document_expired" || r.at("last_verification_report.selfie.error.code") != "selfie_manipulated" || r.header.Get(aliasHeader) != "true" {
		t.Error(r.header, r)
	}
	if again := c.keyed("k").post(t, submit, "outcome", "requires_input", "code[0]", "document_expired", "code[1]", "selfie_manipulated", "expand[]", "last_verification_report"); !replayed(again) || again.header.Get(aliasHeader) != "true" {
		t.Error(again)
	}
	if again := c.keyed("k").post(t, submit, "outcome", "verified"); again.status != 400 || again.problem()["type"] != "idempotency_error" {
		t.Error(again)
	}
	c.post(t, submit, "outcome", "verified", "person", "jenny", "delay", "0s").ok(t)
	if r := c.post(t, aliasPath+id+"/override", "status", "requires_input").ok(t); stateOf(r.object) != "requires_input" {
		t.Error(r)
	}
	if r := c.get(t, sessionsPath+"/"+id).ok(t); r.header.Get(aliasHeader) != "" {
		t.Error("Stripe's own is marked:", r.header)
	}
	for _, test := range []struct {
		key, path, params string
		status            int
		message           string
	}{
		{restrictedKey, aliasPath + "vs_x/submit", "outcome=verified", 404, "No such verificationsession: 'vs_x'"},
		{restrictedKey, submit, "outcome=ok", 400, "outcome=ok is no outcome; say processing, verified or requires_input"},
		{restrictedKey, submit, "outcome=verified&wait=1", 400, "Received unknown parameter: wait"},
		{restrictedKey, submit, "outcome=verified&first_name[a]=1", 400, "Invalid string"},
		{restrictedKey, aliasPath + id + "/cancel", "", 404, "Unrecognized request URL"},
		{"rk_test_read_1", submit, "outcome=verified", 403, "rak_identity_product_write"},
		{"", submit, "outcome=verified", 401, "You did not provide an API key"},
		{"sk_live_abcdefghijklmnop", submit, "outcome=verified", 404, "No such verificationsession"},
	} {
		c.key = test.key
		if r := c.do(t, "POST", test.path, test.params); r.status != test.status || !strings.Contains(text(r.problem()["message"]), test.message) {
			t.Errorf("%s %s: %v, want %d %s", test.path, test.params, r, test.status, test.message)
		}
	}
}

// The alias is a control: it answers to this machine, and to others with open controls.
func TestAliasStaysHere(t *testing.T) {
	for _, open := range []bool{false, true} {
		s := New(Config{Now: fixedClock, Hosts: []string{"emulator"}, OpenControls: open})
		for path, want := range map[string]bool{aliasPath + "vs_x/submit": open, sessionsPath + "/vs_x/cancel": true} {
			r := httptest.NewRequest("POST", path, nil)
			r.RemoteAddr, r.Host = "192.0.2.1:5", "emulator"
			r.Header.Set("Authorization", "Bearer "+secretKey)
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, r)
			if got := rec.Code != 403; got != want {
				t.Errorf("open %v: %s: %d %s", open, path, rec.Code, rec.Body)
			}
		}
	}
}
