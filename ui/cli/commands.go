package cli

import (
	"time"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/ui/safe"
)

// The world of the emulator, unless flags say otherwise: always the same one.
const (
	defaultSessions = 1500
	defaultSeed     = 42
)

// longestQuery is what fits into the search line.
const longestQuery = 80

// dashboardOptions are the flags of the dashboard.
type dashboardOptions struct {
	demo         bool
	demoSessions int
	seed         uint64
	apiBase      string
	keyFile      string
	readOnly     bool
	poll         time.Duration
	query        string
}

// rootCommand is the dashboard with all other commands below it.
func rootCommand(p *Process) *cobra.Command {
	o := dashboardOptions{demoSessions: defaultSessions, seed: defaultSeed, poll: mirror.DefaultInterval}
	c := &cobra.Command{
		Use:   "idtop",
		Short: "A dashboard for Stripe Identity in the terminal",
		Long: `idtop shows the identity verifications of a Stripe account, live: who failed
and why, what to do next. Find people by a few letters of their user_id, cancel
sessions, redact them.

The API key is read from STRIPE_API_KEY, else from the file of --key-file.
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
			return runDashboard(c.Context(), p, o)
		},
	}
	c.SetVersionTemplate("idtop {{.Version}}\n")
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagFailure(c.CommandPath(), err) })
	c.CompletionOptions.HiddenDefaultCmd = true

	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.demo, "demo", false, "show the embedded emulator: no key, no network, nothing kept")
	flags.StringVar(&o.apiBase, "api-base", "", "read from this `URL` instead of Stripe's: https, or http on loopback")
	flags.StringVar(&o.keyFile, "key-file", "", "read the API key from this `FILE`")
	flags.BoolVar(&o.readOnly, "read-only", false, "change nothing at Stripe, whatever is pressed")
	flags.Var(span{&o.poll, time.Second, time.Hour}, "poll", "how often to read from Stripe")
	flags.StringVar(&o.query, "query", "", "begin with a search for this `TEXT`")
	flags.Var(number{&o.demoSessions, 0, emulator.MaxSessions}, "demo-sessions", "how many sessions --demo begins with")
	flags.Var(seed{&o.seed}, "seed", "which world --demo shows")
	flags.Bool("version", false, "print the version")
	flags.BoolP("help", "h", false, "print this help")

	c.AddCommand(emulatorCommand(p))
	return c
}

// noArguments refuses what is neither a command nor a flag.
func noArguments(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.HasParent():
		return misuse(c.CommandPath()+" --help lists the flags", "%s takes no argument: %s", c.Name(), safe.Quote(args[0]))
	}
	return misuse(helpHint, "unknown command %s", safe.Quote(args[0]))
}

// check refuses flags that contradict each other or can't be used.
func (o dashboardOptions) check(c *cobra.Command) error {
	given := c.Flags().Changed
	if o.demo {
		for _, other := range []string{"key-file", "api-base"} {
			if given(other) {
				return misuse("--demo needs neither a key nor a server: leave one of them out", "--demo and --%s exclude each other", other)
			}
		}
	} else {
		for _, other := range []string{"demo-sessions", "seed"} {
			if given(other) {
				return misuse("add --demo", "--%s is for --demo only", other)
			}
		}
	}
	if given("key-file") && o.keyFile == "" {
		return misuse(helpHint, "--key-file: a file name is missing")
	}
	if given("api-base") && o.apiBase == "" {
		return misuse(helpHint, "--api-base: an address is missing")
	}
	if n := len([]rune(o.query)); n > longestQuery {
		return misuse("a few letters of the user_id are enough", "--query: has %d characters, at most %d are possible", n, longestQuery)
	}
	if _, err := client.New(client.Config{Key: demoKey, BaseURL: o.apiBase}); err != nil {
		return misuse(helpHint, "--api-base: %s", err)
	}
	return nil
}
