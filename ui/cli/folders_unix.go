//go:build unix

package cli

import (
	"io/fs"
	"os"
	"syscall"
)

// noWait opens a pipe without waiting for somebody who writes to it.
const noWait = syscall.O_NONBLOCK

// ownedByUser tells whether a file is this user's own.
func ownedByUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// othersMay tells whether others have any of the rights in bits.
func othersMay(info fs.FileInfo, bits fs.FileMode) bool { return info.Mode().Perm()&bits != 0 }

// ownedByRoot tells whether a file is the system's.
func ownedByRoot(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == 0
}
