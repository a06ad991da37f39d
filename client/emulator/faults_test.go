package emulator

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Each fault as a client sees it, and whether the request had its effect.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		mode   string
		status int
		effect bool
		check  func(reply) bool
	}{
		{"429", 429, false, func(r reply) bool {
			return r.problem()["code"] == "rate_limit" && r.header.Get("Stripe-Rate-Limited-Reason") == "global-rate"
		}},
		{"429_lock", 429, false, func(r reply) bool {
			return r.problem()["code"] == "lock_timeout" && r.header.Get("Stripe-Rate-Limited-Reason") == "" && r.problem()["type"] == "invalid_request_error"
		}},
		{"409", 409, false, func(r reply) bool { return r.problem()["code"] == "idempotency_key_in_use" }},
		{"500", 500, false, func(r reply) bool { return r.problem()["type"] == "api_error" }},
		{"500_after", 500, true, func(r reply) bool { return r.problem()["type"] == "api_error" }},
		{"502", 502, false, func(r reply) bool { return r.problem()["type"] == "api_error" }},
		{"503", 503, false, func(r reply) bool { return r.problem()["type"] == "api_error" }},
		{"401", 401, false, func(r reply) bool {
			return r.problem()["type"] == "invalid_request_error" && !strings.Contains(r.text, restrictedKey) && r.header.Get("WWW-Authenticate") != ""
		}},
		{"403", 403, false, func(r reply) bool {
			return r.problem()["type"] == "invalid_request_error" && strings.Contains(r.text, "does not have the required permissions")
		}},
		{"cut", 0, false, func(r reply) bool { return errors.Is(r.err, syscall.ECONNRESET) }},
		{"cut_after", 0, true, func(r reply) bool { return errors.Is(r.err, syscall.ECONNRESET) }},
		{"truncate", 200, true, func(r reply) bool { return r.err == io.ErrUnexpectedEOF && len(r.text) > 100 && r.object == nil }},
		{"html", 200, false, func(r reply) bool {
			return strings.HasPrefix(r.header.Get("Content-Type"), "text/html") && strings.HasPrefix(r.text, "<!DOCTYPE html>")
		}},
		{"invalid_json", 200, false, func(r reply) bool { return r.text != "" && r.object == nil && r.err == nil }},
		{"redirect", 307, false, func(r reply) bool { return strings.HasPrefix(r.header.Get("Location"), "http://127.0.0.1:1/") }},
	} {
		t.Run(test.mode, func(t *testing.T) {
			c := newClient(t, Config{})
			path := sessionsPath + "/" + c.session(t, "requires_input")
			c.post(t, "/_emulator/fault", "mode", test.mode, "match", "^POST .*/cancel$", "count", "1").ok(t)
			c.get(t, path).ok(t) // does not match
			r := c.keyed("k").post(t, path+"/cancel")
			if r.status != test.status || !test.check(r) {
				t.Error(r.header, r)
			}
			after := stateOf(c.get(t, path).ok(t).object)
			if (after == "canceled") != test.effect {
				t.Error("afterwards it is", after)
			}
			// A retry with the same key: a 500 that came after the effect is what the
			// key is kept with; all else is a first or a replayed success.
			again := c.keyed("k").post(t, path+"/cancel")
			if test.mode == "500_after" {
				if again.status != 500 || !replayed(again) {
					t.Error("the retry:", again)
				}
			} else if again.ok(t); replayed(again) != test.effect {
				t.Error("the retry is replayed:", replayed(again))
			}
		})
	}
}

// The same faults over a real connection.
func TestFaultsOverTCP(t *testing.T) {
	s := New(Config{Sessions: 12, Now: fixedClock})
	server := httptest.NewServer(s)
	defer server.Close()
	c := server.Client()
	c.Timeout = 10 * time.Second
	get := func() reply {
		r, _ := http.NewRequest("GET", server.URL+sessionsPath, nil)
		r.SetBasicAuth(secretKey, "")
		return read(c.Do(r))
	}
	fault := func(mode string) {
		res, err := c.PostForm(server.URL+"/_emulator/fault", map[string][]string{"mode": {mode}, "count": {"1"}})
		if err != nil || res.StatusCode != 200 {
			t.Fatal(res, err)
		}
		res.Body.Close()
	}
	if n := len(get().ok(t).data()); n != 10 {
		t.Error(n, "sessions")
	}
	fault("cut")
	if r := get(); r.err == nil {
		t.Error("cut:", r)
	}
	fault("truncate")
	if r := get(); r.status != 200 || !errors.Is(r.err, io.ErrUnexpectedEOF) {
		t.Error("truncate:", r)
	}
	fault("hang")
	c.Timeout = 50 * time.Millisecond
	if r := get(); r.err == nil {
		t.Error("hang:", r)
	}
	c.Timeout = 10 * time.Second
	get().ok(t)
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Config{Now: time.Now})
		id := c.session(t, "requires_input")
		c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified", "delay", "5s").ok(t)
		c.post(t, "/_emulator/fault", "mode", "slow", "delay", "7s").ok(t)
		began := time.Now()
		s := c.get(t, sessionsPath+"/"+id).ok(t).object
		if took := time.Since(began); took != 7*time.Second || stateOf(s) != "verified" {
			t.Error(took, stateOf(s))
		}
		c.do(t, "DELETE", "/_emulator/fault", "").ok(t)
		began = time.Now()
		if c.get(t, sessionsPath+"/"+id).ok(t); time.Since(began) != 0 {
			t.Error("still slow")
		}
	})
}

func TestFaultCountAndOrder(t *testing.T) {
	c := newClient(t, Config{})
	c.post(t, "/_emulator/fault", "mode", "429", "count", "2", "retry_after", "7").ok(t)
	c.post(t, "/_emulator/fault", "mode", "500").ok(t)
	var got []int
	for range 4 {
		r := c.get(t, sessionsPath)
		got = append(got, r.status)
		if r.status == 429 && r.header.Get("Retry-After") != "7" {
			t.Error(r.header)
		}
	}
	if got[0] != 429 || got[1] != 429 || got[2] != 500 || got[3] != 500 {
		t.Error(got)
	}
	c.do(t, "DELETE", "/_emulator/fault", "").ok(t)
	c.get(t, sessionsPath).ok(t)
}

func TestRateLimitReasons(t *testing.T) {
	c := newClient(t, Config{})
	for _, reason := range limitReasons {
		c.post(t, "/_emulator/fault", "mode", "429", "reason", reason, "count", "1").ok(t)
		if r := c.get(t, sessionsPath); r.status != 429 || r.header.Get("Stripe-Rate-Limited-Reason") != reason {
			t.Error(reason, r.header, r)
		}
	}
}
