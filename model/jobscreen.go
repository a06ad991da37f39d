package model

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/plan"
)

// openJobs shows the jobs, or closes them when they are shown.
func (m *Model) openJobs() tea.Cmd {
	if m.Overlay().Is(JobsOverlay) {
		return m.closeOverlay()
	}
	about := int64(0)
	if notice, ok := m.Notice(); ok {
		about = notice.Job // the job of a message that offers J
	}
	cmd := m.toggleOverlay(JobsOverlay)
	m.Log.noticed = m.Log.total // the jobs screen shows the keys that the messages offered
	m.Jobs.Chosen, m.Jobs.Aborting, m.Jobs.List, m.Jobs.Items = about, false, nil, nil
	return tea.Batch(cmd, m.rereadJobs())
}

// rereadJobs reads the jobs while they are shown, one read at a time: reads must
// not slow a running job.
func (m *Model) rereadJobs() tea.Cmd {
	switch {
	case !m.Overlay().Is(JobsOverlay) || m.config.Desk == nil:
		return nil
	case m.Jobs.reading:
		m.Jobs.stale = true
		return nil
	}
	m.Jobs.reading, m.Jobs.stale = true, false
	return m.readJobs()
}

// readJobs reads all jobs and the sessions of the chosen job, else of the newest.
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

// onJobsRead shows the jobs. It drops the sessions if another job was chosen
// meanwhile.
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

// troubleFirst puts the items that need the operator first; within both groups the
// order of the plan stays.
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

// abortTime is how soon esc has to be pressed again to abort a job.
const abortTime = 5 * time.Second

// abort stops the chosen job at the second key press. Repeats of a held key don't
// count.
func (m *Model) abort(msg tea.KeyPressMsg) tea.Cmd {
	if m.Jobs.Aborting && !msg.IsRepeat {
		m.Jobs.Aborting = false
		return m.abortRun(m.Jobs.Runs[m.Jobs.Chosen].handle)
	}
	m.Jobs.Aborting, m.Jobs.abortAsked = true, m.Now
	return nil
}

// pauseJob stops the chosen job from beginning new items, or lets it go on.
func (m *Model) pauseJob() tea.Cmd { return m.pauseRun(m.Jobs.Runs[m.Jobs.Chosen].handle) }

// resumeChosen goes on with the chosen job, or plans its refused sessions again.
func (m *Model) resumeChosen() tea.Cmd {
	job, _ := m.Jobs.Current()
	if job.State != plan.Open {
		return m.planRefused(job)
	}
	return m.askResume(job)
}

func (m *Model) toggleWhole() tea.Cmd {
	m.Jobs.Whole, m.Overlay().Scroll = !m.Jobs.Whole, 0
	return nil
}

// jobEvidence writes the evidence of the chosen job, or of the job that erased the
// shown person.
func (m *Model) jobEvidence() tea.Cmd {
	if m.Overlay().Is(JobsOverlay) {
		return m.writeEvidence(m.Jobs.Chosen)
	}
	job, _ := m.ErasedJob()
	return m.writeEvidence(job)
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

// planRefused plans the refused sessions of a job again.
func (m *Model) planRefused(job plan.Job) tea.Cmd {
	ids := m.refused(job)
	return tea.Batch(m.closeOverlay(), m.askPlan(planned{verb: job.Verb, ids: ids}))
}

// Resume asks whether an interrupted job is to go on.
type Resume struct{ Job plan.Job } // as it was at the question

// askResume asks whether an interrupted job is to go on. It asks for the phrase of
// its pending items: like a plan it may send many requests, and these at once.
func (m *Model) askResume(job plan.Job) tea.Cmd {
	send := func(*Form) tea.Cmd {
		m.close()
		m.mute()
		return m.resumeJob(job)
	}
	return m.openForm(Form{For: Resume{job}, question: asking(confirmField(job.Phrase())), send: send})
}

// chooseJob shows the items of another job.
func (m *Model) chooseJob(by int) tea.Cmd {
	at := clamp(m.Jobs.At()+by, len(m.Jobs.List))
	if m.Jobs.List[at].ID == m.Jobs.Chosen {
		return nil
	}
	m.Jobs.Chosen, m.Jobs.Items, m.Overlay().Scroll = m.Jobs.List[at].ID, nil, 0
	return m.rereadJobs()
}

// whyNotChosen says why no action on the chosen job is possible, "" when some are.
func (m *Model) whyNotChosen() string {
	switch _, ok := m.Jobs.Current(); {
	case !m.Overlay().Is(JobsOverlay):
		return m.say("only among the jobs: {jobs}")
	case !ok:
		return "there is no job"
	}
	return ""
}

// onJob is the whyNot of an action on the chosen job: it asks the given whyNot when
// there is such a job, with its run if this program has one.
func onJob(whyNot func(m *Model, job plan.Job, run Run, running bool) string) func(*Model) string {
	return func(m *Model) string {
		if why := m.whyNotChosen(); why != "" {
			return why
		}
		job, _ := m.Jobs.Current()
		run, running := m.Jobs.Runs[job.ID]
		return whyNot(m, job, run, running)
	}
}

func (m *Model) whyNotPause(_ plan.Job, run Run, running bool) string {
	if !running || run.Phase != plan.Running && run.Phase != plan.Paused {
		return "it is not running"
	}
	return ""
}

func (m *Model) whyNotResume(job plan.Job, _ Run, running bool) string {
	switch {
	case running:
		return "it is running"
	case job.State != plan.Open && len(m.refused(job)) == 0:
		return "nothing of it is left, and nothing was refused"
	case m.Identity.ReadOnly:
		return m.whyReadOnly()
	}
	return ""
}

func (m *Model) whyNotClose(job plan.Job, _ Run, running bool) string {
	switch {
	case running:
		return "it is running"
	case !job.Waits() && job.State != plan.Open:
		return "nothing of it is left"
	}
	return ""
}

func (m *Model) whyNotWhole(plan.Job, Run, bool) string {
	if !slices.ContainsFunc(m.Jobs.Items, func(it plan.Item) bool { return it.Words != "" }) {
		return "no session of it has a reason"
	}
	return ""
}

// writeEvidence writes the evidence of a job.
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

// jobIs asks is about the chosen job, with its run if this program has one.
func jobIs(is func(m *Model, job plan.Job, run Run, running bool) bool) func(*Model) bool {
	return func(m *Model) bool {
		job, _ := m.Jobs.Current()
		run, running := m.Jobs.Runs[job.ID]
		return m.whyNotChosen() == "" && is(m, job, run, running)
	}
}

// running tells whether the jobs are shown and this program carries out the chosen
// one.
func (m *Model) running() bool {
	_, running := m.Jobs.Runs[m.Jobs.Chosen]
	return running && m.Overlay().Is(JobsOverlay)
}

func (m *Model) backTitle() string {
	if m.running() {
		return "twice: abort"
	}
	return ""
}

func (m *Model) openJobsTitle() string {
	if m.Overlay().Is(JobsOverlay) {
		return "close"
	}
	return ""
}

func (m *Model) pauseJobTitle() string {
	if m.Jobs.Runs[m.Jobs.Chosen].Phase == plan.Paused {
		return "continue job"
	}
	return ""
}
