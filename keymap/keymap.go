package keymap

import (
	"slices"
	"strings"
)

// Map binds keys to actions. The zero Map binds none.
type Map struct {
	bound map[ID]Action // each action, with the keys that it has here
	byKey map[string][]ID
}

// Default returns the bindings that the registry names.
func Default() Map {
	m := Map{bound: make(map[ID]Action, len(actions))}
	for _, a := range actions {
		m.bound[a.ID] = a
	}
	m.index()
	return m
}

// index finds the actions of each key.
func (m *Map) index() {
	m.byKey = map[string][]ID{}
	for _, a := range actions {
		for _, k := range m.bound[a.ID].Keys {
			m.byKey[k] = append(m.byKey[k], a.ID)
		}
	}
}

// Resolve returns the action of a key, as Bubble Tea names it, in a mode.
func (m Map) Resolve(mode Mode, name string) (ID, bool) {
	for _, id := range m.byKey[name] {
		if m.bound[id].Modes&mode != 0 {
			return id, true
		}
	}
	return "", false
}

// Keys are the keys of an action, as Bubble Tea names them. The slice is a copy.
func (m Map) Keys(id ID) []string { return slices.Clone(m.bound[id].Keys) }

// Label writes all keys of an action as people read them, such as "k ↑"; "" when it
// has none.
func (m Map) Label(id ID) string { return label(m.bound[id].Keys) }

// Key writes the first key of an action. An action without one has its name in the
// commands, such as ":recall", if it is there.
func (m Map) Key(id ID) string {
	a := m.bound[id]
	switch {
	case len(a.Keys) > 0:
		return signOf(a.Keys[0])
	case a.Group == Moving, a.Group == Asked:
		return noKey
	}
	return m.Command(a.Title)
}

// KeyInField is Key where letters are text.
func (m Map) KeyInField(id ID) string {
	for _, k := range m.bound[id].Keys {
		if !writes(k) {
			return signOf(k)
		}
	}
	return noKey
}

const noKey = "no key"

// Command writes a command of the palette with the key of the palette, such as ":write".
func (m Map) Command(name string) string {
	switch keys := m.bound[Palette].Keys; {
	case len(keys) == 0:
		return noKey
	case keys[0] == ":":
		return ":" + name
	}
	return m.Key(Palette) + " " + name
}

// Text puts keys into a text: "{recall} recalls it" is "z recalls it", and "{:write}" is the
// command.
func (m Map) Text(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		command, isCommand := strings.CutPrefix(name, ":")
		_, isAction := m.bound[ID(name)]
		switch {
		case !closed || !isAction && !isCommand:
			b.WriteByte('{')
			after = rest
		case isCommand:
			b.WriteString(m.Command(command))
		default:
			b.WriteString(m.Key(ID(name)))
		}
		text = after
	}
}

var signs = map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→", "pgdown": "pgdn", "alt+left": "alt+←", "alt+right": "alt+→"}

// label writes keys as people read them.
func label(keys []string) string {
	names := make([]string, 0, len(keys))
	for _, k := range keys {
		names = append(names, signOf(k))
	}
	return strings.Join(names, " ")
}

func signOf(key string) string {
	if sign, ok := signs[key]; ok {
		return sign
	}
	return key
}
