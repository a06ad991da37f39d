package model

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
)

// People is the page of the people whose sessions are listed. Its cursor is a user_id:
// nothing that changes the order moves it to somebody else.
type People struct {
	Page     mirror.People
	Loaded   bool   // Page was read
	Selected string // the user_id under the cursor; "" when nobody is
	Index    int    // of that user_id among all who are listed
	Top      int    // index of the first visible one
	By       mirror.PeopleOrder

	generation int
	asking     bool
	asked      askedPeople
	goal       int // the index that a key asked for and that is not read yet, noGoal: none
	readAt     time.Time
	stale      bool // rows changed since it was read
	changing   bool // the answer will put the cursor elsewhere, or show other people
	wanted     int  // the number of the key that asked for a person meanwhile; 0: none did
}

// askedPeople decides which people are shown, and their order.
type askedPeople struct {
	listed listed
	by     mirror.PeopleOrder
}

// peopleEvery is how often the shown people are read again when only rows have changed: it
// goes over all of them.
const peopleEvery = 2 * time.Second

// Current is the one under the cursor; ok is false when nobody is.
func (p *People) Current() (someone mirror.Person, ok bool) {
	i := p.Index - p.Page.First
	if p.Selected == "" || i < 0 || i >= len(p.Page.People) || p.Page.People[i].UserID != p.Selected {
		return mirror.Person{}, false
	}
	return p.Page.People[i], true
}

// peopleShown tells whether the page is open, also when another one or the search lies
// over it.
func (m *Model) peopleShown() bool {
	o := m.Overlay()
	return o.Is(PeopleOverlay) || o != nil && o.under.Is(PeopleOverlay)
}

// openPeople shows the people of the list; again, it lists their sessions.
func (m *Model) openPeople() tea.Cmd {
	if m.Overlay().Is(PeopleOverlay) {
		if last := len(m.List.places) - 1; last >= 0 {
			m.List.places = m.List.places[:last]
		}
		m.Modal = nil
		return nil
	}
	m.List.places = append(slices.Clip(m.List.places), m.place())
	m.resetPeople("", 0)
	cmd := m.toggleOverlay(PeopleOverlay)
	return tea.Batch(cmd, m.readPeople())
}

// resetPeople forgets who was read. The cursor will be on the one who is named, or else on
// the first.
func (m *Model) resetPeople(userID string, index int) {
	m.People = People{By: m.People.By, Selected: userID, Index: index, goal: noGoal, generation: m.People.generation + 1}
}

// leavePeople goes back to the list as it was when the page was opened.
func (m *Model) leavePeople() tea.Cmd {
	m.Modal = nil
	if len(m.List.places) == 0 { // a saved view was opened meanwhile
		return nil
	}
	return m.unlimit()
}

// rereadPeople keeps the shown people true: at once when others are listed.
func (m *Model) rereadPeople() tea.Cmd {
	p := &m.People
	switch {
	case !m.peopleShown():
		return nil
	case p.asked != askedPeople{m.listed(), p.By}:
		p.goal = noGoal
		return m.readPeople()
	case p.asking || m.Now.Sub(p.readAt) < peopleEvery:
		p.stale = true
		return nil
	}
	return m.readPeople()
}

// followPeople reads the people again if rows have changed.
func (m *Model) followPeople() tea.Cmd {
	if !m.People.stale {
		return nil
	}
	return m.rereadPeople()
}

// readPeople asks for the people around the cursor, or around the index that it moves to.
func (m *Model) readPeople() tea.Cmd {
	p := &m.People
	p.generation++
	asked := askedPeople{m.listed(), p.By}
	others := asked.listed != p.asked.listed
	p.changing = p.changing || others || p.goal != noGoal
	p.asked, p.asking, p.stale, p.readAt = asked, true, false, m.Now
	ctx, store, generation := m.config.Context, m.config.Store, p.generation
	r := m.peopleRequest()
	r.Around, r.At, r.Rows = p.Selected, p.Index, m.pageRows()
	switch {
	case p.goal != noGoal:
		r.Around, r.At = "", p.goal
	case others && p.Loaded:
		r.At = 0
	}
	return func() tea.Msg {
		page, err := store.People(ctx, r)
		return peopleRead{generation, r.Around, others, page, err}
	}
}

// peopleRequest asks for the people of the list, in the order of the page.
func (m *Model) peopleRequest() mirror.PeopleRequest {
	return mirror.PeopleRequest{Request: m.request(), By: m.People.By}
}

// peopleRead is sent by readPeople. Only the answer to the last request counts.
type peopleRead struct {
	generation int
	around     string
	others     bool // other sessions are listed than before
	page       mirror.People
	err        error
}

