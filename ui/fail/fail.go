// Package fail puts failures into words: one line with the failure and its cause,
// and a hint with the next step. Its one rule: foreign text reaches the terminal
// only through ui/safe.
package fail

import (
	"context"
	"errors"
	"fmt"
	"io"

	"idtop/client"
	"idtop/ui/safe"
)

// Error is a command's failure.
type Error struct {
	Text   string   // may hold foreign text; made safe when it is printed
	Way    string   // what to do next, or ""
	Misuse bool     // the arguments are wrong: nothing was tried
	Frames []string // of our own code, for an internal error
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

// Hint returns Way, for client.HintOf.
func (e *Error) Hint() string { return e.Way }

// Print writes the line, the hint and the frames.
func (e *Error) Print(w io.Writer) {
	say(w, e.Text, e.Way)
	for _, frame := range e.Frames {
		fmt.Fprintf(w, "  %s\n", safe.Line(frame))
	}
}

// say writes a line about an event, and a hint if there is one.
func say(w io.Writer, text, hint string) {
	fmt.Fprintf(w, "idtop: %s\n", safe.Line(text))
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", safe.Line(hint))
	}
}

// Warn writes a line about an oddity that is no failure, and a hint if there is
// one.
func Warn(w io.Writer, text, hint string) { say(w, "warning: "+text, hint) }

// HelpHint is the hint when nothing more helpful is known.
const HelpHint = "idtop --help lists the commands and flags"

// Misuse is a failure because of the arguments.
func Misuse(hint, format string, args ...any) *Error {
	return &Error{Text: fmt.Sprintf(format, args...), Way: hint, Misuse: true}
}

// New is a failure to do what valid arguments ask for.
func New(hint, format string, args ...any) *Error {
	return &Error{Text: fmt.Sprintf(format, args...), Way: hint}
}

// Of makes an Error of any error. An error without a hint comes from the parser of
// the command line.
func Of(err error) *Error {
	var known *Error
	var hinting interface{ Hint() string }
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &hinting):
		return New(client.HintOf(err), "%s", err)
	}
	return Misuse(HelpHint, "%s", err)
}

// Mirror puts a fault of the mirror into words.
func Mirror(err error) *Error {
	switch {
	case errors.Is(err, context.Canceled):
		return New("", "stopped before the mirror was read")
	case client.HintOf(err) != "":
		return Of(err)
	}
	return New("idtop sync --rebuild reads everything from Stripe again, and keeps the histories that can be read", "%s", err)
}
