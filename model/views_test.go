package model

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/client/views"
)

// viewsRig has two who failed, one with an expired document, and one who waits.
func viewsRig(t *testing.T, test func(r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"), session(2, "bob", client.StatusRequiresInput, "selfie_face_mismatch"),
			session(3, "cat", client.StatusRequiresInput, ""))
		test(r)
	})
}

func (r *rig) listedIDs() (users []string) {
	for _, row := range r.m.List.Page.Rows {
		users = append(users, row.UserID)
	}
	slices.Sort(users)
	return users
}

func (r *rig) savedNames() (names []string) {
	for _, v := range r.m.Views.Saved {
		names = append(names, v.Name)
	}
	return names
}

func (r *rig) says(text string) {
	r.t.Helper()
	last := r.m.Log.Messages[len(r.m.Log.Messages)-1]
	if !strings.Contains(last.Text, text) {
		r.t.Errorf("says %q, not %q", last.Text, text)
	}
}

func TestSavedViewIsATab(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("2", "/")
		r.script(keys("r e a s o n : s e l f i e _ * enter ctrl+s"))
		line := open[*ViewLine](r.m)
		if line == nil || !line.New || line.Of.Query != "state:failed reason:selfie_*" {
			t.Fatalf("ctrl+s asks for %+v", r.m.Modal)
		}
		r.script(keys("S e l f i e enter"))
		if got := r.m.List.Saved; got != "Selfie" || r.m.ViewChanged() || r.m.Modal != nil {
			t.Fatalf("saved as %q, changed %v, over it %T", got, r.m.ViewChanged(), r.m.Modal)
		}
		if got := r.listedIDs(); !slices.Equal(got, []string{"bob"}) {
			t.Errorf("lists %q", got)
		}
		r.press("S")
		if !r.m.ViewChanged() {
			t.Error("another order is no change of the view")
		}
		r.press("3")
		if r.m.List.Saved != "" || r.m.Search.Text() != "" || !slices.Equal(r.listedIDs(), []string{"cat"}) {
			t.Errorf("a tab leaves the view: %q %q %q", r.m.List.Saved, r.m.Search.Text(), r.listedIDs())
		}
		r.press("9") // Never submitted
		if r.m.List.Saved != "Never submitted" || r.m.Order() != (mirror.Order{Column: mirror.ByAge}) {
			t.Errorf("9 opens %q by %v", r.m.List.Saved, r.m.Order())
		}
		r.press("[")
		if r.m.List.Saved != "" || r.m.List.Tab != 2 {
			t.Errorf("[ goes back to %q %d", r.m.List.Saved, r.m.List.Tab)
		}
		r.press("V", "G", "enter")
		if r.m.List.Saved != "Selfie" || !slices.Equal(r.listedIDs(), []string{"bob"}) {
			t.Errorf("the page opens %q", r.m.List.Saved)
		}
		r.press("esc")
		if r.m.List.Saved != "" || len(r.listedIDs()) != 3 {
			t.Errorf("esc leaves %q with %q", r.m.List.Saved, r.listedIDs())
		}
	})
}

// TestEscLeavesAView: first what was typed over it, then the view; an abandoned search
// leaves nothing.
func TestEscLeavesAView(t *testing.T) {
	viewsRig(t, func(r *rig) {
		for _, c := range []struct{ keys, saved, search string }{
			{"8", "Stuck", "stuck:yes"},
			{"esc", "", ""},
			{"8 esc", "", ""},
			{"8 / esc", "Stuck", "stuck:yes"},
			{"/ space a n n enter", "Stuck", "stuck:yes ann"},
			{"esc", "Stuck", "stuck:yes"},
			{"esc", "", ""},
			{"V G k k enter j enter esc", "Failed today", "state:failed since:<24h"},
			{"V esc", "Failed today", "state:failed since:<24h"},
			{"i esc esc", "", ""},
			{"2 8 S esc", "", ""},
		} {
			r.script(keys(c.keys))
			if r.m.List.Saved != c.saved || r.m.Search.Text() != c.search || r.m.Modal != nil || r.m.List.Tab != 0 {
				t.Errorf("%s leads to %q, %q, tab %d, %T", c.keys, r.m.List.Saved, r.m.Search.Text(), r.m.List.Tab+1, r.m.Modal)
			}
		}
	})
}

func TestViewsAreChangedOnTheirPage(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("V", "d")
		r.says("the first seven stay as they are")
		r.press("G", "shift+up", "shift+up", "shift+up", "shift+up")
		if got := r.savedNames(); got[0] != "Redactions open" || r.m.Views.At != len(Tabs) {
			t.Fatalf("moved to %q, cursor %d", got, r.m.Views.At)
		}
		r.press("e", "backspace", "backspace")
		r.script(keys("x y enter"))
		if got := r.savedNames(); got[0] != "Redactions opxy" {
			t.Errorf("renamed to %q", got)
		}
		r.press("d", "n")
		if len(r.m.Views.Saved) != 5 {
			t.Error("deleted without y")
		}
		r.press("d", "y")
		if got := r.savedNames(); len(got) != 4 || got[0] != "Stuck" {
			t.Errorf("left are %q", got)
		}
		r.pass(quietTime) // the rest of the answer has no effect
		r.press("e")
		r.script(keys("ctrl+u M a n y space t r i e s enter"))
		if r.says("Another view has this name"); open[*ViewLine](r.m) == nil {
			t.Error("a name that is taken closes the line")
		}
		r.press("esc")
		if kept, err := r.m.config.Keeper.Read(); err != nil || len(kept) != 4 {
			t.Errorf("the file has %d %v", len(kept), err)
		}
	})
}

func TestCommandSavesAView(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("2", ":")
		r.script(keys("s a v e space B r o k e n enter"))
		if r.m.List.Saved != "Broken" || r.savedNames()[5] != "Broken" {
			t.Errorf("saved %q of %q", r.m.List.Saved, r.savedNames())
		}
		r.press("1", ":")
		r.script(keys("s a v e space s t u c k enter"))
		if r.says("Another view has this name"); r.m.Views.Saved[0].Query != "stuck:yes" {
			t.Error("another view was replaced")
		}
	})
}

func TestViewsNameNobody(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("/")
		r.script(keys("a n n enter ctrl+s"))
		r.says(query.ErrNames.Error())
		r.press("esc", "j", "u", "ctrl+s")
		r.says(query.ErrNames.Error())
		if r.m.Modal != nil || len(r.m.Views.Saved) != 5 {
			t.Errorf("%T, %q", r.m.Modal, r.savedNames())
		}
	})
}

func TestViewsAreCounted(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("V")
		if got, ok := r.m.Views.Counts["Failed today"]; !ok || got != 2 {
			t.Errorf("counts %v", r.m.Views.Counts)
		}
		r.add(session(4, "dan", client.StatusRequiresInput, "document_expired"))
		r.pass(countsEvery + tickTime)
		if got := r.m.Views.Counts["Failed today"]; got != 3 {
			t.Errorf("counts %d later", got)
		}
	})
}

type brokenViews struct{}

func (brokenViews) Read() ([]views.View, error)               { return nil, errors.New("line 3 is not of its form") }
func (brokenViews) Change(views.Change) ([]views.View, error) { panic("changed") }

func TestUnreadableViewsAreSaidAndNotChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.Keeper = brokenViews{} })
		r.says("Line 3 is not of its form")
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"))
		r.press("2", "ctrl+s")
		r.says("the saved views can't be read")
		r.press("8")
		r.says("the saved views can't be read")
		r.press("V", "d")
		r.says("the saved views can't be read")
	})
}
