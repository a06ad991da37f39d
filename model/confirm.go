package model

import (
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// Dialog asks whether a verb is to be carried out on one session. It is about
// that session until it is closed, whatever becomes of the list behind it.
type Dialog struct {
	Verb  client.Verb
	Row   mirror.Row   // the session as it was when asked; only its id counts
	Now   client.State // its state by now, when that changed; else StateUnknown
	Want  string       // what has to be typed: "y", or the last four of the id
	Typed string
	Block string // why it can't be confirmed, "" when it can

	looked int // number of the last look at the session that was answered

	answer
}

// confirm opens the dialog for the session under the cursor. A redaction in a live
// account wants the last four characters of the id, all else one letter.
func (m *Model) confirm(verb client.Verb) tea.Cmd {
	row, ok := m.List.Current()
	if !ok {
		return nil
	}
	want := "y"
	if verb == client.Redact && (m.Identity.Live || row.Livemode) {
		want = row.ID[max(0, len(row.ID)-4):]
	}
	// The list may be older than what the store knows by now.
	m.Dialog = &Dialog{Verb: verb, Row: row.Row, Want: want, Block: LookingUp}
	m.mask()
	return tea.Batch(m.watchRow(row.ID), m.arm(quietTime))
}

// dialogKey takes every key while a dialog is open. Enter never confirms.
func (m *Model) dialogKey(msg tea.KeyPressMsg) tea.Cmd {
	d := *m.Dialog
	one := d.Want == "y"
	switch key := msg.String(); key {
	case "esc", "ctrl+c":
		m.Dialog = nil
		return nil
	case "n", "N", "q":
		if one {
			m.Dialog = nil
			m.mute()
			return nil
		}
	}
	text := msg.Text
	switch {
	case msg.IsRepeat:
		return nil
	case m.typing.early(&d.answer):
		return m.disarm(longQuietTime)
	case d.Block != "":
		return nil
	case one && (text != d.Want || m.typing.gap < quietTime): // it would be one key of many
		return m.disarm(quietTime)
	case msg.String() == "backspace":
		_, last := utf8.DecodeLastRuneInString(d.Typed)
		d.Typed = d.Typed[:len(d.Typed)-last]
	case text != "" && len(d.Typed)+len(text) <= len(d.Want):
		m.typing.take(&d.answer, d.Typed)
		d.Typed += text
	}
	m.Dialog = &d
	switch {
	case d.Typed != d.Want:
		return nil
	case one:
		m.typing.answered = true
		return nil
	}
	return m.completed(&d.answer)
}

// dialogAnswered carries out what was asked.
func (m *Model) dialogAnswered() tea.Cmd {
	d := *m.Dialog
	if d.Block != "" || d.Typed != d.Want {
		return nil
	}
	m.Dialog = nil
	m.mute()
	return m.send(d)
}

// LookingUp is why a dialog can't be confirmed before its session was looked up.
const LookingUp = "it is being looked up"

// watchRow reads the session that the dialog is about, which need not be on the
// page any more.
func (m *Model) watchRow(id string) tea.Cmd {
	m.looks++
	ctx, store, look := m.config.Context, m.config.Store, m.looks
	return func() tea.Msg {
		row, found, err := store.Get(ctx, id)
		return rowRead{look, id, row, found, err}
	}
}

// rowRead is sent by watchRow with the session of the open dialog. An answer that
// is older than one that came is dropped.
type rowRead struct {
	look  int
	id    string
	row   mirror.Row
	found bool
	err   error
}

// onRowRead closes the way to a confirmation while the session of the dialog is
// not known to be in the state that was shown.
func (m *Model) onRowRead(msg rowRead) tea.Cmd {
	if m.Dialog == nil || m.Dialog.Row.ID != msg.id || msg.look <= m.Dialog.looked {
		return nil
	}
	d := *m.Dialog
	d.looked, d.Block, d.Now = msg.look, "", client.StateUnknown
	switch {
	case msg.err != nil:
		d.Block = "it could not be looked up"
	case !msg.found:
		d.Block = "it is not known any more"
	case msg.row.State != d.Row.State:
		d.Block, d.Now = "it has changed: back out and look again", msg.row.State
	}
	m.Dialog = &d
	return nil
}
