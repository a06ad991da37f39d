package ui

import (
	"strings"

	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// keyOf is the first key of an action, as the operator has it.
func keyOf(m *model.Model, id keymap.ID) safe.Text { return safe.Spelled(m.Keys().Key(id)) }

// keyed is a text with the operator's keys in it, see keymap.Map.Text.
func keyed(m *model.Model, text string) safe.Text { return safe.Spelled(m.Keys().Text(text)) }

// upDown are the keys that choose beside a field with text.
func upDown(m *model.Model) safe.Text { return bothKeys(m, keymap.Up, keymap.Down) }

// bothKeys are the keys of two actions that belong together, where letters are text. Arrows
// with the same modifiers are written as one key.
func bothKeys(m *model.Model, first, second keymap.ID) safe.Text {
	one, two := m.Keys().KeyInField(first), m.Keys().KeyInField(second)
	if held, ok := strings.CutSuffix(one, "up"); ok && !safe.ASCII() && two == held+"down" && strings.HasSuffix(held, "+") {
		return safe.Spelled(held + "↑↓")
	}
	return safe.Spelled(one + " " + two)
}
