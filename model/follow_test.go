package model

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/keymap"
)

// following fills a rig with ten failed sessions, newest last; nothing is selected.
func following(t *testing.T, test func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		for n := range 10 {
			r.add(session(n+1, "user", client.StatusRequiresInput, "document_expired"))
		}
		test(t, r)
	})
}

// "I pressed r, and it was about somebody who had come that very moment."
func TestNoKeyHitsARowThatHasJustCome(t *testing.T) {
	following(t, func(t *testing.T, r *rig) {
		if !r.m.List.Following() || r.m.List.Page.Total != 10 {
			t.Fatalf("the list begins with %q of %d selected", r.m.List.Selected, r.m.List.Page.Total)
		}
		for _, id := range []keymap.ID{
			keymap.Cancel, keymap.Redact, keymap.Person, keymap.Link, keymap.Metadata, keymap.Reveal,
			keymap.CopySession, keymap.CopyUser, keymap.Dashboard,
		} {
			action, _ := keymap.Lookup(id)
			r.m.Log = Log{}
			r.press(action.Keys[0])
			if n, _ := r.m.Notice(); n.Text != "Select a session first: j" || r.m.Why(id) != "select a session first: j" {
				t.Errorf("%s: notice %q, why %q", id, n.Text, r.m.Why(id))
			}
		}
		if !r.m.List.Following() || open[*Dialog](r.m) != nil || open[*Form](r.m) != nil || r.m.List.View.Kind != WholeView || len(r.api.posts) != 0 {
			t.Errorf("a key acted: selected %q, dialog %v, view %v, posts %v", r.m.List.Selected, open[*Dialog](r.m), r.m.List.View, r.api.posts)
		}
	})
}

