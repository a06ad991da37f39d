package emulator

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// The API and the controls answer to this machine, addressed as such, and not to
// web pages of others.
func TestForeignRequests(t *testing.T) {
	for _, test := range []struct {
		remote, host, origin, site string
		hosts                      []string
		api, controls              int
	}{
		{"127.0.0.1:5", "127.0.0.1:12111", "", "", nil, 200, 200},
		{"127.0.0.1:5", "localhost:12111", "", "", nil, 200, 200},
		{"127.0.0.1:5", "LocalHost", "http://LocalHost", "same-origin", nil, 200, 200},
		{"127.0.0.1:5", "127.0.0.1:12111", "", "none", nil, 200, 200},
		{"[::1]:5", "[::1]:12111", "http://[::1]:12111", "", nil, 200, 200},
		{"[::1]:5", "[::1]", "", "", nil, 200, 200},
		{"192.0.2.1:5", "127.0.0.1:12111", "", "", nil, 200, 403},
		{"127.0.0.1:5", "evil.example:12111", "", "", nil, 403, 403},
		{"127.0.0.1:5", "localhost.evil.example", "", "", nil, 403, 403},
		{"127.0.0.1:5", "192.0.2.7:12111", "", "", nil, 403, 403},
		{"127.0.0.1:5", "", "", "", nil, 403, 403},
		{"127.0.0.1:5", "127.0.0.1:12111", "https://evil.example", "", nil, 403, 403},
		{"127.0.0.1:5", "127.0.0.1:12111", "http://127.0.0.1:9", "", nil, 403, 403},
		{"127.0.0.1:5", "127.0.0.1:12111", "null", "", nil, 403, 403},
		{"127.0.0.1:5", "127.0.0.1:12111", "", "cross-site", nil, 403, 403},
		{"127.0.0.1:5", "127.0.0.1:12111", "", "same-site", nil, 403, 403},

		{"192.0.2.1:5", "emulator:12111", "", "", []string{"emulator"}, 200, 403},
		{"127.0.0.1:5", "emulator:12111", "", "", []string{"emulator"}, 200, 403}, // a proxy on this machine
		{"127.0.0.1:5", "127.0.0.1:12111", "", "", []string{"emulator"}, 200, 200},
		{"192.0.2.1:5", "Emulator", "", "", []string{"other", "emulator"}, 200, 403},
		{"192.0.2.1:5", "[2001:db8::1]:80", "", "", []string{"2001:db8::1"}, 200, 403},
		{"192.0.2.1:5", "evil.example", "", "", []string{"emulator"}, 403, 403},
		{"192.0.2.1:5", "anything.example", "", "", []string{"*"}, 200, 403},
		{"192.0.2.1:5", "anything.example", "https://evil.example", "", []string{"*"}, 403, 403},
		{"192.0.2.1:5", "anything.example", "", "cross-site", []string{"*"}, 403, 403},
	} {
		s := New(Config{Now: fixedClock, Hosts: test.hosts})
		for path, status := range map[string]int{sessionsPath: test.api, "/_emulator/state": test.controls} {
			r := httptest.NewRequest("GET", path, nil)
			r.RemoteAddr, r.Host = test.remote, test.host
			r.Header.Set("Authorization", "Bearer "+secretKey)
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			if test.site != "" {
				r.Header.Set("Sec-Fetch-Site", test.site)
				r.Header.Set("Sec-Fetch-Mode", "navigate") // makes no difference here
			}
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, r)
			if rec.Code != status {
				t.Errorf("%+v %s: %d", test, path, rec.Code)
			}
			if rec.Code == 403 && path == sessionsPath {
				var body struct {
					Error struct{ Type, Message string }
				}
				if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil || body.Error.Type != typeInvalid || !strings.Contains(body.Error.Message, "emulator") {
					t.Errorf("%+v: %s", test, rec.Body)
				}
			}
		}
	}
}

// With open controls everybody who may call the API may call the controls, too.
// Otherwise they answer to no proxy, whatever name it calls them by.
func TestOpenControls(t *testing.T) {
	for _, test := range []struct {
		remote, host, passedOn string
		open                   bool
		want                   int
	}{
		{"192.0.2.1:5", "emulator", "", true, 200},
		{"192.0.2.1:5", "127.0.0.1:12111", "", true, 200},
		{"127.0.0.1:5", "127.0.0.1:12111", "X-Forwarded-For", true, 200},
		{"192.0.2.1:5", "evil.example", "", true, 403},
		{"127.0.0.1:5", "127.0.0.1:12111", "", false, 200},
		{"127.0.0.1:5", "127.0.0.1:12111", "X-Forwarded-For", false, 403},
		{"127.0.0.1:5", "127.0.0.1:12111", "X-Forwarded-Host", false, 403},
		{"127.0.0.1:5", "localhost", "Forwarded", false, 403},
		{"127.0.0.1:5", "localhost", "Via", false, 403},
	} {
		s := New(Config{Now: fixedClock, Hosts: []string{"emulator"}, OpenControls: test.open})
		for _, c := range controls {
			r := httptest.NewRequest(c.method, strings.Replace(c.path, "{id}", "vs_1", 1), nil)
			r.RemoteAddr, r.Host = test.remote, test.host
			if test.passedOn != "" {
				r.Header.Set(test.passedOn, "192.0.2.1")
			}
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, r)
			if let := rec.Code != 403; let != (test.want == 200) {
				t.Errorf("%+v %s %s: %d", test, c.method, c.path, rec.Code)
			}
		}
	}
}

// A person who is sent to a page by another site gets there.
func TestLinksFromOtherSites(t *testing.T) {
	s := New(Config{Now: fixedClock})
	for path, opens := range map[string]bool{"/start/test_x": true, sessionsPath: false, "/_emulator/state": false} {
		for _, mode := range []string{"navigate", "cors"} {
			r := httptest.NewRequest("GET", path, nil)
			r.RemoteAddr, r.Host = "127.0.0.1:5", "127.0.0.1:12111"
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Mode", mode)
			if got := s.foreign(r) == ""; got != (opens && mode == "navigate") {
				t.Errorf("%s %s: let in %v", mode, path, got)
			}
		}
	}
}
