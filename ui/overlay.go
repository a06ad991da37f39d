package ui

import (
	"slices"

	"idtop/model"
	"idtop/ui/safe"
)

// visibleRows are the rows of the overlay that are on the screen, and the number of
// all its lines. Of a job only the visible sessions are laid out: there may be
// thousands.
func visibleRows(theme *theme, m *model.Model, o *model.Overlay) (visible []row, lines int) {
	screen := m.OverlayRows()
	if o.Kind == model.InsightsOverlay {
		rows := insightsRows(theme, m)
		return rows[:min(len(rows), screen)], len(rows)
	}
	if o.Kind == model.TimelineOverlay {
		head, body := timelineRows(theme, m)
		room := max(0, screen-len(head))
		from := max(0, min(o.Scroll, len(body)-room))
		return append(head, body[from:min(len(body), from+room)]...), len(head) + len(body)
	}
	if o.Kind == model.ViewsOverlay {
		rows, at, _ := viewsRows(theme, m)
		from := viewsTop(m, rows, at)
		return rows[from:min(len(rows), from+screen)], len(rows)
	}
	if o.Kind == model.PeopleOverlay {
		return peopleRows(theme, m), 0
	}
	if o.Kind == model.MessagesOverlay {
		rows := messageRows(theme, m)
		from := min(o.Scroll, max(0, len(rows)-screen))
		return rows[from:min(len(rows), from+screen)], len(rows)
	}
	rows := jobsHead(theme, m)
	head := len(rows)
	room := max(0, screen-len(rows))
	if m.Jobs.Whole {
		items := itemRows(&theme.plain, m, 0, len(m.Jobs.Items))
		from := max(0, min(o.Scroll, len(items)-room))
		return append(rows, items[from:min(len(items), from+room)]...), head + len(items)
	}
	from := max(0, min(o.Scroll, len(m.Jobs.Items)-room))
	rows = append(rows, itemRows(&theme.plain, m, from, min(len(m.Jobs.Items), from+room))...)
	if legend := jobLegend(&theme.plain, m.Width-2); len(rows)+len(legend) <= screen && len(m.Jobs.Items) > 0 {
		rows = append(rows, legend...)
	}
	return rows, head + len(m.Jobs.Items)
}

// drawOverlay draws the message log, the jobs, the insights or a
// timeline in place of the panes.
func drawOverlay(p *painter, m *model.Model, o *model.Overlay) {
	on := &p.theme.plain
	rows, lines := visibleRows(p.theme, m, o)
	p.shown.Overlay = lines
	spots := overlaySpots(p, m, o, len(rows))
	for i := range m.OverlayRows() {
		if spot, ok := spots[i]; ok {
			p.spot(m.Width, spot)
		}
		if i < len(rows) {
			p.put(on.text, on, space)
			p.putRow(rows[i], on, m.Width-1)
		}
		p.fill(on.text, m.Width)
		p.newline()
	}
}

// overlaySpots are the spots on the visible lines of an overlay: a click chooses one of the
// people or a view.
func overlaySpots(p *painter, m *model.Model, o *model.Overlay, visible int) map[int]model.Spot {
	spots := map[int]model.Spot{}
	switch {
	case !p.mouse:
	case o.Kind == model.PeopleOverlay && m.People.Loaded:
		page := m.People.Page
		last := min(page.Total, m.People.Top+m.PeopleRows())
		for i := max(m.People.Top, page.First); i < min(last, page.First+len(page.People)); i++ {
			spots[visible-last+i] = model.Spot{Kind: model.PersonSpot, ID: page.People[i-page.First].UserID}
		}
	case o.Kind == model.ViewsOverlay:
		rows, at, lines := viewsRows(p.theme, m)
		for i, y := range lines {
			spots[y-viewsTop(m, rows, at)] = model.Spot{Kind: model.ViewSpot, At: i}
		}
	}
	return spots
}

// messageRows list the messages, newest first.
func messageRows(theme *theme, m *model.Model) []row {
	on := &theme.plain
	title := segment{on.bold, safe.Lit("Messages")}
	rows := []row{firstFit(m.Width-1, row{title, {on.dim, keyed(m, "  newest first; esc or {messages} closes them")}}, row{title, {on.dim, safe.Lit("  newest first; esc closes them")}}, row{title}), nil}
	if len(m.Log.Messages) == 0 {
		return append(rows, row{{on.dim, safe.Lit("Nothing has happened yet.")}})
	}
	times := 0 // width of the times
	for _, msg := range m.Log.Messages {
		times = max(times, clock(msg.At, m.Now).Width()+1)
	}
	width := max(10, m.Width-times-5)
	for _, msg := range slices.Backward(m.Log.Messages) {
		lead := row{{on.dim, clock(msg.At, m.Now).Pad(times)}, levelSign(on, msg.Level)}
		for _, line := range safe.Line(m.Said(msg)).Wrap(width) {
			rows = append(rows, append(lead, segment{on.text, line}))
			lead = row{{on.dim, safe.Spaces(times + 2)}}
		}
		request := safe.Text{}
		if msg.RequestID != "" {
			request = safe.Concat(safe.Lit("request "), safe.Line(msg.RequestID))
		}
		for _, note := range []safe.Text{safe.ErrorBody(msg.Detail), request, safe.Line(m.HintOf(msg))} {
			if note.IsEmpty() {
				continue
			}
			for _, line := range note.Wrap(width) {
				rows = append(rows, row{{on.dim, safe.Spaces(times + 2)}, {on.dim, line}})
			}
		}
	}
	return rows
}
