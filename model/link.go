package model

import tea "charm.land/bubbletea/v2"

// copyLink reads a fresh link of the session and copies it. It is never shown:
// who has it can verify in the person's place.
func (m *Model) copyLink() tea.Cmd {
	row, _ := m.List.Current()
	return m.readLink(row.Row)
}

func (m *Model) onLinkRead(msg linkRead) tea.Cmd {
	switch {
	case msg.err != nil:
		m.logErrorOf(msg.row, msg.err)
		return nil
	case msg.copies != m.copies:
		m.log(Message{Level: Refusal, Text: "The link of " + m.name(msg.row) + " came late and was not copied", Hint: "something else was copied meanwhile"})
		return nil
	}
	return m.copy(msg.link.Reveal(), Message{Text: "Copied a fresh link of " + m.name(msg.row),
		Hint: "good once, within 48 hours; give it to the person and nobody else"})
}
