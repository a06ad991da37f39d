//go:build unix

package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"idtop/ui/config"
)

// TestALinkThatLeadsNowhereIsNoMissingConfig: the operator wrote a config, and
// its link broke; going on without it could act on another account.
func TestALinkThatLeadsNowhereIsNoMissingConfig(t *testing.T) {
	for name, broken := range map[string]string{"the file": "idtop/config.toml", "its folder": "idtop"} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			link := filepath.Join(home, broken)
			if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join(home, "gone"), link); err != nil {
				t.Fatal(err)
			}
			expectFailure(t, run(t, []string{"XDG_CONFIG_HOME=" + home, config.KeyVariable + "=" + aKey}), exitFailed,
				`config "`+filepath.Join(home, "idtop", "config.toml")+`": the link "`+link+`" leads nowhere`, "name a config with --config, or none at all")
			key := filepath.Join(home, broken)
			expectFailure(t, run(t, []string{"HOME=" + t.TempDir()}, "--key-file", key), exitFailed,
				`--key-file "`+key+`": the link "`+link+`" leads nowhere`, "the file has to hold the key and nothing else")
		})
	}
}

// TestAPipeIsNoConfig: it was opened and waited for, deaf to signals.
func TestAPipeIsNoConfig(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "config.toml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	expectFailure(t, run(t, []string{"HOME=" + t.TempDir()}, "--config", pipe), exitFailed,
		`config "`+pipe+`": it is not a plain file`, "name a config with --config, or none at all")
}

// TestAKeyThatOthersCouldReplaceIsRefused: the key decides which account's sessions
// are redacted.
func TestAKeyThatOthersCouldReplaceIsRefused(t *testing.T) {
	file := keyFile(t, aKey, 0o620)
	expectFailure(t, run(t, nil, "--key-file", file), exitFailed,
		`--key-file "`+file+`": others may write to it`, `chmod 600 "`+file+`"`)

	home, cli := stripeCLI(t, "[default]\ntest_mode_api_key = '"+aKey+"'\n", 0o602)
	expectFailure(t, run(t, []string{"XDG_CONFIG_HOME=" + home}), exitFailed,
		`the Stripe CLI's "`+cli+`": others may write to it`, `chmod 600 "`+cli+`"`)

	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	if err := os.Chown(file, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(cli, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	expectFailure(t, run(t, nil, "--key-file", file), exitFailed,
		`--key-file "`+file+`": it belongs to another user`, "copy the key into a file of your own")
	expectFailure(t, run(t, []string{"XDG_CONFIG_HOME=" + home}), exitFailed,
		`the Stripe CLI's "`+cli+`": it belongs to another user`, "give the key with STRIPE_API_KEY or --key-file")
}

// stripeCLI writes a config of the Stripe CLI.
func stripeCLI(t *testing.T, config string, mode os.FileMode) (home, name string) {
	t.Helper()
	home = t.TempDir()
	name = filepath.Join(home, "stripe", "config.toml")
	if err := os.Mkdir(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return home, name
}

func TestALiveKeyOfTheStripeCLIIsNoTestKey(t *testing.T) {
	home, name := stripeCLI(t, "[default]\ntest_mode_api_key = 'rk_live_51Nabcdefghijklmnop'\n", 0o600)
	expectFailure(t, run(t, []string{"XDG_CONFIG_HOME=" + home}), exitFailed,
		`the Stripe CLI's "`+name+`": its test_mode_api_key is a live key, rk_live_…mnop`,
		"stripe login puts a test key there; name a live key with --key-file or STRIPE_API_KEY")
}

func TestAnExpiredKeyOfTheStripeCLISaysHowToRenewIt(t *testing.T) {
	stripe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","code":"api_key_expired","message":"Expired API Key provided"}}`))
	}))
	t.Cleanup(stripe.Close)
	home, _ := stripeCLI(t, "[default]\ntest_mode_api_key = '"+aKey+"'\n", 0o600)
	got := run(t, []string{"XDG_CONFIG_HOME=" + home, "HOME=" + t.TempDir()}, "sync", "--api-base", stripe.URL)
	if got.code != exitFailed || !strings.Contains(got.stderr, "hint: stripe login renews the key of the Stripe CLI") {
		t.Errorf("got %+v", got)
	}
}

// TestAKeyCommandRunsBesideTheConfig: a program of the current folder may be
// anybody's.
func TestAKeyCommandRunsBesideTheConfig(t *testing.T) {
	home, here := t.TempDir(), t.TempDir()
	folder := filepath.Join(home, "idtop")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	script := func(dir, key string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "x"), []byte("#!/bin/sh\necho "+key+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	script(folder, aKey)
	script(here, "rk_test_ofthecurrentfolder")
	t.Chdir(here)
	if err := os.WriteFile(filepath.Join(folder, "config.toml"), []byte(`key_command = ["./x"]`), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, []string{"XDG_CONFIG_HOME=" + home, "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}, "sync", "--api-base", "http://127.0.0.1:1")
	if !strings.Contains(got.stderr, "connection refused") {
		t.Errorf("got %+v", got)
	}
}

// TestAHomeFolderThatIsNotKnown: "~/key" was read as "key" of the current folder.
func TestAHomeFolderThatIsNotKnown(t *testing.T) {
	for key, line := range map[string]string{
		"key_file":    `key_file = "~/key"`,
		"key_command": `key_command = ["~/bin/key"]`,
		"data_dir":    `data_dir = "~/data"`,
		"ledger_head": `ledger_head = "~/heads"`,
	} {
		name := keyFile(t, line, 0o600)
		got := run(t, nil, "--config", name)
		if want := `config "` + name + `", line 1, column 1: ` + key + ` of the config: "~/`; got.code != exitFailed ||
			!strings.Contains(got.stderr, want) || !strings.Contains(got.stderr, "HOME is not set") {
			t.Errorf("got %+v", got)
		}
	}
}

// TestKeyFilesOfEditorsAndShells: what Notepad and .env files put round a key.
func TestKeyFilesOfEditorsAndShells(t *testing.T) {
	for _, content := range []string{
		"\ufeff" + aKey + "\r\n", `"` + aKey + `"`, "'" + aKey + "'\n", "STRIPE_API_KEY=" + aKey,
		"export STRIPE_API_KEY=\"" + aKey + "\"\n", "\ufeffKEY = '" + aKey + "'\r\n",
	} {
		key, err := config.ReadKey(t.Context(), &Process{Stderr: os.Stderr}, config.Options{KeyFile: keyFile(t, content, 0o600)})
		if err != nil || key.LastFour() != "mnop" {
			t.Errorf("%q: got the key %v, error %v", content, key, err)
		}
	}
	for content, why := range map[string]string{
		"\xff\xfer\x00k\x00":  "it is written in UTF-16, by its byte order mark: save it as UTF-8",
		aKey + "\n" + aKey:    "it has several lines, and a key has one",
		"A=1\nSTRIPE=" + aKey: "it has several lines, and a key has one",
	} {
		file := keyFile(t, content, 0o600)
		expectFailure(t, run(t, nil, "--key-file", file), exitFailed, `--key-file "`+file+`": `+why, config.KeyHint)
	}
}
