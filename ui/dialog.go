package ui

import (
	"strings"

	"idtop/client"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// dialogWidth is how wide a dialog is on a wide screen.
const dialogWidth = 74

// dialogRow is a line of a dialog. On a low screen the rows with the highest spare
// are dropped first; the session's name and the way out are always kept.
type dialogRow struct {
	row     row
	spare   int
	input   bool   // holds the typed text
	cursor  int    // column of the terminal's cursor; 0: at the end of the row
	chosen  bool   // the cursor is on it
	below   bool   // it comes after the rows that fill the rest of the screen
	session string // a click chooses this session
}

// drawBox lays rows over the painted lines, in the middle.
func drawBox(p *painter, m *model.Model, edge style, rows []dialogRow, width int) {
	rows = fitDialog(rows, m.Height-2)
	layBox(p, m, edge, rows, width, max(1, (m.Height-len(rows))/2))
}

// drawLowBox lays rows at the foot of the list, so that its heads are seen.
func drawLowBox(p *painter, m *model.Model, edge style, rows []dialogRow, width int) {
	foot := m.Height - 2
	rows = fitDialog(rows, foot-m.Layout().List.Y-m.NewsLine()-2)
	layBox(p, m, edge, rows, width, foot-len(rows))
}

func layBox(p *painter, m *model.Model, edge style, rows []dialogRow, width, y int) {
	x := (m.Width - width) / 2
	lines := strings.Split(p.String(), "\n")
	for i, r := range rows {
		if y+i >= len(lines) {
			break
		}
		line := &painter{theme: p.theme}
		line.put(edge, &p.theme.dialog, safe.Lit("▌"))
		on := &p.theme.dialog
		if r.chosen {
			on = &p.theme.chosen
		}
		line.put(on.text, on, space)
		line.putRow(r.row, on, width-2)
		lines[y+i] = overlay(lines[y+i], line.String(), x, width)
	}
	p.repaint(lines)
	p.cursor = fieldCursor(rows, x+2, y)
}

// dialogCells is the width of the dialog: the whole screen when little room would
// be left beside it.
func dialogCells(m *model.Model) int {
	if m.Width < dialogWidth+20 {
		return m.Width
	}
	return dialogWidth
}

// fitDialog drops rows until the rest fits: the highest spare first, and of equal
// ones the last.
func fitDialog(rows []dialogRow, height int) []dialogRow {
	highest := 0
	for _, r := range rows {
		highest = max(highest, r.spare)
	}
	for spare := highest; spare > 0 && len(rows) > height; spare-- {
		for i := len(rows) - 1; i >= 0 && len(rows) > height; i-- {
			if rows[i].spare == spare {
				rows = append(rows[:i], rows[i+1:]...)
			}
		}
	}
	return rows
}

// dialogRows name, in this order: the action, its effect, that it can't be undone,
// the session, the account, the text to type and the way out.
func dialogRows(theme *theme, m *model.Model, d *model.Dialog) []dialogRow {
	on := &theme.dialog
	blank := dialogRow{spare: 3}
	rows := []dialogRow{blank, {row: row{{on.dangerBold, safe.Line(d.Title)}}}, blank}
	rows = append(rows, effect(on, d, dialogCells(m)-3)...)
	rows = append(rows, blank)
	rows = append(rows, subject(theme, on, m, d)...)
	rows = append(rows, blank, dialogRow{row: prompt(on, m, d), input: true}, blank)
	leave := aside(row{{on.accent, safe.Lit("esc")}, {on.text, safe.Lit(" back out")}}, segment{on.dim, safe.Lit("   nothing has been sent yet")}, m)
	return append(rows, dialogRow{row: leave}, blank)
}

// aside adds a remark to a line if there is room for it.
func aside(r row, remark segment, m *model.Model) row {
	if r.width()+remark.text.Width() > dialogCells(m)-2 {
		return r
	}
	return append(r, remark)
}

// effect describes the action's effect, and that it can't be undone.
func effect(on *palette, d *model.Dialog, width int) []dialogRow {
	does, undone := safe.Line(d.Effect), safe.Line(d.Undone)
	if does.Width() > 2*width {
		does = safe.Line(d.Short)
	}
	var rows []dialogRow
	for i, line := range does.Wrap(width) {
		rows = append(rows, dialogRow{row: row{{on.text, line}}, spare: min(i*2, 2)})
	}
	never := safe.Lit("This can't be undone.")
	both := row{{on.danger, never}, {on.dim, space}, {on.dim, undone}}
	if both.width() > width {
		rows = append(rows, dialogRow{row: row{{on.danger, never}}})
		for _, line := range undone.Wrap(width) {
			rows = append(rows, dialogRow{row: row{{on.dim, line}}, spare: 2})
		}
		return rows
	}
	return append(rows, dialogRow{row: both})
}

// subject names the session, its person, its state and its account.
func subject(theme *theme, on *palette, m *model.Model, d *model.Dialog) []dialogRow {
	label := func(t safe.Text) segment { return segment{on.dim, t.Pad(labelWidth)} }
	user := row{label(safe.Lit("User")), {on.dim, safe.Lit("none")}}
	if d.Row.UserID != "" {
		id := private(m, safe.UserIDQuoted(d.Row.UserID)).CutMiddle(dialogCells(m) - 2 - labelWidth)
		user = row{label(safe.Lit("User")), {on.text, id}}
	}
	state := row{label(safe.Lit("State")), {on.state[d.Row.State], on.stateText[d.Row.State]}}
	if reason := client.ReasonOf(d.Row.ErrorCode).Label; reason != "" {
		state = append(state, segment{on.text, safe.Concat(safe.Lit("  "), safe.Line(reason))})
	}
	if d.Now != client.StateUnknown {
		state = append(state, segment{on.processing, safe.Lit("  now ")}, segment{on.state[d.Now], on.stateText[d.Now]})
	}
	account := row{label(safe.Lit("Account")), modeBadge(theme, m.Identity.Live), {on.text, safe.Concat(space, safe.Spelled(m.Identity.Account))}}
	id := safe.Line(d.Row.ID) // if it is cut, then at the front: its end tells sessions apart
	if room := dialogCells(m) - 2 - labelWidth; id.Width() > room {
		id = id.CutFront(room)
	}
	return []dialogRow{
		{row: row{label(safe.Lit("Session")), {on.text, id}}}, {row: user}, {row: state}, {row: account},
	}
}

// prompt names the text to type, once keys count.
func prompt(on *palette, m *model.Model, d *model.Dialog) row {
	verb, confirm := safe.Line(d.Verb), d.Confirm()
	switch {
	case d.Block == model.LookingUp:
		return row{{on.dim, safe.Lit("Looking it up…")}}
	case d.Block != "":
		return row{{on.processing, safe.Concat(safe.Lit("It can't be done any more: "), safe.Line(d.Block))}}
	case d.OneKey() && d.Armed:
		return aside(row{{on.accent, safe.Concat(keyOf(m, keymap.Yes), space)}, {on.text, verb}}, segment{on.dim, safe.Lit("      only this key does it")}, m)
	case d.OneKey():
		return aside(row{{on.dim, safe.Concat(keyOf(m, keymap.Yes), space, verb)}}, segment{on.dim, safe.Lit("      a moment: keys typed ahead do not count")}, m)
	}
	look := on.dim
	if d.Armed {
		look = on.text
	}
	return row{{look, safe.Lit("Type ")}, {on.bold, safe.Line(confirm.Want)}, {look, safe.Concat(safe.Lit(" to "), verb, safe.Lit("   "))},
		{on.bold, safe.Line(confirm.Value())}}
}
