package model

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/client/query"
)

// Search is the search line. Its query stays until it is cleared.
type Search struct {
	Input  textinput.Model
	Typing bool // the line has the keys
	Query  query.Query
}

func (s *Search) parse() { s.Query = query.Parse(s.Input.Value()) }

func (m *Model) startSearch() tea.Cmd {
	m.Search.Typing = true
	m.Focus = ListPane
	m.keepFocusVisible()
	m.Search.Input.CursorEnd()
	m.mask()
	return m.Search.Input.Focus()
}

// searchKey takes a key while the search line is typed in. The arrow keys move
// the cursor of the list meanwhile.
func (m *Model) searchKey(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		m.stopTyping()
		return nil
	case "esc":
		m.stopTyping()
		return m.clearSearch()
	case "ctrl+c":
		return m.quit()
	case "up":
		return m.moveBy(-1)
	case "down":
		return m.moveBy(+1)
	case "pgup":
		return m.moveBy(-m.ListRows())
	case "pgdown":
		return m.moveBy(+m.ListRows())
	}
	return m.searchInput(msg)
}

// searchInput gives a key or a paste to the text field and searches when the
// text has changed. The best match gets the cursor.
func (m *Model) searchInput(msg tea.Msg) tea.Cmd {
	before := m.Search.Query.String()
	var cmd tea.Cmd
	m.Search.Input, cmd = m.Search.Input.Update(msg)
	m.Search.parse()
	if m.Search.Query.String() == before {
		return cmd
	}
	m.List.goal = noGoal
	return tea.Batch(cmd, m.ask(request{jump: true, anew: true}))
}

func (m *Model) stopTyping() {
	m.Search.Typing = false
	m.Search.Input.Blur()
}

// clearSearch shows all sessions again; the cursor stays on its session.
func (m *Model) clearSearch() tea.Cmd {
	m.Search.Input.Reset()
	if m.Search.Query.Empty() {
		return nil
	}
	m.Search.parse()
	return m.reorder()
}
