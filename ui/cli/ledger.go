package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/ledger"
	"idtop/client/plan"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// ledgerCommand verifies and shows the ledger.
func ledgerCommand(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use: "ledger", Short: "Verify, show, export or prune the record of all actions, or write evidence of a job", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return fail.Misuse("idtop ledger --help lists them", "ledger needs one of its commands")
		},
	}
	c.AddCommand(ledgerVerify(p), ledgerShow(p), ledgerExport(p), ledgerPrune(p), ledgerEvidence(p))
	withHelp(c)
	return c
}

// noLedger says why a ledger can't be read.
func noLedger(err error) error {
	if ledger.CauseOf(err) == ledger.CauseGone {
		return fail.New("the first action makes one", "there is no ledger yet")
	}
	hint := client.HintOf(err)
	return fail.New(hint, "%s", err)
}

// ledgerFlags are the flags of commands that read one book, or all books of a data
// folder.
type ledgerFlags struct {
	config.Options
	head, user, session, job, book, before string
}

// addTo adds the flags for the place of the ledger.
func (o *ledgerFlags) addTo(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&o.Profile, "profile", "", "take the data folder from this profile, a `NAME` in the config")
	flags.StringVar(&o.File, "config", "", "read this config `FILE`")
	flags.StringVar(&o.DataDir, "data-dir", "", "the ledger is in this `FOLDER`")
	o.ReadOnlyFlag(flags)
	o.ASCIIFlag(flags)
	withHelp(c)
}

// folder is the folder of the ledger.
func (o *ledgerFlags) folder(p *Process, c *cobra.Command) (string, error) {
	for _, name := range []string{"profile", "config", "data-dir", "user", "session", "job", "head", "book", "before"} {
		if f := c.Flags().Lookup(name); f != nil && f.Changed && f.Value.String() == "" {
			return "", fail.Misuse(c.CommandPath()+" --help lists the flags", "--%s: a value is missing", name)
		}
	}
	if err := o.Complete(p, c.Flags()); err != nil {
		return "", err
	}
	o.UseCharacters(p)
	return config.DataDir(p, o.DataDir)
}

