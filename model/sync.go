package model

import (
	"cmp"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// readsShownFor is how long a number of reads stays on the screen: each poll
// would change it.
const readsShownFor = time.Minute

func (m *Model) onTicked(msg ticked) tea.Cmd {
	var woken tea.Cmd
	if msg.at.Round(0).Sub(m.Now.Round(0)) >= stoppedFor { // a monotonic clock stands still while a machine sleeps
		woken = m.awake()
	}
	m.Now = msg.at
	if m.config.Reads != nil {
		m.countReads()
	}
	if m.Jobs.Aborting && m.Now.Sub(m.Jobs.abortAsked) > abortTime {
		m.Jobs.Aborting = false
	}
	return tea.Batch(m.tick(), woken, m.rereadJobs(), m.watchElsewhere(), m.followErasing()) // what is followed changes without a run
}

// fewReads is half of what Stripe allows an account with few payments in a month.
const fewReads = 5_000

// countReads shows how much was read this month, and says once when it is too
// much, or could be.
func (m *Model) countReads() {
	var reads Reads
	reads.Used, reads.Allowed = m.config.Reads()
	if m.config.Pace != nil {
		reads.Pace = m.config.Pace()
	}
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
		m.logWarning("More than 5,000 requests were made this month: Stripe may allow 10,000 to an account with few payments",
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
	if news := m.Sync.Clock; !news.At.Equal(was.Clock.At) {
		m.logWarning(sentence(news.String()), "")
	}
	if m.Sync.Stale && !was.Stale {
		m.logWarning("Nothing was read for so long that Stripe's events do not reach back to it: all sessions are read again", "")
	}
	if m.Sync.Err != nil && !m.List.Loaded {
		return tea.Batch(m.awaitSyncer(), m.refind())
	}
	if m.Sync.Ahead != was.Ahead {
		return tea.Batch(m.awaitSyncer(), m.tellClock())
	}
	return m.awaitSyncer()
}

// tickTime is from one tick to the next: so much later than Now a frame is still
// on the screen.
const tickTime = time.Second

// Claim is what the screen may say of how true its data is, until the next tick.
func (m *Model) Claim() mirror.Claim { return m.Sync.Claim(m.Now.Add(tickTime)) }

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
	return m.steer(func(w *mirror.Wish) {
		if w.Away = !focused; focused {
			w.Key = m.Now
		}
	})
}

// touchEvery is how often the Syncer is told of keys. It polls seldom only after
// much longer without one.
const touchEvery = 10 * time.Second

// touch tells the Syncer that an operator is at the keys.
func (m *Model) touch() tea.Cmd {
	if m.Now.Sub(m.wish.Key) < touchEvery {
		return nil
	}
	return m.steer(func(w *mirror.Wish) { w.Key = m.Now })
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

// quit leaves as soon as no answer is awaited; asked for again, at once. Any
// other key in between goes on instead, see onKey.
func (m *Model) quit() tea.Cmd {
	m.mask()
	if m.quitting {
		return tea.Quit
	}
	if _, waits := m.Jobs.Countdown(); waits {
		m.quitting = true
		m.logWarning("What was confirmed is not sent yet", "z recalls it; quit again leaves it to the next start")
		return nil
	}
	if runs := m.Jobs.Active(); len(runs) > 0 && runs[0].Left > 1 {
		m.quitting = true
		m.logWarning(fmt.Sprintf("Job %d goes on with %d sessions, then idtop quits; any key stays", runs[0].Job, runs[0].Left),
			"quit again to leave now: the next start goes on with it")
		return nil
	}
	if len(m.Jobs.Runs) > 0 || m.Form != nil && m.Form.Sending {
		m.quitting = true
		m.logWarning("Waiting for the answer to what was sent", "quit again to leave without it: the next start settles it")
		return nil
	}
	return tea.Quit
}

// suspend masks what is private and lets what can be recalled wait, before the
// program stops.
func (m *Model) suspend() tea.Cmd {
	m.mask()
	return tea.Sequence(m.countAnew(), tea.Suspend)
}
