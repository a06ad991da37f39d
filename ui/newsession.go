package ui

import (
	"errors"

	"idtop/client"
	"idtop/model"
	"idtop/ui/safe"
)

// formRows draws the form for a new session or for metadata.
func formRows(on *palette, m *model.Model) []dialogRow {
	f := m.Form
	width := dialogCells(m) - 3
	title := safe.Lit("New session")
	if f.Kind == model.MetadataForm {
		title = safe.Concat(safe.Lit("Metadata of "), safe.Line(f.Session.ID).CutFront(max(10, width-12)))
	}
	rows := []dialogRow{{spare: 3}, {row: row{{on.bold, title}}}, {spare: 3}}
	rows = append(rows, fieldRows(on, f.Fields, f.At, true, width)...)
	rows = append(rows, dialogRow{spare: 3})
	if f.Open.ID != "" {
		note := safe.Concat(safe.Lit("This person has a session that waits: "), safe.Line(f.Open.ID), safe.Lit("."))
		for _, line := range note.Wrap(width) {
			rows = append(rows, dialogRow{row: row{{on.processing, line}}})
		}
		rows = append(rows, dialogRow{row: row{{on.accent, safe.Lit("ctrl+o")}, {on.text, safe.Lit(" goes there: a fresh link does, and costs nothing")}}})
	}
	if f.Err != nil {
		text := safe.Line(f.Err.Error())
		var e *client.Error
		if errors.As(f.Err, &e) {
			text = safe.Concat(safe.Line(e.Summary()), safe.Lit(" "), safe.ErrorBody(e.Message))
		}
		for _, line := range text.Wrap(width) {
			rows = append(rows, dialogRow{row: row{{on.danger, line}}})
		}
	}
	state := segment{on.dim, safe.Lit("   nothing has been sent yet")}
	if f.Sending {
		state = segment{on.processing, safe.Lit("   sending…")}
	}
	keys := aside(row{{on.accent, safe.Lit("esc")}, {on.text, safe.Lit(" back out ")}, {on.accent, safe.Lit(" tab")}, {on.text, safe.Lit(" next field")}}, state, m)
	return append(rows, dialogRow{row: keys}, dialogRow{spare: 3})
}