func (m *Model) onPeopleRead(msg peopleRead) tea.Cmd {
	p := &m.People
	if msg.generation != p.generation || !m.peopleShown() {
		return nil
	}
	p.asking, p.changing = false, false
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	first, line := !p.Loaded, p.Index-p.Top
	p.Page, p.Loaded = msg.page, true
	at := slices.IndexFunc(p.Page.People, func(s mirror.Person) bool { return s.UserID == p.Selected })
	switch {
	case p.Page.Total == 0:
		p.Selected, p.Index, p.goal = "", 0, noGoal
	case p.goal != noGoal || first && p.Selected == "" || msg.others && !first && at < 0:
		p.goal, p.Index = noGoal, p.Page.At
		p.Selected = p.Page.People[p.Page.At-p.Page.First].UserID
	case p.Selected == "":
		p.Index = min(p.Index, p.Page.Total-1)
	case at >= 0:
		p.Index = p.Page.First + at
	case msg.around != p.Selected: // the cursor has moved on meanwhile
		return m.readPeople()
	default: // that person is listed no more: no key acts on the neighbour
		p.Selected, p.Index = "", p.Page.At
	}
	p.Top = p.Index - line
	m.scrollPeople()
	if p.wanted != 0 && p.wanted == m.typing.keys && m.Overlay().Is(PeopleOverlay) {
		return m.act(keymap.PeopleOpen)
	}
	return nil
}

// movePeople moves the cursor by rows. Those who are not read yet are asked for.
func (m *Model) movePeople(rows int) tea.Cmd {
	p := &m.People
	if p.Page.Total == 0 || !p.Loaded {
		return nil
	}
	from := p.Index
	switch {
	case p.goal != noGoal:
		from = p.goal
	case p.Selected == "": // the cursor comes back where it was lost
		rows = 0
	}
	to := clamp(from+rows, p.Page.Total)
	i := to - p.Page.First
	if i < 0 || i >= len(p.Page.People) {
		p.goal = to
		return m.readPeople()
	}
	p.goal, p.Index, p.Selected = noGoal, to, p.Page.People[i].UserID
	m.scrollPeople()
	margin := m.pageRows() / 4
	if near := i < margin && p.Page.First > 0 || len(p.Page.People)-i <= margin && p.Page.First+len(p.Page.People) < p.Page.Total; near && !p.asking {
		return m.readPeople()
	}
	return nil
}

// scrollPeople keeps the cursor on the screen.
func (m *Model) scrollPeople() {
	p, rows := &m.People, m.PeopleRows()
	p.Top = max(p.Index-rows+1, min(p.Top, p.Index))
	p.Top = max(0, min(p.Top, p.Page.Total-rows))
}

// Lines of the page over the people: what stands out in a sentence, what can't be told of
// anybody, and the heads, with blank lines where there is height.
const (
	peopleAbove    = 5
	peopleLowAbove = 3
	peopleHigh     = 16
)

// PeopleRows is how many people fit on the screen, PeopleRoomy whether there are blank
// lines over them.
func (m *Model) PeopleRows() int {
	if m.PeopleRoomy() {
		return m.OverlayRows() - peopleAbove
	}
	return max(1, m.OverlayRows()-peopleLowAbove)
}

func (m *Model) PeopleRoomy() bool { return m.OverlayRows() >= peopleHigh }

// sortPeople puts the people into the next order; the cursor stays on its person.
func (m *Model) sortPeople() tea.Cmd {
	m.People.By = (m.People.By + 1) % mirror.PeopleOrders
	return m.rereadPeople()
}

// peopleChanging tells whether other people will be shown, or the cursor be elsewhere, as
// soon as they are read: until then no key acts on the one who is still under it.
func (m *Model) peopleChanging() bool {
	return m.People.changing || m.People.asked.listed != m.listed()
}

// openSomeone shows all sessions of the person under the cursor, as soon as it is there;
// esc returns here.
func (m *Model) openSomeone() tea.Cmd {
	if m.peopleChanging() {
		m.People.wanted = m.typing.keys
		return nil
	}
	someone, _ := m.People.Current()
	cmd := m.limitTo(View{Kind: PersonView, UserID: someone.UserID}, someone.Session)
	m.Modal = nil
	return cmd
}

// askForSomeone plans a verb on all sessions of the person under the cursor, over the
// page of that person.
func askForSomeone(verb client.Verb) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		cmd := m.openSomeone()
		return tea.Batch(cmd, m.planFor(verb))
	}
}

func (m *Model) whyNotPeople() string {
	if m.List.View.Kind == ErasedView {
		return "what is erased names nobody"
	}
	return ""
}

func (m *Model) whyNotOnPeople() string {
	if !m.peopleShown() {
		return m.say("only in the people: {people}")
	}
	return ""
}

func (m *Model) whyNotSomeone() string {
	if why := m.whyNotOnPeople(); why != "" {
		return why
	}
	switch _, ok := m.People.Current(); {
	case m.peopleChanging():
		return ""
	case m.People.Page.Total == 0:
		return "nobody is listed"
	case !ok:
		return m.say("nobody is selected: {down}")
	}
	return ""
}

// whyNotAskForSomeone: marks come first wherever a plan is made, and none is of this page.
func (m *Model) whyNotAskForSomeone() string {
	switch why := m.whyNotSomeone(); {
	case why != "":
		return why
	case m.whyNotActing() != "":
		return m.whyNotActing()
	case m.peopleChanging():
		return "the people are just changing"
	case m.Marks.Len() > 0:
		return "sessions are marked: in the list, - takes the marks away"
	}
	return ""
}

func (m *Model) sortPeopleTitle() string {
	if m.People.By == mirror.ByFailures {
		return "newest failure"
	}
	return "most failures"
}

func (m *Model) peopleTitle() string {
	if m.Overlay().Is(PeopleOverlay) {
		return "sessions"
	}
	return ""
}
