package ledger

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/windows"
)

// noFollow is not known here: openFile compares the open file.
const noFollow = 0

func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

func isLink(err error) bool { return errors.Is(err, syscall.ELOOP) }

// distrust knows nothing here: a folder in the user's profile belongs to the
// user, by the access list that it inherits.
func distrust(fs.FileInfo) string { return "" }

// syncDir has nothing to do: names of files last by themselves.
func syncDir(string) error { return nil }
