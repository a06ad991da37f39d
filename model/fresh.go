package model

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
)

// FreshFor is how long a row that came or changed is marked. The mark fades for as long
// again.
const FreshFor = 6 * time.Second

// Fresh tells how long ago a row came or changed, while it is marked for that.
func (m *Model) Fresh(row mirror.Row) (since time.Duration, ok bool) {
	since = m.Now.Sub(row.Changed)
	return since, !row.Changed.IsZero() && since < 2*FreshFor
}

// nextFresh moves the cursor to the next fresh row, from the last one on to the first.
// It looks at the loaded rows, some screens around the cursor.
func (m *Model) nextFresh() tea.Cmd {
	page, from := m.List.Page, m.List.Index
	if m.List.Following() {
		from = page.First - 1
	}
	for i := range page.Rows {
		index := page.First + (from+1-page.First+i)%len(page.Rows)
		if row, _ := m.List.Row(index); row.ID != m.List.Selected {
			if _, ok := m.Fresh(row.Row); ok {
				return m.moveTo(index)
			}
		}
	}
	msg := Message{Level: Refusal, Text: fmt.Sprintf("No other row here has changed in the last %s", 2*FreshFor)}
	if m.NewerAbove() > 0 {
		msg.Hint = m.say("{follow} shows the newer ones above")
	}
	m.log(msg)
	return nil
}
