package model

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// copyLocator copies the locator of the list.
func (m *Model) copyLocator() tea.Cmd {
	l := query.Locator{Profile: m.Identity.Profile, Query: m.listedQuery()}
	m.copying.n++
	return m.copy(l.String(), Message{Text: "Copied the locator of this list", Hint: "idtop --open opens it, with the same profile"})
}

// listedQuery is a query that lists what the tab and the search do together.
func (m *Model) listedQuery() string {
	var states []string
	for state := range client.State(client.StateCount) {
		if Tabs[m.List.Tab].States&mirror.StatesOf(state) != 0 {
			states = append(states, state.String())
		}
	}
	line := m.Search.Query.String()
	if len(states) == 0 {
		return line
	}
	tab := "state:" + strings.Join(states, ",")
	switch parts := m.Search.Query.Expr().Parts; {
	case len(parts) == 0:
		return tab
	case len(parts) == 1 && parts[0].Op == query.Any:
		line = "(" + line + ")"
	}
	return tab + " " + line
}

func (m *Model) whyNotLocator() string {
	switch view := m.List.View.Kind; {
	case view == MarkedView:
		return "marks are not kept: M shows all again"
	case view == PersonView || view == ErasedView || m.Search.Query.Names():
		return query.ErrNames.Error()
	case len(m.Search.Typed.Problems()) > 0:
		return "the query has an error"
	case len([]rune(m.listedQuery())) > LongestQuery:
		return "the query is too long for one"
	}
	return ""
}