func ledgerVerify(p *Process) *cobra.Command {
	var o ledgerFlags
	c := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check the chain, and name the first bad line",
		Long: `Reads all books, and the ledger of an older idtop, and checks that every record is
as it was written and follows the one before, and that each book has what its mark
tells. FILE is an export: it is checked without the books. That the end was cut off,
or that all was written anew, shows only against a head that was kept elsewhere: idtop
says the head when it quits, and writes it where ledger_head in the config says.`,
		Example: `  idtop ledger verify
  idtop ledger verify --head 12:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  idtop ledger verify export.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := o.folder(p, c)
			if err != nil {
				return err
			}
			var head ledger.Head
			if o.head != "" {
				if head, err = ledger.ParseHead(o.head); err != nil {
					return fail.Misuse("idtop says it when it quits", "--head: %s", err)
				}
			}
			if len(args) == 1 {
				return verifyFile(p, args[0], head)
			}
			return verifyLedger(p, dir, head, func(book string) (ledger.Head, error) {
				if sent := o.Ledger(p.Version, book).Sent; sent != nil {
					return sent()
				}
				return ledger.Head{}, nil
			})
		},
	}
	c.Flags().StringVar(&o.head, "head", "", "the `HEAD` that was kept elsewhere")
	o.addTo(c)
	return c
}

func verifyLedger(p *Process, dir string, head ledger.Head, sent func(string) (ledger.Head, error)) error {
	chains, err := ledger.VerifyAll(dir, head, sent)
	if err != nil {
		return notVerified(err)
	}
	text := ""
	for _, chain := range chains {
		if len(chains) > 1 {
			text += safe.Line(chain.Name).String() + ": "
		}
		text += reportWords(chain.Report)
	}
	return tell(p, "text", nil, text)
}

// verifyFile verifies an export.
func verifyFile(p *Process, path string, head ledger.Head) error {
	f, err := os.Open(path)
	if err != nil {
		return fail.New("name a file that idtop ledger export has written", "%s", err)
	}
	defer f.Close()
	report, err := ledger.VerifyFile(f, head)
	if err != nil {
		return notVerified(err)
	}
	return tell(p, "text", nil, reportWords(report))
}

func notVerified(err error) error {
	var fault *ledger.Fault
	if errors.As(err, &fault) {
		return fail.New("records before that line are as they were written; compare with a copy or a head that was kept elsewhere", "%s", fault)
	}
	return noLedger(err)
}

func reportWords(report ledger.Report) string {
	text := fmt.Sprintf("%d records, each as it was written\nhead %s\n", report.Records, report.Head)
	if report.First > 1 {
		text += fmt.Sprintf("it begins with record %d: those before it were pruned\n", report.First)
	}
	for _, tear := range report.Tears {
		text += fmt.Sprintf("line %d: a write was cut short, %d bytes; record %d says so\n", tear.Line, tear.Bytes, tear.Seq)
	}
	if report.Pending > 0 {
		text += fmt.Sprintf("%d intents have no outcome: they are under way, or idtop was ended in between and settles them when it goes on\n", report.Pending)
	}
	return text
}

// bookFlag adds the flag that names one book.
func (o *ledgerFlags) bookFlag(c *cobra.Command) {
	c.Flags().StringVar(&o.book, "book", "", "the book of this `NAME`, such as acct_1AbCdEfGhIjKlMnO-live; needed where there are several")
}

// oneBook is the folder of the book that the flags name.
func (o *ledgerFlags) oneBook(p *Process, c *cobra.Command) (string, error) {
	data, err := o.folder(p, c)
	if err != nil {
		return "", err
	}
	dirs, err := ledger.Books(data)
	if err != nil {
		return "", noLedger(err)
	}
	var names []string
	for _, dir := range dirs {
		names = append(names, filepath.Base(dir))
		if o.book == filepath.Base(dir) || o.book == "" && len(dirs) == 1 {
			return dir, nil
		}
	}
	switch {
	case len(dirs) == 0:
		return "", fail.New("the first action makes one", "there is no ledger yet")
	case o.book == "":
		return "", fail.Misuse("name one with --book", "there are several books: %s", strings.Join(names, ", "))
	}
	return "", fail.Misuse("there are "+strings.Join(names, ", "), "--book: there is no book %s", safe.Quote(o.book))
}

func ledgerExport(p *Process) *cobra.Command {
	var o ledgerFlags
	c := &cobra.Command{
		Use:   "export",
		Short: "Write the records of a book to stdout, as JSON lines that verify FILE checks",
		Example: `  idtop ledger export > export.jsonl
  idtop ledger export --book acct_1AbCdEfGhIjKlMnO-live > export.jsonl`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := o.oneBook(p, c)
			if err != nil {
				return err
			}
			book, err := ledger.OpenRead(dir)
			if err != nil {
				return noLedger(err)
			}
			defer book.Close()
			if _, err := io.Copy(p.Stdout, book.Export()); err != nil {
				return noLedger(err)
			}
			return nil
		},
	}
	o.bookFlag(c)
	o.addTo(c)
	return c
}

func ledgerPrune(p *Process) *cobra.Command {
	var o ledgerFlags
	c := &cobra.Command{
		Use:   "prune --before DATE",
		Short: "Export the records of a book that are older than a day, and remove them from it",
		Long: `Writes the records from before that day, in UTC, to a file beside the book, checks the
file, and removes them from the book. The last of them stays as the first record of
the book, and a new record says what was done. Nothing is removed while a job or a
redaction in those records is not at its end. Nothing is ever removed by itself.

Whoever removes the file too has no evidence any more of what was done before that
day: not who did it, not why, and not what Stripe answered.`,
		Example: `  idtop ledger prune --before 2025-10-01`,
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.before == "" {
				return fail.Misuse("--before 2025-10-01 removes what is older", "--before is missing")
			}
			before, err := time.Parse(time.DateOnly, o.before)
			if err != nil {
				return fail.Misuse("--before 2025-10-01 removes what is older", "--before: %s is no day", safe.Quote(o.before))
			}
			dir, err := o.oneBook(p, c)
			if err != nil {
				return err
			}
			journal, err := plan.OpenJournal(dir, o.Ledger(p.Version, filepath.Base(dir)))
			if err != nil {
				return noLedger(err)
			}
			pruned, err := journal.Prune(before)
			if err = errors.Join(err, journal.Close()); err != nil {
				return fail.New(cmp.Or(client.HintOf(err), "nothing was removed; idtop jobs lists the jobs"), "the ledger can't be pruned: %s", err)
			}
			return tell(p, "text", nil, fmt.Sprintf("%d records were removed; they are in %s\nits head is %s\n", pruned.Records, safe.Line(pruned.File), safe.Line(pruned.Head.String())))
		},
	}
	c.Flags().StringVar(&o.before, "before", "", "remove what is older than this `DATE`, such as 2025-10-01")
	o.bookFlag(c)
	o.addTo(c)
	return c
}

func ledgerShow(p *Process) *cobra.Command {
	var o ledgerFlags
	format := "text"
	c := &cobra.Command{
		Use:   "show",
		Short: "Write records to stdout, oldest first",
		Example: `  idtop ledger show --user ann_8392
  idtop ledger show --session vs_...
  idtop ledger show --job 7 --format json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := o.folder(p, c)
			if err != nil {
				return err
			}
			return showLedger(p, dir, ledger.Query{UserID: o.user, Session: o.session, Job: o.job}, format)
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.user, "user", "", "only records of this `USER_ID`, which the ledger has as a keyed hash")
	flags.StringVar(&o.session, "session", "", "only records of this session, an `ID`")
	flags.StringVar(&o.job, "job", "", "only records of this job, a `NUMBER`, in all accounts")
	flags.Var(choice{&format, []string{"text", "json"}}, "format", "text, or json as it stands in the ledger")
	o.addTo(c)
	return c
}

