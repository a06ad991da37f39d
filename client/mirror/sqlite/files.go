package sqlite

import (
	"fmt"

	"idtop/client/datadir"
	"idtop/client/mirror"
)

// The files of a mirror. SQLite makes the two others beside mirror.db itself,
// with mirror.db's mode.
const (
	dbFile   = "mirror.db"
	leadFile = "mirror.lock" // locked by the process that leads
	useFile  = "mirror.use"  // locked, for sharing, by every process that has the mirror open
)

var sqliteFiles = append(beside(dbFile), dbFile)

// beside are the files that SQLite makes beside a database.
func beside(file string) []string { return []string{file + "-wal", file + "-shm", file + "-journal"} }

// openDir opens the folder. If need be it makes the folder and its files, for this
// user alone.
func openDir(dir string) (*datadir.Dir, error) {
	d, err := datadir.Open(dir)
	if err != nil {
		return nil, troubleIn(dir, err)
	}
	err = d.Private()
	if err == nil {
		err = d.Prepare(dbFile, leadFile, useFile)
	}
	if err == nil {
		err = d.Check(sqliteFiles...)
	}
	if err != nil {
		d.Close()
		return nil, troubleIn(dir, err)
	}
	return d, nil
}

// use takes a shared lock on the mirror, so that no process removes it meanwhile.
func use(d *datadir.Dir) (*datadir.Lock, error) {
	lock, err := d.Lock(useFile)
	if err != nil {
		return nil, troubleIn(d.Path(), err)
	}
	ok, err := lock.TryShared()
	if err != nil {
		return nil, troubleIn(d.Path(), err)
	}
	if !ok {
		return nil, inUse(d.Path(), "is being removed by another idtop")
	}
	return lock, nil
}

func inUse(dir, why string) error {
	return &mirror.Trouble{
		What: fmt.Sprintf("the mirror in %s %s", dir, why),
		Way:  "close every other idtop and try again",
		Err:  mirror.ErrInUse,
	}
}
