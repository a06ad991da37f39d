package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/ui/safe"
)

// failure is how a command ends badly: one line that says what and why, what
// to do next, and the exit code.
type failure struct {
	code   int
	text   string   // may hold foreign text; made safe when it is printed
	hint   string   // or ""
	frames []string // of our own code, for an internal error
}

// Error implements error.
func (f *failure) Error() string { return f.text }

func (f *failure) print(w io.Writer) {
	say(w, f.text, f.hint)
	for _, frame := range f.frames {
		fmt.Fprintf(w, "  %s\n", safe.Line(frame))
	}
}

// say writes a line about what happened, and a hint if there is one.
func say(w io.Writer, text, hint string) {
	fmt.Fprintf(w, "idtop: %s\n", safe.Line(text))
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", safe.Line(hint))
	}
}

func warn(w io.Writer, text, hint string) { say(w, "warning: "+text, hint) }

const helpHint = "idtop --help lists the commands and flags"

// misuse is a failure because of the arguments.
func misuse(hint, format string, args ...any) *failure {
	return &failure{code: exitUsage, text: fmt.Sprintf(format, args...), hint: hint}
}

// failed is a failure of what the arguments asked for.
func failed(hint, format string, args ...any) *failure {
	return &failure{code: exitFailed, text: fmt.Sprintf(format, args...), hint: hint}
}

// failureOf makes a failure of any error. What is none yet comes from the
// command line's own parser.
func failureOf(err error) *failure {
	var f *failure
	var api *client.Error
	var trouble *mirror.Trouble
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &api):
		return failed(api.Hint(), "%s", api.Error())
	case errors.As(err, &trouble):
		return storeFailure(err)
	}
	return misuse(helpHint, "%s", err)
}

// flagFailure words what is wrong with a flag of the command.
func flagFailure(command string, err error) *failure {
	hint := command + " --help lists the flags"
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return misuse(hint, "unknown flag in -%s", unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		return misuse(hint, "unknown flag --%s", unknown.GetSpecifiedName())
	case errors.As(err, &missing):
		return misuse(hint, "--%s: a value is missing", missing.GetSpecifiedName())
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool":
		return misuse(hint, "--%s %s: must be true or false, or nothing at all", invalid.GetFlag().Name, safe.Quote(invalid.GetValue()))
	case errors.As(err, &invalid):
		return misuse(hint, "--%s %s: %s", invalid.GetFlag().Name, safe.Quote(invalid.GetValue()), invalid.Unwrap())
	}
	return misuse(hint, "%s", err)
}
