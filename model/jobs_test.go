package model

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/keymap"
)

// notice is the newest message.
func (r *rig) notice() Message {
	n := len(r.m.Log.Messages)
	if n == 0 {
		return Message{}
	}
	return r.m.Log.Messages[n-1]
}

// TestJobThatDoesNotStart: nothing was sent, so the keys work again and what was
// marked still is.
func TestJobThatDoesNotStart(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.press("space", "j", "space")
		r.m.Jobs.Sending = map[string]client.Verb{id(5): client.Cancel, id(4): client.Cancel}
		r.send(jobStarted{sessions: []string{id(5), id(4)}, planned: []string{id(5), id(4)}, err: plan.ErrBusy})
		if n := r.notice(); n.Level != Failure || !strings.HasPrefix(n.Text, "Nothing was sent: ") {
			t.Errorf("notice %+v", n)
		}
		if len(r.m.Jobs.Sending) != 0 || r.m.Marks.Len() != 2 {
			t.Errorf("sending %v, marked %v", r.m.Jobs.Sending, r.m.Marks.IDs())
		}
	})
}

// TestMarksOfAStartedJob: only those of its plan go, not those made meanwhile.
func TestMarksOfAStartedJob(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.press("space", "j", "space", "c")
		r.pass(time.Second)
		r.press(strings.Split("CANCEL 2 TES", "")...)
		time.Sleep(loneTime)
		r.send(keyPress("T"))
		r.send(Rest{}) // confirmed; its answer is still to come
		time.Sleep(QuietTime)
		r.send(keyPress("j"))
		r.send(keyPress("space"))
		r.pass(3 * time.Second)
		if got := r.m.Marks.IDs(); !slices.Equal(got, []string{id(3)}) {
			t.Errorf("marked %v", got)
		}
		if len(r.api.posts) != 2 || len(r.m.Jobs.Sending) != 0 {
			t.Errorf("posts %v, sending %v", r.api.posts, r.m.Jobs.Sending)
		}
	})
}

// TestElsewhereEndsWhenTheOtherIdtopDoes: it is looked every few seconds, and what
// the other one left is said once. The job of a second one goes on.
func TestElsewhereEndsWhenTheOtherIdtopDoes(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		left := func() (n int) {
			for _, said := range r.m.Log.Messages {
				if said.Level == Warning && said.Job == 9 {
					n++
				}
			}
			return n
		}
		begun := r.m.Log.total
		r.m.Jobs.elsewhere = nil // as at the start
		r.send(openJobsRead{jobs: []plan.Job{{ID: 9, State: plan.Open, Elsewhere: true}, {ID: 8, State: plan.Open, Elsewhere: true}}})
		if r.m.Log.total != begun+2 {
			t.Errorf("at the start it said %+v", r.m.Log.Messages)
		}
		r.send(openJobsRead{jobs: []plan.Job{{ID: 9, State: plan.Open, Elsewhere: true}, {ID: 8, State: plan.Open, Elsewhere: true}}})
		if !r.m.Jobs.elsewhere[9] || r.m.Log.total != begun+2 || left() != 0 {
			t.Errorf("%v, said %+v", r.m.Jobs.elsewhere, r.m.Log.Messages)
		}
		for range 2 {
			r.send(openJobsRead{jobs: []plan.Job{{ID: 9, State: plan.Open}, {ID: 8, State: plan.Open, Elsewhere: true}}})
		}
		if r.m.Jobs.elsewhere[9] || !r.m.Jobs.elsewhere[8] || left() != 1 {
			t.Errorf("%v, said %+v", r.m.Jobs.elsewhere, r.m.Log.Messages)
		}
		r.m.Jobs.looked = r.m.Now // the other one has just been looked at, and ends now
		r.pass(3 * time.Second)
		if !r.m.Jobs.elsewhere[8] {
			t.Error("it is looked all the time")
		}
		r.pass(5 * time.Second)
		if r.m.Jobs.elsewhere[8] {
			t.Error("the other idtop has ended, and is said to carry out jobs")
		}
	})
}

// TestLateNewsOfARun: what comes for a job that is over changes nothing.
func TestLateNewsOfARun(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		r.pass(time.Second)
		r.press("y")
		r.pass(3 * time.Second)
		messages := len(r.m.Log.Messages)
		r.send(runChanged{plan.Snapshot{Job: 1, Phase: plan.Running, Left: 3}})
		r.send(runChanged{plan.Snapshot{Job: 99, Phase: plan.Over}})
		r.settle()
		if len(r.m.Jobs.Runs) != 0 || len(r.m.Log.Messages) != messages {
			t.Errorf("runs %v, messages %+v", r.m.Jobs.Runs, r.m.Log.Messages)
		}
		r.send(recallAnswered{job: 1})
		if n := r.notice(); n.Level != Warning || !strings.Contains(n.Text, "could not be recalled: it has begun") {
			t.Errorf("notice %+v", n)
		}
	})
}

