package model

import (
	tea "charm.land/bubbletea/v2"

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
		return m.openGate(argument)
	case keymap.ReadOnly:
		return m.shutGate()
	}
	return nil
}

// onGateMoved shows whether something can be changed now.
func (m *Model) onGateMoved(msg gateMoved) tea.Cmd {
	m.Identity.ReadOnly = !msg.open
	switch {
	case msg.err != nil:
		m.logError(msg.err)
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
