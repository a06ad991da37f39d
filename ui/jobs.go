package ui

import (
	"fmt"
	"time"

	"idtop/client"
	"idtop/client/plan"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// jobsShown is how many jobs at most are listed around the chosen one; a low screen
// lists fewer, to leave room for the sessions.
const jobsShown = 9

// The least widths at which the jobs have more columns.
const (
	jobsWithBegun = 100
	jobsWithEach  = 120
	jobsWithWho   = 132
)

// roomyJobs is the least height at which the jobs screen has blank lines.
const roomyJobs = 15

// jobsHead are the fixed lines of the jobs screen: the jobs, and the summary of the
// chosen one. Its sessions scroll below them.
func jobsHead(theme *theme, m *model.Model) []row {
	on, j := &theme.plain, &m.Jobs
	rows := []row{jobsTitle(on, m)}
	if len(j.List) == 0 {
		return append(rows, nil, row{{on.dim, keyed(m, "No job yet. Mark with {mark}, or {person} for a person's; then {cancel} or {redact}.")}})
	}
	roomy := m.OverlayRows() >= roomyJobs
	if roomy {
		rows = append(rows, nil)
	}
	columns := jobColumns(m.Width - 1)
	rows = append(rows, columns.head(on))
	show := max(1, min(jobsShown, m.OverlayRows()/4))
	first := max(0, min(j.At()-show/2, len(j.List)-show))
	for _, job := range j.List[first:min(len(j.List), first+show)] {
		if job.ID == j.Chosen {
			chosen := columns.row(&theme.selected, m, job, true)
			rows = append(rows, append(chosen, segment{theme.selected.text, safe.Spaces(max(0, m.Width-1-chosen.width()))}))
		} else {
			rows = append(rows, columns.row(on, m, job, false))
		}
	}
	if roomy {
		rows = append(rows, nil)
	}
	if job, ok := j.Current(); ok {
		rows = append(rows, jobWords(on, m, job)...)
		if roomy {
			rows = append(rows, nil)
		}
		if len(j.Items) > 0 {
			rows = append(rows, itemHead(on, m, job))
		}
	}
	return rows
}

// jobsTitle is the first line of the jobs screen: the jobs that need somebody, and
// the question before an abort.
func jobsTitle(on *palette, m *model.Model) row {
	if m.Jobs.Aborting {
		ask := row{{on.dangerBold, safe.Lit("▲ esc again aborts this job")}}
		rest := segment{on.text, safe.Lit(": sessions under way finish, no other begins")}
		if ask.width()+rest.text.Width() < m.Width-1 {
			ask = append(ask, rest)
		}
		return ask
	}
	mode := safe.Lit("TEST")
	if m.Identity.Live {
		mode = safe.Lit("LIVE")
	}
	title := row{{on.bold, safe.Lit("Jobs")}, {on.dim, safe.Concat(safe.Lit("  "), mode, safe.Lit(", newest first"))}}
	needs := jobsNeed(on, m)
	if gap := m.Width - 2 - title.width() - needs.width(); gap > 0 {
		return append(append(title, segment{on.text, safe.Spaces(gap)}), needs...)
	}
	return append(append(title[:1], segment{on.text, safe.Lit("  ")}), needs...)
}

// jobsNeed says how many jobs need somebody, and how many are being erased.
func jobsNeed(on *palette, m *model.Model) (r row) {
	for i, need := range m.Jobs.Needs() {
		if i > 0 {
			r = append(r, segment{on.dim, safe.Lit(", ")})
		}
		look := on.text
		if need.Waits {
			look = on.dim
		}
		r = append(r, segment{look, safe.Concat(safe.Num(need.Count), space, safe.Line(need.Cause))})
	}
	return r
}

// fateSign is the glyph and the colour of a session's outcome. A good end is grey:
// colour is for sessions that need somebody or are under way.
func fateSign(on *palette, f plan.Fate) segment {
	switch f {
	case plan.Erased:
		return segment{on.dim, safe.Lit("⊘")}
	case plan.Canceled, plan.LeftOut:
		return segment{on.dim, safe.Lit("–")}
	case plan.Accepted:
		return segment{on.state[client.StateRedacting], safe.Lit("◌")}
	case plan.BeingSent, plan.Waits:
		return segment{on.processing, safe.Lit("◐")}
	case plan.ToSend:
		return segment{on.text, safe.Lit("○")}
	case plan.NeverSent:
		return segment{on.dim, safe.Lit("·")}
	case plan.Late:
		return segment{on.processing, safe.Lit("▲")}
	case plan.Refused:
		return segment{on.danger, safe.Lit("✗")}
	}
	return segment{on.danger, safe.Lit("?")}
}

// jobStand is the state of a job: the sign of its worst session, and a sentence.
func jobStand(on *palette, m *model.Model, job plan.Job) (sign segment, words safe.Text) {
	now := m.ServerNow()
	tally := job.Tally(m.Jobs.CountsOf(job), m.Jobs.Running(job))
	stands := safe.Line(job.Stands(tally, now, false))
	run, running := m.Jobs.Runs[job.ID]
	switch {
	case running && run.Phase == plan.Countdown:
		return segment{on.processing, safe.Lit("○")}, safe.Lit("not sent yet")
	case running && run.Phase == plan.Paused:
		return segment{on.processing, safe.Lit("‖")}, safe.Concat(safe.Lit("paused: "), stands)
	case running && run.Phase != plan.Running:
		return segment{on.processing, safe.Lit("◐")}, safe.Concat(safe.Lit("stopping: "), stands)
	case running:
		return segment{on.processing, safe.Lit("◐")}, stands
	case m.Jobs.Running(job):
		return segment{on.processing, safe.Lit("◐")}, safe.Line(job.SaysElsewhere(now))
	case job.State == plan.Open:
		return segment{on.processing, safe.Lit("▲")}, safe.Line(job.Says(now))
	}
	return fateSign(on, tally.Worst()), safe.Line(job.Says(now))
}

// jobTable are the widths of the columns of the jobs; 0: no such column.
type jobTable struct{ job, what, who, stands, each, due, begun int }

// eachCells is the largest number of glyphs for a job's sessions.
const eachCells = 20

func jobColumns(width int) jobTable {
	t := jobTable{job: 5, what: 14}
	switch {
	case width >= jobsWithEach-1:
		t.each, t.due, t.begun = eachCells+2, 25, 8
		if width >= jobsWithWho-1 {
			t.who = 9
		}
		t.stands = min(60, width-2-t.job-t.what-t.who-t.each-t.due-t.begun)
	case width >= jobsWithBegun-1:
		t.due, t.begun = 25, 8
		t.stands = width - 2 - t.job - t.what - t.due - t.begun
	case width >= 79:
		t.job, t.what, t.due = 4, 13, 20
		t.stands = width - 2 - t.job - t.what - t.due
	default:
		t.job, t.what = 4, 13
		t.stands = width - 2 - t.job - t.what
	}
	return t
}

// head names the columns.
func (t jobTable) head(on *palette) row {
	r := row{{on.dim, safe.Lit("  ")}, {on.dim, safe.Lit("JOB").Fit(t.job)}, {on.dim, safe.Lit("WHAT").Fit(t.what)}, {on.dim, safe.Lit("WHO").Cut(t.who).Pad(t.who)}, {on.dim, safe.Lit("HOW IT STANDS").Fit(t.stands)}}
	for _, column := range []struct {
		width int
		name  safe.Text
	}{{t.each, safe.Lit("EACH SESSION")}, {t.due, safe.Lit("DUE, OR DONE")}, {t.begun, safe.Lit("BEGUN")}} {
		if column.width > 0 {
			r = append(r, segment{on.dim, column.name.Fit(column.width)})
		}
	}
	return r
}

// row is one job in a line.
func (t jobTable) row(on *palette, m *model.Model, job plan.Job, chosen bool) row {
	look, lead := on.text, safe.Lit("  ")
	if chosen {
		look, lead = on.bold, safe.Lit("▸ ")
	}
	tally := job.Tally(m.Jobs.CountsOf(job), m.Jobs.Running(job))
	what := safe.Concat(safe.Line(job.Verb.String()), space, safe.Num(tally.Acted()))
	sign, words := jobStand(on, m, job)
	r := row{{on.accent, lead}, {look, safe.Num(int(job.ID)).Fit(t.job)}, {on.text, what.Cut(t.what - 1).Pad(t.what)},
		{on.dim, jobWho(m, job).Cut(max(0, t.who-1)).Pad(t.who)}, sign, {on.text, safe.Concat(space, words.Cut(t.stands-3)).Pad(t.stands - 1)}}
	if t.each > 0 {
		each := eachSession(on, tally)
		r = append(append(r, each...), segment{on.text, safe.Spaces(t.each - each.width())})
	}
	if t.due > 0 {
		due := jobDue(on, m, job, tally)
		if due.width() > t.due {
			due = due.fit(on, t.due-1)
		}
		r = append(append(r, due...), segment{on.text, safe.Spaces(max(0, t.due-due.width()))})
	}
	if t.begun > 0 {
		r = append(r, segment{on.dim, safe.Concat(age(m.Now.Sub(job.Created)), safe.Lit(" ago"))})
	}
	return r
}

// jobWho is the operator of a job; a job of an older idtop has none.
func jobWho(m *model.Model, job plan.Job) safe.Text {
	if me, _ := m.Actor(); job.Operator.User != "" && job.Operator.User == me.User {
		return safe.Lit("you")
	}
	return safe.Line(job.Operator.User)
}

// jobBy says whose a job is, beyond the column with the operator: that somebody else
// confirmed it, and that its waiting sessions are another operator's to send.
func jobBy(m *model.Model, job plan.Job) safe.Text {
	who, text := jobWho(m, job), safe.Text{}
	me, _ := m.Actor()
	switch {
	case job.Confirmer != job.Operator.User:
		text = safe.Concat(safe.Lit(" Confirmed by "), safe.Line(job.Confirmer), safe.Lit(", resumed by "), who, safe.Lit("."))
	case who.Width() > 0 && job.Operator.User != me.User && m.Width < jobsWithWho:
		text = safe.Concat(safe.Lit(" Confirmed by "), who, safe.Lit("."))
	}
	if job.Waits() && who.Width() > 0 && job.Operator.User != me.User {
		text = safe.Concat(text, safe.Lit(" Only "), who, safe.Lit("'s idtop sends the sessions that wait."))
	}
	return text
}

// eachSession draws the sessions of a job as glyphs, one for each. If there are too
// many, each outcome has its share, and a bad outcome at least one glyph. The worst
// come last.
func eachSession(on *palette, tally plan.Tally) (r row) {
	cells := eachCells
	all := tally.Acted()
	var shares plan.Tally
	rest := all
	for f := plan.Fate(plan.Fates - 1); f > 0; f-- { // the worst outcomes get their glyphs first
		n := tally[f]
		switch {
		case f == plan.LeftOut || n == 0:
			continue
		case all <= eachCells:
			shares[f] = n
		case n == rest:
			shares[f] = cells
		case f.NeedsSomebody():
			shares[f] = max(1, n*eachCells/all)
		default:
			shares[f] = n * eachCells / all
		}
		rest -= n
		shares[f] = min(shares[f], cells)
		cells -= shares[f]
	}
	for f := plan.Fate(1); int(f) < plan.Fates; f++ {
		if shares[f] > 0 {
			sign := fateSign(on, f)
			for range shares[f] {
				r = append(r, sign)
			}
		}
	}
	return r
}

// JobTimes says when a job is due, or when it ended; "" when neither is known. now
// is the server's clock.
func JobTimes(job plan.Job, now time.Time) string {
	t := job.Tally(job.Counts, false)
	switch {
	case !job.WasDue.IsZero():
		return "was due " + Clock(job.WasDue, now)
	case !job.Due.IsZero():
		return "due " + Clock(job.Due, now)
	case !job.Over.IsZero() && t[plan.Erased] == t.Acted():
		return "erased " + Clock(job.Over, now)
	case !job.Over.IsZero() && t[plan.Canceled] == t.Acted():
		return "canceled " + Clock(job.Over, now)
	}
	return ""
}

// jobDue is JobTimes, or the key to press for a job that needs one to go on.
func jobDue(on *palette, m *model.Model, job plan.Job, tally plan.Tally) row {
	key := func(k, does safe.Text) row { return row{{on.accent, k}, {on.text, does}} }
	times := safe.Line(JobTimes(job, m.ServerNow()))
	switch {
	case m.Jobs.Running(job):
		return nil
	case job.State == plan.Open:
		on := safe.Lit(" goes on, ")
		if m.Width < jobsWithBegun {
			on = safe.Lit(" on, ")
		}
		return append(key(keyOf(m, keymap.JobResume), on), key(keyOf(m, keymap.JobClose), safe.Lit(" gives up"))...)
	case tally[plan.Late] > 0:
		return row{{on.processing, times}}
	case !times.IsEmpty():
		return row{{on.text, times}}
	case tally[plan.Refused] > 0:
		return key(keyOf(m, keymap.JobResume), safe.Lit(" plans it anew"))
	}
	return nil
}

// jobWords tells the state of the chosen job, its reason, and why it stopped.
// Nothing is cut.
func jobWords(on *palette, m *model.Model, job plan.Job) (rows []row) {
	width := max(10, m.Width-3)
	lead := safe.Concat(safe.Lit("JOB "), safe.Num(int(job.ID)), safe.Lit("  "))
	for i, line := range safe.Line(jobSentence(m, job)).Wrap(width - lead.Width()) {
		if i > 0 {
			lead = safe.Spaces(lead.Width())
		}
		rows = append(rows, row{{on.dim, lead}, {on.bold, line}})
	}
	reason := jobBy(m, job)
	if job.Reason != "" {
		reason = safe.Concat(safe.Lit(" Reason "), safe.Line(job.Reason), safe.Lit("."), reason)
	}
	if reason.Width() > 0 {
		if last := rows[len(rows)-1]; last.width()+reason.Width() <= width {
			rows[len(rows)-1] = append(last, segment{on.dim, reason})
		} else {
			for _, line := range reason.Wrap(width) {
				rows = append(rows, row{{on.dim, line}})
			}
		}
	}
	if job.Why != "" {
		for _, line := range safe.Concat(safe.Lit("▲ It stopped: "), safe.Line(job.Why)).Wrap(width) {
			rows = append(rows, row{{on.processing, line}})
		}
	}
	return rows
}

// jobSentence sums up the result of a job.
func jobSentence(m *model.Model, job plan.Job) string {
	t := job.Tally(m.Jobs.CountsOf(job), m.Jobs.Running(job))
	n, yes := t.Acted(), t[plan.Accepted]+t[plan.Late]+t[plan.Erased]
	none := "none"
	if t[plan.Erased] > 0 {
		none = fmt.Sprint(t[plan.Erased])
	}
	late := ""
	if t[plan.Late] > 0 {
		late = fmt.Sprintf(" It is late with %d.", t[plan.Late])
	}
	switch {
	case job.Verb == client.Redact && n == 1 && t[plan.Erased] == 1:
		return "Stripe says that it is erased."
	case job.Verb == client.Redact && n > 0 && t[plan.Erased] == n:
		return fmt.Sprintf("Stripe says that all %d are erased.", n)
	case n == 1 && t[plan.Accepted] == 1:
		return "Stripe has accepted it and not erased it yet."
	case n == 1 && t[plan.Late] == 1:
		return "Stripe has accepted it and not erased it in 4 days."
	case yes > 0:
		return fmt.Sprintf("Stripe has accepted %d of %d and erased %s.", yes, n, none) + late
	}
	_, words := jobStand(&palette{}, m, job)
	return model.Sentence(words.String()) + "."
}
