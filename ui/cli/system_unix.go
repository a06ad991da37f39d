//go:build unix

package cli

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// protectMemory keeps what the process knows out of core files and away from
// other programs of the same user.
func protectMemory() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	hideFromDebuggers()
}

// jobControl tells whether a shell waits that can bring the program back after
// ctrl+z. A session leader has none: it would sleep for ever.
func jobControl() bool {
	session, err := unix.Getsid(0)
	return err == nil && unix.Getpgrp() != session
}

// ownSession frees a program that is started from the terminal.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
