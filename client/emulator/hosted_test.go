package emulator

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pathOf gives the path of a session's newest link.
func (c client) pathOf(t testing.TB, id string) string {
	t.Helper()
	link, ok := c.get(t, sessionsPath+"/"+id).ok(t).object["url"].(string)
	if !ok {
		t.Fatal("session", id, "has no link")
	}
	return strings.TrimPrefix(link, defaultPublicURL)
}

var tokenField = regexp.MustCompile(`name="token" value="([0-9a-f]+)"`)

// pressButton opens a link and presses a button.
func (c client) pressButton(t testing.TB, path, outcome, pace string) reply {
	t.Helper()
	token := tokenField.FindStringSubmatch(c.get(t, path).text)
	if token == nil {
		t.Fatal("nothing can be chosen at", path)
	}
	return c.post(t, path, "token", token[1], "outcome", outcome, "pace", pace)
}

var buttons = regexp.MustCompile(`<button name="outcome" value="([a-z_]+)">`)

// Every button that the page shows does what it says, on every kind of session. It
// shows all that is possible for the session, and nothing else is taken.
func TestHostedButtons(t *testing.T) {
	for _, params := range [][]string{{"type", "document"}, {"type", "id_number"}, {"verification_flow", "vf_1"}, everyCheck} {
		c := newClient(t, Config{})
		create := func() string { return c.post(t, sessionsPath, params...).ok(t).id() }
		page := c.get(t, c.pathOf(t, create())).ok(t)
		shown := buttons.FindAllStringSubmatch(page.text, -1)
		id := create()
		possible := c.possible(id)
		if len(shown) != 1+len(possible) {
			t.Errorf("%v: %d buttons, want verified and %v", params, len(shown), possible)
		}
		path := c.pathOf(t, id)
		for _, f := range failures[1:] {
			if slices.Contains(possible, f.name) {
				continue
			}
			if r := c.pressButton(t, path, f.name, "now"); r.status != 400 || !strings.Contains(r.text, "There is no such choice") {
				t.Errorf("%v: %s is taken: %v", params, f.name, r)
			}
		}
		for _, button := range shown {
			outcome, id := button[1], create()
			path := c.pathOf(t, id)
			r := c.pressButton(t, path, outcome, "now")
			if r.status != http.StatusSeeOther || hostedPrefix+r.header.Get("Location") != path+"/done" {
				t.Fatalf("%s: %v", outcome, r)
			}
			s := c.get(t, sessionsPath+"/"+id).ok(t).object
			reports := c.all(t, reportsPath+"?verification_session="+id)
			at, _ := codeNamed(outcome)
			visit := at != 0 && failures[at].check == checkNone
			if outcome == "verified" && s["status"] != "verified" ||
				outcome != "verified" && (s["status"] != "requires_input" || s["last_error"].(object)["code"] != outcome) || (len(reports) == 0) != visit {
				t.Errorf("%s: %s with %v and %d reports", outcome, s["status"], s["last_error"], len(reports))
			}
			done := c.get(t, path+"/done").ok(t)
			if want := map[bool]string{true: "<h1>Verified</h1>", false: "<h1>Not verified</h1>"}[outcome == "verified"]; !strings.Contains(done.text, want) ||
				outcome != "verified" && !strings.Contains(done.text, outcome) {
				t.Errorf("%s: the result page says %s", outcome, done.text)
			}
			if again := c.get(t, path); again.status != http.StatusGone || !strings.Contains(again.text, "This link was used") {
				t.Errorf("%s: the link can be opened again: %d", outcome, again.status)
			}
		}
	}
}

// The outcome comes when it was asked for, by the clock.
func TestHostedPaces(t *testing.T) {
	for _, test := range []struct {
		pace  string
		after string // when it is not decided yet, and a second later it is
	}{{"5s", "4s"}, {"1m", "59s"}, {"never", ""}} {
		c := newClient(t, Config{})
		id := c.session(t, "requires_input")
		path := c.pathOf(t, id)
		c.pressButton(t, path, "document_expired", test.pace)
		step := test.after
		if step == "" {
			step = "900h"
		}
		c.post(t, "/_emulator/clock", "advance", step).ok(t)
		if s := c.get(t, sessionsPath+"/"+id).ok(t).object; s["status"] != "processing" {
			t.Errorf("%s: after %s it is %v", test.pace, step, s["status"])
		}
		if test.pace == "never" {
			continue
		}
		if done := c.get(t, path+"/done").ok(t).text; !strings.Contains(done, "Being checked") || !strings.Contains(done, `data-running="true"`) || !strings.Contains(done, "http-equiv=\"refresh\"") {
			t.Error("the page does not wait for the result:", done)
		}
		c.post(t, "/_emulator/clock", "advance", "1s").ok(t)
		if done := c.get(t, path+"/done").ok(t).text; !strings.Contains(done, "The document is expired.") || !strings.Contains(done, `data-running="false"`) {
			t.Error(test.pace, done)
		}
	}
}

