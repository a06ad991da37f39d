package emulator

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// keyed is a client that sends an idempotency key.
func (c client) keyed(key string) client { return c.with("Idempotency-Key", key) }

func replayed(r reply) bool { return r.header.Get("Idempotent-Replayed") == "true" }

func TestReplay(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now})
	first := c.keyed("k").post(t, sessionsPath, "type", "document").ok(t)
	if replayed(first) || first.header.Get("Idempotency-Key") != "k" {
		t.Error("the first answer:", first.header)
	}
	again := c.keyed("k").post(t, sessionsPath, "type", "document").ok(t)
	if !replayed(again) || again.text != first.text || again.header.Get("Request-Id") == first.header.Get("Request-Id") {
		t.Error("not replayed:", again)
	}
	if n := len(c.all(t, sessionsPath)); n != 1 {
		t.Error(n, "sessions")
	}
	at.add(24*time.Hour - time.Second)
	if r := c.keyed("k").post(t, sessionsPath, "type", "document").ok(t); !replayed(r) {
		t.Error("forgotten within a day")
	}
	at.add(time.Second)
	if r := c.keyed("k").post(t, sessionsPath, "type", "document").ok(t); replayed(r) || r.id() == first.id() {
		t.Error("kept for longer than a day")
	}
	event := c.get(t, eventsPath+"?limit=1").ok(t).data()[0]
	if request := event["request"].(object); request["idempotency_key"] != "k" || !strings.HasPrefix(text(request["id"]), "req_") {
		t.Error("the event's request:", request)
	}
}

func TestReplayConflicts(t *testing.T) {
	c := newClient(t, Config{})
	id := c.keyed("k").post(t, sessionsPath, "type", "document").ok(t).id()
	for _, test := range []struct {
		r       reply
		message string
	}{
		{c.keyed("k").post(t, sessionsPath, "type", "id_number"), "Keys for idempotent requests can only be used with the same parameters they were first used with. " +
			"Try using a key other than 'k' if you meant to execute a different request."},
		{c.keyed("k").post(t, sessionsPath+"/"+id+"/cancel"), "Keys for idempotent requests can only be used for the same endpoint they were first used for ('" +
			sessionsPath + "' vs '" + sessionsPath + "/" + id + "/cancel'). Try using a key other than 'k' if you meant to execute a different request."},
		{c.keyed(strings.Repeat("k", 256)).post(t, sessionsPath, "type", "document"), "Idempotency keys may only be up to 255 characters long."},
	} {
		if p := test.r.problem(); test.r.status != 400 || p["type"] != "idempotency_error" || p["message"] != test.message {
			t.Errorf("got %v, want %s", test.r, test.message)
		}
	}
	c.keyed(strings.Repeat("k", 255)).post(t, sessionsPath, "type", "document").ok(t)
	if got := stateOf(c.get(t, sessionsPath+"/"+id).ok(t).object); got != "requires_input" {
		t.Error("a conflict had an effect:", got)
	}
	if r := c.keyed("k").get(t, sessionsPath+"/"+id).ok(t); replayed(r) {
		t.Error("a key on a GET has a meaning")
	}
}

// What was refused before it executed is not kept, what was refused by it is.
func TestReplayOfRefusals(t *testing.T) {
	c := newClient(t, Config{})
	if r := c.keyed("a").post(t, sessionsPath, "type", "x"); r.status != 400 {
		t.Fatal(r)
	}
	if r := c.keyed("a").post(t, sessionsPath, "type", "document").ok(t); replayed(r) {
		t.Error("a validation failure was kept")
	}
	path := sessionsPath + "/" + c.session(t, "processing")
	if r := c.keyed("b").post(t, path+"/cancel"); r.status != 400 || replayed(r) {
		t.Fatal(r)
	}
	c.post(t, "/_emulator/sessions/"+strings.TrimPrefix(path, sessionsPath+"/")+"/submit", "outcome", "requires_input").ok(t)
	if r := c.keyed("b").post(t, path+"/cancel"); r.status != 400 || !replayed(r) {
		t.Error("the answer of an executed request was not kept:", r)
	}
	c.keyed("c").post(t, path+"/cancel").ok(t)
}

// While the first request of a key runs, a second one is refused, and when the
// client of the first has left, its work is still done.
func TestKeyInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Config{Now: time.Now})
		c.post(t, "/_emulator/fault", "mode", "slow", "delay", "10s", "count", "1").ok(t)
		done := make(chan reply)
		go func() { done <- c.keyed("k").post(t, sessionsPath, "type", "document") }()
		synctest.Wait()
		r := c.keyed("k").post(t, sessionsPath, "type", "document")
		if p := r.problem(); r.status != 409 || p["code"] != "idempotency_key_in_use" || p["type"] != "idempotency_error" {
			t.Error("in flight:", r)
		}
		first := (<-done).ok(t)
		if r := c.keyed("k").post(t, sessionsPath, "type", "document").ok(t); !replayed(r) || r.id() != first.id() {
			t.Error("not replayed afterwards:", r)
		}
	})
}

func TestClientThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Config{Now: time.Now})
		for _, test := range []struct {
			mode string
			made bool // the work is done although nobody waits for it
		}{{"slow", true}, {"hang", false}} {
			c.post(t, "/_emulator/fault", "mode", test.mode, "delay", "1h", "count", "1").ok(t)
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			r, _ := http.NewRequestWithContext(ctx, "POST", "http://emulator"+sessionsPath, strings.NewReader("type=document"))
			r.Header.Set("Authorization", "Bearer "+secretKey)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Idempotency-Key", test.mode)
			began := time.Now()
			if _, err := Transport(c.s).RoundTrip(r); err != context.DeadlineExceeded || time.Since(began) != 3*time.Second {
				t.Errorf("%s: %v after %v", test.mode, err, time.Since(began))
			}
			cancel()
			r2 := c.keyed(test.mode).post(t, sessionsPath, "type", "document").ok(t)
			if replayed(r2) != test.made {
				t.Errorf("%s: the work was done: %v", test.mode, replayed(r2))
			}
		}
	})
}
