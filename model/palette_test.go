package model

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/keymap"
)

// names are the names of some entries.
func names(entries []Entry) (all []string) {
	for _, e := range entries {
		all = append(all, e.Name)
	}
	return all
}

// TestPaletteOrder: first what can be done, matches in names before people before
// matches in help; then, in the same order, what can't be done now, with the reason.
func TestPaletteOrder(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.press(":")
		all := len(open[*Palette](r.m).Entries)
		r.types("mask")
		p := open[*Palette](r.m)
		if got := names(p.Entries[:p.Able]); len(got) != 0 {
			t.Errorf("%q can be done", got)
		}
		if got := p.Entries[p.Able]; got.Action != keymap.Reveal || got.Why == "" || p.All != all {
			t.Errorf("%+v, %d of %d", got, p.All, all)
		}
		r.press("esc", ":")
		r.types("an")
		p = open[*Palette](r.m)
		got := names(p.Entries)
		person, help := slices.Index(got, "ann"), slices.IndexFunc(p.Entries, func(e Entry) bool { return e.Action == keymap.Insights })
		if name := slices.Index(got, "cancel"); name < 0 || person < name || help < person || help >= p.Able {
			t.Errorf("%q, the first %d can be done", got, p.Able)
		}
		if slices.Contains(got, "bob") || slices.Index(got[person+1:], "ann") >= 0 {
			t.Errorf("the people are not those named an, each once: %q", got)
		}
	})
}

// TestPaletteStays: enter on what can't be done says why, and the palette stays.
func TestPaletteStays(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.press(":")
		r.types("recall")
		r.press("enter")
		if n := r.notice(); open[*Palette](r.m) == nil || n.Text != "Can't recall: nothing waits to be sent" {
			t.Errorf("%+v", n)
		}
	})
}

// TestPaletteFindsPeople: a person is found by letters of the user_id, and shown.
func TestPaletteFindsPeople(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.add(session(9, "write it", client.StatusVerified, ""))
		for text, want := range map[string]string{"bob": "bob", "an": "ann", "writeit": "write it"} {
			r.press(":")
			r.types(text)
			p := open[*Palette](r.m)
			at := slices.IndexFunc(p.Entries, func(e Entry) bool { return e.Person.ID != "" })
			if at < 0 || p.Entries[at].Key != "u" || !strings.Contains(p.Entries[at].Help, "session") {
				t.Fatalf("%s: %+v", text, p.Entries)
			}
			for range at {
				r.press("down")
			}
			if r.press("enter"); r.m.List.View != (View{Kind: PersonView, UserID: want}) {
				t.Errorf("%s led to %+v", text, r.m.List.View)
			}
			r.press("esc")
		}
	})
}

// TestPaletteDropsPeople: while the answer for a longer text is awaited, nobody who
// does not match it is offered.
func TestPaletteDropsPeople(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.press(":", "b")
		r.late = func(msg tea.Msg) bool { _, found := msg.(peopleFound); return found }
		r.types("x")
		if got := names(open[*Palette](r.m).Entries); slices.Contains(got, "bob") {
			t.Errorf("bob has no x: %q", got)
		}
	})
}

// TestPaletteFindsViews: a saved view is found by letters of its name, with the key that it
// has, and is opened.
func TestPaletteFindsViews(t *testing.T) {
	lateRig(t, func(r *rig) {
		for text, want := range map[string]Entry{"stuck": {Name: "Stuck", Key: "8"}, "mnytr": {Name: "Many tries"}} {
			r.press(":")
			r.types(text)
			p := open[*Palette](r.m)
			got := p.Entries[0]
			if got.View != want.Name || got.Key != want.Key || !strings.HasPrefix(got.Help, "the view state:failed tries") && got.Key == "" {
				t.Fatalf("%s: %+v", text, got)
			}
			if n := slices.Index(names(p.Entries[1:]), got.Name); n >= 0 {
				t.Errorf("%s is offered twice", got.Name)
			}
			if r.press("enter"); r.m.List.Saved != want.Name || r.m.Modal != nil {
				t.Errorf("%s opened %q", text, r.m.List.Saved)
			}
		}
	})
}
