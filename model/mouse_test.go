package model

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/keymap"
)

// clicks clicks a cell on a frame that has one spot there.
func (r *rig) clicks(spot Spot) {
	spot.X, spot.Y, spot.Width = 3, 4, 10
	r.m.Shown.Spots = []Spot{spot}
	r.send(tea.MouseClickMsg{X: 5, Y: 4, Button: tea.MouseLeft})
	r.settle()
}

// A click means what was drawn under the pointer: its session, wherever that is in the
// list by now, and nothing when it has left.
func TestAClickOnAnOldFrame(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.m.Mouse = true
		r.press("f")
		drawn := Spot{Kind: RowSpot, ID: id(3)} // bob, in the second row
		r.add(session(9, "newest", client.StatusRequiresInput, ""), session(10, "newer still", client.StatusRequiresInput, ""))
		r.clicks(drawn)
		if r.m.List.Selected != id(3) || r.m.List.Index != 3 {
			t.Errorf("selected %s, row %d", r.m.List.Selected, r.m.List.Index)
		}
		r.press("5")
		r.clicks(drawn)
		if r.m.List.Selected == id(3) || r.notice().Text != "The session under the pointer has just left this list" {
			t.Errorf("selected %s; %+v", r.m.List.Selected, r.notice())
		}
		r.press("1")
		r.clicks(Spot{Kind: RowSpot, ID: id(3)})
		if r.clicks(drawn); !r.m.Detail.Wanted || r.m.Detail.ID != id(3) {
			t.Errorf("the second click opened %+v", r.m.Detail)
		}
	})
}

// While something else than a pane or a page has the keys, neither clicks nor the wheel
// change what will be done.
func TestTheMouseAnswersNothing(t *testing.T) {
	for _, script := range []string{"c ~", "r ~", "space r ~", "n", "m", ":", "/ x", "C", "ctrl+s"} {
		lateRig(t, func(r *rig) {
			r.m.Mouse = true
			r.script(keys(script))
			before, posts := r.seenState(), len(r.api.posts)
			for _, spot := range []Spot{{Kind: RowSpot, ID: id(2)}, {Kind: ActionSpot, Action: keymap.Back}, {Kind: ActionSpot, Action: keymap.Tab5}, {Kind: HeadSpot}} {
				r.clicks(spot)
			}
			if r.seenState() != before || len(r.api.posts) != posts {
				t.Errorf("%s: was:\n%s\nis:\n%s", script, before, r.seenState())
			}
		})
	}
}

// What acts at once without a dialog takes its key, and esc aborts no job by clicks.
func TestWhatTakesTheKey(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.m.Mouse = true
		r.script(keys("J"))
		r.clicks(Spot{Kind: ActionSpot, Action: keymap.JobClose})
		if n := r.notice(); n.Text != "That takes the key, not the mouse: X" {
			t.Errorf("%+v", n)
		}
		r.script(keys("?"))
		help := open[*Help](r.m)
		at := slices.IndexFunc(help.Entries, func(e HelpEntry) bool { return e.ID == keymap.JobClose })
		help.Entries[at].Why = "" // there is a job to close
		r.clicks(Spot{Kind: EntrySpot, At: at})
		r.clicks(Spot{Kind: ActionSpot, Action: keymap.HelpRun})
		if n := r.notice(); n.Text != "That takes the key, not the mouse: X" || open[*Help](r.m) == nil {
			t.Errorf("%+v", n)
		}
		r.script(keys("esc"))
		r.m.config.Undo = time.Minute
		r.script(keys("esc c ~ y ~ J"))
		for range 3 {
			r.clicks(Spot{Kind: ActionSpot, Action: keymap.Back})
		}
		if n := r.notice(); n.Text != "That takes the key, not the mouse: esc" || r.m.Jobs.Aborting {
			t.Errorf("%+v", n)
		}
	})
}

// Off, it is the terminal's: nothing that may still come is taken.
func TestTheMouseIsOff(t *testing.T) {
	lateRig(t, func(r *rig) {
		before := r.seenState()
		r.clicks(Spot{Kind: RowSpot, ID: id(2)})
		r.send(tea.MouseWheelMsg{X: 5, Y: 8, Button: tea.MouseWheelDown})
		if r.seenState() != before {
			t.Errorf("was:\n%s\nis:\n%s", before, r.seenState())
		}
		r.press("ctrl+t")
		r.clicks(Spot{Kind: RowSpot, ID: id(2)})
		if r.m.List.Selected != id(2) {
			t.Error("on, it selects nothing")
		}
		if r.press("ctrl+t"); r.notice().Text != "mouse off: the terminal selects text again" {
			t.Errorf("%+v", r.notice())
		}
	})
}
