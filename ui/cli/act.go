package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/ledger"
	"idtop/client/plan"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// actOptions are the flags of cancel and redact.
type actOptions struct {
	config.Options
	verb         client.Verb
	ids          []string
	user         string
	query        string
	alike        bool
	noSync       bool
	plan         bool
	confirm      string
	reason       string
	whenFinished bool
	format       string
}

// actHelp is the long help of cancel and redact.
const actHelp = `--plan says what would be done to which session and why not to others, and sends
nothing but reading. Its last line is a phrase such as "REDACT 4 TEST f5da", which
confirms that plan and no other. The same command with --confirm and the phrase
does it: when the plan has changed by then, nothing is sent.

The sessions are named by their ids, or are all those of one user_id with --user, or
all that a query finds with --query: QUERY.md describes it. Of words it takes only
user_ids that have their letters together, and a session that does not match any more
when it is read is left out. For both the mirror is brought up to date first, as
idtop sync does; when the read budget holds that back, there is no plan. --no-sync
takes the mirror as it is. User_ids that only look the same are named, and left out
without --include-alike. Each session is read from Stripe before anything else. What is done is recorded in the
ledger and, as a job, in the journal. What was stopped in the middle goes on with
idtop jobs. That a redaction comes to its end, and what waits for Stripe to
finish processing, is followed by the dashboard.`

// actCommand is cancel or redact.
func actCommand(p *Process, verb client.Verb) *cobra.Command {
	o := actOptions{verb: verb, format: "text"}
	c := &cobra.Command{
		Use:   verb.String() + " [SESSION...]",
		Short: map[client.Verb]string{client.Cancel: "Cancel sessions", client.Redact: "Redact sessions, or all of a person's"}[verb],
		Long:  actHelp,
		Example: fmt.Sprintf(`  idtop %[1]s vs_... --plan
  idtop %[1]s --user ann_8392 --plan
  idtop %[1]s --query "state:failed reason:selfie_* age:>30d" --plan
  idtop %[1]s --user ann_8392 --confirm "%[2]s 4 TEST f5da" --reason "ticket 4711"`, verb, strings.ToUpper(verb.String())),
	}
	flags := c.Flags()
	flags.StringVar(&o.user, "user", "", "all sessions of exactly this `USER_ID`")
	flags.StringVar(&o.query, "query", "", "all sessions that this `QUERY` finds")
	flags.BoolVar(&o.alike, "include-alike", false, "those of user_ids that look the same as --user too")
	flags.BoolVar(&o.noSync, "no-sync", false, "don't bring the mirror up to date first")
	flags.BoolVar(&o.plan, "plan", false, "say what would be done, and do nothing")
	flags.StringVar(&o.confirm, "confirm", "", "do it, if this `PHRASE` is that of the plan")
	flags.StringVar(&o.reason, "reason", "", "why, or a `TICKET`; it is recorded")
	flags.BoolVar(&o.whenFinished, "when-finished", false, "sessions in processing too, once they have left it")
	flags.Var(choice{&o.format, []string{"text", "json"}}, "format", "text or json")
	check := func(args []string) error {
		o.ids = args
		return o.check(c)
	}
	return onAccount(p, c, &o.Options, check, func(ctx context.Context, _ []string) error { return runAct(ctx, p, o) })
}

// check refuses flags that make no sense together.
func (o actOptions) check(c *cobra.Command) error {
	hint := c.CommandPath() + " --help lists the flags"
	given := c.Flags().Changed
	switch {
	case o.plan == given("confirm"):
		return fail.Misuse(hint, "%s needs either --plan or --confirm", o.verb)
	case given("user") && o.user == "":
		return fail.Misuse(hint, "--user: a user_id is missing")
	case o.alike && o.user == "":
		return fail.Misuse(hint, "--include-alike needs --user")
	case given("query") && strings.TrimSpace(o.query) == "":
		return fail.Misuse(hint, "--query: a query is missing")
	case o.noSync && len(o.ids) > 0:
		return fail.Misuse(hint, "--no-sync needs --user or --query: ids are read from Stripe, not found in the mirror")
	case countTrue(len(o.ids) > 0, o.user != "", o.query != "") != 1:
		return fail.Misuse(hint, "%s needs either ids of sessions, or --user, or --query", o.verb)
	}
	if _, err := queryOf(o.query); err != nil {
		return err
	}
	for _, id := range o.ids {
		if !client.ValidSessionID(id) {
			return fail.Misuse("an id looks like vs_1NuNAILkdIwHu7ixh70tMLw", "%s is not the id of a session", safe.Quote(id))
		}
	}
	return nil
}

func countTrue(all ...bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}

