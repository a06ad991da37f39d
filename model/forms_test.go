package model

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// TestFormAnswers: an answer to another form changes nothing in this one; a
// decided one gets a new key, an undecided one keeps it.
func TestFormAnswers(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("n", "a")
		f := *open[*Form](r.m)
		r.send(formSent{key: "another", created: true, row: mirror.Row{ID: id(9), UserID: "zoe"}})
		if open[*Form](r.m) == nil || open[*Form](r.m).Key != f.Key || open[*Form](r.m).Value(fieldUser) != "a" {
			t.Fatalf("form %+v", open[*Form](r.m))
		}
		r.send(formSent{key: f.Key, created: true, err: &client.Error{Kind: client.KindNetwork, Op: "create session", Undecided: true}})
		if open[*Form](r.m) == nil || open[*Form](r.m).Key != f.Key || open[*Form](r.m).Err == nil || open[*Form](r.m).Value(fieldUser) != "a" {
			t.Fatalf("form %+v", open[*Form](r.m))
		}
		r.send(formSent{key: f.Key, created: true, err: errors.New("the ledger can't be written")})
		if open[*Form](r.m).Key != f.Key {
			t.Error("nothing was sent, and the key is another one")
		}
		r.send(formSent{key: f.Key, created: true, err: &client.Error{Kind: client.KindInvalid, Op: "create session", Status: 400}})
		if open[*Form](r.m) == nil || open[*Form](r.m).Key == f.Key {
			t.Error("what is sent next is another request, with the same key")
		}
		r.press("esc")
		r.send(formSent{key: f.Key, created: true, row: mirror.Row{ID: id(9), UserID: "zoe"}})
		if n := r.notice(); open[*Form](r.m) != nil || n.Text != "Created zoe 0009" {
			t.Errorf("notice %+v", n)
		}
	})
}

// TestWhiteSpaceOfAPasteIsNotPartOfAnID: at the ends it goes, within it is said.
func TestWhiteSpaceOfAPasteIsNotPartOfAnID(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("n")
		r.send(tea.PasteMsg{Content: " \u200bann_8392\u00a0\n"})
		if f := open[*Form](r.m).Field(fieldUser); f.Value() != "ann_8392" || f.Note() != "" {
			t.Errorf("user_id %q, note %q", f.Value(), f.Note())
		}
		r.press("tab", "tab", "tab", "tab", "tab")
		r.send(tea.PasteMsg{Content: "order 7"})
		if f := open[*Form](r.m).Field(fieldReference); f.Value() != "order 7" || f.Note() != "white space within" {
			t.Errorf("reference %q, note %q", f.Value(), f.Note())
		}
		r.press("tab")
		r.send(tea.PasteMsg{Content: "a\u200bb"})
		if f := open[*Form](r.m).Field(fieldEmail); f.Note() != "" {
			t.Errorf("e-mail %q, note %q", f.Value(), f.Note())
		}
		r.press("esc")
		r.add(session(5, "a\u200bnn ", client.StatusRequiresInput, "document_expired"))
		r.press("g", "m")
		if f := open[*Form](r.m).Field(metaPrefix + "user_id"); f.Note() != "white space at an end" {
			t.Errorf("%q, note %q", f.Value(), f.Note())
		}
		r.press("backspace")
		if f := open[*Form](r.m).Field(metaPrefix + "user_id"); f.Note() != "something within that can't be seen" {
			t.Errorf("%q, note %q", f.Value(), f.Note())
		}
		r.press("backspace", "backspace", "backspace", "backspace")
		r.send(tea.PasteMsg{Content: "\tann_7 "})
		if f := open[*Form](r.m).Field(metaPrefix + "user_id"); f.Value() != "ann_7" || f.Note() != "" {
			t.Errorf("%q, note %q", f.Value(), f.Note())
		}
	})
}

