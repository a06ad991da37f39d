package model

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/views"
)

// Rememberer keeps how the dashboard was left; *views.File implements it.
type Rememberer interface {
	Remember(was, now views.Memory) error
}

// Left is how the dashboard was left the last time.
type Left struct {
	Memory     views.Memory
	Err        error // why it can't be read
	Elsewhere  bool  // --query or --open name another list
	Rememberer       // keeps how it is left this time; nil: nothing is remembered
}

// memory is kept over restarts: the form of the list, and the window and the split of the
// insights. A search and the shown session are not in it.
type memory struct {
	kept    views.Memory
	view    *views.Memory // has a saved view, which opens once the views are read
	writing chan struct{} // closed when the last change is written; nil when it is
	failed  bool          // that a change could not be written was said
}

// asLeft shows the dashboard as it was left.
func (m *Model) asLeft() {
	left := m.config.Left.Memory
	if err := m.config.Left.Err; err != nil {
		m.log(Message{Level: Refusal, Text: Sentence(err.Error())})
	}
	m.List.Columns = left.Columns
	m.sayUnknown("The tabs have", left.Columns)
	if i := slices.IndexFunc(insights.Windows, func(w insights.Window) bool { return w.Name == left.Window }); i >= 0 {
		m.Insights.Window = i
	}
	if i := slices.IndexFunc(insights.Splits, func(s insights.Split) bool { return s.Name == left.Split }); i >= 0 {
		m.Insights.Split = i
	}
	switch {
	case m.config.Left.Elsewhere:
	case left.View != "" && m.config.Keeper != nil:
		m.memory.view = &left
	case left.Tab > 0 && left.Tab <= len(Tabs):
		m.List.Tab = left.Tab - 1
		m.reorderAs(left)
	}
	m.memory.kept = m.left()
}

// reorderAs gives the list the order that it was left with.
func (m *Model) reorderAs(left views.Memory) {
	if by, ok := views.SortOf(left.Sort); ok {
		m.List.Order = mirror.Order{Column: by, Reverse: left.Reverse}
	}
}

// reopen opens the saved view that was left open, unless a key was pressed meanwhile.
func (m *Model) reopen() tea.Cmd {
	left := m.memory.view
	if left == nil {
		return nil
	}
	m.memory.view = nil
	var cmd tea.Cmd
	if i := m.Views.named(left.View); i >= 0 && m.typing.keys == 0 {
		cmd = m.openSaved(i)
		m.reorderAs(*left)
		if left.ViewColumns != nil {
			m.List.SavedColumns = left.ViewColumns
		}
		cmd = tea.Batch(cmd, m.reorder())
		m.trail.here = m.place() // it begins here
	}
	m.memory.kept = m.left()
	return cmd
}

// left is how the dashboard would be left now. A list of one person, of marked sessions
// or of what the insights count is a place: the list before it counts.
func (m *Model) left() views.Memory {
	left := m.memory.kept
	left.Columns = m.List.Columns
	left.Window, left.Split = insights.Windows[m.Insights.Window].Name, insights.Splits[m.Insights.Split].Name
	if m.List.View.Kind != WholeView || m.memory.view != nil {
		return left
	}
	left.List = views.List{Tab: m.List.Tab + 1, View: m.List.Saved}
	usual, order := mirror.Order{}, m.List.Order
	if i := m.Views.named(m.List.Saved); i >= 0 {
		if usual = m.Views.Saved[i].Order; !slices.Equal(m.List.SavedColumns, m.Views.Saved[i].Columns) {
			left.ViewColumns = m.List.SavedColumns
		}
	} else if m.Search.Text() != "" && order == usual {
		order = m.Search.before
	}
	if order != usual {
		left.Sort, left.Reverse = views.View{Order: order}.Sort(), order.Reverse
	}
	return left
}

// keepLeft writes what has changed. It runs after each message, so that nothing that
// changes the list has to tell of it. Changes are written in their order.
func (m *Model) keepLeft() tea.Cmd {
	now := m.left()
	if m.config.Left.Rememberer == nil || now.Equal(m.memory.kept) {
		return nil
	}
	was, before, written := m.memory.kept, m.memory.writing, make(chan struct{})
	m.memory.kept, m.memory.writing = now, written
	keeper := m.config.Left.Rememberer
	return func() tea.Msg {
		defer close(written)
		if before != nil {
			<-before
		}
		return remembered{written, keeper.Remember(was, now)}
	}
}

// remembered is sent when a change was written.
type remembered struct {
	written chan struct{}
	err     error
}

func (m *Model) onRemembered(msg remembered) {
	if m.memory.writing == msg.written {
		m.memory.writing = nil
	}
	if msg.err != nil && !m.memory.failed {
		m.memory.failed = true
		m.log(Message{Level: Refusal, Text: Sentence("how idtop is left can't be kept: " + msg.err.Error())})
	}
}

// leave ends the program as soon as the last change is written.
func (m *Model) leave() tea.Cmd {
	written := m.memory.writing
	if written == nil {
		return tea.Sequence(m.emptyClipboard(), tea.Quit)
	}
	return tea.Sequence(m.emptyClipboard(), func() tea.Msg {
		<-written
		return tea.Quit()
	})
}
