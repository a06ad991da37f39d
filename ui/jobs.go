package ui

import (
	"time"

	"idtop/client"
	"idtop/client/plan"
	"idtop/model"
	"idtop/ui/safe"
)

// jobsShown is how many jobs at most are listed round the chosen one; on a low
// screen most of it is for the sessions.
const jobsShown = 6

// jobsHead are the lines of the jobs screen that stay: the jobs, and what is to be
// said of the chosen one. Its sessions scroll below them.
func jobsHead(theme *theme, m *model.Model) []row {
	on, j := &theme.plain, &m.Jobs
	rows := []row{jobsTitle(on, m)}
	if len(j.List) == 0 {
		return append(rows, nil, row{{on.dim, safe.Lit("No job yet. Mark with space, or u for a person's; then c or r.")}})
	}
	show := max(1, min(jobsShown, m.OverlayRows()/4))
	first := max(0, min(j.At()-show/2, len(j.List)-show))
	for _, job := range j.List[first:min(len(j.List), first+show)] {
		rows = append(rows, jobRow(on, m, job, job.ID == j.Chosen))
		if m.Width < wideJob && job.ID == j.Chosen {
			rows = append(rows, append(row{{on.text, safe.Lit("  ")}}, jobCounts(on, countsOf(m, job))...))
		}
	}
	if job, ok := j.Current(); ok {
		if job.Why != "" {
			rows = append(rows, row{{on.processing, safe.Concat(safe.Lit("▲ It stopped: "), safe.Line(job.Why))}})
		}
		if job.Reason != "" {
			rows = append(rows, row{{on.dim, safe.Concat(safe.Lit("  Reason "), safe.Line(job.Reason))}})
		}
	}
	if m.OverlayRows() >= 12 {
		rows = append(rows, nil)
	}
	return rows
}

// jobsTitle is the first line of the jobs screen, and asks before an abort.
func jobsTitle(on *palette, m *model.Model) row {
	if !m.Jobs.Aborting {
		mode := safe.Lit("TEST")
		if m.Identity.Live {
			mode = safe.Lit("LIVE")
		}
		return row{{on.bold, safe.Lit("Jobs")}, {on.dim, safe.Concat(safe.Lit("  "), mode, safe.Lit(", newest first"))}}
	}
	ask := row{{on.dangerBold, safe.Lit("▲ esc again aborts this job")}}
	rest := segment{on.text, safe.Lit(": what is under way finishes, nothing else begins")}
	if ask.width()+rest.text.Width() < m.Width-1 {
		ask = append(ask, rest)
	}
	return ask
}

// jobState is the sign, the word and the colour of how a job stands.
func jobState(on *palette, m *model.Model, job plan.Job) segment {
	if run, running := m.Jobs.Runs[job.ID]; running {
		switch run.Phase {
		case plan.Countdown:
			return segment{on.danger, safe.Lit("○ not sent yet")}
		case plan.Paused:
			return segment{on.processing, safe.Lit("‖ paused")}
		case plan.Stopping, plan.Over:
			return segment{on.processing, safe.Lit("◐ stopping")}
		}
		return segment{on.processing, safe.Lit("◐ running")}
	}
	switch job.State {
	case plan.Finished:
		return segment{on.verified, safe.Lit("✓ finished")}
	case plan.Aborted:
		return segment{on.danger, safe.Lit("✗ aborted")}
	case plan.Open:
		if m.Jobs.Elsewhere {
			return segment{on.processing, safe.Lit("◐ in another idtop")}
		}
		return segment{on.danger, safe.Lit("▲ left undone")}
	}
	return segment{on.dim, safe.Concat(safe.Lit("– "), safe.Line(job.State.String()))}
}

// wideJob is the width from which a job is told in one line; below it the counts
// of the chosen one have a line of their own.
const wideJob = 100

// jobRow is one job in a line: what, how it stands, how far, since when.
func jobRow(on *palette, m *model.Model, job plan.Job, chosen bool) row {
	look, lead := on.text, safe.Lit("  ")
	if chosen {
		look, lead = on.bold, safe.Lit("▸ ")
	}
	state := jobState(on, m, job)
	r := row{{on.accent, lead}, {look, safe.Concat(safe.Num(int(job.ID)), space, safe.Line(job.Verb.String()), space).Fit(10)},
		{state.style, state.text.Fit(max(15, state.text.Width()+1))}}
	since := segment{on.dim, safe.Concat(age(m.Now.Sub(job.Created)), safe.Lit(" ago"))}
	switch {
	case m.Width >= wideJob:
		r = append(append(r, jobCounts(on, countsOf(m, job))...), segment{on.text, safe.Lit("  ")}, since)
	case chosen:
		r = append(r, since)
	default:
		r = append(append(r, since, segment{on.text, safe.Lit("  ")}), jobCounts(on, countsOf(m, job))...)
	}
	return r
}

// countsOf are the newest counts of a job.
func countsOf(m *model.Model, job plan.Job) plan.Counts {
	run, running := m.Jobs.Runs[job.ID]
	switch {
	case running:
		return run.Counts
	case m.Jobs.Elsewhere:
		return job.Counts
	}
	counts := job.Counts // nothing is under way: nobody knows what became of it
	counts[plan.Unknown] += counts[plan.Sending]
	counts[plan.NotStarted] += counts[plan.Pending]
	counts[plan.Sending], counts[plan.Pending] = 0, 0
	return counts
}