// The keys that select take the top row; to mark it is a second key.
func TestAFirstKeySelectsTheTopRow(t *testing.T) {
	for _, key := range []string{"j", "k", "g", "enter", "space", "shift+down", "shift+up"} {
		following(t, func(t *testing.T, r *rig) {
			switch name, shift := strings.CutPrefix(key, "shift+"); {
			case shift:
				r.send(tea.KeyPressMsg{Code: keyCodes[name], Mod: tea.ModShift})
			case key == "space":
				r.send(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "})
			default:
				r.send(keyPress(key))
			}
			r.settle()
			if r.m.List.Selected != id(10) || r.m.Marks.Len() != 0 {
				t.Errorf("%s: selected %q, marked %v", key, r.m.List.Selected, r.m.Marks.IDs())
			}
			if d := r.m.Detail; d.Wanted != (key == "enter") || d.Wanted && d.ID != id(10) {
				t.Errorf("%s: detail %+v", key, d)
			}
		})
	}
}

// "New ones came, and my row sank to the bottom of the screen."
func TestTheSelectedRowKeepsItsLine(t *testing.T) {
	following(t, func(t *testing.T, r *rig) {
		r.add(failures(11, 60)...)
		r.press("j", "j", "j")
		selected := r.m.List.Selected
		r.add(failures(61, 64)...)
		if line := r.m.List.Index - r.m.List.Top; r.m.List.Selected != selected || line != 2 || r.m.NewerAbove() != 4 {
			t.Errorf("%s on line %d, %d newer above", r.m.List.Selected, line, r.m.NewerAbove())
		}
		r.press("k", "k", "k", "k") // two of them are seen now
		if r.m.NewerAbove() != 2 {
			t.Errorf("%d newer above", r.m.NewerAbove())
		}
		r.add(session(65, "user", client.StatusRequiresInput, "document_expired"))
		r.press("f")
		if l := r.m.List; !l.Following() || l.Top != 0 || l.Page.Rows[0].ID != id(65) || r.m.NewerAbove() != 0 {
			t.Errorf("f: selected %q, from row %d on, %d newer above", l.Selected, l.Top, r.m.NewerAbove())
		}
		r.add(session(66, "user", client.StatusRequiresInput, "document_expired"))
		if l := r.m.List; !l.Following() || l.Top != 0 || l.Page.Rows[0].ID != id(66) {
			t.Errorf("it does not follow: %q, row %d", l.Selected, l.Top)
		}
		r.press("c")
		if open[*Dialog](r.m) != nil {
			t.Error("c acts although nothing is selected")
		}
	})
}

func failures(from, to int) (sessions []client.Session) {
	for n := from; n <= to; n++ {
		sessions = append(sessions, session(n, "user", client.StatusRequiresInput, "document_expired"))
	}
	return sessions
}

// "I went to another tab, and the next key was about whoever stood first there."
func TestAnotherTabSelectsNobodyElse(t *testing.T) {
	following(t, func(t *testing.T, r *rig) {
		r.add(session(11, "vera", client.StatusVerified, ""))
		r.press("j", "j", "2")
		if r.m.List.Selected != id(10) {
			t.Errorf("the session is in this tab too, and %q is selected", r.m.List.Selected)
		}
		r.press("5", "r")
		if open[*Dialog](r.m) != nil || !r.m.List.Following() {
			t.Errorf("selected %q, dialog %v", r.m.List.Selected, open[*Dialog](r.m))
		}
		r.press("1")
		if r.m.List.Selected != id(10) {
			t.Errorf("back again, %q is selected", r.m.List.Selected)
		}
	})
}

// "There was nobody, then somebody came, and was selected."
func TestTheFirstToComeIsNotSelected(t *testing.T) {
	following(t, func(t *testing.T, r *rig) {
		r.press("j", "4")
		r.add(session(10, "user", client.StatusProcessing, ""), session(9, "user", client.StatusProcessing, ""))
		r.press("c")
		if r.m.List.Page.Total != 2 || !r.m.List.Following() || open[*Dialog](r.m) != nil {
			t.Errorf("%d listed, selected %q", r.m.List.Page.Total, r.m.List.Selected)
		}
	})
}

// f in another order lists the newest first again, and leaves a detail that takes
// the place of the list.
func TestFollowTheNewestFromAnywhere(t *testing.T) {
	following(t, func(t *testing.T, r *rig) {
		r.send(tea.WindowSizeMsg{Width: 80, Height: 20})
		r.press("s", "s", "j", "enter")
		if r.m.Layout().List.Height != 0 {
			t.Fatal("the list is shown beside the detail")
		}
		r.press("f")
		ids := []string{}
		for _, row := range r.m.List.Page.Rows {
			ids = append(ids, row.ID)
		}
		slices.Reverse(ids)
		if !slices.IsSorted(ids) || !r.m.List.Following() || r.m.Detail.Open || r.m.Layout().List.Height == 0 {
			t.Errorf("rows %v, selected %q, detail %v", ids, r.m.List.Selected, r.m.Detail.Open)
		}
	})
}

// When a session leaves with its tab, its detail does not stay in place of the
// list.
func TestADetailDoesNotOutliveItsSession(t *testing.T) {
	following(t, func(t *testing.T, r *rig) {
		r.send(tea.WindowSizeMsg{Width: 50, Height: 20})
		r.add(session(11, "vera", client.StatusVerified, ""))
		r.press("enter", "2")
		if r.m.Detail.Open || r.m.Layout().List.Height == 0 || r.m.Focus != ListPane {
			t.Errorf("detail %+v", r.m.Detail)
		}
	})
}

// "A search was under way, and enter did nothing."
func TestEnterBehindASearchWhileFollowing(t *testing.T) {
	following(t, func(t *testing.T, r *rig) {
		r.add(session(11, "vera", client.StatusVerified, ""), session(12, "user", client.StatusVerified, ""))
		for _, key := range []string{"/", "v", "e", "enter", "enter"} {
			r.send(keyPress(key))
		}
		r.settle()
		r.pass(time.Second)
		if r.m.Detail.ID != id(11) || !r.m.Detail.Wanted {
			t.Errorf("detail of %q", r.m.Detail.ID)
		}
	})
}

// "I pressed f and enter at once, far down in the list, and nothing opened."
func TestFollowAndOpenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.add(failures(1, 1000)...)
		r.press("G")
		r.send(keyPress("f"))
		r.send(keyPress("enter"))
		r.settle()
		if r.m.List.Selected != id(1000) || r.m.Detail.ID != id(1000) || !r.m.Detail.Wanted {
			t.Errorf("selected %q, detail of %q", r.m.List.Selected, r.m.Detail.ID)
		}
	})
}
