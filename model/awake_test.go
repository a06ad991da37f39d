package model

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/plan"
)

// interrupted are the interruptions of an operator's time: ctrl+z and fg, a stop
// from outside, and a laptop that sleeps. The latter two show as a late tick.
var interrupted = map[string]func(r *rig){
	"ctrl+z and fg": func(r *rig) { r.send(tea.ResumeMsg{}); r.settle() },
	"asleep":        func(r *rig) { r.send(ticked{time.Now().Add(time.Hour)}); r.settle() },
}

// TestAfterFgTheTimeToRecallBeginsAnew: what is being taken back is not sent
// because the program was stopped meanwhile.
func TestAfterFgTheTimeToRecallBeginsAnew(t *testing.T) {
	for name, interrupt := range interrupted {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, nil)
				r.m.config.Undo = 5 * time.Second
				r.add(session(1, "ann", client.StatusVerified, ""))
				r.press("j", "r")
				r.pass(time.Second)
				r.press("y")
				r.pass(4 * time.Second)
				interrupt(r)
				r.pass(4 * time.Second)
				if run, ok := r.m.Jobs.Countdown(); !ok || len(r.api.posts) != 0 {
					t.Fatalf("run %+v, posts %v", run, r.api.posts)
				}
				r.press("z")
				r.pass(10 * time.Second)
				if n := r.notice(); len(r.api.posts) != 0 || !strings.HasPrefix(n.Text, "Recalled") {
					t.Errorf("posts %v, notice %+v", r.api.posts, n)
				}
			})
		})
	}
}

// TestAfterFgADialogWaitsAgain: a key that came while the program was stopped is no
// answer, what was typed is gone, and what was revealed is masked.
func TestAfterFgADialogWaitsAgain(t *testing.T) {
	for name, interrupt := range interrupted {
		t.Run(name, func(t *testing.T) {
			withRig(t, nil, func(t *testing.T, r *rig) {
				r.m.Detail.Outputs = &client.VerifiedOutputs{FirstName: "Jenny"}
				r.press("c")
				r.pass(time.Second)
				interrupt(r)
				r.press("y")
				if open[*Dialog](r.m) == nil || r.m.Detail.Outputs != nil {
					t.Fatalf("dialog %+v, outputs %v", open[*Dialog](r.m), r.m.Detail.Outputs)
				}
				r.pass(2 * time.Second)
				r.press("y")
				if open[*Dialog](r.m) != nil {
					t.Error("it takes no answer any more")
				}
			})
		})
	}
}

// TestWhatRHasBegunIsUnderWay: a job that goes on has its sessions under way like
// any other job; a second answer to r does not post beside it.
func TestWhatRHasBegunIsUnderWay(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		p, err := plan.New(client.Redact, r.m.Identity.AccountID, false, []plan.Seen{{ID: annsID, State: client.StateFailed}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.m.config.Desk.Confirm(p, plan.Options{}); err != nil {
			t.Fatal(err)
		}
		r.api.delay = time.Minute // the server holds its answer
		r.press("J", "R")
		r.pass(time.Second)
		r.press(strings.Split("REDACT 1 TEST", "")...)
		r.pass(3 * time.Second)
		r.press("J", "r")
		if n := r.notice(); open[*Dialog](r.m) != nil || !strings.Contains(n.Text, "its redaction is being sent") {
			t.Errorf("dialog %+v, notice %+v", open[*Dialog](r.m), n)
		}
		r.pass(2 * time.Minute)
		if len(r.api.posts) != 1 || len(r.m.Jobs.Sending) != 0 {
			t.Errorf("posts %v, sending %v", r.api.posts, r.m.Jobs.Sending)
		}
	})
}

// TestRPlansAnewWhatWasRefused: of a job that is over, by a plan of its own that has
// to be confirmed; where nothing was refused, R says so.
func TestRPlansAnewWhatWasRefused(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		job := plan.Job{ID: 7, Verb: client.Redact, State: plan.Finished}
		job.Counts[plan.Failed], job.Counts[plan.Following] = 1, 1
		items := []plan.Item{{Job: 7, Session: id(1), State: plan.Following, Generation: 1},
			{Job: 7, Session: annsID, State: plan.Failed, Generation: 1, Words: "Stripe refused the request, HTTP 400"}}
		r.press("J")
		r.send(jobsRead{jobs: []plan.Job{job}, chosen: 7, items: items})
		if first := r.m.Jobs.Items[0]; first.State != plan.Failed {
			t.Errorf("what needs somebody does not come first: %+v", r.m.Jobs.Items)
		}
		r.send(keyPress("e"))
		if !r.m.Jobs.Whole {
			t.Error("no key shows the reason whole")
		}
		r.send(keyPress("R"))
		r.settle()
		if p := open[*PlanScreen](r.m); p == nil || len(p.Plan.Entries) != 1 || p.Plan.Entries[0].ID != annsID || p.Plan.Verb != client.Redact || len(r.api.posts) != 0 {
			t.Fatalf("plan %+v, notice %+v", p, r.notice())
		}
		r.press("esc", "J")
		job.Counts = plan.Counts{}
		r.send(jobsRead{jobs: []plan.Job{job}, chosen: 7, items: []plan.Item{{Job: 7, Session: id(1), State: plan.Following, Generation: 1}}})
		r.send(keyPress("R"))
		if n := r.notice(); open[*PlanScreen](r.m) != nil || !strings.Contains(n.Text, "nothing was refused") {
			t.Errorf("notice %+v", n)
		}
	})
}
