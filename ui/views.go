package ui

import (
	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/views"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// The columns of the page, in cells.
const (
	viewKeyWidth  = 4
	viewSortWidth = 10
	viewNowWidth  = 9
	viewNewWidth  = 7
)

// airyViews is the height from which the page has a blank line above.
const airyViews = 30

// viewNameWidth is the width of the names: that of the longest one that is there.
func viewNameWidth(m *model.Model) int {
	longest := 15
	for _, view := range m.Views.Saved {
		longest = max(longest, safe.Line(view.Name).Width())
	}
	if l, ok := m.Modal.(*model.ViewLine); ok {
		longest = max(longest, safe.Line(l.Text()).Width())
	}
	return min(longest, views.LongestName) + 2
}

// viewsRows are the lines of the page of all views; at is the one with the cursor, and
// lines are those of each view.
func viewsRows(theme *theme, m *model.Model) (rows []row, at int, lines []int) {
	on := &theme.plain
	width := m.Width - 2
	sortWidth := viewSortWidth
	nameWidth := viewNameWidth(m)
	queryWidth := width - viewKeyWidth - nameWidth - viewSortWidth - viewNowWidth - viewNewWidth
	if queryWidth < viewSortWidth { // narrow: the query matters more than the sort
		sortWidth, queryWidth = 0, max(8, queryWidth+viewSortWidth)
	}
	line := func(on *palette, key, name segment, query row, sort, now safe.Text, news segment) row {
		mark := space
		if on != &theme.plain {
			mark = safe.Lit("▸")
		}
		r := row{{on.accent, safe.Concat(mark, space, key.text).Pad(viewKeyWidth)}, {name.style, name.text.Cut(nameWidth - 1).Pad(nameWidth)}}
		r = append(r, query.fit(on, queryWidth-1)...)
		return append(r, segment{on.dim, sort.Fit(sortWidth)}, segment{on.text, now.PadLeft(viewNowWidth)}, segment{news.style, news.text.PadLeft(viewNewWidth)})
	}
	if m.Height >= airyViews {
		rows = append(rows, nil)
	}
	rows = append(rows, line(on, segment{}, segment{on.dim, safe.Lit("VIEW")}, row{{on.dim, safe.Lit("QUERY")}}, safe.Lit("SORT"), safe.Lit("NOW"), segment{on.dim, safe.Lit("NEW")}))
	asked, _ := m.Modal.(*model.ViewLine)
	add := func(name, query, sort safe.Text, t tab) {
		ground, style := on, on.text
		lines = append(lines, len(rows))
		if t.at == m.Views.At && (asked == nil || !asked.New) {
			at = len(rows)
			if ground, style = &theme.selected, theme.selected.bold; asked != nil && !asked.Delete {
				name = safe.Line(asked.Text())
			}
		}
		rows = append(rows, line(ground, segment{ground.accent, t.key}, segment{style, name}, row{{ground.text, query}}, sort, t.count, segment{ground.processing, t.news}))
	}
	head := func(text safe.Text) {
		rows = append(rows, row{{on.dim, safe.Concat(safe.Spaces(viewKeyWidth), text)}})
	}
	for i := range model.Tabs {
		add(tabNames[i], tabQuery(i), safe.Line(tabSort(i)), viewOf(m, i))
	}
	head(safe.Lit("saved, in their order"))
	kept := len(m.Views.Saved) - m.Views.Fixed
	saving := func() {
		if asked != nil && asked.New {
			at = len(rows)
			on := &theme.selected
			rows = append(rows, line(on, segment{}, segment{on.bold, safe.Line(asked.Text())}, row{{on.text, safe.Line(asked.Of.Query)}},
				safe.Line(asked.Of.Sort()), safe.Num(m.List.Page.Found()), segment{}))
		}
	}
	for i, view := range m.Views.Saved {
		if i == kept {
			saving()
			head(safe.Lit("of the config"))
		}
		t := viewOf(m, len(model.Tabs)+i)
		add(t.name, safe.Line(view.Query), safe.Line(view.Sort()), t)
	}
	if m.Views.Fixed == 0 {
		saving()
	}
	note := safe.Lit("A view keeps its query, its sort and its columns, for this account. The first seven share their columns, and change in nothing else.")
	switch {
	case asked != nil && asked.New:
		if note = keyed(m, "Its name: {keep-name} keeps it, esc keeps nothing."); asked.Of.Name != "" {
			note = safe.Concat(safe.Lit("Save as "), safe.Line(asked.Of.Name), keyed(m, ", or a new name: {keep-name} keeps it, esc keeps nothing."))
		}
	case asked != nil && asked.Delete:
		note = safe.Concat(safe.Lit("Delete "), safe.Line(asked.Of.Name), keyed(m, "? {yes} deletes it, any other key keeps it."))
	case asked != nil:
		note = keyed(m, "Renaming it: {keep-name} keeps the name, esc the old one.")
	case m.Views.Err != nil:
		note = safe.Line(model.Sentence(m.Views.Err.Error()))
	}
	rows = append(rows, nil)
	for _, part := range note.Wrap(max(10, width-viewKeyWidth)) {
		rows = append(rows, row{{on.dim, safe.Spaces(viewKeyWidth)}, {on.text, part}})
	}
	return rows, at, lines
}

// viewsTop is the first line of the page that is on the screen: the cursor's always is.
func viewsTop(m *model.Model, rows []row, at int) int {
	screen := m.OverlayRows()
	return max(0, min(at-screen+1, len(rows)-screen))
}

// tabQuery is the query that lists what a tab lists.
func tabQuery(i int) safe.Text {
	var states []safe.Text
	for state := range client.State(client.StateCount) {
		if model.Tabs[i].States&mirror.StatesOf(state) != 0 {
			if states != nil {
				states = append(states, safe.Lit(","))
			}
			states = append(states, safe.Line(state.String()))
		}
	}
	if states == nil {
		return safe.Text{}
	}
	return safe.Concat(append([]safe.Text{safe.Lit("state:")}, states...)...)
}

// tabSort names the usual order of a tab.
func tabSort(i int) string {
	order := mirror.Order{Column: mirror.BySince}
	if model.Tabs[i].States == 0 {
		order.Column = mirror.ByAge
	}
	return views.View{Order: order}.Sort()
}

// viewCursor is the place of the terminal's cursor in the name of a view.
func viewCursor(theme *theme, m *model.Model, l *model.ViewLine) *tea.Cursor {
	typed := safe.Line(string([]rune(l.Text())[:l.Cursor()]))
	rows, at, _ := viewsRows(theme, m)
	return tea.NewCursor(min(m.Width-1, 1+viewKeyWidth+typed.Width()), m.SearchLine()+1+at-viewsTop(m, rows, at))
}

// viewKeys are the keys while a view is named or deleted.
func viewKeys(on *palette, m *model.Model, l *model.ViewLine) row {
	if l.Delete {
		return row{{on.accent, safe.Concat(space, keyOf(m, keymap.Yes))}, {on.text, safe.Lit(" delete ")}, {on.accent, safe.Lit(" esc")}, {on.text, safe.Lit(" keep it ")}}
	}
	return row{{on.accent, safe.Concat(space, keyOf(m, keymap.KeepName))}, {on.text, safe.Lit(" keep ")}, {on.accent, safe.Lit(" esc")}, {on.text, safe.Lit(" leave ")}}
}
