package ui

import (
	tea "charm.land/bubbletea/v2"

	"idtop/model"
	"idtop/ui/safe"
)

// searchIndent is the column of the first letter of the search line.
const searchIndent = 3

// searchCursor is the place of the terminal's cursor in the search line.
func searchCursor(m *model.Model) *tea.Cursor {
	before := safe.Line(string([]rune(m.Search.Text())[:m.Search.Cursor()]))
	return tea.NewCursor(min(m.Width-1, searchIndent+before.Width()), m.SearchLine())
}

// searchHint stands where the search is typed.
var searchHint = safe.Lit("letters of a user_id, in order")

// drawSearch draws the search and the number of its hits. Without a search the line
// says what can be typed there, if there is room.
func drawSearch(p *painter, m *model.Model) {
	on := &p.theme.plain
	marks := besideSearch(on, m)
	if !m.Typing() && m.Search.Query.Empty() {
		if m.NewsLine() > 0 && m.List.Tab > 0 && len(marks) == 0 && m.List.Loaded {
			marks = row{countOf(p, m), {on.text, space}}
		}
		view := viewRow(on, m, m.Width-marks.width()-1)
		if hint := (row{{on.accent, safe.Lit(" / ")}, {on.dim, searchHint}}); view == nil && hint.width()+marks.width()+2 <= m.Width {
			view = hint
		}
		p.putRow(view, on, max(view.width(), m.Width-marks.width()-1))
		p.putRow(marks, on, m.Width-p.column)
		return
	}
	typed := row{{on.accent, safe.Lit(" / ")}, {on.text, safe.Line(m.Search.Text())}}
	if m.Search.Text() == "" {
		typed = append(typed, segment{on.dim, safe.Concat(space, searchHint)})
	}
	var found row
	if !m.Search.Query.Empty() {
		found = foundRow(p, m)
	}
	dot := safe.Lit(" · ")
	room := m.Width - typed.width() - marks.width() - 3
	if marks != nil {
		room -= dot.Width()
	}
	if len(found) > 0 && found.width() > room {
		found = firstFit(room, found[:1], row{countOf(p, m)})
	}
	if marks != nil && len(found) > 0 {
		found = append(row{{on.dim, dot}}, found...)
	}
	found = append(marks, found...)
	p.putRow(typed, on, max(typed.width(), m.Width-found.width()-1))
	p.putRow(found, on, m.Width-p.column)
}

// foundRow counts the matching sessions. If no user_id has the words, it names the
// places that were searched.
func foundRow(p *painter, m *model.Model) row {
	on := &p.theme.plain
	page := m.List.Page
	found := row{countOf(p, m)}
	switch {
	case page.Loading:
		found = append(found, segment{on.processing, safe.Lit(" · the mirror is still loading")})
	case !m.Claim().Complete:
		found = append(found, segment{on.processing, soFar(m)})
	}
	if len(page.Elsewhere) == 0 {
		return found
	}
	words := make([]safe.Text, len(page.Elsewhere))
	for i, word := range page.Elsewhere {
		words[i] = safe.Line(word).Cut(20)
	}
	note := segment{on.processing, safe.Concat(safe.Lit("no user_id has "), safe.Join(safe.Lit(", "), words...),
		safe.Lit(": looked in ids, references, customers   "))}
	return append(row{note}, found...)
}

// soFar says that there may be more matches, and how far back the sessions are
// known.
func soFar(m *model.Model) safe.Text {
	if back := m.Claim().Back; !back.IsZero() {
		return safe.Concat(safe.Lit(" so far · read back to "), backTo(back, m.ServerNow()))
	}
	return safe.Lit(" so far")
}

func countOf(p *painter, m *model.Model) segment {
	page := m.List.Page
	return segment{p.theme.plain.dim, safe.Concat(safe.Num(page.Total), safe.Lit(" of "), safe.Num(page.Counts.All))}
}

// firstFit returns the first row that fits into a width, nil if none does.
func firstFit(room int, rows ...row) row {
	for _, r := range rows {
		if r.width() <= room {
			return r
		}
	}
	return nil
}
