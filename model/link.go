package model

import tea "charm.land/bubbletea/v2"

// copyLink reads a fresh link of the session and copies it. It is never shown:
// who has it can verify in the person's place.
func (m *Model) copyLink() tea.Cmd {
	row, _ := m.List.Current()
	return m.readLink(row.ID, row.UserID)
}

func (m *Model) onLinkRead(msg linkRead) tea.Cmd {
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	return m.copy(msg.link.Reveal(), Message{Text: "Copied a fresh link of " + msg.id,
		Hint: "good once, within 48 hours; give it to the person and nobody else"})
}
