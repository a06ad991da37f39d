package model

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// marked opens the plan of a redaction of ann's sessions; Stripe is still checking
// one of them.
func marked(t *testing.T, change func(*Config), test func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, change)
		r.add(session(1, "ann", client.StatusVerified, ""), session(2, "ann", client.StatusProcessing, ""), session(3, "4711", client.StatusVerified, ""))
		r.press("g", "space", "j", "space", "j", "space", "r")
		r.pass(time.Second)
		if open[*PlanScreen](r.m) == nil {
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
		if f := open[*PlanScreen](r.m).Fields; open[*PlanScreen](r.m).At != 0 || f[0].Label != "Confirm" || f[1].Label != "Reason" || f[2].Label != "Later" {
			t.Fatalf("%+v", f)
		}
		r.press("tab")
		r.types("ticket 9 REDACT 3 TEST")
		if p := open[*PlanScreen](r.m); p.Value("reason") != "ticket 9" || !p.Misplaced {
			t.Errorf("%q", p.Value("reason"))
		}
		r.types(" ")
		if open[*PlanScreen](r.m).Misplaced {
			t.Error("it is still said")
		}
		r.send(tea.PasteMsg{Content: "redact 3 test"})
		r.settle()
		if p := open[*PlanScreen](r.m); p.Value("reason") != "ticket 9" || !p.Misplaced || p.Value("confirm") != "" {
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
		if p := open[*PlanScreen](r.m); p.Plan.Phrase() != "REDACT 3 TEST" || p.Fields[0].Want != p.Plan.Phrase() || p.Plan.When() != "2 now, 1 later" {
			t.Errorf("%s %s", p.Plan.Phrase(), p.Plan.When())
		}
		r.types("REDACT 3")
		r.press("tab", "tab", "space")
		if p := open[*PlanScreen](r.m); p.Fields[0].Want != "REDACT 2 TEST" || p.Value("confirm") != "" || p.Plan.When() != "2 now" {
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
		if why := open[*PlanScreen](r.m).Block(); why != "the reason names a user_id (4711): tab to change it" {
			t.Errorf("%q", why)
		}
		r.types("REDACT 3 TEST")
		r.pass(3 * time.Second)
		if p := open[*PlanScreen](r.m); p == nil || p.Value("confirm") != "" || p.Value("reason") != "letter of 4711" || len(r.api.posts) != 0 {
			t.Fatalf("%+v, %v", p, r.api.posts)
		}
		r.press("tab", "backspace", "up")
		if why := open[*PlanScreen](r.m).Block(); why != "" {
			t.Errorf("%q", why)
		}
		r.types("REDACT 3 TEST")
		r.pass(3 * time.Second)
		if job, err := r.m.config.Desk.Journal.Job(1); err != nil || job.Reason != "letter of 471" {
			t.Errorf("%v: %+v", err, job)
		}
	})
}

// "I wrote the reason, and tab did nothing": tab comes back from the last field to
// Confirm, and until then Confirm says so, not that the reason is being looked at.
func TestTabComesBackFromTheReason(t *testing.T) {
	for _, keys := range [][]string{{"tab", "tab"}, {"enter", "enter"}, {"shift+tab"}, {"shift+tab", "shift+tab", "tab"}} {
		marked(t, nil, func(t *testing.T, r *rig) {
			r.press("tab")
			r.types("ticket 9")
			if why := open[*PlanScreen](r.m).Block(); why != "tab comes back here" {
				t.Errorf("%q", why)
			}
			r.press(keys...)
			if p := open[*PlanScreen](r.m); p.At != 0 || p.Value("reason") != "ticket 9" || open[*PlanScreen](r.m).Block() != "" {
				t.Errorf("%v: field %d, %q", keys, p.At, open[*PlanScreen](r.m).Block())
			}
		})
	}
}

// waits makes a job with a redaction that waits for Stripe, and a read-only model.
func waits(t *testing.T, test func(t *testing.T, r *rig, gate *client.Gate)) {
	withRig(t, func(c *Config) { c.Identity.Live, c.Identity.ReadOnly = true, true }, func(t *testing.T, r *rig) {
		gate := new(client.Gate)
		r.m.config.Gate = gate
		seen := []plan.Seen{{ID: id(1), State: client.StateProcessing}, {ID: id(2), State: client.StateProcessing}}
		p, err := plan.New(client.Redact, r.m.Identity.AccountID, true, seen, 0)
		if err != nil {
			t.Fatal(err)
		}
		p.Later = true
		r.run(r.m.startJob(p, "ticket 12"))
		r.pass(3 * time.Second)
		r.press(":")
		r.types("write ticket 4711")
		r.press("enter")
		r.pass(time.Second)
		test(t, r, gate)
	})
}

