package model

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
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

// readJobs reads all jobs and the sessions of the chosen one, else of the
// newest.
func (m *Model) readJobs() tea.Cmd {
	journal, chosen := m.config.Desk.Journal, m.Jobs.Chosen
	return func() tea.Msg {
		jobs, err := journal.Jobs()
		if err != nil || len(jobs) == 0 {
			return jobsRead{err: err}
		}
		if !slices.ContainsFunc(jobs, func(job plan.Job) bool { return job.ID == chosen }) {
			chosen = jobs[0].ID
		}
		items, err := journal.Items(chosen)
		return jobsRead{jobs, chosen, items, err}
	}
}

// jobsRead is sent by readJobs for the jobs screen.
type jobsRead struct {
	jobs   []plan.Job
	chosen int64
	items  []plan.Item
	err    error
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
	for i, job := range m.Jobs.List {
		if job.State == plan.Open && job.Why == "" {
			m.Jobs.List[i].Why = m.Jobs.stopped[job.ID]
		}
	}
	if _, ok := m.Jobs.Current(); !ok {
		m.Jobs.Chosen = msg.chosen
	}
	if m.Jobs.Chosen == msg.chosen {
		job, _ := m.Jobs.Current()
		m.Jobs.Items = troubleFirst(job, msg.items)
	}
	if m.Jobs.stale || m.Jobs.Chosen != msg.chosen {
		return m.rereadJobs()
	}
	return nil
}

// troubleFirst puts what the operator has to see before the rest, each in the
// order of the plan.
func troubleFirst(job plan.Job, items []plan.Item) []plan.Item {
	rank := func(it plan.Item) int {
		if fate := it.Fate(job.Verb, job.State == plan.Open); fate > plan.NeverSent {
			return -int(fate)
		} else if fate == plan.NeverSent {
			return 1
		}
		return 0
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
		if job.State != plan.Open {
			return m.planRefused(job), true
		}
		return m.askResume(job), true
	case keymap.JobWhole:
		m.Jobs.Whole, m.Overlay.Scroll = !m.Jobs.Whole, 0
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

// refused are the sessions of the chosen job that were refused.
func (m *Model) refused(job plan.Job) (ids []string) {
	for _, it := range m.Jobs.Items {
		if it.Job == job.ID && it.Fate(job.Verb, false) == plan.Refused {
			ids = append(ids, it.Session)
		}
	}
	return ids
}

// planRefused plans anew what a job did not do to sessions that were refused.
func (m *Model) planRefused(job plan.Job) tea.Cmd {
	ids := m.refused(job)
	return tea.Batch(m.closeOverlay(), m.askPlan(planned{verb: job.Verb, ids: ids}))
}

// askResume asks whether a job that was left before its end is to go on, by the
// phrase of what is left: it sends as much as a plan does, and at once.
func (m *Model) askResume(job plan.Job) tea.Cmd {
	return m.openForm(Form{Kind: ResumeForm, Job: job, fields: fields{Fields: []Field{confirmField(job.Phrase())}}})
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
	_, erased := m.ErasedJob()
	switch {
	case id == keymap.JobEvidence && m.Overlay.Kind == NoOverlay && erased:
		return ""
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
	case keymap.JobResume:
		switch {
		case running:
			return "it is running"
		case job.State != plan.Open && len(m.refused(job)) == 0:
			return "nothing of it is left, and nothing was refused"
		case m.Identity.ReadOnly:
			return m.whyReadOnly()
		}
	case keymap.JobClose:
		switch {
		case running:
			return "it is running"
		case job.Waits():
			return ""
		case job.State != plan.Open:
			return "nothing of it is left"
		}
	case keymap.JobWhole:
		if !slices.ContainsFunc(m.Jobs.Items, func(it plan.Item) bool { return it.Words != "" }) {
			return "no session of it has a reason"
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
	case len(m.refused(job)) > 0:
		return []keymap.ID{keymap.Back, keymap.JobResume, keymap.JobWhole, keymap.JobEvidence, keymap.JobNext, keymap.Help}
	case job.Waits():
		return []keymap.ID{keymap.Back, keymap.JobClose, keymap.JobEvidence, keymap.JobNext, keymap.Down, keymap.Help}
	}
	return []keymap.ID{keymap.Back, keymap.JobEvidence, keymap.JobNext, keymap.Down, keymap.Help}
}

// writeEvidence writes what proves that a job was done.
func (m *Model) writeEvidence(id int64) tea.Cmd {
	desk := m.config.Desk
	return func() tea.Msg {
		path, err := desk.WriteEvidence(id)
		return evidenceWritten{path, err}
	}
}

// evidenceWritten is sent by writeEvidence.
type evidenceWritten struct {
	path string
	err  error
}

func (m *Model) onEvidenceWritten(msg evidenceWritten) tea.Cmd {
	if msg.err != nil {
		m.log(Message{Level: Failure, Text: "No evidence was written: " + msg.err.Error(), Hint: client.HintOf(msg.err)})
		return nil
	}
	m.logDone("Evidence is in " + msg.path)
	return nil
}
