package ui

import (
	"time"

	"idtop/client"
	"idtop/client/plan"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// itemTable are the widths of the columns of a job's sessions; 0: no such column.
type itemTable struct{ id, stands, accepted, erased, looked int }

func itemColumns(width int, verb client.Verb) itemTable {
	width -= 2
	t := itemTable{id: 32, stands: 40, accepted: 11, erased: 11, looked: 24}
	switch {
	case width >= 148:
	case width >= 118:
		t.stands = width - 2 - t.id - t.accepted - t.erased - t.looked
	case width >= 98:
		t.erased, t.looked = 0, 23
		t.stands = width - 2 - t.id - t.accepted - t.looked
	case width >= 78:
		t.id, t.accepted, t.erased, t.looked = 11, 9, 0, 22
		t.stands = width - 2 - t.id - t.accepted - t.looked
	default:
		t = itemTable{id: 11, stands: max(10, width-13)}
	}
	if verb == client.Cancel {
		t.erased = 0
	}
	return t
}

// itemHead names the columns of a job's sessions.
func itemHead(on *palette, m *model.Model, job plan.Job) row {
	t := itemColumns(m.Width, job.Verb)
	yes := safe.Lit("ACCEPTED")
	if job.Verb == client.Cancel {
		yes = safe.Lit("CANCELED")
	}
	r := row{{on.dim, safe.Lit("  ")}, {on.dim, safe.Lit("SESSION").Fit(t.id)}, {on.dim, safe.Lit("HOW IT STANDS").Fit(t.stands)}}
	for _, column := range []struct {
		width int
		name  safe.Text
	}{{t.accepted, yes}, {t.erased, safe.Lit("ERASED")}, {t.looked, safe.Lit("LOOKED")}} {
		if column.width > 0 {
			r = append(r, segment{on.dim, column.name.Fit(column.width)})
		}
	}
	if m.Width >= 150 {
		r = append(r, segment{on.dim, safe.Lit("REQUEST")})
	}
	return r
}

// itemRows are the sessions of the chosen job from one on: one line each, followed
// by the full reason if reasons are shown whole.
func itemRows(on *palette, m *model.Model, from, to int) (rows []row) {
	job, ok := m.Jobs.Current()
	if !ok {
		return nil
	}
	t, running := itemColumns(m.Width, job.Verb), m.Jobs.Running(job)
	for _, item := range m.Jobs.Items[max(0, from):max(0, to)] {
		rows = append(rows, t.row(on, m, job, item, running))
		if m.Jobs.Whole && item.Words != "" {
			for _, line := range safe.Line(item.Words).Wrap(max(10, m.Width-6)) {
				rows = append(rows, row{{on.text, safe.Lit("    ")}, {on.text, line}})
			}
		}
	}
	return rows
}

// row is the state of one session, and why. When Stripe did not accept the request
// there are no times: the reason takes their place.
func (t itemTable) row(on *palette, m *model.Model, job plan.Job, item plan.Item, running bool) row {
	fate, now := item.Fate(job.Verb, running), m.ServerNow()
	id := safe.Line(item.Session)
	if t.id > 11 {
		id = id.CutMiddle(t.id - 1).Pad(t.id)
	} else {
		id = id.CutFront(t.id - 1).Pad(t.id)
	}
	sign, says := fateSign(on, fate), safe.Line(item.Says(job.Verb, running))
	r := row{{on.text, safe.Lit("  ")}, {on.dim, id}, sign, {on.text, space}}
	switch fate {
	case plan.Refused, plan.LeftOut, plan.Lost, plan.NeverSent:
		return append(r, segment{on.text, says})
	}
	since := func(at time.Time) safe.Text { return safe.Concat(age(now.Sub(at)), safe.Lit(" ago")) }
	r = append(r, segment{on.text, says.Cut(t.stands - 3).Pad(t.stands - 2)})
	if t.accepted > 0 {
		text := segment{on.dim, safe.Lit("not sent")}
		switch {
		case item.Accepted.IsZero():
		case item.Generation == 0: // no idtop here knows since when
			text = segment{on.dim, safe.Lit("before")}
		default:
			text = segment{on.text, since(item.Accepted)}
		}
		r = append(r, segment{text.style, text.text.Fit(t.accepted)})
	}
	if t.erased > 0 {
		text := segment{on.dim, safe.Lit("not yet")}
		if fate == plan.Erased {
			text = segment{on.text, since(later(item.Looked, item.Changed))}
		}
		r = append(r, segment{text.style, text.text.Fit(t.erased)})
	}
	if t.looked > 0 {
		text := safe.Text{}
		if !item.Looked.IsZero() {
			text = since(item.Looked)
		}
		if !item.Look.IsZero() && fate != plan.Erased {
			again := safe.Concat(safe.Lit("again in "), age(item.Look.Sub(now)))
			if !text.IsEmpty() {
				again = safe.Concat(text, safe.Lit(", "), again)
			}
			text = again
		}
		r = append(r, segment{on.dim, text.Fit(t.looked)})
	}
	if m.Width >= 150 {
		r = append(r, segment{on.dim, safe.Line(item.RequestID)})
	}
	return r
}

// later is at, or the other time if at is not known.
func later(at, other time.Time) time.Time {
	if at.IsZero() {
		return other
	}
	return at
}

// jobLegend explains the words of the jobs.
func jobLegend(on *palette, width int) []row {
	rows := []row{nil, {{on.dim, safe.Lit("WORDS")}}}
	for _, line := range []struct {
		fate plan.Fate
		help safe.Text
	}{
		{plan.Accepted, safe.Lit("Stripe is erasing it, which may take 4 days")},
		{plan.Erased, safe.Lit("Stripe says that it is gone")},
		{plan.Refused, safe.Lit("nothing happened, and why is said")},
		{plan.Lost, safe.Lit("the answer was lost; idtop looks at the session first")},
		{plan.Late, safe.Lit("4 days are over; the session says it is not erased")},
		{plan.NeverSent, safe.Text{}},
	} {
		lead := row{{on.text, safe.Lit("  ")}, fateSign(on, line.fate), {on.text, safe.Concat(space, safe.Line(line.fate.String()).Fit(11))}}
		for _, help := range line.help.Wrap(width - lead.width()) {
			rows = append(rows, append(lead, segment{on.dim, help}))
			lead = row{{on.text, safe.Spaces(lead.width())}}
		}
	}
	return rows
}

// progress tells the progress of this program's jobs in one line, for the hair
// line; nothing when there are none.
func progress(on *palette, m *model.Model) row {
	runs := m.Jobs.Active()
	if len(runs) == 0 {
		return nil
	}
	run := runs[len(runs)-1]
	all, left := run.Counts.All(), run.Left
	name := safe.Concat(safe.Lit("job "), safe.Num(int(run.Job)))
	switch run.Phase {
	case plan.Countdown:
		wait := max(0, run.Start.Sub(m.Now).Round(time.Second))
		return row{{on.danger, safe.Concat(name, safe.Lit(" begins in "), seconds(wait))}, {on.text, safe.Lit(" · ")}, {on.accent, keyOf(m, keymap.Recall)}, {on.text, safe.Lit(" recalls it")}}
	case plan.Paused:
		return row{{on.processing, safe.Concat(name, safe.Lit(" paused at "), safe.Num(all-left), safe.Lit(" of "), safe.Num(all))}, {on.text, safe.Lit(" · ")}, {on.accent, keyOf(m, keymap.Jobs)}}
	}
	length := barCells
	if m.Width < 60 {
		length = 0 // the numbers tell it too
	}
	r := row{{on.processing, safe.Concat(name, space, bar(all-left, all, length), safe.Num(all-left), safe.Lit(" of "), safe.Num(all))}}
	add := func(more ...segment) { // while there is room
		if r.width()+row(more).width()+safe.Lit(" · ").Width() <= m.Width-4 {
			r = append(append(r, segment{on.text, safe.Lit(" · ")}), more...)
		}
	}
	if refused := run.Counts.Of(plan.Failed); refused > 0 {
		add(segment{on.danger, safe.Concat(safe.Num(refused), safe.Lit(" refused"))})
	}
	if lost := run.Counts.Of(plan.Unknown); lost > 0 {
		add(segment{on.danger, safe.Concat(safe.Num(lost), safe.Lit(" unknown"))})
	}
	if run.ETA > 0 {
		add(segment{on.text, safe.Concat(seconds(run.ETA), safe.Lit(" left"))})
	}
	if run.Rate > 0 {
		add(segment{on.text, safe.Concat(safe.Num(int(run.Rate+0.5)), safe.Lit("/s"))})
	}
	if waiting := run.Counts.Of(plan.Waiting); waiting > 0 {
		add(segment{on.text, safe.Concat(safe.Num(waiting), safe.Lit(" to wait for"))})
	}
	add(segment{on.accent, keyOf(m, keymap.Jobs)})
	return r
}

// barCells is the length of a progress bar.
const barCells = 16

// bar draws how much of a whole is done, and a blank.
func bar(done, all, length int) safe.Text {
	if length == 0 {
		return safe.Text{}
	}
	filled := 0
	if all > 0 {
		filled = min(length, done*length/all)
	}
	return safe.Concat(safe.Lit("█").Repeat(filled), safe.Lit("░").Repeat(length-filled), space)
}
