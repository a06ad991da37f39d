package emulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"
)

// What is sent is what Stripe sends, and happens when it is due: nobody has to
// ask first.
func TestWebhookIsSentWhenItHappens(t *testing.T) {
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		id := c.post(t, sessionsPath, "type", "document", "metadata[user_id]", "ann_1").ok(t).id()
		c.submit(t, id, "outcome", "verified", "delay", "10s")
		synctest.Wait()
		if got := rc.names(); got != "created processing" {
			t.Fatal(got)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := rc.names() + ", " + rc.times(); got != "created processing verified, 0s 0s 10s" {
			t.Fatal(got)
		}
		first := rc.got[0]
		if !strings.HasPrefix(first.body, "{\n  \"id\": \"evt_") || first.event.PendingWebhooks != 1 || first.event.APIVersion != APIVersion {
			t.Error(first.body)
		}
		if object := first.event.Data.Object; object["id"] != id || object["status"] != "requires_input" {
			t.Error("the object is not as it was then:", object)
		}
		if list := c.all(t, eventsPath+"?delivery_success=true"); len(list) != 3 || list[0]["pending_webhooks"] != 0.0 {
			t.Error(list)
		}
	})
}

// An endpoint that refuses is tried again three times over a few hours in test
// mode and for up to three days in live mode, each time signed anew.
func TestWebhookIsRetried(t *testing.T) {
	for _, live := range []bool{false, true} {
		delivering(t, Config{Live: live}, func(t *testing.T, c client, rc *receiver) {
			rc.answer = statusAnswer(http.StatusInternalServerError)
			c.post(t, sessionsPath, "type", "document").ok(t)
			time.Sleep(24 * time.Hour)
			synctest.Wait()
			if !live {
				if got := rc.times(); got != "0s 1m0s 31m0s 2h31m0s" {
					t.Error("sent at", got)
				}
			}
			time.Sleep(29 * day)
			synctest.Wait()
			signed := map[string]bool{}
			for _, s := range rc.got {
				signed[s.signature] = true
			}
			last := rc.got[len(rc.got)-1].at.Sub(rc.began)
			if len(signed) != len(rc.got) || live && (len(rc.got) != 12 || last != 72*time.Hour) {
				t.Errorf("%d attempts, %d signatures, the last after %s", len(rc.got), len(signed), last)
			}
			failed := c.all(t, eventsPath+"?delivery_success=false")
			if len(failed) != 1 || failed[0]["pending_webhooks"] != 1.0 || len(c.all(t, eventsPath+"?delivery_success=true")) != 0 {
				t.Error("an event that was given up counts as delivered:", failed)
			}
			endpoint := c.get(t, "/_emulator/webhooks").ok(t).object["endpoints"].([]any)[0].(object)
			if endpoint["given_up"] != 1.0 || endpoint["waiting"] != 0.0 || endpoint["last_status"] != 500.0 || strings.Contains(fmt.Sprint(endpoint), "whsec") {
				t.Error(endpoint)
			}
		})
	}
}

// Every 2xx is success. Nothing else is, and no redirect is followed.
func TestWebhookAnswers(t *testing.T) {
	cut := func(*http.Request, int) (*http.Response, error) { return nil, errors.New("connection reset") }
	silent := func(r *http.Request, _ int) (*http.Response, error) { // until the deliverer loses patience
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for name, test := range map[string]struct {
		answer   func(*http.Request, int) (*http.Response, error)
		attempts int
	}{
		"200": {statusAnswer(200), 1}, "204": {statusAnswer(204), 1}, "299": {statusAnswer(299), 1},
		"301": {statusAnswer(301), 2}, "400": {statusAnswer(400), 2}, "410": {statusAnswer(410), 2}, "503": {statusAnswer(503), 2},
		"cut": {cut, 2}, "no answer": {silent, 2},
	} {
		delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
			rc.answer = test.answer
			c.post(t, sessionsPath, "type", "document").ok(t)
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			if len(rc.got) != test.attempts {
				t.Errorf("%s: %d attempts, want %d", name, len(rc.got), test.attempts)
			}
		})
	}
}

