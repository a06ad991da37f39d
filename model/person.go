package model

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
	"idtop/client/person"
)

// Person is about the person that is shown. An erased session loses its user_id, so the
// ids of the sessions are kept.
type Person struct {
	Known    *person.Known // nil until it is read
	Page     person.Page   // of Known, as of the last tick
	Unfolded bool          // all that was done here is shown, also where room is short

	ids     []string // of their sessions
	reading bool
	stale   bool // it has to be read once more
	readAt  time.Time
}

// personEvery is how often a person is read again without news.
const personEvery = 10 * time.Second

// some tells whether sessions of the person are erased or being erased: then the list
// has them by their ids.
func (p *Person) some() bool {
	if p.Known == nil {
		return false
	}
	accepted, _ := p.Known.Accepted()
	return accepted > 0
}

// PersonShown tells whether a person's page is shown, instead of the panes.
func (m *Model) PersonShown() bool {
	kind := m.List.View.Kind
	return (kind == PersonView || kind == ErasedView) && m.List.Tab == 0 && m.Search.Query.Empty() && !m.Detail.Wanted
}

// ErasedShown tells whether it is the page of a person under erasure.
func (m *Model) ErasedShown() bool {
	return m.PersonShown() && m.Person.Known != nil && m.Person.Known.Underway()
}

// Lines of that page besides the sessions, in full and on a low screen.
const (
	erasedFrame    = 11
	erasedLowFrame = 3
	erasedHigh     = 16 // lines from which the full page is shown
)

// ErasedWhole tells whether there is room for the full page.
func (m *Model) ErasedWhole() bool { return m.Layout().List.Height >= erasedHigh }

// PersonWide tells whether a person's page has two columns.
func (m *Model) PersonWide() bool { return m.Width >= 110 }

// Lines of a person's page besides the sessions: above them, and in one column below.
const (
	personAbove = 3
	personBelow = 5
	personHigh  = 14 // lines from which there is something below the sessions
)

// PersonLabel is how wide the labels of the page are.
const PersonLabel = 10

// personNext is how many lines more than one the advice takes below the sessions.
func (m *Model) personNext() int {
	next, room := m.Person.Page.Next, m.Width-PersonLabel
	if len(next.Text)+1+len(next.More) <= room {
		return 0
	}
	more := lines(next.Text, room) - 1
	if next.More != "" {
		more += lines(next.More, room)
	}
	return more
}

// lines is how many lines a text of ASCII takes that is broken at spaces.
func lines(text string, width int) int {
	n, used := 1, 0
	for word := range strings.FieldsSeq(text) {
		if used > 0 && used+1+len(word) > width {
			n, used = n+1, 0
		} else if used > 0 {
			used++
		}
		used += len(word)
	}
	return n
}

// PersonBelow is how many lines of the page are below the sessions.
func (m *Model) PersonBelow() int {
	height := m.Layout().List.Height
	switch {
	case m.PersonWide() || height < personHigh:
		return 0
	case m.Person.Unfolded:
		return min(personBelow+m.personNext()+max(0, len(m.Person.Page.Done)-1), height/2)
	}
	return min(personBelow+m.personNext(), height/2)
}

// personLines is how many lines there are for the sessions.
func (m *Model) personLines() int {
	height := m.Layout().List.Height - personAbove - m.PersonBelow()
	if m.PersonWide() {
		height-- // the heads
	}
	return max(1, height)
}

// PersonGap is the number of blank lines below each session: one where all have room.
func (m *Model) PersonGap() int {
	lines := 0
	for _, s := range m.Person.Page.Sessions {
		lines += len(m.PersonAttempts(s)) + 1
	}
	if m.PersonWide() && lines <= m.personLines() {
		return 1
	}
	return 0
}

// PersonAttempts are the attempts of a session as there is room for them.
func (m *Model) PersonAttempts(s person.Session) []person.Attempt {
	all := s.Attempts
	if !m.PersonWide() {
		all = s.Grouped(m.ServerNow().Location())
	}
	return all[:min(len(all), max(1, m.personLines()-1))]
}

// PersonSession is what the page says of a session.
func (m *Model) PersonSession(row mirror.Row) person.Session {
	i := slices.IndexFunc(m.Person.Page.Sessions, func(s person.Session) bool { return s.ID == row.ID })
	if i < 0 { // it has just come
		return person.Session{Row: row, Attempts: []person.Attempt{{State: row.State, Code: row.ErrorCode, At: row.Created, Times: 1}}}
	}
	return m.Person.Page.Sessions[i]
}

// personRows is how many sessions the page shows at once: those that end with the
// cursor's, or with the last one.
func (m *Model) personRows() int {
	if m.ErasedShown() {
		frame := erasedFrame
		if !m.ErasedWhole() {
			frame = erasedLowFrame
		}
		return max(1, m.Layout().List.Height-frame)
	}
	rows, left, gap := 0, m.personLines(), m.PersonGap()
	for i := m.List.Index; i >= 0; i-- {
		hit, ok := m.List.Row(i)
		if !ok {
			break
		}
		if left -= len(m.PersonAttempts(m.PersonSession(hit.Row))); left < 0 {
			break
		}
		left -= gap
		rows++
	}
	return max(1, rows)
}

