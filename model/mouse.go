package model

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// The mouse moves, chooses and opens. It never answers a question: while a dialog, a form,
// a plan or another field has the keys, a click does nothing. While it is off, the terminal
// keeps the mouse and selects text.

// Spot is a part of a drawn line that a click acts on. It names the thing that was drawn there, so
// that a click on an older frame never means something that has moved there since.
type Spot struct {
	X, Y, Width int
	Kind        SpotKind
	ID          string    // of a RowSpot the session, of a PersonSpot the user_id
	At          int       // of a HeadSpot the Column, of a ViewSpot and an EntrySpot the index
	Action      keymap.ID // of an ActionSpot
}

// SpotKind is the effect of a click.
type SpotKind uint8

// The kinds of spot.
const (
	RowSpot    SpotKind = iota + 1 // chooses a session; again, opens it
	HeadSpot                       // sorts by a column; again, reverses the order
	ActionSpot                     // a tab or a hint: carries out the action of its key
	PersonSpot                     // chooses one of the people; again, opens them
	ViewSpot                       // chooses a view on their page; again, opens it
	EntrySpot                      // chooses a line of the help
)

// at returns the spot of a cell.
func (e *Extent) at(x, y int) (Spot, bool) {
	i := slices.IndexFunc(e.Spots, func(s Spot) bool { return s.Y == y && s.X <= x && x < s.X+s.Width })
	if i < 0 {
		return Spot{}, false
	}
	return e.Spots[i], true
}

// has tells whether a cell is in the area.
func (a Area) has(x, y int) bool { return a.X <= x && x < a.X+a.Width && a.Y <= y && y < a.Y+a.Height }

// toggleMouse takes the mouse from the terminal, or gives it back.
func (m *Model) toggleMouse() tea.Cmd {
	if m.Mouse = !m.Mouse; m.Mouse {
		m.logDone(m.say("mouse on: wheel, rows, tabs, hints and heads; {mouse} gives it back to the terminal"))
	} else {
		m.logDone("mouse off: the terminal selects text again")
	}
	return nil
}

func (m *Model) whyNotMouse() string {
	if m.config.Plain {
		return "there is no screen to point at"
	}
	return ""
}

func (m *Model) mouseTitle() string {
	if m.Mouse {
		return "free mouse"
	}
	return "use mouse"
}

// onClick carries out a click on the spot under the pointer.
func (m *Model) onClick(msg tea.MouseClickMsg) tea.Cmd {
	if !m.Mouse || msg.Button != tea.MouseLeft || msg.Mod != 0 || m.Layout().TooSmall {
		return nil
	}
	m.typing.keys++ // a late answer opens nothing after a click either
	switch m.Modal.(type) {
	case nil, *Overlay, *Help:
	default:
		return nil
	}
	m.quitting = false
	spot, ok := m.Shown.at(msg.X, msg.Y)
	switch {
	case !ok && m.Modal == nil && m.Focus == ListPane && m.Layout().List.Height > 0 && m.Layout().Detail.has(msg.X, msg.Y):
		return m.switchPane()
	case !ok:
		return nil
	}
	switch spot.Kind {
	case RowSpot:
		return m.clickRow(spot.ID)
	case HeadSpot:
		return m.sortBy(Column(spot.At))
	case PersonSpot:
		return m.clickPerson(spot.ID)
	case ViewSpot:
		if m.Views.At == spot.At {
			return m.act(keymap.ViewOpen)
		}
		m.Views.At = clamp(spot.At, len(Tabs)+len(m.Views.Saved))
	case EntrySpot:
		if h := open[*Help](m); h != nil {
			h.At = clamp(spot.At, len(h.Entries))
		}
	case ActionSpot:
		return m.clickAction(spot.Action)
	}
	return nil
}

