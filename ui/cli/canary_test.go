package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"idtop/client/emulator"
)

// What is private is in no file of the data folder: a user_id in the mirror
// alone, and there only until its session is redacted.
func TestNothingPrivateIsKept(t *testing.T) {
	s := newShop(t, emulator.Config{RedactionDelay: -1})
	person := func(user string) string {
		return s.ask("POST", "/v1/identity/verification_sessions", url.Values{
			"type": {"document"}, "metadata[user_id]": {user}, "metadata[note]": {"canary-note"},
			"provided_details[email]": {"canary@example.com"}, "provided_details[phone]": {"+15550001234"},
		}).ID
	}
	erased, kept, canceled := person("canary_erased"), person("canary_kept"), person("canary_canceled")
	s.submit(kept, "verified")
	s.good("sync")
	sealed := s.seal("redact", "--user", "canary_erased", "--confirm", "REDACT 1 TEST")
	for _, reason := range []string{"for canary_erased, " + s.key, "for canary_kept"} {
		if got := s.run(append(sealed, "--reason", reason)...); got.code != exitUsage {
			t.Errorf("%q: %+v", reason, got)
		}
	}
	s.good(s.seal("redact", "--user", "canary_erased", "--confirm", "REDACT 1 TEST", "--reason", "key "+s.key)...)
	if got := s.run(append(s.seal("cancel", canceled, "--confirm", "CANCEL 1 TEST"), "--reason", "CANARY_canceled")...); got.code != exitUsage {
		t.Errorf("%+v", got)
	}
	s.good(s.seal("cancel", canceled, "--confirm", "CANCEL 1 TEST")...)
	s.good("redact", erased, kept, "--plan")
	s.good("ledger", "evidence", "--job", "1")
	s.good("jobs")
	never := []string{s.key, s.key[8:], "canary_erased", "canary@example.com", "+15550001234", "canary-note", "_secret_", "/start/", "Jenny"}
	inMirror := func(name string) bool { return strings.HasPrefix(name, "mirrors/") }
	expectNoLeak(t, s.dir, never, map[string]func(string) bool{"canary_kept": inMirror, "canary_canceled": inMirror})
	for _, folder := range []string{"mirrors", "books"} {
		if entries, err := os.ReadDir(filepath.Join(s.dir, folder)); err != nil || len(entries) == 0 {
			t.Errorf("%v: nothing is in %s", err, folder)
		}
	}
}
