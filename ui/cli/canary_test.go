package cli

import (
	"bytes"
	"io/fs"
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
	onlyInTheMirror := []string{"canary_kept", "canary_canceled"}
	files := map[string]bool{}
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, _ := filepath.Rel(s.dir, path)
		top, _, _ := strings.Cut(filepath.ToSlash(name), "/")
		files[top] = true
		forbidden := never
		if top != "mirrors" {
			forbidden = append(onlyInTheMirror, never...)
		}
		text, err := os.ReadFile(path)
		text = bytes.ToLower(text)
		for _, canary := range forbidden {
			if bytes.Contains(text, []byte(strings.ToLower(canary))) {
				t.Errorf("%q is in %s", canary, name)
			}
		}
		if info, err := d.Info(); err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %s", name, info.Mode())
		}
		return err
	})
	if err != nil || !files["mirrors"] || !files["books"] {
		t.Errorf("%v: %v", err, files)
	}
}
