//go:build !linux && !darwin && !windows

package datadir

import "errors"

// LookAtDisk fails: this system is not asked.
func LookAtDisk(string) (Disk, error) { return Disk{}, errors.ErrUnsupported }
