package config

import (
	"fmt"
	"strconv"
	"time"
)

// Span is a flag or a setting for a duration within bounds.
type Span struct {
	Value       *time.Duration
	Least, Most time.Duration
}

// Set implements pflag.Value.
func (s Span) Set(text string) error {
	value, err := time.ParseDuration(text)
	if err != nil || value < s.Least || value > s.Most {
		return fmt.Errorf("must be a time from %s to %s, such as 5s or 2m", short(s.Least), short(s.Most))
	}
	*s.Value = value
	return nil
}

// String implements pflag.Value.
func (s Span) String() string { return short(*s.Value) }

// Type implements pflag.Value.
func (s Span) Type() string { return "TIME" }

// short writes a duration of whole seconds as people do: 1h, not 1h0m0s.
func short(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d >= time.Minute && d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return d.String()
}
