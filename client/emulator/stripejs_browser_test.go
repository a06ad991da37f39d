package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"
)

// shop is an integrator's small server: it makes sessions, shows a page with a button
// that verifies the person, and gets the webhooks.
type shop struct {
	t    *testing.T
	api  client
	base string // of the emulator
	page string

	mu     sync.Mutex
	again  bool // hand out the client_secret of before
	id     string
	secret any
	events []string
}

// shopPage is the page that EMULATOR.md shows.
func shopPage(t *testing.T, emulator string) string {
	t.Helper()
	page, err := os.ReadFile("../../.github/EMULATOR.md")
	if err != nil {
		t.Fatal(err)
	}
	_, html, _ := strings.Cut(string(page), "```html\n")
	html, _, found := strings.Cut(html, "```")
	if !found {
		t.Fatal("EMULATOR.md shows no page")
	}
	return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">` +
		strings.ReplaceAll(html, "http://127.0.0.1:12111", emulator) + "</html>"
}

func (s *shop) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/create":
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.again {
			made := s.api.post(s.t, sessionsPath, everyCheck...).ok(s.t)
			s.id, s.secret = made.id(), made.object["client_secret"]
		}
		_ = json.NewEncoder(rw).Encode(object{"id": s.id, "client_secret": s.secret})
	case "/webhook":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.t.Error(err)
		}
		event, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), hookSecret)
		if err != nil {
			s.t.Error(err)
		}
		s.mu.Lock()
		s.events = append(s.events, strings.TrimPrefix(string(event.Type), eventPrefix)+" "+fmt.Sprint(event.Data.Object["id"]))
		s.mu.Unlock()
	default:
		rw.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(rw, s.page)
	}
}

// newest is the id of the session that was made last.
func (s *shop) newest() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// arrived waits for an event of the newest session.
func (s *shop) arrived(kind string) {
	s.t.Helper()
	for range 1000 {
		s.mu.Lock()
		all, id := strings.Join(s.events, "\n"), s.id
		s.mu.Unlock()
		if strings.Contains(all, kind+" "+id) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Error("no webhook tells of", kind)
}

// frame is the browser for the frame of the page.
func (b *browser) frame() *browser {
	b.t.Helper()
	all := *b
	all.tab = ""
	for range 1000 {
		all.last = b.last
		targets, _ := all.call("Target.getTargets", nil)["targetInfos"].([]any)
		b.last = all.last
		for _, one := range targets {
			if info := one.(object); info["type"] == "iframe" {
				framed := all
				framed.tab, _ = all.call("Target.attachToTarget", object{"targetId": info["targetId"], "flatten": true})["sessionId"].(string)
				framed.last = all.last
				return &framed
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.t.Fatal("the page frames nothing")
	return nil
}

// choose opens the dialog and presses a button of the page inside.
func (b *browser) choose(outcome string) {
	b.t.Helper()
	b.eval(`document.getElementById("told").textContent = ""; document.getElementById("verify").click()`)
	b.await(`document.querySelector("dialog[open] iframe") !== null`)
	button := fmt.Sprintf(`document.querySelector("button[value=%s]")`, outcome)
	framed := b.frame()
	framed.await(`document.readyState === "complete" && ` + button + ` !== null`)
	b.shoot("dialog-" + outcome)
	framed.eval(`setTimeout(function () { ` + button + `.click() })`)
	b.last = framed.last
	b.await(`document.getElementById("told").textContent !== "" && document.querySelector("dialog") === null`)
}

// The whole documented front end, in a browser, with a page of
// another site than the emulator's: the session is made on a server, the person is
// verified in a dialog, the webhook arrives, and the server reads the status.
func TestFrontEndInABrowser(t *testing.T) {
	b := openBrowser(t)
	s := &shop{t: t}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	origin := strings.Replace(web.URL, "127.0.0.1", "localhost", 1)
	s.api, s.base = served(t, Config{Origins: []string{"http://other.example", origin}, Webhooks: []Webhook{{URL: web.URL + "/webhook", Secret: hookSecret}}})
	s.page = shopPage(t, s.base)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.api.s.Deliver(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })

	b.open(origin + "/")
	told := func() any { return b.eval(`document.getElementById("told").textContent`) }
	b.choose(outcomePass)
	if got := told(); got != "submitted "+s.newest() {
		t.Error(got)
	}
	s.arrived("verified")
	if got := s.api.get(t, sessionsPath+"/"+s.newest()).ok(t).object["status"]; got != "verified" {
		t.Error("the server reads", got)
	}
	b.choose("document_expired")
	if got := told(); got != "submitted "+s.newest() { // what the checks find comes later, by webhook
		t.Error(got)
	}
	s.arrived("requires_input")
	for leaving, want := range map[string]string{"consent_declined": "consent_declined", "device_not_supported": "device_unsupported", "under_supported_age": "under_supported_age"} {
		b.choose(leaving)
		if got := told(); got != "error "+want {
			t.Errorf("%s: %v", leaving, got)
		}
		s.arrived("requires_input")
	}

	// The person closes the dialog: by its button, or by the escape key.
	for _, close := range []string{`document.querySelector("dialog button").click()`, `document.querySelector("dialog").dispatchEvent(new Event("cancel"))`} {
		b.eval(`document.getElementById("told").textContent = ""; document.getElementById("verify").click()`)
		b.await(`document.querySelector("dialog[open] iframe") !== null`)
		b.eval(close)
		b.await(`document.getElementById("told").textContent === "error session_cancelled" && document.querySelector("dialog") === null`)
	}
	s.mu.Lock()
	s.again = true
	s.mu.Unlock()
	b.eval(`document.getElementById("verify").click()`)
	b.await(`document.getElementById("told").textContent === "error client_secret_used"`)
	for _, wrong := range []string{`Stripe("sk_test_123")`, `Stripe()`, `stripe.verifyIdentity()`} {
		if b.eval(`(function () { try { `+wrong+`; return ""; } catch (e) { return e.name; } })()`) != "IntegrationError" {
			t.Error(wrong, "is taken")
		}
	}
	for _, line := range b.said {
		if !strings.Contains(line, "Failed to load resource") { // the refusal of the used client_secret
			t.Error("the page complains:", line)
		}
	}
}
