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

// interrupted are the ways in which an operator's time stops: ctrl+z and fg, a stop
// from outside, and a laptop that sleeps. The latter two show as a tick that is late.
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
				if r.m.Dialog == nil || r.m.Detail.Outputs != nil {
					t.Fatalf("dialog %+v, outputs %v", r.m.Dialog, r.m.Detail.Outputs)
				}
				r.pass(2 * time.Second)
				r.press("y")
				if r.m.Dialog != nil {
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
		r.press(strings.Split("REDACT 1 TEST", "")...)
		r.pass(3 * time.Second)
		r.press("J", "r")
		if n := r.notice(); r.m.Dialog != nil || !strings.Contains(n.Text, "its redact is being sent") {
			t.Errorf("dialog %+v, notice %+v", r.m.Dialog, n)
		}
		r.pass(2 * time.Minute)
		if len(r.api.posts) != 1 || len(r.m.Sending) != 0 {
			t.Errorf("posts %v, sending %v", r.api.posts, r.m.Sending)
		}
	})
}
