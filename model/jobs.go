package model

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// Jobs are the confirmed jobs: the runs of this program and the list in the
// journal.
type Jobs struct {
	Runs     map[int64]Run          // of the jobs that this program carries out now
	Sending  map[string]client.Verb // by session id, the verb that is being sent
	List     []plan.Job             // the jobs of the journal, newest first; read while the jobs are shown
	Chosen   int64                  // id of the chosen job: new jobs don't change it
	Items    []plan.Item            // the items of the chosen job
	Whole    bool                   // each reason is shown in full
	Aborting bool                   // esc was pressed once: a second time aborts the chosen job

	elsewhere  map[int64]bool   // the jobs that another idtop carried out when last checked; nil before the first check
	actedOn    string           // the session of the last answered action
	abortAsked time.Time        // when esc was pressed first
	reading    bool             // List is being read
	stale      bool             // it has to be read again
	looked     time.Time        // when elsewhere was last checked
	stopped    map[int64]string // why jobs stopped here, if that could not be recorded
}

// At is where the chosen job stands in List, -1 when there is none.
func (j *Jobs) At() int {
	return slices.IndexFunc(j.List, func(job plan.Job) bool { return job.ID == j.Chosen })
}

// Current returns the chosen job; ok is false when there is none.
func (j *Jobs) Current() (job plan.Job, ok bool) {
	if at := j.At(); at >= 0 {
		return j.List[at], true
	}
	return plan.Job{}, false
}

// Running tells whether a job is being carried out now, here or by another idtop.
func (j *Jobs) Running(job plan.Job) bool {
	_, here := j.Runs[job.ID]
	return here || job.Elsewhere && job.State == plan.Open
}

// CountsOf returns the newest counts of a job.
func (j *Jobs) CountsOf(job plan.Job) plan.Counts {
	if run, here := j.Runs[job.ID]; here {
		return run.Counts
	}
	return job.Counts
}

// JobNeed is how many jobs need somebody for one cause.
type JobNeed struct {
	Count int
	Cause string
	Waits bool // no: Stripe is erasing
}

// Needs are the causes for which jobs of List need somebody, then those that Stripe is
// erasing; a cause without a job is left out.
func (j *Jobs) Needs() []JobNeed {
	fates := [...]plan.Fate{plan.Late, plan.Lost, plan.Refused, plan.Accepted}
	needs := []JobNeed{{Cause: "left undone"}, {Cause: "overdue"}, {Cause: "unknown"}, {Cause: "refused"}, {Cause: "still being erased", Waits: true}}
	for _, job := range j.List {
		running := j.Running(job)
		if job.State == plan.Open && !running {
			needs[0].Count++
		}
		tally := job.Tally(j.CountsOf(job), running)
		for i, fate := range fates {
			needs[i+1].Count += min(1, tally[fate])
		}
	}
	return slices.DeleteFunc(needs, func(n JobNeed) bool { return n.Count == 0 })
}

// Run is a job that this program carries out now, in the last known state.
type Run struct {
	plan.Snapshot

	handle   *plan.Run
	sessions []string // the sessions that its requests name
}

// Active are the runs of this program, oldest first.
func (j *Jobs) Active() []Run {
	runs := slices.Collect(maps.Values(j.Runs))
	slices.SortFunc(runs, func(a, b Run) int { return int(a.Job - b.Job) })
	return runs
}

// Countdown returns the newest run that can still be recalled.
func (j *Jobs) Countdown() (run Run, ok bool) {
	for _, run := range slices.Backward(j.Active()) {
		if run.Phase == plan.Countdown {
			return run, true
		}
	}
	return Run{}, false
}

