package model

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

func (m *Model) onTicked(msg ticked) tea.Cmd {
	m.Now = msg.at
	if m.config.Reads != nil {
		m.Reads = m.config.Reads()
	}
	return m.tick()
}

// onSyncerChanged logs the first failure of a row of them, and their end; the
// screen shows the others by their countdown.
func (m *Model) onSyncerChanged(msg syncerChanged) tea.Cmd {
	was := m.Sync
	m.Sync = msg.status
	switch {
	case was.Err == nil && m.Sync.Err != nil:
		m.logError(m.Sync.Err)
	case was.Err != nil && m.Sync.Err == nil:
		m.logDone("Reading from Stripe again")
	}
	if m.Sync.Err != nil && !m.List.Loaded {
		return tea.Batch(m.awaitSyncer(), m.refind())
	}
	return m.awaitSyncer()
}

// Fatal is the error that leaves nothing to show: the key was refused before
// anything was read. It is nil while there is hope.
func Fatal(status mirror.Status) error {
	kind := client.KindOf(status.Err)
	if status.Last.IsZero() && (kind == client.KindAuth || kind == client.KindPermission) {
		return status.Err
	}
	return nil
}

func (m *Model) onAccountRead(msg accountRead) tea.Cmd {
	var e *client.Error
	switch {
	case msg.err == nil && msg.account.Name != "":
		m.Identity.Account = msg.account.Name
	case msg.err == nil && msg.account.ID != "":
		m.Identity.Account = msg.account.ID
	case errors.As(msg.err, &e):
		// The key may not read the account, or the server did not answer: the
		// last four characters of the key have to do.
	}
	return nil
}

// onFocus makes polls rarer while nobody looks, and hides what is private.
func (m *Model) onFocus(focused bool) tea.Cmd {
	if !focused {
		m.mask()
	}
	return m.focusSyncer(focused)
}

func (m *Model) togglePause() tea.Cmd { return m.pauseSyncer(m.Sync.Phase != mirror.Paused) }

// quit leaves as soon as no answer is awaited; asked for again, at once.
func (m *Model) quit() tea.Cmd {
	m.mask()
	if len(m.Sending) > 0 && !m.quitting {
		m.quitting = true
		m.logWarning("Waiting for the answer to what was sent", "quit again to leave without it")
		return nil
	}
	return tea.Quit
}

func (m *Model) suspend() tea.Cmd {
	m.mask()
	return tea.Suspend
}
