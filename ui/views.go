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

// openTab is the open tab: one of the first seven, or a saved view after them.
func openTab(m *model.Model) int {
	for i, view := range m.Views.Saved {
		if view.Name == m.List.Saved {
			return len(model.Tabs) + i
		}
	}
	return m.List.Tab
}

// withSaved adds the saved views that have keys to the tabs.
func withSaved(m *model.Model, tabs []int) []int {
	shown := make([]int, 0, len(tabs)+len(savedKeys))
	shown = append(shown, tabs[:len(model.Tabs)]...)
	for i := range min(len(m.Views.Saved), len(savedKeys)) {
		shown = append(shown, len(model.Tabs)+i)
	}
	if last := tabs[len(tabs)-1]; last >= len(shown) {
		shown = append(shown, last)
	}
	return shown
}

// savedKeys are the keys of the first saved views.
var savedKeys = func() (keys [len(model.SavedKeys)]safe.Text) {
	for i, id := range model.SavedKeys {
		action, _ := keymap.Lookup(id)
		keys[i] = safe.Line(keymap.Label(action))
	}
	return keys
}()

// tabOf is the key, the name and the count of a tab. A saved view beyond the first two has
// no key, and no count before it was counted.
func tabOf(m *model.Model, i int) (key, name, n safe.Text) {
	if i < len(model.Tabs) {
		return tabKeys[i], tabNames[i], safe.Num(m.List.Page.Counts.Of(model.Tabs[i].States))
	}
	view := m.Views.Saved[i-len(model.Tabs)]
	if name = safe.Line(view.Name); i-len(model.Tabs) < len(savedKeys) {
		key = savedKeys[i-len(model.Tabs)]
	}
	if view.Name == m.List.Saved {
		if m.ViewChanged() {
			name = safe.Concat(name, safe.Lit("*"))
		}
		return key, name, safe.Num(m.List.Page.Found())
	}
	if count, ok := m.Views.Counts[view.Name]; ok {
		n = safe.Num(count)
	}
	return key, name, n
}

// The columns of the page, in cells.
const (
	viewKeyWidth  = 4
	viewNameWidth = views.LongestName + 2
	viewSortWidth = 10
	viewNowWidth  = 9
	viewsHead     = 2 // lines above the first view
)

// viewsLine is the line of the page that has the cursor.
func viewsLine(m *model.Model) int {
	line := viewsHead + m.Views.At
	if m.Views.At >= len(model.Tabs) {
		line++ // the heading of the saved ones
	}
	if l, ok := m.Modal.(*model.ViewLine); ok && l.New {
		line = viewsHead + len(model.Tabs) + 1 + len(m.Views.Saved)
	}
	return line
}

// viewsRows are the lines of the page of all views.
func viewsRows(theme *theme, m *model.Model) []row {
	on := &theme.plain
	width := m.Width - 2
	queryWidth := max(8, width-viewKeyWidth-viewNameWidth-viewSortWidth-viewNowWidth)
	line := func(on *palette, key, name segment, query row, sort, now safe.Text) row {
		mark := space
		if on != &theme.plain {
			mark = safe.Lit("▸")
		}
		r := row{{on.accent, safe.Concat(mark, space, key.text).Pad(viewKeyWidth)}, {name.style, name.text.Cut(viewNameWidth - 1).Pad(viewNameWidth)}}
		r = append(r, query.fit(on, queryWidth-1)...)
		return append(r, segment{on.dim, sort.Pad(viewSortWidth)}, segment{on.text, now.PadLeft(viewNowWidth)})
	}
	rows := []row{nil, line(on, segment{}, segment{on.dim, safe.Lit("VIEW")}, row{{on.dim, safe.Lit("QUERY")}}, safe.Lit("SORT"), safe.Lit("NOW"))}
	asked, _ := m.Modal.(*model.ViewLine)
	add := func(at int, key, name, query, sort, now safe.Text) {
		ground, style := on, on.text
		if here := at == m.Views.At; here && (asked == nil || !asked.New) {
			if ground, style = &theme.selected, theme.selected.bold; asked != nil && !asked.Delete {
				name = safe.Line(asked.Text())
			}
		}
		rows = append(rows, line(ground, segment{ground.accent, key}, segment{style, name}, row{{ground.text, query}}, sort, now))
	}
	for i := range model.Tabs {
		_, name, n := tabOf(m, i)
		add(i, tabKeys[i], name, tabQuery(i), safe.Line(tabSort(i)), n)
	}
	rows = append(rows, row{{on.dim, safe.Concat(safe.Spaces(viewKeyWidth), safe.Lit("saved, in their order"))}})
	for i, view := range m.Views.Saved {
		key, now := safe.Text{}, safe.Text{}
		if i < len(savedKeys) {
			key = savedKeys[i]
		}
		if count, ok := m.Views.Counts[view.Name]; ok {
			now = safe.Num(count)
		}
		add(len(model.Tabs)+i, key, safe.Line(view.Name), safe.Line(view.Query), safe.Line(view.Sort()), now)
	}
	note := safe.Lit("A view keeps its query and its sort, for this account. The first seven can't be changed.")
	switch {
	case asked != nil && asked.New:
		rows = append(rows, line(&theme.selected, segment{}, segment{theme.selected.bold, safe.Line(asked.Text())}, row{{theme.selected.text, safe.Line(asked.Of.Query)}},
			safe.Line(asked.Of.Sort()), safe.Num(m.List.Page.Found())))
		if note = safe.Lit("Its name: enter keeps it, esc keeps nothing."); asked.Of.Name != "" {
			note = safe.Concat(safe.Lit("Save as "), safe.Line(asked.Of.Name), safe.Lit(", or a new name: enter keeps it, esc keeps nothing."))
		}
	case asked != nil && asked.Delete:
		note = safe.Concat(safe.Lit("Delete "), safe.Line(asked.Of.Name), safe.Lit("? y deletes it, any other key keeps it."))
	case asked != nil:
		note = safe.Lit("Renaming it: enter keeps the name, esc the old one.")
	case m.Views.Err != nil:
		note = safe.Line(model.Sentence(m.Views.Err.Error()))
	}
	rows = append(rows, nil)
	for _, part := range note.Wrap(max(10, width-viewKeyWidth)) {
		rows = append(rows, row{{on.dim, safe.Spaces(viewKeyWidth)}, {on.text, part}})
	}
	return rows
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
	line, screen := viewsLine(m), m.OverlayRows()
	from := max(0, min(line-screen+1, len(viewsRows(theme, m))-screen))
	return tea.NewCursor(min(m.Width-1, 1+viewKeyWidth+typed.Width()), m.SearchLine()+1+line-from)
}

// viewKeys are the keys while a view is named or deleted.
func viewKeys(on *palette, l *model.ViewLine) row {
	if l.Delete {
		return row{{on.accent, safe.Lit(" y")}, {on.text, safe.Lit(" delete ")}, {on.accent, safe.Lit(" esc")}, {on.text, safe.Lit(" keep it ")}}
	}
	return row{{on.accent, safe.Lit(" enter")}, {on.text, safe.Lit(" keep ")}, {on.accent, safe.Lit(" esc")}, {on.text, safe.Lit(" leave ")}}
}
