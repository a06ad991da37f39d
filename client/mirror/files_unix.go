//go:build unix

package mirror

import (
	"io/fs"
	"os"
	"syscall"
)

// lockFlags are for opening a lock file: never through a link.
const lockFlags = os.O_CREATE | os.O_RDWR | syscall.O_NOFOLLOW

// ours tells whether a file belongs to the user that runs this program.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(stat.Uid) == os.Geteuid()
}

// others returns what other users may do with a file.
func others(info fs.FileInfo) fs.FileMode { return info.Mode().Perm() & 0o077 }
