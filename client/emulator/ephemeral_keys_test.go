package emulator

import (
	"strings"
	"testing"
	"time"
)

// The back end of an app makes a key for one session: the app reads that session with
// it for an hour, and nothing else.
func TestEphemeralKeys(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now})
	id, other := c.session(t, "requires_input"), c.session(t, "verified")
	backend := c.with("Stripe-Version", "2025-03-31.basil")
	k := backend.post(t, ephemeralPath, "verification_session", id).ok(t)
	if !strings.HasPrefix(k.id(), "ephkey_") || !strings.HasPrefix(text(k.object["secret"]), "ek_test_") || k.object["expires"] != float64(started.Add(time.Hour).Unix()) {
		t.Error(k)
	}
	app := c
	app.key = text(k.object["secret"])
	if s := app.get(t, sessionsPath+"/"+id+"?expand[]=verified_outputs.dob").ok(t).object; s["id"] != id || s["client_secret"] == nil {
		t.Error(s)
	}
	for _, request := range []struct{ method, path string }{
		{"GET", sessionsPath}, {"GET", sessionsPath + "/" + other}, {"POST", sessionsPath + "/" + id}, {"POST", sessionsPath + "/" + id + "/cancel"},
		{"POST", aliasPath + id + "/submit"}, {"GET", reportsPath}, {"GET", eventsPath}, {"GET", "/v1/account"}, {"POST", ephemeralPath},
		{"DELETE", ephemeralPath + "/" + k.id()},
	} {
		if r := app.do(t, request.method, request.path, ""); r.status != 403 || strings.Contains(r.text, app.key) || strings.Contains(r.text, text(request.path)) && request.path == other {
			t.Errorf("%v: %v", request, r)
		}
	}
	for _, key := range []string{app.key + "x", app.key[:len(app.key)-1], "ek_test_x", "ek_live_" + strings.TrimPrefix(app.key, "ek_test_"), app.key + "_w_a"} {
		wrong := c
		wrong.key = key
		if r := wrong.get(t, sessionsPath+"/"+id); r.status != 401 || strings.Contains(r.text, key) {
			t.Errorf("%s: %v", key, r)
		}
	}
	at.add(time.Hour - time.Second)
	app.get(t, sessionsPath+"/"+id).ok(t)
	at.add(time.Second)
	if r := app.get(t, sessionsPath+"/"+id); r.status != 401 || r.problem()["code"] != "api_key_expired" {
		t.Error(r)
	}
	second := backend.post(t, ephemeralPath, "verification_session", id).ok(t)
	if second.object["secret"] == k.object["secret"] {
		t.Error("the same secret twice")
	}
	app.key = text(second.object["secret"])
	app.get(t, sessionsPath+"/"+id).ok(t)
	if r := c.do(t, "DELETE", ephemeralPath+"/"+second.id(), "").ok(t); r.object["secret"] != nil || r.object["expires"] != float64(at.Now().Unix()) {
		t.Error(r)
	}
	if r := app.get(t, sessionsPath+"/"+id); r.status != 401 {
		t.Error("a deleted key opens:", r)
	}
}

func TestEphemeralKeyRefusals(t *testing.T) {
	c := newClient(t, Config{}).with("Stripe-Version", APIVersion)
	for _, test := range []struct {
		name, value string
		status      int
		param       string
	}{
		{"verification_session", "vs_x", 404, "verification_session"},
		{"customer", "cus_1", 404, "customer"},
		{"issuing_card", "ic_1", 404, "issuing_card"},
		{"nonce", "x", 400, "verification_session"},
		{"verification_session", c.session(t, "redacted verified"), 400, ""},
	} {
		if r := c.post(t, ephemeralPath, test.name, test.value); r.status != test.status || text(r.problem()["param"]) != test.param {
			t.Errorf("%s=%s: %v", test.name, test.value, r)
		}
	}
}

// An ephemeral key leads to the world that it was made in.
func TestEphemeralKeysOfWorlds(t *testing.T) {
	c := newClient(t, Config{Worlds: true}).with("Stripe-Version", APIVersion)
	c.key = "sk_test_1_w_ci7"
	id := c.post(t, sessionsPath, "type", "document").ok(t).id()
	k := c.post(t, ephemeralPath, "verification_session", id).ok(t)
	c.key = text(k.object["secret"])
	if !strings.HasSuffix(c.key, "_w_ci7") {
		t.Error(c.key)
	}
	c.get(t, sessionsPath+"/"+id).ok(t)
	c.key = strings.TrimSuffix(c.key, "_w_ci7") + "_w_ci8"
	if r := c.get(t, sessionsPath+"/"+id); r.status != 401 {
		t.Error(r)
	}
}