// startJob records a confirmed plan. The job begins after the countdown.
func (m *Model) startJob(p plan.Plan, reason string) tea.Cmd {
	var sessions, planned []string
	for _, entry := range p.Entries {
		planned = append(planned, entry.ID)
		if entry.Disposition == plan.Now {
			sessions = append(sessions, entry.ID)
		}
	}
	m.underWay(p.Verb, sessions)
	ctx, desk := m.config.Context, m.config.Desk
	options := plan.Options{Reason: reason, Delay: m.config.Undo}
	return func() tea.Msg {
		started := jobStarted{sessions: sessions, planned: planned}
		if desk == nil {
			started.err = errNotActing
			return started
		}
		if started.job, started.err = desk.Confirm(p, options); started.err != nil {
			return started
		}
		started.run, started.err = desk.Start(ctx, started.job.ID)
		return started
	}
}

// resumeJob goes on with an interrupted job. Its sessions are shown as under way,
// as for any other job.
func (m *Model) resumeJob(job plan.Job) tea.Cmd {
	ctx, desk, left := m.config.Context, m.config.Desk, leftOf(job, m.Jobs.Items)
	m.underWay(job.Verb, left)
	return func() tea.Msg {
		started := jobStarted{job: job, sessions: left}
		items, err := desk.Journal.Items(job.ID)
		if err != nil {
			started.err = err
			return started
		}
		started.sessions = append(started.sessions, leftOf(job, items)...)
		started.run, started.err = desk.Resume(ctx, job.ID)
		return started
	}
}

// jobStarted is sent by startJob and resumeJob.
type jobStarted struct {
	job      plan.Job
	run      *plan.Run
	sessions []string // the sessions that its requests name
	planned  []string // all sessions of the plan
	err      error
}

// onJobStarted follows a recorded job, which begins after its countdown.
func (m *Model) onJobStarted(msg jobStarted) tea.Cmd {
	id := msg.job.ID
	if msg.err != nil {
		m.unsend(msg.sessions)
		failure := Message{Level: Failure, Job: id, Text: "Nothing was sent: " + msg.err.Error(), Hint: client.HintOf(msg.err)}
		if id != 0 && failure.Hint == "" {
			failure.Hint = m.say("{jobs}") + fmt.Sprintf(" shows what became of job %d", id)
		}
		m.log(failure)
		return m.rereadJobs()
	}
	m.underWay(msg.job.Verb, msg.sessions)
	m.Views.counts.did(endsIn(msg.job.Verb), true, msg.sessions...)
	j := &m.Jobs
	if j.Runs == nil {
		j.Runs = map[int64]Run{}
	}
	j.Runs[id] = Run{msg.run.Snapshot(), msg.run, msg.sessions}
	// Sessions under way lose their marks: the same keys must not plan them again.
	return tea.Batch(m.awaitRun(msg.run), m.unmarkThese(msg.planned), m.rereadJobs())
}

// awaitRun waits for news of a run.
func (m *Model) awaitRun(run *plan.Run) tea.Cmd {
	ctx := m.config.Context
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-run.Changed():
		case <-run.Done():
		}
		return runChanged{run.Snapshot()}
	}
}

// runChanged is sent by awaitRun.
type runChanged struct{ snapshot plan.Snapshot }

// onRunChanged shows the progress of a run. When the run is over, its job is read.
func (m *Model) onRunChanged(msg runChanged) tea.Cmd {
	was, ok := m.Jobs.Runs[msg.snapshot.Job]
	if !ok {
		return nil
	}
	m.Jobs.Runs[msg.snapshot.Job] = Run{msg.snapshot, was.handle, was.sessions}
	if msg.snapshot.Phase == plan.Over {
		return m.readEnded(msg.snapshot.Job, msg.snapshot.Why)
	}
	if was.Phase == msg.snapshot.Phase {
		return m.awaitRun(was.handle) // the counts are in the snapshot; the sessions are read at each tick
	}
	return tea.Batch(m.awaitRun(was.handle), m.rereadJobs())
}

