package model

import (
	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// Overlay is the help screen, the message log, the jobs, the insights or a timeline, in
// place of the panes.
type Overlay struct {
	asksNothing
	Kind   OverlayKind
	Scroll int // lines

	under *Overlay // the timeline that comes back when this one closes; nil: the panes
}

// OverlayKind names an overlay.
type OverlayKind uint8

// The overlays.
const (
	HelpOverlay OverlayKind = iota + 1
	MessagesOverlay
	JobsOverlay // from here on they are places
	InsightsOverlay
	TimelineOverlay
)

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
	case was.Is(TimelineOverlay):
		over.under = was
	case was != nil:
		over.under = was.under
	}
	m.Modal = over
	m.mask()
	return nil
}

// closeOverlay closes the open overlay.
func (m *Model) closeOverlay() tea.Cmd { return m.toggleOverlay(m.Overlay().Kind) }

// key carries out the action of a key while an overlay is open.
func (o *Overlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	mode := keymap.Overlay
	if o.Kind == JobsOverlay {
		if key == "esc" && m.Jobs.Runs[m.Jobs.Chosen].handle != nil {
			return m.abort(msg)
		}
		m.Jobs.Aborting = false
		mode |= keymap.JobsMode
	}
	if o.Kind == InsightsOverlay {
		mode |= keymap.InsightsMode
	}
	if o.Kind == TimelineOverlay {
		mode |= keymap.TimelineMode
	}
	id, ok := m.config.Keys.Resolve(mode, key)
	if !ok {
		m.unbound(msg)
		return nil
	}
	if rows, ok := step(id, m.OverlayRows()); ok {
		if o.Kind == InsightsOverlay {
			m.Insights.move(rows)
			return nil
		}
		o.scroll(m, rows)
		return nil
	}
	if id == keymap.Back || id == keymap.Quit && key != "ctrl+c" {
		return m.closeOverlay()
	}
	return m.act(id)
}

func (o *Overlay) paste(*Model, tea.PasteMsg) tea.Cmd { return nil }

func (o *Overlay) scroll(m *Model, lines int) {
	o.Scroll = max(0, min(o.Scroll+lines, m.Shown.Overlay-m.OverlayRows()))
}

// OverlayRows is how many lines of an overlay are visible.
func (m *Model) OverlayRows() int { return max(1, m.Height-m.SearchLine()-1-bottomLines) }
