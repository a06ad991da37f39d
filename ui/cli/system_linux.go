package cli

import "golang.org/x/sys/unix"

// hideFromDebuggers closes /proc/PID/mem and /proc/PID/environ, which hold the key,
// to other programs of the same user.
func hideFromDebuggers() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
