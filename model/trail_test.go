package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
)

// whereabouts is the operator's place, as seen.
func (r *rig) whereabouts() string {
	m := r.m
	page, whose := OverlayKind(0), []string(nil)
	if m.Overlay() != nil {
		switch page = m.Overlay().Kind; page {
		case TimelineOverlay:
			whose = m.Timeline.ids
		case PeopleOverlay:
			whose = []string{m.People.Selected, fmt.Sprint(m.People.Index)}
		}
	}
	return fmt.Sprint(m.Search.Text(), m.List.Tab, m.Order(), m.List.View, m.List.Selected, m.List.Index, m.List.Index-m.List.Top, page, whose)
}

// TestBackAndForth: [ leads through all places in reverse, with their rows and
// scrolling, ] forward again, and esc still leads where it did.
func TestBackAndForth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		for n := range 60 {
			r.add(session(n, fmt.Sprintf("user%d", n%7), client.StatusRequiresInput, "document_expired"))
		}
		var places []string
		for _, keys := range []string{"j j j j j j", "2 G k k k", "u j", "esc / u s e r 3 enter j j", "s", "i", "esc", "J", "esc", "t", "esc j t", "esc", "U j j", "enter", "esc", "2", "esc", "[", "]", "i", "esc g"} {
			r.script(strings.Fields(keys))
			if keys == "[" || keys == "]" {
				continue
			}
			places = append(places, r.whereabouts())
		}
		back := []string{r.whereabouts()}
		for len(r.m.trail.back) > 0 {
			r.press("[")
			back = append(back, r.whereabouts())
		}
		for _, want := range places {
			if !slices.Contains(back, want) {
				t.Errorf("[ did not lead to %s, but to %q", want, back)
			}
		}
		r.press("[")
		if n := r.notice(); n.Text != "Can't go back a place: this is where it began" {
			t.Error(n)
		}
		forth := []string{r.whereabouts()}
		for len(r.m.trail.forward) > 0 {
			r.press("]")
			forth = append(forth, r.whereabouts())
		}
		slices.Reverse(back)
		if !slices.Equal(back, forth[:len(back)]) {
			t.Errorf("back:\n%q\nforth:\n%q", back, forth)
		}
	})
}

// TestBackKeepsEsc: the way of esc belongs to the place.
func TestBackKeepsEsc(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.press("2", "u")
		person := r.whereabouts()
		r.press("esc", "5", "[", "[")
		if r.whereabouts() != person {
			t.Fatalf("%s, want %s", r.whereabouts(), person)
		}
		if r.press("esc"); r.m.List.View.Kind != WholeView || r.m.List.Tab != 1 {
			t.Errorf("esc led to %s", r.whereabouts())
		}
	})
}

// TestBackForgetsTheErased: a place never has the name of somebody who was erased, and
// leads to the page of the erasure.
func TestBackForgetsTheErased(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.press("U")
		for n := 0; r.m.People.Selected != "ann" && n < 9; n++ {
			r.press("j")
		}
		r.press("enter", "2", "[")
		if r.m.List.View.UserID != "ann" {
			t.Fatal(r.whereabouts())
		}
		for _, s := range []int{2, 4} {
			gone := session(s, "", client.StatusRequiresInput, "")
			gone.Redaction = &client.Redaction{Status: client.RedactionRedacted}
			gone.Metadata = nil
			r.add(gone)
		}
		r.pass(time.Second)
		if r.m.List.View.Kind != ErasedView {
			t.Fatal(r.whereabouts())
		}
		for _, places := range [][]place{r.m.trail.back, r.m.trail.forward, {r.m.trail.here}} {
			for _, p := range places {
				for _, p := range append(p.places, p) {
					if p.view.UserID != "" || p.who == "ann" {
						t.Errorf("a place has the name %s%s", p.view.UserID, p.who)
					}
				}
			}
		}
		if r.m.People.Selected != "" || len(r.m.People.Page.People) > 0 {
			t.Errorf("the people have %q", r.m.People.Selected)
		}
		r.press("]", "[")
		if !r.m.ErasedShown() || r.m.List.Page.Total != 2 {
			t.Errorf("%s, %d sessions", r.whereabouts(), r.m.List.Page.Total)
		}
	})
}

func TestNextFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		for n := range 10 {
			r.add(session(n, "user", client.StatusRequiresInput, "document_expired"))
		}
		r.pass(3 * FreshFor)
		r.press("j", ".")
		if n := r.notice(); n.Text != "No other row here has changed in the last 12s" {
			t.Error(n)
		}
		for _, n := range []int{2, 7} {
			r.add(session(n, "user", client.StatusProcessing, ""))
		}
		r.pass(2 * time.Second)
		for _, want := range []string{id(7), id(2), id(7)} {
			if r.press("."); r.m.List.Selected != want {
				t.Errorf("the cursor is on %s, want %s", r.m.List.Selected, want)
			}
		}
	})
}