// readEnded reads a finished or stopped job.
func (m *Model) readEnded(id int64, why string) tea.Cmd {
	ctx, journal, store := m.config.Context, m.config.Desk.Journal, m.config.Store
	return func() tea.Msg {
		job, err := journal.Job(id)
		if err != nil {
			return jobEnded{id: id, err: err}
		}
		ended := jobEnded{id: id, job: job, why: why}
		ended.items, ended.err = journal.Items(id)
		if len(ended.items) == 1 {
			ended.row, _, _ = store.Get(ctx, ended.items[0].Session) // only for its name
		}
		return ended
	}
}

// jobEnded is sent by readEnded.
type jobEnded struct {
	id    int64
	job   plan.Job
	items []plan.Item
	row   mirror.Row // of the only item's session, if known
	why   string     // why the job stopped early, or ""
	err   error
}

// onJobEnded reports a finished or stopped job.
func (m *Model) onJobEnded(msg jobEnded) tea.Cmd {
	id := msg.id
	m.unsend(m.Jobs.Runs[id].sessions)
	delete(m.Jobs.Runs, id)
	if msg.job.State == plan.Open && msg.job.Why == "" && msg.why != "" {
		msg.job.Why = msg.why // the reason could not be recorded: the disk may be full
		if m.Jobs.stopped == nil {
			m.Jobs.stopped = map[int64]string{}
		}
		m.Jobs.stopped[id] = msg.why
	}
	good := m.reportJob(msg)
	if m.quitting && !good {
		m.quitting = false // the operator has to see this
	}
	if m.quitting && len(m.Jobs.Runs) == 0 && !m.formSending() {
		return m.leave()
	}
	erasing := tea.Cmd(nil)
	if m.Person.Known != nil {
		erasing = m.rereadPerson()
	}
	return tea.Batch(m.syncNow(), m.refind(), m.rereadJobs(), erasing)
}

// closeJob gives up an interrupted job.
func (m *Model) closeJob(id int64) tea.Cmd {
	ctx, desk, read := m.config.Context, m.config.Desk, m.readEnded(id, "")
	return func() tea.Msg {
		if err := desk.GiveUp(ctx, id); err != nil {
			return jobClosed{id: id, err: err}
		}
		return jobClosed(read().(jobEnded))
	}
}

// jobClosed is sent by closeJob.
type jobClosed jobEnded

// onJobClosed reports a job that was given up. If that failed, the job stays open.
func (m *Model) onJobClosed(msg jobClosed) tea.Cmd {
	if msg.err != nil {
		m.log(Message{Level: Failure, Text: fmt.Sprintf("Job %d was not closed: %s", msg.id, msg.err), Hint: client.HintOf(msg.err)})
	} else {
		m.reportJob(jobEnded(msg))
	}
	return m.rereadJobs()
}

// reportJob logs the outcome of a job, and tells whether all went well.
func (m *Model) reportJob(msg jobEnded) bool {
	m.Views.counts.didItems(msg.job.Verb, msg.items)
	switch {
	case msg.err != nil:
		m.logError(msg.err)
		return false
	case msg.job.State == plan.Recalled:
		text := "Recalled: nothing was sent"
		if len(msg.items) == 1 {
			m.remember(msg.row)
			text += " for " + m.nameOf(msg.items[0].Session)
		}
		m.log(Message{Level: Success, Text: text})
		return true
	case len(msg.items) == 1:
		m.remember(msg.row)
		return m.reportItem(msg.job, msg.items[0])
	}
	tally := msg.job.Tally(msg.job.Counts, false)
	good := msg.job.State == plan.Finished && !tally.NeedsSomebody()
	said := Message{Level: Told, Text: Sentence(msg.job.Summary(m.ServerNow())), Hint: m.say("{jobs} shows each session")}
	if !good {
		said.Level = Warning
	}
	if msg.job.State == plan.Open && msg.job.Why != "" {
		said.Text += "; it stopped: " + msg.job.Why
	}
	said.Job = msg.id
	m.log(said)
	return good
}

