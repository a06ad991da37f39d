package model

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/keymap"
)

// Search is the query of the list, with its text field. The query stays until it is
// cleared.
type Search struct {
	Query query.Query // of the text, or of the last one without a problem
	Typed query.Query // of the text

	input textinput.Model
}

// SearchLine is the search line while it has the keys.
type SearchLine struct{ asksNothing }

// Text returns the text of the line.
func (s *Search) Text() string { return s.input.Value() }

// Cursor returns how many characters of Text are before the cursor.
func (s *Search) Cursor() int { return s.input.Position() }

// edit changes the text field and parses its text.
func (s *Search) edit(change func(*textinput.Model)) {
	change(&s.input)
	if s.Typed = query.Parse(s.input.Value()); len(s.Typed.Problems()) == 0 {
		s.Query = s.Typed
	}
}

// newSearch returns a search line with a text. Its field never reads the clipboard:
// pastes come from the terminal.
func newSearch(text string) Search {
	input := textinput.New()
	input.Prompt = ""
	input.CharLimit = 80
	input.KeyMap.Paste.SetEnabled(false)
	input.SetVirtualCursor(false)
	s := Search{input: input}
	s.edit(func(input *textinput.Model) { input.SetValue(text) })
	return s
}

func (m *Model) startSearch() tea.Cmd {
	m.Modal = SearchLine{}
	m.Focus = ListPane
	if m.Layout().List.Height == 0 { // only the detail is shown
		m.closeDetail()
	}
	m.mask()
	m.Search.edit(func(input *textinput.Model) {
		input.CursorEnd()
		input.Focus() // its command only blinks the field's own cursor, which is not shown
	})
	return nil
}

// key takes every key in the search line. The arrow keys still move the cursor of
// the list.
func (SearchLine) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	id := m.bound(keymap.InSearch, msg)
	if rows, ok := step(id, m.ListRows()); ok {
		return m.moveBy(rows)
	}
	switch id {
	case keymap.KeepSearch:
		m.stopTyping()
		return nil
	case keymap.ClearSearch:
		m.stopTyping()
		return m.clearSearch()
	case keymap.Quit:
		return m.quit()
	}
	return m.searchInput(msg)
}

func (SearchLine) paste(m *Model, msg tea.PasteMsg) tea.Cmd { return m.searchInput(msg) }

// searchInput gives a key or a paste to the text field, and searches when the text
// has changed. The best match gets the cursor; without a text there is no cursor.
func (m *Model) searchInput(msg tea.Msg) tea.Cmd {
	before := m.Search.Query.String()
	if paste, ok := msg.(tea.PasteMsg); ok {
		paste.Content = query.Pasted(string([]rune(m.Search.Text())[:m.Search.Cursor()]), paste.Content)
		msg = paste
	}
	var cmd tea.Cmd
	m.Search.edit(func(input *textinput.Model) { *input, cmd = input.Update(msg) })
	if m.Search.Query.String() == before {
		return cmd
	}
	m.List.goal = noGoal
	if before == "" {
		m.List.Order = mirror.Order{} // a search begins with the best match
	}
	return tea.Batch(cmd, m.ask(request{jump: true, best: !m.Search.Query.Empty(), anew: true}))
}

func (m *Model) stopTyping() {
	m.close()
	m.Search.edit((*textinput.Model).Blur)
}

// clearSearch shows all sessions again; the cursor stays on its session.
func (m *Model) clearSearch() tea.Cmd {
	if m.Search.Text() == "" {
		return nil
	}
	m.Search.edit((*textinput.Model).Reset)
	return m.reorder()
}