func showLedger(p *Process, dir string, q ledger.Query, format string) error {
	out := &lineWriter{out: bufio.NewWriter(p.Stdout), array: format == "json"}
	err := out.begin()
	for record, failure := range ledger.FindAll(dir, q) {
		var fault *ledger.Fault
		switch {
		case errors.As(failure, &fault):
			return errors.Join(fail.New("idtop ledger verify says more", "%s", fault), out.out.Flush())
		case failure != nil:
			return noLedger(failure)
		}
		line := recordLine(record)
		if out.array {
			line = safe.JSON(record.JSON())
		}
		if err = out.line(line); err != nil {
			break
		}
	}
	if err = cmp.Or(err, out.end()); err != nil {
		return listFailure(err)
	}
	return nil
}

// recordLine writes a record for people. It makes texts of people and of Stripe
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

func ledgerEvidence(p *Process) *cobra.Command {
	var o config.Options
	var job int
	format, reference := "markdown", ""
	c := &cobra.Command{
		Use:   "evidence --job N",
		Short: "Write to stdout what proves that a person's sessions were redacted",
		Long: `Writes the request, the sessions, when and with which request ids they were
redacted, what Stripe says of them last, and where in the ledger this is; and what
all that does not prove. It holds no personal data but the reference.`,
		Example: `  idtop ledger evidence --job 7 > evidence.md
  idtop ledger evidence --job 7 --reference "request of 2026-11-20" --format json`,
		Args: noArguments,
	}
	flags := c.Flags()
	flags.Var(number{&job, 1, mostJobs}, "job", "of this job")
	flags.StringVar(&reference, "reference", "", "whose request it was, as `TEXT`; usual is the job's reason")
	flags.Var(choice{&format, []string{"markdown", "json"}}, "format", "markdown or json")
	check := func([]string) error {
		if job == 0 {
			return fail.Misuse("idtop jobs lists them", "--job is missing")
		}
		return nil
	}
	return onAccount(p, c, &o, check, func(ctx context.Context, _ []string) error {
		o.ReadOnly = true
		return atWork(ctx, p, o, func(_ context.Context, w *workplace) error { return w.evidence(int64(job), reference, format) })
	})
}

// evidence writes the evidence of a job to stdout.
func (w *workplace) evidence(job int64, reference, format string) error {
	return w.withDesk(func(desk *act.Desk) error {
		e, err := desk.ExportEvidence(job, reference)
		if err != nil {
			return fail.New(cmp.Or(client.HintOf(err), "idtop jobs lists the jobs of this account"), "there is no evidence: %s", err)
		}
		if !e.Complete() {
			fail.Warn(w.process.Stderr, "this job is not complete, and the evidence says so", "start the dashboard, which follows redactions, and come back later")
		}
		if format == "json" {
			return tell(w.process, "text", nil, safe.JSON(e.JSON()))
		}
		var text strings.Builder
		for line := range strings.Lines(string(e.Markdown())) {
			fmt.Fprintln(&text, safe.Line(strings.TrimSuffix(line, "\n")))
		}
		return tell(w.process, "text", nil, text.String())
	})
}