// Retries are spread by the clock, in steps of whatever size it is advanced, and end
// three days after the event in live mode.
func TestWebhookRetriesEndWhereverTheClockIs(t *testing.T) {
	for _, test := range []struct {
		live     bool
		step     string
		attempts []int // after each step
	}{
		{false, "40m", []int{3, 3, 3, 4, 4}},
		{false, "1000h", []int{4, 4}},
		{true, "13h", []int{6, 7, 8, 9, 10, 12, 12}},
		{true, "1h", []int{4, 4, 5}},
		{true, "71h", []int{11, 12, 12}},
		{true, "96h", []int{12, 12}},
	} {
		delivering(t, Config{Live: test.live}, func(t *testing.T, c client, rc *receiver) {
			rc.answer = statusAnswer(http.StatusInternalServerError)
			c.post(t, sessionsPath, "type", "document").ok(t)
			synctest.Wait()
			for n, want := range test.attempts {
				c.post(t, "/_emulator/clock", "advance", test.step).ok(t)
				synctest.Wait()
				if len(rc.got) != want {
					t.Errorf("live %v: %d times %s: %d attempts, want %d", test.live, n+1, test.step, len(rc.got), want)
				}
			}
		})
	}
}

// An event of live mode that is sent late is given up when the others are.
func TestLateWebhookEndsWithTheOthers(t *testing.T) {
	delivering(t, Config{Live: true, Delivery: Delivery{Late: 50 * time.Hour}}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = statusAnswer(http.StatusInternalServerError)
		c.post(t, sessionsPath, "type", "document").ok(t)
		time.Sleep(20 * day)
		synctest.Wait()
		if got := rc.times(); got != "50h0m0s 50h1m0s 50h6m0s 50h36m0s 53h0m0s 58h0m0s 68h0m0s" {
			t.Error("sent at", got)
		}
	})
}

// A jump of the clock brings the retries that it passes over, one by one.
func TestWebhookRetriesFollowTheClock(t *testing.T) {
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = func(_ *http.Request, n int) (*http.Response, error) {
			return statusAnswer(map[bool]int{true: 200, false: 503}[n == 3])(nil, n)
		}
		c.post(t, sessionsPath, "type", "document").ok(t)
		for range 2 {
			synctest.Wait()
			c.post(t, "/_emulator/clock", "advance", "1h").ok(t)
		}
		synctest.Wait()
		if got := rc.times(); got != "0s 0s 0s" || len(c.all(t, eventsPath+"?delivery_success=false")) != 0 {
			t.Error(got)
		}
	})
}

