package ui

import (
	tea "charm.land/bubbletea/v2"

	"idtop/model"
	"idtop/ui/safe"
)

// Renderer draws a model. Its zero value is ready to use, and it has no state.
type Renderer struct{}

// View implements model.Renderer.
func (Renderer) View(m *model.Model) (tea.View, model.Extent) {
	p := frame(m)
	view := tea.NewView(p.String())
	view.AltScreen = true
	view.ReportFocus = true
	view.KeyboardEnhancements.ReportAlternateKeys = true // the place of a chord's letter, for layouts without Latin ones
	if m.Mouse {                                         // clicks and the wheel only; idtop never asks for every movement
		view.MouseMode = tea.MouseModeCellMotion
	}
	view.WindowTitle = "idtop" // constant: a title is not sanitised on its way to the terminal
	view.Cursor = p.cursor
	return view, p.shown
}

// frame draws exactly as many lines as the screen has.
func frame(m *model.Model) *painter {
	p := &painter{theme: themeFor(m.Theme, m.Dark, m.Profile), mouse: m.Mouse, shown: m.Shown}
	p.shown.Spots = nil
	if m.Width <= 0 || m.Height <= 0 { // the size is not known yet
		return p
	}
	p.out.Grow(m.Width * m.Height * 3 / 2) // most frames fit; the library keeps each until the next, so none is reused
	if m.Layout().TooSmall {
		drawTooSmall(p, m)
		return p
	}
	theme := p.theme
	hints := func(width int) line { return hintRow(p, m, width) }
	boxed := func(int) line {
		return line{row: row{{theme.plain.dim, safe.Lit(" answer above, or esc to leave")}}}
	}
	panel := func(width int) line {
		said := safe.Lit("the panel has all keys ")
		return line{row: row{{theme.plain.text, safe.Spaces(max(0, width-said.Width()))}, {theme.plain.dim, said}}}
	}
	switch modal := m.Modal.(type) {
	case *model.PlanScreen:
		drawPlanScreen(p, m, modal)
	case *model.Dialog:
		drawDashboard(p, m, boxed)
		drawBox(p, m, theme.dialog.danger, dialogRows(theme, m, modal), dialogCells(m))
		if modal.OneKey() || !modal.Armed || modal.Block != "" {
			p.cursor = nil // the input is not visible
		}
	case *model.Form:
		drawDashboard(p, m, boxed)
		drawBox(p, m, theme.dialog.accent, formRows(theme, m, modal), dialogCells(m))
	case *model.Palette:
		drawDashboard(p, m, panel)
		fade(p, m.SearchLine(), m.Height-2)
		drawBox(p, m, theme.dialog.accent, paletteRows(theme, m, modal), paletteCells(m))
	case *model.Help:
		if modal.Searching {
			hints = func(width int) line { return line{row: helpSearchKeys(&theme.plain, m, width)} }
		}
		drawDashboard(p, m, hints)
		if modal.Searching {
			p.cursor = tea.NewCursor(min(m.Width-1, helpCursor(modal)), m.SearchLine())
		}
	case *model.ColumnsBox:
		drawDashboard(p, m, panel)
		drawLowBox(p, m, theme.dialog.accent, columnsRows(theme, m, modal), min(m.Width, columnsWidth))
	case *model.ProfilesBox:
		drawDashboard(p, m, panel)
		drawBox(p, m, theme.dialog.accent, profilesRows(theme, m, modal), dialogCells(m))
	case *model.ViewLine:
		drawDashboard(p, m, func(int) line { return line{row: viewKeys(&theme.plain, m, modal)} })
		if !modal.Delete {
			p.cursor = viewCursor(theme, m, modal)
		}
	case *model.RevealLine:
		drawDashboard(p, m, func(width int) line { return revealKeys(&theme.plain, m, width) })
	case model.SearchLine:
		drawDashboard(p, m, func(width int) line { return line{row: typingRow(&theme.plain, m, width)} })
		drawOffer(p, m)
		p.cursor = searchCursor(m)
	default:
		drawDashboard(p, m, hints)
	}
	return p
}

// drawDashboard draws everything below a modal.
func drawDashboard(p *painter, m *model.Model, keys func(width int) line) {
	layout := m.Layout()
	drawHeader(p, m)
	p.newline()
	help, _ := m.Modal.(*model.Help)
	drawTabs(p, m)
	p.newline()
	if m.Identity.Live {
		drawFrame(p, m)
		p.newline()
	}
	if m.NewsLine() > 0 { // a high screen
		p.newline()
	}
	if lines := m.HourLines(); lines > 0 {
		drawHour(p, m)
		for range lines {
			p.newline()
		}
	}
	if help == nil {
		drawSearch(p, m)
		p.newline()
	}
	switch o := m.Overlay(); {
	case help != nil:
		drawHelp(p, m, help)
	case o != nil:
		drawOverlay(p, m, o)
	case m.ErasedShown():
		drawErased(p, m, layout)
	case m.PersonShown():
		drawPerson(p, m, layout)
	default:
		drawPanes(p, m, layout)
	}
	drawBanner(p, m, position(m))
	p.newline()
	drawFooter(p, m, keys)
}

// drawPanes draws the list and the detail, one line of both at a time.
func drawPanes(p *painter, m *model.Model, layout model.Layout) {
	list := newListRegion(m, layout)
	detail := newDetailRegion(m, layout)
	p.shown.Detail = len(detail.rows)
	for y := layoutTop(layout); y < m.Height-2; y++ {
		inList := y >= layout.List.Y && y < layout.List.Y+layout.List.Height
		if inList {
			list.draw(p, y-layout.List.Y)
		}
		if layout.Beside {
			p.put(p.theme.plain.line, &p.theme.plain, safe.Lit("│"))
		}
		if y >= layout.Detail.Y && y < layout.Detail.Y+layout.Detail.Height {
			detail.draw(p, y-layout.Detail.Y)
		}
		p.newline()
	}
}

func layoutTop(layout model.Layout) int {
	if layout.List.Height > 0 {
		return layout.List.Y
	}
	return layout.Detail.Y
}

// drawTooSmall asks for a larger screen. No key but quit acts then.
func drawTooSmall(p *painter, m *model.Model) {
	lines := []safe.Text{
		safe.Lit("idtop needs a larger window"),
		safe.Concat(safe.Lit("at least "), safe.Num(model.MinWidth), safe.Lit("x"), safe.Num(model.MinHeight),
			safe.Lit(", now "), safe.Num(m.Width), safe.Lit("x"), safe.Num(m.Height)),
		keyed(m, "{quit} quits; no other key acts"),
	}
	for i, line := range lines[:min(len(lines), m.Height)] {
		if i > 0 {
			p.newline()
		}
		p.putRow(row{{p.theme.plain.text, line}}, &p.theme.plain, m.Width)
	}
	for range m.Height - len(lines) {
		p.newline()
	}
}
