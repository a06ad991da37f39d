package model

import (
	tea "charm.land/bubbletea/v2"

	"idtop/client/plan"
	"idtop/keymap"
)

// openJobs shows the jobs; pressed again, it closes them.
func (m *Model) openJobs() tea.Cmd {
	if m.Overlay.Kind == JobsOverlay {
		return m.closeOverlay()
	}
	cmd := m.toggleOverlay(JobsOverlay)
	m.Jobs.At, m.Jobs.Scroll, m.Jobs.Aborting, m.Jobs.Items = 0, 0, false, nil
	return tea.Batch(cmd, m.readJobs())
}

func (m *Model) onJobsRead(msg jobsRead) tea.Cmd {
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	m.Jobs.List = msg.jobs
	m.Jobs.At = max(0, min(m.Jobs.At, len(msg.jobs)-1))
	if job, ok := m.Jobs.Current(); ok && job.ID == msg.chosen {
		m.Jobs.Items = msg.items
	} else if ok {
		return m.readJobs()
	}
	return nil
}

// jobsKey takes the keys of the jobs screen that others have not.
func (m *Model) jobsKey(key string) (cmd tea.Cmd, taken bool) {
	aborting := m.Jobs.Aborting
	m.Jobs.Aborting = false
	job, ok := m.Jobs.Current()
	run := m.Jobs.handles[job.ID]
	if key == "esc" && ok && run != nil {
		if aborting {
			return m.abortRun(run), true
		}
		m.Jobs.Aborting = true
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
		return m.resumeJob(job), true
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

// chooseJob shows the items of another job.
func (m *Model) chooseJob(by int) tea.Cmd {
	m.Jobs.At = max(0, min(m.Jobs.At+by, len(m.Jobs.List)-1))
	m.Jobs.Items, m.Jobs.Scroll = nil, 0
	m.Overlay.Scroll = 0
	return m.readJobs()
}

// whyNotJob is Why for the keys of the jobs screen.
func (m *Model) whyNotJob(id keymap.ID) string {
	job, ok := m.Jobs.Current()
	if !ok {
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
