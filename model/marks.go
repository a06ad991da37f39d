package model

import (
	"cmp"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
	"idtop/client/plan"
)

// Marks are the sessions that the operator has marked, in the order of marking.
// They are ids, so no filter, search or change moves a mark to another session.
type Marks struct {
	ids []string
	set map[string]struct{}
	run []markStep // the steps of shift with an arrow since any other key

	apart  map[string]struct{} // those marked by * without containing the words as typed
	asked  int                 // counts the requests to mark all or nothing
	hidden int                 // marked sessions missing in the list when it was last found
	typed  listed              // the list whose exact matches were marked last: the next * adds its other matches
}

// markStep is a session that a run of shift and arrows reached.
type markStep struct {
	id    string
	fresh bool // the run marked it
}

// Has tells whether a session is marked.
func (m *Marks) Has(id string) bool { _, ok := m.set[id]; return ok }

// Len is how many sessions are marked.
func (m *Marks) Len() int { return len(m.ids) }

// IDs returns the marked sessions in the order of marking.
func (m *Marks) IDs() []string { return slices.Clone(m.ids) }

// plus is the number of marks with some more sessions.
func (m *Marks) plus(ids ...string) int {
	more := map[string]struct{}{}
	for _, id := range ids {
		if !m.Has(id) {
			more[id] = struct{}{}
		}
	}
	return m.Len() + len(more)
}

func (m *Marks) add(ids ...string) {
	if m.set == nil {
		m.set = map[string]struct{}{}
	}
	for _, id := range ids {
		if !m.Has(id) {
			m.set[id] = struct{}{}
			m.ids = append(m.ids, id)
		}
	}
}

func (m *Marks) remove(ids ...string) {
	for _, id := range ids {
		delete(m.set, id)
	}
	m.ids = slices.DeleteFunc(m.ids, func(id string) bool { return !m.Has(id) })
}

// MaxMarks is how many sessions can be marked at once: the limit of one job.
func (m *Model) MaxMarks() int { return cmp.Or(m.config.MaxItems, plan.DefaultMax) }

// tooMany logs that no more can be marked, if so.
func (m *Model) tooMany(n int) bool {
	if n <= m.MaxMarks() {
		return false
	}
	m.log(Message{Level: Refusal, Text: fmt.Sprintf("%d would be marked, and at most %d can be: narrow the list first", n, m.MaxMarks())})
	return true
}

// toggleMark marks the session under the cursor, or unmarks it. Without a cursor it
// selects the first row without marking it: that row may have just come.
func (m *Model) toggleMark() tea.Cmd {
	row, ok := m.subject()
	switch {
	case m.List.Following() && !m.timelineShown():
		return m.moveTo(0)
	case !ok:
		return nil
	case m.Marks.Has(row.ID) && m.Marks.Len() == 1:
		return m.unmark()
	case m.Marks.Has(row.ID):
		m.Marks.remove(row.ID)
	case !m.tooMany(m.Marks.Len() + 1):
		m.Marks.add(row.ID)
	}
	return m.afterMarking()
}

// extend marks the session under the cursor, moves to the next and marks it too.
// Moving back over marks of the same run removes them.
func (m *Model) extend(rows int) tea.Cmd {
	if m.List.Following() {
		return m.moveTo(0)
	}
	from, ok := m.List.Current()
	to, loaded := m.List.Row(m.List.Index + rows)
	if !ok || !loaded {
		return nil
	}
	run := m.Marks.run
	if n := len(run); n > 1 && run[n-1].id == from.ID && run[n-2].id == to.ID {
		if run[n-1].fresh {
			m.Marks.remove(from.ID)
		}
		m.Marks.run = run[:n-1]
		return tea.Batch(m.moveBy(rows), m.afterMarking())
	}
	if m.tooMany(m.Marks.plus(from.ID, to.ID)) {
		return nil
	}
	if len(run) == 0 || run[len(run)-1].id != from.ID {
		run = []markStep{{from.ID, !m.Marks.Has(from.ID)}}
	}
	run = append(run, markStep{to.ID, !m.Marks.Has(to.ID)})
	m.Marks.add(from.ID, to.ID)
	m.Marks.run = run
	return tea.Batch(m.moveBy(rows), m.afterMarking())
}

// endRun ends a run of shift and arrows; any other key does so.
func (m *Model) endRun() { m.Marks.run = nil }

// markAll asks for the ids of all listed sessions, on the screen or not. In a
// search it first asks for those that contain the words as typed.
func (m *Model) markAll() tea.Cmd {
	asTyped := len(m.Search.Query.Words()) > 0 && !m.MarksApart()
	if !asTyped && m.tooMany(m.List.Page.Found()) {
		return nil
	}
	m.Marks.asked++
	return m.findAll(asTyped)
}

