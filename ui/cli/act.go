package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/ui/safe"
)

// actOptions are the flags of cancel and redact.
type actOptions struct {
	accountOptions
	verb         client.Verb
	ids          []string
	user         string
	plan         bool
	confirm      string
	reason       string
	whenFinished bool
	format       string
}

// actHelp is the long help of cancel and redact.
const actHelp = `--plan says what would be done to which session and why not to others, and sends
nothing but reading. Its last line is a phrase such as "REDACT 4 TEST". The same
command with --confirm and that phrase does it: when the phrase is not that of
the plan by then, nothing is sent.

The sessions are named by their ids, or all those of one user_id by --user, as
the mirror knows them. Each is read from Stripe first. What is done is in the
ledger, and a redaction is followed by the dashboard until Stripe has finished.`

// actCommand is cancel or redact.
func actCommand(p *Process, verb client.Verb) *cobra.Command {
	o := actOptions{verb: verb, format: "text"}
	c := &cobra.Command{
		Use:   verb.String() + " [SESSION...]",
		Short: map[client.Verb]string{client.Cancel: "Cancel sessions", client.Redact: "Redact sessions, or all of a person's"}[verb],
		Long:  actHelp,
		Example: fmt.Sprintf(`  idtop %[1]s vs_... --plan
  idtop %[1]s --user ann_8392 --plan
  idtop %[1]s --user ann_8392 --confirm "%[2]s 4 TEST" --reason "ticket 4711"`, verb, strings.ToUpper(verb.String())),
		RunE: func(c *cobra.Command, args []string) error {
			o.ids = args
			if err := o.check(c); err != nil {
				return err
			}
			if err := o.complete(p, c.Flags()); err != nil {
				return err
			}
			return runAct(c.Context(), p, o)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.user, "user", "", "all sessions of exactly this `USER_ID`")
	flags.BoolVar(&o.plan, "plan", false, "say what would be done, and do nothing")
	flags.StringVar(&o.confirm, "confirm", "", "do it, if this `PHRASE` is that of the plan")
	flags.StringVar(&o.reason, "reason", "", "why, or a `TICKET`; it is recorded")
	flags.BoolVar(&o.whenFinished, "when-finished", false, "sessions in processing too, once they have left it")
	flags.Var(choice{&o.format, []string{"text", "json"}}, "format", "text or json")
	o.flags(flags)
	flags.BoolP("help", "h", false, "print this help")
	return c
}

// check refuses flags that make no sense together.
func (o actOptions) check(c *cobra.Command) error {
	hint := c.CommandPath() + " --help lists the flags"
	switch {
	case o.plan == (o.confirm != ""):
		return misuse(hint, "%s needs either --plan or --confirm", o.verb)
	case (len(o.ids) == 0) == (o.user == ""):
		return misuse(hint, "%s needs either ids of sessions or --user", o.verb)
	}
	for _, id := range o.ids {
		if !client.ValidSessionID(id) {
			return misuse("an id looks like vs_1NuNAILkdIwHu7ixh70tMLw", "%s is not the id of a session", safe.Quote(id))
		}
	}
	return o.accountOptions.check(c)
}

// runAct plans, and carries the plan out when it is confirmed.
func runAct(ctx context.Context, p *Process, o actOptions) error {
	if o.confirm != "" && o.readOnly {
		return failed("leave read_only out of the config, or name another profile", "read-only: nothing is changed at Stripe")
	}
	o.readOnly = o.plan // nothing but GET leaves
	s, err := accountServer(ctx, p, o.accountOptions)
	if err != nil {
		return err
	}
	k, err := keepAccount(ctx, p, s, o.accountOptions)
	if err != nil {
		return err
	}
	defer k.end()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	a := actRun{process: p, options: o, kept: k, api: k.guard(s.api, end)}
	made, err := a.makePlan(ctx)
	if err != nil {
		return cmpFailure(context.Cause(ctx), err)
	}
	if o.plan {
		return a.tellPlan(made)
	}
	if o.confirm != made.Phrase() {
		return failed("look at the plan again: --plan instead of --confirm", "the plan's phrase is %s, and --confirm says %s: nothing was sent",
			safe.Quote(made.Phrase()), safe.Quote(o.confirm))
	}
	s.gate.Open() // the phrase is what opens it
	desk, err := k.openDesk(p, s, a.api, o.accountOptions)
	if err != nil {
		return err
	}
	defer desk.Close()
	return a.carryOut(ctx, desk, made)
}

// cmpFailure prefers what the account's guard says to what came of it.
func cmpFailure(cause, err error) error {
	var f *failure
	if errors.As(cause, &f) {
		return f
	}
	return failureOf(err)
}

// actRun is a cancel or redact that is under way.
type actRun struct {
	process *Process
	options actOptions
	kept    *kept
	api     client.API
}

// makePlan reads each session and says what would be done to it.
func (a *actRun) makePlan(ctx context.Context) (plan.Plan, error) {
	ids := a.options.ids
	if a.options.user != "" {
		var err error
		if ids, err = a.sessionsOf(ctx, a.options.user); err != nil {
			return plan.Plan{}, err
		}
	}
	seen := make([]plan.Seen, 0, len(ids))
	for _, id := range ids {
		sent := time.Now()
		session, err := a.api.GetSession(ctx, id)
		if err != nil {
			return plan.Plan{}, err
		}
		if err := a.kept.store.Apply(ctx, mirror.Seen{At: session.Date, Sent: sent, News: true}, session); err != nil {
			return plan.Plan{}, storeFailure(err)
		}
		seen = append(seen, plan.Seen{ID: id, State: session.State(), AsOf: session.Date})
	}
	made, err := plan.New(a.options.verb, a.kept.place.account, a.kept.place.live, seen, a.options.maxItems)
	if err != nil {
		return made, failed("", "%s", err)
	}
	return made, nil
}

// sessionsOf lists the sessions of a person that the mirror knows. What is
// confirmed must not miss one because the mirror is not complete.
func (a *actRun) sessionsOf(ctx context.Context, user string) ([]string, error) {
	progress, err := a.kept.store.Progress(ctx)
	if err != nil {
		return nil, storeFailure(err)
	}
	if progress.Checked == 0 || len(progress.Open) > 0 {
		if !a.options.plan {
			return nil, failed("idtop sync, then --plan again", "the mirror is not complete: sessions of this person may be missing, so nothing is done")
		}
		warn(a.process.Stderr, "the mirror is not complete: sessions of this person may be missing", "idtop sync completes it")
	}
	page, err := a.kept.store.Find(ctx, mirror.Request{UserID: user, Rows: listWindow})
	if err != nil {
		return nil, storeFailure(err)
	}
	if page.Total == 0 {
		return nil, failed("idtop sync brings the mirror up to date; the user_id has to be exact", "no session with the user_id %s is known", safe.Quote(user))
	}
	var ids []string
	for _, row := range page.Rows {
		ids = append(ids, row.ID)
	}
	return ids, nil
}

// tellPlan writes the plan to stdout.
func (a *actRun) tellPlan(made plan.Plan) error {
	if a.options.format == "json" {
		return a.encode(made)
	}
	var b strings.Builder
	for _, entry := range made.Entries {
		why := ""
		if entry.Why != "" {
			why = "  " + safe.Line(entry.Why).String()
		}
		fmt.Fprintf(&b, "%-8s %-30s %s%s\n", entry.Disposition, safe.Line(entry.ID), entry.State, why)
	}
	for _, reason := range made.Reasons {
		why := ""
		if reason.Why != "" {
			why = ": " + reason.Why
		}
		fmt.Fprintf(&b, "%5d %s%s\n", reason.Count, reason.Disposition, why)
	}
	fmt.Fprintf(&b, "account %s, plan %.12s\n--confirm %q does it; it can't be undone\n", made.Account, made.Hash, made.Phrase())
	_, err := fmt.Fprint(a.process.Stdout, b.String())
	return writeFailure(err)
}

func (a *actRun) encode(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		_, err = fmt.Fprintln(a.process.Stdout, inASCII(text))
	}
	return writeFailure(err)
}

