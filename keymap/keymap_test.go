package keymap

import "testing"

func TestEveryActionIsComplete(t *testing.T) {
	groups := map[Group]bool{}
	for _, g := range Groups() {
		groups[g] = true
	}
	seen := map[ID]bool{}
	for _, a := range Actions() {
		if a.ID == "" || a.Title == "" || a.Help == "" || a.Modes == 0 || len(a.Keys) == 0 {
			t.Errorf("incomplete action: %+v", a)
		}
		if !groups[a.Group] {
			t.Errorf("%s is in no shown group: %q", a.ID, a.Group)
		}
		if seen[a.ID] {
			t.Errorf("%s is listed twice", a.ID)
		}
		seen[a.ID] = true
		for _, k := range a.Keys {
			for mode := List; mode < modes; mode <<= 1 {
				id, ok := Default().Resolve(mode, k)
				if want := a.Modes&mode != 0; want && id != a.ID {
					t.Errorf("mode %d, key %q: got %q %v, want %q", mode, k, id, ok, a.ID)
				}
			}
		}
	}
}

func TestDestructiveActionsHaveOneKeyAndNoChord(t *testing.T) {
	for _, a := range Actions() {
		if (a.ID == Cancel || a.ID == Redact) && (len(a.Keys) != 1 || len(a.Keys[0]) != 1) {
			t.Errorf("%s: a chord that a terminal or multiplexer also uses must not start it: %q", a.ID, a.Keys)
		}
	}
}

func TestResolveUnknownKey(t *testing.T) {
	if id, ok := Default().Resolve(List, "ctrl+k"); ok {
		t.Errorf("ctrl+k resolves to %s", id)
	}
}
