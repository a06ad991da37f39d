package model

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"time"

	"charm.land/bubbles/v2/textinput"
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

// List is the list of sessions. Its cursor is the id of a session; the page tells
// where its row is. Without a cursor the list follows: it shows its first rows as
// they come, and no key acts on them.
type List struct {
	Page         mirror.Page
	Loaded       bool   // a page was found
	Selected     string // "" while the list follows
	Index        int    // of the selected row among all that match
	Top          int    // index of the first visible row
	Tab          int    // index into Tabs
	Order        mirror.Order
	Saved        string   // the open saved view, "" when a tab is open
	Columns      []string // chosen for the tabs, see Model.Columns
	SavedColumns []string // chosen for the open saved view
	View         View

	generation int
	asking     bool // an answer is under way
	stale      bool // rows changed since the last request
	jumping    bool // the answer will put the cursor elsewhere
	asked      request
	goal       int             // index that a key asked for and that is not loaded yet
	lost       string          // the session that was selected last, while it is not listed
	places     []place         // where esc goes back to, the latest at the end
	unsettled  bool            // the cursor has just moved to another session by itself
	newer      int             // unseen rows that came above since the cursor was set
	changes    <-chan struct{} // signaled when rows have changed
}

// request is the page to ask for, and what the cursor does then.
type request struct {
	near []string
	at   int
	jump bool   // select the first of near that is listed, or else follow; without it keep the cursor
	best bool   // select the first row when none of near is listed
	anew bool   // the list is a different one: scroll to its top
	back *place // go back there
}

// Row returns the row at an index among all that match, if it is loaded.
func (l *List) Row(index int) (mirror.Hit, bool) {
	if i := index - l.Page.First; i >= 0 && i < len(l.Page.Rows) {
		return l.Page.Rows[i], true
	}
	return mirror.Hit{}, false
}

// Current returns the selected row; ok is false when none is selected.
func (l *List) Current() (mirror.Hit, bool) {
	row, ok := l.Row(l.Index)
	return row, ok && l.Selected != "" && row.ID == l.Selected
}

// Following tells whether no session is selected: the first rows are shown, and new
// rows push them down.
func (l *List) Following() bool { return l.Selected == "" }

// follow removes the cursor.
func (l *List) follow() {
	l.lost = cmp.Or(l.Selected, l.lost)
	l.Selected, l.Index, l.Top, l.goal, l.newer = "", 0, 0, noGoal, 0
}

// NewerAbove is how many rows came above the shown ones since the cursor was set.
func (m *Model) NewerAbove() int {
	if !m.NewestFirst() {
		return 0
	}
	return m.List.newer
}

// states are those that the listed sessions can have, by the tab and the query.
func (m *Model) states() mirror.States {
	tab, asked := Tabs[m.List.Tab].States, mirror.StatesIn(m.Search.Query)
	switch {
	case tab == 0:
		return asked
	case tab&asked == 0: // the query does not say, or nothing is listed
		return tab
	}
	return tab & asked
}

// OneState tells whether all listed sessions are in a single state.
func (m *Model) OneState() bool { return bits.OnesCount16(uint16(m.states())) == 1 }

// StateTab is the tab that is about the states of all listed sessions, 0 if there is none.
func (m *Model) StateTab() int {
	states := m.states()
	return max(0, slices.IndexFunc(Tabs[:], func(tab Tab) bool { return states != 0 && tab.States != 0 && states&^tab.States == 0 }))
}

// Order is the order of the list: the best match, else the time of the state that
// the list is about, else the time of creation.
func (m *Model) Order() mirror.Order {
	order := m.List.Order
	if order.Column == mirror.ByBest && len(m.Search.Query.Words()) == 0 {
		order.Column = mirror.BySince
	}
	if order.Column == mirror.BySince && m.StateTab() == 0 && m.List.Saved == "" {
		order.Column = mirror.ByAge
	}
	return order
}

