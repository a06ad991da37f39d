//go:build unix

package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHome(t *testing.T) {
	systems := map[string][]string{"darwin": {"HOME", "Library", "Application Support"}, "windows": {"LocalAppData"}, "": {"HOME", ".local", "state"}}
	for _, c := range []struct{ system, environ, want string }{
		{"linux", "XDG_STATE_HOME=/x HOME=/h", "/x"},
		{"linux", "XDG_STATE_HOME=relative HOME=/h", "/h/.local/state"},
		{"linux", "HOME=/h", "/h/.local/state"},
		{"darwin", "HOME=/h", "/h/Library/Application Support"},
		{"darwin", "XDG_STATE_HOME=/x HOME=/h", "/x"},
		{"windows", "LocalAppData=/l HOME=/h", "/l"},
		{"linux", "", ""},
		{"linux", "HOME=relative", ""},
	} {
		got, err := home(&Process{Environ: strings.Fields(c.environ)}, c.system, "XDG_STATE_HOME", systems)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s with %q: %q, %v, want %q", c.system, c.environ, got, err, c.want)
		}
	}
}

func TestAccountsAreRemembered(t *testing.T) {
	dir := t.TempDir()
	known, err := openAccounts(dir)
	if err != nil {
		t.Fatal(err)
	}
	key := mustParseKey(aKey)
	mine, others := key.Fingerprint(known.secret, ""), key.Fingerprint(known.secret, "127.0.0.1:1")
	if mine == others || known.account(mine) != "" {
		t.Error("fingerprints do not tell servers apart")
	}
	for _, err := range []error{known.remember(mine, "acct_1"), known.remember(others, "acct_2")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	known.close()
	again, err := openAccounts(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if again.account(mine) != "acct_1" || again.account(others) != "acct_2" {
		t.Error("the accounts are forgotten")
	}
	if err := again.remember(mine, ""); err != nil || again.account(mine) != "" || again.account(others) != "acct_2" {
		t.Errorf("one is not forgotten alone: %v", err)
	}
	for _, name := range []string{secretFile, accountsFile} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.Contains(string(text), aKey[8:20]) {
			t.Errorf("%s: %v %q", name, err, text)
		}
	}
	for _, text := range []string{"", "{", `{"keys":{"` + others + `":"../../etc"}}`, `{"keys":null}`} {
		if err := os.WriteFile(filepath.Join(dir, accountsFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := again.account(others); got != "" {
			t.Errorf("%q gives the account %q", text, got)
		}
		if err := again.remember(mine, "acct_3"); err != nil || again.account(mine) != "acct_3" {
			t.Errorf("%q can't be replaced: %v", text, err)
		}
	}
}

func TestFolderNames(t *testing.T) {
	for _, c := range []struct {
		base string
		live bool
		want string
	}{
		{"", false, "acct_1-test"}, {"", true, "acct_1-live"}, {"https://api.stripe.com", true, "acct_1-live"},
		{"http://127.0.0.1:12111", false, "acct_1-test@127.0.0.1_12111"}, {"http://[::1]:80", false, "acct_1-test@_1_80"},
		{"https://Proxy.Example.com", true, "acct_1-live@proxy.example.com"},
	} {
		if got := folderName("acct_1", c.live, serverName(c.base)); got != c.want {
			t.Errorf("%s: %s, want %s", c.base, got, c.want)
		}
	}
}