// reportItem logs the outcome of a job's only session.
func (m *Model) reportItem(job plan.Job, item plan.Item) bool {
	m.Jobs.actedOn = item.Session
	verb, name := job.Verb, m.nameOf(item.Session)
	switch item.Fate(verb, false) {
	case plan.Canceled:
		m.logDone("Canceled " + name)
		return true
	case plan.Erased:
		m.log(Message{Level: Told, Text: "Stripe has erased " + name})
		return true
	case plan.Accepted:
		m.log(Message{Level: Told, Job: job.ID, Due: item.Accepted.Add(plan.EraseTime), Text: "Redaction of " + name + " accepted, not erased yet: Stripe may take 4 days"})
		return true
	case plan.Late:
		m.log(Message{Level: Warning, Job: job.ID, Text: "Stripe has accepted the redaction of " + name + " and not erased it in 4 days", Hint: m.say("{jobs} shows it")})
	case plan.Waits:
		m.log(Message{Level: Told, Text: "idtop will " + verb.String() + " " + name + " when Stripe has finished processing it"})
		return true
	case plan.LeftOut:
		m.logWarning("Nothing was sent: can't "+verb.String()+" "+name+": "+item.Words, "it changed since you looked")
	case plan.Refused:
		if item.State == plan.Skipped {
			m.logWarning("Nothing was sent: can't "+verb.String()+" "+name+": "+item.Words, "it changed since you looked")
			break
		}
		m.log(Message{Level: Failure, Text: fmt.Sprintf("Could not %s %s: %s", verb, name, item.Words), RequestID: item.RequestID})
	case plan.Lost:
		m.log(Message{Level: Warning, Job: job.ID, Text: fmt.Sprintf("It is not known whether %s %s took effect", verb, name), Hint: m.say("{jobs}, then {job-resume}, settles it")})
	default:
		if job.State == plan.Closed {
			m.logDone("Given up: nothing was sent for " + name)
			return true
		}
		text := "Nothing was sent: " + verb.String() + " " + name + " was not begun"
		if job.Why != "" {
			text += ": " + job.Why
		}
		m.log(Message{Level: Warning, Job: job.ID, Text: text, Hint: m.say("{jobs}, then {job-resume}, goes on")})
	}
	return false
}

// underWay notes that a verb is being sent for sessions.
func (m *Model) underWay(verb client.Verb, ids []string) {
	for _, id := range ids {
		m.Jobs.Sending[id] = verb
	}
}

// Waits tells whether a session's job is confirmed and can still be recalled:
// nothing is being sent for the session yet.
func (m *Model) Waits(id string) bool {
	for _, run := range m.Jobs.Runs {
		if run.Phase == plan.Countdown && slices.Contains(run.sessions, id) {
			return true
		}
	}
	return false
}

// unsend forgets that requests for sessions are under way.
func (m *Model) unsend(ids []string) {
	for _, id := range ids {
		delete(m.Jobs.Sending, id)
	}
}

// recall takes back the newest job that is still in its countdown.
func (m *Model) recall() tea.Cmd {
	run, ok := m.Jobs.Countdown()
	if !ok {
		return nil
	}
	return m.recallRun(run.handle)
}

func (m *Model) recallRun(run *plan.Run) tea.Cmd {
	desk := m.config.Desk
	return func() tea.Msg {
		return recallAnswered{job: run.Job().ID, recalled: desk.Recall(run)}
	}
}

// recallAnswered is sent by recallRun.
type recallAnswered struct {
	job      int64
	recalled bool
}

func (m *Model) onRecallAnswered(msg recallAnswered) tea.Cmd {
	if !msg.recalled {
		m.log(Message{Level: Warning, Job: msg.job, Text: fmt.Sprintf("Job %d could not be recalled: it has begun", msg.job), Hint: m.say("{jobs} shows it; esc twice there stops it")})
	}
	return nil
}

// elsewhereEvery is how often to check whether another idtop still carries out
// jobs.
const elsewhereEvery = 5 * time.Second

