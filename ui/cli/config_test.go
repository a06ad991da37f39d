package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"idtop/ui/fail"
)

// configured is what the options are with a config and arguments.
func configured(t *testing.T, config string, args ...string) (accountOptions, error) {
	t.Helper()
	home := t.TempDir()
	name := filepath.Join(home, "idtop", "config.toml")
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	o := accountOptions{poll: 3 * time.Second}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.flags(flags)
	flags.Var(span{&o.poll, shortestPoll, longestPoll}, "poll", "")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	err := o.complete(&Process{Environ: []string{"XDG_CONFIG_HOME=" + home, "HOME=/home/ann"}}, flags)
	o.ledgerHead = strings.ReplaceAll(o.ledgerHead, home, "$")
	o.keyFile, o.dataDir = strings.ReplaceAll(o.keyFile, home, "$"), strings.ReplaceAll(o.dataDir, home, "$")
	return o, err
}

const aConfig = `
profile = "test"
poll = "10s"
reads_per_month = 10_000
key_file = "~/key"
ledger_head = "heads.log"
undo = "1m"

[profiles.test]

[profiles.live]
key_command = ["op", "read", "op://ops/stripe/key"]
data_dir = "live"
poll = "1m"
read_only = true
reads_per_month = 0
undo = "0s"
max_items = 20
reason_required = true
ledger_head = "syslog"
`

