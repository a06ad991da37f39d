package cli

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"idtop/client/guard"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // a valid request failed
	exitUsage  = 2 // the arguments make no sense
)

// Process is everything that a run of the program gets from outside.
type Process = config.Process

// Main runs the program with the arguments, the environment and the terminal
// of this process and returns its exit code.
func Main(version string) int {
	protect()
	cobra.MousetrapHelpText = "" // the dashboard may be started from the Windows Explorer
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	p := Process{
		Version:  version,
		Args:     os.Args[1:],
		Environ:  os.Environ(),
		Unsetenv: os.Unsetenv,
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Exit:     os.Exit,
	}
	p.Keyring = config.SystemKeyring(p)
	return Run(ctx, p)
}

// endings are the signals that ask the program to end, without those that it was
// started to ignore, as by nohup. Go's own answer to SIGQUIT and SIGABRT is a dump of
// all stacks onto the screen.
func endings() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGABRT}
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}

// Run runs the program until it has done its work, or until ctx ends, which counts
// as being asked to stop. It returns the exit code: 0 for success, 1 for a failure,
// 2 for wrong arguments.
func Run(ctx context.Context, p Process) (code int) {
	defer guard.Report(func(value any) { lastResort(&p, value) })()
	code = exitFailed // after a panic
	defer guard.Catch()
	safe.SetASCII(config.OnlyASCII(&p))
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
