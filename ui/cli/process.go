package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"idtop/client/guard"
	"idtop/ui/fail"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // what was asked for could not be done
	exitUsage  = 2 // what was asked for makes no sense
)

// Process is what a run of the program gets from outside.
type Process struct {
	Version  string
	Args     []string           // without the program's name
	Environ  []string           // in the form NAME=value
	Unsetenv func(string) error // takes a variable out of the real environment; may be nil
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Exit     func(code int) // ends the process at once; nil: nothing does
}

// Main runs the program with the arguments, the environment and the terminal
// of this process and returns its exit code.
func Main(version string) int {
	protectMemory()
	cobra.MousetrapHelpText = "" // the dashboard may be started from the Windows Explorer
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	return Run(ctx, Process{
		Version:  version,
		Args:     os.Args[1:],
		Environ:  os.Environ(),
		Unsetenv: os.Unsetenv,
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Exit:     os.Exit,
	})
}

// endings are the signals that ask the program to end, without those that it
// was started to ignore, as nohup does.
func endings() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM, syscall.SIGQUIT}
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}

// Run runs the program until it has done what its arguments say, or until ctx
// ends, which counts as being asked to stop. It returns the exit code: 0 when
// all went well, 1 when something failed, 2 when the arguments were wrong.
func Run(ctx context.Context, p Process) (code int) {
	defer guard.Report(p.lastResort)()
	code = exitFailed // after a panic
	defer guard.Catch()
	command := rootCommand(&p)
	command.SetArgs(slices.Clip(p.Args))
	command.SetIn(p.Stdin)
	command.SetOut(p.Stdout)
	command.SetErr(p.Stderr)
	err := command.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	f := fail.Of(err)
	f.Print(p.Stderr)
	if f.Misuse {
		return exitUsage
	}
	return exitFailed
}

// getenv returns the value of a variable, "" when it is not set.
func (p *Process) getenv(name string) string {
	for _, entry := range slices.Backward(p.Environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// forget takes a variable out of the environment, so that no program that is
// started from here gets it.
func (p *Process) forget(name string) {
	p.Environ = slices.DeleteFunc(slices.Clone(p.Environ), func(entry string) bool {
		return strings.HasPrefix(entry, name+"=")
	})
	if p.Unsetenv != nil {
		_ = p.Unsetenv(name) // fails only for names that are no names
	}
}
