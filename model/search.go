package model

import (
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/keymap"
)

// Search is the query of the list, with its text field. The query stays until it is
// cleared.
type Search struct {
	Query query.Query // of the text, without the terms that have a problem
	Typed query.Query // of the text
	Offer *Offer      // nil: nothing is offered to complete the text

	input  textinput.Model
	now    time.Time    // when the list was asked for, if Query depends on it
	before mirror.Order // of the list when the search began
}

// Offer is what the text can be completed by, and the chosen candidate.
type Offer struct {
	query.Completion
	Candidates []query.Candidate
	At         int

	values []query.Value // of the sessions that the rest of the text finds; nil: not known yet
}

// LongestQuery is how many characters a search line can have.
const LongestQuery = 200

// SearchLine is the search line while it has the keys.
type SearchLine struct {
	asksNothing
	over *Overlay // the people, nil: the list
}

// Text returns the text of the line.
func (s *Search) Text() string { return s.input.Value() }

// Cursor returns how many characters of Text are before the cursor.
func (s *Search) Cursor() int { return s.input.Position() }

// edit changes the text field and parses its text.
func (s *Search) edit(change func(*textinput.Model)) {
	change(&s.input)
	s.read(nil)
}

// read reads the text. While the value of a term is typed, and is none of those that sessions have,
// the list is that of the rest.
func (s *Search) read(values []query.Value) {
	s.Typed = query.Parse(s.Text())
	q := s.Typed
	if c, ok := query.Complete(s.Text(), s.cursorByte()); ok && s.input.Focused() && c.Begun(values) {
		q = c.Rest
	}
	s.Query = q.Sound()
}

// Problem is the first problem of the text. A term that is still being typed has none.
func (s *Search) Problem() (query.Problem, bool) {
	for _, p := range s.Typed.Problems() {
		if !s.input.Focused() || !p.Open || p.To != s.cursorByte() {
			return p, true
		}
	}
	return query.Problem{}, false
}

// cursorByte is how many bytes of Text are before the cursor.
func (s *Search) cursorByte() int { return len(string([]rune(s.Text())[:s.Cursor()])) }

// newSearch returns a search line with a text. Its field never reads the clipboard:
// pastes come from the terminal.
func newSearch(text string) Search {
	input := textinput.New()
	input.Prompt = ""
	input.CharLimit = LongestQuery
	input.KeyMap.Paste.SetEnabled(false)
	input.SetVirtualCursor(false)
	s := Search{input: input}
	s.edit(func(input *textinput.Model) { input.SetValue(text) })
	return s
}

func (m *Model) startSearch() tea.Cmd {
	m.Modal = SearchLine{over: m.Overlay()}
	m.Focus = ListPane
	if m.Layout().List.Height == 0 { // only the detail is shown
		m.closeDetail()
	}
	m.mask()
	m.Search.input.CursorEnd() // the query stays until the text changes
	m.Search.input.Focus()     // its command only blinks the field's own cursor, which is not shown
	return nil
}

// key takes every key in the search line. The arrow keys move the cursor of the list, or
// choose from what is offered.
func (line SearchLine) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	id, offer := m.bound(keymap.InSearch, msg), m.Search.Offer
	if offer != nil && len(offer.Candidates) == 0 {
		offer = nil
	}
	rows, moves := step(id, m.ListRows())
	switch {
	case offer != nil && (id == keymap.Up || id == keymap.Down):
		offer.At = clamp(offer.At+rows, len(offer.Candidates))
		return nil
	case moves && line.over != nil:
		return line.over.do(m, id)
	case moves:
		return m.moveBy(rows)
	}
	switch id {
	case keymap.Complete:
		return m.complete()
	case keymap.KeepSearch:
		before := m.Search.Query.String()
		m.stopTyping()
		return m.searchFrom(before)
	case keymap.ClearSearch:
		if offer != nil {
			m.Search.Offer = nil
			return nil
		}
		m.stopTyping()
		cmd, _ := m.clearSearch()
		return cmd
	case keymap.Quit:
		return m.quit()
	}
	return m.searchInput(msg)
}

func (SearchLine) paste(m *Model, msg tea.PasteMsg) tea.Cmd { return m.searchInput(msg) }

// searchInput gives a key or a paste to the text field.
func (m *Model) searchInput(msg tea.Msg) tea.Cmd {
	if paste, ok := msg.(tea.PasteMsg); ok {
		paste.Content = query.Pasted(m.Search.Text()[:m.Search.cursorByte()], paste.Content)
		msg = paste
	}
	var cmd tea.Cmd
	return tea.Batch(m.retype(func(input *textinput.Model) { *input, cmd = input.Update(msg) }), cmd)
}

// retype changes the text, and searches when the query has changed. The best match gets the cursor;
// without a text there is no cursor.
func (m *Model) retype(change func(*textinput.Model)) tea.Cmd {
	before, text, at := m.Search.Query.String(), m.Search.Text(), m.Search.Cursor()
	if change(&m.Search.input); m.Search.Text() == text && m.Search.Cursor() == at {
		return nil
	}
	m.Search.read(nil)
	return tea.Batch(m.offer(false), m.searchFrom(before))
}

// searchFrom searches if the query is another than before.
func (m *Model) searchFrom(before string) tea.Cmd {
	if m.Search.Query.String() == before {
		return nil
	}
	m.List.goal = noGoal
	switch {
	case before == "":
		m.Search.before, m.List.Order = m.List.Order, mirror.Order{} // a search begins with the best match
	case m.Search.Query.Empty():
		m.unsearched()
	}
	return m.ask(request{jump: true, best: !m.Search.Query.Empty(), anew: true})
}

