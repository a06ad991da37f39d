//go:build unix

package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
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

// No test may write to the home of whoever runs it: a run without an
// environment has no place to write to.
func TestWithoutAHomeNothingIsWritten(t *testing.T) {
	expectFailure(t, run(t, []string{keyVariable + "=" + aKey}, "sync"), exitFailed,
		"where to keep the mirror is not known: neither XDG_STATE_HOME nor HOME is set", "name a folder with --data-dir")
}

func TestFoldersThatAreNotUsed(t *testing.T) {
	dir := t.TempDir()
	plain, link, open := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "open")
	for _, err := range []error{os.WriteFile(plain, nil, 0o600), os.Symlink(t.TempDir(), link), os.Mkdir(open, 0o700), os.Chmod(open, 0o777)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ dir, why, hint string }{
		{plain, "it is no folder", "name another one with --data-dir"},
		{filepath.Join(plain, "below"), "not a directory", "name a folder that you may write to with --data-dir"},
		{link, "it is a symbolic link", "name the folder itself with --data-dir"},
		{open, "others may write to it (mode 0777)", `chmod 700 "` + open + `"`},
	} {
		got := run(t, []string{keyVariable + "=" + aKey}, "sync", "--data-dir", c.dir)
		expectFailure(t, got, exitFailed, `the mirror can't be kept: "`+c.dir+`": `+c.why, c.hint)
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

// The folder of a demo that was killed goes at the next start; that of one that
// runs, of somebody else, or in doubt, stays.
func TestDemoLeftovers(t *testing.T) {
	temporary := t.TempDir()
	p := &Process{Environ: []string{"TMPDIR=" + temporary}}
	running, err := newDemoDir(p)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	make := func(name string, mode fs.FileMode, when time.Time) string {
		dir := filepath.Join(temporary, name)
		for _, err := range []error{os.Mkdir(dir, mode), os.WriteFile(filepath.Join(dir, demoLock), nil, 0o600),
			os.WriteFile(filepath.Join(dir, "mirror.db"), nil, 0o600), os.Chmod(dir, mode), os.Chtimes(dir, when, when)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	killed := make("idtop-demo-1", 0o700, old)
	stay := []string{running.dir, make("idtop-demo-2", 0o700, time.Now()), make("idtop-demo-x", 0o700, old), make("idtop-demo-3", 0o755, old)}
	if err := os.Chtimes(running.dir, old, old); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(temporary, "idtop-demo-4")
	if err := os.Symlink(stay[2], link); err != nil {
		t.Fatal(err)
	}
	next, err := newDemoDir(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(killed); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a leftover stays: %v", err)
	}
	for _, dir := range append(stay, link, next.dir) {
		if _, err := os.Lstat(dir); err != nil {
			t.Errorf("%s is gone", dir)
		}
	}
	if ok, err := flock.New(filepath.Join(running.dir, demoLock)).TryLock(); ok || err != nil {
		t.Errorf("a running demo is not locked: %v", err)
	}
	running.remove()
	next.remove()
	for _, dir := range []string{running.dir, next.dir} {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s stays", dir)
		}
	}
}
