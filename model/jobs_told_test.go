package model

import (
	"errors"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/plan"
)

// The message about a job that has ended follows from the ends of its sessions. An operator
// who quits stays when somebody has to see to it.
func TestWhatIsSaidOfAJob(t *testing.T) {
	item := func(state plan.ItemState, words string) []plan.Item {
		return []plan.Item{{Job: 7, Session: annsID, State: state, Generation: 1, Words: words, After: client.StateVerified, RequestID: "req_1", Accepted: time.Unix(0, 0)}}
	}
	counts := func(states ...plan.ItemState) (c plan.Counts) {
		for _, s := range states {
			c[s]++
		}
		return c
	}
	two := make([]plan.Item, 2)
	for name, c := range map[string]struct {
		job   plan.Job
		items []plan.Item
		why   string
		level Level
		text  string
		hint  string
		good  bool
	}{
		"recalled":            {job: plan.Job{State: plan.Recalled}, items: item(plan.NotStarted, ""), level: Success, text: "Recalled: nothing was sent for ann_3 0003", good: true},
		"several recalled":    {job: plan.Job{State: plan.Recalled}, items: two, level: Success, text: "Recalled: nothing was sent", good: true},
		"canceled":            {job: plan.Job{State: plan.Finished}, items: item(plan.Complete, ""), level: Success, text: "Canceled ann_3 0003", good: true},
		"accepted":            {job: plan.Job{Verb: client.Redact, State: plan.Finished}, items: item(plan.Following, ""), level: Told, text: "Redaction of ann_3 0003 accepted, not erased yet: Stripe may take 4 days", good: true},
		"erased":              {job: plan.Job{Verb: client.Redact, State: plan.Finished}, items: item(plan.Complete, ""), level: Told, text: "Stripe has erased ann_3 0003", good: true},
		"overdue":             {job: plan.Job{Verb: client.Redact, State: plan.Finished}, items: item(plan.Overdue, ""), level: Warning, text: "Stripe has accepted the redaction of ann_3 0003 and not erased it in 4 days", hint: "J shows it"},
		"waits":               {job: plan.Job{Verb: client.Redact, State: plan.Finished}, items: item(plan.Waiting, ""), level: Told, text: "idtop will redact ann_3 0003 when Stripe has finished processing it", good: true},
		"skipped":             {job: plan.Job{State: plan.Finished}, items: item(plan.Skipped, "it is verified"), level: Warning, text: "Nothing was sent: can't cancel ann_3 0003: it is verified", hint: "it changed since you looked"},
		"refused":             {job: plan.Job{State: plan.Finished}, items: item(plan.Failed, "Stripe says no"), level: Failure, text: "Could not cancel ann_3 0003: Stripe says no"},
		"lost":                {job: plan.Job{State: plan.Finished}, items: item(plan.Unknown, ""), level: Warning, text: "It is not known whether cancel ann_3 0003 took effect", hint: "J, then R, settles it"},
		"given up":            {job: plan.Job{State: plan.Closed}, items: item(plan.NotStarted, ""), level: Success, text: "Given up: nothing was sent for ann_3 0003", good: true},
		"not begun":           {job: plan.Job{State: plan.Open, Why: "the key was refused"}, items: item(plan.Pending, ""), level: Warning, text: "Nothing was sent: cancel ann_3 0003 was not begun: the key was refused", hint: "J, then R, goes on"},
		"not begun, no why":   {job: plan.Job{State: plan.Open}, items: item(plan.Pending, ""), level: Warning, text: "Nothing was sent: cancel ann_3 0003 was not begun", hint: "J, then R, goes on"},
		"the disk was full":   {job: plan.Job{State: plan.Open}, items: item(plan.Pending, ""), why: "disk full", level: Warning, text: "Nothing was sent: cancel ann_3 0003 was not begun: disk full", hint: "J, then R, goes on"},
		"the book has a why":  {job: plan.Job{State: plan.Open, Why: "the key was refused"}, items: item(plan.Pending, ""), why: "disk full", level: Warning, text: "Nothing was sent: cancel ann_3 0003 was not begun: the key was refused", hint: "J, then R, goes on"},
		"all done":            {job: plan.Job{State: plan.Finished, Counts: counts(plan.Complete, plan.Complete)}, items: two, level: Told, text: "Job 7: canceled, all 2", hint: "J shows each session", good: true},
		"one refused":         {job: plan.Job{State: plan.Finished, Counts: counts(plan.Complete, plan.Failed)}, items: two, level: Warning, text: "Job 7: canceled 1, 1 refused", hint: "J shows each session"},
		"stopped early":       {job: plan.Job{State: plan.Aborted, Counts: counts(plan.Complete, plan.Complete)}, items: two, level: Warning, text: "Job 7: stopped: canceled 2", hint: "J shows each session"},
		"halted, with a why":  {job: plan.Job{State: plan.Open, Why: "the key was refused", Counts: counts(plan.Complete, plan.Pending)}, items: two, level: Warning, text: "Job 7: left undone: canceled 1, 1 never sent; it stopped: the key was refused", hint: "J shows each session"},
		"ended, with a why":   {job: plan.Job{State: plan.Finished, Why: "before", Counts: counts(plan.Complete, plan.Complete)}, items: two, level: Told, text: "Job 7: canceled, all 2", hint: "J shows each session", good: true},
		"halted, without why": {job: plan.Job{State: plan.Open, Counts: counts(plan.Complete, plan.Pending)}, items: two, level: Warning, text: "Job 7: left undone: canceled 1, 1 never sent", hint: "J shows each session"},
	} {
		t.Run(name, func(t *testing.T) {
			withRig(t, nil, func(t *testing.T, r *rig) {
				row, _ := r.m.List.Current()
				if c.job.ID = 7; c.job.Verb == 0 {
					c.job.Verb = client.Cancel
				}
				r.m.Jobs.Runs = map[int64]Run{7: {}, 8: {}} // another one still runs
				r.m.quitting = true
				r.send(jobEnded{id: 7, job: c.job, items: c.items, row: row.Row, why: c.why})
				said := r.notice()
				if said.Level != c.level || said.Text != c.text || said.Hint != c.hint {
					t.Errorf("%v %q, hint %q", said.Level, said.Text, said.Hint)
				}
				if r.m.quitting != c.good {
					t.Errorf("it is left: %v", r.m.quitting)
				}
				if stopped := r.m.Jobs.stopped[7]; stopped != "" != (c.job.State == plan.Open && c.job.Why == "" && c.why != "") {
					t.Errorf("why it stopped is kept: %q", stopped)
				}
			})
		})
	}
}

