package model

import (
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/keymap"
)

// helpIDs are the actions that the help shows.
func helpIDs(m *Model) (ids []keymap.ID) {
	for _, e := range open[*Help](m).Entries {
		ids = append(ids, e.ID)
	}
	return ids
}

// TestHelpIsForTheMode: it shows exactly the actions whose keys work where it was
// opened, and closing it leads back there.
func TestHelpIsForTheMode(t *testing.T) {
	lateRig(t, func(r *rig) {
		for keys, mode := range map[string]keymap.Mode{
			"": keymap.List, "enter tab": keymap.Detail, "J": keymap.Overlay | keymap.JobsMode,
			"i": keymap.Overlay | keymap.InsightsMode, "t": keymap.Overlay | keymap.TimelineMode, "!": keymap.Overlay,
		} {
			r.script(strings.Fields(keys))
			before, page := r.m.Focus, r.m.Overlay()
			r.press("?")
			var want []keymap.ID
			for _, group := range keymap.Groups() {
				for _, a := range keymap.Actions() {
					if a.Group == group && a.Modes&mode != 0 && a.ID != keymap.Help {
						want = append(want, a.ID)
					}
				}
			}
			if got := helpIDs(r.m); !slices.Equal(got, want) {
				t.Errorf("%q: %q, want %q", keys, got, want)
			}
			if r.press("?"); open[*Help](r.m) != nil || r.m.Focus != before || r.m.Overlay() != page {
				t.Errorf("%q: closing led elsewhere", keys)
			}
			r.press("esc", "esc", "esc", "j")
		}
	})
}

// TestHelpSearches keys, names and help; enter carries out what is under the cursor, or
// says why it can't be and stays.
func TestHelpSearches(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.press("?")
		h := open[*Help](r.m)
		if h.All != len(h.Entries) || h.NotNow == 0 || h.NotNow >= h.All {
			t.Errorf("%d of %d can't be done, %d shown", h.NotNow, h.All, len(h.Entries))
		}
		for text, want := range map[string]keymap.ID{"link": keymap.Link, "ctrl+r": keymap.SyncNow, "fresh link": keymap.Link, "Dashboard": keymap.Dashboard} {
			r.press("/")
			r.types(text)
			if !slices.Contains(helpIDs(r.m), want) || len(helpIDs(r.m)) > 4 {
				t.Errorf("%s: %q", text, helpIDs(r.m))
			}
			if r.press("esc"); h.Searching || len(h.Entries) != h.All {
				t.Errorf("esc left %d entries", len(h.Entries))
			}
		}
		r.press("/")
		r.types("recall")
		r.press("enter")
		if n := r.notice(); open[*Help](r.m) == nil || n.Text != "Can't recall: nothing waits to be sent" {
			t.Errorf("%+v", n)
		}
		r.press("esc", "/")
		r.types("failed sessions")
		if r.press("enter"); r.m.Modal != nil || r.m.List.Tab != 1 {
			t.Errorf("modal %T, tab %d", r.m.Modal, r.m.List.Tab)
		}
		selected := r.m.List.Selected
		r.press("?", "/")
		r.types("cancel the session")
		r.press("enter")
		if d := open[*Dialog](r.m); d == nil || d.Row.ID != selected || len(r.api.posts) != 0 {
			t.Errorf("modal %T; it asks first, about the row of the cursor", r.m.Modal)
		}
		r.pass(time.Second)
	})
}

// TestHelpRunsInPages: what is chosen is carried out in the page that it was opened over.
func TestHelpRunsInPages(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.press("i", "?", "/")
		r.types("next window")
		window := r.m.Insights.Window
		if r.press("enter"); !r.m.Overlay().Is(InsightsOverlay) || r.m.Insights.Window == window {
			t.Errorf("overlay %+v, window %d", r.m.Overlay(), r.m.Insights.Window)
		}
	})
}

// TestHelpPages: the pages of the frame are those that pgup and pgdn turn.
func TestHelpPages(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.press("?")
		h := open[*Help](r.m)
		for _, step := range []struct {
			key string
			at  int
		}{{"pgdown", 20}, {"j", 21}, {"pgdown", 40}, {"pgdown", h.All - 1}, {"pgup", 20}, {"pgup", 0}, {"G", h.All - 1}, {"g", 0}, {"k", 0}} {
			if r.press(step.key); h.At != step.at {
				t.Errorf("%s: entry %d, want %d", step.key, h.At, step.at)
			}
		}
	})
}

// TestHelpAsText: y copies what is shown, with the reasons, and no session's data.
func TestHelpAsText(t *testing.T) {
	lateRig(t, func(r *rig) {
		copied := ""
		r.m.config.Clip = func(s string) (string, error) { copied = s; return s, nil }
		r.press("?", "y")
		for _, want := range []string{"idtop: the keys for the list\n\nMove\n  k ↑ ", "\nAct\n", "  z           recall a confirmed job that is not sent yet (not now: nothing waits to be sent)\n"} {
			if !strings.Contains(copied, want) {
				t.Errorf("%q is not in\n%s", want, copied)
			}
		}
		if strings.Contains(copied, id(4)) || open[*Help](r.m) == nil {
			t.Errorf("copied\n%s", copied)
		}
	})
}
