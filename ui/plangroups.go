package ui

import (
	"idtop/client"
	"idtop/client/plan"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// planGroups are the lines of the sessions: now, later, done, can't. When room is
// short, groups shrink to their first lines, done first, then can't, then later;
// paging goes through all of them.
func planGroups(on *palette, m *model.Model, s *model.PlanScreen, room int) []dialogRow {
	reasons := s.Plan.Reasons
	all := len(reasons) + len(s.Plan.Entries)
	short := map[plan.Disposition]bool{}
	if s.Scroll == 0 {
		lines := all
		for _, d := range []plan.Disposition{plan.Already, plan.Cannot, plan.Wait} {
			if lines <= room {
				break
			}
			short[d] = true
			lines -= s.Plan.Count(d)
		}
	}
	var rows []dialogRow
	for i, reason := range reasons {
		if i > 0 && all+len(reasons)-1 <= room {
			rows = append(rows, dialogRow{})
		}
		rows = append(rows, dialogRow{row: groupRow(on, s.Plan, reason)})
		if short[reason.Disposition] {
			continue
		}
		for _, entry := range reason.Of(s.Plan) {
			rows = append(rows, dialogRow{row: planEntry(on, m, s, entry)})
		}
	}
	return window(on, m, s, rows, room, len(short) > 0)
}

// window cuts the lines of the sessions to the available room, and says that there
// are more.
func window(on *palette, m *model.Model, s *model.PlanScreen, rows []dialogRow, room int, shrunk bool) []dialogRow {
	if len(rows) <= room && !shrunk {
		return rows
	}
	first, hidden := min(s.Scroll, max(0, len(rows)-1)), 0
	if s.Scroll == 0 && len(rows) > room { // the other groups stay visible below
		hidden = len(rows) - room + 1
		now := 1 + s.Plan.Count(plan.Now)
		keep := max(1+min(leastSessions, now-1), now-hidden)
		rows = append(rows[:keep:keep], rows[min(len(rows), keep+hidden):]...)
	}
	shown := rows[first:min(len(rows), first+max(1, room-1))]
	if len(shown)+1 > room {
		return shown
	}
	more := dialogRow{row: row{{on.dim, safe.Lit("      … all of them ")}, {on.accent, bothKeys(m, keymap.PageUp, keymap.PageDown)}}}
	return append(shown[:len(shown):len(shown)], more)
}

// groupRow is the size of a group, its disposition and its reason.
func groupRow(on *palette, made plan.Plan, reason plan.Reason) row {
	does, why := reason.Says(made)
	count, look := on.bold, on.dim
	switch reason.Disposition {
	case plan.Now:
		count, look = on.dangerBold, on.danger
	case plan.Wait:
		if count = on.processing; made.Waits() > 0 {
			look = on.processing
		}
		if reason.Count > 1 {
			why += " them"
		} else {
			why += " it"
		}
	}
	return row{{count, safe.Num(reason.Count).PadLeft(5)}, {on.text, safe.Lit("  ")}, {look, safe.Line(does).Fit(stateWidth + 2)}, {on.text, safe.Lit("  ")}, {on.dim, safe.Line(why)}}
}

// planEntry is one session of the plan. When room is short the end of its id stays,
// which tells sessions apart.
func planEntry(on *palette, m *model.Model, s *model.PlanScreen, entry plan.Entry) row {
	r := s.Rows[entry.ID]
	id, user := safe.Line(entry.ID).CutFront(8).Fit(8), 14
	if m.Width >= 100 {
		id, user = safe.Line(entry.ID).CutMiddle(30).Fit(30), 20
	}
	whose := segment{on.text, private(m, safe.UserIDQuoted(r.UserID)).CutMiddle(user)}
	switch {
	case r.UserID == "" && r.Erased():
		whose = segment{on.dim, safe.Lit("forgotten")}
	case r.UserID == "":
		whose = segment{on.dim, safe.Lit("no user_id")}
	}
	whose.text = whose.text.Fit(user)
	state := segment{on.state[entry.State], on.stateText[entry.State].Fit(stateWidth)}
	if m.Width < 60 {
		return row{{on.text, safe.Lit("   ")}, state, {on.text, space}, {on.dim, id}, {on.text, space}, whose}
	}
	line := row{{on.text, safe.Lit("       ")}, state, {on.text, safe.Lit("    ")}, {on.dim, id}, {on.text, safe.Lit("  ")}, whose}
	return append(line, segment{on.text, safe.Lit("  ")}, entryNote(on, m, s, entry))
}

// entryNote is a warning about a session before an action.
func entryNote(on *palette, m *model.Model, s *model.PlanScreen, entry plan.Entry) segment {
	r := s.Rows[entry.ID]
	switch entry.State {
	case client.StateFailed:
		return segment{on.text, safe.Line(client.ReasonOf(r.ErrorCode).Label)}
	case client.StateWaiting:
		return segment{on.dim, safe.Lit("its link stops working")}
	case client.StateProcessing:
		if !r.Since.IsZero() {
			return segment{on.dim, safe.Concat(safe.Lit("checking for "), age(m.ServerNow().Sub(r.Since)))}
		}
	case client.StateVerified, client.StateCanceled:
		if !r.Since.IsZero() {
			return segment{on.dim, safe.Concat(safe.Line(entry.State.String()), space, safe.Line(r.Since.Local().Format("2 Jan")))}
		}
	}
	return segment{on.dim, safe.Text{}}
}
