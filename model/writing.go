package model

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"idtop/client/act"
	"idtop/client/plan"
	"idtop/keymap"
)

// command carries out a command of the palette. One that needs an argument has
// it.
func (m *Model) command(name, argument string) tea.Cmd {
	if why := m.whyNotCommand(name); why != "" {
		m.log(Message{Level: Refusal, Text: "Can't do " + name + ": " + why})
		return nil
	}
	switch name {
	case keymap.Write:
		return m.askWrite(argument)
	case keymap.ReadOnly:
		return m.shutGate()
	}
	return nil
}

// onWriteAsked lets this account be changed, once the operator has seen what that
// releases. A reason that can't be recorded is handed back to be changed.
func (m *Model) onWriteAsked(msg writeAsked) tea.Cmd {
	busy := !m.inPane() || msg.keys != m.keys
	var reason *act.ReasonError
	switch {
	case msg.asked != m.gateMoves: // it was switched off meanwhile
	case errors.As(msg.err, &reason):
		m.log(Message{Level: Refusal, Text: "Still read-only: " + reason.Error(), Hint: "change it: it is recorded for ever"})
		if !busy {
			m.openPalette()
			input := *m.Palette.input
			input.SetValue(keymap.Write + " " + msg.reason)
			input.CursorEnd()
			m.setPalette(&input)
		}
	case msg.err != nil:
		m.logError(msg.err)
	case len(msg.waiting) == 0:
		return m.openGate(msg.reason, nil)
	case busy:
		m.logWarning("Still read-only: "+plan.WaitingWords(msg.waiting)+" would be sent", ":write again shows them")
	default:
		return m.openForm(Form{Kind: WriteForm, Reason: msg.reason, Waiting: msg.waiting, fields: fields{Fields: []Field{confirmField("write")}}})
	}
	return nil
}

// onGateMoved shows whether something can be changed now. An answer that something
// newer was asked after moves nothing.
func (m *Model) onGateMoved(msg gateMoved) tea.Cmd {
	late := msg.asked != m.gateMoves
	if !late {
		m.Identity.ReadOnly, m.gateMoved = !msg.open, msg.asked
		if msg.open {
			m.config.Gate.Open()
		}
	}
	switch {
	case msg.err != nil:
		m.logError(msg.err)
	case late:
	case msg.open:
		m.log(Message{Text: "Read-write from now on, until you quit", Hint: ":read-only goes back"})
	default:
		m.logDone("Read-only from now on")
	}
	return nil
}

func (m *Model) onEvidenceWritten(msg evidenceWritten) tea.Cmd {
	if msg.err != nil {
		m.log(Message{Level: Failure, Text: "No evidence was written: " + msg.err.Error(), Hint: hintOf(msg.err)})
		return nil
	}
	m.logDone("Evidence is in " + msg.path)
	return nil
}
