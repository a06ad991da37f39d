package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"idtop/client/mirror/syncer"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// configCommand checks and shows the config.
func configCommand(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Check the config, or show what counts",
		Long: `The config has settings for all accounts and for each profile. The names and the
values of all profiles are checked, also of those that are not used now. No key is
read, and none is shown.`,
		Example: `  idtop config check
  idtop config show --profile live`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			return fail.Misuse("idtop config check, or idtop config show", "config: what to do is missing")
		},
	}
	withHelp(c)
	c.AddCommand(checkConfigCommand(p), showConfigCommand(p))
	return c
}

func checkConfigCommand(p *Process) *cobra.Command {
	format, file := "text", ""
	c := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say all mistakes in a config: exit code 1 if there is one",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fail.Misuse("idtop config check --help lists the flags", "config check takes one file: %s", safe.Quote(args[1]))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 && file != "" {
				return fail.Misuse("leave one of them out", "config check: both %s and --config name a config", safe.Quote(args[0]))
			}
			checked, err := config.Check(p, strings.Join(args, "")+file)
			if err != nil {
				return err
			}
			if err := tell(p, format, checked, checkedText(checked)); err != nil {
				return err
			}
			if n := len(checked.Mistakes); n > 0 {
				return fail.New("idtop does not start with this config", "config %s: mistakes: %d", safe.Quote(checked.File), n)
			}
			return nil
		},
	}
	c.Flags().StringVar(&file, "config", "", "read this config `FILE`")
	c.Flags().Var(choice{&format, []string{"text", "json"}}, "format", "text or json")
	withHelp(c)
	return c
}

func checkedText(c config.Checked) string {
	if c.File == "" {
		return "There is no config: all settings are as usual.\n"
	}
	var b strings.Builder
	for _, m := range c.Mistakes {
		fmt.Fprintf(&b, "%s\n    %s\n", safe.Line(m.Words()), safe.Line(m.Way))
	}
	if len(c.Mistakes) == 0 {
		profiles := "it has no profiles"
		if len(c.Profiles) > 0 {
			profiles = "its profiles are " + strings.Join(c.Profiles, ", ")
		}
		fmt.Fprintf(&b, "%s is right; %s.\n", safe.Line(c.File), safe.Line(profiles))
	}
	return b.String()
}

// shownConfig is what `config show` says as JSON.
type shownConfig struct {
	Key      string         `json:"key"` // where it is taken from
	Settings []config.Shown `json:"settings"`
}

func showConfigCommand(p *Process) *cobra.Command {
	o, format := config.Options{Poll: syncer.DefaultInterval}, "text"
	c := &cobra.Command{
		Use:   "show",
		Short: "Write each setting, its value, and from where it is",
		Args:  noArguments,
	}
	c.Flags().Var(config.Span{Value: &o.Poll, Least: config.ShortestPoll, Most: config.LongestPoll}, "poll", "how often to read from Stripe")
	c.Flags().Var(choice{&format, []string{"text", "json"}}, "format", "text or json")
	return onAccount(p, c, &o, nil, func(context.Context, []string) error {
		shown := shownConfig{o.KeySource(p), o.Show()}
		return tell(p, format, shown, shownText(shown))
	})
}

func shownText(c shownConfig) string {
	var b strings.Builder
	line := func(name, from, value string) {
		fmt.Fprintf(&b, "%-16s %-16s %s\n", safe.Line(name), safe.Line(from), safe.Line(value))
	}
	line("SETTING", "FROM", "VALUE")
	line("the key", "not read", c.Key)
	for _, s := range c.Settings {
		value := s.Usual
		if s.From != config.ByDefault {
			text, _ := json.Marshal(s.Value) // of texts, numbers and lists of them
			value = string(text)
		}
		line(s.Name, s.From, value)
	}
	return b.String()
}