// watchElsewhere checks whether another idtop still carries out the jobs that it did.
func (m *Model) watchElsewhere() tea.Cmd {
	j := &m.Jobs
	for _, job := range j.List {
		if job.Elsewhere && j.elsewhere != nil {
			j.elsewhere[job.ID] = true
		}
	}
	if len(j.elsewhere) == 0 || m.config.Desk == nil || m.Now.Sub(j.looked) < elsewhereEvery {
		return nil
	}
	j.looked = m.Now
	return m.readOpenJobs()
}

// readOpenJobs reads the jobs that are not at their end.
func (m *Model) readOpenJobs() tea.Cmd {
	desk := m.config.Desk
	if desk == nil {
		return nil
	}
	return func() tea.Msg {
		jobs, err := desk.Journal.Unfinished()
		return openJobsRead{jobs, err}
	}
}

// openJobsRead is sent by readOpenJobs, at the start and while another idtop carries
// out jobs.
type openJobsRead struct {
	jobs []plan.Job
	err  error
}

// onOpenJobsRead reports the interrupted jobs: at the start all, later those that
// another idtop has left since. A job that this program has resumed meanwhile is not
// reported.
func (m *Model) onOpenJobsRead(msg openJobsRead) tea.Cmd {
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	j := &m.Jobs
	before := j.elsewhere
	j.elsewhere = map[int64]bool{}
	for _, job := range slices.Backward(msg.jobs) { // the newest is reported last, so it is the one seen
		if _, here := j.Runs[job.ID]; here {
			continue
		}
		switch {
		case job.Elsewhere:
			if j.elsewhere[job.ID] = true; before == nil {
				m.log(Message{Level: Told, Text: fmt.Sprintf("Job %d is %s", job.ID, job.SaysElsewhere(m.ServerNow()))})
			}
		case before == nil || before[job.ID]:
			m.log(Message{Level: Warning, Job: job.ID, Text: fmt.Sprintf("Job %d is %s", job.ID, job.Says(m.ServerNow())), Hint: m.say("{jobs}, then {job-resume} goes on with it, {job-close} gives it up")})
		}
	}
	if before == nil {
		return nil
	}
	return m.rereadJobs()
}

// errNotActing is why nothing is changed without a ledger or a journal.
var errNotActing = errors.New("there is no ledger and no journal, without which nothing is changed")

// tellClock tells the server's time to the runner, which follows redactions.
func (m *Model) tellClock() tea.Cmd {
	desk, ahead := m.config.Desk, m.Sync.Ahead
	return func() tea.Msg {
		if desk != nil {
			desk.Runner.Hear(ahead)
		}
		return nil
	}
}

// countAnew restarts the time to recall of all jobs that are still in it.
func (m *Model) countAnew() tea.Cmd {
	runs := m.Jobs.Active()
	return func() tea.Msg {
		for _, run := range runs {
			run.handle.CountAnew()
		}
		return nil
	}
}

func (m *Model) abortRun(run *plan.Run) tea.Cmd {
	desk := m.config.Desk
	return func() tea.Msg {
		_ = desk.Abort(run) // it is stopped even without a record
		return nil
	}
}

func (m *Model) pauseRun(run *plan.Run) tea.Cmd {
	paused := m.Jobs.Runs[run.Job().ID].Phase == plan.Paused
	return func() tea.Msg {
		if paused {
			run.Continue()
		} else {
			run.Pause()
		}
		return nil
	}
}

// leftOf are the sessions of a job for which a request may still be sent.
func leftOf(job plan.Job, items []plan.Item) (sessions []string) {
	for _, it := range items {
		if it.Job == job.ID && (it.State == plan.Pending || it.State == plan.Sending || it.State == plan.Unknown) {
			sessions = append(sessions, it.Session)
		}
	}
	return sessions
}

func (m *Model) whyNotRecall() string {
	if _, ok := m.Jobs.Countdown(); !ok {
		return "nothing waits to be sent"
	}
	return ""
}
