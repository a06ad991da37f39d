package emulator

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// How many requests are answered at one moment, and why the next one is not.
func TestRateLimits(t *testing.T) {
	for _, test := range []struct {
		name, key string
		paths     []string // in turns
		answered  int
		reason    string
	}{
		{"test mode", secretKey, []string{sessionsPath}, 25, "global-rate"},
		{"test mode, mixed", secretKey, []string{sessionsPath, eventsPath, reportsPath}, 25, "global-rate"},
		{"live, one operation", "sk_live_abcdefghijklmnop", []string{sessionsPath}, 25, "endpoint-rate"},
		{"live, one operation on several objects", "sk_live_abcdefghijklmnop", []string{sessionsPath + "/vs_1", sessionsPath + "/vs_2"}, 25, "endpoint-rate"},
		{"live, mixed", "sk_live_abcdefghijklmnop", []string{sessionsPath, eventsPath, reportsPath, sessionsPath + "/vs_1", "/v1/account"}, 100, "global-rate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := newClock()
			c := newClient(t, Config{RateLimits: true, Now: at.Now})
			c.key = test.key
			for n := range test.answered {
				if r := c.get(t, test.paths[n%len(test.paths)]); r.status == http.StatusTooManyRequests {
					t.Fatalf("number %d: %v", n, r)
				}
			}
			refused := func() {
				t.Helper()
				r := c.keyed("k").get(t, test.paths[0])
				if p := r.problem(); r.status != 429 || p["code"] != "rate_limit" || p["type"] != "invalid_request_error" ||
					r.header.Get("Stripe-Rate-Limited-Reason") != test.reason || r.header.Get("Retry-After") != "" || text(p["request_log_url"]) == "" {
					t.Fatal(r.header, r)
				}
			}
			refused()
			refused()
			at.add(40 * time.Millisecond) // brings one token of 25 a second, and what was refused took none
			if r := c.get(t, test.paths[0]); r.status == http.StatusTooManyRequests {
				t.Error(r)
			}
			if test.reason == "endpoint-rate" || test.key == secretKey {
				refused()
			}
			at.add(time.Hour) // the buckets hold no more than a second's worth
			for n := range test.answered {
				if r := c.get(t, test.paths[n%len(test.paths)]); r.status == http.StatusTooManyRequests {
					t.Fatalf("number %d after an hour: %v", n, r)
				}
			}
			refused()
		})
	}
}

// Reads beyond the allocation are refused until the days in which they were made are
// more than 30 days ago. Writes don't count, and refused reads neither.
func TestReadAllocation(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now, ReadAllocation: 5})
	id := c.post(t, sessionsPath, "type", "document").ok(t).id()
	refused := func() {
		t.Helper()
		r := c.get(t, sessionsPath)
		if p := r.problem(); r.status != 429 || p["code"] != "rate_limit" || r.header.Get("Stripe-Rate-Limited-Reason") != "resource-specific" {
			t.Fatal(r)
		}
	}
	for range 3 {
		c.get(t, sessionsPath).ok(t)
	}
	at.add(10 * day)
	c.get(t, eventsPath).ok(t)
	c.get(t, sessionsPath+"/"+id).ok(t)
	for range 7 {
		refused()
	}
	c.post(t, sessionsPath+"/"+id+"/cancel").ok(t)
	at.add(19 * day)
	refused()
	at.add(day)
	for range 3 {
		c.get(t, sessionsPath).ok(t)
	}
	refused()
	at.add(400 * day)
	for range 5 {
		c.get(t, sessionsPath).ok(t)
	}
	refused()
	if n := c.get(t, "/_emulator/state").ok(t).object["read_allocation"]; n != 5.0 {
		t.Error("the state says", n)
	}
	for _, renew := range []func(){
		func() { c.post(t, controlPrefix+"reset").ok(t) },
		func() { c.restore(t, c.snapshot(t)).ok(t) },
	} {
		renew() // the reads of a world's callers end with it
		for range 5 {
			c.get(t, sessionsPath).ok(t)
		}
		refused()
	}
}

// A limiter comes before the idempotency key: the refused request can be sent
// again with the same one. Unauthorized requests are not counted.
func TestRateLimitAndIdempotency(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{RateLimits: true, Now: at.Now})
	for range 100 {
		c.with("Authorization", "").get(t, sessionsPath)
	}
	for range testRate {
		c.get(t, sessionsPath).ok(t)
	}
	if r := c.keyed("k").post(t, sessionsPath, "type", "document"); r.status != 429 {
		t.Fatal(r)
	}
	at.add(time.Second)
	if r := c.keyed("k").post(t, sessionsPath, "type", "document").ok(t); replayed(r) {
		t.Error("the refusal was kept")
	}
	unlimited := newClient(t, Config{})
	for range 1000 {
		unlimited.get(t, sessionsPath).ok(t)
	}
}

// Two requests that change one object meet while the first one takes long.
func TestLockTimeout(t *testing.T) {
	for _, mode := range []string{"slow", "hang"} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, Config{Now: time.Now})
			id, other := c.session(t, "requires_input"), c.session(t, "requires_input")
			path := sessionsPath + "/" + id
			c.post(t, "/_emulator/fault", "mode", mode, "delay", "10s", "count", "1", "match", "cancel").ok(t)
			done := make(chan bool)
			go func() {
				r, _ := http.NewRequestWithContext(t.Context(), "POST", "http://emulator"+path+"/cancel", nil)
				r.Header.Set("Authorization", "Bearer "+secretKey)
				hc := &http.Client{Transport: Transport(c.s), Timeout: time.Minute}
				res, err := hc.Do(r)
				if err == nil {
					res.Body.Close()
				}
				done <- err == nil
			}()
			synctest.Wait()
			for _, action := range []string{"/redact", "/cancel", ""} {
				r := c.keyed(action+"k").post(t, path+action)
				if p := r.problem(); r.status != 429 || p["code"] != "lock_timeout" || r.header.Get("Stripe-Rate-Limited-Reason") != "" {
					t.Error(action, r)
				}
			}
			c.get(t, path).ok(t) // reading needs no lock
			c.post(t, sessionsPath+"/"+other+"/cancel").ok(t)
			if answered := <-done; answered != (mode == "slow") {
				t.Error("answered:", answered)
			}
			if r := c.keyed("/redactk").post(t, path+"/redact").ok(t); replayed(r) {
				t.Error("the refusal was kept")
			}
		})
	}
}
