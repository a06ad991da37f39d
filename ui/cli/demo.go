package cli

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"idtop/client/datadir"
	"idtop/ui/fail"
)

// demoFolder matches the names of demo folders in the system's temporary folder.
var demoFolder = regexp.MustCompile(`^idtop-demo-[0-9]+$`)

const (
	demoPattern = "idtop-demo-*"
	demoLock    = "running"   // locked in its folder while a demo runs
	demoYouth   = time.Minute // a younger folder may not be locked yet
)

// demoDir is the folder of a running demo. It is removed when the demo ends.
type demoDir struct {
	dir  string
	lock *datadir.Lock
}

// newDemoDir makes a folder for this user only, and removes the folders of killed
// demos.
func newDemoDir(p *Process) (*demoDir, error) {
	temporary := p.Getenv("TMPDIR")
	if !filepath.IsAbs(temporary) {
		temporary = os.TempDir()
	}
	removeLeftovers(temporary)
	dir, err := os.MkdirTemp(temporary, demoPattern)
	if err != nil {
		return nil, fail.New("make room there, or set TMPDIR to another folder", "the demo has no place for its mirror: %s", datadir.Cause(err))
	}
	lock, err := lockDemo(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, fail.New("set TMPDIR to a folder on a local disk", "the demo's folder can't be locked: %s", err)
	}
	return &demoDir{dir, lock}, nil
}

// errRuns says that another demo runs in the folder.
var errRuns = errors.New("another demo has it")

// lockDemo locks the folder of a demo.
func lockDemo(dir string) (*datadir.Lock, error) {
	folder, err := datadir.Find(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	lock, err := folder.Lock(demoLock)
	if err != nil {
		return nil, err
	}
	if ok, err := lock.Try(); err != nil || !ok {
		return nil, cmp.Or(err, errRuns)
	}
	return lock, nil
}

// remove removes the folder with its content.
func (d *demoDir) remove() {
	_ = d.lock.Unlock()
	_ = os.RemoveAll(d.dir)
}

// removeLeftovers removes the folders of this user's demos that no longer run. In
// doubt a folder stays.
func removeLeftovers(temporary string) {
	entries, err := os.ReadDir(temporary)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !entry.IsDir() || !demoFolder.MatchString(entry.Name()) {
			continue
		}
		dir := filepath.Join(temporary, entry.Name())
		if info, err := os.Lstat(dir); err == nil && isLeftover(info) {
			removeUnlocked(dir)
		}
	}
}

func isLeftover(info fs.FileInfo) bool {
	return info.IsDir() && datadir.OwnedByUser(info) && !datadir.OthersMay(info, 0o077) && time.Since(info.ModTime()) > demoYouth
}

// removeUnlocked removes the folder of a demo unless the demo runs.
func removeUnlocked(dir string) {
	if lock, err := lockDemo(dir); err == nil {
		(&demoDir{dir, lock}).remove()
	}
}
