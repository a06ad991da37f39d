package keymap

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func bound(t *testing.T, id string, keys ...string) Map {
	t.Helper()
	m, wrong := Bind([]Binding{{id, keys}})
	if wrong != nil {
		t.Fatalf("%s = %q: %v", id, keys, wrong)
	}
	return m
}

func TestBind(t *testing.T) {
	for _, c := range []struct {
		id   string
		keys []string
		want string // the names of its keys
	}{
		{"search", []string{"F"}, "F"},
		{"search", []string{"ctrl+F", "f5"}, "ctrl+f f5"},
		{"search", []string{}, ""},
		{"up", []string{"K", "↑"}, "K up"},
		{"down", []string{"shift+w", "pgdn"}, ""}, // taken by others, see the problems
		{"page-down", []string{"PageDown", "x"}, "pgdown x"},
		{"back", []string{"b"}, "b esc"},
		{"back", []string{"esc", "b"}, "esc b"},
		{"quit", []string{"ctrl+q"}, "ctrl+q ctrl+c"},
		{"back-out", nil, "esc ctrl+c"},
		{"clear-search", []string{}, "esc"},
		{"jobs", []string{"alt+J"}, "alt+shift+j"},
		{"jobs", []string{"shift+alt+ctrl+k"}, "ctrl+alt+shift+k"},
		{"jobs", []string{"+"}, "+"},
		{"jobs", []string{"ctrl++"}, "ctrl++"},
		{"jobs", []string{"ж", "shift+ω", "é"}, "ж Ω é"},
		{"next-choice", []string{"x"}, "x"},
		{"yes", []string{"Y"}, "Y"},
		{"yes", []string{"f9"}, "f9"},
		{"mark", []string{"Spacebar"}, "space"},
	} {
		m, err := Bind([]Binding{{c.id, c.keys}})
		if c.want == "" && len(c.keys) > 0 {
			if err == nil {
				t.Errorf("%s = %q is bound", c.id, c.keys)
			}
			continue
		}
		if got := strings.Join(m.Keys(ID(c.id)), " "); err != nil || got != c.want {
			t.Errorf("%s = %q: %q, %v; want %q", c.id, c.keys, got, err, c.want)
		}
	}
}

// A key of an action acts in each mode of the action, and the old one does not.
func TestBoundKeysAct(t *testing.T) {
	for _, a := range Actions() {
		m := bound(t, string(a.ID), "ctrl+alt+f9")
		for mode := List; mode < modes; mode <<= 1 {
			if id, _ := m.Resolve(mode, "ctrl+alt+f9"); (id == a.ID) != (a.Modes&mode != 0) {
				t.Errorf("mode %d: the new key of %s is %q", mode, a.ID, id)
			}
			for _, k := range a.Keys {
				if id, _ := m.Resolve(mode, k); id == a.ID && !slices.Contains(fixed, k) {
					t.Errorf("mode %d: %s still acts for %s", mode, k, a.ID)
				}
			}
		}
	}
}

