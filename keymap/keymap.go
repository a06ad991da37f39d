package keymap

import "strings"

// Map binds keys to actions.
type Map struct{ byKey map[string][]Action }

// Default returns the bindings that the registry names.
func Default() Map {
	m := Map{map[string][]Action{}}
	for _, a := range actions {
		for _, k := range a.Keys {
			m.byKey[k] = append(m.byKey[k], a)
		}
	}
	return m
}

// Resolve returns the action of a key, as Bubble Tea names it, in a mode.
func (m Map) Resolve(mode Mode, name string) (ID, bool) {
	for _, a := range m.byKey[name] {
		if a.Modes&mode != 0 {
			return a.ID, true
		}
	}
	return "", false
}

var signs = map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→", "pgdown": "pgdn", "alt+left": "alt+←", "alt+right": "alt+→"}

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