// forgetPerson drops what is known of the person shown before.
func (m *Model) forgetPerson() { m.Person = Person{} }

// watchPerson notices that sessions have left a person's page, and holds the new
// page back until it is known whether they are being erased.
func (m *Model) watchPerson(page mirror.Page) (cmd tea.Cmd, held bool) {
	whole := m.List.View.Kind == PersonView && m.List.Tab == 0 && m.Search.Query.Empty()
	if !whole || m.Person.some() || page.Loading || page.Total != len(page.Rows) {
		return nil, false
	}
	ids := make([]string, len(page.Rows))
	for i, row := range page.Rows {
		ids[i] = row.ID
	}
	for _, id := range m.Person.ids {
		if !slices.Contains(ids, id) {
			return m.rereadPerson(), true
		}
	}
	m.Person.ids = ids
	return nil, false
}

// rereadPerson reads what is known of the shown person, once at a time.
func (m *Model) rereadPerson() tea.Cmd {
	kind := m.List.View.Kind
	switch {
	case kind != PersonView && kind != ErasedView:
		return nil
	case m.Person.reading:
		m.Person.stale = true
		return nil
	}
	m.Person.reading, m.Person.stale, m.Person.readAt = true, false, m.Now
	return m.readPerson()
}

// followPerson reads the person again while the page is shown, and brings its times up
// to date.
func (m *Model) followPerson() tea.Cmd {
	if m.Person.Known == nil {
		return nil
	}
	m.pagePerson()
	if !m.Person.stale && m.Now.Sub(m.Person.readAt) < personEvery {
		return nil
	}
	return m.rereadPerson()
}

// pagePerson makes the page anew.
func (m *Model) pagePerson() {
	m.Person.Page = person.Of(*m.Person.Known, m.ServerNow().Local())
}

// readPerson reads what the mirror and the ledger know of the shown person.
func (m *Model) readPerson() tea.Cmd {
	ctx, store, syncer, desk, view := m.config.Context, m.config.Store, m.config.Syncer, m.config.Desk, m.List.View
	asked := person.Request{UserID: view.UserID, Alike: view.Alike, IDs: m.Person.ids, Most: m.MaxMarks()}
	var before person.Known
	if m.Person.Known != nil {
		before = *m.Person.Known
	}
	return func() tea.Msg {
		asked.Kept = syncer.Status().Reports.Kept
		var kept *person.Records
		if desk != nil {
			kept = &person.Records{Book: desk.Ledger, Journal: desk.Journal, Reader: desk.Actor()}
		}
		known, err := person.Read(ctx, store, kept, asked, before)
		return personRead{view, known, err}
	}
}

// personRead is sent by readPerson for the shown person.
type personRead struct {
	view  View
	known person.Known
	err   error
}

// onPersonRead shows the person. Once Stripe has accepted the last session for erasure,
// the name is forgotten.
func (m *Model) onPersonRead(msg personRead) tea.Cmd {
	if msg.view != m.List.View { // another person is shown, or more of the same person
		m.Person.reading = false
		return m.followPerson()
	}
	m.Person.reading = false
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	m.Person.Known, m.Person.ids = &msg.known, msg.known.IDs()
	if accepted, _ := msg.known.Accepted(); accepted > 0 && accepted == len(msg.known.Rows) && m.List.View.Kind == PersonView {
		was := m.List.View
		m.List.View = View{Kind: ErasedView}
		m.Person.Known.UserID, m.Person.Known.Records = "", nil
		m.pagePerson()
		m.forgetName(was)
	}
	m.pagePerson()
	m.List.scroll(m.ListRows())
	if m.Person.stale {
		return tea.Batch(m.refind(), m.rereadPerson())
	}
	return m.refind()
}

// ErasedJob is the job with the evidence for the session under the cursor, else the
// newest job.
func (m *Model) ErasedJob() (id int64, ok bool) {
	if m.Person.Known == nil || len(m.Person.Known.Jobs) == 0 {
		return 0, false
	}
	if item, ok := m.Person.Known.Items[m.List.Selected]; ok {
		return item.Job, true
	}
	return m.Person.Known.Jobs[0].Job.ID, true
}

// toggleFold shows all that was done here, or one line of it.
func (m *Model) toggleFold() tea.Cmd {
	m.Person.Unfolded = !m.Person.Unfolded
	m.List.scroll(m.ListRows())
	return nil
}

func (m *Model) whyNotFold() string {
	switch {
	case !m.PersonShown():
		return m.say("show a person first: {person}")
	case m.PersonBelow() == 0:
		return "nothing is folded"
	}
	return ""
}

func (m *Model) foldTitle() string {
	if m.Person.Unfolded {
		return "fold"
	}
	return ""
}
