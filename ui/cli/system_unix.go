//go:build unix

package cli

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"idtop/client/guard"
)

// protect keeps the process's memory out of core files and away from other programs of
// the same user, and what it writes away from other users.
func protect() {
	unix.Umask(0o077)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	hideFromDebuggers()
}

// jobControl tells whether a shell is there to bring the program back after ctrl+z.
// A session leader has none: it would sleep for ever.
func jobControl() bool {
	session, err := unix.Getsid(0)
	return err == nil && unix.Getpgrp() != session
}

// whenContinued calls do each time the program continues after a stop.
func whenContinued(do func()) (end func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGCONT)
	guard.Go(func() {
		for range signals {
			do()
		}
	})
	return func() { signal.Stop(signals); close(signals) }
}

// readerGone tells whether nobody reads an output any more, as far as the system knows.
func readerGone(output io.Writer) bool {
	file, ok := output.(*os.File)
	if !ok {
		return false
	}
	fds := []unix.PollFd{{Fd: int32(file.Fd())}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0 && fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0
}

// ownSession detaches a started program from the terminal.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
