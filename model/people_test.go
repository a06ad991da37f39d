package model

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/mirror"
)

// peopleRig has four people: bob failed twice, ann once and then was verified, cat waits,
// dan is verified.
func peopleRig(t *testing.T, test func(r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"), session(2, "bob", client.StatusRequiresInput, "document_expired"),
			session(3, "bob", client.StatusRequiresInput, "selfie_face_mismatch"), session(4, "cat", client.StatusRequiresInput, ""),
			session(5, "dan", client.StatusVerified, ""), session(6, "ann", client.StatusVerified, ""), session(7, "", client.StatusVerified, ""))
		test(r)
	})
}

func (r *rig) people() (users []string) {
	for _, s := range r.m.People.Page.People {
		users = append(users, s.UserID)
	}
	return users
}

// among checks who is listed and who is under the cursor.
func (r *rig) among(selected string, users ...string) {
	r.t.Helper()
	if got := r.people(); !r.m.Overlay().Is(PeopleOverlay) || !slices.Equal(got, users) || r.m.People.Selected != selected {
		r.t.Errorf("%q with %q under the cursor, want %q with %q; over the list is %T", got, r.m.People.Selected, users, selected, r.m.Modal)
	}
}

// TestPeopleOfWhatIsListed: a tab, a search and an order change who is there; U lists their
// sessions, esc goes back to where the page was opened.
func TestPeopleOfWhatIsListed(t *testing.T) {
	peopleRig(t, func(r *rig) {
		r.press("j", "j", "j")
		was := r.whereabouts()
		r.press("U")
		r.among("bob", "bob", "ann", "dan", "cat")
		if p := r.m.People.Page; p.Failing != 2 || p.Nobody != 1 {
			t.Errorf("%+v", p)
		}
		r.press("2")
		r.among("bob", "bob", "ann")
		r.press("j", "5")
		r.among("ann", "ann", "dan")
		r.press("1", "/", "c")
		if !r.m.Typing() || r.m.Overlay() == nil {
			t.Fatalf("%T has the keys", r.m.Modal)
		}
		r.press("enter")
		r.among("cat", "cat")
		r.press("esc")
		if got := r.whereabouts(); got != was {
			t.Errorf("esc led to %s, from %s", got, was)
		}
		r.press("U", "2", "U")
		if r.m.Modal != nil || r.m.List.Tab != 1 || r.m.List.Page.Total != 3 {
			t.Errorf("U lists tab %d with %d sessions under %T", r.m.List.Tab, r.m.List.Page.Total, r.m.Modal)
		}
		r.press("U", "s")
		if r.m.People.By != mirror.ByLastFailure || r.m.sortPeopleTitle() != "most failures" {
			t.Errorf("order %d", r.m.People.By)
		}
	})
}

// TestPeopleStayUnderTheCursor: news that change the order or take the person away never
// make a key act on somebody else.
func TestPeopleStayUnderTheCursor(t *testing.T) {
	peopleRig(t, func(r *rig) {
		r.press("2", "U", "j")
		r.among("ann", "bob", "ann")
		for n := range 3 {
			r.add(session(10+n, "ann", client.StatusRequiresInput, "document_expired"))
		}
		r.pass(3 * time.Second)
		r.among("ann", "ann", "bob")
		if r.m.People.Index != 0 {
			t.Errorf("the cursor is at %d", r.m.People.Index)
		}
		for n := range 3 {
			r.add(session(10+n, "ann", client.StatusVerified, ""))
		}
		r.add(session(1, "ann", client.StatusCanceled, ""))
		r.pass(3 * time.Second)
		r.among("", "bob")
		for _, key := range []string{"r", "c", "enter"} {
			if r.press(key); !r.m.Overlay().Is(PeopleOverlay) || r.notice().Hint == "" && r.notice().Text == "" {
				t.Errorf("%s acted on nobody", key)
			}
		}
		r.press("j")
		r.among("bob", "bob")
	})
}

// TestPersonOfThePeople: enter shows one of them; c and r plan all their sessions, in the
// order of keys that was typed; marks are in the way.
func TestPersonOfThePeople(t *testing.T) {
	peopleRig(t, func(r *rig) {
		r.press("U", "enter")
		if want := (View{Kind: PersonView, UserID: "bob"}); r.m.List.View != want || r.m.Modal != nil || r.m.List.Page.Total != 2 || r.m.List.Selected != id(3) {
			t.Errorf("%+v lists %d with %q, under %T", r.m.List.View, r.m.List.Page.Total, r.m.List.Selected, r.m.Modal)
		}
		r.press("esc")
		r.among("bob", "bob", "ann", "dan", "cat")
		r.press("j", "r")
		p := open[*PlanScreen](r.m)
		if p == nil || p.UserID != "ann" || len(p.Rows) != 2 || p.Plan.Verb != client.Redact {
			t.Fatalf("r plans %+v", r.m.Modal)
		}
		r.press("esc", "esc")
		r.among("ann", "bob", "ann", "dan", "cat")
		r.press("esc", "j", " ", "U", "c")
		if n := r.notice(); n.Text != "Can't cancel theirs: sessions are marked: in the list, - takes the marks away" || !r.m.Overlay().Is(PeopleOverlay) {
			t.Errorf("%+v", n)
		}
	})
}

