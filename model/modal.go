package model

import (
	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// Modal has all keys and pastes while it is open: a dialog, a form, the command
// palette, a plan, an overlay or the search line. Model.Modal is the only place
// that keeps one. The handler of a late answer checks there whether the modal that
// asked is still open.
type Modal interface {
	key(*Model, tea.KeyPressMsg) tea.Cmd
	paste(*Model, tea.PasteMsg) tea.Cmd
	asks() *question         // nil when nothing is typed to confirm
	answered(*Model) tea.Cmd // carries out the answer, after a rest without further keys
}

// asksNothing is embedded in each Modal without a confirmation.
type asksNothing struct{}

func (asksNothing) asks() *question         { return nil }
func (asksNothing) answered(*Model) tea.Cmd { return nil }

// open returns the modal if it is a T, else nil.
func open[T Modal](m *Model) T {
	modal, _ := m.Modal.(T)
	return modal
}

// close closes the modal. A form that was opened over the jobs returns to them.
func (m *Model) close() {
	if f := open[*Form](m); f != nil {
		m.Modal = f.over
		return
	}
	m.Modal = nil
}

// Overlay returns the shown overlay, even when a form covers it; nil when there is
// none.
func (m *Model) Overlay() *Overlay {
	if f := open[*Form](m); f != nil {
		o, _ := f.over.(*Overlay)
		return o
	}
	return open[*Overlay](m)
}

// Typing tells whether the search line has the keys.
func (m *Model) Typing() bool { _, typing := m.Modal.(SearchLine); return typing }

// inPane tells whether the list or the detail has the keys: a modal that opens by
// itself opens only then.
func (m *Model) inPane() bool { return m.Modal == nil && !m.Layout().TooSmall }

// onKey gives a key to the modal or the pane. In a window that is too small only
// quit acts.
func (m *Model) onKey(msg tea.KeyPressMsg) tea.Cmd {
	m.keys++
	id, _ := m.config.Keys.Resolve(keymap.List, msg.String())
	if id == keymap.Redraw { // in every modal
		return m.do(id)
	}
	if id != keymap.Quit {
		m.quitting = false // any other key cancels a pending quit
	}
	switch {
	case m.Layout().TooSmall && id == keymap.Quit:
		return m.quit()
	case m.Layout().TooSmall:
		return nil
	case m.Modal != nil:
		return m.Modal.key(m, msg)
	}
	return m.paneKey(msg)
}

// onPaste gives a paste to the modal. A paste never confirms.
func (m *Model) onPaste(msg tea.PasteMsg) tea.Cmd {
	m.keys++
	m.typing.answered = false
	if m.Layout().TooSmall || m.Modal == nil {
		return nil
	}
	return m.Modal.paste(m, msg)
}

// bound returns the action of a key that writes nothing: in a field, letters are
// text.
func (m *Model) bound(mode keymap.Mode, msg tea.KeyPressMsg) keymap.ID {
	if msg.Text != "" {
		return ""
	}
	id, _ := m.config.Keys.Resolve(mode, msg.String())
	return id
}