func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		bindings []Binding
		binding  int
		key      int
		text     string
		hint     string
	}{
		"unknown action":  {[]Binding{{"serach", []string{"x"}}}, 0, -1, "there is no such action", ""},
		"no quit":         {[]Binding{{"quit", nil}}, 0, -1, "it can't be without a key", "name a key, or leave the line out for q ctrl+c"},
		"no back":         {[]Binding{{"back", nil}}, 0, -1, "it can't be without a key", ""},
		"no yes":          {[]Binding{{"yes", nil}}, 0, -1, "it can't be without a key", ""},
		"esc":             {[]Binding{{"search", []string{"x", "esc"}}}, 0, 1, "it always leads out, in every program", "choose another"},
		"esc by name":     {[]Binding{{"search", []string{"Escape"}}}, 0, 0, "it always leads out, in every program", ""},
		"ctrl+c":          {[]Binding{{"cancel", []string{"ctrl+C"}}}, 0, 0, "it always leads out, in every program", ""},
		"ctrl+c of back":  {[]Binding{{"back", []string{"ctrl+c"}}}, 0, 0, "it always leads out, in every program", ""},
		"empty":           {[]Binding{{"search", []string{""}}}, 0, 0, "it is empty", "leave it out, or write [] for no key"},
		"no key":          {[]Binding{{"search", []string{"capslock"}}}, 0, 0, "no terminal sends such a key", ""},
		"a word":          {[]Binding{{"search", []string{"gg"}}}, 0, 0, "no terminal sends such a key", ""},
		"shifted sign":    {[]Binding{{"search", []string{"shift+1"}}}, 0, 0, "with shift another sign comes", "write that sign itself"},
		"control":         {[]Binding{{"search", []string{"\x1b"}}}, 0, 0, "it is no letter or sign of its own", ""},
		"a mark":          {[]Binding{{"search", []string{"\u0301"}}}, 0, 0, "it is no letter or sign of its own", ""},
		"no utf-8":        {[]Binding{{"search", []string{"\xff"}}}, 0, 0, "no terminal sends such a key", ""},
		"ctrl+i":          {[]Binding{{"search", []string{"ctrl+i"}}}, 0, 0, "most terminals send tab for it", "choose another"},
		"ctrl+[":          {[]Binding{{"search", []string{"ctrl+["}}}, 0, 0, "most terminals send esc for it", ""},
		"twice":           {[]Binding{{"search", []string{"x", "x"}}}, 0, 1, "it is named twice", "name it once"},
		"twice, in words": {[]Binding{{"search", []string{"shift+x", "X"}}}, 0, 1, "it is named twice", ""},

		"taken":         {[]Binding{{"search", []string{"x", "f"}}}, 0, 1, "follow has this key too, and both act in one place", "give follow another key too, or none: follow = []"},
		"taken by quit": {[]Binding{{"search", []string{"q"}}}, 0, 0, "quit has this key too, and both act in one place", "give quit another key too"},
		"taken, later":  {[]Binding{{"search", []string{"x"}}, {"export", []string{"x"}}}, 1, 0, "search has this key too, and both act in one place", ""},
		"on a page":     {[]Binding{{"window", []string{"J"}}}, 0, 0, "jobs has this key too, and both act in one place", ""},
		"of the redraw": {[]Binding{{"redraw", []string{"tab"}}}, 0, 0, "other-pane has this key too, and both act in one place", ""},
		"of privacy":    {[]Binding{{"privacy", []string{"f5"}}, {"reuse", []string{"f5"}}}, 1, 0, "privacy has this key too, and both act in one place", ""},

		"enter confirms":   {[]Binding{{"yes", []string{"enter"}}}, 0, 0, "it is pressed by habit, and this would carry something out", ""},
		"space gives up":   {[]Binding{{"job-close", []string{"space"}}}, 0, 0, "it is pressed by habit, and this would carry something out", ""},
		"a page gives up":  {[]Binding{{"give-up", []string{"pgdown"}}}, 0, 0, "it is pressed by habit, and this would carry something out", ""},
		"tab confirms":     {[]Binding{{"yes", []string{"tab"}}}, 0, 0, "it is pressed by habit, and this would carry something out", ""},
		"j confirms":       {[]Binding{{"yes", []string{"j"}}}, 0, 0, "down has this key, and one of the two moves while the other carries something out", "choose another"},
		"y moves":          {[]Binding{{"copy-session", nil}, {"down", []string{"y"}}}, 1, 0, "yes has this key", ""},
		"c confirms":       {[]Binding{{"yes", []string{"c"}}}, 0, 0, "cancel has this key, and one of the two leads to the other: a key pressed twice would carry something out", ""},
		"y asks":           {[]Binding{{"copy-session", nil}, {"help-copy", nil}, {"redact", []string{"y"}}}, 2, 0, "yes has this key, and one of the two leads to the other", ""},
		"d deletes":        {[]Binding{{"yes", []string{"d"}}}, 0, 0, "view-delete has this key, and one of the two leads to the other", ""},
		"J closes":         {[]Binding{{"job-close", []string{"J"}}}, 0, 0, "jobs has this key", ""},
		"n confirms":       {[]Binding{{"yes", []string{"n"}}}, 0, 0, "no has this key too, and both act in one place", ""},
		"of a phrase":      {[]Binding{{"alike", []string{"R"}}}, 0, 0, "it is a letter of what is typed there to confirm", ""},
		"of a word":        {[]Binding{{"give-up", []string{"w"}}}, 0, 0, "it is a letter of what is typed there to confirm", ""},
		"text":             {[]Binding{{"next-field", []string{"x"}}}, 0, 0, "it is text where this acts: in a field", `choose a key that writes nothing, such as "f5" or "ctrl+x"`},
		"text of a search": {[]Binding{{"keep-search", []string{"space"}}}, 0, 0, "it is text where this acts: in a field", ""},
		"erases":           {[]Binding{{"up", []string{"backspace"}}}, 0, 0, "it edits the text of a field where this acts", ""},
	} {
		m, err := Bind(c.bindings)
		if len(err) == 0 {
			t.Errorf("%s: %+v", name, err)
			continue
		}
		p := err[0]
		if p.Binding != c.binding || p.Key != c.key || !strings.HasPrefix(p.Text, c.text) || p.Hint == "" || c.hint != "" && p.Hint != c.hint {
			t.Errorf("%s: %+v", name, p)
		}
		if _, ok := m.Resolve(List, "q"); ok {
			t.Errorf("%s: something is bound", name)
		}
	}
}

// The registry keeps the rules that it has for operators.
func TestDefaultsKeepTheRules(t *testing.T) {
	if _, err := Bind(nil); err != nil {
		t.Error(err)
	}
	for _, a := range Actions() {
		for _, k := range a.Keys {
			if _, p := a.takes(k); p != nil {
				t.Errorf("%s can't have %s: %s", a.ID, k, p.Text)
			}
		}
	}
}

// Texts name the operator's keys, in help texts too.
func TestTexts(t *testing.T) {
	if got := bound(t, "recall", "f9").Text("{recall} recalls it, {nothing} { does"); got != "f9 recalls it, {nothing} { does" {
		t.Errorf("%q", got)
	}
	if got := bound(t, "recall").Text("{recall} recalls it"); got != ":recall recalls it" {
		t.Errorf("%q", got)
	}
	if got := bound(t, "down").Text("press {down}"); got != "press no key" {
		t.Errorf("%q", got)
	}
	m, err := Bind([]Binding{{"palette", []string{"ctrl+k"}}, {"recall", nil}})
	if got := m.Text("{recall}"); err != nil || got != "ctrl+k recall" {
		t.Errorf("%q %v", got, err)
	}
	named := regexp.MustCompile(`\{([^}]*)\}`)
	for _, a := range Actions() {
		for _, n := range named.FindAllStringSubmatch(a.Help+a.Title, -1) {
			if _, ok := Lookup(ID(n[1])); !ok && !strings.HasPrefix(n[1], ":") {
				t.Errorf("%s: %s is no action", a.ID, n[0])
			}
		}
	}
}
