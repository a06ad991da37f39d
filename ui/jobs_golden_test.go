package ui_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/plan"
	"idtop/model"
	"idtop/ui"
)

// TestJobScreens keeps the jobs screen as it is while a job runs, when it has
// stopped, and when Stripe takes too long.
func TestJobScreens(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	finished := job(1, plan.Finished, now.Add(-90*time.Minute), plan.Complete, plan.Complete, plan.Failed, plan.Skipped)
	finished.Reason = "DSR-2291"
	finished.Operator, finished.Confirmer = ledger.Actor{User: "mara"}, "mara"
	left := job(7, plan.Open, now.Add(-26*time.Hour), plan.Complete, plan.Complete, plan.Unknown, plan.Pending, plan.Pending)
	left.Why = "idtop was left before it had finished"
	left.Operator, left.Confirmer = ledger.Actor{User: "jon"}, "mara"
	overdue := job(2, plan.Finished, now.Add(-101*time.Hour), plan.Complete, plan.Overdue, plan.Following)
	big := job(12, plan.Open, now.Add(-40*time.Second), many(map[plan.ItemState]int{plan.Following: 480, plan.Failed: 2, plan.Sending: 8, plan.Pending: 508, plan.Skipped: 2})...)
	run := plan.Snapshot{Job: 12, Phase: plan.Running, Counts: big.Counts, Left: 516, InFlight: 8, Rate: 12.2, ETA: 42 * time.Second}
	paused := run
	paused.Phase, paused.Rate, paused.ETA = plan.Paused, 0, 0
	waits := plan.Snapshot{Job: 12, Phase: plan.Countdown, Start: now.Add(4 * time.Second), Counts: big.Counts}
	elsewhere := left
	elsewhere.Elsewhere = true
	for _, c := range []struct {
		name   string
		jobs   []plan.Job
		run    *plan.Snapshot
		change func(m *model.Model)
	}{
		{"none", nil, nil, nil},
		{"countdown", []plan.Job{big, finished}, &waits, nil},
		{"running", []plan.Job{big, finished}, &run, nil},
		{"paused", []plan.Job{big, finished}, &paused, nil},
		{"abort", []plan.Job{big, finished}, &run, func(m *model.Model) { m.Jobs.Aborting = true }},
		{"finished", []plan.Job{finished, overdue}, nil, nil},
		{"left", []plan.Job{left, finished, overdue}, nil, nil},
		{"elsewhere", []plan.Job{elsewhere}, nil, nil},
		{"overdue", []plan.Job{overdue}, nil, func(m *model.Model) { m.Identity.Live = true }},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", c.name, size[0], size[1]), func(t *testing.T) {
				m := jobsShown(now, c.jobs, size[0], size[1])
				if c.run != nil {
					m.Jobs.Runs = map[int64]model.Run{c.run.Job: {Snapshot: *c.run}}
				}
				if c.change != nil {
					c.change(m)
				}
				sameScreen(t, trailing.ReplaceAllString(ansi.Strip(m.View().Content), ""))
			})
		}
	}
}

var trailing = regexp.MustCompile(` +(?m:$)`)

// jobsShown is a model that shows jobs, the first one chosen.
func jobsShown(now time.Time, jobs []plan.Job, width, height int) *model.Model {
	m := model.New(model.Config{Renderer: ui.Renderer{}, Keys: testKeys(), Clock: func() time.Time { return now },
		Identity: model.Identity{Account: "Acme Inc"}})
	m.Width, m.Height, m.Modal = width, height, &model.Overlay{Kind: model.JobsOverlay}
	m.Sync.Last = now
	m.Jobs.List = jobs
	if len(jobs) > 0 {
		m.Jobs.Chosen, m.Jobs.Items = jobs[0].ID, itemsOf(jobs[0])
	}
	return m
}

// job is a redaction with sessions in some states.
func job(id int64, state plan.JobState, created time.Time, items ...plan.ItemState) plan.Job {
	j := plan.Job{ID: id, Verb: client.Redact, Account: "acct_1", Created: created, Start: created, State: state}
	for _, s := range items {
		j.Counts[s]++
	}
	at := created.Add(30 * time.Second)
	j.LeftOut = j.Counts[plan.Skipped]
	if j.Counts[plan.Following] > 0 {
		j.Due = at.Add(plan.EraseTime)
	}
	if j.Counts[plan.Overdue] > 0 {
		j.WasDue = at.Add(plan.EraseTime)
	}
	if j.Counts[plan.Complete] > 0 {
		j.Over = at.Add(time.Hour)
	}
	return j
}

// many is a number of items of each state.
func many(counts map[plan.ItemState]int) (items []plan.ItemState) {
	for s := plan.Pending; s <= plan.Overdue; s++ {
		for range counts[s] {
			items = append(items, s)
		}
	}
	return items
}

// itemsOf makes the sessions of a job, those in trouble first.
func itemsOf(j plan.Job) (items []plan.Item) {
	for _, s := range []plan.ItemState{plan.Overdue, plan.Unknown, plan.Failed, plan.Complete, plan.Sending, plan.Following, plan.Waiting, plan.Skipped, plan.NotStarted, plan.Pending} {
		for range j.Counts[s] {
			n := len(items) + 1
			it := plan.Item{Job: j.ID, Number: n, Session: fmt.Sprintf("vs_1NuNAILkdIwHu7ix%08d", n), State: s, Generation: 1, Changed: j.Created.Add(30 * time.Second), Looked: j.Created.Add(30 * time.Second)}
			switch s {
			case plan.Complete:
				it.After, it.RequestID, it.Accepted = client.StateRedacted, fmt.Sprintf("req_%08d", n), it.Changed.Add(-10*time.Second)
			case plan.Following, plan.Overdue:
				it.After, it.RequestID, it.Accepted = client.StateRedacting, fmt.Sprintf("req_%08d", n), it.Changed
				it.Look = time.Date(2026, 11, 23, 9, 25, 0, 0, time.UTC)
			case plan.Failed:
				it.Words = "Stripe refused the request, HTTP 400 (req_00000042)"
			case plan.Skipped:
				it.Generation = 0
				it.After, it.Words = client.StateProcessing, "still processing: wait until it has finished"
			}
			items = append(items, it)
		}
	}
	return items
}

// BenchmarkJobScreen is Update and View while a job of 1,000 sessions is shown
// and runs: for a key that scrolls, and for each second's tick.
func BenchmarkJobScreen(b *testing.B) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	j := job(1, plan.Open, now, many(map[plan.ItemState]int{plan.Following: 500, plan.Sending: 8, plan.Pending: 490, plan.Failed: 2})...)
	start := jobsShown(now, []plan.Job{j}, 200, 60)
	start.Jobs.Runs = map[int64]model.Run{1: {Snapshot: plan.Snapshot{Job: 1, Phase: plan.Running, Counts: j.Counts, Left: 498, Rate: 12, ETA: 40 * time.Second}}}
	b.Run("key", func(b *testing.B) {
		m := start
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m = press(m, down(i))
			m.View()
		}
	})
	b.Run("frame", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			start.View()
		}
	})
}
