package model

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"idtop/client/mirror"
	"idtop/keymap"
)

// Column is a column of the list: one of those below, or from ColumnCount on the metadata
// of one key that the mirror keeps.
type Column uint8

// The columns, in their usual order.
const (
	StateColumn Column = iota
	UserColumn
	ReasonColumn
	DocColumn
	CountryColumn
	TriesColumn
	AttemptsColumn
	SinceColumn
	CreatedColumn
	TypeColumn
	SessionColumn
	ColumnCount
)

const noSort = mirror.ColumnCount

// listColumn is the name of a column in a view, and the order that it shows.
type listColumn struct {
	name string
	by   mirror.Column
}

var listColumns = [ColumnCount]listColumn{
	StateColumn: {"state", mirror.ByState}, UserColumn: {"user", mirror.ByUser}, ReasonColumn: {"reason", mirror.ByReason},
	DocColumn: {"doc", mirror.ByDoc}, CountryColumn: {"country", mirror.ByCountry},
	TriesColumn: {"tries", mirror.ByTries}, AttemptsColumn: {"attempts", mirror.ByAttempts},
	SinceColumn: {"since", mirror.BySince}, CreatedColumn: {"created", mirror.ByAge},
	TypeColumn: {"type", noSort}, SessionColumn: {"session", noSort},
}

// Sorts is the order that the column shows; ok is false when there is none.
func (c Column) Sorts() (by mirror.Column, ok bool) {
	if c >= ColumnCount {
		return noSort, false
	}
	by = listColumns[c].by
	return by, by != noSort
}

// metadataPrefix stands before a key in the name of its column.
const metadataPrefix = "metadata."

// AllColumns are all columns that there are, in their usual order.
func (m *Model) AllColumns() []Column {
	all := make([]Column, int(ColumnCount)+len(m.config.Metadata))
	for i := range all {
		all[i] = Column(i)
	}
	return all
}

// ColumnName is the name of a column in a view.
func (m *Model) ColumnName(c Column) string {
	if key, ok := m.MetadataKey(c); ok {
		return metadataPrefix + key
	}
	return listColumns[c].name
}

// MetadataKey is the key of a column of metadata; ok is false for any other column.
func (m *Model) MetadataKey(c Column) (key string, ok bool) {
	if c < ColumnCount {
		return "", false
	}
	return m.config.Metadata[c-ColumnCount], true
}

// columnOf is the column of a name.
func (m *Model) columnOf(name string) (c Column, ok bool) {
	i := slices.IndexFunc(m.AllColumns(), func(c Column) bool { return m.ColumnName(c) == name })
	return Column(max(0, i)), i >= 0
}

// Columns are the names of the columns that were chosen for the open view or, without
// one, for the tabs; nil: all, as the width allows.
func (m *Model) Columns() []string {
	if m.List.Saved != "" {
		return m.List.SavedColumns
	}
	return m.List.Columns
}

