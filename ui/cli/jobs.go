package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/ledger"
	"idtop/client/plan"
	"idtop/ui"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// mostJobs bounds the numbers of jobs.
const mostJobs = math.MaxInt32

// jobsOptions are the flags of jobs and its commands.
type jobsOptions struct {
	config.Options
	confirm string
	reason  string
	format  string
}

// jobsCommand lists the jobs of an account, and resumes or closes interrupted ones.
func jobsCommand(p *Process) *cobra.Command {
	o := jobsOptions{format: "text"}
	c := &cobra.Command{
		Use:   "jobs",
		Short: "List jobs, and go on with those that were left before their end",
		Long: `What was confirmed is a job: it is in the journal with all its sessions before
anything is sent. After a crash, a quit or a failure in the middle it is open, and
what nobody knows the outcome of is settled by looking at the sessions.`,
		Example: `  idtop jobs
  idtop jobs resume 7
  idtop jobs resume 7 --confirm "REDACT 76 LIVE f5da"
  idtop jobs close 7`,
		Args: noArguments,
	}
	o.formatFlag(c)
	onAccount(p, c, &o.Options, nil, func(ctx context.Context, _ []string) error { return listJobs(ctx, p, o) })
	c.AddCommand(
		jobCommand(p, "show", "Write what became of each session", (*workplace).showJob),
		jobCommand(p, "resume", "Go on with a job: without --confirm, say what would be done", (*workplace).resumeJob),
		jobCommand(p, "close", "Give a job up: pending sessions are not started", (*workplace).closeJob),
	)
	return c
}

func (o *jobsOptions) formatFlag(c *cobra.Command) {
	c.Flags().Var(choice{&o.format, []string{"text", "json"}}, "format", "text or json")
}

// jobCommand is a command about one job.
func jobCommand(p *Process, name, short string, do func(*workplace, context.Context, int64, jobsOptions) error) *cobra.Command {
	o := jobsOptions{format: "text"}
	c := &cobra.Command{Use: name + " JOB", Short: short}
	if name == "resume" {
		c.Flags().StringVar(&o.confirm, "confirm", "", "go on, if this `PHRASE` is that of the sessions left")
		c.Flags().StringVar(&o.reason, "reason", "", "why it goes on, or a `TICKET`; needed in a live account")
	}
	o.formatFlag(c)
	var id int64
	check := func(args []string) error {
		if len(args) != 1 {
			return fail.Misuse("idtop jobs lists them", "jobs %s needs the number of a job", name)
		}
		var err error
		if id, err = strconv.ParseInt(args[0], 10, 32); err != nil || id < 1 {
			return fail.Misuse("idtop jobs lists them", "%s is not the number of a job", safe.Quote(args[0]))
		}
		return nil
	}
	return onAccount(p, c, &o.Options, check, func(ctx context.Context, _ []string) error {
		if o.confirm != "" && o.ReadOnly {
			return mayAct(o.Options, "")
		}
		o.ReadOnly = o.confirm == "" // only GET requests are sent
		return atWork(ctx, p, o.Options, func(ctx context.Context, w *workplace) error { return do(w, ctx, id, o) })
	})
}

// jobLine is a job in JSON.
type jobLine struct {
	Job     int64          `json:"job"`
	Verb    string         `json:"verb"`
	Account string         `json:"account"`
	By      string         `json:"operator,omitempty"`
	First   string         `json:"confirmed_by,omitempty"`
	Live    bool           `json:"livemode"`
	State   string         `json:"state"`
	Why     string         `json:"why,omitempty"`
	Created time.Time      `json:"created"`
	Reason  string         `json:"reason,omitempty"`
	Plan    string         `json:"plan"`
	Counts  map[string]int `json:"counts"`
	Says    string         `json:"says"`  // its state in words
	Tally   map[string]int `json:"tally"` // its sessions by outcome
	Due     *time.Time     `json:"due,omitempty"`
	WasDue  *time.Time     `json:"was_due,omitempty"`
	Over    *time.Time     `json:"over,omitempty"`
}

// listJobs writes the jobs of an account, newest first. Stripe is not asked.
func listJobs(ctx context.Context, p *Process, o jobsOptions) error {
	jobs, err := readJobs(ctx, p, o.Options)
	if err != nil {
		return err
	}
	if len(jobs) >= plan.MostJobs {
		fail.Warn(p.Stderr, "older jobs that are over are not listed", "idtop jobs with the number of one shows it")
	}
	lines, now := []jobLine{}, time.Now()
	for _, job := range jobs {
		tally := job.Tally(job.Counts, false)
		line := jobLine{
			job.ID, job.Verb.String(), job.Account, job.Operator.User, job.Confirmer, job.Live, job.State.String(), job.Why, job.Created.UTC(), job.Reason, job.Plan, map[string]int{},
			jobSays(job, now), tally.Words(), given(job.Due), given(job.WasDue), given(job.Over),
		}
		for state, n := range job.Counts {
			if n > 0 {
				line.Counts[plan.ItemState(state).String()] = n
			}
		}
		lines = append(lines, line)
	}
	return tell(p, o.format, lines, jobsText(jobs, now))
}

