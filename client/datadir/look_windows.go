package datadir

import "golang.org/x/sys/windows"

// LookAtDisk asks the system about the disk of a folder. It changes nothing there.
func LookAtDisk(dir string) (d Disk, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(name, &d.Free, nil, nil)
	}
	return d, failed(dir, err)
}
