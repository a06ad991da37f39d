package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"idtop/client/act"
	"idtop/client/guard"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// workplace is an account with its mirror, for a command without a screen that
// makes or plans changes.
type workplace struct {
	process *Process
	options config.Options
	server  *server
	kept    *kept
	api     owned
}

// atWork opens an account for f. Only GET requests are sent until f opens the gate;
// with ReadOnly there is no gate.
func atWork(ctx context.Context, p *Process, o config.Options, f func(context.Context, *workplace) error) error {
	s, err := accountServer(ctx, p, o)
	if err != nil {
		return err
	}
	return atServer(ctx, p, s, o, f)
}

// atServer is atWork with a given server. A panic ends f, and so does a key of
// another account; atServer then fails with that.
func atServer(ctx context.Context, p *Process, s *server, o config.Options, f func(context.Context, *workplace) error) error {
	if s.gate != nil {
		s.gate.Close()
	}
	k, err := keepAccount(ctx, p, s, o)
	if err != nil {
		return err
	}
	defer k.end()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	faults, closed := watchFaults(p, end)
	defer closed()
	err = f(ctx, &workplace{process: p, options: o, server: s, kept: k, api: k.guard(s, faults, end)})
	if f := faults.failure(); f != nil {
		return f
	}
	var verdict *fail.Error
	if err != nil && errors.As(context.Cause(ctx), &verdict) {
		return verdict // the key is another account's
	}
	return err
}

// withDesk opens ledger and journal for f, and tells the ledger's head if f
// recorded something.
func (w *workplace) withDesk(f func(*act.Desk) error) error {
	desk, err := w.kept.openDesk(w.process, w.server, w.api, w.options)
	if err != nil {
		return err
	}
	before := desk.Ledger.Head()
	defer func() { closeDesk(w.process, desk, before) }()
	return f(desk)
}

// stopped words an error, or says that the operator stopped the command.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fail.New("", "stopped: nothing was sent")
	}
	return fail.Of(err)
}

// tell writes a command's result to stdout: as JSON, or as text.
func (w *workplace) tell(format string, value any, text string) error {
	return tell(w.process, format, value, text)
}

func tell(p *Process, format string, value any, text string) error {
	if format == "json" {
		object, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			return fail.New("", "the answer can't be written: %s", err)
		}
		text = safe.JSON(object) + "\n"
	}
	if _, err := fmt.Fprint(p.Stdout, text); err != nil {
		return listFailure(written(err))
	}
	return nil
}

// carryOut carries out a confirmed plan and reports the outcome of each session.
func (w *workplace) carryOut(ctx context.Context, made plan.Plan, o actOptions) error {
	return w.withDesk(func(desk *act.Desk) error {
		if err := w.write(desk, o.reason); err != nil { // the phrase opens the gate
			return err
		}
		job, err := desk.Confirm(made, plan.Options{Reason: o.reason})
		if err != nil {
			return notTaken(err)
		}
		run, err := desk.Start(ctx, job.ID)
		if err != nil {
			return fail.New(resumeHint(job), "nothing was sent: %s", err)
		}
		w.await(run)
		return w.report(desk, run, o.format)
	})
}

// await shows the progress of a run until it is over.
func (w *workplace) await(run *plan.Run) {
	progress := newProgress(w.process)
	defer progress.end()
	again := time.NewTicker(lookLater)
	defer again.Stop()
	for {
		select {
		case <-run.Done():
			return
		case <-again.C:
			progress.show("", runWords(run.Snapshot()))
		}
	}
}

// runWords describes the progress of a run.
func runWords(s plan.Snapshot) string {
	words := fmt.Sprintf("%d of %d sessions", s.Counts.All()-s.Left, s.Counts.All())
	if s.ETA > 0 {
		words += fmt.Sprintf(", %s left", s.ETA.Round(time.Second))
	}
	if s.Phase == plan.Stopping {
		words += ", stopping"
	}
	return words
}

// report writes the outcome of each session of a job. It fails unless everything
// that could be done was done.
func (w *workplace) report(desk *act.Desk, run *plan.Run, format string) error {
	id := run.Job().ID
	report, err := desk.Journal.Report(id)
	if err != nil {
		return fail.New("idtop jobs shows it", "what became of job %d could not be read: %s", id, err)
	}
	if err := w.tell(format, report, reportText(report)); err != nil {
		return err
	}
	job := report.Job
	switch {
	case job.State == plan.Open:
		why := job.Why
		if err := run.Err(); why == "" && err != nil {
			why = err.Error() // the disk may have been too full for the record
		}
		return fail.New(resumeHint(job), "%s; it stopped: %s", job.Summary(report.Now), why)
	case notDone(report) > 0:
		return fail.New("read above why; a new plan has what can still be done", "%s", job.Summary(report.Now))
	}
	return nil
}

// resumeHint says how to finish an open job.
func resumeHint(job plan.Job) string {
	return fmt.Sprintf("idtop jobs resume %d goes on with it, idtop jobs close %d gives it up", job.ID, job.ID)
}

// notDone counts the sessions that the job should have changed and did not. Waiting
// sessions and those under redaction are on their way.
func notDone(report plan.Report) int {
	n := 0
	for _, row := range report.Rows {
		switch row.State {
		case plan.Complete, plan.Following, plan.Overdue, plan.Waiting:
		case plan.Skipped:
			if report.Job.Verb.Refusal(row.Planned) == "" {
				n++
			}
		default:
			n++
		}
	}
	return n
}

// find asks the mirror and waits until it has read all its files.
func (w *workplace) find(ctx context.Context, request mirror.Request) (mirror.Page, error) {
	request.Whole = true
	return w.kept.store.Find(ctx, request)
}

// closeDesk waits for the answers under way, closes ledger and journal, and returns
// the unfinished jobs. It prints the ledger's head unless that is still the head
// before.
func closeDesk(p *Process, desk *act.Desk, before ledger.Head) (left []plan.Job) {
	over := make(chan struct{})
	guard.Go(func() {
		defer close(over)
		defer guard.Catch()
		left = desk.Wait()
	})
	select {
	case <-over:
	case <-time.After(firstAnswer):
		fmt.Fprintln(p.Stderr, "idtop: waiting for the answers to what was sent")
		<-over
	}
	head := desk.Ledger.Head()
	if err := desk.Close(); err != nil {
		fail.Warn(p.Stderr, err.Error(), "idtop ledger verify tells whether the ledger is whole")
	}
	if head != before {
		fmt.Fprintf(p.Stderr, "ledger head %s\n", safe.Line(head.String()))
	}
	return left
}
