package model

import (
	"errors"
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// The commands that act: the only place of this package that calls the Desk,
// the Runner and the Journal.

// errNotActing is why nothing can be done when there is no ledger or journal.
var errNotActing = errors.New("there is no ledger and no journal, without which nothing is changed")

// startJob records a confirmed plan and lets it begin after the countdown.
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

// checkReason looks whether a reason for the plan that is shown can be recorded.
func (m Model) checkReason(reason string) tea.Cmd {
	ctx, desk, made := m.config.Context, m.config.Desk, m.Plan.Plan
	return func() tea.Msg {
		if desk == nil {
			return reasonChecked{reason, errNotActing}
		}
		return reasonChecked{reason, desk.CheckReason(ctx, reason, made)}
	}
}

// awaitRun waits for news of a run.
func (m Model) awaitRun(run *plan.Run) tea.Cmd {
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

// readEnded reads what became of a job.
func (m Model) readEnded(id int64, why string) tea.Cmd {
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

// readOpenJobs reads what an earlier run of the program left behind.
func (m Model) readOpenJobs() tea.Cmd {
	desk := m.config.Desk
	if desk == nil {
		return nil
	}
	return func() tea.Msg {
		jobs, err := desk.Journal.Unfinished()
		return openJobsRead{jobs, len(jobs) > 0 && desk.Runner.Elsewhere(), err}
	}
}

// readElsewhere looks whether another idtop still carries out jobs.
func (m Model) readElsewhere() tea.Cmd {
	runner := m.config.Desk.Runner
	return func() tea.Msg { return elsewhereRead{runner.Elsewhere()} }
}

// readJobs reads all jobs and the sessions of the chosen one, else of the
// newest.
func (m Model) readJobs() tea.Cmd {
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

func (m Model) recallRun(run *plan.Run) tea.Cmd {
	desk := m.config.Desk
	return func() tea.Msg {
		return recallAnswered{job: run.Job().ID, recalled: desk.Recall(run)}
	}
}

// tellClock tells those who follow redactions what the time is at the server.
func (m Model) tellClock() tea.Cmd {
	desk, ahead := m.config.Desk, m.Sync.Ahead
	return func() tea.Msg {
		if desk != nil {
			desk.Runner.Hear(ahead)
		}
		return nil
	}
}

// countAnew lets the time to recall begin once more, of all jobs that still have
// some.
func (m Model) countAnew() tea.Cmd {
	runs := maps.Clone(m.Jobs.handles)
	return func() tea.Msg {
		for _, run := range runs {
			run.CountAnew()
		}
		return nil
	}
}

func (m Model) abortRun(run *plan.Run) tea.Cmd {
	desk := m.config.Desk
	return func() tea.Msg {
		_ = desk.Abort(run) // what is stopped stays so without a record
		return nil
	}
}

func (m Model) pauseRun(run *plan.Run) tea.Cmd {
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

// resumeJob goes on with a job that was left before its end. Its sessions are
// under way like those of any other job.
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

// leftOf are the sessions of a job that something may still be sent for.
func leftOf(job plan.Job, items []plan.Item) (sessions []string) {
	for _, it := range items {
		if it.Job == job.ID && (it.State == plan.Pending || it.State == plan.Sending || it.State == plan.Unknown) {
			sessions = append(sessions, it.Session)
		}
	}
	return sessions
}

// closeJob gives up a job that was left before its end.
func (m Model) closeJob(id int64) tea.Cmd {
	ctx, desk, read := m.config.Context, m.config.Desk, m.readEnded(id, "")
	return func() tea.Msg {
		if err := desk.GiveUp(ctx, id); err != nil {
			return jobClosed{id: id, err: err}
		}
		return jobClosed(read().(jobEnded))
	}
}

// writeEvidence writes what proves that a job was done.
func (m Model) writeEvidence(id int64) tea.Cmd {
	desk := m.config.Desk
	return func() tea.Msg {
		path, err := desk.WriteEvidence(id)
		return evidenceWritten{path, err}
	}
}

func (m Model) create(params client.SessionCreateParams, key string) tea.Cmd {
	ctx, desk := m.config.Context, m.config.Desk
	return func() tea.Msg {
		session, err := desk.Create(ctx, params, key)
		return formSent{key, true, mirror.Row{ID: session.ID, UserID: session.UserID()}, err}
	}
}

func (m Model) updateMetadata(row mirror.Row, changes map[string]string, key string) tea.Cmd {
	ctx, desk := m.config.Context, m.config.Desk
	return func() tea.Msg {
		_, err := desk.SetMetadata(ctx, row.ID, row.UserID, changes, key)
		return formSent{key, false, row, err}
	}
}

func (m Model) readMetadata(row mirror.Row) tea.Cmd {
	ctx, api, store, clock, keys := m.config.Context, m.config.API, m.config.Store, m.config.Clock, m.keys
	return func() tea.Msg {
		session, err := readInto(ctx, api, store, clock, row.ID)
		return metadataRead{keys, row, session, err}
	}
}

func (m *Model) readLink(row mirror.Row) tea.Cmd {
	m.copies++
	ctx, desk, copies := m.config.Context, m.config.Desk, m.copies
	return func() tea.Msg {
		link, err := desk.Link(ctx, row.ID, row.UserID)
		return linkRead{copies, row, link, err}
	}
}

// recordCopy records that a user_id is about to be copied.
func (m *Model) recordCopy(row mirror.Row) tea.Cmd {
	m.copies++
	desk, copies := m.config.Desk, m.copies
	return func() tea.Msg {
		return copyRecorded{copies, row, desk.Note(ledger.Copy, row.ID, row.UserID, "user_id", "")}
	}
}

// askWrite reads what is released when this account may be changed, and whether
// the reason can be recorded.
func (m *Model) askWrite(reason string) tea.Cmd {
	m.gateMoves++
	ctx, desk, asked, keys := m.config.Context, m.config.Desk, m.gateMoves, m.keys
	return func() tea.Msg {
		if err := desk.CheckReason(ctx, reason, plan.Plan{}); err != nil {
			return writeAsked{asked: asked, keys: keys, reason: reason, err: err}
		}
		waiting, err := desk.Journal.Waiting()
		return writeAsked{asked, keys, reason, waiting, err}
	}
}

// giveUpWaiting gives up what waits of some jobs, and asks again.
func (m *Model) giveUpWaiting(reason string, jobs []plan.Job) tea.Cmd {
	ctx, desk, ask := m.config.Context, m.config.Desk, m.askWrite(reason)
	asked, keys := m.gateMoves, m.keys
	return func() tea.Msg {
		for _, job := range jobs {
			if err := desk.GiveUp(ctx, job.ID); err != nil {
				return writeAsked{asked: asked, keys: keys, reason: reason, err: err}
			}
		}
		return ask()
	}
}

// openGate records that this account is to be changed; onGateMoved lets it be. When
// something else waits than was seen, it is shown first.
func (m Model) openGate(reason string, seen []plan.Job) tea.Cmd {
	desk, asked, keys := m.config.Desk, m.gateMoves, m.keys
	return func() tea.Msg {
		switch waiting, err := desk.Journal.Waiting(); {
		case err != nil:
			return gateMoved{asked, false, err}
		case !within(waiting, seen):
			return writeAsked{asked: asked, keys: keys, reason: reason, waiting: waiting}
		}
		err := desk.Note(ledger.WriteMode, "", "", "on", reason)
		return gateMoved{asked, err == nil, err}
	}
}

// within tells whether no more waits than was seen.
func within(waiting, seen []plan.Job) bool {
	for _, job := range waiting {
		if !slices.ContainsFunc(seen, func(s plan.Job) bool {
			return s.ID == job.ID && job.Counts[plan.Waiting] <= s.Counts[plan.Waiting]
		}) {
			return false
		}
	}
	return true
}

// readErasing reads what becomes of the sessions of the person that is shown. What
// was read of a job's records is kept as long as the job stands as it did.
func (m Model) readErasing() tea.Cmd {
	ctx, store, desk, view, most := m.config.Context, m.config.Store, m.config.Desk, m.List.View, m.MaxMarks()
	ids, known := m.person.ids, map[int64]act.Erasure{}
	if m.Erasing != nil {
		for _, e := range m.Erasing.Jobs {
			known[e.Job.ID] = e
		}
	}
	return func() tea.Msg {
		read := erasingRead{view: view, items: map[string]plan.Item{}}
		fail := func(err error) tea.Msg { return erasingRead{view: view, err: err} }
		ids := slices.Clone(ids)
		named := map[string]bool{}
		if view.UserID != "" { // and what was created since
			page, err := store.Find(ctx, mirror.Request{UserID: view.UserID, Alike: view.Alike, Rows: most})
			if err != nil {
				return fail(err)
			}
			for _, hit := range page.Rows {
				named[hit.ID] = true
				if !slices.Contains(ids, hit.ID) {
					ids = append(ids, hit.ID)
				}
			}
		}
		page, err := store.Find(ctx, mirror.Request{Only: ids, Rows: len(ids)})
		if err != nil {
			return fail(err)
		}
		for _, hit := range page.Rows {
			if hit.Erased() || named[hit.ID] { // else it is somebody else's by now
				read.rows = append(read.rows, hit.Row)
			}
		}
		items, err := desk.Journal.RedactionsOf(ids)
		if err != nil {
			return fail(err)
		}
		for _, item := range items {
			if before, ok := read.items[item.Session]; !ok || item.State != plan.Skipped || before.State == plan.Skipped {
				read.items[item.Session] = item
			}
		}
		jobs := map[int64]bool{}
		for _, item := range read.items {
			jobs[item.Job] = true
		}
		for _, id := range slices.Backward(slices.Sorted(maps.Keys(jobs))) {
			e := known[id]
			if job, err := desk.Journal.Job(id); err != nil || job.Counts != e.Job.Counts || job.State != e.Job.State {
				if e, err = desk.ErasureOf(id); err != nil {
					return fail(err)
				}
			}
			read.jobs = append(read.jobs, e)
		}
		return read
	}
}

// shutGate lets nothing but reading pass from now on, whether that can be recorded
// or not.
func (m *Model) shutGate() tea.Cmd {
	m.gateMoves++
	m.config.Gate.Close()
	m.Identity.ReadOnly = true
	desk, asked := m.config.Desk, m.gateMoves
	return func() tea.Msg {
		if desk == nil {
			return gateMoved{asked: asked}
		}
		return gateMoved{asked, false, desk.Note(ledger.WriteMode, "", "", "off", "")}
	}
}