// deadLink expects that a path says why it can't be used, for every request to it.
func (c client) deadLink(t *testing.T, path string, status int, says string) {
	t.Helper()
	for _, method := range []string{"GET", "HEAD", "POST"} {
		if r := c.do(t, method, path, "token=x&outcome=verified&pace=now"); r.status != status || !strings.Contains(r.text, says) && method != "HEAD" {
			t.Errorf("%s %s: %d, want %d %q: %.300s", method, path, r.status, status, says, r.text)
		}
	}
}

// freshLink makes a session and gives the path of its link.
func (c client) freshLink(t *testing.T) (id, path string) {
	t.Helper()
	id = c.session(t, "requires_input")
	return id, c.pathOf(t, id)
}

// A link of a session that needs no person any more says so.
func TestHostedLinksOfEndedSessions(t *testing.T) {
	c := newClient(t, Config{})
	for state, says := range map[string]string{
		"canceled": "was canceled", "redacted": "was canceled", "verified": "it is verified", "processing": "it is processing",
	} {
		id, path := c.freshLink(t)
		switch state {
		case "canceled":
			c.post(t, sessionsPath+"/"+id+"/cancel").ok(t)
		case "redacted":
			c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
		default:
			c.submit(t, id, "outcome", state)
		}
		c.deadLink(t, path, http.StatusGone, says)
	}
}

// A link lasts for 48 hours and for one try.
func TestHostedLinksEnd(t *testing.T) {
	c := newClient(t, Config{})
	id, path := c.freshLink(t)
	later := c.pathOf(t, id)
	c.post(t, "/_emulator/clock", "advance", "47h59m59s").ok(t)
	c.get(t, path).ok(t)
	c.post(t, "/_emulator/clock", "advance", "1s").ok(t)
	c.deadLink(t, path, http.StatusGone, "This link has expired")
	newer := c.pathOf(t, id)
	c.pressButton(t, newer, "document_expired", "now")
	c.deadLink(t, later, http.StatusGone, "This link has expired")
	c.deadLink(t, newer, http.StatusGone, "This link was used")
	c.get(t, c.pathOf(t, id)).ok(t) // another try needs another link
}

// Whatever is changed in a link makes it unknown.
func TestHostedUnknownLinks(t *testing.T) {
	c := newClient(t, Config{})
	_, path := c.freshLink(t)
	_, other := c.freshLink(t)
	cut := len(path) - linkNumberLen
	unknown := []string{hostedPrefix, hostedPrefix + "x/y", path + "/", path + "0", path[:len(path)-1], path[:cut] + other[cut:],
		strings.Replace(path, "test_", "live_", 1), path[:cut] + strings.Repeat("z", linkNumberLen)}
	for i := range path[len(hostedPrefix):] {
		at := len(hostedPrefix) + i
		unknown = append(unknown, path[:at]+map[bool]string{true: "b", false: "a"}[path[at] == 'a']+path[at+1:])
	}
	for _, link := range unknown {
		c.deadLink(t, link, http.StatusNotFound, "There is no such link")
	}
	if r := c.do(t, "DELETE", path, ""); r.status != http.StatusMethodNotAllowed || r.header.Get("Allow") != "GET, HEAD, POST" {
		t.Error(r)
	}
	if r := c.get(t, path+"/done"); !strings.Contains(r.text, "asks you to verify") {
		t.Error("there is a result before anything was submitted:", r.text)
	}
}

