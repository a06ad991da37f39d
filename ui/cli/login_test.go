package cli

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/ui/config"
)

// ring is a keyring in memory, of one service; the err of an operation makes it fail.
type ring struct {
	items         map[string]string
	get, set, del error
	forgets       bool // says that it keeps what it does not keep
}

func (r *ring) Get(service, user string) (string, error) {
	secret, ok := r.items[user]
	switch {
	case r.get != nil:
		return "", r.get
	case !ok || service != "idtop":
		return "", config.ErrNotInRing
	}
	return secret, nil
}

func (r *ring) Set(_, user, secret string) error {
	if r.set == nil && !r.forgets {
		r.items[user] = secret
	}
	return r.set
}

func (r *ring) Delete(_, user string) error {
	if r.del == nil {
		delete(r.items, user)
	}
	return r.del
}

// runRing runs the program with a keyring and stdin.
func runRing(t *testing.T, k config.Keyring, environ []string, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Process{
		Version: "1.2.3", Args: args, Environ: environ, Keyring: k,
		Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
	})
	return outcome{code, stdout.String(), stderr.String()}
}

// secretPart is the part of the keys of these tests that no output may show.
const secretPart = "51NabcdefghijKLMNOP"

func expectNoSecret(t *testing.T, what string, got outcome) {
	t.Helper()
	for i := range len(secretPart) - 8 {
		if strings.Contains(got.stdout+got.stderr, secretPart[i:i+8]) {
			t.Fatalf("%s: the key is in %+v", what, got)
		}
	}
}

func TestLoginKeepsTheKey(t *testing.T) {
	s := newShop(t, emulator.Config{})
	k := &ring{items: map[string]string{}}
	name := "default@" + strings.TrimPrefix(s.base, "http://")
	key := "rk_test_read_events_account_" + secretPart
	got := runRing(t, k, nil, "export STRIPE_API_KEY='"+key+"'\n", "login", "--api-base", s.base)
	want := `key      rk_test_…MNOP
account  acct_1Kmb4FVBNoY Acme Inc
mode     test
it may
  sessions          allowed    see sessions and reports: Identity, Verification Sessions and Reports: Read
  reports           allowed    see sessions and reports: Identity, Verification Sessions and Reports: Read
  events            allowed    follow changes with few requests: Events: Read
  account name      allowed    show the account's name: Basic Account Information: Read
  actions           not tried  cancel, redact and create sessions: Identity, Verification Sessions and Reports: Write (only a change at Stripe would show it)
  sensitive results not tried  reveal dates of birth and document numbers, for 48 hours: Identity, Access recent sensitive verification results: Read (only a look at a person's data would show it)
  files             not tried  see images of documents: Files: Write (idtop shows none)
kept in the keyring (service idtop, user "` + name + `")
`
	if got.code != exitOK || got.stdout != want || got.stderr != "" {
		t.Errorf("got %d\n%s%swant\n%s", got.code, got.stdout, got.stderr, want)
	}
	if !maps.Equal(k.items, map[string]string{name: key}) || s.sent() != 0 {
		t.Errorf("the keyring has %v, %d requests of change were sent", k.items, s.sent())
	}
	expectNoSecret(t, "login", got)
	// The next command finds it.
	if got := runRing(t, k, nil, "", "sync", "--api-base", s.base, "--data-dir", s.dir); got.code != exitOK {
		t.Errorf("%+v", got)
	}
	got = runRing(t, k, nil, "", "logout", "--api-base", s.base)
	if got.code != exitOK || len(k.items) != 0 || got.stdout != `the key was removed from the keyring (service idtop, user "`+name+`"); it stays valid at Stripe until it is revoked there`+"\n" || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	expectFailure(t, runRing(t, k, nil, "", "logout", "--api-base", s.base), exitFailed,
		`the keyring (service idtop, user "`+name+`"): it has no such key`, "idtop doctor says where a key is found")
}

