package model

import (
	"slices"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
)

// place is the list before a view limited it, and the operator's place in it: esc
// returns there.
type place struct {
	search string
	tab    int
	order  mirror.Order
	saved  string // the open saved view
	view   View
	near   []string // the cursor's session and the sessions around it; nil when the list followed
	index  int
	line   int  // the cursor's line on the screen
	opened bool // the operator had opened the cursor's session

	page   OverlayKind // the page that was shown over it, 0: none
	job    int64       // the job that was chosen there
	whose  []string    // the sessions of the timeline there
	who    string      // the user_id under the cursor among the people there
	whoAt  int         // and its index
	places []place     // where esc went back to from here

	person Person // the person shown then

	columns []string // of the open saved view
}

func (m *Model) place() place {
	l := &m.List
	p := place{
		search: m.Search.Text(), tab: l.Tab, order: l.Order, saved: l.Saved, columns: l.SavedColumns, view: l.View, near: m.neighbours(), index: l.Index, line: l.Index - l.Top, opened: m.Detail.Wanted,
		page: m.page(), job: m.Jobs.Chosen, places: l.places, person: m.Person,
	}
	switch p.page {
	case TimelineOverlay:
		p.whose = m.Timeline.ids
	case PeopleOverlay:
		p.who, p.whoAt = m.People.Selected, m.People.Index
	}
	return p
}

// limitTo limits the list to a view. The cursor goes to the first session of near
// that the view has.
func (m *Model) limitTo(view View, near ...string) tea.Cmd {
	switch {
	case view.Kind == WholeView:
		m.List.places = nil
	case view != m.List.View:
		m.List.places = append(slices.Clip(m.List.places), m.place()) // clipped: places keep what is there
	}
	m.forgetPerson()
	if view.Kind == PersonView {
		m.unopen() // the person's page comes first, not one session
	}
	m.List.View, m.List.Tab, m.List.Saved, m.List.goal = view, 0, "", noGoal
	m.Search.edit(func(input *textinput.Model) { input.SetValue(view.Query) })
	m.mask()
	return tea.Batch(m.ask(request{near: near, jump: true, anew: true}), m.rereadPerson())
}

// unlimit returns to the operator's place before the view.
func (m *Model) unlimit() tea.Cmd {
	last := len(m.List.places) - 1
	if last < 0 {
		m.forgetPerson()
		m.List.View = View{}
		return m.reorder()
	}
	p := m.List.places[last]
	return m.returnTo(p)
}

// returnTo shows a place again, as it was left.
func (m *Model) returnTo(p place) tea.Cmd {
	m.List.Tab, m.List.Order, m.List.Saved, m.List.SavedColumns, m.List.View, m.List.goal, m.List.places = p.tab, p.order, p.saved, p.columns, p.view, noGoal, p.places
	m.Person = p.person
	m.Person.reading = false
	m.Search.edit(func(input *textinput.Model) { input.SetValue(p.search) })
	m.mask()
	m.Detail.openNext = p.opened
	cmd := m.ask(request{near: p.near, at: p.index, jump: true, back: &p})
	return tea.Batch(cmd, m.rereadPerson(), m.openPage(p))
}

// openPage shows the page of a place, as it was left.
func (m *Model) openPage(p place) tea.Cmd {
	if m.Modal = nil; p.page != 0 {
		m.Modal = &Overlay{Kind: p.page}
	}
	switch p.page {
	case JobsOverlay:
		m.Jobs.Chosen, m.Jobs.Aborting, m.Jobs.List, m.Jobs.Items = p.job, false, nil, nil
		return m.rereadJobs()
	case InsightsOverlay:
		return m.readInsights()
	case TimelineOverlay:
		return m.showTimeline(p.whose)
	case PeopleOverlay:
		m.resetPeople(p.who, p.whoAt)
		return m.readPeople()
	}
	return nil
}

// page is the shown page, 0: none.
func (m *Model) page() OverlayKind {
	if o := m.Overlay(); o != nil && o.Kind.isPlace() {
		return o.Kind
	}
	return 0
}

// ViewKind is how the list is limited, apart from tab and search.
type ViewKind uint8

