package config

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/views"
	"idtop/ui/fail"
)

const aKey = "rk_test_51Nabcdefghijklmnop"

// configured is what the options are with a config and arguments.
func configured(t *testing.T, config string, args ...string) (Options, error) {
	t.Helper()
	home := t.TempDir()
	name := filepath.Join(home, "idtop", "config.toml")
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Poll: 3 * time.Second}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.Flags(flags)
	flags.Var(Span{&o.Poll, ShortestPoll, LongestPoll}, "poll", "")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	err := o.Complete(&Process{Environ: []string{"XDG_CONFIG_HOME=" + home, "HOME=/home/ann"}}, flags)
	o.LedgerHead = strings.ReplaceAll(o.LedgerHead, home, "$")
	o.KeyFile, o.DataDir = strings.ReplaceAll(o.KeyFile, home, "$"), strings.ReplaceAll(o.DataDir, home, "$")
	return o, err
}

const aConfig = `
profile = "test"
poll = "10s"
reads_per_month = 10_000
rise_least = 20
bell = true
key_file = "~/key"
ledger_head = "heads.log"
undo = "1m"

[profiles.test]
rise_times = 5
bell = false

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
		want Options
	}{
		"its profile": {"", Options{Profile: "test", Poll: 10 * time.Second, Reads: 10_000, KeyFile: "/home/ann/key", keySource: "key_file of the config",
			Rule: insights.Rule{Least: 20, Times: 5}, Undo: time.Minute, LedgerHead: "$/idtop/heads.log"}},
		"another profile": {"--profile live", Options{Profile: "live", Rule: insights.Rule{Least: 20}, Bell: true, Poll: time.Minute, ReadOnly: true, DataDir: "$/idtop/live",
			keyCommand: []string{"op", "read", "op://ops/stripe/key"}, keySource: `key_command of profile "live"`, MaxItems: 20, ReasonRequired: true, LedgerHead: "syslog"}},
		"flags win": {"--profile live --poll 2s --key-file k --data-dir d --read-only=false", Options{Profile: "live", Rule: insights.Rule{Least: 20}, Bell: true, Poll: 2 * time.Second,
			DataDir: "d", KeyFile: "k", keySource: "--key-file", MaxItems: 20, ReasonRequired: true, LedgerHead: "syslog"}},
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

func sameOptions(a, b Options) bool {
	same := strings.Join(a.keyCommand, "\x00") == strings.Join(b.keyCommand, "\x00")
	a.keyCommand, b.keyCommand = nil, nil
	return same && a.Profile == b.Profile && a.Poll == b.Poll && a.Reads == b.Reads && a.ReadOnly == b.ReadOnly &&
		a.KeyFile == b.KeyFile && a.keySource == b.keySource && a.DataDir == b.DataDir && a.APIBase == b.APIBase &&
		a.Undo == b.Undo && a.MaxItems == b.MaxItems && a.ReasonRequired == b.ReasonRequired && a.Rule == b.Rule && a.Bell == b.Bell && a.LedgerHead == b.LedgerHead
}

func TestConfigThatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		config, args string
		line, hint   string // after the name of the file
	}{
		"unknown key":            {"poll = \"5s\"\ninterval = 3\n", "", `, line 2, column 1: "interval" is not known`, "known are " + Keys},
		"unknown in profile":     {"[profiles.a]\nkey = \"rk_test_1\"\n", "", `, line 2, column 1: "profiles.a.key" is not known`, "known are " + Keys},
		"syntax":                 {"poll = \n", "", `, line 1, column 8: `, ""},
		"type":                   {"poll = 5\n", "", `, line 1, column 8: `, ""},
		"poll":                   {"poll = \"1ms\"\n", "", `: poll of the config: "1ms" must be a time from 1s to 1h, such as 5s or 2m`, `write it like "5s"`},
		"reads":                  {"[profiles.a]\nreads_per_month = -1\n", "--profile a", `: reads_per_month of profile "a": -1 is not from 0 to 1,000,000,000`, "leave it out for no limit"},
		"base":                   {"api_base = \"http://x.test\"\n", "", `: api_base of the config: the API base "http://x.test" would send`, ""},
		"two keys":               {"key_file = \"a\"\nkey_command = [\"b\"]\n", "", ": key_file of the config: there is a key_command too", "leave one of them out"},
		"reports":                {"reports = \"some\"\n", "", `: reports of the config: "some" is none of the choices`, `write "off", "recent" or "all"`},
		"rise":                   {"rise_least = 0\n", "", `: rise_least of the config: 0 is not from 1 to 1,000,000`, "leave it out for the usual rule"},
		"rise, times":            {"[profiles.a]\nrise_times = -3\n", "--profile a", `: rise_times of profile "a": -3 is not from 1 to 1,000,000`, "leave it out for the usual rule"},
		"a view of a person":     {"[[views]]\nname = \"Ann\"\nquery = \"user:ann_8392\"\n", "", `: views of the config: "Ann": it names a person; take the name out first`, `write it like name = "Polish cards" and query = "state:failed country:PL"`},
		"a view with bare words": {"[[profiles.a.views]]\nname = \"Ann\"\nquery = \"ann\"\n", "--profile a", `: views of profile "a": "Ann": it names a person; take the name out first`, `write it like name = "Polish cards" and query = "state:failed country:PL"`},
		"a view that is none":    {"[[views]]\nname = \"Odd\"\nquery = \"state:nowhere\"\n", "", `: views of the config: "Odd": the query has an error: `, `write it like name = "Polish cards" and query = "state:failed country:PL"`},
		"a view's sort":          {"[[views]]\nname = \"Odd\"\nquery = \"state:failed\"\nsort = \"size\"\n", "", `: views of the config: "Odd": its sort is unknown`, `write it like name = "Polish cards" and query = "state:failed country:PL"`},
		"a view without name":    {"[[views]]\nquery = \"state:failed\"\n", "", `: views of the config: "": a view needs a name`, `write it like name = "Polish cards" and query = "state:failed country:PL"`},
		"two of a name":          {"[[views]]\nname = \"A\"\nquery = \"stuck:yes\"\n[[profiles.a.views]]\nname = \"a\"\nquery = \"stuck:no\"\n", "--profile a", `: views of the config: "A": another view has this name`, `write it like name = "Polish cards" and query = "state:failed country:PL"`},
		"a view's unknown":       {"[[views]]\nname = \"A\"\ncolour = 3\n", "", `, line 3, column 1: "views.colour" is not known`, "known are " + Keys},
		"undo":                   {"undo = \"11m\"\n", "", `: undo of the config: "11m" is not from 0s to 10m`, `write it like "5s"; "0s" turns it off`},
		"undo of no form":        {"undo = \"soon\"\n", "", `: undo of the config: "soon" is not from 0s to 10m`, `write it like "5s"; "0s" turns it off`},
		"items":                  {"[profiles.a]\nmax_items = 0\n", "--profile a", `: max_items of profile "a": 0 is not from 1 to 10,000`, "leave it out for the usual 500"},
		"too many items":         {"max_items = 10_001\n", "", `: max_items of the config: 10001 is not from 1 to 10,000`, "leave it out for the usual 500"},
		"reason":                 {"reason_required = \"yes\"\n", "", `, line 1, column 19: `, ""},
		"no command":             {"key_command = []\n", "", ": key_command of the config: it names no program", ""},
		"no such profile":        {"[profiles.b]\n[profiles.a]\n", "--profile c", `: there is no profile "c"`, "there are a, b"},
		"no profiles at all":     {"", "--profile c", `: there is no profile "c"`, "add [profiles.NAME] to the config"},
		"default is not here":    {"profile = \"x\"\n", "", `: there is no profile "x"`, "add [profiles.NAME] to the config"},
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

// Without a word of the config what was confirmed can be recalled for a while.
func TestUsualUndo(t *testing.T) {
	for config, want := range map[string]time.Duration{"": UsualUndo, "undo = \"0s\"\n": 0, "undo = \"1m30s\"\n": 90 * time.Second} {
		if o, err := configured(t, config); err != nil || o.Undo != want {
			t.Errorf("%q: %s, %v", config, o.Undo, err)
		}
	}
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
			key, err := ReadKey(t.Context(), p, Options{keyCommand: c.command, keySource: "key_command"})
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

func TestKeysAreAllOfTheSettings(t *testing.T) {
	if fields := reflect.TypeFor[settings]().NumField() + 1; strings.Count(Keys, ",") != fields { // and profile
		t.Errorf("%q, and there are %d", Keys, fields)
	}
}

// TestReportsAreOffInLiveMode until the config wants them; a profile may have its own choice.
func TestReportsAreOffInLiveMode(t *testing.T) {
	for config, want := range map[string][2]mirror.Kept{ // in test and in live mode
		"":                       {mirror.KeptAll, mirror.KeptOff},
		"reports = \"off\"\n":    {mirror.KeptOff, mirror.KeptOff},
		"reports = \"recent\"\n": {mirror.KeptRecent, mirror.KeptRecent},
		"reports = \"off\"\nprofile = \"a\"\n[profiles.a]\nreports = \"all\"\n": {mirror.KeptAll, mirror.KeptAll},
	} {
		o, err := configured(t, config)
		if got := [2]mirror.Kept{o.KeptReports(false), o.KeptReports(true)}; err != nil || got != want {
			t.Errorf("%q: %v, want %v, %v", config, got, want, err)
		}
	}
}

// TestViewsOfTheConfig: those of the profile come first, then those of all profiles.
func TestViewsOfTheConfig(t *testing.T) {
	got, err := configured(t, `
[[views]]
name = "Selfies"
query = "state:failed reason:selfie_*"
sort = "since"

[profiles.live]
poll = "1m"

[[profiles.live.views]]
name = "Polish cards"
query = "state:failed doc:id_card country:PL"
columns = ["user", "reason"]
reverse = true

[[profiles.other.views]]
name = "Other"
query = "stuck:yes"
`, "--profile", "live")
	want := []views.View{
		{Name: "Polish cards", Query: "state:failed doc:id_card country:PL", Order: mirror.Order{Reverse: true}, Columns: []string{"user", "reason"}},
		{Name: "Selfies", Query: "state:failed reason:selfie_*", Order: mirror.Order{Column: mirror.BySince}},
	}
	if err != nil || !reflect.DeepEqual(got.Views, want) {
		t.Errorf("%+v %v, want %+v", got.Views, err, want)
	}
}
