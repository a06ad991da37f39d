//go:build !unix

package mirror

import (
	"io/fs"
	"os"
)

const lockFlags = os.O_CREATE | os.O_RDWR

// Elsewhere a user's own folders are kept from others by the system's lists of
// access rights, which the mode does not show.
func ours(fs.FileInfo) bool          { return true }
func others(fs.FileInfo) fs.FileMode { return 0 }
