package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"idtop/client/ledger"
	"idtop/ui/safe"
)

// ledgerCommand verifies and shows the ledger.
func ledgerCommand(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use: "ledger", Short: "Verify or show the record of what was done", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return misuse("idtop ledger verify, or idtop ledger show", "ledger needs one of its commands")
		},
	}
	c.AddCommand(ledgerVerify(p), ledgerShow(p))
	return c
}

// noLedger words that there is nothing to read.
func noLedger(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return failed("the first action makes one", "there is no ledger yet")
	}
	return deskFailure(err)
}

// ledgerFlags are the flags of the ledger's commands.
type ledgerFlags struct {
	accountOptions
	head, user, session, job string
}

func ledgerVerify(p *Process) *cobra.Command {
	var o ledgerFlags
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check the chain, and name the first bad line",
		Long: `Reads the whole ledger and checks that every record is as it was written and
follows the one before. That the end was cut off, or that all was written anew,
shows only against a head that was kept elsewhere: idtop says the head when it
quits, and writes it where ledger_head in the config says.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := o.folder(p, c)
			if err != nil {
				return err
			}
			var head ledger.Head
			if o.head != "" {
				if head, err = ledger.ParseHead(o.head); err != nil {
					return misuse("idtop says it when it quits", "--head: %s", err)
				}
			}
			return verifyLedger(p, dir, head)
		},
	}
	c.Flags().StringVar(&o.head, "head", "", "the `HEAD` that was kept elsewhere")
	o.flags(c.Flags())
	c.Flags().BoolP("help", "h", false, "print this help")
	return c
}

// folder is where the ledger is.
func (o *ledgerFlags) folder(p *Process, c *cobra.Command) (string, error) {
	if err := o.complete(p, c.Flags()); err != nil {
		return "", err
	}
	return dataDir(p, o.dataDir)
}

func verifyLedger(p *Process, dir string, head ledger.Head) error {
	report, err := ledger.VerifyDir(dir, head)
	var fault *ledger.Fault
	switch {
	case errors.As(err, &fault):
		return failed("records before that line are as they were written; compare with a copy or a head that was kept elsewhere", "%s", fault)
	case err != nil:
		return noLedger(err)
	}
	text := fmt.Sprintf("%d records, each as it was written\nhead %s\n", report.Records, report.Head)
	for _, tear := range report.Tears {
		text += fmt.Sprintf("line %d: a write was cut short, %d bytes; record %d says so\n", tear.Line, tear.Bytes, tear.Seq)
	}
	if report.Pending > 0 {
		text += fmt.Sprintf("%d intents have no outcome yet\n", report.Pending)
	}
	_, err = fmt.Fprint(p.Stdout, text)
	return writeFailure(err)
}

func ledgerShow(p *Process) *cobra.Command {
	var o ledgerFlags
	c := &cobra.Command{
		Use:   "show",
		Short: "Write records to stdout, oldest first",
		Example: `  idtop ledger show --user ann_8392
  idtop ledger show --session vs_...
  idtop ledger show --job 7`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := o.folder(p, c)
			if err != nil {
				return err
			}
			return showLedger(p, dir, ledger.Query{UserID: o.user, Session: o.session, Job: o.job})
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.user, "user", "", "only records of this `USER_ID`, which the ledger has as a keyed hash")
	flags.StringVar(&o.session, "session", "", "only records of this session, an `ID`")
	flags.StringVar(&o.job, "job", "", "only records of this job, a `NUMBER`")
	o.flags(flags)
	flags.BoolP("help", "h", false, "print this help")
	return c
}

func showLedger(p *Process, dir string, q ledger.Query) error {
	for record, err := range ledger.Find(dir, q) {
		var fault *ledger.Fault
		switch {
		case errors.As(err, &fault):
			return failed("idtop ledger verify says more", "%s", fault)
		case err != nil:
			return noLedger(err)
		}
		if _, err := fmt.Fprintln(p.Stdout, recordLine(record)); err != nil {
			return writeFailure(err)
		}
	}
	return nil
}

// recordLine writes a record for people. What people or Stripe wrote is made
// safe.
func recordLine(r ledger.Record) string {
	parts := []string{
		fmt.Sprintf("%5d", r.Seq), r.Time.UTC().Format("2006-01-02T15:04:05Z"), r.Actor.User + "@" + r.Actor.Host,
		r.Account, r.Mode, string(r.Verb), string(r.Kind),
	}
	for _, part := range []struct{ name, value string }{
		{"", string(r.Result)}, {"", r.Session}, {"job ", r.Job}, {"", string(r.After.Status)}, {"redaction ", string(r.After.Redaction)},
		{"", r.Request}, {"reason ", r.Reason}, {"", r.Detail},
	} {
		if part.value != "" {
			parts = append(parts, part.name+part.value)
		}
	}
	return safe.Line(strings.Join(parts, "  ")).String()
}