// Why a job stopped stays told where the book could not be written; what the book says
// counts, and of a job that has ended nothing is added.
func TestWhyAJobStoppedIsKept(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.m.Jobs.stopped = map[int64]string{1: "disk full", 2: "disk full", 3: "disk full"}
		r.send(jobsRead{jobs: []plan.Job{{ID: 1, State: plan.Open}, {ID: 2, State: plan.Open, Why: "the key was refused"}, {ID: 3, State: plan.Finished}, {ID: 4, State: plan.Open}}})
		var whys []string
		for _, job := range r.m.Jobs.List {
			whys = append(whys, job.Why)
		}
		if got := strings.Join(whys, ","); got != "disk full,the key was refused,," {
			t.Errorf("%q", got)
		}
	})
}

// The sessions of a job that need the operator come first, the worst of them first; the
// order of the plan stays in each group.
func TestTroubleComesFirst(t *testing.T) {
	for _, c := range []struct {
		state plan.JobState
		want  string
	}{
		// In an open job what was not begun is to be sent, and in one that has ended it never was.
		{plan.Finished, "refused1 refused2 overdue unknown done1 left done2 never1 never2"},
		{plan.Open, "refused1 refused2 overdue unknown never1 done1 left never2 done2"},
	} {
		state := plan.NotStarted
		if c.state == plan.Open {
			state = plan.Pending
		}
		items := []plan.Item{
			{Session: "never1", State: state}, {Session: "done1", State: plan.Complete}, {Session: "unknown", State: plan.Unknown},
			{Session: "refused1", State: plan.Failed}, {Session: "left", State: plan.Skipped}, {Session: "never2", State: state},
			{Session: "overdue", State: plan.Overdue}, {Session: "refused2", State: plan.Failed}, {Session: "done2", State: plan.Complete},
		}
		var got []string
		for _, it := range troubleFirst(plan.Job{Verb: client.Redact, State: c.state}, items) {
			got = append(got, it.Session)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%v: %s", c.state, text)
		}
	}
}

// A job that was not recorded has no number. One that was, and could not begin, is named,
// unless the failure has a hint of its own.
func TestWhatBecameOfAJobThatDidNotBegin(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		for _, c := range []struct {
			id   int64
			err  error
			hint string
		}{
			{0, errors.New("no"), ""},
			{7, errors.New("no"), "J shows what became of job 7"},
			{7, hinted{}, "try later"},
		} {
			r.send(jobStarted{job: plan.Job{ID: c.id}, err: c.err})
			if said := r.notice(); said.Level != Failure || said.Job != c.id || said.Hint != c.hint {
				t.Errorf("%+v", said)
			}
		}
	})
}

type hinted struct{}

func (hinted) Error() string { return "no" }
func (hinted) Hint() string  { return "try later" }

// A plan acts at once upon some sessions: these are under way, and the others keep their
// keys.
func TestWhatAPlanSends(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		made, err := plan.New(client.Redact, r.m.Identity.AccountID, false, []plan.Seen{
			{ID: id(1), State: client.StateFailed}, {ID: id(2), State: client.StateProcessing}, {ID: id(3), State: client.StateRedacted},
		}, 0)
		if err != nil {
			t.Fatal(err)
		}
		r.m.startJob(made, "")
		if got := r.m.Jobs.Sending; len(got) != 1 || got[id(1)] != client.Redact {
			t.Errorf("%v", got)
		}
	})
}