// ":write released two old redactions, and nothing had said so."
func TestWriteSaysWhatItReleases(t *testing.T) {
	waits(t, func(t *testing.T, r *rig, gate *client.Gate) {
		f := open[*Form](r.m)
		if f == nil {
			t.Fatal("nothing is asked")
		}
		if write, ok := f.For.(AllowWrite); !ok || gate.IsOpen() || plan.WaitingWords(write.Waiting) != "2 redactions wait" || write.Waiting[0].Reason != "ticket 12" {
			t.Fatalf("%+v, %+v", f, r.m.Log)
		}
		r.press("enter", "esc")
		if gate.IsOpen() || !r.m.Identity.ReadOnly || open[*Form](r.m) != nil {
			t.Fatal("it is open")
		}
		r.press(":")
		r.types("write ticket 4711")
		r.press("enter")
		r.pass(time.Second)
		r.types("write")
		r.pass(time.Second)
		if !gate.IsOpen() || r.m.Identity.ReadOnly {
			t.Errorf("it is shut: %+v", r.m.Log)
		}
		if job, err := r.m.config.Desk.Journal.Job(1); err != nil || !job.Waits() {
			t.Errorf("%v: %+v", err, job)
		}
	})
}

func TestWhatWaitsIsGivenUpBeforeWriting(t *testing.T) {
	waits(t, func(t *testing.T, r *rig, gate *client.Gate) {
		r.press("X")
		r.pass(3 * time.Second)
		job, err := r.m.config.Desk.Journal.Job(1)
		if err != nil || job.State != plan.Closed || job.Counts.Of(plan.NotStarted) != 2 || !gate.IsOpen() {
			t.Errorf("%v: %+v, open %v: %+v", err, job, gate.IsOpen(), r.m.Log)
		}
	})
}

// A reason of :write that names somebody is handed back, not rewritten.
func TestWriteTakesNoReasonThatNamesSomebody(t *testing.T) {
	withRig(t, func(c *Config) { c.Identity.Live, c.Identity.ReadOnly = true, true }, func(t *testing.T, r *rig) {
		r.m.config.Gate = new(client.Gate)
		r.add(session(1, "4711", client.StatusVerified, ""))
		r.press(":")
		r.types("write letter of 4711")
		r.press("enter")
		r.pass(time.Second)
		n := r.notice()
		if r.m.config.Gate.IsOpen() || open[*Palette](r.m) == nil || open[*Palette](r.m).Text() != "write letter of 4711" ||
			!strings.Contains(n.Text, "the reason names a user_id (4711)") {
			t.Errorf("%+v, %+v", open[*Palette](r.m), n)
		}
	})
}

// The choice of what waits is asked only where something waits, and a plan that is made
// anew keeps the choice, the reason and the place of the cursor.
func TestAPlanThatIsMadeAnewKeepsTheChoices(t *testing.T) {
	marked(t, nil, func(t *testing.T, r *rig) {
		p := open[*PlanScreen](r.m)
		made := func(states ...client.State) planRead {
			read := planRead{planned: planned{verb: client.Redact, anew: true, asked: r.m.planning.asked}}
			for n, state := range states {
				read.rows = append(read.rows, mirror.Row{ID: id(n), State: state})
			}
			return read
		}
		p.set(1, "ticket 9")
		p.set(2, leaveOut)
		p.Plan.Later, p.At = false, 2
		r.send(made(client.StateFailed, client.StateProcessing))
		if p = open[*PlanScreen](r.m); len(p.Fields) != 3 || p.Value(fieldLater) != leaveOut || p.Value(fieldReason) != "ticket 9" || p.At != 2 {
			t.Errorf("%+v at %d", p.Fields, p.At)
		}
		r.send(made(client.StateFailed, client.StateVerified))
		if p = open[*PlanScreen](r.m); len(p.Fields) != 2 || p.Value(fieldReason) != "ticket 9" || p.At != 1 {
			t.Errorf("%+v at %d", p.Fields, p.At)
		}
		r.send(made(client.StateProcessing, client.StateVerified))
		if p = open[*PlanScreen](r.m); len(p.Fields) != 3 || p.Value(fieldLater) != joinLater {
			t.Errorf("%+v", p.Fields)
		}
	})
}
