//go:build unix

package datadir

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const (
	noFollow = syscall.O_NOFOLLOW // opens no link
	noWait   = syscall.O_NONBLOCK // opens a pipe without waiting for somebody who writes to it
)

// OwnedByUser tells whether a file is this user's own.
func OwnedByUser(info fs.FileInfo) bool { return owner(info) == os.Geteuid() }

// OthersMay tells whether others have any of the rights in bits.
func OthersMay(info fs.FileInfo, bits fs.FileMode) bool { return info.Mode().Perm()&bits != 0 }

func ownedByRoot(info fs.FileInfo) bool { return owner(info) == 0 }

// owner is the id of a file's user, -1 when it is not known.
func owner(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// links counts the names of a file.
func links(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink)
	}
	return 1
}

// IsFull tells whether an error means that no space is left, or a limit is
// reached.
func IsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