// twoJobs cancels one session, then another, with the jobs open.
func twoJobs(t *testing.T, test func(t *testing.T, r *rig)) {
	people(t, func(t *testing.T, r *rig) {
		for range 2 {
			r.press("c")
			r.pass(time.Second)
			r.press("y")
			r.pass(3 * time.Second)
			r.press("j")
		}
		r.press("J")
		test(t, r)
	})
}

// TestChosenJobStays: jobs that come in do not move the choice to another job,
// and the sessions of another job than the chosen one are never shown.
func TestChosenJobStays(t *testing.T) {
	twoJobs(t, func(t *testing.T, r *rig) {
		if r.m.Jobs.Chosen != 2 || len(r.m.Jobs.Items) != 1 || r.m.Jobs.Items[0].Job != 2 {
			t.Fatalf("chosen %d, items %+v", r.m.Jobs.Chosen, r.m.Jobs.Items)
		}
		r.press("tab")
		if r.m.Jobs.Chosen != 1 || r.m.Jobs.Items[0].Job != 1 {
			t.Fatalf("chosen %d, items %+v", r.m.Jobs.Chosen, r.m.Jobs.Items)
		}
		list := append([]plan.Job{{ID: 3, State: plan.Open}}, r.m.Jobs.List...)
		r.send(jobsRead{jobs: list, chosen: 3, items: []plan.Item{{Job: 3}}})
		if r.m.Jobs.Chosen != 1 || r.m.Jobs.At() != 2 || r.m.Jobs.Items[0].Job != 1 {
			t.Errorf("chosen %d at %d, items %+v", r.m.Jobs.Chosen, r.m.Jobs.At(), r.m.Jobs.Items)
		}
		r.settle()
		r.press("tab", "tab", "tab")
		if r.m.Jobs.Chosen != 1 { // the oldest
			t.Errorf("chosen %d", r.m.Jobs.Chosen)
		}
	})
}

// TestJobsAreReadOnceAtATime: however often they change while they are shown.
func TestJobsAreReadOnceAtATime(t *testing.T) {
	twoJobs(t, func(t *testing.T, r *rig) {
		if cmd := r.m.rereadJobs(); cmd == nil {
			t.Fatal("they are not read")
		}
		for range 10 {
			if cmd := r.m.rereadJobs(); cmd != nil {
				t.Fatal("they are read twice at once")
			}
		}
		r.send(jobsRead{jobs: r.m.Jobs.List, chosen: 2, items: r.m.Jobs.Items})
		if !r.m.Jobs.reading {
			t.Error("they are not read once more after they have changed")
		}
	})
}

// TestAJobThatIsNotClosed goes on as it was.
func TestAJobThatIsNotClosed(t *testing.T) {
	twoJobs(t, func(t *testing.T, r *rig) {
		r.m.Jobs.Runs = map[int64]Run{2: {Snapshot: plan.Snapshot{Job: 2, Phase: plan.Running}}}
		r.send(jobClosed{id: 2, err: errors.New("job 2 is being carried out already")})
		if n := r.notice(); len(r.m.Jobs.Runs) != 1 || !strings.Contains(n.Text, "Job 2 was not closed") {
			t.Errorf("runs %v, notice %+v", r.m.Jobs.Runs, n)
		}
		for _, key := range []string{"X", "R", "p"} {
			r.m.Jobs.Runs = nil
			r.press(key)
			if n := r.notice(); n.Level != Refusal {
				t.Errorf("%s: %+v", key, n)
			}
		}
	})
}

// TestNoKeyResumesAJob: what was left goes on when its phrase is typed, and by
// nothing less.
func TestNoKeyResumesAJob(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		seen := []plan.Seen{{ID: annsID, State: client.StateFailed}}
		p, err := plan.New(client.Cancel, r.m.Identity.AccountID, false, seen, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.m.config.Desk.Confirm(p, plan.Options{}); err != nil {
			t.Fatal(err)
		}
		r.press("J", "R", "R", "enter", "y", "enter")
		r.send(tea.PasteMsg{Content: "CANCEL 1 TEST"})
		r.pass(time.Minute)
		if open[*Form](r.m) == nil || open[*Form](r.m).Value("confirm") == "CANCEL 1 TEST" || r.api.gets != 0 || len(r.api.posts) != 0 {
			t.Fatalf("form %+v, posts %v", open[*Form](r.m), r.api.posts)
		}
		r.press("esc", "R")
		r.press(strings.Split("CANCEL 1 TEST", "")...) // typed ahead
		if open[*Form](r.m).Value("confirm") != "" {
			t.Errorf("typed ahead: %q", open[*Form](r.m).Value("confirm"))
		}
		r.pass(longQuietTime)
		r.press(strings.Split("CANCEL 1 TEST", "")...)
		r.pass(time.Minute)
		job, err := r.m.config.Desk.Journal.Job(1)
		if err != nil || job.State != plan.Finished || len(r.api.posts) != 1 {
			t.Errorf("job %+v, %v, posts %v", job, err, r.api.posts)
		}
	})
}

