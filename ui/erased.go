package ui

import (
	"time"

	"idtop/client"
	"idtop/client/person"
	"idtop/client/plan"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// drawErased draws the page of a person under erasure in place of the panes:
// Stripe's progress, the state of each session's erasure, the requester, and how to
// find and prove the erasure later.
func drawErased(p *painter, m *model.Model, layout model.Layout) {
	on := &p.theme.plain
	rows := erasedRows(on, m)
	for y := range layout.List.Height {
		on := on
		if y < len(rows) {
			if rows[y].input {
				on = &p.theme.selected
			}
			if rows[y].session != "" {
				p.spot(m.Width, model.Spot{Kind: model.RowSpot, ID: rows[y].session})
			}
			p.putRow(rows[y].row, on, m.Width)
		}
		p.fill(on.text, m.Width)
		p.newline()
	}
}

// erasedLabel is how wide the labels of the page are.
const erasedLabel = 10

func erasedRows(on *palette, m *model.Model) []dialogRow {
	label := func(t safe.Text) row {
		return row{{on.dim, safe.Concat(space, t.Pad(erasedLabel-1))}}
	}
	whole := m.ErasedWhole()
	rows := []dialogRow{{row: append(label(safe.Lit("NOW")), nowRow(on, m, erasedLabel)...)}}
	if whole {
		rows = append(rows, dialogRow{row: append(label(safe.Lit("NAME")), erasedName(on, m)...)}, dialogRow{})
	}
	head := row{{on.dim, safe.Spaces(4)}, {on.dim, safe.Lit("STATE").Fit(stateWidth + 2)}, {on.dim, safe.Lit("SESSION").Fit(erasedID(m) + 2)},
		{on.dim, safe.Lit("WHAT BECOMES OF IT")}}
	rows = append(rows, dialogRow{row: head})
	for i := range m.ListRows() {
		if hit, ok := m.List.Row(m.List.Top + i); ok {
			selected := hit.ID == m.List.Selected
			rows = append(rows, dialogRow{row: erasedRow(on, m, hit.ID, selected), input: selected, session: hit.ID})
		}
	}
	if !whole {
		return rows
	}
	rows = append(rows, dialogRow{})
	for i, e := range m.Person.Known.Jobs[:min(2, len(m.Person.Known.Jobs))] {
		name := safe.Text{}
		if i == 0 {
			name = safe.Lit("RECORD")
		}
		rows = append(rows, dialogRow{row: append(label(name), erasedDeed(on, m, e)...)})
	}
	again := append(label(safe.Lit("AGAIN")), segment{on.dim, safe.Lit("To find this person later: ")},
		segment{on.text, safe.Lit("idtop ledger show --user")}, segment{on.dim, safe.Lit(" with the user_id")})
	proof := append(label(safe.Lit("PROOF")), segment{on.accent, keyOf(m, keymap.Export)}, segment{on.dim, safe.Lit(" writes it now with what is open; it is complete once all are erased")})
	if _, erased := m.Person.Known.Accepted(); erased == len(m.Person.Known.Rows) {
		proof[len(proof)-1].text = safe.Lit(" writes it: all are erased")
	}
	if len(m.Person.Known.Jobs) == 0 {
		proof = append(label(safe.Lit("PROOF")), segment{on.dim, safe.Lit("none here: no job of this idtop has erased them")})
	}
	return append(rows, dialogRow{}, dialogRow{row: again}, dialogRow{row: proof})
}

// erasedName shows the user_id; once it is forgotten, the jobs that list the sessions.
func erasedName(on *palette, m *model.Model) row {
	if m.List.View.UserID != "" {
		return row{{on.text, private(m, safe.UserIDQuoted(m.List.View.UserID)).Cut(30)}, {on.dim, safe.Lit(" stays until the last session is accepted")}}
	}
	text := safe.Lit("forgotten here, as it has to be")
	for i, e := range m.Person.Known.Jobs[:min(3, len(m.Person.Known.Jobs))] {
		link := safe.Lit(" and ")
		if i == 0 {
			link = safe.Lit("; the sessions stay listed by ")
		}
		text = safe.Concat(text, link, safe.Lit("job "), safe.Num(int(e.Job.ID)))
	}
	return row{{on.dim, text}}
}

// erasedID is the width of the ids.
func erasedID(m *model.Model) int {
	if m.Width < 100 {
		return 8
	}
	return 30
}

// erasedRow is one session of the person with the state of its erasure.
func erasedRow(on *palette, m *model.Model, id string, selected bool) row {
	r := m.Person.Known.Row(id)
	lead := segment{on.text, safe.Spaces(4)}
	if selected {
		lead = segment{on.accent, safe.Lit(" ▸  ")}
	}
	name := safe.Line(id).CutMiddle(erasedID(m))
	if m.Width < 100 {
		name = safe.Line(id).CutFront(erasedID(m))
	}
	line := append(row{lead, {on.state[r.State], on.stateText[r.State].Fit(stateWidth + 2)}, {on.dim, name.Fit(erasedID(m) + 2)}}, erasedWhat(on, m, id)...)
	request := safe.Line(m.Person.Known.Items[id].RequestID)
	if room := m.Width - line.width() - 3; r.Erased() && room >= leastRequest {
		line = append(line, segment{on.dim, safe.Concat(safe.Lit("  "), request.CutFront(room))})
	}
	return line
}

// leastRequest is how many characters of a request id distinguish it.
const leastRequest = 12

// erasedWhat is the state of a session's erasure: Stripe's last answer, the time
// when the erasure is due, or why nothing is done.
func erasedWhat(on *palette, m *model.Model, id string) row {
	r, now := m.Person.Known.Row(id), m.ServerNow()
	item, ok := m.Person.Known.Items[id]
	switch {
	case !ok && r.State == client.StateRedacted:
		return row{{on.text, safe.Lit("erased")}, {on.dim, safe.Lit("  not by a job here")}}
	case !ok && r.State == client.StateRedacting:
		return row{{on.text, safe.Lit("accepted")}, {on.dim, safe.Lit("  not by a job here")}}
	case !ok:
		return row{{on.dim, safe.Lit("nothing was asked for")}}
	}
	note := func(t safe.Text) segment { return segment{on.dim, safe.Concat(safe.Lit("  "), t)} }
	job := safe.Concat(safe.Lit("job "), safe.Num(int(item.Job)))
	switch {
	case r.State == client.StateRedacted:
		when := safe.Lit("erased")
		if item.State == plan.Complete {
			when = safe.Concat(when, space, day(item.Changed))
		}
		return row{{on.text, when.Fit(24)}, note(job)}
	case r.State == client.StateRedacting:
		what := row{{on.text, safe.Concat(safe.Lit("accepted "), age(now.Sub(item.Accepted)), safe.Lit(" ago")).Fit(20)}}
		left := item.Accepted.Add(plan.EraseTime).Sub(now)
		if left < 0 {
			return append(what, segment{on.danger, safe.Concat(safe.Lit("  overdue by "), age(-left))}, note(job))
		}
		return append(what, note(safe.Concat(job, safe.Lit(", due in "), hours(left)).Fit(20)))
	}
	what := safe.Lit("not sent yet")
	switch item.State {
	case plan.Waiting:
		return row{{on.text, safe.Lit("waits until Stripe has checked it")}, note(job)}
	case plan.Sending:
		what = safe.Lit("being sent")
	case plan.Failed:
		what = safe.Lit("refused")
	case plan.Unknown:
		what = safe.Lit("it is not known whether it was accepted")
	case plan.NotStarted:
		what = safe.Lit("never sent")
	case plan.Skipped:
		what = safe.Lit("left")
	}
	return row{{on.text, what}, note(safe.Line(item.Words)), note(job)}
}

// erasedDeed is a line of the record: the actor, the number of sessions, the time,
// the reason, and the place in the ledger.
func erasedDeed(on *palette, m *model.Model, e person.ErasureJob) row {
	who, _ := m.Actor()
	name := safe.Lit("you")
	if e.Actor != who {
		name = safe.Line(e.Actor.User)
	}
	n := 0
	for _, item := range m.Person.Known.Items {
		if item.Job == e.Job.ID && item.RequestID != "" {
			n++
		}
	}
	r := row{{on.text, safe.Concat(age(m.Now.Sub(e.Job.Created)), safe.Lit(" ago")).Fit(10)}, {on.text, name.Fit(8)},
		{on.text, safe.Concat(safe.Lit("redacted "), safe.Num(n)).Fit(14)}}
	why := safe.Concat(safe.Lit("ledger "), safe.Num(int(e.First)), safe.Lit(" to "), safe.Num(int(e.Last)))
	if e.Job.Reason != "" {
		why = safe.Concat(safe.Line(e.Job.Reason).Cut(40), safe.Lit(", "), why)
	}
	return append(r, segment{on.dim, why})
}

// day writes a server's time in the operator's zone, to the minute.
func day(t time.Time) safe.Text { return safe.Line(t.Local().Format("2 Jan 15:04 MST")) }

// hours writes a time limit, in hours up to a week.
func hours(d time.Duration) safe.Text {
	if d >= 2*time.Hour && d < 7*24*time.Hour {
		return count(d.Round(time.Hour)/time.Hour, 'h')
	}
	return age(d)
}
