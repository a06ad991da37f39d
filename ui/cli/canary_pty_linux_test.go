//go:build e2e

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"idtop/client/emulator"
)

// secretsOf are all values of sessions and reports that name somebody or open something.
func (s *shop) secretsOf(paths ...string) (all []string) {
	s.t.Helper()
	names := []string{"first_name", "last_name", "line1", "line2", "postal_code", "email", "phone", "id_number", "number", "unparsed_place_of_birth", "client_secret", "url", "client_reference_id"}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if year, ok := v["year"].(float64); ok {
				all = append(all, fmt.Sprintf("%04d-%02d-%02d", int(year), int(v["month"].(float64)), int(v["day"].(float64))))
			}
			for key, value := range v {
				walk(key, value)
			}
		case []any:
			for _, value := range v {
				walk(name, value)
			}
		case string:
			if len(v) >= 5 && slices.Contains(names, name) && !strings.HasPrefix(v, "/") {
				all = append(all, v)
			}
		}
	}
	for _, path := range paths {
		r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.base+path, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		r.SetBasicAuth(s.key, "")
		r.Header.Set("X-Of-The-Test", "1")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		var body any
		if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(text, &body) != nil {
			s.t.Fatalf("%v: %d %s", err, answer.StatusCode, text)
		}
		walk("", body)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestPTYCanaries leads the built binary over everything that touches people, ends it in
// three ways, and looks for what names them: in all files, in the arguments of the process,
// and in all bytes that the terminal got while nothing was revealed.
func TestPTYCanaries(t *testing.T) {
	s := newShop(t, emulator.Config{RedactionDelay: -1})
	s.key = aKey
	var users, paths []string
	for i := range 6 {
		user := fmt.Sprintf("canary%duser", i)
		users = append(users, user, fmt.Sprintf("canary%dnote", i))
		id := s.ask("POST", "/v1/identity/verification_sessions", url.Values{"type": {"document"}, "metadata[user_id]": {user}, "metadata[note]": {users[len(users)-1]},
			"client_reference_id":     {fmt.Sprintf("canary%dref", i)},
			"provided_details[email]": {fmt.Sprintf("canary%d@example.com", i)}, "provided_details[phone]": {fmt.Sprintf("+1555000123%d", i)}}).ID
		paths = append(paths, "/v1/identity/verification_sessions/"+id)
		if i > 0 {
			s.submit(id, "verified")
			paths = append(paths, "/v1/identity/verification_sessions/"+id+"?expand[]=verified_outputs&expand[]=provided_details&expand[]=verified_outputs.dob&expand[]=verified_outputs.id_number",
				"/v1/identity/verification_reports?verification_session="+id+"&expand[]=data.document.number&expand[]=data.document.dob")
		}
	}
	secrets := append(s.secretsOf(paths...), aKey)
	t.Logf("%d secrets, %d names", len(secrets), len(users))
	if len(secrets)+len(users) < 40 {
		t.Fatalf("only %d canaries: %q", len(secrets)+len(users), secrets)
	}
	config := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(config, []byte("privacy = true\nreports = \"all\"\nundo = \"1s\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	inMirror := func(name string) bool { return strings.Contains(name, "mirrors/") }
	for name, end := range map[string]func(c *console){
		"q":       func(c *console) { c.press("q") },
		"SIGABRT": func(c *console) { c.signal(syscall.SIGABRT) },
		"SIGTERM": func(c *console) { c.signal(syscall.SIGTERM) },
		"kill -9": func(c *console) { c.signal(syscall.SIGKILL) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 120, 40, "--api-base", s.base, "--config", config)
			var outside strings.Builder
			from := 0
			hidden := func() { outside.WriteString(c.wrote()[from:]); from = len(c.wrote()) }
			c.awaitText("names off")
			c.awaitText("1 All 6")
			type step [2]string
			walk := func(steps ...step) { // each a key, and what is there then, or after a - is there no more
				for _, step := range steps {
					c.press(step[0])
					if gone, ok := strings.CutPrefix(step[1], "-"); ok {
						c.awaitGone(gone)
					} else {
						c.awaitText(step[1])
					}
				}
			}
			walk(step{"g", "▸"}, step{"\r", "METADATA"}, step{"y", "Copied the id"}, step{"\x1b", "-METADATA"}, step{"t", ", timeline"}, step{"\x1b", "-, timeline"},
				step{"u", "›"}, step{"\x1b", "-›"}, step{"U", "People"}, step{"\x1b", "-People"}, step{"i", "Insights"}, step{"\x1b", "-Insights"},
				step{"/canary", "keep the search"}, step{"\r", "enter why"}, step{"\x1b", "letters of a user_id"}, step{":canary", "enter does it"}, step{"\x1b", "-enter does it"},
				step{"!", "newest first"}, step{"\x1b", "-newest first"}, step{"E", "Confirm"}, step{"\x1b", "-Confirm"}, step{"5g\r", "OUTPUTS"})
			c.awaitText("OUTPUTS")
			hidden()
			c.press("v")
			c.awaitText("esc nothing")
			c.press("n")
			c.awaitText("name, shown for")
			arguments, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", c.command.Process.Pid))
			if name == "q" {
				c.press("v")
				c.awaitGone("shown for")
				from = len(c.wrote())
				walk(step{"*", "marked"}, step{"r", "This can't be undone"}, step{"\x1b", "-This can't be undone"})
			}
			shown := len(c.wrote())
			end(c)
			c.awaitExit(8 * time.Second)
			time.Sleep(50 * time.Millisecond)
			if from = shown; name != "kill -9" {
				hidden() // what is drawn on the way out is masked
			}
			for _, secret := range append(secrets, users...) {
				if how := leaks([]byte(outside.String()), secret); how != nil {
					t.Errorf("the terminal got %q, as %v", secret, how)
				}
				if leaks(arguments, secret) != nil {
					t.Errorf("the arguments have %q", secret)
				}
			}
			only := map[string]func(string) bool{}
			for i, user := range users {
				only[user] = inMirror
				if i%2 == 1 {
					only[user] = func(string) bool { return false }
				}
			}
			never := slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return strings.HasSuffix(s, "ref") })
			for _, s := range secrets {
				if strings.HasSuffix(s, "ref") {
					only[s] = inMirror
				}
			}
			if expectNoLeak(t, c.home, never, only) == 0 {
				t.Error("no file was looked at")
			}
			if name != "kill -9" {
				c.expectRestored()
			}
		})
	}
}