// runAct plans, and carries the plan out when it is confirmed.
func runAct(ctx context.Context, p *Process, o actOptions) error {
	if !o.plan {
		if err := mayAct(o.Options, o.reason); err != nil {
			return err
		}
	}
	o.ReadOnly = o.ReadOnly || o.plan
	return atWork(ctx, p, o.Options, func(ctx context.Context, w *workplace) error {
		if !o.plan {
			if err := w.mayActHere(o.reason); err != nil {
				return err
			}
		}
		made, err := w.makePlan(ctx, o)
		if err != nil {
			return err
		}
		made.Later = o.whenFinished
		if o.plan {
			if err := (act.Reasons{Store: w.kept.store, Ticket: o.Ticket}).Check(ctx, o.reason, made); err != nil {
				return notTaken(err)
			}
			if err := rememberPlan(w.kept.place, made); err != nil {
				fail.Warn(w.process.Stderr, "the plan can't be remembered: "+err.Error(), "what changes until it is confirmed can't be told")
			}
			return w.tell(o.format, made, planText(made))
		}
		if o.confirm != made.SealedPhrase() {
			return w.notThePlan(made, o.confirm)
		}
		return w.carryOut(ctx, made, o)
	})
}

// notThePlan says why a phrase does not confirm the present plan. It does not name
// the right phrase: the operator should look at the plan first.
func (w *workplace) notThePlan(made plan.Plan, phrase string) error {
	const hint = "look at the plan again: --plan instead of --confirm"
	if phrase == made.Phrase() {
		return fail.New(hint, "--confirm says %s without the four characters at the end of the plan's phrase: nothing was sent", safe.Quote(phrase))
	}
	if changed := drift(w.kept.place, phrase, made); changed != "" {
		return fail.New(hint, "the plan has changed: %s: nothing was sent", changed)
	}
	return fail.New(hint, "--confirm says %s, which is not the phrase of the plan, %s: nothing was sent", safe.Quote(phrase), made.When())
}

// planText is a plan for people.
func planText(p plan.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in account %s, %s\n", p.Verb, safe.Spelled(p.Account), p.Mode())
	for _, entry := range p.Entries {
		fmt.Fprintf(&b, "%-8s %-30s %-10s", entry.Disposition, safe.Line(entry.ID), entry.State)
		if entry.Why != "" {
			fmt.Fprintf(&b, "  %s", safe.Line(entry.Why))
		}
		b.WriteByte('\n')
	}
	for _, reason := range p.Reasons {
		fmt.Fprintf(&b, "%5d %s", reason.Count, reason.Disposition)
		if reason.Why != "" {
			fmt.Fprintf(&b, ": %s", safe.Line(reason.Why))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "plan %.12s\n", safe.Line(p.Hash))
	if p.Acts() == 0 {
		b.WriteString("there is nothing to do now\n")
	} else {
		fmt.Fprintf(&b, "%s; --confirm %s does it; it can't be undone\n", safe.Line(p.When()), safe.Quote(p.SealedPhrase()))
	}
	return b.String()
}

// mayAct refuses changes that the config forbids.
func mayAct(o config.Options, reason string) error {
	switch {
	case o.ReadOnly:
		return fail.New("leave out --read-only, and read_only in the config", "read-only: nothing is changed at Stripe")
	case o.ReasonRequired && strings.TrimSpace(reason) == "":
		return fail.Misuse("add --reason with why, or a ticket", "the config requires a reason: nothing was sent")
	}
	return nil
}

// mayActHere refuses changes to a live account without a reason: a command has no
// :write, so the reason is recorded as switching writing on.
func (w *workplace) mayActHere(reason string) error {
	if w.server.key.Live() && strings.TrimSpace(reason) == "" {
		return fail.Misuse("add --reason with why, or a ticket; it is recorded", "a live account is changed only with a reason: nothing was sent")
	}
	return nil
}

// write allows changes. In a live account that is recorded first.
func (w *workplace) write(desk *act.Desk, reason string) error {
	if w.server.key.Live() {
		if err := desk.Note(ledger.WriteMode, "", "", "on", strings.TrimSpace(reason)); err != nil {
			return notTaken(err)
		}
	}
	w.server.gate.Open()
	return nil
}

// notTaken says why a confirmed plan is not begun.
func notTaken(err error) error {
	var reason *act.ReasonError
	if errors.As(err, &reason) {
		return fail.Misuse("say it in other words with --reason; what matches ticket in the config may be there", "%s: nothing was sent", reason)
	}
	return fail.New(cmp.Or(client.HintOf(err), "look at the plan again: --plan instead of --confirm"), "nothing was sent: %s", err)
}
