package model

import (
	"cmp"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
)

// Tab is one of the views by state.
type Tab struct {
	Action keymap.ID
	States mirror.States
}

// Tabs are the tabs in their order.
var Tabs = [...]Tab{
	{keymap.Tab1, 0},
	{keymap.Tab2, mirror.StatesOf(client.StateFailed)},
	{keymap.Tab3, mirror.StatesOf(client.StateWaiting)},
	{keymap.Tab4, mirror.StatesOf(client.StateProcessing)},
	{keymap.Tab5, mirror.StatesOf(client.StateVerified)},
	{keymap.Tab6, mirror.StatesOf(client.StateCanceled)},
	{keymap.Tab7, mirror.StatesOf(client.StateRedacting, client.StateRedacted)},
}

const noGoal = -1

// List is the list of sessions. Its cursor is the id of a session: where the
// row stands follows from the page.
type List struct {
	Page     mirror.Page
	Loaded   bool // a page was found
	Selected string
	Index    int // of the selected row among all that match
	Top      int // index of the first visible row
	Tab      int // index into Tabs
	Order    mirror.Order
	View     View

	generation int
	asking     bool // an answer is under way
	stale      bool // rows changed since it was asked for
	jumping    bool // the answer will put the cursor elsewhere
	asked      request
	goal       int    // index that a key asked for and that is not loaded yet
	lost       string // the last selected session, while nothing is listed
}

// request says which page is asked for and what to do with the cursor then.
type request struct {
	near []string
	at   int
	jump bool // select the row that the page lies round; else keep the cursor
	anew bool // the list is another one: scroll from its top
}

// Row returns the row at an index among all that match, if it is loaded.
func (l *List) Row(index int) (mirror.Hit, bool) {
	if i := index - l.Page.First; i >= 0 && i < len(l.Page.Rows) {
		return l.Page.Rows[i], true
	}
	return mirror.Hit{}, false
}

// Current returns the selected row; ok is false when there is none.
func (l *List) Current() (mirror.Hit, bool) {
	row, ok := l.Row(l.Index)
	return row, ok && l.Selected != "" && row.ID == l.Selected
}

// scroll moves the top so that the cursor is visible and no line is wasted.
func (l *List) scroll(rows int) {
	if rows < 1 { // the list is not shown: it comes back as it was
		return
	}
	l.Top = max(l.Index-rows+1, min(l.Top, l.Index))
	l.Top = max(0, min(l.Top, l.Page.Total-rows))
}

// ask sends a request, which makes the answers to all earlier ones stale.
func (m *Model) ask(r request) tea.Cmd {
	m.List.generation++
	m.List.asking, m.List.stale, m.List.jumping, m.List.asked = true, false, r.jump, r
	return m.find(r)
}

// refind asks for the page round the cursor again, or for the page that the
// cursor is on its way to.
func (m *Model) refind() tea.Cmd {
	if m.List.jumping {
		return m.ask(m.List.asked)
	}
	return m.ask(request{near: m.neighbours(), at: m.List.Index})
}

// neighbours are the cursor's session and those round it, nearest first: where
// the cursor goes when its row is no longer there.
func (m *Model) neighbours() []string {
	if m.List.Selected == "" {
		return m.anchor()
	}
	ids := []string{m.List.Selected}
	for distance := 1; distance <= 20; distance++ {
		for _, index := range [...]int{m.List.Index + distance, m.List.Index - distance} {
			if row, ok := m.List.Row(index); ok {
				ids = append(ids, row.ID)
			}
		}
	}
	return ids
}

func (m *Model) onStoreChanged() tea.Cmd {
	commands := []tea.Cmd{m.awaitStore()}
	if m.Dialog != nil {
		commands = append(commands, m.watchRow(m.Dialog.Row.ID))
	}
	if m.Plan != nil {
		commands = append(commands, m.planAgain())
	}
	if m.List.asking {
		m.List.stale = true
	} else {
		commands = append(commands, m.refind())
	}
	return tea.Batch(commands...)
}

func (m *Model) onPageFound(msg pageFound) tea.Cmd {
	if msg.generation != m.List.generation {
		return nil
	}
	m.List.asking, m.List.jumping = false, false
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	selected, line := m.List.Selected, m.List.Index-m.List.Top
	atTop := m.List.Top == 0
	m.List.Page, m.List.Loaded = msg.page, true
	m.hidden = m.Marks.Len() - msg.page.Marked
	lost := m.placeCursor(msg)
	switch {
	case msg.request.anew || atTop && !msg.request.jump:
		m.List.Top = 0 // the newest rows stay in sight
	case !msg.request.jump:
		m.List.Top = m.List.Index - line
	}
	m.List.scroll(m.ListRows())
	openNext := m.Detail.openNext && msg.request.jump
	commands := []tea.Cmd{m.afterMove()}
	if !msg.request.jump && selected != "" && m.List.Selected != selected {
		commands = append(commands, m.unsettle(selected))
	}
	if openNext {
		commands = append(commands, m.openDetail())
	}
	if lost || m.List.stale {
		commands = append(commands, m.refind())
	}
	return tea.Batch(commands...)
}

