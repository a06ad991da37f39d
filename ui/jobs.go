package ui

import (
	"time"

	"idtop/client"
	"idtop/client/plan"
	"idtop/model"
	"idtop/ui/safe"
)

// jobsShown is how many jobs are listed round the chosen one.
const jobsShown = 6

// jobRows are the jobs screen: the jobs, then every session of the chosen one.
func jobRows(theme *theme, m *model.Model) []row {
	on, j := &theme.plain, &m.Jobs
	keys := row{{on.bold, safe.Lit("Jobs")}, {on.dim, safe.Lit("  newest first; tab: next  p: pause  R: resume  X: close  E: evidence  esc: back")}}
	if j.Aborting {
		keys = row{{on.dangerBold, safe.Lit("esc again aborts this job")}, {on.text, safe.Lit(": what is under way finishes, nothing else begins. Any other key goes on.")}}
	}
	rows := []row{keys, nil}
	if len(j.List) == 0 {
		return append(rows, row{{on.dim, safe.Lit("No job yet. Mark sessions with space, or show a person's with u; then c or r.")}})
	}
	first := max(0, min(j.At-jobsShown/2, len(j.List)-jobsShown))
	for i, job := range j.List[first:min(len(j.List), first+jobsShown)] {
		rows = append(rows, jobRow(on, m, job, first+i == j.At))
	}
	rows = append(rows, nil)
	job, _ := j.Current()
	if job.Why != "" {
		rows = append(rows, row{{on.processing, safe.Concat(safe.Lit("It stopped: "), safe.Line(job.Why))}}, nil)
	}
	for _, item := range j.Items {
		rows = append(rows, itemRow(on, m, item))
	}
	return rows
}

// jobRow is one job in a line: what, how far, since when, why.
func jobRow(on *palette, m *model.Model, job plan.Job, chosen bool) row {
	look, lead := on.text, safe.Lit("  ")
	if chosen {
		look, lead = on.bold, safe.Lit("▸ ")
	}
	counts := job.Counts
	r := row{{on.accent, lead}, {look, safe.Concat(safe.Num(int(job.ID)), space, safe.Line(job.Verb.String()), space).Fit(13)}}
	state := segment{on.dim, safe.Line(job.State.String())}
	switch run, running := m.Jobs.Runs[job.ID]; {
	case running:
		counts = run.Counts
		state = segment{on.processing, safe.Line(run.Phase.String())}
	case job.State == plan.Open:
		state = segment{on.danger, safe.Lit("left before its end")}
	case job.State == plan.Finished:
		state = segment{on.verified, safe.Lit("finished")}
	}
	r = append(r, segment{state.style, state.text.Fit(20)}, segment{on.text, safe.Line(counts.String())})
	if open := counts.Of(plan.Following); open > 0 {
		r = append(r, segment{on.dim, safe.Concat(safe.Lit(", "), safe.Num(open), safe.Lit(" being erased"))})
	}
	if overdue := counts.Of(plan.Overdue); overdue > 0 {
		r = append(r, segment{on.danger, safe.Concat(safe.Lit(", "), safe.Num(overdue), safe.Lit(" overdue"))})
	}
	r = append(r, segment{on.dim, safe.Concat(safe.Lit("  "), age(m.Now.Sub(job.Created)), safe.Lit(" ago"))})
	if job.Reason != "" {
		r = append(r, segment{on.dim, safe.Concat(safe.Lit("  "), safe.Line(job.Reason))})
	}
	return r
}

// itemRow is what became of one session.
func itemRow(on *palette, m *model.Model, item plan.Item) row {
	look, since := on.text, item.Changed
	switch item.State {
	case plan.Done:
		look = on.verified
	case plan.Failed, plan.Unknown, plan.Overdue:
		look = on.danger
	case plan.Sending, plan.Waiting, plan.Following:
		look = on.processing
	case plan.Skipped, plan.NotStarted, plan.Pending:
		look = on.dim
	}
	if item.State == plan.Following || item.State == plan.Overdue {
		since = item.Accepted
	}
	r := row{{look, safe.Line(item.State.String()).Fit(13)}, {on.dim, safe.Line(item.Session).CutMiddle(30).Fit(31)}}
	if item.After != client.StateUnknown {
		r = append(r, segment{on.state[item.After], stateTexts[item.After].Fit(stateWidth + 1)})
	}
	r = append(r, segment{on.dim, safe.Concat(age(m.Now.Sub(since)), safe.Lit(" ago "))})
	if item.Recovered {
		r = append(r, segment{on.processing, safe.Lit("answer lost, found done ")})
	}
	if item.Words != "" {
		r = append(r, segment{on.text, safe.Line(item.Words)}, segment{on.text, space})
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
	r := row{{on.processing, safe.Concat(name, space, bar(all-left, all), space, safe.Num(all-left), safe.Lit(" of "), safe.Num(all))}}
	if run.Rate > 0 {
		r = append(r, segment{on.text, safe.Concat(safe.Lit(" · "), safe.Num(int(run.Rate+0.5)), safe.Lit("/s"))})
	}
	if run.ETA > 0 {
		r = append(r, segment{on.text, safe.Concat(safe.Lit(" · "), seconds(run.ETA), safe.Lit(" left"))})
	}
	if failed := run.Counts.Of(plan.Failed, plan.Unknown); failed > 0 {
		r = append(r, segment{on.danger, safe.Concat(safe.Lit(" · "), safe.Num(failed), safe.Lit(" failed"))})
	}
	if waiting := run.Counts.Of(plan.Waiting); waiting > 0 {
		r = append(r, segment{on.text, safe.Concat(safe.Lit(" · "), safe.Num(waiting), safe.Lit(" waiting"))})
	}
	return append(r, segment{on.text, safe.Lit(" · ")}, segment{on.accent, safe.Lit("J")})
}

// barCells is how long a progress bar is.
const barCells = 16

// bar draws how much of a whole is done.
func bar(done, all int) safe.Text {
	filled := 0
	if all > 0 {
		filled = min(barCells, done*barCells/all)
	}
	cells := make([]safe.Text, barCells)
	for i := range cells {
		cells[i] = safe.Lit("░")
		if i < filled {
			cells[i] = safe.Lit("█")
		}
	}
	return safe.Concat(cells...)
}
