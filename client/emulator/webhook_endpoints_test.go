package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// endpoint makes a webhook endpoint by the API and lets the receiver know its secret.
func (rc *receiver) endpoint(t *testing.T, c client, url string, events ...string) (id string) {
	t.Helper()
	params := []string{"url", url}
	for _, name := range events {
		params = append(params, "enabled_events[]", name)
	}
	e := c.post(t, webhooksPath, params...).ok(t).object
	secret := text(e["secret"])
	if !strings.HasPrefix(secret, "whsec_") || len(secret) < 30 {
		t.Error("its secret is", secret)
	}
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.secrets == nil {
		rc.secrets = map[string]string{}
	}
	rc.secrets[url] = secret
	return text(e["id"])
}

// arrived lists what came to an address since it was asked for last.
func (rc *receiver) arrived(url string) string {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	var names []string
	rc.got = slices.DeleteFunc(rc.got, func(s sent) bool {
		if s.url == url {
			names = append(names, s.name())
		}
		return s.url == url
	})
	return strings.Join(names, " ")
}

// expect fails the test unless an address got these events since it was asked for last.
func (rc *receiver) expect(t *testing.T, url, want string) {
	t.Helper()
	synctest.Wait()
	if got := rc.arrived(url); got != want {
		t.Errorf("%s got %q, want %q", url, got, want)
	}
}

// Endpoints that are made by the API have events and secrets of their own, from when
// they are made until they are deleted. The receiver checks each signature.
func TestWebhookEndpoints(t *testing.T) {
	const a, b, moved = "http://127.0.0.1:1/a", "http://127.0.0.1:2/b", "http://127.0.0.1:3/moved"
	delivering(t, Config{RedactionDelay: -1}, func(t *testing.T, c client, rc *receiver) {
		c.session(t, "verified")
		rc.expect(t, hookURL, "created processing verified")
		first := rc.endpoint(t, c, a, eventPrefix+"verified", eventPrefix+"redacted", "customer.created")
		second := rc.endpoint(t, c, b, "*")
		id := c.session(t, "verified")
		rc.expect(t, a, "verified")
		rc.expect(t, b, "created processing verified")
		c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
		rc.expect(t, a, "redacted")
		rc.expect(t, b, "")
		rc.expect(t, hookURL, "created processing verified")
		rc.secrets[moved] = rc.secrets[a]
		c.post(t, webhooksPath+"/"+first, "url", moved, "enabled_events[]", eventPrefix+"created").ok(t)
		c.post(t, webhooksPath+"/"+second, "disabled", "true").ok(t)
		c.session(t, "verified")
		rc.expect(t, a, "")
		rc.expect(t, moved, "created")
		rc.expect(t, b, "")
		c.post(t, webhooksPath+"/"+second, "disabled", "false").ok(t)
		if r := c.do(t, "DELETE", webhooksPath+"/"+first, "").ok(t); r.object["deleted"] != true || r.id() != first {
			t.Error(r)
		}
		c.session(t, "requires_input")
		rc.expect(t, moved, "")
		rc.expect(t, b, "created")
		if got := ids(c.all(t, webhooksPath)); len(got) != 2 || got[0] != second {
			t.Error("listed are", got)
		}
		if r := c.get(t, webhooksPath+"/"+first); r.status != 404 || r.problem()["code"] != "resource_missing" {
			t.Error(r)
		}
		if list := c.all(t, eventsPath+"?delivery_success=false"); len(list) != 0 {
			t.Error("somebody is waited for:", list)
		}
	})
}