// settleTime is how long keys that act on a session are refused after the cursor
// went to another one by itself.
const settleTime = time.Second

// unsettle keeps the keys from acting on the neighbour of a session that has
// just left the list, and says that it has.
func (m *Model) unsettle(left string) tea.Cmd {
	m.settled++
	m.unsettled = true
	if _, sending := m.Sending[left]; !sending && left != m.actedOn {
		m.log(Message{Level: Refusal, Text: left + " has left this list; the cursor is on its neighbour"})
	}
	return m.settleLater()
}

func (m *Model) onCursorSettled(msg cursorSettled) tea.Cmd {
	if msg.settled == m.settled {
		m.unsettled = false
	}
	return nil
}

// anchor is the cursor's session, or where it was before nothing was listed.
func (m *Model) anchor() []string {
	if id := cmp.Or(m.List.Selected, m.List.lost); id != "" {
		return []string{id}
	}
	return nil
}

// placeCursor finds the cursor in the new page. The session changes only when
// the operator asked for another row, or when its row is gone: then the
// nearest neighbour is taken, round which the store placed the page. It tells
// whether the page lies elsewhere, because the cursor moved meanwhile.
func (m *Model) placeCursor(msg pageFound) (elsewhere bool) {
	l, page := &m.List, msg.page
	if page.At < 0 {
		if l.Selected != "" {
			l.lost = l.Selected
		}
		l.Selected, l.Index, l.Top, l.goal = "", 0, 0, noGoal
		return false
	}
	if l.goal != noGoal && msg.request.jump {
		l.goal = noGoal
		l.Selected, l.Index = page.Rows[page.At-page.First].ID, page.At
		return false
	}
	if !msg.request.jump && l.Selected != "" {
		for i, row := range page.Rows {
			if row.ID == l.Selected {
				l.Index = page.First + i
				return false
			}
		}
		if len(msg.request.near) == 0 || msg.request.near[0] != l.Selected {
			return true
		}
	}
	l.Selected, l.Index = page.Rows[page.At-page.First].ID, page.At
	return false
}

// moveTo moves the cursor to an index. A row that is not loaded is asked for,
// and becomes the cursor's when it comes.
func (m *Model) moveTo(index int) tea.Cmd {
	index = max(0, min(index, m.List.Page.Total-1))
	row, ok := m.List.Row(index)
	if !ok {
		if m.List.Page.Total == 0 {
			return nil
		}
		m.List.goal = index
		return m.ask(request{at: index, jump: true})
	}
	onTheWay := m.List.jumping
	m.List.goal, m.List.jumping, m.unsettled = noGoal, false, false
	m.List.Selected, m.List.Index = row.ID, index
	m.List.scroll(m.ListRows())
	if onTheWay { // what was asked for before must not take the cursor away again
		return tea.Batch(m.afterMove(), m.refind())
	}
	return tea.Batch(m.afterMove(), m.loadAhead())
}

// moveBy moves the cursor by some rows, from where it is or is going to be.
func (m *Model) moveBy(rows int) tea.Cmd {
	from := m.List.Index
	if m.List.goal != noGoal {
		from = m.List.goal
	}
	return m.moveTo(from + rows)
}

// loadAhead asks for the rows round the cursor before it reaches the end of
// those that are loaded.
func (m *Model) loadAhead() tea.Cmd {
	page, margin := m.List.Page, m.pageRows()/4
	near := m.List.Index-page.First < margin && page.First > 0 ||
		page.First+len(page.Rows)-m.List.Index <= margin && page.First+len(page.Rows) < page.Total
	if !near || m.List.asking {
		return nil
	}
	return m.refind()
}

// selectTab shows the sessions of some states, the cursor where it was if its
// session is among them.
func (m *Model) selectTab(tab int) tea.Cmd {
	if m.List.Tab == tab {
		return nil
	}
	m.List.Tab = tab
	return m.reorder()
}

// sortColumns is the order in which the sort key goes through the columns.
var sortColumns = [...]mirror.Column{
	mirror.ByBest, mirror.ByAge, mirror.ByState, mirror.ByUser, mirror.ByReason, mirror.ByTries,
}

// sortNext sorts by the next column. Best match and age are one without a
// search.
func (m *Model) sortNext() tea.Cmd {
	next := sortColumns[(int(m.List.Order.Column)+1)%len(sortColumns)]
	if next == mirror.ByAge && m.Search.Query.Empty() {
		next = mirror.ByState
	}
	m.List.Order = mirror.Order{Column: next}
	return m.reorder()
}

func (m *Model) sortReversed() tea.Cmd {
	m.List.Order.Reverse = !m.List.Order.Reverse
	return m.reorder()
}

// reorder asks for the page round the cursor after the operator changed what
// is shown. A cursor whose session is not among it goes to the first row.
func (m *Model) reorder() tea.Cmd {
	m.mask()
	m.List.goal = noGoal
	return m.ask(request{near: m.anchor(), jump: true, anew: true})
}
