package model

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
)

// desk is the way to a Desk where there was none at the start: the disk may have been
// full, or another program may have locked the ledger.
type desk struct {
	opening bool
	tried   time.Time // when it was last tried
}

// deskEvery is the time between two tries.
const deskEvery = 5 * time.Second

// NoLedger tells whether nothing can be changed until the ledger can be opened.
func (m *Model) NoLedger() bool { return m.config.Desk == nil && m.config.OpenDesk != nil }

// sayNoDesk tells at the start why nothing can be changed.
func (m *Model) sayNoDesk() {
	if m.NoLedger() {
		m.desk.tried = m.Now
		m.log(Message{Level: Failure, Text: "Nothing can be changed: " + m.config.WhyNot, Hint: strings.TrimPrefix(m.config.WhyHint+"; idtop tries again every 5 s", "; ")})
	}
}

// openDesk tries again to open the ledger, while there is no Desk.
func (m *Model) openDesk() tea.Cmd {
	if !m.NoLedger() || m.desk.opening || m.Now.Sub(m.desk.tried) < deskEvery {
		return nil
	}
	m.desk = desk{opening: true, tried: m.Now}
	open := m.config.OpenDesk
	return func() tea.Msg {
		desk, err := open()
		return deskOpened{desk, err}
	}
}

// deskOpened is sent by openDesk.
type deskOpened struct {
	desk *act.Desk
	err  error
}

// onDeskOpened lets the operator act from now on. Another cause than the last one is
// logged.
func (m *Model) onDeskOpened(msg deskOpened) tea.Cmd {
	m.desk.opening = false
	switch {
	case m.config.Desk != nil:
		return nil
	case msg.err != nil:
		if why := msg.err.Error(); why != m.config.WhyNot {
			m.config.WhyNot, m.config.WhyHint = why, client.HintOf(msg.err)
			m.sayNoDesk()
		}
		return nil
	}
	m.config.Desk, m.config.WhyNot = msg.desk, ""
	m.logDone("The ledger can be used now: changes are possible")
	return m.readOpenJobs()
}