// TestWhatWaitsIsGivenUp: X among the jobs calls off what waits for processing to
// end, also when the job is finished.
func TestWhatWaitsIsGivenUp(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		seen := []plan.Seen{{ID: "vs_test00000002", State: client.StateProcessing}}
		p, err := plan.New(client.Redact, r.m.Identity.AccountID, false, seen, 0)
		if err != nil {
			t.Fatal(err)
		}
		p.Later = true
		r.run(r.m.startJob(p, ""))
		r.pass(3 * time.Second)
		r.press("J", "X")
		r.pass(3 * time.Second)
		job, err := r.m.config.Desk.Journal.Job(1)
		if err != nil || job.State != plan.Closed || job.Counts[plan.NotStarted] != 1 {
			t.Errorf("job %+v, %v, notice %+v", job, err, r.notice())
		}
		// "It offers R for a job that was given up": R does not go on with that job.
		if n := r.m.Log.Messages[len(r.m.Log.Messages)-1]; n.Level != Success || !strings.HasPrefix(n.Text, "Given up: nothing was sent for ") || n.Hint != "" {
			t.Errorf("it says %+v", n)
		}
	})
}

// TestAbortWantsTwoKeys: not one that is held, and not the second one much later.
func TestAbortWantsTwoKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.m.config.Undo = time.Minute
		r.add(session(1, "ann", client.StatusVerified, ""))
		r.press("j", "r")
		r.pass(time.Second)
		r.press("y")
		r.pass(QuietTime)
		r.press("J", "esc")
		if !r.m.Jobs.Aborting || !r.m.Overlay().Is(JobsOverlay) {
			t.Fatalf("jobs %+v", r.m.Jobs)
		}
		held := keyPress("esc")
		held.IsRepeat = true
		r.send(held)
		r.settle()
		r.pass(7 * time.Second)
		if r.m.Jobs.Aborting {
			t.Fatal("it is still asked after 7 s")
		}
		r.press("esc", "j", "esc") // another key in between
		if run := r.m.Jobs.Runs[1]; run.Phase != plan.Countdown {
			t.Fatalf("run %+v", run)
		}
		r.press("esc")
		r.pass(time.Second)
		job, err := r.m.config.Desk.Journal.Job(1)
		if err != nil || job.State != plan.Aborted || len(r.api.posts) != 0 {
			t.Errorf("job %+v, %v, posts %v", job, err, r.api.posts)
		}
	})
}

// halfLoaded is a store that still reads its files while loading is set: what it
// shows may be a part.
type halfLoaded struct {
	mirror.Store
	loading atomic.Bool
}

func (h *halfLoaded) Find(ctx context.Context, r mirror.Request) (mirror.Page, error) {
	page, err := h.Store.Find(ctx, r)
	page.Loading = h.loading.Load()
	return page, err
}

// TestAPlanIsNeverMadeOfAPart: while the store has loaded only a part of the
// sessions, no plan is made for a person or for marked sessions, and * marks
// nothing.
func TestAPlanIsNeverMadeOfAPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &halfLoaded{}
		r := newRig(t, func(config *Config) { store.Store, config.Store = config.Store, store })
		for n := range 3 {
			r.add(session(n, "ann", client.StatusVerified, ""))
		}
		refused := func(what string) {
			t.Helper()
			if n := r.notice(); open[*PlanScreen](r.m) != nil || n.Level != Failure || !strings.Contains(n.Text, "still being loaded") {
				t.Errorf("%s: plan %+v, notice %+v", what, open[*PlanScreen](r.m), n)
			}
		}
		r.press("1", "g", "j", "space")
		store.loading.Store(true)
		r.press("r")
		refused("marked")
		r.press("*")
		refused("mark all")
		store.loading.Store(false)
		r.press("r")
		if p := open[*PlanScreen](r.m); p == nil || len(p.Plan.Entries) != 1 {
			t.Fatalf("plan %+v", p)
		}
		r.press("esc", "space", "u")
		store.loading.Store(true)
		r.press("r")
		refused("a person")
		store.loading.Store(false)
		r.press("r")
		if p := open[*PlanScreen](r.m); p == nil || len(p.Plan.Entries) != 3 {
			t.Fatalf("plan %+v", p)
		}
	})
}

