package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// number is a flag for a whole number within bounds.
type number struct {
	value       *int
	least, most int
}

func (n number) Set(s string) error {
	value, err := strconv.Atoi(s)
	if err != nil || value < n.least || value > n.most {
		return fmt.Errorf("must be a whole number from %s to %s", safe.Num(n.least), safe.Num(n.most))
	}
	*n.value = value
	return nil
}

func (n number) String() string { return strconv.Itoa(*n.value) }
func (n number) Type() string   { return "N" }

// seed is a flag for the seed of the emulator's world.
type seed struct{ value *uint64 }

func (f seed) Set(s string) error {
	value, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return fmt.Errorf("must be a whole number, 0 or more")
	}
	*f.value = value
	return nil
}

func (f seed) String() string { return strconv.FormatUint(*f.value, 10) }
func (f seed) Type() string   { return "N" }

// choice is a flag with a few permitted words.
type choice struct {
	value *string
	words []string
}

func (c choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return fmt.Errorf("must be one of %s", strings.Join(c.words, ", "))
	}
	*c.value = s
	return nil
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return "FORM" }

// onAccount completes a command on an account: it adds the flags common to these
// commands after the command's own. run is called once the flags and the config are
// checked; check adds checks of the command's own and may be nil.
func onAccount(p *Process, c *cobra.Command, o *config.Options, check func(args []string) error, run func(context.Context, []string) error) *cobra.Command {
	o.Flags(c.Flags())
	withHelp(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if check != nil {
			if err := check(args); err != nil {
				return err
			}
		}
		if err := complete(p, c, o); err != nil {
			return err
		}
		return run(c.Context(), args)
	}
	return c
}

// complete checks the flags of a command, and adds the config's settings.
func complete(p *Process, c *cobra.Command, o *config.Options) error {
	if err := o.Check(c.Flags()); err != nil {
		return err
	}
	if err := o.Complete(p, c.Flags()); err != nil {
		return err
	}
	o.UseCharacters(p)
	return nil
}

// withHelp adds --help as the last flag, and keeps the flags in the order of their
// addition.
func withHelp(c *cobra.Command) {
	c.Flags().SortFlags = false
	c.Flags().BoolP("help", "h", false, "print this help")
}

// flagFailure puts a mistake in a flag into words.
func flagFailure(command string, err error) *fail.Error {
	hint := command + " --help lists the flags"
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return fail.Misuse(hint, "unknown flag in -%s", unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		return fail.Misuse(hint, "unknown flag --%s", unknown.GetSpecifiedName())
	case errors.As(err, &missing):
		return fail.Misuse(hint, "--%s: a value is missing", missing.GetSpecifiedName())
	case errors.As(err, &invalid) && strings.HasPrefix(invalid.GetFlag().Value.Type(), "bool"):
		return fail.Misuse(hint, "--%s %s: must be true or false, or nothing at all", invalid.GetFlag().Name, safe.Quote(invalid.GetValue()))
	case errors.As(err, &invalid):
		return fail.Misuse(hint, "--%s %s: %s", invalid.GetFlag().Name, safe.Quote(invalid.GetValue()), invalid.Unwrap())
	}
	return fail.Misuse(hint, "%s", err)
}
