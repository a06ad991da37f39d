package plain

import (
	"time"

	"idtop/client/plan"
	"idtop/client/timeline"
	"idtop/keymap"
	"idtop/model"
)

// jobsPage is the chosen job, and each of its sessions.
func jobsPage(m *model.Model, o *model.Overlay) page {
	j := &m.Jobs
	p := page{at: -1, from: o.Scroll, shown: opening, more: keyOf(m, keymap.PageDown)}
	p.name = said{"jobs", sentences("Jobs, "+modeOf(m)+", newest first", jobsNeed(m))}
	job, ok := j.Current()
	if !ok {
		p.intro = []said{line(keyed(m, "No job yet. Mark with {mark}, or {person} for a person's; then {cancel} or {redact}"))}
		return p
	}
	if j.Aborting {
		p.outro = []said{line("esc again aborts this job: sessions under way finish, no other begins")}
	}
	tally := job.Tally(j.CountsOf(job), j.Running(job))
	place := num(j.At()+1) + " of " + plural(len(j.List), "job", "jobs") + ": job " + num(int(job.ID)) + ", " + job.Verb.String() + " " + num(tally.Acted())
	by := "by " + job.Operator.User
	if me, _ := m.Actor(); job.Operator.User == "" || job.Operator.User == me.User {
		by = "by you"
	}
	stand := units(jobStand(m, job))
	p.intro = []said{
		{place + stand, sentences(place+", "+by+", "+ago(m.Now.Sub(job.Created), false), stand, jobTimes(m, job))},
	}
	p.news = said{"job" + stand, sentences("Job "+num(int(job.ID)), stand)}
	if job.Reason != "" {
		p.intro = append(p.intro, line("Reason: "+job.Reason))
	}
	if job.Confirmer != job.Operator.User && job.Confirmer != "" {
		p.intro = append(p.intro, line("Confirmed by "+job.Confirmer))
	}
	if job.Why != "" {
		p.intro = append(p.intro, line("It stopped: "+job.Why))
	}
	lines := make([]said, 0, len(j.Items))
	for _, item := range j.Items {
		says := item.Says(job.Verb, j.Running(job))
		when := ""
		if fate := item.Fate(job.Verb, j.Running(job)); !item.Accepted.IsZero() && item.Generation > 0 && fate != plan.Refused {
			when = "accepted " + ago(m.ServerNow().Sub(item.Accepted), false)
		}
		lines = append(lines, said{item.Session + says, sentence(listing("Session "+ending(item.Session)+": "+says, when))})
	}
	return p.list(lines)
}

// jobsNeed says how many jobs need somebody, and how many are being erased.
func jobsNeed(m *model.Model) string {
	var needs []string
	for _, need := range m.Jobs.Needs() {
		needs = append(needs, num(need.Count)+" "+need.Cause)
	}
	return listing(needs...)
}

// jobStand says how a job stands.
func jobStand(m *model.Model, job plan.Job) string {
	now := m.ServerNow()
	run, here := m.Jobs.Runs[job.ID]
	stands := job.Stands(job.Tally(m.Jobs.CountsOf(job), m.Jobs.Running(job)), now, false)
	switch {
	case here && run.Phase == plan.Countdown:
		return keyed(m, "not sent yet. {recall} recalls it")
	case here && run.Phase == plan.Paused:
		return "paused: " + stands
	case here && run.Phase != plan.Running:
		return "stopping: " + stands
	case here:
		return stands
	case m.Jobs.Running(job):
		return job.SaysElsewhere(now)
	case job.State == plan.Open:
		return job.Says(now) + keyed(m, ". {job-resume} goes on, {job-close} gives up")
	}
	return job.Says(now)
}

// jobTimes says when a job is due, or when it ended; "" when neither is known.
func jobTimes(m *model.Model, job plan.Job) string {
	switch {
	case m.Jobs.Running(job):
		return ""
	case !job.WasDue.IsZero():
		return "was due by " + moment(job.WasDue)
	case !job.Due.IsZero():
		return "due by " + moment(job.Due)
	case !job.Over.IsZero():
		return "over since " + moment(job.Over)
	}
	return ""
}

func jobName(id int64) string { return "Job " + num(int(id)) }

// runLine is a job of this program that begins, goes on or stands still.
func runLine(m *model.Model, run model.Run) said {
	name := jobName(run.Job)
	switch run.Phase {
	case plan.Countdown:
		wait := min(m.Undo(), (run.Start.Sub(m.Now) + time.Second - 1).Truncate(time.Second))
		return said{name + "countdown", sentences(name+": not sent yet", keyed(m, "{recall} recalls it within ")+timeline.Long(max(wait, time.Second)))}
	case plan.Paused:
		return line(name + ": paused")
	}
	all, left := run.Counts.All(), run.Left
	if all < 2 {
		return said{}
	}
	return line(name + ": " + num(all-left) + " of " + num(all))
}
