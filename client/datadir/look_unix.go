//go:build linux || darwin

package datadir

import (
	"errors"
	"os"
	"syscall"
)

// LookAtDisk asks the system about the disk of a folder. It changes nothing there: the
// lock that it tries is shared, on the folder itself.
func LookAtDisk(dir string) (Disk, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return Disk{}, failed(dir, err)
	}
	d := Disk{System: fileSystemOf(dir), Free: stat.Bavail * uint64(stat.Bsize)}
	f, err := os.Open(dir)
	if err != nil {
		return d, failed(dir, err)
	}
	defer f.Close()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
		d.Locks = lockFailed(dir, err)
	}
	return d, nil
}
