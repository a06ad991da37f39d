package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"idtop/client"

	"idtop/ui/config"
)

const (
	aKey      = "rk_test_51Nabcdefghijklmnop"
	noTTYLine = "the dashboard needs a terminal: standard input is none"
	noTTYHint = "start it in a terminal window, over ssh with ssh -t; or add --plain, which needs none"
)

// mustParseKey is for keys that are written here.
func mustParseKey(s string) client.Key {
	key, err := client.ParseKey(s)
	if err != nil {
		panic(err)
	}
	return key
}

// onlyAccount answers with the key's account, and nothing else.
type onlyAccount struct{ client.API }

// Account implements client.API.
func (onlyAccount) Account(context.Context) (client.Account, error) {
	return client.Account{ID: "acct_123"}, nil
}

func keyFile(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	return name
}

func TestNoKey(t *testing.T) {
	for _, environ := range [][]string{nil, {"STRIPE_API_KEY="}} {
		expectFailure(t, run(t, environ), exitFailed,
			"no API key: STRIPE_API_KEY is not set, there is no --key-file, and no key in the config or the keyring",
			"make one in the Stripe Dashboard: Developers -> API keys -> Create restricted key, permission "+
				`"Identity, Verification Sessions and Reports: Read" (Write to cancel and redact); `+"`idtop login` tests and keeps it, `idtop --demo` needs none")
	}
}

func TestKeysThatAreNone(t *testing.T) {
	for key, line := range map[string]string{
		"pk_live_abc":    "this is a publishable key (pk_...), which can't read verification sessions: use a restricted key (rk_...)",
		"whsec_abc":      "this is a webhook signing secret (whsec_...), not an API key: use a restricted key (rk_...)",
		"sk_test_a b":    "the key has a space, a line break or a character that is not ASCII in it: copy it again",
		"sk_test_":       "this does not look like a Stripe key: one starts with rk_test_, rk_live_, sk_test_ or sk_live_",
		"hunter2hunter2": "this does not look like a Stripe key: one starts with rk_test_, rk_live_, sk_test_ or sk_live_",
		" ":              "the key is empty",
	} {
		got := run(t, []string{config.KeyVariable + "=" + key})
		expectFailure(t, got, exitFailed, config.KeyVariable+": "+line, config.KeyHint)
		file := keyFile(t, key, 0o600)
		expectFailure(t, run(t, nil, "--key-file", file), exitFailed, `--key-file "`+file+`": `+line, config.KeyHint)
	}
}

func TestKeyFileProblems(t *testing.T) {
	dir := t.TempDir()
	for file, why := range map[string]string{
		filepath.Join(dir, "none"): "there is no such file",
		dir:                        "it is a directory",
		keyFile(t, "", 0o600):      "it is empty",
		keyFile(t, strings.Repeat("x", 5000), 0o600):        "it has more than 4096 bytes, which is no key",
		keyFile(t, aKey+strings.Repeat("\n", 4<<10), 0o600): "it has more than 4096 bytes, which is no key",
		os.DevNull: "it is neither a file nor a pipe",
	} {
		expectFailure(t, run(t, nil, "--key-file", file), exitFailed,
			`--key-file "`+file+`": `+why, "the file has to hold the key and nothing else")
	}
}

func TestKeyFileOthersMayRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes on Windows")
	}
	file := keyFile(t, aKey+"\n", 0o644)
	expectFailure(t, run(t, nil, "--key-file", file), exitUsage,
		`warning: --key-file "`+file+`": others on this machine may use it (mode 0644)`+"\nhint: chmod 600 \""+file+"\"\n"+
			"idtop: "+noTTYLine, noTTYHint)
}

func TestKeyFile(t *testing.T) {
	var stderr bytes.Buffer
	key, err := config.ReadKey(t.Context(), &Process{Stderr: &stderr}, config.Options{KeyFile: keyFile(t, "\n "+aKey+" \r\n", 0o600)})
	if err != nil || key.LastFour() != "mnop" || stderr.Len() > 0 {
		t.Errorf("got the key %v, error %v, stderr %q", key, err, stderr.String())
	}
}

// A key that a message repeats is a key that ends up in a scrollback.
func TestNoMessageHoldsTheKey(t *testing.T) {
	const secret = "51NabcdefghijKLMNOPqrstuv"
	for _, key := range []string{"pk_test_" + secret, "sk_test_" + secret + " x", secret, "sk_test_" + secret} {
		for _, got := range []outcome{
			run(t, []string{config.KeyVariable + "=" + key}),
			run(t, nil, "--key-file", keyFile(t, key, 0o600)),
		} {
			for i := range len(secret) - 8 {
				if strings.Contains(got.stdout+got.stderr, secret[i:i+8]) {
					t.Fatalf("the key is in %q", got.stderr)
				}
			}
		}
	}
}
