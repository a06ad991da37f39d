package emulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"idtop/client/guard"
)

// A duplicate that is refused is not repeated: the endpoint has the event.
func TestWebhookDuplicateIsNoNewDelivery(t *testing.T) {
	delivering(t, Config{Delivery: Delivery{Duplicates: 2}}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = func(_ *http.Request, n int) (*http.Response, error) {
			return statusAnswer(map[bool]int{true: 200, false: 500}[n == 1])(nil, n)
		}
		c.post(t, sessionsPath, "type", "document").ok(t)
		time.Sleep(day)
		synctest.Wait()
		if len(rc.got) != 2 || len(c.all(t, eventsPath+"?delivery_success=false")) != 0 {
			t.Error(rc.times())
		}
	})
}

// What is sent late shows nothing that was redacted meanwhile.
func TestWebhookShowsNothingRedacted(t *testing.T) {
	delivering(t, Config{Delivery: Delivery{Late: time.Minute}}, func(t *testing.T, c client, rc *receiver) {
		id := c.session(t, "verified")
		c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(rc.got) != 3 {
			t.Fatal(rc.names())
		}
		for _, s := range rc.got {
			if strings.Contains(s.body, "ann_1") {
				t.Error(s.body)
			}
		}
	})
}

// Endpoints don't wait for each other.
func TestWebhookEndpointsAreApart(t *testing.T) {
	const slow, quick = "http://127.0.0.1:1/slow", "http://127.0.0.1:1/quick"
	cfg := Config{Webhooks: []Webhook{{URL: slow, Secret: hookSecret}, {URL: quick, Secret: hookSecret}}}
	delivering(t, cfg, func(t *testing.T, c client, rc *receiver) {
		rc.answer = func(r *http.Request, n int) (*http.Response, error) {
			if r.URL.String() == slow {
				time.Sleep(5 * time.Second)
			}
			return statusAnswer(200)(r, n)
		}
		c.session(t, "verified")
		synctest.Wait()
		quickOnes := 0
		for _, s := range rc.got {
			if s.url == quick {
				quickOnes++
			}
		}
		if quickOnes != 3 || len(rc.got) != 4 {
			t.Error(rc.got)
		}
		if events := c.get(t, eventsPath+"?limit=1").data(); events[0]["pending_webhooks"] != 1.0 {
			t.Error(events[0])
		}
		time.Sleep(time.Minute)
		synctest.Wait()
	})
}

// Deliveries that the end of Deliver interrupts are made by the next one.
func TestWebhookDeliveryGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(t)
		s := New(Config{Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}, WebhookTransport: rc})
		rc.answer = func(r *http.Request, n int) (*http.Response, error) {
			if n == 1 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return statusAnswer(200)(r, n)
		}
		c := client{s: s, key: restrictedKey}
		c.post(t, sessionsPath, "type", "document").ok(t)
		for range 2 {
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			s.Deliver(ctx)
			stop()
		}
		if got := rc.times(); got != "0s 1s" {
			t.Error(got)
		}
	})
}

// Over a real network, with the headers that receivers look at.
func TestWebhookOverTheNetwork(t *testing.T) {
	got := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), hookSecret); err != nil {
			t.Error(err)
		}
		got <- r
	}))
	defer server.Close()
	s := New(Config{Webhooks: []Webhook{{URL: server.URL + "/hooks?x=1", Secret: hookSecret}}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		s.Deliver(ctx)
		close(ended)
	}()
	client{s: s, key: restrictedKey}.post(t, sessionsPath, "type", "document").ok(t)
	r := <-got
	if r.Method != "POST" || r.URL.String() != "/hooks?x=1" || r.Header.Get("Content-Type") != "application/json; charset=utf-8" ||
		!strings.HasPrefix(r.Header.Get("User-Agent"), "Stripe/1.0 ") {
		t.Error(r.Method, r.URL, r.Header)
	}
	stop()
	<-ended
}

// Nothing leaves this machine unless that is allowed, whatever a name resolves to.
func TestWebhooksStayHere(t *testing.T) {
	r := httptest.NewRequest("POST", "http://192.0.2.1:9/", nil) // an address that is nobody's
	r.RequestURI = ""
	if _, err := newSender(false).RoundTrip(r); err == nil || !strings.Contains(err.Error(), "192.0.2.1:9 is not on this machine") {
		t.Error(err)
	}
}

func TestConfigCheck(t *testing.T) {
	hook := func(url string) Config { return Config{Webhooks: []Webhook{{URL: url, Secret: hookSecret}}} }
	anywhere := hook("https://example.com/hook")
	anywhere.WebhooksAnywhere = true
	for _, good := range []Config{{}, hook(hookURL), hook("http://localhost:1"), hook("https://[::1]/x"), anywhere, {PublicURL: "https://id.example.com/"}} {
		if err := good.Check(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	one := Webhook{URL: hookURL, Secret: hookSecret}
	for want, bad := range map[string]Config{
		"is not on this machine":              hook("http://example.com/hook"),
		"http://127.0.0.1.example.com: it is": hook("http://127.0.0.1.example.com"),
		"ftp://127.0.0.1: it has to be like":  hook("ftp://127.0.0.1"),
		"without user and password":           hook("http://a:b@127.0.0.1/"),
		"begin with whsec_":                   {Webhooks: []Webhook{{URL: hookURL, Secret: "secret"}}},
		"has no secret":                       {Webhooks: []Webhook{{URL: hookURL}}},
		"there is no event type charge.paid":  {Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret, Events: []string{"charge.paid"}}}},
		"there are 17":                        {Webhooks: []Webhook{16: one}},
		"less than nothing":                   {Delivery: Delivery{Late: -1}},
		"public address nowhere":              {PublicURL: "nowhere"},
	} {
		if err := bad.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "not on this machine") {
			t.Error("New takes what Check refuses:", p)
		}
	}()
	New(hook("http://example.com"))
}

// TestPanicInADelivery: each endpoint's deliveries are guarded.
func TestPanicInADelivery(t *testing.T) {
	var told atomic.Value
	defer guard.Report(func(value any) { told.Store(value) })()
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = func(*http.Request, int) (*http.Response, error) { panic("a person's data") }
		c.post(t, sessionsPath, "type", "document").ok(t)
		time.Sleep(time.Second)
		synctest.Wait()
		if told.Load() != "a person's data" {
			t.Errorf("told %v", told.Load())
		}
	})
}