// The fields of an endpoint, and its secret, which is told once.
func TestWebhookEndpointObject(t *testing.T) {
	c := newClient(t, Config{Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}})
	of := c.all(t, webhooksPath)[0]
	if fmt.Sprint(of["enabled_events"]) != "[*]" || of["url"] != hookURL || of["status"] != "enabled" || of["secret"] != nil {
		t.Error("the configured one:", of)
	}
	made := c.post(t, webhooksPath, "url", "http://127.0.0.1:1/", "enabled_events[]", "*", "description", "first", "metadata[a]", "b",
		"api_version", "2025-03-31.basil", "connect", "false").ok(t).object
	path := webhooksPath + "/" + text(made["id"])
	e := c.get(t, path).ok(t).object
	if e["description"] != "first" || e["api_version"] != "2025-03-31.basil" || e["metadata"].(object)["a"] != "b" || e["secret"] != nil || e["created"] != float64(started.Unix()) {
		t.Error(e)
	}
	e = c.post(t, path, "description", "", "metadata", "", "disabled", "true").ok(t).object
	if e["description"] != nil || len(e["metadata"].(object)) != 0 || e["status"] != "disabled" {
		t.Error(e)
	}
	if r := c.post(t, path, "url", "https://example.com/"); r.status != 400 || c.get(t, path).object["url"] != "http://127.0.0.1:1/" {
		t.Error(r)
	}
	other := c.post(t, webhooksPath, "url", "http://127.0.0.1:1/", "enabled_events[]", "*").ok(t).object
	if other["secret"] == made["secret"] || other["api_version"] != nil {
		t.Error(other)
	}
	for n := 3; n < MaxWebhooks; n++ {
		c.post(t, webhooksPath, "url", "http://127.0.0.1:1/", "enabled_events[]", "*").ok(t)
	}
	if r := c.post(t, webhooksPath, "url", "http://127.0.0.1:1/", "enabled_events[]", "*"); r.status != 400 || !strings.Contains(r.text, "maximum of 16") {
		t.Error(r)
	}
	c.key = "sk_live_abcdefghijklmnop"
	if n := len(c.all(t, webhooksPath)); n != 0 {
		t.Error("in the other mode there are", n)
	}
	if r := c.get(t, path); r.status != 404 {
		t.Error(r)
	}
	if r := c.post(t, webhooksPath, "url", "http://127.0.0.1:1/", "enabled_events[]", "*"); r.status != 401 {
		t.Error(r)
	}
}

// An endpoint that is disabled when an attempt is due misses it for good.
func TestDisabledEndpointMissesRetries(t *testing.T) {
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = statusAnswer(http.StatusInternalServerError)
		id := text(c.all(t, webhooksPath)[0]["id"])
		c.post(t, sessionsPath, "type", "document").ok(t)
		synctest.Wait()
		c.post(t, webhooksPath+"/"+id, "disabled", "true").ok(t)
		time.Sleep(2 * time.Minute)
		c.post(t, webhooksPath+"/"+id, "disabled", "false").ok(t)
		time.Sleep(day)
		synctest.Wait()
		if got := rc.times(); got != "0s" {
			t.Error("sent at", got)
		}
	})
}

// An event is sent again when that is asked for: to whom it is asked for, whether they
// have it or not, and once.
func TestEventRetry(t *testing.T) {
	const other = "http://127.0.0.1:2/other"
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = statusAnswer(http.StatusInternalServerError)
		c.post(t, sessionsPath, "type", "document").ok(t)
		time.Sleep(day)
		synctest.Wait()
		event := text(c.all(t, eventsPath)[0]["id"])
		retry := func(params ...string) reply { return c.post(t, eventsPath+"/"+event+"/retry", params...) }
		expect := func(url, want string) {
			t.Helper()
			time.Sleep(day)
			rc.expect(t, url, want)
		}
		expect(hookURL, "created created created created") // given up
		retry().ok(t)
		expect(hookURL, "created")
		c.post(t, "/_emulator/events/"+event+"/retry").ok(t)
		expect(hookURL, "created")
		rc.answer = nil
		if e := retry().ok(t).object; e["id"] != event || e["object"] != "event" {
			t.Error(e)
		}
		expect(hookURL, "created")
		if n := len(c.all(t, eventsPath+"?delivery_success=true")); n != 1 {
			t.Error("it is not delivered at last")
		}
		id := rc.endpoint(t, c, other, eventPrefix+"verified")
		retry("webhook_endpoint", id).ok(t) // although it gets others
		expect(other, "created")
		expect(hookURL, "")
		c.post(t, webhooksPath+"/"+id, "disabled", "true").ok(t)
		for params, status := range map[string]int{id: 400, "we_x": 404} {
			if r := retry("webhook_endpoint", params); r.status != status {
				t.Errorf("%s: %v", params, r)
			}
		}
		if r := c.post(t, eventsPath+"/evt_x/retry"); r.status != 404 {
			t.Error(r)
		}
		control := "/_emulator/events/" + event + "/retry"
		c.post(t, control, "webhook_endpoint", text(c.all(t, webhooksPath)[1]["id"])).ok(t)
		expect(hookURL, "created")
		for path, message := range map[string]string{
			"/_emulator/events/evt_x/retry": "there is no event evt_x; list them with GET /v1/events", control + "?webhook_endpoint=we_x": "there is no webhook endpoint we_x",
			control + "?webhook_endpoint=" + id: "there is no enabled webhook endpoint that event " + event + " can be sent to",
		} {
			if r := c.post(t, path); r.status == 200 || !strings.Contains(r.text, message) {
				t.Errorf("%s: %v", path, r)
			}
		}
		e := c.get(t, "/_emulator/webhooks").ok(t).object["endpoints"].([]any)[0].(object)
		if e["id"] != text(c.all(t, webhooksPath)[1]["id"]) || e["given_up"] != 3.0 || e["waiting"] != 0.0 {
			t.Error(e)
		}
	})
}