// TestLoginRefuses: a key that is of no use or of another account is not kept.
func TestLoginRefuses(t *testing.T) {
	s := newShop(t, emulator.Config{})
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer silent.Close()
	folder := t.TempDir()
	pinned := filepath.Join(folder, "config.toml")
	err := os.WriteFile(pinned, []byte("[profiles.theirs]\naccount = 'acct_theirs'\n[profiles.live]\nmode = 'live'\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	locked := errors.New("the collection is locked")
	for name, c := range map[string]struct {
		ring  *ring
		stdin string
		args  []string
		line  string
		hint  string
	}{
		"publishable":     {&ring{}, "pk_live_" + secretPart, nil, "the key: this is a publishable key (pk_...), which can't read verification sessions: use a restricted key (rk_...)", config.KeyHint},
		"nothing":         {&ring{}, "\n", nil, "the key: the key is empty", config.KeyHint},
		"two lines":       {&ring{}, "rk_test_" + secretPart + "\nx", nil, "the key: it has several lines, and a key has one", config.KeyHint},
		"too long":        {&ring{}, strings.Repeat("x", 5000), nil, "stdin has more than 4096 bytes, which is no key", "stdin has to hold the key and nothing else"},
		"other account":   {&ring{}, "rk_test_" + secretPart, []string{"--config", pinned, "--profile", "theirs"}, `login: account of profile "theirs" is acct_theirs, and the key rk_test_…MNOP is of acct_1Kmb4FVBNoY: nothing was read or changed; the key was not kept`, "give a key of acct_theirs, or choose another profile with --profile"},
		"other mode":      {&ring{}, "rk_test_" + secretPart, []string{"--config", pinned, "--profile", "live"}, `login: mode of profile "live" is live, and the key rk_test_…MNOP is of test mode: nothing was read or changed; the key was not kept`, "give a key of live mode, or choose another profile with --profile"},
		"no permission":   {&ring{}, "rk_test_events_" + secretPart, nil, "login: the key rk_test_…MNOP may not read sessions: it was not kept", "give it " + client.PermitRead.Name + " in the Stripe Dashboard"},
		"no keyring":      {&ring{get: config.ErrNoKeyring}, "", nil, "login: there is no keyring that idtop can reach", withoutKeyring},
		"locked":          {&ring{get: locked}, "", nil, `the keyring (service idtop, user "default@SERVER"): the collection is locked`, "unlock the keyring and start again, or give the key with STRIPE_API_KEY or --key-file"},
		"can't be kept":   {&ring{set: locked}, "rk_test_" + secretPart, nil, `the keyring (service idtop, user "default@SERVER"): it is not known whether the key was kept: the collection is locked`, "unlock the keyring and try again; or " + withoutKeyring},
		"not given back":  {&ring{forgets: true}, "rk_test_" + secretPart, nil, `the keyring (service idtop, user "default@SERVER"): it took the key and does not give it back`, withoutKeyring},
		"server of error": {&ring{}, "rk_test_" + secretPart, []string{"--api-base", silent.URL}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.ring.items = map[string]string{}
			got := runRing(t, c.ring, nil, c.stdin, append([]string{"login", "--api-base", s.base}, c.args...)...)
			expectNoSecret(t, name, got)
			if c.line == "" { // the words are those of the API's errors
				if got.code != exitFailed || !strings.Contains(got.stderr, "HTTP 502") || !strings.Contains(got.stderr, "the key was not kept\nhint: ") {
					t.Errorf("%+v", got)
				}
			} else {
				line := strings.ReplaceAll(c.line, "SERVER", strings.TrimPrefix(s.base, "http://"))
				expectFailure(t, got, exitFailed, line, c.hint)
			}
			if len(c.ring.items) > 0 && c.ring.set == nil {
				t.Errorf("it was kept: %v", c.ring.items)
			}
		})
	}
	if s.sent() != 0 {
		t.Errorf("%d requests of change were sent", s.sent())
	}
	expectFailure(t, run(t, nil, "login", "rk_test_"+secretPart), exitUsage, "login takes no argument: rk_test_…MNOP",
		"a key is never an argument: others can read those, and the shell keeps them; replace this one in the Stripe Dashboard")
}

// TestAFullLiveKeyIsWarnedAbout wherever a key is taken, with the permissions to use
// instead.
func TestAFullLiveKeyIsWarnedAbout(t *testing.T) {
	s := newShop(t, emulator.Config{Live: true})
	k := &ring{items: map[string]string{}}
	got := runRing(t, k, nil, "sk_live_"+secretPart, "login", "--api-base", s.base)
	warning := "idtop: warning: " + client.FullKeyWarning + "\nhint: " + client.FullKeyHint() + "\n"
	if got.code != exitOK || !strings.Contains(got.stdout, "mode     LIVE\n") || got.stderr != warning {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(got.stdout, "actions           allowed") || !strings.Contains(got.stdout, "sensitive results denied") {
		t.Error(got.stdout)
	}
	for _, permission := range []client.Permission{client.PermitWrite, client.PermitEvents, client.PermitSensitive} {
		if !strings.Contains(client.FullKeyHint(), `"`+permission.Name+`"`) {
			t.Errorf("the hint lacks %s", permission.Name)
		}
	}
	got = runRing(t, k, nil, "", "sync", "--api-base", s.base, "--data-dir", s.dir)
	if got.code != exitOK || strings.Count(got.stderr, client.FullKeyWarning) != 1 {
		t.Errorf("%+v", got)
	}
	expectNoSecret(t, "sync", got)
	for _, key := range []string{"rk_live_" + secretPart, "sk_test_" + secretPart} {
		if parsed := mustParseKey(key); parsed.FullLive() {
			t.Errorf("%s is taken for a full key of a live account", parsed)
		}
	}
}

// TestLoginSaysWhatComesBefore: a key that is kept and never used is a puzzle.
func TestLoginSaysWhatComesBefore(t *testing.T) {
	s := newShop(t, emulator.Config{})
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte("key_command = ['pass', 'stripe']\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runRing(t, &ring{items: map[string]string{}}, []string{config.KeyVariable + "=rk_test_other"}, "rk_test_"+secretPart, "login", "--api-base", s.base, "--config", file)
	if got.code != exitOK || got.stderr != "idtop: warning: key_command of the config comes before the keyring: idtop takes the key from there\n"+
		"hint: remove it from the config to use the key in the keyring\n"+
		"idtop: warning: STRIPE_API_KEY is set and comes before the keyring\nhint: unset STRIPE_API_KEY to use the key in the keyring\n" {
		t.Errorf("%+v", got)
	}
}
