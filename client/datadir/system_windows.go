package datadir

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows"
)

// Links and named pipes differ from those of other systems. The open handle is
// compared in any case.
const noFollow, noWait = 0, 0

// OwnedByUser is always true here; see the package's doc.
func OwnedByUser(fs.FileInfo) bool { return true }

// OthersMay is always false here.
func OthersMay(fs.FileInfo, fs.FileMode) bool { return false }

func ownedByRoot(fs.FileInfo) bool { return true }

func links(fs.FileInfo) uint64 { return 1 }

// IsFull tells whether an error means that no space is left, or a limit is
// reached.
func IsFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}
