package config

import (
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// Process is everything that a run of the program gets from outside.
type Process struct {
	Version  string
	Args     []string           // without the program's name
	Environ  []string           // in the form NAME=value
	Unsetenv func(string) error // removes a variable from the real environment; may be nil
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Exit     func(code int) // ends the process at once; may be nil
	Keyring  Keyring        // nil: there is none
}

// Getenv returns the value of a variable, "" when it is not set.
func (p *Process) Getenv(name string) string {
	for _, entry := range slices.Backward(p.Environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// Forget removes a variable from the environment, so that no started program gets
// it.
func (p *Process) Forget(name string) {
	p.Environ = slices.DeleteFunc(slices.Clone(p.Environ), func(entry string) bool {
		return strings.HasPrefix(entry, name+"=")
	})
	if p.Unsetenv != nil {
		_ = p.Unsetenv(name) // fails only for invalid names
	}
}

// AsTerminal returns a stream as a terminal, if it is one.
func AsTerminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}