// The links in lists and events open the page too, and one visit ends them all.
func TestHostedLinksOfListsAndEvents(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "failed")
	links := []string{c.pathOf(t, id)}
	for _, s := range c.all(t, sessionsPath) {
		links = append(links, strings.TrimPrefix(s["url"].(string), defaultPublicURL))
	}
	for _, e := range c.all(t, eventsPath) {
		if link, ok := e["data"].(object)["object"].(object)["url"].(string); ok {
			links = append(links, strings.TrimPrefix(link, defaultPublicURL))
		}
	}
	if len(links) != 4 {
		t.Fatal(links)
	}
	for _, link := range links {
		c.get(t, link).ok(t)
	}
	c.pressButton(t, links[3], "abandoned", "now")
	for _, link := range links {
		if r := c.get(t, link); r.status != http.StatusGone {
			t.Error(link, r.status)
		}
	}
	newest := c.all(t, eventsPath)[0]["data"].(object)["object"].(object)
	c.get(t, strings.TrimPrefix(newest["url"].(string), defaultPublicURL)).ok(t)
}

// Nobody submits for the person: no other page, no page of before, no guess.
func TestHostedForms(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "requires_input")
	path := c.pathOf(t, id)
	first := tokenField.FindStringSubmatch(c.get(t, path).ok(t).text)[1]
	other := tokenField.FindStringSubmatch(c.get(t, c.pathOf(t, c.session(t, "requires_input"))).ok(t).text)[1]
	for _, test := range []struct {
		form   string
		status int
	}{
		{"outcome=verified&pace=now", 403},
		{"outcome=verified&pace=now&token=", 403},
		{"outcome=verified&pace=now&token=" + other, 403},
		{"outcome=verified&pace=now&token=" + strings.ToUpper(first), 403},
		{"outcome=happy&pace=now&token=" + first, 400},
		{"outcome=&pace=now&token=" + first, 400},
		{"outcome=verified&pace=soon&token=" + first, 400},
		{"outcome=verified&token=" + first, 400},
		{"%zz", 400},
		{"token=" + strings.Repeat("x", maxHosted), 400},
	} {
		if r := c.do(t, "POST", path, test.form); r.status != test.status {
			t.Errorf("%.60s: %d, want %d", test.form, r.status, test.status)
		}
	}
	if r := c.post(t, path+"?token="+first+"&outcome=verified&pace=now"); r.status != 403 {
		t.Error("a link submits:", r)
	}
	if got := len(c.all(t, eventsPath)); got != 2 {
		t.Errorf("%d events: something was submitted", got)
	}
	// A page that was shown before the session changed submits nothing.
	c.submit(t, id, "outcome", "requires_input")
	if r := c.post(t, path, "token", first, "outcome", "verified", "pace", "now"); r.status != 403 || !strings.Contains(r.text, "out of date") || !strings.Contains(r.text, `href="`+strings.TrimPrefix(path, hostedPrefix)+`"`) {
		t.Error(r)
	}
	if r := c.pressButton(t, path, "verified", "now"); r.status != http.StatusSeeOther {
		t.Error(r)
	}
}

// Browsers say which site a form was on.
func TestHostedFormsOfOtherSites(t *testing.T) {
	c := newClient(t, Config{})
	for _, test := range []struct {
		header, value string
		status        int
	}{
		{"Origin", "http://127.0.0.1:12111", 303}, {"Origin", "https://evil.example", 403}, {"Origin", "null", 403},
		{"Origin", "http://127.0.0.1:1", 403}, {"Sec-Fetch-Site", "same-origin", 303}, {"Sec-Fetch-Site", "cross-site", 403},
		{"Sec-Fetch-Site", "same-site", 403},
	} {
		path := c.pathOf(t, c.session(t, "requires_input"))
		form := url.Values{"token": {tokenField.FindStringSubmatch(c.get(t, path).text)[1]}, "outcome": {"verified"}, "pace": {"now"}}
		r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Host, r.RemoteAddr = "127.0.0.1:12111", "127.0.0.1:5"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(test.header, test.value)
		rec := httptest.NewRecorder()
		c.s.ServeHTTP(rec, r)
		if rec.Code != test.status {
			t.Errorf("%s: %s is answered with %d, want %d", test.header, test.value, rec.Code, test.status)
		}
	}
}