// TestFormWaitsForItsAnswer: while it is being sent no key changes it, and it
// can't be closed: it has the key under which it is sent once more.
func TestFormWaitsForItsAnswer(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("n")
		f := open[*Form](r.m)
		f.Sending = true
		r.press("esc", "tab", "x", "enter")
		r.send(tea.PasteMsg{Content: "x"})
		if open[*Form](r.m) == nil || open[*Form](r.m).At != 0 || !open[*Form](r.m).Sending {
			t.Fatalf("form %+v", open[*Form](r.m))
		}
		r.press("ctrl+c")
		if quits(r) != 0 {
			t.Error("it quits without a word")
		}
		r.press("ctrl+c")
		if quits(r) != 1 {
			t.Errorf("quits %d", quits(r))
		}
	})
}

// TestFormIsNeverSentBy enter, a paste, or a key that is held down.
func TestFormIsNeverSentBy(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("n")
		for range 20 {
			r.press("enter")
		}
		r.send(tea.PasteMsg{Content: "create"})
		r.press(strings.Split("creat", "")...)
		held := keyPress("e")
		held.IsRepeat = true
		r.send(held)
		r.settle()
		if open[*Form](r.m) == nil || open[*Form](r.m).Sending || open[*Form](r.m).Value("confirm") != "creat" {
			t.Errorf("form %+v", open[*Form](r.m))
		}
	})
}

// TestMetadataForm: it opens for the session under the cursor only, and what the
// field can't show as it is does not count as changed.
func TestMetadataForm(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		s := session(5, "ann", client.StatusRequiresInput, "document_expired")
		s.Metadata["note"] = "two\nlines"
		r.api.put(s)
		r.send(keyPress("m"))
		r.send(keyPress("j"))
		r.pass(time.Second)
		if open[*Form](r.m) != nil {
			t.Fatal("it opens although the cursor is on another session")
		}
		r.press("k", "m")
		r.pass(time.Second)
		if open[*Form](r.m) == nil || open[*Form](r.m).For.(Metadata).Session.ID != id(5) {
			t.Fatalf("form %+v, notice %+v", open[*Form](r.m), r.notice())
		}
		if changes, err := open[*Form](r.m).changes(); err == nil {
			t.Errorf("changes %v", changes)
		}
		f := open[*Form](r.m)
		for i, c := range []struct{ key, value, why string }{
			{"note", "x", "there already"}, {"", "x", "no key"}, {"tier", "", "no value"}, {"tier", "5", ""},
		} {
			f.set(len(f.Fields)-3, c.key)
			f.set(len(f.Fields)-2, c.value)
			changes, err := f.changes()
			if c.why == "" && (err != nil || len(changes) != 1 || changes["tier"] != "5") || c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)) {
				t.Errorf("%d: %v, %v", i, changes, err)
			}
		}
		r.press("esc")
		r.api.put(session(5, "ann", client.StatusVerified, ""))
		r.press("m")
		r.pass(time.Second)
		if n := r.notice(); open[*Form](r.m) != nil || !strings.Contains(n.Text, "it is now verified") {
			t.Errorf("form %v, notice %+v", open[*Form](r.m), n)
		}
	})
}

// TestOfferedValue: what is typed or pasted replaces the user_id of the row, and never
// joins it; a key that moves in it keeps it.
func TestOfferedValue(t *testing.T) {
	lateRig(t, func(r *rig) {
		value := func() string { return open[*Form](r.m).Value(fieldUser) }
		r.press("n", "z", "y")
		if value() != "zy" {
			t.Errorf("typed: %q", value())
		}
		r.press("esc", "n")
		r.send(tea.PasteMsg{Content: "bob"})
		if value() != "bob" {
			t.Errorf("pasted: %q", value())
		}
		r.press("esc", "n", "backspace", "y")
		if value() != "any" {
			t.Errorf("edited: %q", value())
		}
		r.press("esc", "n", "tab")
		if value() != "ann" {
			t.Errorf("kept: %q", value())
		}
	})
}
