package config

import (
	"strings"
	"testing"
)

// FuzzConfig: of any text either every mistake has its place in the text, its words and
// a next step, and repeats no key, or all profiles can be used and shown.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		aConfig, "", "poll = 5\n", "poll = \"1ns\"\nreports = \"most\"\n", "polll = \"5s\"\n", "[profiles]\na = 1\n", "[profiles.a]\nprofile = \"b\"\n", "profile = \"c\"\n",
		"key = \"" + aKey + "\"\n", "api_key = \"sk_live_\"\n# whsec_0123456789ab\n", "views = [{ name = \"a\", query = \"state:failed\" }]\n",
		"[[views]]\nname = \"\u202e\"\nquery = \"(\"\n[[views]]\n", "metadata = [\"a\", \"a\", \"user_id\"]\n", "ticket = \"(\"\n", "ticket = \".*\"\n",
		"key_command = [\"\"]\n", "key_file = \"~\"\n", "undo = \"11m\"\n[keys]\nquit = []\n", "a.b.c = 1\na.b.d = [[1, {x = 2}]]\n", "\x00", "\xff = 1\n", "poll = '''\n5s'''\n", "a = 1\na = 2\n",
		strings.Repeat("[profiles.a", 50), strings.Repeat("a = [", 100), "reads_per_month = 9223372036854775808\n", "\"\" = \"\"\n", "mouse = 1979-05-27T07:32:00Z\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, found := checkedDocument(&Process{}, "c", []byte(text))
		lines := strings.Split(text, "\n")
		for _, m := range found {
			if m.Text == "" || m.Way == "" || m.Line < 0 || m.Column < 0 || m.Line > len(lines) {
				t.Fatalf("%q: %+v", text, m)
			}
			if key := wholeKey.FindString(m.Text + m.Way); key != "" {
				t.Fatalf("%q: the message repeats %s", text, key)
			}
		}
		if found != nil {
			return
		}
		for _, name := range append(d.profiles(), "") {
			layers := []layer{d.top()}
			if l, ok := d.profile(name); ok {
				layers = []layer{l, d.top()}
			}
			o := Options{Poll: ShortestPoll}
			if more := o.take(&Process{}, d, map[string]bool{}, layers...); more != nil || o.Poll < ShortestPoll || o.Poll > LongestPoll {
				t.Fatalf("%q, profile %q: %v, poll %s", text, name, more, o.Poll)
			}
			o.Show()
		}
	})
}