// The page says who asks and for what; foreign text is only text in it.
func TestHostedPageText(t *testing.T) {
	const hostile = `"'><script>alert(1)</script>{{.Token}}`
	c := newClient(t, Config{AccountName: "Müller & Söhne" + hostile})
	id := c.post(t, sessionsPath, append(everyCheck, "options[document][allowed_types][]", "passport", "options[document][require_live_capture]", "true",
		"metadata[user_id]", hostile, "metadata["+hostile[:30]+"]", "v", "client_reference_id", hostile, "return_url", "https://shop.example.com/a?b=1&c=2")...).ok(t).id()
	path := c.pathOf(t, id)
	r := c.get(t, path).ok(t)
	for _, want := range []string{
		"Müller &amp; Söhne", "a photo of a passport, taken with the camera now", "a photo of your face", "compared with your name", id, `>TEST</span>`, `<html lang="en">`,
	} {
		if !strings.Contains(r.text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if strings.Contains(r.text, "<script>alert") || strings.Contains(r.text, "<script") || strings.Count(html.UnescapeString(r.text), hostile) != 5 {
		t.Error("foreign text became part of the page:", r.text)
	}
	policy := r.header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") ||
		r.header.Get("Referrer-Policy") != "same-origin" || r.header.Get("Cache-Control") != "no-store" || r.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Error(r.header)
	}
	if again := c.get(t, path).header.Get("Content-Security-Policy"); again == policy {
		t.Error("two pages have the same nonce")
	}
	c.pressButton(t, path, "verified", "now")
	if done := c.get(t, path+"/done").ok(t).text; !strings.Contains(done, `<a href="https://shop.example.com/a?b=1&amp;c=2" rel="noreferrer">Go on to <bdi>shop.example.com</bdi></a>`) {
		t.Error(done)
	}
}

// The page leads back only to where web pages are.
func TestHostedReturnAddress(t *testing.T) {
	c := newClient(t, Config{})
	for _, address := range []string{"javascript:alert(1)", "data:text/html,x", "//x", "myapp://done", "%zz"} {
		r := c.post(t, sessionsPath, "type", "document", "return_url", address)
		if r.status != http.StatusOK {
			continue // refused right away
		}
		path := c.pathOf(t, r.id())
		c.pressButton(t, path, "verified", "now")
		if done := c.get(t, path+"/done").ok(t).text; strings.Contains(done, "<a ") {
			t.Errorf("%s: %s", address, done)
		}
	}
}

// Links lead to where the server was reached, or to where it is told to be.
func TestHostedLinksLeadHere(t *testing.T) {
	for _, test := range []struct{ public, host, want string }{
		{"", "127.0.0.1:4711", "http://127.0.0.1:4711/start/test_"},
		{"", "localhost", "http://localhost/start/test_"},
		{"", "[::1]:80", "http://[::1]:80/start/test_"},
		{"https://id.example.com/emulator/", "127.0.0.1:4711", "https://id.example.com/emulator/start/test_"},
	} {
		server := httptest.NewRecorder()
		r := httptest.NewRequest("POST", sessionsPath, strings.NewReader("type=document"))
		r.Host, r.RemoteAddr = test.host, "127.0.0.1:5"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Bearer "+secretKey)
		New(Config{PublicURL: test.public, Now: fixedClock}).ServeHTTP(server, r)
		got := regexp.MustCompile(`"url":"([^"]*)"`).FindStringSubmatch(server.Body.String())
		if got == nil || !strings.HasPrefix(got[1], test.want) {
			t.Errorf("%+v: %q", test, server.Body.String())
		}
	}
}

// What a link says is read back from it, and chance makes no links.
func TestLinksAreReadBack(t *testing.T) {
	w := New(Config{Sessions: 50, Seed: 5, Now: fixedClock}).home.world
	d := roll(1, 0, 0, 0)
	for range 2000 {
		if v := d.next(); unmix(mix(v)) != v {
			t.Fatal("unmix is not the inverse of mix")
		}
		i := uint32(d.below(50))
		s := snapshot{session: i, token: uint32(d.below(1000)) + 1, issued: w.seconds()}
		w.tokens = max(w.tokens, s.token)
		got, ok := w.readLink(strings.TrimPrefix(w.hostedURL(s), w.base+hostedPrefix))
		if want := (link{session: i, token: s.token, issued: s.issued}); !ok || got != want {
			t.Fatalf("%+v is read as %+v", want, got)
		}
		text := w.mode() + "_" + w.tokenPrefix + randomText(&d, codeLen+linkNumberLen)
		if _, ok := w.readLink(text); ok {
			t.Error("a link by chance:", text)
		}
	}
	for _, text := range []string{"", "0", "zzzzzzzzzzz", "LygHa16AHYG", "ünïcode"} {
		v, ok := readBase62(text)
		if b := string(appendBase62(nil, v, len(text))); ok && b != text {
			t.Errorf("%q is read as %d, which is %q", text, v, b)
		}
	}
}
