package ui

import (
	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/plan"
	"idtop/model"
	"idtop/ui/safe"
)

// drawPlan draws the plan in place of the panes: what would be done to how many
// sessions, why not to the others, each of them, and what to type.
func drawPlan(p *painter, m *model.Model) {
	on := &p.theme.plain
	rows := planRows(p.theme, m)
	for i := range m.Height - m.SearchLine() - 3 {
		if i < len(rows) {
			p.put(on.text, on, space)
			p.putRow(rows[i].row, on, m.Width-1)
		}
		p.fill(on.text, m.Width)
		p.newline()
	}
}

// planCursor is where the terminal's cursor stands on the plan screen.
func planCursor(m *model.Model) *tea.Cursor {
	theme := themeFor(m.Dark, m.Profile)
	return fieldCursor(planRows(theme, m), 1, m.SearchLine()+1)
}

func planRows(theme *theme, m *model.Model) []dialogRow {
	on, s := &theme.plain, m.Plan
	rows := []dialogRow{{row: planTitle(theme, m)}, {row: planEffect(on, m)}, {}}
	for _, reason := range s.Plan.Reasons {
		rows = append(rows, dialogRow{row: reasonRow(on, s.Plan.Verb, reason)})
	}
	rows = append(rows, dialogRow{})
	shown := s.Plan.Entries[min(s.Scroll, len(s.Plan.Entries)):]
	shown = shown[:min(len(shown), m.PlanRows())]
	for _, entry := range shown {
		rows = append(rows, dialogRow{row: planEntry(on, m, entry)})
	}
	below := len(s.Plan.Entries) - s.Scroll - len(shown)
	more := row(nil)
	if below > 0 {
		more = row{{on.dim, safe.Concat(safe.Lit("  … "), safe.Num(below), safe.Lit(" more below: pgdn"))}}
	}
	rows = append(rows, dialogRow{row: more})
	rows = append(rows, fieldRows(on, s.Fields, s.At, s.Armed, m.Width-2)...)
	return append(rows, dialogRow{row: planKeys(on, m)})
}

// planTitle says what is planned, for whose sessions, and where.
func planTitle(theme *theme, m *model.Model) row {
	on, s := &theme.plain, m.Plan
	verb := safe.Lit("Cancel ")
	if s.Plan.Verb == client.Redact {
		verb = safe.Lit("Redact ")
	}
	badge := segment{theme.test, safe.Lit(" TEST ")}
	if m.Identity.Live {
		badge = segment{theme.live, safe.Lit(" LIVE ")}
	}
	r := row{{on.dangerBold, safe.Concat(verb, safe.Num(s.Plan.Count(plan.Now)), safe.Lit(" of "), plural(len(s.Plan.Entries), "session", "sessions"))}}
	if s.UserID != "" {
		r = append(r, segment{on.dim, safe.Lit(" of ")}, segment{on.bold, safe.UserIDQuoted(s.UserID).Cut(30)})
	} else {
		r = append(r, segment{on.dim, safe.Lit(", those marked")})
	}
	return append(r, segment{on.text, safe.Lit("  ")}, badge, segment{on.text, safe.Concat(space, safe.Line(m.Identity.Account).Cut(24))})
}

// planEffect says that it can't be undone, and what is not sure.
func planEffect(on *palette, m *model.Model) row {
	r := row{{on.danger, safe.Lit("This can't be undone.")}}
	switch s := m.Plan; {
	case s.Changed:
		r = append(r, segment{on.processing, safe.Lit(" A session has changed: this is the new plan, look again.")})
	case s.UserID != "" && m.Sync.Filling:
		r = append(r, segment{on.processing, safe.Lit(" Older sessions are still loading: there may be more of this person.")})
	case s.Plan.Verb == client.Redact:
		r = append(r, segment{on.dim, safe.Lit(" Stripe may take up to 4 days; idtop follows it until then.")})
	}
	return r
}

// reasonRow is how many sessions have one outcome for one reason.
func reasonRow(on *palette, verb client.Verb, reason plan.Reason) row {
	count := segment{on.bold, safe.Num(reason.Count).PadLeft(5)}
	why := safe.Line(reason.Why)
	switch reason.Disposition {
	case plan.Now:
		return row{count, {on.dangerBold, safe.Concat(space, safe.Line(verb.String()), safe.Lit(" now"))}}
	case plan.Wait:
		return row{count, {on.processing, safe.Concat(safe.Lit(" wait: "), why)}}
	case plan.Already:
		return row{count, {on.verified, safe.Concat(safe.Lit(" done: "), why)}}
	}
	return row{count, {on.text, safe.Concat(safe.Lit(" can't: "), why)}}
}

// planEntry is one session of the plan.
func planEntry(on *palette, m *model.Model, entry plan.Entry) row {
	r := m.Plan.Rows[entry.ID]
	what := segment{on.dim, safe.Lit("left as it is")}
	switch entry.Disposition {
	case plan.Now:
		what = segment{on.danger, safe.Line(m.Plan.Plan.Verb.String())}
	case plan.Wait:
		what = segment{on.dim, safe.Lit("left out")}
		if m.Plan.Waits() > 0 {
			what = segment{on.processing, safe.Lit("when finished")}
		}
	}
	id := safe.Line(entry.ID)
	return row{{on.text, safe.Lit("  ")}, {what.style, what.text.Fit(14)}, {on.state[entry.State], stateTexts[entry.State].Fit(stateWidth)},
		{on.text, safe.Lit("  ")}, {on.dim, id.CutMiddle(30).Fit(31)}, {on.text, safe.Line(r.UserID)}}
}

// planKeys say how to go on and how to leave.
func planKeys(on *palette, m *model.Model) row {
	r := row{{on.accent, safe.Lit("esc")}, {on.text, safe.Lit(" back out ")}, {on.accent, safe.Lit(" tab")}, {on.text, safe.Lit(" next field ")},
		{on.dim, safe.Lit("  nothing has been sent yet")}}
	if why := m.PlanBlock(); why != "" {
		r = append(r, segment{on.processing, safe.Concat(safe.Lit(" · "), safe.Line(why))})
	}
	return r
}
