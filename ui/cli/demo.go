package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"
)

// demoFolder is what the folders of demos are called in the system's temporary
// folder.
var demoFolder = regexp.MustCompile(`^idtop-demo-[0-9]+$`)

const (
	demoPattern = "idtop-demo-*"
	demoLock    = "running"   // locked in its folder while a demo runs
	demoYouth   = time.Minute // a younger folder may be one that is not locked yet
)

// demoDir is the folder of a running demo. It goes when the demo ends.
type demoDir struct {
	dir  string
	lock *flock.Flock
}

// newDemoDir makes a folder that nobody else may look into, and removes those of
// demos that were killed.
func newDemoDir(p *Process) (*demoDir, error) {
	temporary := p.getenv("TMPDIR")
	if !filepath.IsAbs(temporary) {
		temporary = os.TempDir()
	}
	removeLeftovers(temporary)
	dir, err := os.MkdirTemp(temporary, demoPattern)
	if err != nil {
		return nil, failed("make room there, or set TMPDIR to another folder", "the demo has no place for its mirror: %s", pathCause(err))
	}
	d := &demoDir{dir, flock.New(filepath.Join(dir, demoLock), flock.SetPermissions(0o600))}
	if _, err := d.lock.TryLock(); err != nil { // nobody else knows the folder
		d.remove()
		return nil, failed("set TMPDIR to a folder on a local disk", "the demo's folder can't be locked: %s", pathCause(err))
	}
	return d, nil
}

// remove removes the folder with all that is in it.
func (d *demoDir) remove() {
	_ = d.lock.Close()
	_ = os.RemoveAll(d.dir)
}

// removeLeftovers removes the folders of this user's demos that do not run any
// more. Whatever is in doubt stays.
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
	return info.IsDir() && ownedByUser(info) && !othersMay(info, 0o077) && time.Since(info.ModTime()) > demoYouth
}

// removeUnlocked removes the folder of a demo unless it runs.
func removeUnlocked(dir string) {
	lock := flock.New(filepath.Join(dir, demoLock), flock.SetPermissions(0o600))
	if locked, err := lock.TryLock(); err != nil || !locked {
		return
	}
	d := demoDir{dir, lock}
	d.remove()
}
