package model

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/keymap"
)

// keysOf are the usual keys with some of an operator's.
func keysOf(t *testing.T, of map[keymap.ID][]string) func(*Config) {
	t.Helper()
	var bindings []keymap.Binding
	for id, keys := range of {
		bindings = append(bindings, keymap.Binding{ID: string(id), Keys: keys})
	}
	m, wrong := keymap.Bind(bindings)
	if wrong != nil {
		t.Fatalf("%+v", wrong)
	}
	return func(c *Config) { c.Keys = m }
}

// A key acts by the text that it writes, else by its name on the operator's layout, else by
// its place on a Latin keyboard.
func TestResolve(t *testing.T) {
	for name, c := range map[string]struct {
		key  tea.KeyPressMsg
		want keymap.ID
	}{
		"j":                         {tea.KeyPressMsg{Code: 'j', Text: "j"}, keymap.Down},
		"shift and r":               {tea.KeyPressMsg{Code: 'g', ShiftedCode: 'G', Text: "G", Mod: tea.ModShift}, keymap.Bottom},
		"caps lock":                 {tea.KeyPressMsg{Code: 'g', Text: "G", Mod: tea.ModCapsLock}, keymap.Bottom},
		"num lock":                  {tea.KeyPressMsg{Code: 'j', Text: "j", Mod: tea.ModNumLock}, keymap.Down},
		"AltGr writes [":            {tea.KeyPressMsg{Code: '8', Text: "[", Mod: tea.ModCtrl | tea.ModAlt}, keymap.GoBack},
		"Cyrillic о, place told":    {tea.KeyPressMsg{Code: 'о', BaseCode: 'j', Text: "о"}, keymap.Down},
		"Cyrillic О with shift":     {tea.KeyPressMsg{Code: 'о', BaseCode: 'j', Text: "О", Mod: tea.ModShift}, keymap.Jobs},
		"Greek ξ, place told":       {tea.KeyPressMsg{Code: 'ξ', BaseCode: 'j', Text: "ξ"}, keymap.Down},
		"Cyrillic о, no place":      {tea.KeyPressMsg{Code: 'о', Text: "о"}, ""},
		"ctrl and Cyrillic с":       {tea.KeyPressMsg{Code: 'с', BaseCode: 'c', Mod: tea.ModCtrl}, keymap.Quit},
		"ctrl and к, no place":      {tea.KeyPressMsg{Code: 'к', Mod: tea.ModCtrl}, ""},
		"AZERTY & in the place 1":   {tea.KeyPressMsg{Code: '&', BaseCode: '1', Text: "&"}, keymap.Tab1},
		"AZERTY é in the place 2":   {tea.KeyPressMsg{Code: 'é', BaseCode: '2', Text: "é"}, keymap.Tab2},
		"AZERTY - has its own":      {tea.KeyPressMsg{Code: '-', BaseCode: '6', Text: "-"}, keymap.Unmark},
		"AZERTY q is itself":        {tea.KeyPressMsg{Code: 'q', BaseCode: 'a', Text: "q"}, keymap.Quit},
		"AZERTY ctrl+a is no q":     {tea.KeyPressMsg{Code: 'a', BaseCode: 'q', Mod: tea.ModCtrl}, ""},
		"QWERTZ z is itself":        {tea.KeyPressMsg{Code: 'z', BaseCode: 'y', Text: "z"}, keymap.Recall},
		"a word of an input method": {tea.KeyPressMsg{Code: tea.KeyExtended, Text: "日本"}, ""},
		"j held down":               {tea.KeyPressMsg{Code: 'j', Text: "j", IsRepeat: true}, keymap.Down},
		"r held down":               {tea.KeyPressMsg{Code: 'r', Text: "r", IsRepeat: true}, ""},
		"enter held down":           {tea.KeyPressMsg{Code: tea.KeyEnter, IsRepeat: true}, ""},
		"shift+down held down":      {tea.KeyPressMsg{Code: tea.KeyDown, Mod: tea.ModShift, IsRepeat: true}, keymap.MarkDown},
	} {
		m := &Model{config: Config{Keys: keymap.Default()}}
		if got, _ := m.resolve(keymap.List, c.key); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	m := &Model{config: Config{Keys: keymap.Default()}}
	for _, key := range []tea.KeyPressMsg{
		{Code: 'н', BaseCode: 'y', Text: "н"}, {Code: 'z', BaseCode: 'y', Text: "z"}, {Code: 'υ', BaseCode: 'y', Text: "υ"},
	} {
		if id, _ := m.resolve(keymap.InDialog, key); id != "" {
			t.Errorf("%s in the place of y is %s", key.Text, id)
		}
	}
}

// Keys that are let go do nothing: neither in a pane, nor in a field, nor in a dialog.
func TestReleasesDoNothing(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		r.pass(longQuietTime)
		for _, key := range []tea.Key{{Code: 'y', Text: "y"}, {Code: tea.KeyEnter}, {Code: tea.KeyEscape}} {
			r.send(tea.KeyReleaseMsg(key))
			r.send(Rest{})
		}
		r.pass(2 * time.Second)
		if open[*Dialog](r.m) == nil || len(r.api.posts) != 0 {
			t.Errorf("a key that was let go acted: %v", r.api.posts)
		}
	})
}