// clickRow chooses the session that was drawn under the pointer, and opens it when it is
// the chosen one already.
func (m *Model) clickRow(id string) tea.Cmd {
	var pane tea.Cmd
	if m.Focus == DetailPane {
		pane = m.switchPane()
	}
	m.endRun()
	if id == m.List.Selected {
		return tea.Batch(pane, m.act(keymap.Open))
	}
	for i, row := range m.List.Page.Rows {
		if row.ID == id {
			return tea.Batch(pane, m.moveTo(m.List.Page.First+i))
		}
	}
	m.log(Message{Level: Refusal, Text: "The session under the pointer has just left this list"})
	return pane
}

// clickPerson does the same with the person that was drawn under the pointer.
func (m *Model) clickPerson(userID string) tea.Cmd {
	p := &m.People
	if userID == p.Selected {
		return m.act(keymap.PeopleOpen)
	}
	for i, someone := range p.Page.People {
		if someone.UserID == userID {
			p.goal, p.Index, p.Selected = noGoal, p.Page.First+i, userID
			m.scrollPeople()
		}
	}
	return nil
}

// keyOnly are the actions that act at once, without a dialog: no click does that.
var keyOnly = []keymap.ID{keymap.JobClose}

// clickAction carries out the action of a tab or a hint, under the conditions of its key.
func (m *Model) clickAction(id keymap.ID) tea.Cmd {
	does := id
	if h := open[*Help](m); h != nil && id == keymap.HelpRun && h.At < len(h.Entries) {
		does = h.Entries[h.At].ID
	}
	if aborts := does == keymap.Back && m.running(); aborts || slices.Contains(keyOnly, does) {
		m.log(Message{Level: Refusal, Text: "That takes the key, not the mouse: " + m.Keys().Key(does)})
		return nil
	}
	switch modal := m.Modal.(type) {
	case *Help:
		return modal.do(m, id)
	case *Overlay:
		if opensList(id) && !modal.Is(ViewsOverlay) && !modal.Is(PeopleOverlay) {
			return tea.Batch(m.leavePages(), m.act(id))
		}
		return modal.do(m, id)
	}
	return m.paneAction(id)
}

// wheelLines is how many lines one notch of the wheel scrolls.
const wheelLines = 3

// onWheel scrolls the part of the screen under the pointer.
func (m *Model) onWheel(msg tea.MouseWheelMsg) tea.Cmd {
	by := +1
	switch {
	case !m.Mouse || m.Layout().TooSmall:
		return nil
	case msg.Button == tea.MouseWheelUp:
		by = -1
	case msg.Button != tea.MouseWheelDown:
		return nil
	}
	switch modal := m.Modal.(type) {
	case nil:
		if m.Layout().Detail.has(msg.X, msg.Y) {
			m.scrollDetail(by * wheelLines)
		} else if m.Layout().List.has(msg.X, msg.Y) {
			return m.scrollList(by * wheelLines)
		}
	case *Overlay:
		return modal.wheel(m, by)
	case *Help:
		modal.At = clamp(modal.At+by, len(modal.Entries))
	case *PlanScreen:
		modal.scroll(by*wheelLines, max(1, m.Shown.Plan))
	case *Palette:
		modal.At = clamp(modal.At+by, len(modal.Entries))
	case *ColumnsBox:
		modal.At = clamp(modal.At+by, len(modal.Lines))
	}
	return nil
}

// scrollList scrolls the list. The cursor stays on its session as long as that is on the
// screen, and else goes to the nearest row that is.
func (m *Model) scrollList(lines int) tea.Cmd {
	l, rows := &m.List, m.ListRows()
	switch {
	case l.Following() && (lines < 0 || l.Page.Total == 0):
		return nil
	case l.jumping || m.PersonShown() || m.ErasedShown(): // the page of a person is as high as its attempts
		return m.moveBy(lines / wheelLines)
	}
	top := max(0, min(l.Top+lines, l.Page.Total-rows))
	index := max(top, min(l.Index, top+rows-1))
	moves := index != l.Index || l.Following()
	l.Top = top
	if moves {
		m.endRun()
		return m.moveTo(index)
	}
	l.scroll(rows)
	return m.loadAhead()
}
