package ui

import (
	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// fieldLabel is the width of a field's label.
const fieldLabel = 13

// fieldRows draws the fields of a form, the labels in one column. A value that is
// too long is cut at its front, so that its end stays visible while typing. armed
// tells whether typing counts as confirmation by now.
func fieldRows(on *palette, m *model.Model, fields []model.Field, at int, armed bool, width int) []dialogRow {
	rows := make([]dialogRow, 0, len(fields))
	for i := range fields {
		f := &fields[i]
		var below *dialogRow
		lead := segment{on.dim, safe.Lit("  ")}
		look := on.text
		if i == at {
			lead = segment{on.accent, safe.Lit("▸ ")}
			look = on.bold
		}
		r := row{lead, {on.dim, safe.Line(f.Label).Fit(fieldLabel)}}
		field := dialogRow{row: r, input: i == at && f.Kind != model.ChoiceField}
		if f.Kind != model.ConfirmField { // on a low screen the fields far from the keys are dropped first
			field.spare = abs(i - at)
		}
		if f.Value() == "" && f.Kind == model.TextField {
			field.cursor = r.width() // before the hint
		}
		field.row = append(r, fieldValue(on, m, f, look, i == at, armed, width-r.width())...)
		if note := f.Note(); note != "" {
			text := safe.Concat(safe.Lit("  ▲ "), safe.Line(note))
			if room := width - field.row.width(); room > text.Width() {
				field.cursor = field.row.width()
				field.row = append(field.row, segment{on.processing, text})
			} else {
				below = &dialogRow{row: row{{on.text, safe.Spaces(fieldLabel)}, {on.processing, text}}, spare: field.spare}
			}
		}
		if f.Kind == model.ConfirmField {
			rows = append(rows, confirmRows(on, f, field, width)...)
			continue
		}
		if rows = append(rows, field); below != nil {
			rows = append(rows, *below)
		}
	}
	return rows
}

// confirmRows put the typed confirmation beside the expected one, or below it if
// room is short: both are always shown in full.
func confirmRows(on *palette, f *model.Field, field dialogRow, width int) []dialogRow {
	typed := segment{on.bold, safe.Line(f.Value())}
	indent := safe.Spaces(fieldLabel + 2 + len("type "))
	if room := width - indent.Width(); typed.text.Width() > room {
		typed.text = typed.text.CutFront(max(1, room))
	}
	beside := row{{on.text, safe.Lit("   ")}, typed}
	if field.row.width()+len("   ")+len(f.Want) < width && field.row.width()+beside.width() < width {
		field.row = append(field.row, beside...)
		return []dialogRow{field}
	}
	if !field.input {
		return []dialogRow{field}
	}
	below := dialogRow{row: row{{on.text, indent}, typed}, input: true}
	field.input = false
	return []dialogRow{field, below}
}

// fieldValue draws the value of a field.
func fieldValue(on *palette, m *model.Model, f *model.Field, look style, here, armed bool, width int) row {
	switch f.Kind {
	case model.ChoiceField:
		r := row{{look, safe.Line(f.Value())}}
		if here {
			r = append(r, segment{on.accent, safe.Concat(safe.Lit("   "), keyOf(m, keymap.NextChoice))}, segment{on.dim, safe.Lit(" another")})
		}
		return r
	case model.ConfirmField:
		ask := on.dim
		if armed {
			ask = on.text
		}
		return row{{ask, safe.Lit("type ")}, {on.bold, safe.Line(f.Want)}}
	}
	value := f.Value()
	switch {
	case value == "":
		return row{{on.dim, safe.Line(f.Hint)}}
	case f.Private && !here:
		return row{{look, safe.Lit("•").Repeat(min(8, len([]rune(value))))}}
	}
	t := safe.Line(value)
	if f.Names() {
		t = typed(m, value)
	}
	if t.Width() > width-1 {
		t = t.CutFront(width - 1)
	}
	if note := keyed(m, "   type another, or {next-field}"); f.Offered && here && t.Width()+note.Width() < width {
		return row{{look, t}, {on.dim, note}}
	}
	return row{{look, t}}
}

// fieldCursor is the place of the terminal's cursor in rows that were laid out at
// x, y.
func fieldCursor(rows []dialogRow, x, y int) *tea.Cursor {
	for i, r := range rows {
		if r.input {
			column := r.row.width()
			if r.cursor > 0 {
				column = r.cursor
			}
			return tea.NewCursor(x+column, y+i)
		}
	}
	return nil
}

func abs(n int) int { return max(n, -n) }