// The answer to a retry that is repeated with its key tells nothing that was redacted
// since, and sends nothing.
func TestEventRetryReplayed(t *testing.T) {
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		id := c.session(t, "verified")
		path := eventsPath + "/" + text(c.all(t, eventsPath)[0]["id"]) + "/retry"
		if r := c.keyed("again").post(t, path).ok(t); !strings.Contains(r.text, "ann_1") {
			t.Fatal("it told nothing before:", r)
		}
		c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
		synctest.Wait()
		rc.arrived(hookURL)
		if r := c.keyed("again").post(t, path).ok(t); strings.Contains(r.text, "ann_1") || !replayed(r) {
			t.Error(r)
		}
		rc.expect(t, hookURL, "")
	})
}

// A retry brings a planned attempt forward; the ones after it stay where they were.
func TestEventRetryOfWhatIsPlanned(t *testing.T) {
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = statusAnswer(http.StatusInternalServerError)
		c.post(t, sessionsPath, "type", "document").ok(t)
		time.Sleep(10 * time.Minute) // the next one is at 31 minutes
		c.post(t, eventsPath+"/"+text(c.all(t, eventsPath)[0]["id"])+"/retry").ok(t)
		time.Sleep(day)
		synctest.Wait()
		if got := rc.times(); got != "0s 1m0s 10m0s 2h31m0s" {
			t.Error("sent at", got)
		}
	})
}

// An endpoint that is made with the key of a world gets the events of that world, also
// after the world began anew, as long as it is made again.
func TestWebhookEndpointsOfWorlds(t *testing.T) {
	const a, b = "http://127.0.0.1:1/a", "http://127.0.0.1:2/b"
	delivering(t, Config{Worlds: true}, func(t *testing.T, c client, rc *receiver) {
		one, two := c, c
		one.key, two.key = "sk_test_1_w_a", "sk_test_1_w_b"
		rc.endpoint(t, one, a, "*")
		rc.endpoint(t, two, b, eventPrefix+"canceled")
		id := one.post(t, sessionsPath, "type", "document").ok(t).id()
		one.post(t, sessionsPath+"/"+id+"/cancel").ok(t)
		two.post(t, sessionsPath, "type", "document").ok(t)
		rc.expect(t, a, "created canceled")
		rc.expect(t, b, "")
		rc.expect(t, hookURL, "")
		c.post(t, "/_emulator/reset", "world", "a").ok(t)
		one.post(t, sessionsPath, "type", "document").ok(t)
		rc.expect(t, a, "")
		if left := one.all(t, webhooksPath); len(left) != 0 {
			t.Error("after the reset there are", left)
		}
		rc.endpoint(t, one, a, "*")
		one.post(t, sessionsPath, "type", "document").ok(t)
		rc.expect(t, a, "created")
	})
}

// A receiver that gets nothing any more keeps no event open.
func TestDeletedEndpointIsNotWaitedFor(t *testing.T) {
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = statusAnswer(http.StatusInternalServerError)
		c.post(t, sessionsPath, "type", "document").ok(t)
		time.Sleep(10 * time.Hour)
		c.post(t, sessionsPath, "type", "document").ok(t)
		synctest.Wait()
		if n := len(c.all(t, eventsPath+"?delivery_success=false")); n != 2 {
			t.Fatal(n)
		}
		c.do(t, "DELETE", webhooksPath+"/"+text(c.all(t, webhooksPath)[0]["id"]), "").ok(t)
		for _, e := range c.all(t, eventsPath) {
			if e["pending_webhooks"] != 0.0 {
				t.Error(e)
			}
		}
	})
}
