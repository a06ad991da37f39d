package model

import (
	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// Overlay is the message log, or a page such as the jobs or the insights, in place of
// the panes.
type Overlay struct {
	asksNothing
	Kind   OverlayKind
	Scroll int // lines

	under *Overlay // the timeline or the people, who come back when this one closes; nil: the panes
}

// OverlayKind names an overlay.
type OverlayKind uint8

// The overlays.
const (
	MessagesOverlay OverlayKind = iota + 1
	JobsOverlay                 // from here on they are places
	InsightsOverlay
	TimelineOverlay
	ViewsOverlay
	PeopleOverlay
)

// String names the overlay in the help.
func (k OverlayKind) String() string {
	return [...]string{"the list", "the messages", "the jobs", "the insights", "the timeline", "the views", "the people"}[k]
}

// Is tells whether the overlay exists and has the kind.
func (o *Overlay) Is(kind OverlayKind) bool { return o != nil && o.Kind == kind }

// toggleOverlay opens an overlay or closes it. Shown messages count as read.
func (m *Model) toggleOverlay(kind OverlayKind) tea.Cmd {
	was := m.Overlay()
	if was.Is(MessagesOverlay) {
		m.markRead()
	}
	if was.Is(kind) {
		m.close()
		return nil
	}
	over := &Overlay{Kind: kind}
	switch {
	case was.Is(TimelineOverlay), was.Is(PeopleOverlay) && kind == MessagesOverlay:
		over.under = was
	case was != nil:
		over.under = was.under
	}
	m.Modal = over
	m.mask()
	return nil
}

// closeOverlay closes the open overlay.
func (m *Model) closeOverlay() tea.Cmd {
	if m.Overlay().Is(PeopleOverlay) {
		return m.leavePeople()
	}
	return m.toggleOverlay(m.Overlay().Kind)
}

// key carries out the action of a key while an overlay is open.
func (o *Overlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	if o.Kind == JobsOverlay {
		if is(msg, "esc") && m.Jobs.Runs[m.Jobs.Chosen].handle != nil {
			return m.abort(msg)
		}
		m.Jobs.Aborting = false
	}
	id, ok := m.resolve(o.mode(), msg)
	switch {
	case !ok:
		m.unbound(msg)
		return nil
	case id == keymap.Quit && !is(msg, "ctrl+c"):
		return m.closeOverlay()
	}
	return o.do(m, id)
}

// mode is what the keys mean in the overlay.
func (o *Overlay) mode() keymap.Mode {
	switch o.Kind {
	case JobsOverlay:
		return keymap.Overlay | keymap.JobsMode
	case InsightsOverlay:
		return keymap.Overlay | keymap.InsightsMode
	case TimelineOverlay:
		return keymap.Overlay | keymap.TimelineMode
	case ViewsOverlay:
		return keymap.Overlay | keymap.ViewsMode
	case PeopleOverlay:
		return keymap.Overlay | keymap.PeopleMode
	}
	return keymap.Overlay
}

// do carries out an action in the overlay.
func (o *Overlay) do(m *Model, id keymap.ID) tea.Cmd {
	if rows, ok := step(id, m.OverlayRows()); ok {
		return o.move(m, rows)
	}
	if id == keymap.Back {
		return m.closeOverlay()
	}
	return m.act(id)
}

// move moves the cursor of the overlay, or scrolls one that has none.
func (o *Overlay) move(m *Model, rows int) tea.Cmd {
	switch o.Kind {
	case InsightsOverlay:
		m.Insights.move(rows)
	case ViewsOverlay:
		m.Views.At = clamp(m.Views.At+rows, len(Tabs)+len(m.Views.Saved))
	case PeopleOverlay:
		return m.movePeople(rows)
	default:
		o.scroll(m, rows)
	}
	return nil
}

// wheel moves the cursor of the overlay by a row, or scrolls one that has none.
func (o *Overlay) wheel(m *Model, by int) tea.Cmd {
	switch o.Kind {
	case MessagesOverlay, JobsOverlay, TimelineOverlay:
		by *= wheelLines
	}
	return o.move(m, by)
}

func (o *Overlay) paste(*Model, tea.PasteMsg) tea.Cmd { return nil }

func (o *Overlay) scroll(m *Model, lines int) {
	o.Scroll = max(0, min(o.Scroll+lines, m.Shown.Overlay-m.OverlayRows()))
}

// OverlayRows is how many lines of an overlay are visible.
func (m *Model) OverlayRows() int { return max(1, m.Height-m.SearchLine()-1-bottomLines) }
