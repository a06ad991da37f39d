package model

import (
	"cmp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/timeline"
)

// Timelines are the timeline of a session, or of two side by side. They are pinned to
// ids: nothing that happens below changes whose they are.
type Timelines struct {
	Known []timeline.Known // the older session first; nil until they are read
	Side  int              // of two, the one that the keys act on

	ids     []string
	asked   int // counts the timelines that were opened
	reading bool
	stale   bool // they have to be read again
}

// Timelines returns the timelines to draw.
func (m *Model) Timelines() (all []timeline.Timeline) {
	who, _ := m.Actor()
	view := timeline.View{Now: m.ServerNow(), Ahead: m.Sync.Ahead, Actor: who, Facts: m.Sync.Reports}
	for _, known := range m.Timeline.Known {
		all = append(all, timeline.Of(known, view))
	}
	return all
}

// timelineShown tells whether a timeline is open, also when an overlay lies over it.
func (m *Model) timelineShown() bool {
	o := m.Overlay()
	return o.Is(TimelineOverlay) || o != nil && o.under.Is(TimelineOverlay)
}

// openTimeline shows the timeline of the session that keys act on, or the two marked
// sessions side by side. Where these are shown already it closes.
func (m *Model) openTimeline() tea.Cmd {
	ids := []string{}
	switch row, ok := m.subject(); {
	case m.Marks.Len() == 2:
		ids = m.Marks.IDs()
	case ok:
		ids = []string{row.ID}
	}
	if m.Overlay().Is(TimelineOverlay) && (m.Marks.Len() != 2 || slices.Equal(ids, m.Timeline.ids)) {
		return m.closeOverlay()
	}
	return m.showTimeline(ids)
}

func (m *Model) showTimeline(ids []string) tea.Cmd {
	m.mask()
	m.Modal = &Overlay{Kind: TimelineOverlay}
	m.Timeline = Timelines{ids: ids, asked: m.Timeline.asked + 1}
	return m.rereadTimeline()
}

// rereadTimeline reads the shown timelines, one read at a time.
func (m *Model) rereadTimeline() tea.Cmd {
	switch {
	case !m.timelineShown():
		return nil
	case m.Timeline.reading:
		m.Timeline.stale = true
		return nil
	}
	m.Timeline.reading, m.Timeline.stale = true, false
	ctx, store, ids, asked := m.config.Context, m.config.Store, m.Timeline.ids, m.Timeline.asked
	var book *ledger.Book
	why := m.config.WhyNot
	if m.config.Desk != nil {
		book = m.config.Desk.Ledger
	}
	return func() tea.Msg {
		read := timelineRead{asked: asked}
		for _, id := range ids {
			known, err := timeline.Read(ctx, store, book, id)
			if err != nil {
				return timelineRead{asked: asked, err: err}
			}
			if book == nil && why != "" {
				known.NoBook = why
			}
			read.known = append(read.known, known)
		}
		return read
	}
}

// timelineRead is sent by rereadTimeline for the timelines that were opened then.
type timelineRead struct {
	asked int
	known []timeline.Known
	err   error
}

func (m *Model) onTimelineRead(msg timelineRead) tea.Cmd {
	t := &m.Timeline
	if msg.asked != t.asked {
		return nil
	}
	t.reading = false
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	first := t.Known == nil
	t.Known = msg.known
	slices.SortStableFunc(t.Known, func(a, b timeline.Known) int { return cmp.Compare(a.Row.Created, b.Row.Created) })
	if o := m.Overlay(); first && o.Is(TimelineOverlay) && len(t.Known) == 1 {
		o.Scroll = 1 << 30 // the newest is at the end
	}
	if t.stale {
		return m.rereadTimeline()
	}
	return nil
}

// subject is the session that keys act on: that of the timeline, else the one under the
// cursor.
func (m *Model) subject() (row mirror.Row, ok bool) {
	if !m.timelineShown() {
		hit, ok := m.List.Current()
		return hit.Row, ok
	}
	if m.Timeline.Side < len(m.Timeline.Known) {
		row = m.Timeline.Known[m.Timeline.Side].Row
	}
	return row, row.ID != ""
}

// openFromTimeline opens the timeline of one of two sessions, or the detail of the one
// that is shown.
func (m *Model) openFromTimeline() tea.Cmd {
	row, _ := m.subject()
	if len(m.Timeline.ids) == 2 {
		return m.showTimeline([]string{row.ID})
	}
	m.Modal = nil
	if m.List.Selected == row.ID {
		return m.openDetail()
	}
	m.Detail.openNext = true
	if slices.ContainsFunc(m.List.Page.Rows, func(hit mirror.Hit) bool { return hit.ID == row.ID }) {
		return m.ask(request{near: []string{row.ID}, at: m.List.Index, jump: true})
	}
	return m.goTo(row) // it has left the list
}

func (m *Model) whyNotTimeline() string {
	if m.Marks.Len() == 2 || m.Overlay().Is(TimelineOverlay) {
		return ""
	}
	return onRow(nil)(m)
}

func (m *Model) timelineTitle() string {
	switch {
	case m.Marks.Len() == 2 && !slices.Equal(m.Timeline.ids, m.Marks.IDs()):
		return "compare two"
	case m.Overlay().Is(TimelineOverlay):
		return "close"
	}
	return ""
}

func (m *Model) openTitle() string {
	if m.timelineShown() && len(m.Timeline.ids) == 2 {
		return "its timeline"
	}
	return ""
}

func (m *Model) switchTitle() string {
	if m.timelineShown() {
		return "other side"
	}
	return ""
}

// inTimeline tells whether the timeline of one session has the keys, or two side by
// side.
func inTimeline(sessions int) func(*Model) bool {
	return func(m *Model) bool { return m.Overlay().Is(TimelineOverlay) && len(m.Timeline.ids) == sessions }
}
