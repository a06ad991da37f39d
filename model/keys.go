package model

import (
	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// nameOf is the name of a key: the text that it writes, composed or not, else its name on
// the operator's own layout.
func nameOf(msg tea.KeyPressMsg) string {
	key := msg.Key()
	if key.Text != "" && key.Text != " " {
		return key.Text
	}
	key.BaseCode = 0
	return keymap.Canonical(key.Keystroke())
}

// placeOf is the name of the key that is in the same place on a keyboard with the Latin
// layout, for layouts without its letters; "" where the terminal does not say it.
func placeOf(msg tea.KeyPressMsg) string {
	key := msg.Key()
	if letter := key.Code | 0x20; key.BaseCode == 0 || letter >= 'a' && letter <= 'z' {
		return ""
	}
	key.Code, key.BaseCode, key.Text = key.BaseCode, 0, ""
	return keymap.Canonical(key.Keystroke())
}

// is tells whether a key has a name.
func is(msg tea.KeyPressMsg, name string) bool { return nameOf(msg) == name || placeOf(msg) == name }

// resolve returns the action of a key in a mode. A key that has no action by its name has that
// of its place, but for a confirmation. A key that is held down repeats an action of keymap.Repeats only.
func (m *Model) resolve(mode keymap.Mode, msg tea.KeyPressMsg) (keymap.ID, bool) {
	id, ok := m.config.Keys.Resolve(mode, nameOf(msg))
	if !ok {
		if id, ok = m.config.Keys.Resolve(mode, placeOf(msg)); keymap.Confirms(id) {
			return "", false
		}
	}
	if msg.IsRepeat && !keymap.Repeats(id) {
		return "", false
	}
	return id, ok
}

// bound is resolve where letters are text: a key that writes has no action.
func (m *Model) bound(mode keymap.Mode, msg tea.KeyPressMsg) keymap.ID {
	if msg.Text != "" {
		return ""
	}
	id, _ := m.resolve(mode, msg)
	return id
}