// jobCounts says what has become of how many sessions, as far as there are any.
func jobCounts(on *palette, counts plan.Counts) row {
	r := row{{on.text, safe.Concat(safe.Num(counts.Accepted()), safe.Lit(" of "), safe.Num(counts.All()), safe.Lit(" done"))}}
	add := func(s style, n int, what safe.Text) {
		if n > 0 {
			r = append(r, segment{on.text, safe.Lit(", ")}, segment{s, safe.Concat(safe.Num(n), what)})
		}
	}
	add(on.danger, counts.Of(plan.Overdue), safe.Lit(" overdue"))
	add(on.danger, counts.Of(plan.Failed), safe.Lit(" failed"))
	add(on.danger, counts.Of(plan.Unknown), safe.Lit(" unknown"))
	add(on.processing, counts.Of(plan.Sending), safe.Lit(" being sent"))
	add(on.text, counts.Of(plan.Pending), safe.Lit(" left"))
	add(on.text, counts.Of(plan.NotStarted), safe.Lit(" not started"))
	add(on.processing, counts.Of(plan.Waiting), safe.Lit(" waiting"))
	add(on.dim, counts.Of(plan.Skipped), safe.Lit(" skipped"))
	add(on.dim, counts.Of(plan.Following), safe.Lit(" being erased"))
	return r
}

// itemSigns are the sign and the word of what has become of a session.
var itemSigns = map[plan.ItemState]safe.Text{
	plan.Pending: safe.Lit("○ pending"), plan.Sending: safe.Lit("◐ sending"), plan.Done: safe.Lit("✓ done"),
	plan.Skipped: safe.Lit("– skipped"), plan.Failed: safe.Lit("✗ failed"), plan.Unknown: safe.Lit("? unknown"),
	plan.NotStarted: safe.Lit("– not started"), plan.Waiting: safe.Lit("◐ waiting"), plan.Following: safe.Lit("◌ following"),
	plan.Overdue: safe.Lit("▲ overdue"),
}

// itemRow is what became of one session, and why.
func itemRow(on *palette, m *model.Model, item plan.Item) row {
	look, since := on.dim, item.Changed
	if _, running := m.Jobs.Runs[item.Job]; item.State == plan.Sending && !running && !m.Jobs.Elsewhere {
		item.State = plan.Unknown
	}
	switch item.State {
	case plan.Done:
		look = on.verified
	case plan.Failed, plan.Unknown, plan.Overdue:
		look = on.danger
	case plan.Sending, plan.Waiting, plan.Following:
		look = on.processing
	}
	if item.State == plan.Following || item.State == plan.Overdue { // how long it takes already
		since = item.Accepted
	}
	id := safe.Line(item.Session)
	if m.Width >= 80 {
		id = id.CutMiddle(30).Fit(31)
	} else {
		id = id.CutFront(9).Fit(10)
	}
	r := row{{look, itemSigns[item.State].Fit(14)}, {on.dim, id}, {on.dim, safe.Concat(age(m.Now.Sub(since)).PadLeft(4), safe.Lit(" ago  "))}}
	followed := item.State == plan.Following || item.State == plan.Overdue
	if item.After != client.StateUnknown && !followed {
		r = append(r, segment{on.state[item.After], stateTexts[item.After].Fit(stateWidth + 1)})
	}
	if item.Recovered {
		r = append(r, segment{on.processing, safe.Lit("answer lost, found done ")})
	} else if item.Words != "" {
		r = append(r, segment{on.text, safe.Line(item.Words)}, segment{on.text, space})
	}
	if wait := item.Look.Sub(m.Now); !item.Look.IsZero() && (followed || item.State == plan.Waiting) {
		r = append(r, segment{on.dim, safe.Concat(safe.Lit("next look in "), age(wait), space)})
	}
	return append(r, segment{on.dim, safe.Line(item.RequestID)})
}

// progress says in one line how far the jobs of this program are, for the hair
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
		return row{{on.danger, safe.Concat(name, safe.Lit(" begins in "), seconds(wait))}, {on.text, safe.Lit(" · ")}, {on.accent, safe.Lit("z")}, {on.text, safe.Lit(" recalls it")}}
	case plan.Paused:
		return row{{on.processing, safe.Concat(name, safe.Lit(" paused at "), safe.Num(all-left), safe.Lit(" of "), safe.Num(all))}, {on.text, safe.Lit(" · ")}, {on.accent, safe.Lit("J")}}
	}
	length := barCells
	if m.Width < 60 {
		length = 0 // the numbers tell it too
	}
	r := row{{on.processing, safe.Concat(name, space, bar(all-left, all, length), safe.Num(all-left), safe.Lit(" of "), safe.Num(all))}}
	add := func(more ...segment) { // as long as there is room
		if r.width()+row(more).width()+len(" · ") <= m.Width-4 {
			r = append(append(r, segment{on.text, safe.Lit(" · ")}), more...)
		}
	}
	if failed := run.Counts.Of(plan.Failed, plan.Unknown); failed > 0 {
		add(segment{on.danger, safe.Concat(safe.Num(failed), safe.Lit(" failed"))})
	}
	if run.ETA > 0 {
		add(segment{on.text, safe.Concat(seconds(run.ETA), safe.Lit(" left"))})
	}
	if run.Rate > 0 {
		add(segment{on.text, safe.Concat(safe.Num(int(run.Rate+0.5)), safe.Lit("/s"))})
	}
	if waiting := run.Counts.Of(plan.Waiting); waiting > 0 {
		add(segment{on.text, safe.Concat(safe.Num(waiting), safe.Lit(" waiting"))})
	}
	add(segment{on.accent, safe.Lit("J")})
	return r
}

// barCells is how long a progress bar is.
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
	cells := make([]safe.Text, length+1)
	for i := range cells {
		cells[i] = safe.Lit("░")
		if i < filled {
			cells[i] = safe.Lit("█")
		}
	}
	cells[length] = space
	return safe.Concat(cells...)
}