// NewestFirst tells whether the list begins with the newest session.
func (m *Model) NewestFirst() bool {
	order := m.Order()
	return (order.Column == mirror.ByAge || order.Column == mirror.BySince) && !order.Reverse
}

// scroll moves the top so that the cursor is visible and no line is wasted.
func (l *List) scroll(rows int) {
	if rows < 1 { // the list is hidden: it comes back unchanged
		return
	}
	l.Top = max(l.Index-rows+1, min(l.Top, l.Index))
	l.Top = max(0, min(l.Top, l.Page.Total-rows))
	l.newer = max(0, min(l.newer, l.Top)) // rows on the screen were seen
}

// ask sends a request, which makes the answers to all earlier ones stale.
func (m *Model) ask(r request) tea.Cmd {
	m.List.generation++
	m.List.asking, m.List.stale, m.List.jumping, m.List.asked = true, false, r.jump, r
	return m.find(r)
}

// refind asks again for the page around the cursor, or around the place that the
// cursor is moving to.
func (m *Model) refind() tea.Cmd {
	if m.List.jumping {
		return m.ask(m.List.asked)
	}
	return m.ask(request{near: m.neighbours(), at: m.List.Index})
}

// neighbours are the cursor's session and the sessions around it, nearest first:
// the cursor moves to the next of them when its row is gone.
func (m *Model) neighbours() []string {
	if m.List.Following() {
		return nil
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

func (m *Model) awaitStore() tea.Cmd {
	ctx, changed := m.config.Context, m.List.changes
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			return storeChanged{}
		}
	}
}

// storeChanged is sent by awaitStore when rows have changed.
type storeChanged struct{}

func (m *Model) onStoreChanged() tea.Cmd {
	m.Views.counts.moved = true
	commands := []tea.Cmd{m.awaitStore(), m.rereadTimeline()}
	switch modal := m.Modal.(type) {
	case *Dialog:
		commands = append(commands, m.watchRow(modal))
	case *PlanScreen:
		commands = append(commands, m.planAgain(modal))
	}
	commands = append(commands, m.rereadPerson())
	if m.List.asking {
		m.List.stale = true
	} else {
		commands = append(commands, m.refind())
	}
	return tea.Batch(commands...)
}

// find asks the store for the page around the cursor, or the page that r names.
// Only the answer to the last request counts.
func (m *Model) find(r request) tea.Cmd {
	ctx, store, generation := m.config.Context, m.config.Store, m.List.generation
	asked := m.request()
	m.Search.now = asked.Now
	asked.Near, asked.At, asked.Rows = r.near, r.at, m.pageRows()
	return func() tea.Msg {
		page, err := store.Find(ctx, asked)
		return pageFound{generation, r, page, err}
	}
}

// pageFound is sent by find. Requests are numbered: an answer to an earlier request
// is dropped.
type pageFound struct {
	generation int
	request    request
	page       mirror.Page
	err        error
}

