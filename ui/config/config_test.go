package config

import (
	"bytes"
	"fmt"
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
mouse = true
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
			Rule: insights.Rule{Least: 20, Times: 5}, Mouse: true, Undo: time.Minute, LedgerHead: "$/idtop/heads.log"}},
		"another profile": {"--profile live", Options{Profile: "live", Rule: insights.Rule{Least: 20}, Bell: true, Mouse: true, Poll: time.Minute, ReadOnly: true, DataDir: "$/idtop/live",
			keyCommand: []string{"op", "read", "op://ops/stripe/key"}, keySource: `key_command of profile "live"`, MaxItems: 20, ReasonRequired: true, LedgerHead: "syslog"}},
		"flags win": {"--profile live --poll 2s --key-file k --data-dir d --read-only=false", Options{Profile: "live", Rule: insights.Rule{Least: 20}, Bell: true, Mouse: true, Poll: 2 * time.Second,
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
	const aView = `write it like name = "Polish cards" and query = "state:failed country:PL"`
	for name, c := range map[string]struct {
		config, args string
		line, hint   string // after the name of the file
	}{
		"unknown key":             {"poll = \"5s\"\ninterval = 3\n", "", `, line 2, column 1: "interval" is not known`, knownNames()},
		"a slip":                  {"[profiles.a]\nread_per_month = 3\n", "", `, line 2, column 1: "profiles.a.read_per_month" is not known`, "did you mean reads_per_month?"},
		"half a name":             {"  ledger = \"x\"\n", "", `, line 1, column 3: "ledger" is not known`, "did you mean ledger_head?"},
		"profile":                 {"[profile.a]\n", "", `, line 1, column 2: profile of the config: a table must be a text`, "text stands in quotes"},
		"a profile that is none":  {"[profiles]\na = 3\n", "", `, line 2, column 1: profile "a" must be a table`, "write [profiles.NAME] and its settings below it"},
		"profile without name":    {"[profiles.\"\"]\nmode = \"test\"\n", "", `, line 1, column 11: a profile needs a name`, "write [profiles.NAME]"},
		"after a byte order mark": {"\uFEFFpoll = 5\n", "", `, line 1, column 1: poll of the config: 5 must be`, ""},
		"deeper than any":         {strings.Repeat("a.", 50_000) + "a = 1\n", "", `, line 1, column 1: "a" is not known`, ""},
		"profiles that are none":  {"profiles = 3\n", "", `, line 1, column 1: profiles must be tables`, "write [profiles.NAME] and its settings below it"},
		"profile in profile":      {"[profiles.a]\nprofile = \"a\"\n", "", `, line 2, column 1: profile is for the top of the config only`, "write it above all tables"},
		"syntax":                  {"poll = \n", "", `, line 1, column 8: `, ""},
		"type":                    {"poll = 5\n", "", `, line 1, column 1: poll of the config: 5 must be a time from 1s to 1h`, `write it like "5s" or "2m"`},
		"poll":                    {"poll = \"1ms\"\n", "", `, line 1, column 1: poll of the config: "1ms" must be a time from 1s to 1h`, `write it like "5s" or "2m"`},
		"reads":                   {"[profiles.a]\nreads_per_month = -1\n", "", `, line 2, column 1: reads_per_month of profile "a": -1 must be a whole number from 0 to 1,000,000,000`, "leave it out for no limit"},
		"base":                    {"api_base = \"http://x.test\"\n", "", `, line 1, column 1: api_base of the config: the API base "http://x.test" would send`, ""},
		"two keys":                {"key_file = \"a\"\nkey_command = [\"b\"]\n", "", ", line 2, column 1: key_command of the config: there is a key_file too", "leave one of them out"},
		"reports":                 {"reports = \"some\"\n", "", `, line 1, column 1: reports of the config: "some" must be "off", "recent" or "all"`, `write "off", "recent" or "all"`},
		"theme":                   {"theme = \"contrst\"\n", "", `, line 1, column 1: theme of the config: "contrst" must be "auto", "dark", `, `did you mean contrast?`},
		"theme of a profile":      {"[profiles.a]\ntheme = \"none\"\n", "a", `, line 2, column 1: theme of profile "a": "none" must be "auto", "dark", `, ""},
		"mode":                    {"mode = \"alive\"\n", "", `, line 1, column 1: mode of the config: "alive" must be "live" or "test"`, `did you mean live?`},
		"account":                 {"account = \"../../etc\"\n", "", `, line 1, column 1: account of the config: "../../etc" must be an account's id`, ""},
		"metadata":                {"metadata = [\"plan\", 3]\n", "", `, line 1, column 1: metadata of the config: a list must be a list of texts`, ""},
		"rise":                    {"rise_least = 0\n", "", `, line 1, column 1: rise_least of the config: 0 must be a whole number from 1 to 1,000,000`, "leave it out for the usual rule"},
		"rise, times":             {"[profiles.a]\nrise_times = -3\n", "--profile a", `, line 2, column 1: rise_times of profile "a": -3 must be a whole number from 1 to 1,000,000`, "leave it out for the usual rule"},
		"a view of a person":      {"[[views]]\nname = \"Ann\"\nquery = \"user:ann_8392\"\n", "", `, line 1, column 3: views of the config: "Ann": it names a person; take the name out first`, aView},
		"a view with bare words":  {"[[profiles.a.views]]\nname = \"Ann\"\nquery = \"ann\"\n", "", `, line 1, column 14: views of profile "a": "Ann": it names a person; take the name out first`, aView},
		"a view that is none":     {"[[views]]\nname = \"Odd\"\nquery = \"state:nowhere\"\n", "", `, line 1, column 3: views of the config: "Odd": the query has an error: `, aView},
		"a view's sort":           {"[[views]]\nname = \"Odd\"\nquery = \"state:failed\"\nsort = \"size\"\n", "", `, line 1, column 3: views of the config: "Odd": its sort is unknown`, aView},
		"a view without name":     {"[[views]]\nquery = \"state:failed\"\n", "", `, line 1, column 3: views of the config: "": a view needs a name`, aView},
		"two of a name":           {"[[views]]\nname = \"A\"\nquery = \"stuck:yes\"\n[[profiles.a.views]]\nname = \"a\"\nquery = \"stuck:no\"\n", "", `, line 1, column 3: views of the config: "A": another view has this name`, aView},
		"a view's unknown":        {"[[views]]\nname = \"A\"\nquery = \"stuck:yes\"\n[[views]]\nname = \"B\"\ncolour = 3\n", "", `, line 6, column 1: views of the config: "colour" is not known`, "a view has name, query, sort, reverse and columns"},
		"a view's form":           {"views = [{ name = \"A\",\n query = 3 }]\n", "", `, line 2, column 2: views of the config: query: 3 must be a text`, aView},
		"undo":                    {"undo = \"11m\"\n", "", `, line 1, column 1: undo of the config: "11m" must be a time from 0s to 10m`, `write it like "5s"; "0s" turns it off`},
		"undo of no form":         {"undo = \"soon\"\n", "", `, line 1, column 1: undo of the config: "soon" must be a time from 0s to 10m`, `write it like "5s"; "0s" turns it off`},
		"items":                   {"[profiles.a]\nmax_items = 0\n", "", `, line 2, column 1: max_items of profile "a": 0 must be a whole number from 1 to 10,000`, "leave it out for the usual 500"},
		"too many items":          {"max_items = 10_001\n", "", `, line 1, column 1: max_items of the config: 10001 must be a whole number from 1 to 10,000`, "leave it out for the usual 500"},
		"reason":                  {"reason_required = \"yes\"\n", "", `, line 1, column 1: reason_required of the config: "yes" must be true or false`, "write true or false, without quotes"},
		"ticket":                  {"ticket = '('\n", "", `, line 1, column 1: ticket of the config: "(" must be a regular expression`, `write it like 'DSR-\d+'`},
		"ticket of nothing":       {"ticket = 'x*'\n", "", `, line 1, column 1: ticket of the config: "x*" matches a text without anything`, `write it like 'DSR-\d+'`},
		"no command":              {"key_command = []\n", "", ", line 1, column 1: key_command of the config: a list must be a program and its arguments", ""},
		"several":                 {"bell = 3\nundo = 3\npoll = 3\n", "", `, line 1, column 1: bell of the config: 3 must be true or false`, "write true or false, without quotes; idtop config check shows this and 2 more"},
		"no such profile":         {"[profiles.b]\n[profiles.a]\n", "--profile c", `: there is no profile "c"`, "there are a, b"},
		"no profiles at all":      {"", "--profile c", `: there is no profile "c"`, "add [profiles.NAME] to the config"},
		"default is not here":     {"profile = \"x\"\n", "", `, line 1, column 1: there is no profile "x"`, "add [profiles.NAME] to the config"},
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

// mistakes are those of a config.
func mistakes(text string) []Mistake {
	_, found := checkedDocument(&Process{}, "config.toml", []byte(text))
	return found
}

// A key in the wrong place is repeated by no message, whatever is wrong around it.
func TestKeyInTheConfig(t *testing.T) {
	const secret = "51NabcdefGHIJKLMNOPqrst"
	for _, key := range []string{"sk_live_" + secret, "rk_live_" + secret, "sk_test_" + secret, "rk_test_" + secret, "whsec_" + secret, "sk_live_short"} {
		for _, text := range []string{
			"key = \"%s\"\n", "api_key = '%s'\n", "STRIPE_API_KEY = \"%s\"\n", "secret = \"%s\"\n", "poll = \"%s\"\n", "poll = %s\n", "key = \"%s\n", "%s = 3\n", "%s\n",
			"[profiles.live]\nstripe-key = \"%s\"\n", "[profiles.%s]\n", "profile = \"%s\"\n", "key_file = \"%s\"\nkey = 3\n", "# %s\npoll = 3\n", "key = \"\"\"\n%s\"\"\"\n",
			"mode = \"%s\"\n", "account = \"%s\"\n", "ticket = \"%s(\"\n", "metadata = \"%s\"\n", "api_base = \"https://%s@x.test\"\n", "[[views]]\nname = \"%s\"\n", "a.b = \"%[1]s\"\na.b = \"%[1]s\"\n",
			"key_command = [\"~/%s\", 3]\n", "reports = \"%s\"\n", "undo = '%s'\n", "key = { %s }\n", "keys = [ \"%s\" \n", "data_dir = 5%s\n",
		} {
			found := mistakes(fmt.Sprintf(text, key))
			if len(found) == 0 {
				if strings.HasSuffix(key, secret) {
					t.Errorf("%q is taken", text)
				}
				continue
			}
			f := first("config.toml", found)
			if said := f.Text + f.Way; strings.Contains(said, secret[:4]) || strings.Contains(said, "short") {
				t.Errorf("%q: the error repeats the key: %s", text, said)
			}
			if strings.HasSuffix(key, secret) && f.Way != keyPlaces && !strings.HasPrefix(f.Way, keyPlaces+"; idtop config check") {
				t.Errorf("%q: %q does not say where a key belongs", text, f.Way)
			}
		}
	}
	for _, name := range []string{"key", "api_key", "apiKey", "STRIPE_API_KEY", "secret", "secret_key", "stripe-key", "token"} {
		found := mistakes("[profiles.a]\n" + name + " = \"hunter2\"\n")
		if f := first("config.toml", found); !strings.HasSuffix(f.Text, `line 2, column 1: "`+name+`" is not known`) || f.Way != keyPlaces {
			t.Errorf("%s: %v", name, found)
		}
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
