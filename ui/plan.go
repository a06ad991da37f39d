package ui

import (
	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/model"
	"idtop/ui/safe"
)

// drawPlan draws the plan in place of the panes: what would be done to how many
// sessions, why not to the others, each of them, and what to type.
func drawPlan(p *painter, m *model.Model) {
	on := &p.theme.plain
	rows := planRows(p.theme, m)
	for i := range planHeight(m) {
		if i < len(rows) {
			p.put(on.text, on, space)
			p.putRow(rows[i].row, on, m.Width-1)
		}
		p.fill(on.text, m.Width)
		p.newline()
	}
}

// planHeight is how many lines the plan screen has.
func planHeight(m *model.Model) int { return m.Height - m.SearchLine() - 3 }

// planCursor is where the terminal's cursor stands on the plan screen.
func planCursor(m *model.Model) *tea.Cursor {
	theme := themeFor(m.Dark, m.Profile)
	return fieldCursor(planRows(theme, m), 1, m.SearchLine()+1)
}

// PlanRows implements model.Renderer.
func (Renderer) PlanRows(m model.Model) int {
	head, foot := planFrame(themeFor(m.Dark, m.Profile), &m)
	return planRoom(&m, len(head)+len(foot))
}

// planRoom is how many sessions there is room for beside the frame; a line below
// them says when there are more.
func planRoom(m *model.Model, frame int) int {
	room := planHeight(m) - frame
	if room < len(m.Plan.Plan.Entries) {
		room--
	}
	return max(0, room)
}

// planRows are the lines of the plan screen: its frame always, and as many of
// its sessions as there is room for.
func planRows(theme *theme, m *model.Model) []dialogRow {
	on, s := &theme.plain, m.Plan
	head, foot := planFrame(theme, m)
	room := planRoom(m, len(head)+len(foot))
	first := max(0, min(s.Scroll, len(s.Plan.Entries)-room))
	shown := s.Plan.Entries[first:min(len(s.Plan.Entries), first+room)]
	rows := head
	for _, entry := range shown {
		rows = append(rows, dialogRow{row: planEntry(on, m, entry)})
	}
	hidden := len(s.Plan.Entries) - len(shown)
	if hidden > 0 && len(rows)+len(foot) < planHeight(m) {
		rows = append(rows, dialogRow{row: row{{on.dim, safe.Concat(safe.Lit("  … "), safe.Num(hidden), safe.Lit(" more "))},
			{on.accent, safe.Lit("pgup pgdn")}}})
	}
	return append(rows, foot...)
}

// leastSessions is how many lines are for sessions on the lowest screen.
const leastSessions = 2

// lowPlan is the height below which what is to be typed, as far as it was, and how
// to leave need all lines.
const lowPlan = 6

// planFrame is what the plan screen has above and below its sessions. Where the
// screen is low, lines go by their spare, never what is planned, in which
// account, what to type, and how to leave.
func planFrame(theme *theme, m *model.Model) (head, foot []dialogRow) {
	on, s := &theme.plain, m.Plan
	blank := dialogRow{spare: 5}
	head = append([]dialogRow{{row: planTitle(theme, m)}}, planEffect(on, m)...)
	head = append(head, blank)
	for i, reason := range s.Plan.Reasons {
		head = append(head, dialogRow{row: reasonRow(on, s.Plan.Verb, reason), spare: min(3, i+1)})
	}
	head = append(head, blank)
	foot = append([]dialogRow{blank}, fieldRows(on, s.Fields, s.At, s.Armed, m.Width-2)...)
	if why := m.PlanBlock(); why != "" {
		foot = append(foot, dialogRow{row: row{{on.processing, safe.Concat(safe.Lit("▲ "), safe.Line(why))}}})
	}
	foot = append(foot, dialogRow{row: planKeys(on, m)})
	all := make([]dialogRow, 0, len(head)+len(foot))
	all = append(all, head...)
	for _, r := range foot {
		r.below = true
		all = append(all, r)
	}
	head, foot = nil, nil
	for _, r := range fitDialog(all, planHeight(m)-min(leastSessions, len(s.Plan.Entries))) {
		if r.below {
			foot = append(foot, r)
		} else {
			head = append(head, r)
		}
	}
	return head, foot
}

// planTitle says what is planned, where, and for whose sessions.
func planTitle(theme *theme, m *model.Model) row {
	on, s := &theme.plain, m.Plan
	verb := safe.Lit("Cancel ")
	if s.Plan.Verb == client.Redact {
		verb = safe.Lit("Redact ")
	}
	all := len(s.Plan.Entries)
	what := safe.Concat(verb, safe.Num(s.Plan.Count(plan.Now)), safe.Lit(" of "), plural(all, "session", "sessions"))
	if later := s.Waits(); later > 0 && m.Width >= 60 { // the badge comes first
		what = safe.Concat(what, safe.Lit(", "), safe.Num(later), safe.Lit(" later"))
	}
	r := row{{on.dangerBold, what}, {on.text, safe.Lit("  ")}, modeBadge(theme, m), {on.text, safe.Lit("  ")}}
	if s.UserID != "" {
		return append(r, segment{on.dim, safe.Lit("of ")}, segment{on.bold, safe.UserIDQuoted(s.UserID).Cut(30)},
			segment{on.dim, safe.Concat(safe.Lit("  in "), safe.Line(m.Identity.Account).Cut(24))})
	}
	whose := safe.Lit("in ")
	if m.Marks.Len() > 0 {
		whose = safe.Lit("those marked, in ")
	}
	return append(r, segment{on.dim, safe.Concat(whose, safe.Line(m.Identity.Account).Cut(24))})
}

