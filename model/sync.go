package model

import (
	"cmp"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// readsShownFor is how long a number of reads stays on the screen: each poll
// would change it.
const readsShownFor = time.Minute

func (m *Model) onTicked(msg ticked) tea.Cmd {
	m.Now = msg.at
	if m.config.Reads != nil {
		m.countReads()
	}
	return m.tick()
}

// fewReads is what Stripe allows an account with few payments in a month.
const fewReads = 10_000

// countReads shows how much was read this month, and says once when it is too
// much, or could be.
func (m *Model) countReads() {
	var reads Reads
	reads.Used, reads.Allowed = m.config.Reads()
	was, few := m.usedUp, m.fewReads
	if m.usedUp = reads.usedUp(); m.usedUp != was || m.Sync.Filling || m.Now.Sub(m.readsAt) >= readsShownFor {
		m.Reads, m.readsAt = reads, m.Now
	}
	if m.usedUp && !was {
		m.logWarning("This month's reads are used up: changes are read once an hour until the month ends, and older sessions not at all",
			"ctrl+r reads at once; reads_per_month in the config is how many there may be")
	}
	m.fewReads = reads.Allowed == 0 && reads.Used >= fewReads && !m.Identity.Demo
	if m.fewReads && !few {
		m.logWarning("More than 10,000 requests were made this month: Stripe may allow no more to an account with few payments",
			"reads_per_month in the config makes them last")
	}
}

// onSyncerChanged logs the first failure of each kind in a row of them, and their
// end; the screen shows the others by their countdown.
func (m *Model) onSyncerChanged(msg syncerChanged) tea.Cmd {
	was := m.Sync
	m.Sync = msg.status
	switch {
	case m.Sync.Err != nil && (was.Err == nil || client.KindOf(was.Err) != client.KindOf(m.Sync.Err)):
		m.logError(m.Sync.Err)
	case was.Err != nil && m.Sync.Err == nil:
		m.logDone("Reading from Stripe again")
	}
	if m.Sync.FillErr != nil && was.FillErr == nil {
		m.logError(m.Sync.FillErr)
	}
	if m.Sync.Listing && !was.Listing {
		m.logWarning("The key may not read events: changes are found by listing sessions, which costs more reads and notices some changes late",
			"give the restricted key the permission Events: Read in the Stripe Dashboard")
	}
	if m.Sync.Stale && !was.Stale {
		m.logWarning("Nothing was read for so long that Stripe's events do not reach back to it: all sessions are read again", "")
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
	// If the key may not read the account, its last four characters have to do.
	if name := cmp.Or(msg.account.Name, msg.account.ID); msg.err == nil && name != "" {
		m.Identity.Account = name
	}
	return nil
}

// onFocus makes polls rarer while nobody looks, and hides what is private.
func (m *Model) onFocus(focused bool) tea.Cmd {
	if !focused {
		m.mask()
	}
	return m.steer(func(w *mirror.Wish) { w.Away = !focused })
}

func (m *Model) togglePause() tea.Cmd {
	cmd := m.steer(func(w *mirror.Wish) { w.Paused = !w.Paused })
	if m.wish.Paused {
		m.logDone("Paused: nothing is read until you resume; ctrl+r reads once")
	} else {
		m.logDone("Resumed")
	}
	return cmd
}

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