// TestPeopleOfManyScreens: G goes to the last one, who is not read yet, and k on from
// there.
func TestPeopleOfManyScreens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		var all []client.Session
		for n := range 500 {
			all = append(all, session(n, string(rune('A'+n%26))+string(rune('a'+n/26)), client.StatusVerified, ""))
		}
		r.add(all...)
		r.press("U", "G")
		if p := r.m.People; p.Index != 499 || p.Selected != "Aa" || p.Top != 500-r.m.PeopleRows() {
			t.Errorf("G: %q at %d from %d", p.Selected, p.Index, p.Top)
		}
		r.press("k", "g", "ctrl+d")
		if p := r.m.People; p.Index != max(1, r.m.OverlayRows()/2) {
			t.Errorf("ctrl+d: %d", p.Index)
		}
		r.press("G", "k", "!", "esc")
		if p := r.m.People; !r.m.Overlay().Is(PeopleOverlay) || p.Index != 498 || p.Selected != "Ba" {
			t.Errorf("%q at %d under %T", p.Selected, p.Index, r.m.Modal)
		}
	})
}

// TestPeopleOfAnErasedPerson names nobody.
func TestPeopleOfAnErasedPerson(t *testing.T) {
	peopleRig(t, func(r *rig) {
		r.m.List.View = View{Kind: ErasedView}
		r.press("U")
		if n := r.notice(); n.Text != "Can't list people: what is erased names nobody" {
			t.Errorf("%+v", n)
		}
	})
}

// TestExportOfPeople writes the people of the list: the form says how many, and asks
// anew before user_ids are in the file.
func TestExportOfPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var written []Exporting
		r := newRig(t, func(c *Config) {
			c.Acting = acting(t, *c)
			c.Export = func(_ context.Context, _ *act.Desk, e Exporting) (act.Exported, error) {
				written = append(written, e)
				return act.Exported{Count: 1, Of: "people"}, nil
			}
		})
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"), session(2, "bob", client.StatusVerified, ""))
		r.press("2", "U", "s", "E")
		f := open[*Form](r.m)
		if f == nil || f.For != (Export{People: 1}) {
			t.Fatalf("E asks %+v", r.m.Modal)
		}
		r.press("tab", " ")
		if got := f.Confirm().Want; got != personalWord {
			t.Errorf("with user_ids it wants %q", got)
		}
		r.press("tab", "tab")
		r.pass(time.Second)
		for _, letter := range personalWord {
			r.pass(60 * time.Millisecond)
			r.press(string(letter))
		}
		r.pass(time.Second)
		if len(written) != 1 || written[0].People == nil || written[0].People.By != mirror.ByLastFailure || written[0].People.States != Tabs[1].States || !written[0].Personal {
			t.Errorf("written: %+v", written)
		}
		if !r.m.Overlay().Is(PeopleOverlay) {
			t.Errorf("the export led to %T", r.m.Modal)
		}
		r.press("5", "/", "z", "enter", "E")
		if n := r.notice(); n.Text != "Can't export: nobody is listed" {
			t.Errorf("%+v", n)
		}
	})
}

// TestKeysBeforePeopleAreRead: enter waits for the person whom the keys before it lead to, c
// and r are refused until that one is shown.
func TestKeysBeforePeopleAreRead(t *testing.T) {
	for name, c := range map[string]struct{ before, leads string }{"search": {"U / d a n enter", "dan"}, "tab": {"U 5", "ann"}, "opened": {"5 U", "ann"}} {
		for _, key := range []string{"enter", "r", "c"} {
			t.Run(name+" "+key, func(t *testing.T) {
				peopleRig(t, func(r *rig) {
					script := append(keys(c.before), key)
					first := 0
					if script[0] == "U" {
						r.press("U")
						first = 1
					}
					r.late = func(msg tea.Msg) bool {
						switch msg.(type) {
						case pageFound, peopleRead:
							return true
						}
						return false
					}
					r.press(script[first:]...)
					r.late = nil
					for len(r.held) > 0 {
						held := r.held
						r.held = nil
						for _, msg := range held {
							r.send(msg)
						}
						r.settle()
					}
					switch {
					case key == "enter" && r.m.List.View != View{Kind: PersonView, UserID: c.leads}:
						t.Errorf("enter led to %s", r.whereabouts())
					case key != "enter" && (r.m.Modal == nil || !r.m.Overlay().Is(PeopleOverlay) || r.notice().Hint == "" && r.notice().Text == ""):
						t.Errorf("%s led to %T of %s", key, r.m.Modal, r.whereabouts())
					}
				})
			})
		}
	}
}
