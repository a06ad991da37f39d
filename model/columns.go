package model

import (
	"slices"

	"idtop/client/mirror"
)

// Column is a column of the list.
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

// String is the name of the column in a view.
func (c Column) String() string { return listColumns[c].name }

// Sorts is the order that the column shows; ok is false when there is none.
func (c Column) Sorts() (by mirror.Column, ok bool) {
	by = listColumns[c].by
	return by, by != noSort
}

// columnOf is the column of a name.
func columnOf(name string) (c Column, ok bool) {
	i := slices.IndexFunc(listColumns[:], func(c listColumn) bool { return c.name == name })
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
	if names == nil {
		return nil
	}
	var chosen []Column
	for _, name := range names {
		if c, ok := columnOf(name); ok && !slices.Contains(chosen, c) {
			chosen = append(chosen, c)
		}
	}
	for c := range ColumnCount {
		if by, ok := c.Sorts(); (c == UserColumn || ok && by == m.Order().Column) && !slices.Contains(chosen, c) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}