// The kinds of view.
const (
	WholeView  ViewKind = iota
	MarkedView          // only the marked sessions
	PersonView          // only the sessions of one user_id
	ErasedView          // only the sessions of one erased person, whose user_id is forgotten
	QueryView           // what a line of the insights counts
)

// View limits the list.
type View struct {
	Kind   ViewKind
	UserID string // for a PersonView, exact
	Alike  bool   // include the sessions of user_ids that look the same
	Query  string // for a QueryView, the search that it begins with
}

// toggleMarked shows only the marked sessions, or everything again.
func (m *Model) toggleMarked() tea.Cmd {
	if m.List.View.Kind == MarkedView {
		return m.unlimit()
	}
	return m.limitTo(View{Kind: MarkedView}, m.anchor()...)
}

// showPerson shows all sessions with exactly the user_id under the cursor.
func (m *Model) showPerson() tea.Cmd {
	row, ok := m.List.Current()
	if !ok {
		return nil
	}
	return m.limitTo(View{Kind: PersonView, UserID: row.UserID}, row.ID)
}

// unopen leaves the session that the operator opened. Beside the list, the pane goes on
// to show what the mirror has of the cursor's row.
func (m *Model) unopen() {
	if beside := m.Layout().Beside; m.Detail.Wanted {
		m.closeDetail()
		m.Detail.Open = beside
	}
}

// toggleAlike adds the sessions of user_ids that look the same to a person's list,
// or removes them again.
func (m *Model) toggleAlike() tea.Cmd {
	view := m.List.View
	view.Alike = !view.Alike
	m.List.View = view
	if m.Person.some() {
		return m.rereadPerson()
	}
	m.forgetPerson()
	return tea.Batch(m.reorder(), m.rereadPerson())
}

// limit adds the view to a request to the store.
func (m *Model) limit(r mirror.Request) mirror.Request {
	r.Marked = m.Marks.IDs()
	switch m.List.View.Kind {
	case MarkedView:
		r.Only = r.Marked
	case PersonView:
		r.UserID, r.Alike = m.List.View.UserID, m.List.View.Alike
		if m.Person.some() {
			r.UserID, r.Alike, r.Only = "", false, m.Person.ids
		}
	case ErasedView:
		r.Only = m.Person.ids
	}
	return r
}

// goTo shows the person of a session, with the cursor on that session. A session
// without a user_id is shown among all sessions.
func (m *Model) goTo(row mirror.Row) tea.Cmd {
	if row.UserID == "" {
		return m.limitTo(View{}, row.ID)
	}
	return m.limitTo(View{Kind: PersonView, UserID: row.UserID}, row.ID)
}

// listed is everything that decides which sessions are listed.
type listed struct {
	query string
	tab   int
	view  View
}

func (m *Model) listed() listed {
	return listed{m.Search.Query.String(), m.List.Tab, m.List.View}
}

func (m *Model) whyNotPerson(row mirror.Row) string {
	if row.UserID == "" {
		return "the session has no user_id"
	}
	return ""
}

func (m *Model) whyNotAlike() string {
	switch {
	case m.List.View.Kind != PersonView:
		return m.say("show a person first: {person}")
	case len(m.List.Page.Alike) == 0:
		return "no other user_id looks the same"
	}
	return ""
}

// FromPeople tells whether esc leads from a person's page back to the people.
func (m *Model) FromPeople() bool {
	last := len(m.List.places) - 1
	return m.PersonShown() && !m.peopleShown() && last >= 0 && m.List.places[last].page == PeopleOverlay
}

// Whence is the whole list that limited views and pages lead back to: its tab, the
// saved view that was open, and the row, which is -1 when the list followed. ok is
// false when there was no whole list before the limited view.
func (m *Model) Whence() (tab int, saved string, row int, ok bool) {
	p := m.place()
	if p.view.Kind != WholeView || m.peopleShown() {
		last := len(m.List.places) - 1
		if last < 0 || m.List.places[last].view.Kind != WholeView {
			return 0, "", 0, false
		}
		p = m.List.places[last]
	}
	if p.near == nil {
		p.index = -1
	}
	return p.tab, p.saved, p.index, true
}