// The end of a redaction is an event only while an endpoint names it, and only
// that endpoint gets it.
func TestWebhookSelection(t *testing.T) {
	const all, one, none = "http://127.0.0.1:1/all", "http://127.0.0.1:1/redacted", "http://127.0.0.1:1/verified"
	redactedType := eventPrefix + "redacted"
	for _, test := range []struct {
		hooks []Webhook
		want  map[string]string // names by URL
	}{
		{[]Webhook{{URL: all, Secret: hookSecret}, {URL: none, Secret: hookSecret, Events: []string{eventPrefix + "verified"}}},
			map[string]string{all: "created canceled"}},
		{[]Webhook{{URL: all, Secret: hookSecret, Events: []string{"*"}}, {URL: one, Secret: hookSecret, Events: []string{redactedType}}},
			map[string]string{all: "created canceled", one: "redacted"}},
		{[]Webhook{{URL: all, Secret: hookSecret, Events: []string{"*", redactedType}}},
			map[string]string{all: "created canceled redacted"}},
	} {
		delivering(t, Config{Webhooks: test.hooks}, func(t *testing.T, c client, rc *receiver) {
			id := c.post(t, sessionsPath, "type", "document").ok(t).id()
			c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
			time.Sleep(DefaultRedactionDelay)
			synctest.Wait()
			got := map[string]string{}
			for _, s := range rc.got {
				got[s.url] = strings.TrimSpace(got[s.url] + " " + s.name())
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			listed := c.all(t, eventsPath+"?type="+redactedType)
			if named := strings.Contains(fmt.Sprint(test.want), " redacted") || test.want[one] != ""; (len(listed) == 1) != named {
				t.Errorf("%d events tell of the redaction, named by an endpoint: %t", len(listed), named)
			}
		})
	}
}

// While a secret is rolled both sign.
func TestWebhookSecretIsRolled(t *testing.T) {
	const fresh = "whsec_new"
	for _, accepted := range []string{hookSecret, fresh} {
		cfg := Config{Webhooks: []Webhook{{URL: hookURL, Secret: fresh, OldSecret: hookSecret}}}
		delivering(t, cfg, func(t *testing.T, c client, rc *receiver) {
			rc.secrets = map[string]string{hookURL: accepted}
			c.post(t, sessionsPath, "type", "document").ok(t)
			synctest.Wait()
			s := rc.got[0]
			if strings.Count(s.signature, "v1=") != 2 {
				t.Error(s.signature)
			}
			for _, wrong := range []string{"whsec_other", fresh + hookSecret} {
				if _, err := webhook.ConstructEvent([]byte(s.body), s.signature, wrong); err == nil {
					t.Error("signed with", wrong)
				}
			}
			if _, err := webhook.ConstructEvent([]byte(s.body+" "), s.signature, accepted); err == nil {
				t.Error("the signature is not of the body")
			}
		})
	}
}

// The version is the endpoint's own.
func TestWebhookVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret, APIVersion: "2026-10-28.endive"}}})
		c := client{s: s, key: restrictedKey}
		c.post(t, sessionsPath, "type", "document").ok(t)
		m, _, _ := s.home.nextMessage(s.home.world.hooks.endpoints[0])
		if !strings.Contains(string(m.body), `"api_version": "2026-10-28.endive"`) {
			t.Error(string(m.body))
		}
		if _, err := webhook.ConstructEvent(m.body, m.signature, hookSecret); err == nil || !strings.Contains(err.Error(), "API version") {
			t.Error("stripe-go takes an event of another release:", err)
		}
	})
}

func TestWebhookDuplicatesLateAndShuffled(t *testing.T) {
	for _, test := range []struct {
		delivery    Delivery
		names, when string
	}{
		{Delivery{Duplicates: 1}, "created processing verified created processing verified", "0s 0s 0s 0s 0s 0s"},
		{Delivery{Late: 3 * time.Second}, "created processing verified", "3s 3s 3s"},
		{Delivery{Shuffle: 5 * time.Second}, "verified processing created", "5s 5s 5s"},
		{Delivery{Shuffle: 5 * time.Second, Late: 7 * time.Second}, "verified processing created", "10s 10s 10s"},
	} {
		for _, byControl := range []bool{false, true} {
			cfg := Config{Delivery: test.delivery}
			if byControl {
				cfg.Delivery = Delivery{}
			}
			delivering(t, cfg, func(t *testing.T, c client, rc *receiver) {
				if d := test.delivery; byControl {
					c.post(t, "/_emulator/webhooks", "duplicate", fmt.Sprint(d.Duplicates), "late", d.Late.String(), "shuffle", d.Shuffle.String()).ok(t)
				}
				rc.mu.Lock() // so that all three are due before the first one is answered
				c.session(t, "verified")
				rc.mu.Unlock()
				time.Sleep(time.Minute)
				synctest.Wait()
				if rc.names() != test.names || rc.times() != test.when {
					t.Errorf("%+v by control %t: %s at %s", test.delivery, byControl, rc.names(), rc.times())
				}
				if pending := c.all(t, eventsPath+"?delivery_success=false"); len(pending) != 0 {
					t.Error(len(pending), "events are still pending")
				}
			})
		}
	}
}
