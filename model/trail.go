package model

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
)

// trail is the operator's way through the places since the start. It is kept in memory
// only: places name persons.
type trail struct {
	here          place
	back, forward []place // the nearest at the end
}

// longestTrail bounds the ways back and forward; the farthest places are dropped.
const longestTrail = 200

// spot is what makes a place another one. The row and the scrolling do not: they are
// those at which the place was left.
type spot struct {
	search string
	tab    int
	order  mirror.Order
	saved  string
	view   View
	page   OverlayKind
	whose  string // the sessions of the timeline
}

func (p place) spot() spot {
	return spot{p.search, p.tab, p.order, p.saved, p.view, p.page, strings.Join(p.whose, " ")}
}

// walk notes where the operator is, and the place that was left. It runs after each
// message, so that nothing that leads elsewhere has to tell of it. What is being typed
// or asked is no place.
func (m *Model) walk() {
	if o := m.Overlay(); m.Modal != nil && (o == nil || !o.Kind.isPlace() || m.Typing()) {
		return
	}
	here := m.place()
	switch left := m.trail.here; {
	case here.spot() != left.spot():
		m.trail.back = append(m.trail.back[max(0, len(m.trail.back)-longestTrail+1):], left)
		m.trail.forward = nil
	case m.List.jumping: // the cursor is on its way to the row of this place
		return
	}
	m.trail.here = here
}

// isPlace tells whether an overlay is a page to come back to.
func (k OverlayKind) isPlace() bool { return k >= JobsOverlay }

func (m *Model) goBack() tea.Cmd { return m.retrace(&m.trail.back, &m.trail.forward) }

func (m *Model) goForward() tea.Cmd { return m.retrace(&m.trail.forward, &m.trail.back) }

// retrace goes to the nearest place of one way, and leaves the present one on the other.
func (m *Model) retrace(from, to *[]place) tea.Cmd {
	last := len(*from) - 1
	p := (*from)[last]
	*from = (*from)[:last]
	*to = append(*to, m.trail.here)
	m.trail.here = p
	return m.returnTo(p)
}

// forgetName takes the name of an erased person from all messages and from all places,
// which lead to the page of the erasure.
func (m *Model) forgetName(was View) {
	erased := func(places []place) {
		for i, p := range places {
			if p.view == was {
				places[i].view, places[i].person = m.List.View, m.Person
			}
			if p.who == was.UserID {
				places[i].who = ""
			}
		}
	}
	m.forgetInMessages(was.UserID)
	here := []place{m.trail.here}
	for _, places := range [][]place{m.List.places, m.trail.back, m.trail.forward, here} {
		erased(places)
		for _, p := range places {
			erased(p.places)
		}
	}
	m.trail.here = here[0]
	m.resetPeople("", 0)
}

func (m *Model) whyNotBack() string {
	if len(m.trail.back) == 0 {
		return "this is where it began"
	}
	return ""
}

func (m *Model) whyNotForward() string {
	if len(m.trail.forward) == 0 {
		return "nothing was left by [ to go forward to"
	}
	return ""
}
