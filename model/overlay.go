package model

import tea "charm.land/bubbletea/v2"

// Overlay is what lies over the panes: the help screen or the message log.
type Overlay struct {
	Kind   OverlayKind
	Scroll int // lines
}

// OverlayKind names an overlay.
type OverlayKind uint8

// The overlays.
const (
	NoOverlay OverlayKind = iota
	HelpOverlay
	MessagesOverlay
	JobsOverlay
)

// toggleOverlay opens an overlay or closes it. Messages count as read once
// they were shown.
func (m *Model) toggleOverlay(kind OverlayKind) tea.Cmd {
	if m.Overlay.Kind == kind {
		return m.closeOverlay()
	}
	if m.Overlay.Kind == MessagesOverlay {
		m.markRead()
	}
	m.Overlay = Overlay{Kind: kind}
	m.mask()
	return nil
}

func (m *Model) closeOverlay() tea.Cmd {
	if m.Overlay.Kind == MessagesOverlay {
		m.markRead()
	}
	m.Overlay = Overlay{}
	return nil
}

func (m *Model) scrollOverlay(lines int) {
	m.Overlay.Scroll = max(0, min(m.Overlay.Scroll+lines, m.Shown.Overlay-m.OverlayRows()))
}

// OverlayRows is how many lines of an overlay are visible.
func (m *Model) OverlayRows() int { return max(1, m.Height-m.SearchLine()-1-bottomLines) }
