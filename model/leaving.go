package model

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
)

// stoppedFor is the least time between two ticks that shows that the program was
// stopped or the machine slept.
const stoppedFor = 3 * time.Second

// Mask is sent when the operator may have gone, before anything is drawn again: revealed
// values are masked.
type Mask struct{}

// Ended is sent when the program is asked to end from outside, as by a signal. It ends at
// once, with a last frame that reveals nothing.
type Ended struct{}

func (m *Model) onEnded() tea.Cmd {
	m.mask()
	return tea.Sequence(m.emptyClipboard(), tea.Quit)
}

// onResume goes on after the program was stopped: other programs have had the terminal.
func (m *Model) onResume() tea.Cmd {
	m.copying.holds = false
	return tea.Batch(tea.ClearScreen, m.awake())
}

// awake restarts everything that counts the operator's time: while the program was
// stopped no key could be pressed, and the operator has to look first.
func (m *Model) awake() tea.Cmd {
	m.mask()
	m.Jobs.Aborting = false
	m.typing.answered = false
	return tea.Batch(m.syncNow(), m.countAnew(), m.disarm(QuietTime))
}

// quit leaves as soon as no answer is awaited, or at once when asked again. Any
// other key cancels it, see onKey.
func (m *Model) quit() tea.Cmd {
	m.mask()
	m.next = nil // for good
	if m.quitting {
		return m.leave()
	}
	if _, waits := m.Jobs.Countdown(); waits {
		m.quitting = true
		m.logWarning("What was confirmed is not sent yet", m.say("{recall} recalls it; quit again leaves it to the next start"))
		return nil
	}
	if runs := m.Jobs.Active(); len(runs) > 0 && runs[0].Left > 1 {
		m.quitting = true
		m.logWarning(fmt.Sprintf("Job %d goes on with %d sessions, then idtop quits; any key stays", runs[0].Job, runs[0].Left),
			"quit again to leave now: the next start goes on with it")
		return nil
	}
	if len(m.Jobs.Runs) > 0 || m.formSending() {
		m.quitting = true
		hint := "quit again to leave without it: the next start settles it"
		if len(m.Jobs.Runs) == 0 { // no journal has the request of a form
			hint = "quit again to leave without it: look then whether it took effect"
		}
		m.logWarning("Waiting for the answer to what was sent", hint)
		return nil
	}
	return m.leave()
}

// suspend masks private data and restarts countdowns, before the program stops.
func (m *Model) suspend() tea.Cmd {
	m.mask()
	return tea.Sequence(m.countAnew(), tea.Suspend)
}

func (m *Model) whyNotSuspend() string {
	if !m.config.CanSuspend {
		return "there is no shell with job control to return to"
	}
	return ""
}