func writeFailure(err error) error {
	if err == nil {
		return nil
	}
	return listFailure(written(err))
}

// carryOut does what was confirmed and reports what became of each session.
func (a *actRun) carryOut(ctx context.Context, desk *act.Desk, made plan.Plan) error {
	detail := fmt.Sprintf("%s, plan %.12s", made.Phrase(), made.Hash)
	if err := desk.Note(ledger.Confirm, "", a.options.user, detail, a.options.reason); err != nil {
		return deskFailure(err)
	}
	job, err := desk.Runner.Add(made, plan.Options{Reason: a.options.reason, WhenFinished: a.options.whenFinished})
	if err != nil {
		return failed("", "nothing was sent: %s", err)
	}
	run, err := desk.Runner.Start(ctx, job.ID)
	if err != nil {
		return failed("", "nothing was sent: %s", err)
	}
	progress := newProgress(a.process)
	again := time.NewTicker(lookLater)
	defer again.Stop()
	for over := false; !over; {
		select {
		case <-run.Done():
			over = true
		case <-again.C:
			progress.show(runWords(run.Snapshot()))
		}
	}
	progress.end()
	return a.report(desk, job.ID)
}

// runWords says how far a run is.
func runWords(s plan.Snapshot) string {
	words := fmt.Sprintf("%d of %d", s.Counts.All()-s.Left, s.Counts.All())
	if s.ETA > 0 {
		words += fmt.Sprintf(", %s left", s.ETA.Round(time.Second))
	}
	return words
}

// report writes what became of each session. Anything but success is a failure.
func (a *actRun) report(desk *act.Desk, id int64) error {
	report, err := desk.Journal.Report(id)
	if err != nil {
		return failed("idtop shows it with J", "what became of job %d could not be read: %s", id, err)
	}
	if a.options.format == "json" {
		err = a.encode(report)
	} else {
		err = a.tellReport(report)
	}
	if err != nil {
		return err
	}
	c := report.Job.Counts
	if n := c.Of(plan.Failed, plan.Unknown, plan.Sending, plan.Pending, plan.NotStarted); n > 0 || report.Job.State == plan.Open {
		return failed("idtop shows each session with J, and R there goes on", "%s", report.Job.Summary())
	}
	return nil
}

func (a *actRun) tellReport(report plan.Report) error {
	var b strings.Builder
	for _, item := range report.Rows {
		fmt.Fprintf(&b, "%-11s %-30s %s", item.State, safe.Line(item.Session), item.After)
		if item.Words != "" {
			fmt.Fprintf(&b, "  %s", safe.Line(item.Words))
		}
		if item.RequestID != "" {
			fmt.Fprintf(&b, "  %s", safe.Line(item.RequestID))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintln(&b, report.Job.Summary())
	_, err := fmt.Fprint(a.process.Stdout, b.String())
	return writeFailure(err)
}