// TestStalePlans: an answer to an older question is no plan, and a plan that was
// closed stays closed.
func TestStalePlans(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.press("space", "j", "space", "c")
		old := planRead{planned: planned{verb: client.Cancel, anew: true, asked: r.m.planning.asked}}
		if open[*PlanScreen](r.m) == nil {
			t.Fatal("there is no plan")
		}
		r.add(session(4, "cid", client.StatusProcessing, ""))
		shown := open[*PlanScreen](r.m).Plan.Hash
		r.send(old)
		if open[*PlanScreen](r.m) == nil || open[*PlanScreen](r.m).Plan.Hash != shown {
			t.Error("an old answer was taken")
		}
		r.press("esc")
		r.send(planRead{planned: planned{verb: client.Cancel, anew: true, asked: r.m.planning.asked}})
		r.add(session(3, "cid", client.StatusProcessing, ""))
		if open[*PlanScreen](r.m) != nil {
			t.Error("it opens again")
		}
		r.press("c")
		r.send(planRead{planned: planned{verb: client.Cancel, anew: true, asked: r.m.planning.asked}, err: errors.New("the mirror is gone")})
		if n := r.notice(); open[*PlanScreen](r.m) != nil || n.Level != Failure {
			t.Errorf("plan %v, notice %+v: what can't be read can't be confirmed", open[*PlanScreen](r.m), n)
		}
	})
}

// TestAnyKeyStays: any other key cancels a pending quit.
func TestAnyKeyStays(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.m.config.Undo = 3 * time.Second
		r.press("c")
		r.pass(time.Second)
		r.press("y")
		r.pass(QuietTime)
		r.press("q", "j")
		r.pass(10 * time.Second)
		if quits(r) != 0 || len(r.api.posts) != 1 {
			t.Errorf("quits %d, posts %v", quits(r), r.api.posts)
		}
	})
}

// TestPaletteRefuses: what can't be carried out says why, and a command that
// wants an argument keeps the line.
func TestPaletteRefuses(t *testing.T) {
	withRig(t, func(c *Config) { c.Identity.Live, c.Identity.ReadOnly = true, true }, func(t *testing.T, r *rig) {
		r.m.config.Gate = new(client.Gate)
		line := func(text string) { r.press(":"); r.press(strings.Split(text, "")...); r.press("enter") }
		line("metadata")
		if n := r.notice(); open[*Palette](r.m) == nil || open[*Form](r.m) != nil || !strings.Contains(n.Text, "Can't edit the metadata: read-only") {
			t.Errorf("notice %+v", n)
		}
		r.press("esc")
		line("pausejob")
		if n := r.notice(); !strings.Contains(n.Text, "only among the jobs") {
			t.Errorf("notice %+v", n)
		}
		r.press("esc")
		line("write")
		if open[*Palette](r.m) == nil || open[*Palette](r.m).Text() != "write " {
			t.Fatalf("palette %+v", open[*Palette](r.m))
		}
		r.send(tea.PasteMsg{Content: "ticket"})
		if r.m.config.Gate.IsOpen() {
			t.Error("a paste opened it")
		}
		r.press("esc")
		line("zzz")
		if n := r.notice(); !strings.Contains(n.Text, "Nothing is called zzz") {
			t.Errorf("notice %+v", n)
		}
	})
}

// BenchmarkJobNews is Update for what a job of 1,000 sessions tells while it is
// shown: each of its changes, and its sessions once a second.
func BenchmarkJobNews(b *testing.B) {
	items := make([]plan.Item, 1_000)
	for i := range items {
		items[i] = plan.Item{Job: 1, Number: i + 1, Session: id(i), State: plan.Following}
		if i%100 == 7 {
			items[i].State = plan.Failed
		}
	}
	m := New(Config{Context: b.Context(), Renderer: plain{}, Keys: keymap.Default(), Clock: time.Now})
	m.Modal, m.Jobs.Chosen, m.Width, m.Height = &Overlay{Kind: JobsOverlay}, 1, 200, 60
	m.Jobs.Runs = map[int64]Run{1: {plan.Snapshot{Job: 1, Phase: plan.Running}, &plan.Run{}, nil}}
	b.Run("change", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Update(runChanged{plan.Snapshot{Job: 1, Phase: plan.Running, Left: 500}})
		}
	})
	b.Run("sessions", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Update(jobsRead{jobs: []plan.Job{{ID: 1, State: plan.Open}}, chosen: 1, items: items})
		}
	})
}
