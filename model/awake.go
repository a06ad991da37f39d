package model

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// stoppedFor is how far two ticks are apart at least when the program was stopped
// or the machine slept in between.
const stoppedFor = 3 * time.Second

// awake lets everything that counts the operator's time begin anew: while the
// program was stopped no key could be pressed, and whoever comes back has to look
// first.
func (m *Model) awake() tea.Cmd {
	m.mask()
	m.Jobs.Aborting = false
	m.typing.answered = false
	return tea.Batch(m.syncNow(), m.countAnew(), m.disarm(quietTime))
}
