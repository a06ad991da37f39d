package ui

import (
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// marksRow says how many sessions are marked, and how many of these are not listed:
// actions include them.
func marksRow(on *palette, m *model.Model) row {
	n := m.Marks.Len()
	if n == 0 {
		return nil
	}
	r := row{{on.match, safe.Concat(safe.Lit("● "), safe.Num(n), safe.Lit(" marked"))}}
	if hidden := m.HiddenMarks(); hidden > 0 {
		r = append(r, segment{on.processing, safe.Concat(safe.Lit(" · "), safe.Num(hidden), safe.Lit(" not shown"))})
	}
	return r
}

// besideSearch is the right end of the search line: the marks, and on a low screen
// the count of newer rows.
func besideSearch(on *palette, m *model.Model) row {
	marks := marksRow(on, m)
	if m.NewsLine() > 0 {
		return marks
	}
	newer := newerRow(on, m, safe.Text{}, safe.Lit(" follow "))
	switch {
	case len(newer) == 0 || marks.width()+newer.width() > m.Width-20: // marks are more important
		return marks
	case len(marks) > 0:
		marks = append(marks, segment{on.text, safe.Lit("  ")})
	}
	return append(marks, newer...)
}

// personRow names the person of the listed sessions, and user_ids that look the
// same.
func personRow(on *palette, m *model.Model, total safe.Text, width int) row {
	view, alike := m.List.View, m.List.Page.Alike
	room := max(8, width-safe.Lit(" user_id  · 100 sessions   esc back").Width())
	r := row{{on.dim, safe.Lit(" user_id ")}, {on.bold, private(m, safe.UserIDQuoted(view.UserID)).Cut(room)}, {on.dim, total}}
	if len(alike) == 0 {
		return r
	}
	what := segment{on.processing, safe.Concat(safe.Lit(" · ▲ "), alikeText(alike, view.Alike))}
	key := segment{on.accent, safe.Concat(safe.Lit("  "), keyOf(m, keymap.Alike))}
	if left := width - r.width() - what.text.Width() - key.text.Width() - len("   esc back"); left >= 0 {
		if differences := safe.Concat(safe.Lit(": "), alikeDifferences(m, alike, view.UserID)); left >= 20 {
			return append(r, what, segment{on.dim, differences.Cut(left)}, key)
		}
		return append(r, what, key)
	}
	short := segment{on.processing, safe.Concat(safe.Lit(" · ▲ "), plural(len(alike), "looks the same", "look the same"))}
	return append(row{r[0], {on.bold, private(m, safe.UserIDQuoted(view.UserID)).Cut(max(8, width-short.text.Width()-key.text.Width()-r[0].text.Width()))}}, short, key)
}

// viewRow names the limits of the list besides its tab.
func viewRow(on *palette, m *model.Model, width int) row {
	total := safe.Concat(safe.Lit(" · "), plural(m.List.Page.Total, "session", "sessions"))
	leave := row{{on.text, safe.Lit("   ")}, {on.accent, safe.Lit("esc")}, {on.dim, safe.Lit(" back")}}
	var r row
	switch m.List.View.Kind {
	case model.MarkedView:
		r = row{{on.match, safe.Lit(" ● only the marked sessions")}}
	case model.PersonView:
		if m.PersonShown() && len(m.List.Page.Alike) == 0 {
			return row{} // the line above names the person
		}
		r = personRow(on, m, total, width)
	case model.ErasedView:
		if m.PersonShown() {
			return row{}
		}
		r = row{{on.bold, safe.Lit(" a person, being erased")}, {on.dim, total}}
	default:
		return nil
	}
	if r.width()+leave.width() <= width {
		r = append(r, leave...)
	}
	return r
}
