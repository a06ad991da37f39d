package model

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/plan"
	"idtop/keymap"
)

// openJobs shows the jobs; pressed again, it closes them.
func (m *Model) openJobs() tea.Cmd {
	if m.Overlay.Kind == JobsOverlay {
		return m.closeOverlay()
	}
	about := int64(0)
	if notice, ok := m.Notice(); ok {
		about = notice.Job // what the message says that J shows
	}
	cmd := m.toggleOverlay(JobsOverlay)
	m.noticed = m.Log.total // their keys are shown instead
	m.Jobs.Chosen, m.Jobs.Aborting, m.Jobs.List, m.Jobs.Items = about, false, nil, nil
	return tea.Batch(cmd, m.rereadJobs())
}

// rereadJobs reads the jobs while they are shown, once at a time: the journal
// has better to do while a job runs.
func (m *Model) rereadJobs() tea.Cmd {
	switch {
	case m.Overlay.Kind != JobsOverlay || m.config.Desk == nil:
		return nil
	case m.Jobs.reading:
		m.Jobs.stale = true
		return nil
	}
	m.Jobs.reading, m.Jobs.stale = true, false
	return m.readJobs()
}

// onJobsRead shows the jobs. Sessions of another job than the one that is chosen
// by now are not shown.
func (m *Model) onJobsRead(msg jobsRead) tea.Cmd {
	m.Jobs.reading = false
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	m.Jobs.List = msg.jobs
	if _, ok := m.Jobs.Current(); !ok {
		m.Jobs.Chosen = msg.chosen
	}
	if m.Jobs.Chosen == msg.chosen {
		m.Jobs.Items = troubleFirst(msg.items)
	}
	m.scrollOverlay(0)
	if m.Jobs.stale || m.Jobs.Chosen != msg.chosen {
		return m.rereadJobs()
	}
	return nil
}

// troubleFirst puts what the operator has to see before the rest, each in the
// order of the plan.
func troubleFirst(items []plan.Item) []plan.Item {
	rank := func(it plan.Item) int {
		switch it.State {
		case plan.Overdue, plan.Unknown, plan.Failed:
			return 0
		}
		return 1
	}
	slices.SortStableFunc(items, func(a, b plan.Item) int { return rank(a) - rank(b) })
	return items
}

// abortTime is how long esc may be pressed again to abort a job.
const abortTime = 5 * time.Second

// jobsKey takes the keys of the jobs screen that others have not. A key that is
// held down does not abort.
func (m *Model) jobsKey(msg tea.KeyPressMsg) (cmd tea.Cmd, taken bool) {
	key, aborting := msg.String(), m.Jobs.Aborting
	m.Jobs.Aborting = false
	job, ok := m.Jobs.Current()
	run := m.Jobs.handles[job.ID]
	if key == "esc" && ok && run != nil {
		if aborting && !msg.IsRepeat {
			return m.abortRun(run), true
		}
		m.Jobs.Aborting, m.Jobs.abortAsked = true, m.Now
		return nil, true
	}
	id, bound := m.config.Keys.Resolve(keymap.JobsMode, key)
	if !bound {
		return nil, false
	}
	if m.refuse(id) {
		return nil, true
	}
	switch id {
	case keymap.JobPause:
		return m.pauseRun(run), true
	case keymap.JobResume:
		m.askResume(job)
		return nil, true
	case keymap.JobClose:
		return m.closeJob(job.ID), true
	case keymap.JobEvidence:
		return m.writeEvidence(job.ID), true
	case keymap.JobNext:
		return m.chooseJob(+1), true
	case keymap.JobPrevious:
		return m.chooseJob(-1), true
	}
	return nil, false
}

// askResume asks whether a job that was left before its end is to go on, by the
// phrase of what is left: it sends as much as a plan does, and at once.
func (m *Model) askResume(job plan.Job) {
	m.openForm(Form{Kind: ResumeForm, Job: job, fields: fields{Fields: []Field{confirmField(job.Phrase())}}})
}

// chooseJob shows the items of another job.
func (m *Model) chooseJob(by int) tea.Cmd {
	at := max(0, min(m.Jobs.At()+by, len(m.Jobs.List)-1))
	if m.Jobs.List[at].ID == m.Jobs.Chosen {
		return nil
	}
	m.Jobs.Chosen, m.Jobs.Items, m.Overlay.Scroll = m.Jobs.List[at].ID, nil, 0
	return m.rereadJobs()
}

// whyNotJob is Why for the keys of the jobs screen.
func (m *Model) whyNotJob(id keymap.ID) string {
	job, ok := m.Jobs.Current()
	switch {
	case m.Overlay.Kind != JobsOverlay:
		return "only among the jobs: J"
	case !ok:
		return "there is no job"
	}
	run, running := m.Jobs.Runs[job.ID]
	switch id {
	case keymap.JobPause:
		if !running || run.Phase != plan.Running && run.Phase != plan.Paused {
			return "it is not running"
		}
	case keymap.JobResume, keymap.JobClose:
		switch {
		case running:
			return "it is running"
		case job.Waits() && id == keymap.JobClose:
			return ""
		case job.State != plan.Open:
			return "it is " + job.State.String()
		case m.Identity.ReadOnly && id == keymap.JobResume:
			return m.whyReadOnly()
		}
	case keymap.JobEvidence:
		if running || job.State == plan.Open {
			return "it has not ended"
		}
	}
	return ""
}

// jobHints are the hints for the chosen job.
func (m *Model) jobHints() []keymap.ID {
	job, ok := m.Jobs.Current()
	run, running := m.Jobs.Runs[job.ID]
	switch {
	case !ok:
		return []keymap.ID{keymap.Back, keymap.Help, keymap.Messages}
	case running && run.Phase == plan.Countdown:
		return []keymap.ID{keymap.Recall, keymap.Back, keymap.Jobs, keymap.JobNext, keymap.Help}
	case running:
		return []keymap.ID{keymap.JobPause, keymap.Back, keymap.Jobs, keymap.JobNext, keymap.Down, keymap.Help}
	case job.State == plan.Open:
		return []keymap.ID{keymap.JobResume, keymap.JobClose, keymap.Back, keymap.JobNext, keymap.Down, keymap.Help}
	}
	if job.Waits() {
		return []keymap.ID{keymap.Back, keymap.JobClose, keymap.JobNext, keymap.Down, keymap.Help}
	}
	return []keymap.ID{keymap.Back, keymap.JobEvidence, keymap.JobNext, keymap.Down, keymap.Help}
}