// jobSays is the state of a job.
func jobSays(job plan.Job, now time.Time) string {
	if job.Elsewhere {
		return job.SaysElsewhere(now)
	}
	return job.Says(now)
}

// given is a time for JSON, nil for the zero time.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// jobsText is a table of jobs. Below it is, uncut, what each job needs from
// somebody and why it stopped.
func jobsText(jobs []plan.Job, now time.Time) string {
	if len(jobs) == 0 {
		return "no jobs\n"
	}
	rows := [][]string{{"JOB", "WHAT", "WHO", "HOW IT STANDS", "DUE, OR DONE", "BEGUN", "REASON"}}
	for _, job := range jobs {
		rows = append(rows, []string{
			strconv.FormatInt(job.ID, 10), fmt.Sprintf("%s %d", job.Verb, job.Tally(job.Counts, false).Acted()), job.Operator.User, jobSays(job, now),
			ui.JobTimes(job, now), ui.Clock(job.Created, now), job.Reason,
		})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], safe.Line(cell).Width())
		}
	}
	var b strings.Builder
	for n, row := range rows {
		line := safe.Text{}
		for i, cell := range row {
			line = safe.Concat(line, safe.Line(cell).Fit(widths[i]+2))
		}
		fmt.Fprintln(&b, strings.TrimRight(line.String(), " "))
		if n > 0 && jobs[n-1].State == plan.Open && !jobs[n-1].Elsewhere {
			fmt.Fprintf(&b, "     %s\n", safe.Line("it stopped: "+cmp.Or(jobs[n-1].Why, "idtop ended before it could say why")))
		}
	}
	return b.String()
}

// readJobs reads the journal of the key's account; without a journal there are no
// jobs.
func readJobs(ctx context.Context, p *Process, o config.Options) ([]plan.Job, error) {
	key, err := config.ReadKey(ctx, p, o)
	if err != nil {
		return nil, err
	}
	pl, err := config.FindPlace(ctx, p, key.Key, o, nil)
	if errors.Is(err, config.ErrUnknownKey) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := act.OpenBefore(pl.Data); err != nil {
		fail.Warn(p.Stderr, err.Error(), client.HintOf(err))
	}
	if _, err := os.Lstat(filepath.Join(pl.Book(), "book.db")); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	journal, err := plan.OpenJournal(pl.Book(), ledger.Options{Tool: p.Version})
	if err != nil {
		return nil, deskFailure(err)
	}
	defer journal.Close()
	jobs, err := journal.Jobs()
	if err != nil {
		return nil, deskFailure(err)
	}
	return jobs, nil
}

// noJob says that a job can't be read.
func noJob(err error) error { return fail.New("idtop jobs lists the jobs of this account", "%s", err) }

// showJob writes the outcome of each session of a job.
func (w *workplace) showJob(_ context.Context, id int64, o jobsOptions) error {
	return w.withDesk(func(desk *act.Desk) error {
		report, err := desk.Journal.Report(id)
		if err != nil {
			return noJob(err)
		}
		return w.tell(o.format, report, reportText(report))
	})
}

// resumeJob goes on with a job if the phrase is that of its pending items.
func (w *workplace) resumeJob(ctx context.Context, id int64, o jobsOptions) error {
	return w.withDesk(func(desk *act.Desk) error {
		report, err := desk.Journal.Report(id)
		if err != nil {
			return noJob(err)
		}
		job := report.Job
		if job.State != plan.Open {
			return fail.New("idtop jobs lists the jobs of this account", "job %d is %s: there is nothing to go on with", id, job.State)
		}
		phrase := job.SealedPhrase()
		if o.confirm == "" {
			text := reportText(report) + fmt.Sprintf("%s; --confirm %s goes on with it; it can't be undone\n", safe.Line(job.When()), safe.Quote(phrase))
			return w.tell(o.format, report, text)
		}
		if o.confirm != phrase {
			return fail.New("look again: the same without --confirm", "the job still needs %s, and --confirm says %s: nothing was sent",
				safe.Quote(phrase), safe.Quote(o.confirm))
		}
		if err := w.mayActHere(o.reason); err != nil {
			return err
		}
		if err := w.write(desk, o.reason); err != nil { // the phrase opens the gate
			return err
		}
		run, err := desk.Resume(ctx, id)
		if err != nil {
			return fail.New(client.HintOf(err), "nothing was sent: %s", err)
		}
		w.await(run)
		return w.report(desk, run, o.format)
	})
}

// closeJob gives up a job. Only reads are sent.
func (w *workplace) closeJob(ctx context.Context, id int64, o jobsOptions) error {
	return w.withDesk(func(desk *act.Desk) error {
		if err := desk.GiveUp(ctx, id); err != nil {
			return fail.New(cmp.Or(client.HintOf(err), "idtop jobs lists the jobs of this account"), "not closed: %s", err)
		}
		report, err := desk.Journal.Report(id)
		if err != nil {
			return noJob(err)
		}
		return w.tell(o.format, report, reportText(report))
	})
}
