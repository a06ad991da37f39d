package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

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

// seed is a flag for what picks a world of the emulator.
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

// span is a flag for a time within bounds.
type span struct {
	value       *time.Duration
	least, most time.Duration
}

func (d span) Set(s string) error {
	value, err := time.ParseDuration(s)
	if err != nil || value < d.least || value > d.most {
		return fmt.Errorf("must be a time from %s to %s, such as 5s or 2m", short(d.least), short(d.most))
	}
	*d.value = value
	return nil
}

func (d span) String() string { return short(*d.value) }
func (d span) Type() string   { return "TIME" }

// short writes a time of whole seconds as people do: 1h, not 1h0m0s.
func short(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d >= time.Minute && d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return d.String()
}

// choice is a flag for one of some words.
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

// flagFailure words what is wrong with a flag of the command.
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
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool":
		return fail.Misuse(hint, "--%s %s: must be true or false, or nothing at all", invalid.GetFlag().Name, safe.Quote(invalid.GetValue()))
	case errors.As(err, &invalid):
		return fail.Misuse(hint, "--%s %s: %s", invalid.GetFlag().Name, safe.Quote(invalid.GetValue()), invalid.Unwrap())
	}
	return fail.Misuse(hint, "%s", err)
}