// MarksApart tells whether * marks the sessions as well that have the letters of a word apart: it has
// marked the others.
func (m *Model) MarksApart() bool { return m.Marks.typed == m.listed() }

// findAll asks for all listed sessions, at most as many as can be marked.
func (m *Model) findAll(asTyped bool) tea.Cmd {
	ctx, store, listed, marking := m.config.Context, m.config.Store, m.listed(), m.Marks.asked
	asked := m.request()
	asked.Rows, asked.AsTyped, asked.Reasons = m.MaxMarks()+1, asTyped, false
	return func() tea.Msg {
		page, err := findWhole(ctx, store, asked)
		return allFound{marking, listed, asTyped, page, err}
	}
}

// allFound is sent by findAll. It counts only if the marks are unchanged since the
// request.
type allFound struct {
	asked   int
	listed  listed
	asTyped bool // only exact matches were requested
	page    mirror.Page
	err     error
}

// onAllFound marks the sessions that were listed when * was pressed.
func (m *Model) onAllFound(msg allFound) tea.Cmd {
	switch {
	case msg.err != nil:
		m.logError(msg.err)
		return nil
	case msg.listed != m.listed() || msg.asked != m.Marks.asked:
		return nil // the list has changed, or the marks were removed
	}
	ids := make([]string, len(msg.page.Rows))
	for i, row := range msg.page.Rows {
		ids[i] = row.ID
	}
	if m.tooMany(max(m.Marks.plus(ids...), msg.page.Total)) {
		return m.afterMarking()
	}
	if m.Marks.apart == nil {
		m.Marks.apart = map[string]struct{}{}
	}
	for _, row := range msg.page.Rows {
		if row.Apart && !m.Marks.Has(row.ID) {
			m.Marks.apart[row.ID] = struct{}{}
		}
	}
	m.Marks.add(ids...)
	m.Marks.typed = listed{}
	if left := m.List.Page.Found() - len(ids); msg.asTyped && left > 0 {
		m.Marks.typed = msg.listed
		m.log(Message{Level: Success, Text: fmt.Sprintf("Marked %d; %d with letters apart or accented left out", len(ids), left), Hint: "* again marks them"})
	} else {
		m.logDone(fmt.Sprintf("Marked all %d that are listed", len(ids)))
	}
	return m.afterMarking()
}

// Apart is how many of some sessions were marked without containing the words as
// typed.
func (m *Marks) Apart(ids []string) (apart int) {
	for _, id := range ids {
		if _, ok := m.apart[id]; ok && m.Has(id) {
			apart++
		}
	}
	return apart
}

// unmark removes all marks.
func (m *Model) unmark() tea.Cmd {
	m.Marks = Marks{asked: m.Marks.asked + 1}
	if m.List.View.Kind == MarkedView {
		return m.unlimit()
	}
	return m.afterMarking()
}

// unmarkThese removes the marks of some sessions.
func (m *Model) unmarkThese(ids []string) tea.Cmd {
	if m.Marks.remove(ids...); m.Marks.Len() == 0 {
		return m.unmark()
	}
	return m.afterMarking()
}

// afterMarking asks again how many marked sessions are listed.
func (m *Model) afterMarking() tea.Cmd { return m.refind() }

// HiddenMarks is how many marked sessions are not listed, as of the last found
// list: so it does not flicker while a new mark is looked up.
func (m *Model) HiddenMarks() int { return min(m.Marks.hidden, m.Marks.Len()) }

// whyNotMark is why nothing can be marked. Without a cursor the key selects the
// first row.
func (m *Model) whyNotMark() string {
	if m.List.followed() && !m.timelineShown() {
		return ""
	}
	return onRow(nil)(m)
}

func (m *Model) whyNotMarkAll() string {
	switch {
	case len(m.Search.Typed.Problems()) > 0:
		return "it needs a query without an error"
	case m.List.Page.Total == 0:
		return "nothing is listed"
	case m.List.Page.Found() == 0:
		return "all are listed for their reason only: reason: takes them"
	}
	return ""
}

func (m *Model) whyNotUnmark() string {
	if m.Marks.Len() == 0 {
		return "nothing is marked"
	}
	return ""
}

func (m *Model) markTitle() string {
	switch {
	case m.List.Following() && !m.timelineShown():
		return "select"
	case m.Marks.Len() > 0:
		return "mark or unmark"
	}
	return ""
}
