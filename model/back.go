package model

import (
	"slices"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
)

// place is what was listed before a view limited the list, and where in it the
// operator was: esc goes back there.
type place struct {
	search string
	tab    int
	order  mirror.Order
	view   View
	near   []string // the cursor's session and those round it; nil when the list followed
	index  int
	line   int // of the screen that the cursor was on

	person  []string // the sessions of the person that was shown
	erasing *Erasing
}

func (m *Model) place() place {
	l := &m.List
	return place{m.Search.Text(), l.Tab, l.Order, l.View, m.neighbours(), l.Index, l.Index - l.Top, m.person.ids, m.Erasing}
}

// limitTo limits all that there is to a view; the cursor goes to the first of some
// sessions that is in it.
func (m *Model) limitTo(view View, near ...string) tea.Cmd {
	switch {
	case view.Kind == WholeView:
		m.List.places = nil
	case view != m.List.View:
		m.List.places = append(slices.Clip(m.List.places), m.place())
	}
	m.forgetPerson()
	m.List.View, m.List.Tab, m.List.goal = view, 0, noGoal
	m.Search.edit((*textinput.Model).Reset)
	m.mask()
	return m.ask(request{near: near, jump: true, anew: true})
}

// unlimit goes back to where the operator was before the view.
func (m *Model) unlimit() tea.Cmd {
	last := len(m.List.places) - 1
	if last < 0 {
		m.forgetPerson()
		m.List.View = View{}
		return m.reorder()
	}
	p := m.List.places[last]
	m.List.places = m.List.places[:last]
	m.List.Tab, m.List.Order, m.List.View, m.List.goal = p.tab, p.order, p.view, noGoal
	m.person, m.Erasing = personIDs{ids: p.person}, p.erasing
	m.Search.edit(func(input *textinput.Model) { input.SetValue(p.search) })
	m.mask()
	return m.ask(request{near: p.near, at: p.index, jump: true, back: &p})
}
