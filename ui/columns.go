package ui

import (
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// The box of the columns, in cells.
const (
	columnsWidth    = 72
	columnHeadWidth = 11
	columnSaysWidth = 26
)

// columnSays describes each column.
var columnSays = [model.ColumnCount]safe.Text{
	model.StateColumn: safe.Lit("its state"), model.UserColumn: safe.Lit("whose session it is"), model.ReasonColumn: safe.Lit("why it is in its state"),
	model.DocColumn: safe.Lit("the document's type"), model.CountryColumn: safe.Lit("the document's country"),
	model.TriesColumn: safe.Lit("sessions of the person"), model.AttemptsColumn: safe.Lit("attempts in the session"),
	model.SinceColumn: safe.Lit("how long in its state"), model.CreatedColumn: safe.Lit("how long since created"),
	model.TypeColumn: safe.Lit("what is verified"), model.SessionColumn: safe.Lit("the end of its id"),
}

// columnsRows are the lines of the box: each column, and why it is not on the screen.
func columnsRows(theme *theme, m *model.Model, b *model.ColumnsBox) []dialogRow {
	on := &theme.dialog
	of := safe.Lit("of the seven tabs")
	if m.List.Saved != "" {
		of = safe.Concat(safe.Lit("of the view "), safe.Line(m.List.Saved))
	}
	rows := []dialogRow{{row: row{{on.bold, safe.Lit("Columns ")}, {on.dim, of}}}, {spare: len(b.Lines) + 1}}
	layout := m.Layout()
	shown := columnsFor(m, layout.List.Width)
	for i, line := range b.Lines {
		on, lead := &theme.dialog, safe.Lit("  ")
		if i == b.At {
			on, lead = &theme.chosen, safe.Lit("▸ ")
		}
		box, look := safe.Lit("[ ] "), on.dim
		if line.Shown {
			box, look = safe.Lit("[x] "), on.text
		}
		head, says := safe.Line(line.Name), safe.Text{}
		if line.Known {
			if key, ok := m.MetadataKey(line.Column); ok {
				head, says = safe.Line(key), safe.Lit("metadata that is kept")
			} else {
				head, says = columnHeads[line.Column], columnSays[line.Column]
			}
			if line.Column == model.SinceColumn && !shown.since.IsEmpty() {
				head = shown.since
			}
		}
		note := segment{on.processing, columnNote(&shown, line, layout)}
		if line.Known && shown.widths[line.Column] > 0 {
			note.style = on.dim
		}
		rows = append(rows, dialogRow{
			row:    row{{on.accent, lead}, {look, box}, {look, head.Fit(columnHeadWidth)}, {on.dim, says.Fit(columnSaysWidth)}, note},
			chosen: i == b.At, spare: 1 + abs(i-b.At),
		})
	}
	return append(rows, dialogRow{spare: len(b.Lines) + 1}, dialogRow{row: columnsKeys(&theme.dialog, m).keys(min(m.Width, columnsWidth) - 2)})
}

// columnNote says why a column is or is not on the screen, where its box does not.
func columnNote(c *columns, line model.ColumnLine, layout model.Layout) safe.Text {
	switch column := line.Column; {
	case !line.Known:
		return safe.Lit("unknown to this idtop")
	case column == model.UserColumn:
		return safe.Lit("always shown")
	case !line.Shown && c.sorts(column) && c.widths[column] > 0:
		return safe.Lit("shown: sorted by it")
	case !line.Shown || c.widths[column] > 0:
		return safe.Text{}
	case column == model.SinceColumn && c.since.IsEmpty():
		return safe.Lit("not among all states")
	case !c.has(column):
		return safe.Lit("no reports are kept")
	case layout.Beside:
		return safe.Lit("no room beside detail")
	}
	return safe.Lit("no room on this screen")
}

// columnsKeys are the keys of the box.
func columnsKeys(on *palette, m *model.Model) row {
	var r row
	for _, id := range []keymap.ID{keymap.ColumnsKeep, keymap.ColumnsBack, keymap.ColumnShow, keymap.ColumnDown, keymap.ColumnsUsual} {
		action, _ := keymap.Lookup(id)
		key, title := keyOf(m, id), safe.Line(action.Title)
		if id == keymap.ColumnDown {
			key, title = bothKeys(m, keymap.ColumnUp, id), safe.Lit("move")
		}
		r = append(r, segment{on.accent, safe.Concat(space, key)}, segment{on.text, safe.Concat(space, title, space)})
	}
	return r
}
