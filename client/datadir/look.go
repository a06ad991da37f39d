package datadir

// Disk describes the disk of a folder, as the system tells it.
type Disk struct {
	System string // the file system, "" when it is none that is known to lack locks
	Free   uint64 // bytes that this user may still write
	Locks  error  // why a file there can't be locked, nil when it can
}

// Holder is a process that holds a lock.
type Holder struct {
	PID     int
	Name    string // of its program, "" when it is not known
	Stopped bool   // it was stopped, as by ctrl+z, and keeps the lock
}