func (m *Model) onPageFound(msg pageFound) tea.Cmd {
	if msg.generation != m.List.generation {
		return nil
	}
	m.List.asking = false
	if msg.err == nil {
		if cmd, held := m.watchPerson(msg.page); held {
			return cmd // the page is asked for again
		}
	}
	m.List.jumping = false
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	left, ok := m.List.Current()
	if !ok {
		left = mirror.Hit{Row: mirror.Row{ID: m.List.Selected}}
	}
	selected, was, line := m.List.Selected, m.List.Index, m.List.Index-m.List.Top
	m.List.Page, m.List.Loaded = msg.page, true
	m.Marks.hidden = m.Marks.Len() - msg.page.Marked
	lost := m.placeCursor(msg)
	switch {
	case msg.request.anew || m.List.Following():
		m.List.Top, m.List.newer = 0, 0
	case msg.request.back != nil:
		m.List.Top = m.List.Index - msg.request.back.line
	case !msg.request.jump:
		m.List.Top = m.List.Index - line
		if m.List.Selected == selected {
			m.List.newer += m.List.Index - was
		}
	}
	m.List.scroll(m.ListRows())
	people := m.rereadPeople()
	openNext := m.Detail.openNext && msg.request.jump && m.inPane()
	commands := []tea.Cmd{m.afterMove(), people}
	if !msg.request.jump && selected != "" && m.List.Selected != selected {
		commands = append(commands, m.unsettle(left.Row))
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
// moved to another one by itself.
const settleTime = time.Second

// unsettle keeps keys from acting on the neighbour of a session that has just left
// the list, and logs that it left.
func (m *Model) unsettle(left mirror.Row) tea.Cmd {
	m.List.unsettled = true
	if _, sending := m.Jobs.Sending[left.ID]; !sending && left.ID != m.Jobs.actedOn {
		text := m.name(left) + " has left this list"
		if !m.List.Following() {
			text += "; the cursor is on its neighbour"
		}
		m.log(Message{Level: Refusal, Text: text})
	}
	return m.afterQuiet(settled, settleTime)
}

// anchor is the cursor's session, or the last selected one if that has left the
// list.
func (m *Model) anchor() []string {
	if id := cmp.Or(m.List.Selected, m.List.lost); id != "" {
		return []string{id}
	}
	return nil
}

// placeCursor finds the cursor in the new page. The session changes only when the
// operator asked for another row, or when its row is gone: then the nearest
// neighbour is taken, around which the store placed the page. A following list
// keeps following. elsewhere is true when the cursor moved meanwhile and needs
// another page.
func (m *Model) placeCursor(msg pageFound) (elsewhere bool) {
	l, page := &m.List, msg.page
	if page.At < 0 {
		l.follow()
		return false
	}
	nearest := page.Rows[page.At-page.First].ID
	switch {
	case msg.request.jump && (l.goal != noGoal || msg.request.best || slices.Contains(msg.request.near, nearest)):
		l.goal = noGoal
		l.Selected, l.Index = nearest, page.At
		return false
	case msg.request.jump:
		l.follow()
		return page.First > 0
	case l.Following():
		return page.First > 0
	}
	for i, row := range page.Rows {
		if row.ID == l.Selected {
			l.Index = page.First + i
			return false
		}
	}
	if len(msg.request.near) == 0 || msg.request.near[0] != l.Selected {
		return true
	}
	l.Selected, l.Index = nearest, page.At
	return false
}

// moveTo moves the cursor to an index. A row that is not loaded is requested, and
// selected when it comes.
func (m *Model) moveTo(index int) tea.Cmd {
	index = clamp(index, m.List.Page.Total)
	row, ok := m.List.Row(index)
	if !ok {
		if m.List.Page.Total == 0 {
			return nil
		}
		m.List.goal = index
		return m.ask(request{at: index, jump: true})
	}
	onTheWay := m.List.jumping
	m.List.goal, m.List.jumping, m.List.unsettled = noGoal, false, false
	m.List.Selected, m.List.Index = row.ID, index
	m.List.scroll(m.ListRows())
	if onTheWay { // an earlier answer must not move the cursor back
		return tea.Batch(m.afterMove(), m.refind())
	}
	return tea.Batch(m.afterMove(), m.loadAhead())
}

// moveBy moves the cursor by some rows, from its present or awaited place. A
// following list gets a cursor: a row down is its first row.
func (m *Model) moveBy(rows int) tea.Cmd {
	from := m.List.Index
	switch {
	case m.List.goal != noGoal:
		from = m.List.goal
	case m.List.Following():
		from = -1
	}
	return m.moveTo(from + rows)
}

// followNewest removes the cursor and shows the newest rows as they come.
func (m *Model) followNewest() tea.Cmd {
	m.mask()
	m.List.follow()
	m.List.lost = ""
	m.Focus = ListPane
	if !m.NewestFirst() {
		m.List.Order = mirror.Order{Column: mirror.BySince}
	}
	if !m.Layout().Beside {
		m.closeDetail()
	}
	return tea.Batch(m.afterMove(), m.ask(request{anew: true}))
}

// loadAhead asks for the rows around the cursor before it reaches the end of the
// loaded rows.
func (m *Model) loadAhead() tea.Cmd {
	page, margin := m.List.Page, m.pageRows()/4
	near := m.List.Index-page.First < margin && page.First > 0 ||
		page.First+len(page.Rows)-m.List.Index <= margin && page.First+len(page.Rows) < page.Total
	if !near || m.List.asking {
		return nil
	}
	return m.refind()
}

// selectTab shows the sessions of some states. The cursor stays if its session is
// among them.
func (m *Model) selectTab(tab int) tea.Cmd {
	m.leaveViews()
	if m.List.Tab == tab && m.List.Saved == "" {
		return nil
	}
	if m.List.Tab = tab; m.List.Saved != "" { // its query and its order go with it
		m.List.Saved, m.List.Order = "", mirror.Order{}
		m.Search.edit((*textinput.Model).Reset)
	}
	return m.reorder()
}

// sortColumns are the columns that the sort key steps through.
var sortColumns = [...]mirror.Column{
	mirror.ByBest, mirror.BySince, mirror.ByAge, mirror.ByState, mirror.ByUser, mirror.ByReason, mirror.ByTries,
	mirror.ByDoc, mirror.ByCountry, mirror.ByAttempts,
}

// sortNext sorts by the next column that makes a difference.
func (m *Model) sortNext() tea.Cmd {
	shown := m.Order().Column
	at := slices.Index(sortColumns[:], shown)
	useless := func(column mirror.Column) bool {
		return m.OneState() && column == mirror.ByState || m.Sync.Reports.Kept == mirror.KeptOff && column >= mirror.ByDoc
	}
	for m.Order().Column == shown || useless(m.List.Order.Column) {
		at = (at + 1) % len(sortColumns)
		m.List.Order = mirror.Order{Column: sortColumns[at]}
	}
	return m.reorder()
}

// sortBy sorts by a column of the list, or reverses the order by it.
func (m *Model) sortBy(column Column) tea.Cmd {
	by, ok := column.Sorts()
	switch {
	case !ok:
		m.log(Message{Level: Refusal, Text: "The list can't be sorted by this column"})
		return nil
	case by == m.Order().Column:
		return m.sortReversed()
	}
	m.List.Order = mirror.Order{Column: by}
	return m.reorder()
}

func (m *Model) sortReversed() tea.Cmd {
	m.List.Order.Reverse = !m.List.Order.Reverse
	return m.reorder()
}

// reorder asks for the page around the cursor after the operator changed the list.
// If the cursor's session is not listed there is no cursor: the first row may have
// just come.
func (m *Model) reorder() tea.Cmd {
	m.mask()
	m.List.goal = noGoal
	return m.ask(request{near: m.anchor(), jump: true, anew: true})
}

// request is the shown list as a request to the store.
func (m *Model) request() mirror.Request {
	return m.limit(mirror.Request{Screen: m.Sync.Wish.Screen, Reasons: true, Metadata: m.config.Metadata, Query: m.Search.Query, Now: m.ServerNow().Local(), States: Tabs[m.List.Tab].States, Order: m.Order()})
}

// findWhole asks for a page to act on: it waits until the store has read all its
// files.
func findWhole(ctx context.Context, store mirror.Store, asked mirror.Request) (mirror.Page, error) {
	asked.Whole = true
	page, err := store.Find(ctx, asked)
	if err == nil && page.Loading {
		err = errLoading
	}
	return page, err
}

// followed tells whether the list follows existing rows: one of them may have just
// come.
func (l *List) followed() bool { return l.Following() && l.Page.Total > 0 && !l.jumping }

// selects tells whether a session is under the cursor.
func (l *List) selects() bool { _, ok := l.Current(); return ok }
