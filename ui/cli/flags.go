package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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