func TestConfig(t *testing.T) {
	for name, c := range map[string]struct {
		args string
		want accountOptions
	}{
		"its profile": {"", accountOptions{profile: "test", poll: 10 * time.Second, reads: 10_000, keyFile: "/home/ann/key", keySource: "key_file of the config",
			acting: acting{undo: time.Minute, ledgerHead: "$/idtop/heads.log"}}},
		"another profile": {"--profile live", accountOptions{profile: "live", poll: time.Minute, readOnly: true, dataDir: "$/idtop/live",
			keyCommand: []string{"op", "read", "op://ops/stripe/key"}, keySource: `key_command of profile "live"`, acting: acting{maxItems: 20, reasonRequired: true, ledgerHead: "syslog"}}},
		"flags win": {"--profile live --poll 2s --key-file k --data-dir d --read-only=false", accountOptions{profile: "live", poll: 2 * time.Second,
			dataDir: "d", keyFile: "k", keySource: "--key-file", acting: acting{maxItems: 20, reasonRequired: true, ledgerHead: "syslog"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" {
				t.Skip("the paths here are not of Windows' form")
			}
			got, err := configured(t, aConfig, strings.Fields(c.args)...)
			if err != nil {
				t.Fatal(err)
			}
			if !sameOptions(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func sameOptions(a, b accountOptions) bool {
	same := strings.Join(a.keyCommand, "\x00") == strings.Join(b.keyCommand, "\x00")
	a.keyCommand, b.keyCommand = nil, nil
	return same && a.profile == b.profile && a.poll == b.poll && a.reads == b.reads && a.readOnly == b.readOnly &&
		a.keyFile == b.keyFile && a.keySource == b.keySource && a.dataDir == b.dataDir && a.apiBase == b.apiBase && a.acting == b.acting
}

func TestConfigThatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		config, args string
		line, hint   string // after the name of the file
	}{
		"unknown key":         {"poll = \"5s\"\ninterval = 3\n", "", `, line 2, column 1: "interval" is not known`, "known are " + configKeys},
		"unknown in profile":  {"[profiles.a]\nkey = \"rk_test_1\"\n", "", `, line 2, column 1: "profiles.a.key" is not known`, "known are " + configKeys},
		"syntax":              {"poll = \n", "", `, line 1, column 8: `, ""},
		"type":                {"poll = 5\n", "", `, line 1, column 8: `, ""},
		"poll":                {"poll = \"1ms\"\n", "", `: poll of the config: "1ms" must be a time from 1s to 1h, such as 5s or 2m`, `write it like "5s"`},
		"reads":               {"[profiles.a]\nreads_per_month = -1\n", "--profile a", `: reads_per_month of profile "a": -1 is not from 0 to 1,000,000,000`, "leave it out for no limit"},
		"base":                {"api_base = \"http://x.test\"\n", "", `: api_base of the config: the API base "http://x.test" would send`, ""},
		"two keys":            {"key_file = \"a\"\nkey_command = [\"b\"]\n", "", ": key_file of the config: there is a key_command too", "leave one of them out"},
		"undo":                {"undo = \"11m\"\n", "", `: undo of the config: "11m" is not from 0s to 10m`, `write it like "5s"; "0s" turns it off`},
		"undo of no form":     {"undo = \"soon\"\n", "", `: undo of the config: "soon" is not from 0s to 10m`, `write it like "5s"; "0s" turns it off`},
		"items":               {"[profiles.a]\nmax_items = 0\n", "--profile a", `: max_items of profile "a": 0 is not from 1 to 10,000`, "leave it out for the usual 500"},
		"too many items":      {"max_items = 10_001\n", "", `: max_items of the config: 10001 is not from 1 to 10,000`, "leave it out for the usual 500"},
		"reason":              {"reason_required = \"yes\"\n", "", `, line 1, column 19: `, ""},
		"no command":          {"key_command = []\n", "", ": key_command of the config: it names no program", ""},
		"no such profile":     {"[profiles.b]\n[profiles.a]\n", "--profile c", `: there is no profile "c"`, "there are a, b"},
		"no profiles at all":  {"", "--profile c", `: there is no profile "c"`, "add [profiles.NAME] to the config"},
		"default is not here": {"profile = \"x\"\n", "", `: there is no profile "x"`, "add [profiles.NAME] to the config"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := configured(t, c.config, strings.Fields(c.args)...)
			if err == nil {
				t.Fatal("no error")
			}
			f := fail.Of(err)
			_, after, _ := strings.Cut(f.Text, `config.toml"`)
			if f.Misuse || !strings.HasPrefix(f.Text, "config \"") || !strings.HasPrefix(after, c.line) || f.Way == "" || c.hint != "" && f.Way != c.hint {
				t.Errorf("got %q, hint %q", f.Text, f.Way)
			}
		})
	}
}

// The README's table has each key of the config.
func TestReadmeHasTheConfig(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	names, _, _ := strings.Cut(configKeys, ", and ")
	for name := range strings.SplitSeq(names, ", ") {
		if !strings.Contains(string(text), "\n| `"+name+"` | ") {
			t.Errorf("%s is not in the README", name)
		}
	}
}

// Without a word of the config what was confirmed can be recalled for a while.
func TestUsualUndo(t *testing.T) {
	for config, want := range map[string]time.Duration{"": usualUndo, "undo = \"0s\"\n": 0, "undo = \"1m30s\"\n": 90 * time.Second} {
		if o, err := configured(t, config); err != nil || o.undo != want {
			t.Errorf("%q: %s, %v", config, o.undo, err)
		}
	}
}

func TestConfigThatOthersMayChange(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes on Windows")
	}
	name := keyFile(t, "key_command = [\"evil\"]\n", 0o666)
	got := run(t, []string{"HOME=" + t.TempDir()}, "--config", name)
	expectFailure(t, got, exitFailed, `config "`+name+`": others may write to it, and so put a command into it`, `chmod 600 "`+name+`"`)
}

func TestConfigThatIsNotThere(t *testing.T) {
	home := t.TempDir()
	missing := filepath.Join(home, "none.toml")
	expectFailure(t, run(t, []string{"HOME=" + home}, "--config", missing), exitFailed,
		`config "`+missing+`": there is no such file`, "name a config with --config, or none at all")
	got := run(t, []string{"XDG_CONFIG_HOME=" + home}, "--profile", "a")
	expectFailure(t, got, exitFailed, `--profile "a": there is no "`+filepath.Join(home, "idtop", "config.toml")+`"`, "name the config with --config")
	expectFailure(t, run(t, nil, "--profile", "a"), exitFailed, `--profile "a": there is no home folder`, "name the config with --config")
}

func TestKeyCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands here are those of Unix")
	}
	for name, c := range map[string]struct {
		command []string
		line    string // "" when the key comes
	}{
		"prints it":       {[]string{"echo", aKey}, ""},
		"no shell":        {[]string{"echo", "$STRIPE_API_KEY"}, "key_command: this does not look like a Stripe key: one starts with rk_test_, rk_live_, sk_test_ or sk_live_"},
		"fails":           {[]string{"sh", "-c", "echo " + aKey + "; exit 3"}, "key_command: it failed: exit status 3"},
		"is not there":    {[]string{"idtop-no-such-program"}, "key_command: there is no such program"},
		"says nothing":    {[]string{"true"}, "key_command: it printed nothing"},
		"says too much":   {[]string{"sh", "-c", "yes | head -c 100000"}, "key_command: it printed more than 4096 bytes, which is no key"},
		"prints no key":   {[]string{"echo", "hunter2"}, "key_command: this does not look like a Stripe key: one starts with rk_test_, rk_live_, sk_test_ or sk_live_"},
		"leaves children": {[]string{"sh", "-c", "sleep 100 & echo " + aKey}, "key_command: it left a program behind that keeps its output open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			p := &Process{Environ: []string{"PATH=" + os.Getenv("PATH")}, Stderr: &stderr, Stdin: strings.NewReader("")}
			key, err := readKey(t.Context(), p, accountOptions{keyCommand: c.command, keySource: "key_command"})
			switch {
			case c.line == "" && (err != nil || key.LastFour() != "mnop"):
				t.Errorf("got the key %v, error %v", key, err)
			case c.line != "" && (err == nil || err.Error() != c.line):
				t.Errorf("got the key %v, error %v", key, err)
			case err != nil && strings.Contains(err.Error(), aKey):
				t.Error("the error holds the key")
			}
		})
	}
}

func TestKeyOfTheStripeCLI(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "stripe"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := "color = ''\n[default]\naccount_id = 'acct_1'\ntest_mode_api_key = '" + aKey + "'\nlive_mode_api_key = 'rk_live_****1234'\n"
	if err := os.WriteFile(filepath.Join(home, "stripe", "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, []string{"XDG_CONFIG_HOME=" + home})
	want := "idtop: using the test key of the Stripe CLI, rk_test_…mnop\nidtop: " + noTTYLine + "\nhint: " + noTTYHint + "\n"
	if got.code != exitUsage || got.stderr != want {
		t.Errorf("got %+v", got)
	}
	got = run(t, []string{"XDG_CONFIG_HOME=" + home, keyVariable + "=" + aKey})
	expectFailure(t, got, exitUsage, noTTYLine, noTTYHint)
}
