package emulator

import (
	"net/http/httptest"
	"strings"
	"testing"
)

const frontEnd = "http://localhost:3000"

// verify sends what the stand-in sends for a page.
func (c client) verify(t testing.TB, origin, key, secret string) reply {
	t.Helper()
	r := httptest.NewRequest("POST", verifyPath, strings.NewReader("key="+key+"&client_secret="+secret))
	r.Host, r.RemoteAddr = "127.0.0.1:12111", "127.0.0.1:5"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	r.Header.Set("Origin", origin)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	rec := httptest.NewRecorder()
	c.s.ServeHTTP(rec, r)
	return read(rec.Result(), nil)
}

// secret gives a new client_secret of a session.
func (c client) secret(t testing.TB, id string) string {
	t.Helper()
	return text(c.get(t, sessionsPath+"/"+id).ok(t).object["client_secret"])
}

// A client_secret opens its session's page, once, with a key of its mode and world.
func TestClientSecrets(t *testing.T) {
	c := newClient(t, Config{Origins: []string{frontEnd}, Worlds: true})
	id := c.session(t, "requires_input")
	failed := c.session(t, "failed")
	secret := c.secret(t, id)
	for _, test := range []struct{ name, key, secret, code string }{
		{"a secret key", "sk_test_1", secret, ""},
		{"no key", "", secret, ""},
		{"the other mode", "pk_live_1", secret, "resource_missing"},
		{"another world", "pk_test_1_w_a", secret, "resource_missing"},
		{"another session's id", "pk_test_1", failed + secret[strings.Index(secret, "_secret_"):], "resource_missing"},
		{"no secret", "pk_test_1", "", "resource_missing"},
		{"cut off", "pk_test_1", secret[:len(secret)-1], "resource_missing"},
	} {
		r := c.verify(t, frontEnd, test.key, test.secret)
		if p := r.problem(); r.status < 400 || text(p["code"]) != test.code && p["code"] != nil || p["message"] == nil {
			t.Errorf("%s: %v", test.name, r)
		}
		if r.header.Get("Access-Control-Allow-Origin") != frontEnd {
			t.Errorf("%s: the page can't read the refusal", test.name)
		}
	}
	r := c.verify(t, frontEnd, "pk_test_1", secret).ok(t)
	page := c.get(t, strings.TrimPrefix(text(r.object["url"]), "http://127.0.0.1:12111")).ok(t)
	if !strings.Contains(page.header.Get("Content-Security-Policy"), "frame-ancestors "+frontEnd) || page.header.Get("X-Frame-Options") != "" ||
		!strings.Contains(page.text, id) {
		t.Error("the page can't be framed:", page.header)
	}
	used := func(secret, want string) {
		t.Helper()
		if got := text(c.verify(t, frontEnd, "pk_test_1", secret).problem()["code"]); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	used(secret, "client_secret_used")
	second, third := c.secret(t, id), c.secret(t, id)
	c.verify(t, frontEnd, "pk_test_1", second).ok(t) // a new one works
	c.post(t, controlPrefix+"sessions/"+id+"/submit", "outcome", "verified").ok(t)
	used(third, "verification_session_unexpected_state")
	i, _ := c.s.home.world.sessionAt(id)
	if r := c.s.home.world.visitResult(i); r["session"] == nil || r["verificationSession"] == nil || r["error"] != nil {
		t.Error("the page is told", r)
	}
	late := c.secret(t, failed)
	c.post(t, controlPrefix+"clock", "advance", "24h").ok(t)
	used(late, "client_secret_expired")
	if other := c.in("a").session(t, "requires_input"); c.verify(t, frontEnd, "pk_test_1_w_a", c.in("a").secret(t, other)).status != 200 {
		t.Error("a world's own key does not open its session")
	}
}

// Pages get the stand-in only if their origin is named, and nothing else ever.
func TestOriginsOfFrontEnds(t *testing.T) {
	named, unnamed := newClient(t, Config{Origins: []string{frontEnd}}), newClient(t, Config{})
	for _, test := range []struct {
		c            client
		method, path string
		origin, site string
		want         int
	}{
		{named, "GET", scriptPath, "", "cross-site", 200},
		{named, "GET", scriptPath, "", "", 200},
		{unnamed, "GET", scriptPath, "", "", 200},
		{unnamed, "GET", scriptPath, "", "same-site", 403},
		{named, "POST", verifyPath, "http://localhost:3001", "cross-site", 403},
		{named, "POST", verifyPath, "null", "cross-site", 403},
		{unnamed, "POST", verifyPath, frontEnd, "cross-site", 403},
		{named, "GET", verifyPath, frontEnd, "cross-site", 404},
		{named, "OPTIONS", verifyPath, frontEnd, "cross-site", 204},
		{named, "OPTIONS", verifyPath, "http://localhost:3001", "cross-site", 403},
		{named, "OPTIONS", scriptPath, frontEnd, "cross-site", 403},
		{named, "POST", verifyPath, "", "", 401}, // no page: a program
		{named, "GET", sessionsPath, frontEnd, "cross-site", 403},
		{named, "POST", controlPrefix + "reset", frontEnd, "cross-site", 403},
		{named, "GET", controlPrefix + "state", frontEnd, "cross-site", 403},
	} {
		r := httptest.NewRequest(test.method, test.path, nil)
		r.Host, r.RemoteAddr = "127.0.0.1:12111", "127.0.0.1:5"
		for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		rec := httptest.NewRecorder()
		test.c.s.ServeHTTP(rec, r)
		if rec.Code != test.want {
			t.Errorf("%s %s of %q (%s): %d, want %d", test.method, test.path, test.origin, test.site, rec.Code, test.want)
		}
		if rec.Code == 204 && rec.Header().Get("Access-Control-Allow-Origin") != frontEnd {
			t.Error("the page's request is not allowed:", rec.Header())
		}
		if rec.Code == 403 && rec.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s: refused, but to be read by the page", test.method, test.path)
		}
		if rec.Code == 403 && forFrontEnds(test.path) && !strings.Contains(rec.Body.String(), "--origin http://localhost:3000") {
			t.Error("no hint:", rec.Body)
		}
	}
	for _, origin := range []string{"localhost:3000", "http://localhost:3000/", "http://a@localhost", "*", "ftp://localhost", "http://a.example;script-src"} {
		if (Config{Origins: []string{origin}}).Check() == nil {
			t.Errorf("%s is taken", origin)
		}
	}
}
