package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror/syncer"
	"idtop/model"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// The emulator's world without flags: always the same one. With an incident there are
// so many sessions that each hour of the day has its usual failures.
const (
	defaultSessions  = 1500
	incidentSessions = 20_000
	defaultSeed      = 42
)

// dashboardOptions are the flags of the dashboard.
type dashboardOptions struct {
	config.Options
	demo         bool
	demoSessions int
	seed         uint64
	query        string
	open         string // a locator
	plain        bool   // lines in place of a screen

	flags   *pflag.FlagSet
	arrived bool               // another profile was shown before
	told    []model.Message    // of its end
	leaving func(*model.Model) // the operator switches to another profile
}

// newDashboardOptions returns the options without a flag, and flags that set them.
func newDashboardOptions(flags *pflag.FlagSet) *dashboardOptions {
	o := &dashboardOptions{demoSessions: incidentSessions, seed: defaultSeed, flags: flags}
	o.Poll, o.Undo = syncer.DefaultInterval, config.UsualUndo
	flags.BoolVar(&o.demo, "demo", false, "show the embedded emulator: no key, no network, nothing kept")
	o.Flags(flags)
	flags.Var(config.Span{Value: &o.Poll, Least: config.ShortestPoll, Most: config.LongestPoll}, "poll", "how often to read from Stripe")
	flags.StringVar(&o.query, "query", "", "begin with a search for this `TEXT`")
	flags.StringVar(&o.open, "open", "", "begin with what this `LOCATOR` lists; ctrl+y copies one")
	flags.BoolVar(&o.plain, "plain", false, "say everything in lines, for screen readers; by itself where TERM is dumb")
	flags.Var(number{&o.demoSessions, 0, emulator.MaxSessions}, "demo-sessions", "how many sessions --demo begins with")
	flags.Var(seed{&o.seed}, "seed", "which world --demo shows")
	flags.Bool("version", false, "print the version")
	return o
}

// rootCommand is the dashboard with all other commands below it.
func rootCommand(p *Process) *cobra.Command {
	var o *dashboardOptions
	c := &cobra.Command{
		Use:   "idtop",
		Short: "A dashboard for Stripe Identity in the terminal",
		Long: `idtop shows the identity verifications of a Stripe account, live: who failed
and why, what to do next. Find people by a few letters of their user_id, cancel
sessions, redact them. What it has read it keeps in a mirror on this machine.

The API key is read from STRIPE_API_KEY, else from the file of --key-file, else
as the config's profile says, else from the system's keyring, else it is the
test key that the Stripe CLI keeps.
A restricted key with the permission Identity "Verification Sessions and
Reports" is enough: Read to look, Write to cancel and redact.`,
		Example: `  idtop --demo                              no key, no network, nothing kept
  STRIPE_API_KEY=rk_test_... idtop          your own account
  idtop --key-file ~/.idtop-key --read-only look, but change nothing
  idtop --query ann_                        begin with a search`,
		Args:          noArguments,
		Version:       p.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(c); err != nil {
				return err
			}
			if !o.demo {
				if err := o.Complete(p, c.Flags()); err != nil {
					return err
				}
			}
			o.UseCharacters(p)
			if err := o.openLocator(); err != nil {
				return err
			}
			return runDashboard(c.Context(), p, *o)
		},
	}
	c.SetVersionTemplate("idtop {{.Version}}\n")
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagFailure(c.CommandPath(), err) })
	c.CompletionOptions.HiddenDefaultCmd = true

	o = newDashboardOptions(c.Flags())
	withHelp(c)

	c.AddCommand(syncCommand(p), listCommand(p), insightsCommand(p), watchCommand(p), timelineCommand(p), personCommand(p), emulatorCommand(p), actCommand(p, client.Cancel), actCommand(p, client.Redact), ledgerCommand(p), jobsCommand(p), configCommand(p), doctorCommand(p), loginCommand(p), logoutCommand(p), versionCommand(p), manCommand(p))
	return c
}

// noArguments refuses arguments that are neither a command nor a flag.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if key, err := client.ParseKey(args[0]); err == nil {
		return fail.Misuse("a key is never an argument: others can read those, and the shell keeps them; replace this one in the Stripe Dashboard",
			"%s takes no argument: %s", c.Name(), key)
	}
	switch {
	case c.HasParent():
		return fail.Misuse(c.CommandPath()+" --help lists the flags", "%s takes no argument: %s", c.Name(), safe.Quote(args[0]))
	}
	return fail.Misuse(fail.HelpHint, "unknown command %s", safe.Quote(args[0]))
}

// check refuses flags that contradict each other or can't be used.
func (o dashboardOptions) check(c *cobra.Command) error {
	given := c.Flags().Changed
	if o.demo {
		for _, other := range []string{"key-file", "api-base", "profile", "config", "data-dir"} {
			if given(other) {
				return fail.Misuse("--demo needs neither a key nor a server, and keeps nothing: leave one of them out", "--demo and --%s exclude each other", other)
			}
		}
	} else {
		for _, other := range []string{"demo-sessions", "seed"} {
			if given(other) {
				return fail.Misuse("add --demo", "--%s is for --demo only", other)
			}
		}
	}
	if given("open") && given("query") {
		return fail.Misuse("a locator has its query", "--open and --query exclude each other")
	}
	if n := len([]rune(o.query)); n > model.LongestQuery {
		return fail.Misuse("a few letters of the user_id are enough", "--query: has %d characters, at most %d are possible", n, model.LongestQuery)
	}
	if _, err := queryOf(o.query); err != nil {
		return err
	}
	return o.Options.Check(c.Flags())
}
