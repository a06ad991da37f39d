package ui

import (
	"strings"
	"time"

	"idtop/client"
	"idtop/client/timeline"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// The least widths at which a timeline has more columns, and at which two stand side
// by side.
const (
	timelineWithFrom = 60
	timelineBeside   = 100
)

// drawTrail draws in place of the tabs where esc leads back to, where one is, and a note
// where there is room.
func drawTrail(p *painter, m *model.Model, here, note safe.Text) {
	on := &p.theme.plain
	p.spot(len(" esc "), model.Spot{Kind: model.ActionSpot, Action: keymap.Back})
	trail := row{{on.accent, safe.Lit(" esc ")}, {on.dim, whence(m)}}
	if who := m.List.View.UserID; who != "" {
		trail = append(trail, segment{on.dim, safe.Concat(safe.Lit("  ›  "), private(m, safe.Line(who)).Cut(nameWidth))})
	}
	end := row{{on.dim, safe.Lit("  ›  ")}, {p.theme.tab, safe.Concat(space, here, space)}}
	if trail.width()+end.width() > m.Width {
		trail = trail[:1]
		end = end[1:]
	}
	trail = append(trail, end...)
	if room := m.Width - trail.width() - 2; note.Width() <= room {
		p.putRow(trail, on, m.Width-note.Width())
		p.put(on.dim, on, note)
		return
	}
	p.putRow(trail, on, m.Width)
}

// timelineName names the page: by the end of a session's id.
func timelineName(m *model.Model) safe.Text {
	switch known := m.Timeline.Known; len(known) {
	case 1:
		return safe.Concat(safe.Line(known[0].ID).CutFront(nameEnd+3), safe.Lit(", timeline"))
	case 2:
		return safe.Lit("two sessions")
	}
	return safe.Lit("timeline")
}

// timelineRows are the fixed lines of the page, and those that scroll below them.
func timelineRows(theme *theme, m *model.Model) (head, body []row) {
	on := &theme.plain
	all := m.Timelines()
	switch {
	case len(all) == 0:
		return []row{{{on.dim, safe.Lit("reading the mirror…")}}}, nil
	case len(all) == 2:
		return compareRows(theme, m, timeline.Compare(all[0], all[1]))
	}
	t := all[0]
	w := timelineColumns(m.Width - 1)
	roomy := m.OverlayRows() >= roomyJobs
	now, rest := t.Now()
	if !roomy { // what happened matters more
		rest = ""
	}
	head = sentence(on, safe.Lit("NOW"), safe.Line(now), safe.Line(rest), m.Width-2)
	if roomy {
		head = append(head, nil, w.head(on))
	}
	day := ""
	for i, e := range t.Entries {
		if e.Kind == timeline.Submitted && i > 0 && roomy {
			body = append(body, nil)
		}
		if d := w.day(e); d != "" && d != day {
			body = append(body, row{{on.dim, safe.Line(d)}})
			day = d
		}
		body = append(body, w.entry(on, e, m.ServerNow())...)
	}
	for i, note := range t.Notes {
		if i == 0 {
			body = append(body, nil)
		}
		for _, line := range safe.Line(note).Wrap(m.Width - 2) {
			body = append(body, row{{on.dim, line}})
		}
	}
	body = append(body, nil)
	label, indent := safe.Lit("still to come  "), safe.Spaces(w.time+w.after)
	if w.from == 0 {
		body = append(body, row{{on.dim, label}})
		label, indent = safe.Text{}, safe.Spaces(2)
	}
	for _, line := range safe.Line(t.Next).Wrap(max(10, m.Width-2-indent.Width()-label.Width())) {
		body = append(body, row{{on.dim, safe.Concat(indent, label, line)}})
		label = safe.Spaces(label.Width())
	}
	if bar := where(on, t, m.Width-2); len(head)+len(body)+len(bar) <= m.OverlayRows() {
		body = append(body, bar...)
	}
	return head, body
}

// sentence is a bold sentence under a label, and what comes after it.
func sentence(on *palette, label, bold, rest safe.Text, width int) (rows []row) {
	look := on.bold
	lead := label.Pad(label.Width() + 2)
	for _, part := range []safe.Text{bold, rest} {
		if part.IsEmpty() {
			continue
		}
		if last := len(rows) - 1; last >= 0 && rows[last].width()+1+part.Width() <= width {
			rows[last] = append(rows[last], segment{look, space}, segment{look, part})
			continue
		}
		for _, line := range part.Wrap(max(10, width-lead.Width())) {
			rows = append(rows, row{{on.dim, lead}, {look, line}})
			lead = safe.Spaces(lead.Width())
		}
		look = on.dim
	}
	return rows
}

// timelineTable are the widths of the columns; 0: no such column.
type timelineTable struct{ time, after, what, words, from int }

func timelineColumns(width int) timelineTable {
	t := timelineTable{time: 9, what: 12}
	switch {
	case width >= timelineBeside-1:
		t = timelineTable{time: 12, after: 8, what: 13, from: 28}
	case width >= timelineWithFrom-1:
		t.after, t.from = 6, 23
	}
	t.words = min(64, width-t.time-t.after-t.what-t.from)
	return t
}

func (w timelineTable) head(on *palette) row {
	r := row{{on.dim, safe.Lit("TIME").Fit(w.time)}, {on.dim, w.later(safe.Lit("AFTER"))}, {on.dim, safe.Lit("WHAT").Fit(w.what + w.words)}}
	if w.from > 0 {
		r = append(r, segment{on.dim, safe.Lit("FROM").Fit(w.from)})
	}
	return r
}

// later is what stands in the column of how long after the entry before.
func (w timelineTable) later(t safe.Text) safe.Text { return t.PadLeft(max(0, w.after-2)).Fit(w.after) }

// day is the day of an entry.
func (w timelineTable) day(e timeline.Entry) string {
	if e.At.IsZero() {
		return ""
	}
	return e.At.Local().Format("2 Jan 2006")
}

// entry are the lines of an entry: of a verdict also its checks.
func (w timelineTable) entry(on *palette, e timeline.Entry, now time.Time) (rows []row) {
	if e.Kind == timeline.Gap {
		sign := safe.Lit("· ")
		for _, line := range safe.Line(e.Words).Wrap(w.what + w.words + w.from - 2) {
			rows = append(rows, row{{on.dim, safe.Concat(safe.Spaces(w.time+w.after), sign, line)}})
			sign = safe.Lit("  ")
		}
		return rows
	}
	when := safe.Text{}
	if !e.At.IsZero() {
		when = safe.Line(e.At.Local().Format("15:04:05"))
	}
	if e.Rough && !e.At.IsZero() {
		when = safe.Concat(safe.Lit("~"), safe.Line(e.At.Local().Format("15:04")))
	}
	after, look := safe.Text{}, on.dim
	if e.Apart {
		after = age(e.After)
		if e.After >= time.Minute {
			look = on.text
		}
	}
	what, how := w.glyph(on, e)
	r := row{{on.dim, when.Fit(w.time)}, {look, w.later(after)}, {how, what.Fit(w.what)}}
	indent := w.time + w.after + w.what
	for i, line := range w.says(on, e) {
		if i > 0 {
			r = row{{on.dim, safe.Spaces(indent)}}
		}
		rows = append(rows, append(r, line...))
	}
	room := w.words + w.from - 1
	if w.from == 0 { // below the name of the event
		indent, room = w.time, w.what+w.words-1
	}
	for _, c := range e.Checks {
		for _, line := range checkRow(on, c).wrap(on, checkIndent, room) {
			rows = append(rows, append(row{{on.dim, safe.Spaces(indent)}}, line...))
		}
	}
	return rows
}

// glyph is what an entry is, in one word.
func (w timelineTable) glyph(on *palette, e timeline.Entry) (safe.Text, style) {
	word := safe.Line(e.What())
	switch e.Kind {
	case timeline.Created, timeline.Submitted:
		return safe.Concat(on.glyph[e.State], space, word), on.state[e.State]
	case timeline.Act:
		return word.Cut(w.what - 1), on.accent
	}
	return on.stateText[e.State], on.state[e.State]
}

// says are the words of an entry, as many lines as they take, and from where it is known.
func (w timelineTable) says(on *palette, e timeline.Entry) (lines []row) {
	from := safe.Spelled(e.From())
	for _, line := range safe.Line(e.Words).Wrap(w.words - 1) {
		lines = append(lines, row{{on.text, line}})
	}
	r := lines[0]
	for _, note := range []string{e.Code, e.Reason} {
		if text := safe.Concat(safe.Lit("  "), safe.Line(note)); note != "" && r.width()+text.Width() < w.words { // whole or not at all
			r = append(r, segment{on.dim, text})
		}
	}
	if w.from > 0 {
		lines[0] = append(r.fit(on, w.words-1), segment{on.dim, from.Cut(w.from)})
		return lines
	}
	last := len(lines) - 1
	if lines[0] = r; lines[last].width()+2+from.Width() < w.words {
		lines[last] = append(lines[last], segment{on.dim, safe.Concat(safe.Lit("  "), from)})
		return lines
	}
	return append(lines, row{{on.dim, from.Cut(w.words)}})
}

// checkIndent is where the results of checks begin.
const checkIndent = 12

// checkRow is a check of an attempt: its sign, its name, its result, the document.
func checkRow(on *palette, c timeline.Check) row {
	sign, look, words := safe.Lit("✗ "), on.state[client.StateFailed], on.text
	switch {
	case c.Status == "":
		sign, look, words = safe.Lit("– "), on.dim, on.dim
	case c.Passed():
		sign, look, words = safe.Lit("✓ "), on.state[client.StateVerified], on.dim
	}
	r := row{{look, sign}, {on.text, safe.Line(c.Called()).Pad(10)}, {words, safe.Line(c.Says())}}
	if papers := c.Papers(); papers != "" {
		r = append(r, segment{on.dim, safe.Concat(safe.Lit(", "), safe.Line(papers))})
	}
	return r
}

// where draws where the time of a session went, if all of it is known.
func where(on *palette, t timeline.Timeline, width int) []row {
	if len(t.Spans) < 2 {
		return nil
	}
	width = min(width, 108)
	from, until := t.Spans[0].From, t.Spans[len(t.Spans)-1].Until
	whole := until.Sub(from)
	at := func(when time.Time) int { return int(float64(width) * float64(when.Sub(from)) / float64(whole)) }
	bar, labels := row{}, row{}
	column, labelled := 0, 0
	for i, s := range t.Spans {
		look, sign := on.line, safe.Lit("░")
		end := at(s.Until)
		if s.Checking {
			look, sign = on.processing, safe.Lit("█")
			end = max(end, column+1)
		}
		if i == len(t.Spans)-1 {
			end = width
		}
		end = max(column, min(end, width-(len(t.Spans)-1-i)))
		if s.Checking || i == 0 {
			label := safe.Line(s.From.Local().Format("15:04"))
			if from := column; from >= labelled && from+label.Width() <= width {
				labels = append(labels, segment{on.dim, safe.Spaces(from - labelled)}, segment{on.dim, label})
				labelled = from + label.Width() + 1
				labels = append(labels, segment{on.dim, space})
			}
		}
		bar = append(bar, segment{look, sign.Repeat(end - column)})
		column = end
	}
	waited, checked := t.Went()
	legend := row{{on.line, safe.Lit("░ ")}, {on.dim, safe.Concat(safe.Lit("waited for the person, "), age(waited))},
		{on.dim, safe.Lit("   ")}, {on.processing, safe.Lit("█ ")}, {on.dim, safe.Concat(safe.Lit("Stripe was checking, "), age(checked))}}
	title := safe.Concat(safe.Lit("WHERE "), safe.Line(strings.ToUpper(timeline.Long(whole))), safe.Lit(" WENT"))
	return []row{nil, {{on.dim, title}}, bar, labels, legend}
}

// compareRows puts two sessions side by side, on a narrow screen one under the other.
func compareRows(theme *theme, m *model.Model, c timeline.Comparison) (head, body []row) {
	on := &theme.plain
	head = sentence(on, safe.Lit("DIFFERS"), safe.Line(c.First), safe.Text{}, m.Width-2)
	head = append(head, nil)
	if m.Width < timelineBeside {
		return head, compareNarrow(theme, m, c)
	}
	const label = 20
	side := (m.Width - 3 - label) / 2
	names := row{{on.dim, safe.Lit("  older, newer").Fit(label)}}
	for i, t := range [2]timeline.Timeline{c.Older, c.Newer} {
		if i == 1 {
			names = append(names, segment{on.line, safe.Lit("│ ")})
		}
		names = append(names, sideName(theme, m, t, i).fit(on, side-2)...)
	}
	head = append(head, names)
	for _, p := range c.Rows {
		if p.Head {
			body = append(body, divided(on, row{{on.dim, safe.Spaces(label)}}, nil, nil, side))
		}
		left, right := sideRow(on, m, p.Sides[0]).wrap(on, sideIndent, side-2), sideRow(on, m, p.Sides[1]).wrap(on, sideIndent, side-2)
		head := pairLabel(on, p, label)
		for i := range max(len(left), len(right)) {
			body = append(body, divided(on, head, at(left, i), at(right, i), side))
			head = row{{on.dim, safe.Spaces(label)}}
		}
	}
	return head, body
}

// sideIndent is the column in which the values of a session begin.
const sideIndent = 2

// at is one of some lines, empty after the last.
func at(lines []row, i int) row {
	if i < len(lines) {
		return lines[i]
	}
	return nil
}

// divided is a line of two sides with the hair line between them.
func divided(on *palette, label, left, right row, side int) row {
	r := append(label, left.fit(on, side-2)...)
	return append(append(r, segment{on.line, safe.Lit("│ ")}), right.fit(on, side-2)...)
}

// compareNarrow puts only what differs one under the other.
func compareNarrow(theme *theme, m *model.Model, c timeline.Comparison) (rows []row) {
	on := &theme.plain
	for i, t := range [2]timeline.Timeline{c.Older, c.Newer} {
		if i == 1 {
			rows = append(rows, nil)
		}
		which := safe.Lit("older  ")
		if i == 1 {
			which = safe.Lit("newer  ")
		}
		rows = append(rows, append(row{{on.dim, which}}, sideName(theme, m, t, i)...))
		attempt := timeline.Pair{}
		for _, p := range c.Rows {
			if p.Head {
				attempt = p
			}
			if !p.Differs {
				continue
			}
			if !p.Head && attempt.Head && !attempt.Differs { // whose check it is
				rows = append(rows, narrowSide(on, m, attempt, i)...)
				attempt = timeline.Pair{}
			}
			rows = append(rows, narrowSide(on, m, p, i)...)
		}
	}
	return rows
}

// narrowSide are the lines of a pair for one of its sessions.
func narrowSide(on *palette, m *model.Model, p timeline.Pair, side int) (rows []row) {
	label := pairLabel(on, p, 18)
	for _, line := range sideRow(on, m, p.Sides[side]).wrap(on, sideIndent, m.Width-2-label.width()) {
		rows = append(rows, append(label, line...))
		label = row{{on.dim, safe.Spaces(label.width())}}
	}
	return rows
}

// sideName names one of two sessions, and marks the one that keys act on.
func sideName(theme *theme, m *model.Model, t timeline.Timeline, side int) row {
	on := &theme.plain
	cursor, look := safe.Lit("  "), on.text
	if m.Timeline.Side == side {
		cursor, look = safe.Lit("▸ "), on.bold
	}
	r := row{{on.accent, cursor}, {look, safe.Line(t.ID).CutFront(nameEnd + 3)}}
	if t.Row.ID == "" {
		return append(r, segment{on.dim, safe.Lit("  not in the mirror")})
	}
	return append(r, segment{on.text, safe.Lit("  ")}, segment{on.state[t.Row.State], on.stateText[t.Row.State]})
}

func pairLabel(on *palette, p timeline.Pair, width int) row {
	sign := segment{on.text, safe.Lit("  ")}
	if p.Differs {
		sign = segment{on.processing, safe.Lit("≠ ")}
	}
	return row{sign, {on.dim, safe.Line(p.Label).Fit(width - 2)}}
}

// sideRow is what one session has in a line.
func sideRow(on *palette, m *model.Model, s timeline.Side) row {
	r := row{{on.text, safe.Lit("  ")}}
	switch {
	case s.Names:
		r = append(r, segment{on.text, private(m, safe.Line(s.Text).Badged())})
	case s.Check != nil:
		check := checkRow(on, *s.Check)
		return append(append(r, check[0]), check[2:]...)
	case s.State != client.StateUnknown:
		r = append(r, segment{on.state[s.State], safe.Concat(on.glyph[s.State], space, safe.Line(s.Text))})
	case s.Text != "":
		r = append(r, segment{on.text, safe.Line(s.Text)})
	}
	if s.Note != "" {
		r = append(r, segment{on.dim, safe.Concat(safe.Lit("  "), safe.Line(s.Note))})
	}
	return r
}