// modeBadge tells test from live.
func modeBadge(theme *theme, m *model.Model) segment {
	if m.Identity.Live {
		return segment{theme.live, safe.Lit(" LIVE ")}
	}
	return segment{theme.test, safe.Lit(" TEST ")}
}

// planEffect says that it can't be undone, and what is not sure.
func planEffect(on *palette, m *model.Model) []dialogRow {
	s, width := m.Plan, m.Width-2
	more, spare := row(nil), 4
	switch {
	case s.Plan.Verb == client.Redact:
		more = row{{on.dim, safe.Lit("Erases what Stripe collected, which may take up to 4 days; idtop follows it.")}}
	case s.Plan.Verb == client.Cancel:
		more = row{{on.dim, safe.Lit("The persons can't submit any more, and their links stop working.")}}
	}
	first := 0
	if planHeight(m) < lowPlan {
		first = 1
	}
	rows := rowsOf(row{{on.danger, safe.Lit("This can't be undone.")}}, more, width, first, spare)
	if s.Changed {
		rows = append(rows, planNote(on, safe.Lit("▲ Changed meanwhile: this is the new plan."), width)...)
	}
	if why := missing(m); s.UserID != "" && !why.IsEmpty() {
		rows = append(rows, planNote(on, safe.Concat(safe.Lit("▲ "), why, safe.Lit(": this person may have more.")), width)...)
	}
	return rows
}

func planNote(on *palette, note safe.Text, width int) []dialogRow {
	var rows []dialogRow
	for i, line := range note.Wrap(width) {
		rows = append(rows, dialogRow{row: row{{on.processing, line}}, spare: min(i*2, 2)})
	}
	return rows
}

// missing says why sessions may not be in the list, or nothing when all are.
func missing(m *model.Model) safe.Text {
	claim := m.Claim()
	switch {
	case !claim.Complete || m.List.Page.Loading:
		return safe.Lit("Older sessions are still to be read")
	case claim.Link == mirror.Halted:
		return safe.Lit("Reading is paused")
	case claim.Link == mirror.Offline:
		return safe.Lit("Stripe can't be read now")
	case claim.Link == mirror.Waiting:
		return safe.Lit("Stripe does not answer now")
	case claim.Link == mirror.Opening:
		return safe.Lit("The newest sessions are still to be read")
	}
	return safe.Text{}
}

// rowsOf puts two rows on one line if there is room, else one below the other.
func rowsOf(first, second row, width, spareFirst, spareSecond int) []dialogRow {
	if second == nil {
		return []dialogRow{{row: first, spare: spareFirst}}
	}
	if first.width()+1+second.width() <= width {
		both := append(append(first, segment{first[0].style, space}), second...)
		return []dialogRow{{row: both, spare: spareFirst}}
	}
	rows := []dialogRow{{row: first, spare: spareFirst}}
	for _, line := range second[0].text.Wrap(width) {
		rows = append(rows, dialogRow{row: row{{second[0].style, line}}, spare: spareSecond})
	}
	return rows
}

// reasonRow is how many sessions have one outcome for one reason.
func reasonRow(on *palette, verb client.Verb, reason plan.Reason) row {
	count := segment{on.bold, safe.Num(reason.Count).PadLeft(5)}
	why := safe.Line(reason.Why)
	switch reason.Disposition {
	case plan.Now:
		return row{count, {on.dangerBold, safe.Concat(space, safe.Line(verb.String()), safe.Lit(" now"))}}
	case plan.Wait:
		return row{count, {on.processing, safe.Lit(" wait: still processing")}}
	case plan.Already:
		return row{count, {on.verified, safe.Concat(safe.Lit(" done: "), why)}}
	}
	return row{count, {on.text, safe.Concat(safe.Lit(" can't: "), why)}}
}

// planEntry is one session of the plan. Where there is little room the end of
// its id stays, which tells sessions apart.
func planEntry(on *palette, m *model.Model, entry plan.Entry) row {
	r := m.Plan.Rows[entry.ID]
	what, width := segment{on.dim, safe.Lit("– left")}, 8
	switch entry.Disposition {
	case plan.Now:
		what = segment{on.danger, safe.Line(m.Plan.Plan.Verb.String())}
	case plan.Wait:
		what = segment{on.dim, safe.Lit("– left")}
		if m.Plan.Waits() > 0 {
			what = segment{on.processing, safe.Lit("later")}
		}
	}
	id := safe.Line(entry.ID)
	if m.Width >= 80 {
		id = id.CutMiddle(30).Fit(31)
	} else {
		id = id.CutFront(9).Fit(10)
	}
	user := segment{on.text, safe.Line(r.UserID)}
	if r.UserID == "" {
		user = segment{on.dim, safe.Lit("no user_id")}
	}
	return row{{on.text, safe.Lit("  ")}, {what.style, what.text.Fit(width)}, {on.state[entry.State], stateTexts[entry.State].Fit(stateWidth)},
		{on.text, safe.Lit("  ")}, {on.dim, id}, user}
}

// planKeys say how to go on and how to leave.
func planKeys(on *palette, m *model.Model) row {
	r := row{{on.accent, safe.Lit("esc")}, {on.text, safe.Lit(" back out ")}, {on.accent, safe.Lit(" tab")}, {on.text, safe.Lit(" next field ")}}
	if note := safe.Lit("  nothing has been sent yet"); r.width()+note.Width() < m.Width {
		r = append(r, segment{on.dim, note})
	}
	return r
}
