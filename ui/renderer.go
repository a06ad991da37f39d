package ui

import (
	tea "charm.land/bubbletea/v2"

	"idtop/model"
	"idtop/ui/safe"
)

// Renderer draws a model. Its zero value is ready, and it keeps nothing.
type Renderer struct{}

// View implements model.Renderer.
func (Renderer) View(m *model.Model) (tea.View, model.Extent) {
	p := frame(m)
	view := tea.NewView(p.String())
	view.AltScreen = true
	view.ReportFocus = true
	view.WindowTitle = "idtop" // constant: a title is not sanitised on its way to the terminal
	view.Cursor = cursor(m)
	return view, p.shown
}

// frame draws exactly as many lines as the screen has.
func frame(m *model.Model) *painter {
	p := &painter{theme: themeFor(m.Dark, m.Profile), shown: m.Shown}
	if m.Width <= 0 || m.Height <= 0 { // before the first size is known
		return p
	}
	p.out.Grow(m.Width * m.Height * 3)
	layout := m.Layout()
	if layout.TooSmall {
		drawTooSmall(p, m)
		return p
	}
	if m.Plan != nil {
		return planFrameOf(p, m)
	}
	drawHeader(p, m)
	p.newline()
	drawTabs(p, m)
	p.newline()
	if m.Identity.Live {
		drawFrame(p, m)
		p.newline()
	}
	if m.NewsLine() > 0 { // a high screen
		p.newline()
	}
	drawSearch(p, m)
	p.newline()
	if m.Overlay.Kind != model.NoOverlay {
		drawOverlay(p, m)
	} else if m.ErasedShown() {
		drawErased(p, m, layout)
	} else {
		drawPanes(p, m, layout)
	}
	drawBanner(p, m)
	p.newline()
	drawFooter(p, m)
	if m.Boxed() {
		return withDialog(p, m)
	}
	return p
}

// planFrameOf draws the screen while a plan is asked about: it has all of it.
func planFrameOf(p *painter, m *model.Model) *painter {
	if planTop(m) > 0 {
		drawHeader(p, m)
		p.newline()
		p.newline()
	}
	drawPlan(p, m)
	drawBanner(p, m)
	p.newline()
	drawFooter(p, m)
	return p
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
		safe.Lit("q quits; no other key acts"),
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

// cursor is where the terminal's cursor stands while text is typed.
func cursor(m *model.Model) *tea.Cursor {
	if m.Layout().TooSmall {
		return nil
	}
	switch {
	case m.Boxed():
		return dialogCursor(m)
	case m.Plan != nil:
		return planCursor(m)
	case m.Search.Typing && m.Overlay.Kind == model.NoOverlay:
		before := safe.Line(string([]rune(m.Search.Text())[:m.Search.Cursor()]))
		return tea.NewCursor(min(m.Width-1, searchIndent+before.Width()), m.SearchLine())
	}
	return nil
}