// ChosenColumns are the columns of the list in their order; nil: all, as the width
// allows. A row always says whose it is, and by what the list is sorted.
func (m *Model) ChosenColumns() []Column {
	names := m.Columns()
	if len(names) == 0 {
		return nil
	}
	var chosen []Column
	for _, name := range names {
		if c, ok := m.columnOf(name); ok && !slices.Contains(chosen, c) {
			chosen = append(chosen, c)
		}
	}
	sorted := m.Order().Column
	for c := range ColumnCount {
		if by, ok := c.Sorts(); (c == UserColumn || ok && by == sorted) && !slices.Contains(chosen, c) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// ColumnsBox chooses the columns of the list, which shows them at once.
type ColumnsBox struct {
	asksNothing
	Lines []ColumnLine
	At    int

	of     string   // the open saved view
	before []string // the names when the box was opened
}

// ColumnLine is a column in the box.
type ColumnLine struct {
	Name   string // in a view
	Column Column
	Known  bool // Column is that of Name; a view may have names of another idtop
	Shown  bool
}

func (m *Model) openColumns() tea.Cmd {
	m.mask()
	b := &ColumnsBox{of: m.List.Saved, before: m.Columns()}
	b.fill(m, b.before)
	m.Modal = b
	return nil
}

// fill lists the named columns, and behind them the others.
func (b *ColumnsBox) fill(m *Model, names []string) {
	b.Lines = nil
	for i, name := range names {
		if c, ok := m.columnOf(name); !slices.Contains(names[:i], name) {
			b.Lines = append(b.Lines, ColumnLine{name, c, ok, true})
		}
	}
	for _, c := range m.AllColumns() {
		if name := m.ColumnName(c); !slices.Contains(names, name) {
			b.Lines = append(b.Lines, ColumnLine{name, c, true, len(names) == 0 && c < ColumnCount})
		}
	}
}

func (b *ColumnsBox) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	id, ok := m.resolve(keymap.InColumns, msg)
	rows, moves := step(id, len(b.Lines))
	switch {
	case !ok:
		m.unbound(msg)
	case moves:
		b.At = clamp(b.At+rows, len(b.Lines))
	case id == keymap.ColumnUp:
		b.move(m, -1)
	case id == keymap.ColumnDown:
		b.move(m, +1)
	case id == keymap.ColumnShow:
		b.toggle(m)
	case id == keymap.ColumnsUsual:
		b.fill(m, nil)
		b.show(m)
	case id == keymap.ColumnsBack:
		b.keep(m, b.before)
		m.close()
	case id == keymap.ColumnsKeep:
		m.close()
	}
	return nil
}

func (*ColumnsBox) paste(*Model, tea.PasteMsg) tea.Cmd { return nil }

// move moves the column under the cursor, and the cursor with it.
func (b *ColumnsBox) move(m *Model, by int) {
	to := b.At + by
	if to < 0 || to >= len(b.Lines) {
		return
	}
	b.Lines[b.At], b.Lines[to] = b.Lines[to], b.Lines[b.At]
	b.At = to
	b.show(m)
}

func (b *ColumnsBox) toggle(m *Model) {
	line := &b.Lines[b.At]
	if line.Known && line.Column == UserColumn {
		m.log(Message{Level: Refusal, Text: "Can't hide it: a row always says whose it is"})
		return
	}
	line.Shown = !line.Shown
	b.show(m)
}

// show gives the list the columns of the box. All in their usual order are no choice:
// they are shown as the width allows.
func (b *ColumnsBox) show(m *Model) {
	var names []string
	usual := len(b.Lines) == len(m.AllColumns())
	for i, line := range b.Lines {
		if line.Shown {
			names = append(names, line.Name)
		}
		usual = usual && line.Known && line.Column == Column(i) && line.Shown == (line.Column < ColumnCount)
	}
	if usual {
		names = nil
	}
	b.keep(m, names)
}

// keep gives columns to the view that was open when the box was opened, or to the tabs.
func (b *ColumnsBox) keep(m *Model, names []string) {
	switch {
	case b.of != m.List.Saved: // the view was deleted meanwhile
	case b.of != "":
		m.List.SavedColumns = names
	default:
		m.List.Columns = names
	}
}

// whyNotColumns is why there are no columns to choose.
func (m *Model) whyNotColumns() string {
	switch {
	case m.PersonShown() || m.ErasedShown():
		return "the page of a person has columns of its own"
	case m.Layout().List.Height == 0:
		return "the list is not shown: esc"
	}
	return ""
}

// sayUnknown says that a view or the tabs have columns that this idtop does not know.
func (m *Model) sayUnknown(who string, names []string) {
	unknown := slices.ContainsFunc(names, func(name string) bool { _, ok := m.columnOf(name); return !ok })
	if unknown {
		m.log(Message{Level: Refusal, Text: who + " a column that this idtop does not know: it is kept and not shown"})
	}
}
