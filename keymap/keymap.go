package keymap

import (
	"strings"

	"charm.land/bubbles/v2/key"
)

// Map binds keys to actions. It implements help.KeyMap of bubbles.
type Map struct {
	bindings []binding
	byKey    map[string][]int
}

type binding struct {
	action Action
	key    key.Binding
}

// Default returns the bindings that the registry names.
func Default() Map {
	m := Map{byKey: map[string][]int{}}
	for i, a := range actions {
		m.bindings = append(m.bindings, binding{a, key.NewBinding(
			key.WithKeys(a.Keys...), key.WithHelp(Label(a), a.Title))})
		for _, k := range a.Keys {
			m.byKey[k] = append(m.byKey[k], i)
		}
	}
	return m
}

// Resolve returns the action of a key, as Bubble Tea names it, in a mode.
func (m Map) Resolve(mode Mode, name string) (ID, bool) {
	for _, i := range m.byKey[name] {
		if m.bindings[i].action.Modes&mode != 0 {
			return m.bindings[i].action.ID, true
		}
	}
	return "", false
}

// ShortHelp lists the bindings that matter most.
func (m Map) ShortHelp() []key.Binding {
	var out []key.Binding
	for _, id := range []ID{Open, Search, Cancel, Redact, Help, Quit} {
		for _, b := range m.bindings {
			if b.action.ID == id {
				out = append(out, b.key)
			}
		}
	}
	return out
}

// FullHelp lists all bindings, one column for each group.
func (m Map) FullHelp() [][]key.Binding {
	columns := make([][]key.Binding, 0, len(Groups()))
	for _, g := range Groups() {
		var column []key.Binding
		for _, b := range m.bindings {
			if b.action.Group == g {
				column = append(column, b.key)
			}
		}
		columns = append(columns, column)
	}
	return columns
}

var signs = map[string]string{"up": "↑", "down": "↓", "pgdown": "pgdn"}

// Label writes the keys of an action as people read them, such as "k ↑".
func Label(a Action) string {
	names := make([]string, 0, len(a.Keys))
	for _, k := range a.Keys {
		if sign, ok := signs[k]; ok {
			k = sign
		}
		names = append(names, k)
	}
	return strings.Join(names, " ")
}
