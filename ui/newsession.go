package ui

import (
	"errors"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// formBlank is the spare of a form's blank lines: they are dropped before any
// field.
const formBlank = 100

// formRows draws the form for a new session or for metadata.
func formRows(theme *theme, m *model.Model, f *model.Form) []dialogRow {
	on := &theme.dialog
	width := dialogCells(m) - 3
	blank := dialogRow{spare: formBlank}
	rows := []dialogRow{blank, {row: formTitle(theme, m, f, width)}, blank}
	write, writes := f.For.(model.AllowWrite)
	if writes {
		rows = append(rows, writeEffect(on, m, write.Waiting, width)...)
	}
	if resume, ok := f.For.(model.Resume); ok {
		rows = append(rows, resumeEffect(on, resume.Job, width)...)
	}
	if made, ok := f.For.(*model.NewSession); ok && made.Open.ID != "" {
		rows = append(rows, openOffer(on, m, made.Open, width)...)
	}
	_, exports := f.For.(model.Export)
	rows = append(rows, fieldRows(on, m, f.Fields, f.At, true, width)...)
	rows = append(rows, blank)
	if exports && f.Personal() {
		for _, line := range safe.Lit("The file names people, and it stays as it is: a redaction does not reach it.").Wrap(width) {
			rows = append(rows, dialogRow{row: row{{on.danger, line}}})
		}
		rows = append(rows, blank)
	}
	rows = append(rows, formError(on, f, width)...)
	state := segment{on.dim, safe.Lit("   nothing has been sent yet")}
	if exports {
		state.text = safe.Lit("   nothing has been written yet")
	}
	switch {
	case f.Sending:
		return append(rows, dialogRow{row: row{{on.processing, safe.Lit("◐ sending… the answer is still to come")}}}, blank)
	case f.Err != nil:
		state = segment{on.dim, safe.Lit("   nothing that you typed is lost")}
	}
	back := row{{on.accent, safe.Lit("esc")}, {on.text, safe.Lit(" back out ")}}
	switch {
	case writes:
		back = append(back, segment{on.accent, safe.Concat(space, keyOf(m, keymap.GiveUp))}, segment{on.text, safe.Lit(" gives them up")})
		state.text = safe.Lit("   still read-only")
	case len(f.Fields) > 1:
		back = append(back, segment{on.accent, safe.Concat(space, keyOf(m, keymap.NextField))}, segment{on.text, safe.Lit(" next field")})
	}
	keys := aside(back, state, m)
	return append(rows, dialogRow{row: keys}, blank)
}

// openOffer offers the open session of the person before a new one.
func openOffer(on *palette, m *model.Model, open mirror.Row, width int) []dialogRow {
	state := segment{on.state[open.State], on.stateText[open.State]}
	note := row{{on.processing, safe.Lit("This person has an open session: ")}, state}
	if !open.Since.IsZero() {
		note = append(note, segment{on.dim, safe.Concat(safe.Lit(" for "), age(m.ServerNow().Sub(open.Since)))})
	}
	id := segment{on.dim, safe.Concat(safe.Lit("  "), safe.Line(open.ID).CutFront(nameEnd+1))}
	if note.width()+id.text.Width() <= width {
		note = append(note, id)
	}
	if note.width() > width {
		note = row{{on.processing, safe.Lit("It has an open session: ")}, state}
	}
	keys := row{{on.accent, keyOf(m, keymap.Reuse)}, {on.text, safe.Lit(" copies the open session's link")}}
	return []dialogRow{
		{row: note, spare: formBlank - 1},
		{row: aside(keys, segment{on.dim, safe.Lit(" instead of making a new one")}, m)},
		{spare: formBlank},
	}
}

// resumeEffect says what happens when a job goes on.
func resumeEffect(on *palette, job plan.Job, width int) []dialogRow {
	left := safe.Lit("What is left is sent at once.")
	if job.Counts.Of(plan.Waiting) > 0 {
		left = safe.Concat(safe.Lit("What is left is sent: "), safe.Line(job.When()), safe.Lit("."))
	}
	rows := []dialogRow{{row: row{{on.danger, safe.Concat(left, safe.Lit(" This can't be undone."))}}}}
	for _, line := range safe.Line(job.Says(job.Created)).Wrap(width) {
		rows = append(rows, dialogRow{row: row{{on.dim, line}}, spare: formBlank - 1})
	}
	return append(rows, dialogRow{spare: formBlank})
}

// waitingShown is how many waiting jobs are named at most.
const waitingShown = 6

// writeEffect names the jobs that go on once the account may be changed: the number
// of waiting sessions, the age and the reason of each.
func writeEffect(on *palette, m *model.Model, waiting []plan.Job, width int) []dialogRow {
	head := safe.Concat(safe.Line(plan.WaitingWords(waiting)), safe.Lit(" and will be sent. This can't be undone."))
	var rows []dialogRow
	for _, line := range head.Wrap(width) {
		rows = append(rows, dialogRow{row: row{{on.danger, line}}})
	}
	for i, job := range waiting {
		if i == waitingShown {
			more := safe.Concat(safe.Lit("… and "), plural(len(waiting)-i, "job", "jobs"), keyed(m, " more: {jobs} lists them"))
			rows = append(rows, dialogRow{row: row{{on.dim, more}}, spare: 1})
			break
		}
		line := safe.Concat(safe.Num(job.Counts[plan.Waiting]), safe.Lit(" of job "), safe.Num(int(job.ID)), safe.Lit(", "), age(m.Now.Sub(job.Created)), safe.Lit(" ago"))
		if job.Reason != "" {
			line = safe.Concat(line, safe.Lit(": "), safe.Line(job.Reason))
		}
		rows = append(rows, dialogRow{row: row{{on.text, line.Cut(width)}}, spare: min(i, 1)})
	}
	return append(rows, dialogRow{spare: formBlank})
}

// formTitle names the form's purpose and its account.
func formTitle(theme *theme, m *model.Model, f *model.Form, width int) row {
	on := &theme.dialog
	title, end := safe.Lit("New session"), row{{on.text, safe.Lit("  ")}, modeBadge(theme, m.Identity.Live)}
	switch asked := f.For.(type) {
	case model.AllowWrite:
		title = safe.Lit("Let this account be changed")
	case model.Export:
		title = safe.Concat(safe.Lit("Export "), safe.Line(asked.What))
		switch {
		case asked.Sessions > 0:
			title = safe.Concat(safe.Lit("Export "), plural(asked.Sessions, "session", "sessions"))
		case asked.People > 0:
			title = safe.Concat(safe.Lit("Export "), plural(asked.People, "person", "people"))
		}
	case model.Resume:
		title = safe.Concat(safe.Lit("Go on with job "), safe.Num(int(asked.Job.ID)), safe.Lit(": "), safe.Line(asked.Job.Verb.String()))
	case model.Metadata:
		title = safe.Concat(safe.Lit("Metadata of "), safe.Line(asked.Session.ID))
		if room := width - end.width(); title.Width() > room {
			id := safe.Line(asked.Session.ID).CutFront(max(8, room-len("Metadata of ")))
			title = safe.Concat(safe.Lit("Metadata of "), id)
		}
	}
	r := append(row{{on.bold, title}}, end...)
	account := segment{on.dim, safe.Concat(space, safe.Spelled(m.Identity.Account))}
	if r.width()+account.text.Width() <= width {
		r = append(r, account)
	}
	return r
}

// formError says why the request failed, and what a repetition does.
func formError(on *palette, f *model.Form, width int) []dialogRow {
	if f.Err == nil {
		return nil
	}
	text := safe.Line(f.Err.Error())
	undecided := false
	var e *client.Error
	if errors.As(f.Err, &e) {
		text, undecided = safe.Line(e.Summary()), e.Undecided
		if e.Message != "" {
			text = safe.Concat(text, safe.Lit(": "), safe.ErrorBody(e.Message))
		}
	}
	var rows []dialogRow
	for i, line := range safe.Concat(safe.Lit("✗ "), text).Wrap(width) {
		rows = append(rows, dialogRow{row: row{{on.danger, line}}, spare: min(i, 1) * (formBlank - 2)})
	}
	if undecided {
		for _, line := range safe.Lit("It may have been done. Sent again as it is, it is not done twice.").Wrap(width) {
			rows = append(rows, dialogRow{row: row{{on.processing, line}}})
		}
	}
	return rows
}
