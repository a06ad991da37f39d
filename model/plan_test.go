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

// marked opens the plan of a redaction of sessions of ann, one of which Stripe is
// still checking.
func marked(t *testing.T, change func(*Config), test func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, change)
		r.add(session(1, "ann", client.StatusVerified, ""), session(2, "ann", client.StatusProcessing, ""), session(3, "4711", client.StatusVerified, ""))
		r.press("g", "space", "j", "space", "j", "space", "r")
		r.pass(time.Second)
		if r.m.Plan == nil {
			t.Fatalf("%+v", r.m.Log)
		}
		test(t, r)
	})
}

func (r *rig) types(text string) { r.press(strings.Split(text, "")...) }

// "The phrase landed in the reason": the cursor is in Confirm first, and a phrase
// in the reason is not taken.
func TestThePhraseIsNoReason(t *testing.T) {
	marked(t, nil, func(t *testing.T, r *rig) {
		if f := r.m.Plan.Fields; r.m.Plan.At != 0 || f[0].Label != "Confirm" || f[1].Label != "Reason" || f[2].Label != "Later" {
			t.Fatalf("%+v", f)
		}
		r.press("tab")
		r.types("ticket 9 REDACT 3 TEST")
		if p := r.m.Plan; p.Value("reason") != "ticket 9" || !p.Misplaced {
			t.Errorf("%q", p.Value("reason"))
		}
		r.types(" ")
		if r.m.Plan.Misplaced {
			t.Error("it is still said")
		}
		r.send(tea.PasteMsg{Content: "redact 3 test"})
		r.settle()
		if p := r.m.Plan; p.Value("reason") != "ticket 9" || !p.Misplaced || p.Value("confirm") != "" {
			t.Errorf("%q", p.Value("reason"))
		}
		r.press("up")
		r.types("REDACT 3 TEST")
		r.pass(3 * time.Second)
		job, err := r.m.config.Desk.Journal.Job(1)
		if err != nil || job.Reason != "ticket 9" || job.Counts.Of(plan.Waiting) != 1 {
			t.Errorf("%v: %+v", err, job)
		}
	})
}

// "I confirmed 1, and 499 more were redacted": the phrase counts all, and Later
// decides what all is.
func TestWhatWaitsIsConfirmedToo(t *testing.T) {
	marked(t, nil, func(t *testing.T, r *rig) {
		if p := r.m.Plan; p.Plan.Phrase() != "REDACT 3 TEST" || p.Fields[0].Want != p.Plan.Phrase() || p.Plan.When() != "2 now, 1 later" {
			t.Errorf("%s %s", p.Plan.Phrase(), p.Plan.When())
		}
		r.types("REDACT 3")
		r.press("tab", "tab", "space")
		if p := r.m.Plan; p.Fields[0].Want != "REDACT 2 TEST" || p.Value("confirm") != "" || p.Plan.When() != "2 now" {
			t.Errorf("%+v", p.Fields[0])
		}
		r.press("up", "up")
		r.types("REDACT 2 TEST")
		r.pass(3 * time.Second)
		job, err := r.m.config.Desk.Journal.Job(1)
		if err != nil || job.Counts.Of(plan.Waiting) != 0 || len(r.api.posts) != 2 {
			t.Errorf("%v: %+v, %v", err, job, r.api.posts)
		}
	})
}

// "A user_id stands in the evidence": the confirmation says so and waits, and the
// reason stays as it was typed.
func TestTheConfirmationWaitsForAReasonThatNamesNobody(t *testing.T) {
	marked(t, nil, func(t *testing.T, r *rig) {
		r.press("tab")
		r.types("letter of 4711")
		r.press("up")
		if why := r.m.PlanBlock(); why != "the reason names a user_id (4711): tab to change it" {
			t.Errorf("%q", why)
		}
		r.types("REDACT 3 TEST")
		r.pass(3 * time.Second)
		if p := r.m.Plan; p == nil || p.Value("confirm") != "" || p.Value("reason") != "letter of 4711" || len(r.api.posts) != 0 {
			t.Fatalf("%+v, %v", p, r.api.posts)
		}
		r.press("tab", "backspace", "up")
		if why := r.m.PlanBlock(); why != "" {
			t.Errorf("%q", why)
		}
		r.types("REDACT 3 TEST")
		r.pass(3 * time.Second)
		if job, err := r.m.config.Desk.Journal.Job(1); err != nil || job.Reason != "letter of 471" {
			t.Errorf("%v: %+v", err, job)
		}
	})
}