// offer offers what the term at the cursor can be completed by; names only when asked for.
func (m *Model) offer(names bool) tea.Cmd {
	m.Search.Offer = nil
	c, ok := query.Complete(m.Search.Text(), m.Search.cursorByte())
	if !ok || c.Name == "" && !names {
		return nil
	}
	m.Search.Offer = &Offer{Completion: c}
	m.Search.fill()
	if c.Name == "" {
		return nil
	}
	return m.countValues(c)
}

// fill makes the candidates of what is known. An offer without any is none.
func (s *Search) fill() {
	s.Offer.Candidates = s.Offer.Completion.Candidates(s.Offer.values)
	s.Offer.At = min(s.Offer.At, max(0, len(s.Offer.Candidates)-1))
	if s.Offer.Name == "" && len(s.Offer.Candidates) == 0 {
		s.Offer = nil
	}
}

// countValues counts how many sessions of the tab each value would leave, beside the rest of the
// text.
func (m *Model) countValues(c query.Completion) tea.Cmd {
	ctx, store, text := m.config.Context, m.config.Store, m.Search.Text()
	asked := m.request()
	if query.IsText(c.Name) {
		asked.Begun = c.Typed
	}
	asked.Query, asked.Values, asked.Reasons, asked.Order = c.Rest, c.Name, false, mirror.Order{Column: mirror.ByAge}
	return func() tea.Msg {
		page, err := store.Find(ctx, asked)
		return valuesCounted{text, page.Values, err}
	}
}

// valuesCounted is sent by countValues. It counts for the text that it was asked for.
type valuesCounted struct {
	text   string
	values []query.Value
	err    error
}

func (m *Model) onValuesCounted(msg valuesCounted) tea.Cmd {
	if m.Search.Offer == nil || msg.text != m.Search.Text() || msg.err != nil {
		return nil
	}
	m.Search.Offer.values = append([]query.Value{}, msg.values...) // not nil: they are known
	m.Search.fill()
	before := m.Search.Query.String()
	m.Search.read(msg.values)
	return m.searchFrom(before)
}

// complete puts in the chosen candidate, or offers names where nothing is offered.
func (m *Model) complete() tea.Cmd {
	offer := m.Search.Offer
	if offer == nil {
		cmd := m.offer(true)
		if offer = m.Search.Offer; offer == nil || len(offer.Candidates) != 1 {
			return cmd
		}
	}
	if len(offer.Candidates) == 0 {
		return nil
	}
	text, cursor := offer.Put(m.Search.Text(), offer.Candidates[offer.At])
	return m.retype(func(input *textinput.Model) {
		input.SetValue(text)
		input.SetCursor(len([]rune(text[:cursor])))
	})
}

func (m *Model) stopTyping() {
	m.close()
	m.Search.Offer = nil
	m.Search.edit((*textinput.Model).Blur)
}

// clearSearch clears what was typed: a tab has all its sessions again, and a saved view
// its query; the cursor stays on its session. did is false when nothing was typed.
func (m *Model) clearSearch() (cmd tea.Cmd, did bool) {
	was := ""
	if i := m.Views.named(m.List.Saved); i >= 0 {
		was = m.Views.Saved[i].Query
	}
	if m.Search.Text() == was {
		return nil, false
	}
	m.Search.edit(func(input *textinput.Model) { input.SetValue(was) })
	if was == "" {
		m.unsearched()
	}
	return m.reorder(), true
}

// unsearched gives the list the order that it had before the search, unless the operator
// has chosen another one meanwhile.
func (m *Model) unsearched() {
	if m.List.Order == (mirror.Order{}) {
		m.List.Order = m.Search.before
	}
	m.Search.before = mirror.Order{}
}

// onlyReason lists only the reason of the session under the cursor, or all reasons again.
func (m *Model) onlyReason() tea.Cmd {
	q := m.Search.Query.Without("reason")
	if row, ok := m.List.Current(); ok && !m.reasonOnly() {
		q = m.Search.Query.With("reason", row.ErrorCode)
	}
	m.Search.edit(func(input *textinput.Model) { input.SetValue(q.String()) })
	return m.reorder()
}

// reasonOnly tells whether only one reason is listed.
func (m *Model) reasonOnly() bool {
	row, ok := m.List.Current()
	return m.Search.Query.Without("reason").String() != m.Search.Query.String() && (!ok || m.Search.Query.Has("reason", row.ErrorCode))
}

func (m *Model) onlyReasonTitle() string {
	if m.reasonOnly() {
		return "all reasons"
	}
	return ""
}

func (m *Model) whyNotOnlyReason() string {
	row, ok := m.List.Current()
	switch {
	case m.reasonOnly():
		return ""
	case !ok:
		return onRow(nil)(m)
	case row.ErrorCode == "":
		return "the session has no reason"
	}
	return ""
}

// askAsTimePasses asks for the list again where it depends on the time.
func (m *Model) askAsTimePasses() tea.Cmd {
	if !m.Search.Query.Timed() || m.List.asking || m.ServerNow().Sub(m.Search.now) < timedAgain {
		return nil
	}
	return m.refind()
}

// timedAgain is how often a list is asked for that depends on the time.
const timedAgain = 5 * time.Second