// Composed text is typed as it is: into the search, a form, a phrase that it is not, and the
// name of a view; also where its letters are keys elsewhere.
func TestComposedText(t *testing.T) {
	texts := []tea.KeyPressMsg{
		{Code: tea.KeyExtended, Text: "日本"}, {Code: 'é', Text: "é"}, {Code: '2', Text: "@", Mod: tea.ModCtrl | tea.ModAlt},
		{Code: 'о', BaseCode: 'j', Text: "о"}, {Code: 'k', Text: "k"}, {Code: tea.KeySpace, Text: " "}, {Code: ' ', Text: "语", Mod: tea.ModCtrl},
	}
	const want = "日本é@оk 语"
	typed := func(r *rig) {
		for _, key := range texts {
			time.Sleep(loneTime)
			r.send(key)
			r.settle()
		}
	}
	for name, c := range map[string]struct {
		open []string
		text func(*Model) string
	}{
		"search":  {[]string{"/"}, func(m *Model) string { return m.Search.Text() }},
		"form":    {[]string{"n"}, func(m *Model) string { return open[*Form](m).Value(fieldUser) }},
		"palette": {[]string{":"}, func(m *Model) string { return open[*Palette](m).Text() }},
		"help":    {[]string{"?", "/"}, func(m *Model) string { return open[*Help](m).Text() }},
		"view":    {[]string{"2", "ctrl+s"}, func(m *Model) string { return open[*ViewLine](m).Text() }},
	} {
		t.Run(name, func(t *testing.T) {
			withRig(t, nil, func(t *testing.T, r *rig) {
				r.press(c.open...)
				if name == "form" {
					open[*Form](r.m).set(0, "")
				}
				typed(r)
				if got := c.text(r.m); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			})
		})
	}
}

// With other keys the operator's act and the usual ones do not; a dialog is answered by the
// operator's answer alone, with the same care.
func TestOtherKeysConfirm(t *testing.T) {
	for _, yes := range []string{"Y", "ctrl+x"} {
		withRig(t, keysOf(t, map[keymap.ID][]string{keymap.Yes: {yes}, keymap.Cancel: {"x"}, keymap.BackOut: {"b"}, keymap.No: {"N"}, keymap.RevealBirth: {}}), func(t *testing.T, r *rig) {
			r.press("c")
			if open[*Dialog](r.m) != nil {
				t.Fatal("the usual key acts")
			}
			r.pass(longQuietTime)
			r.press("x")
			if open[*Dialog](r.m) == nil {
				t.Fatal("the operator's key does nothing")
			}
			r.press(yes)
			r.pass(longQuietTime)
			r.press("y", "x", "enter")
			r.pass(longQuietTime)
			if open[*Dialog](r.m) == nil || len(r.api.posts) != 0 {
				t.Fatalf("a key typed ahead or another key confirmed: %v", r.api.posts)
			}
			r.press("b")
			if open[*Dialog](r.m) != nil {
				t.Fatal("b does not back out")
			}
			r.press("x")
			r.pass(longQuietTime)
			r.press(yes)
			r.press(yes) // pressed again at once, it is part of the answer
			r.pass(2 * time.Second)
			if want := []string{"cancel " + annsID}; !slices.Equal(r.api.posts, want) {
				t.Errorf("posts %v, want %v", r.api.posts, want)
			}
		})
	}
}

// A letter that backs out, or scrolls, is text where a phrase is typed.
func TestLettersOfAPhraseStayText(t *testing.T) {
	change := keysOf(t, map[keymap.ID][]string{keymap.BackOut: {"T"}, keymap.PageUp: {"E"}, keymap.PageDown: {"f2"}, keymap.Export: {}, keymap.JobEvidence: {}})
	withRig(t, change, func(t *testing.T, r *rig) {
		r.press("space", "r")
		r.pass(longQuietTime)
		for _, letter := range "REDACT 1 TEST" {
			r.press(string(letter))
		}
		r.pass(2 * time.Second)
		if want := []string{"redact " + annsID}; !slices.Equal(r.api.posts, want) {
			t.Errorf("posts %v, want %v", r.api.posts, want)
		}
	})
}

// A message names the keys that the operator has; an action without one is named in the commands.
func TestSentencesNameTheOperatorsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, keysOf(t, map[keymap.ID][]string{keymap.Down: {"x"}, keymap.Palette: {"f1"}, keymap.Help: {}, keymap.SyncNow: {"f2"}}))
		r.add(session(1, "vera_1", client.StatusVerified, ""))
		r.press("c")
		if last := r.m.Log.Messages[len(r.m.Log.Messages)-1]; last.Text != "Select a session first: x" {
			t.Errorf("%+v", last)
		}
		r.press("Z")
		if last := r.m.Log.Messages[len(r.m.Log.Messages)-1]; last.Hint != "another keyboard layout? f1 help shows the keys" {
			t.Errorf("%+v", last)
		}
	})
}
