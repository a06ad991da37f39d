package act

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// ErrNoReason refuses a job without a reason.
var ErrNoReason = errors.New("the config requires a reason")

// Confirm records a confirmed plan as a job; Start carries it out. After an error
// nothing is ever sent for it. A reason that names somebody is refused, see
// CheckReason.
func (d *Desk) Confirm(p plan.Plan, o plan.Options) (plan.Job, error) {
	if err := d.refusal(p.Verb.String(), ""); err != nil {
		return plan.Job{}, err
	}
	o.Reason = cmp.Or(strings.TrimSpace(o.Reason), d.whyWriting())
	if d.reasonRequired && o.Reason == "" {
		return plan.Job{}, ErrNoReason
	}
	people := peopleOf(d.store, p)
	if err := d.reasons.check(context.Background(), o.Reason, people); err != nil {
		return plan.Job{}, err
	}
	o.Reason = ledger.Scrub(o.Reason)
	o.UserID, o.Gate = "", d.openedBy()
	if len(people) == 1 {
		o.UserID = people[0]
	}
	return d.Runner.Add(p, o)
}

// peopleOf are the user_ids of a plan's sessions, each once.
func peopleOf(store mirror.Store, p plan.Plan) []string {
	var people []string
	for _, entry := range p.Entries {
		if user := userIDIn(store, entry.ID); user != "" {
			people = append(people, user)
		}
	}
	slices.Sort(people)
	return slices.Compact(people)
}

// Start carries out an open job that Confirm has just recorded, as
// plan.Runner.Start does. Close waits for it.
func (d *Desk) Start(ctx context.Context, job int64) (*plan.Run, error) {
	if err := d.refusal("carry out job", ""); err != nil {
		return nil, err
	}
	return d.keep(d.Runner.Start(ctx, job))
}

// Resume goes on with a job that was left before its end, under the name of this
// operator.
func (d *Desk) Resume(ctx context.Context, job int64) (*plan.Run, error) {
	if err := d.refusal("carry out job", ""); err != nil {
		return nil, err
	}
	return d.keep(d.Runner.Resume(ctx, job, d.openedBy()))
}

// keep lets Close wait for a run.
func (d *Desk) keep(run *plan.Run, err error) (*plan.Run, error) {
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.runs = append(d.runs, run)
	return run, nil
}

// GiveUp closes an interrupted job, or the waiting items of a finished one. It
// settles unknown outcomes by reading the sessions, and changes nothing at Stripe.
func (d *Desk) GiveUp(ctx context.Context, job int64) error { return d.Runner.CloseJob(ctx, job) }

// Recall takes a job back while its delay lasts, and tells whether it could.
func (d *Desk) Recall(run *plan.Run) bool {
	recalled := run.Recall()
	if recalled {
		_ = d.noteJob(ledger.Recall, run.Job().ID, "") // nothing was sent, so the record is not essential
	}
	return recalled
}

// Abort stops a job for good. It stops the job before it records that: an operator
// who aborts must not wait for a disk.
func (d *Desk) Abort(run *plan.Run) error {
	run.Abort()
	return d.noteJob(ledger.Abort, run.Job().ID, "")
}

// Wait waits until all jobs begun here are over, and returns those that are
// unfinished, as the journal has them.
func (d *Desk) Wait() (left []plan.Job) {
	d.mu.Lock()
	runs := slices.Clone(d.runs)
	d.mu.Unlock()
	for _, run := range runs {
		<-run.Done()
		job, err := d.Journal.Job(run.Job().ID)
		if err == nil && job.State == plan.Open {
			left = append(left, job)
		}
	}
	return left
}

// show gives the mirror a session from the server's answer. If that fails, the
// mirror reads the session itself later.
func (d *Desk) show(session client.Session, sent time.Time) {
	at := session.Date
	if at.IsZero() {
		at = sent
	}
	_ = d.store.Apply(context.Background(), mirror.Origin{At: at, Sent: sent, News: true, From: mirror.Answered}, session)
}

// noteJob records an action on a job as a whole.
func (d *Desk) noteJob(verb ledger.Verb, job int64, detail string) error {
	note := d.act(verb, "", "")
	note.Job, note.Detail = number(job), detail
	if j, err := d.Journal.Job(job); err == nil {
		note.Plan, note.Reason = j.Plan, j.Reason
	}
	_, err := d.Ledger.Note(note)
	return err
}

// number is how the ledger names a job.
func number(job int64) string { return strconv.FormatInt(job, 10) }

// jobWords names a job in messages.
func jobWords(job int64) string { return fmt.Sprintf("job %d", job) }
