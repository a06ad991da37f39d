package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"idtop/ui/config"
)

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

func TestKeyOfTheStripeCLI(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "stripe"), 0o700); err != nil {
		t.Fatal(err)
	}
	stripeConfig := "color = ''\n[default]\naccount_id = 'acct_1'\ntest_mode_api_key = '" + aKey + "'\nlive_mode_api_key = 'rk_live_****1234'\n"
	if err := os.WriteFile(filepath.Join(home, "stripe", "config.toml"), []byte(stripeConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, []string{"XDG_CONFIG_HOME=" + home})
	want := "idtop: using the test key of the Stripe CLI, rk_test_…mnop\nidtop: " + noTTYLine + "\nhint: " + noTTYHint + "\n"
	if got.code != exitUsage || got.stderr != want {
		t.Errorf("got %+v", got)
	}
	got = run(t, []string{"XDG_CONFIG_HOME=" + home, config.KeyVariable + "=" + aKey})
	expectFailure(t, got, exitUsage, noTTYLine, noTTYHint)
}

func TestConfigCheck(t *testing.T) {
	right := keyFile(t, "poll = \"5s\"\n[profiles.live]\nmode = \"live\"\n[profiles.test]\n", 0o600)
	if got := run(t, nil, "config", "check", right); got != (outcome{exitOK, right + " is right; its profiles are live, test.\n", ""}) {
		t.Errorf("got %+v", got)
	}
	if got := run(t, []string{"HOME=" + t.TempDir()}, "config", "check"); got != (outcome{exitOK, "There is no config: all settings are as usual.\n", ""}) {
		t.Errorf("got %+v", got)
	}
	wrong := keyFile(t, "pol = 3\nundo = \"2h\"\n[profiles.a]\nviews = 3\n[profiles.b]\nkey = \"hunter2\"\n", 0o600)
	want := outcome{exitFailed, `line 1, column 1: "pol" is not known
    did you mean poll?
line 2, column 1: undo of the config: "2h" must be a time from 0s to 10m
    write it like "5s"; "0s" turns it off
line 4, column 1: views of profile "a": 3 must be views
    write it like name = "Polish cards" and query = "state:failed country:PL"
line 6, column 1: "key" is not known
    a key does not belong in the config: put it into a file that only you can read and name that in key_file, or name a program that prints it in key_command, or set STRIPE_API_KEY
`, "idtop: config \"" + wrong + "\": mistakes: 4\nhint: idtop does not start with this config\n"}
	if got := run(t, nil, "config", "check", "--config", wrong); got != want {
		t.Errorf("got %+v", got)
	}
	var checked config.Checked
	got := run(t, nil, "config", "check", "--format", "json", wrong)
	if err := json.Unmarshal([]byte(got.stdout), &checked); err != nil || got.code != exitFailed || len(checked.Mistakes) != 4 || checked.Mistakes[2].Line != 4 ||
		checked.File != wrong || !slices.Equal(checked.Profiles, []string{"a", "b"}) {
		t.Errorf("%v: %+v", err, got)
	}
	missing := filepath.Join(t.TempDir(), "none.toml")
	expectFailure(t, run(t, nil, "config", "check", missing), exitFailed, `config "`+missing+`": there is no such file`, "name a config with --config, or none at all")
	expectFailure(t, run(t, nil, "config", "check", right, "--config", right), exitUsage, `config check: both "`+right+`" and --config name a config`, "leave one of them out")
	expectFailure(t, run(t, nil, "config", "check", right, right), exitUsage, `config check takes one file: "`+right+`"`, "idtop config check --help lists the flags")
	expectFailure(t, run(t, nil, "config"), exitUsage, "config: what to do is missing", "idtop config check, or idtop config show")
}

// Each setting is shown with its value and the place that sets it: the first of the
// flag, the profile, the config and the default. The key is named by its place.
func TestConfigShow(t *testing.T) {
	file := keyFile(t, "poll = \"10s\"\nundo = \"1m\"\nbell = true\nmetadata = [\"plan\"]\n[profiles.live]\nkey_file = \"/k\"\nbell = false\nread_only = true\nreads_per_month = 10_000\n", 0o600)
	for _, c := range []struct{ environ, args, key, lines string }{
		{"HOME=/h", "", `the keyring (service idtop, user "default"), or else the Stripe CLI`,
			"poll the config \"10s\"|undo the config \"1m\"|bell the config true|metadata the config [\"plan\"]|profile default none|reports default off in live mode, all in test mode|read_only default false"},
		{"HOME=/h", "--profile live --poll 4s", `key_file of profile "live" "/k"`,
			"profile --profile \"live\"|poll --poll \"4s\"|undo the config \"1m\"|bell profile \"live\" false|read_only profile \"live\" true|reads_per_month profile \"live\" 10000|max_items default 500"},
		{config.KeyVariable + "=" + aKey, "--profile live --key-file /other --read-only=false", "STRIPE_API_KEY", "key_file --key-file \"/other\"|read_only --read-only false"},
	} {
		got := run(t, []string{c.environ}, append([]string{"config", "show", "--config", file}, strings.Fields(c.args)...)...)
		lines := map[string]bool{}
		for line := range strings.Lines(got.stdout) {
			lines[strings.Join(strings.Fields(line), " ")] = true
		}
		for line := range strings.SplitSeq(c.lines+"|the key not read "+c.key, "|") {
			if !lines[line] {
				t.Errorf("%s %s: no line %q in\n%s", c.environ, c.args, line, got.stdout)
			}
		}
		if got.code != exitOK || got.stderr != "" || strings.Contains(got.stdout, aKey[8:]) || len(lines) != len(config.Names())+2 {
			t.Errorf("got %+v", got)
		}
	}
	var shown shownConfig
	got := run(t, nil, "config", "show", "--config", file, "--profile", "live", "--format", "json")
	if err := json.Unmarshal([]byte(got.stdout), &shown); err != nil || shown.Key != `key_file of profile "live" "/k"` || len(shown.Settings) != len(config.Names()) {
		t.Errorf("%v: %+v", err, got)
	}
	for _, s := range shown.Settings {
		if s.Name == "reads_per_month" && (s.Value != 10_000.0 || s.From != `profile "live"`) || (s.Value == nil) != (s.From == config.ByDefault) || s.Usual == "" {
			t.Errorf("got %+v", s)
		}
	}
}
