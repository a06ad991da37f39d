package model

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/ledger"
)

// The clipboard is emptied after a while if idtop copied last, as far as it can know.
func TestClipboardIsEmptied(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		then  func(r *rig)
		want  string // what is said, "" for nothing
	}{
		"in time":           {30 * time.Second, func(*rig) {}, "Emptied the terminal's clipboard"},
		"without a setting": {0, func(*rig) {}, ""},
		"after a blur":      {30 * time.Second, func(r *rig) { r.send(tea.BlurMsg{}); r.send(tea.FocusMsg{}) }, "The clipboard was not emptied"},
	} {
		t.Run(name, func(t *testing.T) {
			withRig(t, nil, func(t *testing.T, r *rig) {
				r.m.config.Clipboard.Clear = c.after
				r.press("g", "y")
				c.then(r)
				r.pass(29 * time.Second)
				if said(r, "clipboard") != 1 {
					t.Errorf("too early: %+v", r.m.Log.Messages)
				}
				r.pass(2 * time.Second)
				if c.want == "" && said(r, "mptied") > 0 || c.want != "" && said(r, c.want) != 1 {
					t.Errorf("%+v", r.m.Log.Messages)
				}
			})
		})
	}
}

// Every end of idtop empties the clipboard, if idtop copied last.
func TestClipboardIsEmptiedAtTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		then  func(r *rig)
		want  bool
	}{
		"copied":            {40 * time.Second, func(r *rig) { r.press("g", "y") }, true},
		"without a copy":    {40 * time.Second, func(r *rig) { r.press("g") }, false},
		"without a setting": {0, func(r *rig) { r.press("g", "y") }, false},
		"after a blur":      {40 * time.Second, func(r *rig) { r.press("g", "y"); r.send(tea.BlurMsg{}) }, false},
		"after a stop":      {40 * time.Second, func(r *rig) { r.press("g", "y"); r.send(tea.ResumeMsg{}) }, false},
		"emptied before":    {40 * time.Second, func(r *rig) { r.press("g", "y"); r.pass(41 * time.Second) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			for how, end := range map[string]func(m *Model) tea.Cmd{"quit": (*Model).leave, "signal": (*Model).onEnded} {
				withRig(t, nil, func(t *testing.T, r *rig) {
					r.m.config.Clipboard.Clear = c.after
					c.then(r)
					if _, quits := end(r.m)().(tea.QuitMsg); quits == c.want { // else it is a sequence of two
						t.Errorf("%s: it only quits: %t", how, quits)
					}
					r.pass(41 * time.Second) // the copy's timer ends, too
				})
			}
		})
	}
}

// A later copy has a time of its own.
func TestClipboardOfALaterCopy(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.m.config.Clipboard.Clear = 30 * time.Second
		r.press("g", "y")
		r.pass(20 * time.Second)
		r.press("y")
		r.pass(20 * time.Second)
		if said(r, "Emptied") != 0 {
			t.Error("a later copy was emptied too early")
		}
		r.pass(11 * time.Second)
		if said(r, "Emptied") != 1 {
			t.Errorf("%+v", r.m.Log.Messages)
		}
	})
}

// said counts the messages with a text.
func said(r *rig, text string) (n int) {
	for _, msg := range r.m.Log.Messages {
		if strings.Contains(msg.Text, text) {
			n++
		}
	}
	return n
}

// In a live account a user_id is copied only where the config allows it.
func TestCopyOfAUserID(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		row, _ := r.m.List.Current()
		row.Livemode = true
		if r.m.whyNotCopyUser(row.Row) == "" {
			t.Error("it is copied in a live account")
		}
		r.m.config.Clipboard.UserIDs = true
		if why := r.m.whyNotCopyUser(row.Row); why != "" {
			t.Error(why)
		}
		row.Livemode, r.m.config.Clipboard.UserIDs = false, false
		if why := r.m.whyNotCopyUser(row.Row); why != "" {
			t.Error(why)
		}
	})
}

// y copies a revealed value only where the config allows it, and the ledger has the copy.
func TestCopyOfWhatIsRevealed(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		withRig(t, nil, func(t *testing.T, r *rig) {
			r.m.config.Clipboard.Outputs = allowed
			var copied []string
			r.m.config.Clip = func(s string) (string, error) { copied = append(copied, s); return s, nil }
			reveal(t, r)
			r.press("y")
			want := r.m.List.Selected
			if allowed {
				want = "Jenny Rosen"
			}
			if len(copied) != 1 || copied[0] != want {
				t.Errorf("allowed %v: copied %q", allowed, copied)
			}
			if said(r, "Jenny") > 0 {
				t.Error("a message repeats what was copied")
			}
			notes := 0
			records, err := r.m.config.Desk.Ledger.OfSession(r.m.List.Selected)
			if err != nil {
				t.Fatal(err)
			}
			for _, record := range records {
				if record.Verb == ledger.Copy && record.Detail == "name" {
					notes++
				}
			}
			if notes == 1 != allowed {
				t.Errorf("allowed %v: %d records", allowed, notes)
			}
		})
	}
}
