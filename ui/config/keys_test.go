package config

import (
	"slices"
	"strings"
	"testing"

	"idtop/keymap"
	"idtop/ui/fail"
)

// TestKeysOfTheConfig: a profile's keys count before those of all profiles, action by action.
func TestKeysOfTheConfig(t *testing.T) {
	const config = `
[keys]
search = ["F", "f5"]
export = []
up = "K"
[profiles.live.keys]
search = "ctrl+f"
quit = "ctrl+q"
[profiles.bare]
poll = "5s"
[profiles.inline]
keys = { export = "x" }
`
	for args, want := range map[string]string{
		"":                 "F f5||K|q ctrl+c",
		"--profile live":   "ctrl+f||K|ctrl+q ctrl+c",
		"--profile bare":   "F f5||K|q ctrl+c",
		"--profile inline": "F f5|x|K|q ctrl+c",
	} {
		o, err := configured(t, config, strings.Fields(args)...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, id := range []keymap.ID{keymap.Search, keymap.Export, keymap.Up, keymap.Quit} {
			got = append(got, strings.Join(o.Keys().Keys(id), " "))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
	if none := new(Options).Keys(); none.Label(keymap.Quit) != "q ctrl+c" {
		t.Error("without a config the keys are not the usual ones")
	}
}

func TestKeysThatAreWrong(t *testing.T) {
	const forms = `write a key as "x", several as ["x", "f5"], none as []`
	for name, c := range map[string]struct{ config, args, line, hint string }{
		"no table":       {"keys = \"x\"\n", "", `, line 1, column 1: keys of the config: "x" must be a table of actions and their keys`, `write [keys] and below it lines like search = "f5"`},
		"no key":         {"[keys]\nsearch = 5\n", "", `, line 2, column 1: keys of the config: "search": 5 is no key`, forms},
		"mixed":          {"[keys]\nsearch = [\"x\", 5]\n", "", `, line 2, column 1: keys of the config: "search": a list is no key`, forms},
		"a slip":         {"[keys]\nserach = \"x\"\n", "", `, line 2, column 1: keys of the config: "serach": there is no such action`, "did you mean search?"},
		"no action":      {"[keys]\nxyzzy = \"x\"\n", "", `, line 2, column 1: keys of the config: "xyzzy": there is no such action`, "KEYS.md lists the actions"},
		"a slip of keys": {"[keys]\nsearch = \"pgdwon\"\n", "", `, line 2, column 1: keys of the config: "search": "pgdwon": no terminal sends such a key`, "did you mean pgdown?"},
		"taken":          {"[keys]\nsearch = [\n  \"x\",\n  \"f\",\n]\n", "", `, line 4, column 3: keys of the config: "search": "f": follow has this key too, and both act in one place`, "give follow another key too, or none: follow = []"},
		"of a profile":   {"[profiles.a.keys]\nexport = \"x\"\n[keys]\nsearch = \"x\"\n", "", `, line 2, column 1: keys of profile "a": "export": "x": search has this key too, and both act in one place`, ""},
		"esc":            {"[profiles.a]\nkeys = { search = \"esc\" }\n", "", `, line 2, column 10: keys of profile "a": "search": "esc": it always leads out, in every program`, "choose another"},
		"no quit":        {"keys.quit = []\n", "", `, line 1, column 6: keys of the config: "quit": it can't be without a key`, "name a key, or leave the line out for q ctrl+c"},
		"several":        {"[keys]\nyes = \"enter\"\nup = \"zz\"\n", "", `, line 2, column 1: keys of the config: "yes": "enter": it is pressed by habit`, "choose a letter that is nothing else here; idtop config check shows this and 1 more"},
		"several slips":  {"[keys]\nserach = \"x\"\nup = \"zz\"\n", "", `, line 2, column 1: keys of the config: "serach": there is no such action`, "did you mean search? idtop config check shows this and 1 more"},
		"the last four":  {"[keys]\nsearch = \"sk_live_x\"\n", "", ", line 2, column 1: keys of the config: \"search\": \"sk_live_\\u2026\": no terminal sends such a key", ""},
	} {
		_, err := configured(t, c.config, strings.Fields(c.args)...)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		f := fail.Of(err)
		if _, after, _ := strings.Cut(f.Text, `config.toml"`); !strings.HasPrefix(after, c.line) || f.Way == "" || c.hint != "" && f.Way != c.hint {
			t.Errorf("%s: got %q, hint %q", name, f.Text, f.Way)
		}
	}
}

// A profile may free a key in the settings for all, and the other way round.
func TestKeysOfAllLayersTogether(t *testing.T) {
	o, err := configured(t, "[keys]\nfollow = []\n[profiles.a.keys]\nsearch = \"f\"\n", "--profile", "a")
	if id, _ := o.Keys().Resolve(keymap.List, "f"); err != nil || id != keymap.Search {
		t.Errorf("%s, %v", id, err)
	}
}

// checkKeys fails where a keymap breaks a promise to the operator.
func checkKeys(t *testing.T, m keymap.Map) {
	all := keymap.Actions()
	for _, key := range []string{"esc", "ctrl+c"} {
		for mode := keymap.List; mode <= keymap.InReveal; mode <<= 1 {
			is, _ := m.Resolve(mode, key)
			if was, _ := keymap.Default().Resolve(mode, key); is != was {
				t.Fatalf("mode %d: %s is %q, not %q", mode, key, is, was)
			}
		}
	}
	for _, id := range []keymap.ID{keymap.Quit, keymap.Back, keymap.Yes} {
		if len(m.Keys(id)) == 0 {
			t.Fatalf("%s has no key", id)
		}
	}
	habits := []string{"enter", "space", "up", "down", "left", "right", "pgup", "pgdown", "home", "end", "tab"}
	for _, id := range []keymap.ID{keymap.Up, keymap.Down, keymap.PageUp, keymap.PageDown, keymap.HalfUp, keymap.HalfDown, keymap.Top, keymap.Bottom} {
		habits = append(habits, m.Keys(id)...)
	}
	opening := map[keymap.ID][]keymap.ID{
		keymap.Yes:      {keymap.Cancel, keymap.Redact, keymap.ViewDelete},
		keymap.JobClose: {keymap.Jobs},
		keymap.GiveUp:   {keymap.Palette, keymap.Run},
	}
	for id, by := range opening {
		never := slices.Clone(habits)
		for _, opener := range by {
			never = append(never, m.Keys(opener)...)
		}
		for _, key := range m.Keys(id) {
			if slices.Contains(never, key) {
				t.Fatalf("%s confirms %s", key, id)
			}
		}
	}
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Modes&b.Modes == 0 && !meetOnPage(a.Modes, b.Modes) {
				continue
			}
			for _, key := range m.Keys(a.ID) {
				if slices.Contains(m.Keys(b.ID), key) {
					t.Fatalf("%s is %s and %s in one place", key, a.ID, b.ID)
				}
			}
		}
		for _, key := range m.Keys(a.ID) {
			if keymap.Canonical(key) != key && key != "shift+x" {
				t.Fatalf("%s has %q, whose name is %q", a.ID, key, keymap.Canonical(key))
			}
		}
	}
}

// meetOnPage tells whether one action is of all pages and the other of one of them.
func meetOnPage(a, b keymap.Mode) bool {
	const pages = keymap.Pages | keymap.HelpMode
	return a&keymap.Overlay != 0 && b&pages != 0 || b&keymap.Overlay != 0 && a&pages != 0
}

// FuzzKeys: of any config either no key is bound, with a place and a next step for each
// mistake, or the keys keep all promises.
func FuzzKeys(f *testing.F) {
	for _, text := range []string{
		"[keys]\nsearch = \"F\"\n", "[keys]\nup = [\"K\", \"↑\"]\nquit = \"ctrl+q\"\n", "[keys]\nyes = \"Y\"\nback = \"b\"\n",
		"[profiles.a.keys]\nexport = []\n", "keys.down = \"shift+ω\"\n", "[keys]\njob-close = \"alt+x\"\ngive-up = \"f9\"\nalike = \"a\"\n",
		"[keys]\nrecall = \"esc\"\n", "[keys]\ntab-1 = \"ctrl+i\"\n", "profile = \"a\"\n[profiles]\na = { keys = { redact = \"x\" } }\n",
		"[keys]\ncancel = \"r\"\nredact = \"c\"\n", "[keys]\n\"+\" = \"+\"\nfollow = \"ctrl++\"\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, found := checkedDocument(&Process{}, "c", []byte(text))
		for _, m := range found {
			if m.Text == "" || m.Way == "" {
				t.Fatalf("%q: %+v", text, m)
			}
		}
		if found != nil {
			return
		}
		for _, name := range append(d.profiles(), "") {
			layers := []layer{d.top()}
			if name != "" {
				l, _ := d.profile(name)
				layers = []layer{l, d.top()}
			}
			var o Options
			o.take(&Process{}, d, map[string]bool{}, layers...)
			checkKeys(t, o.Keys())
		}
	})
}
