package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/client/ledger"
	"idtop/client/mirror/sqlite"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// Free space below which there is a warning or a fault. The mirror of a million sessions
// has some hundreds of megabytes.
const (
	littleSpace = 500 << 20
	noSpace     = 20 << 20
)

// lookAtData looks at the folder of all that idtop keeps.
func (d *doctor) lookAtData(ctx context.Context) {
	data, err := config.DataDir(d.p, d.o.DataDir)
	if err != nil {
		d.failed("folder", err)
		return
	}
	folder, err := datadir.Find(data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.add("folder", note, safe.Quote(data)+" is not there yet: the first start makes it", "")
		d.lookAtDisk(existing(data))
		return
	case err != nil:
		d.failed("folder", err)
		return
	}
	_ = folder.Close()
	d.lookAtFiles(data)
	d.lookAtDisk(data)
	d.lookAtMirrors(ctx, data)
	d.lookAtBooks(data)
}

// existing is the nearest folder above a path that is there.
func existing(path string) string {
	for {
		if info, err := os.Stat(path); err == nil && info.IsDir() || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}

// mostFiles bounds how many files are looked at.
const mostFiles = 10_000

// lookAtFiles checks the owner and the mode of all files in the folder.
func (d *doctor) lookAtFiles(data string) {
	var strange, open []string
	seen := 0
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // a running idtop removed it
			return nil
		}
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return nil // it was removed meanwhile
		}
		name, _ := filepath.Rel(data, path)
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			strange = append(strange, safe.Quote(name)+" is a symbolic link")
		case !datadir.OwnedByUser(info):
			strange = append(strange, safe.Quote(name)+" belongs to another user")
		case datadir.OthersMay(info, 0o022):
			strange = append(strange, fmt.Sprintf("others may write to %s (mode %04o)", safe.Quote(name), info.Mode().Perm()))
		case datadir.OthersMay(info, 0o077):
			open = append(open, fmt.Sprintf("others may read %s (mode %04o)", safe.Quote(name), info.Mode().Perm()))
		}
		if seen++; seen > mostFiles {
			return fs.SkipAll
		}
		return nil
	})
	const private = "chmod -R go= "
	switch {
	case err != nil:
		d.failed("folder", fail.New("make it readable for you", "%s: %s", safe.Quote(data), datadir.Cause(err)))
	case len(strange) > 0:
		d.add("folder", fault, safe.Quote(data)+": "+some(strange), "find out who did that; then move the file away, or "+private+safe.Quote(data))
	case len(open) > 0:
		d.add("folder", warning, safe.Quote(data)+": "+some(open), private+safe.Quote(data))
	default:
		d.add("folder", fine, safe.Quote(data)+" and all in it are yours alone", "")
	}
}

// some lists the first of several texts.
func some(all []string) string {
	const most = 3
	text := strings.Join(all[:min(most, len(all))], ", ")
	if more := len(all) - most; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

// lookAtDisk looks at the free space and the locks of a folder's disk.
func (d *doctor) lookAtDisk(dir string) {
	disk, err := datadir.LookAtDisk(dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		d.add("disk", notChecked, "this system is not asked", "")
		return
	case err != nil:
		d.failed("disk", err)
		return
	}
	free := fmt.Sprintf("%d MB are free", disk.Free>>20)
	const room = "make room there, or name another folder with --data-dir"
	switch {
	case disk.Free < noSpace:
		d.add("space", fault, free, room)
	case disk.Free < littleSpace:
		d.add("space", warning, free, room)
	default:
		d.add("space", fine, free, "")
	}
	const local = "keep it on a local disk: name a folder there with --data-dir"
	switch {
	case disk.Locks != nil:
		d.failed("file system", disk.Locks)
	case disk.System != "":
		d.add("file system", warning, disk.System+" gives locks; over a network they may fail", local)
	default:
		d.add("file system", fine, "it gives locks", "")
	}
}

// lookTime is how long the look at one mirror may take.
const lookTime = time.Minute

// lookAtMirrors reads all mirrors from end to end.
func (d *doctor) lookAtMirrors(ctx context.Context, data string) {
	folder := config.Mirrors(data)
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.failed("mirrors", fail.New("make the folder readable for you", "%s: %s", safe.Quote(folder), datadir.Cause(err)))
		return
	}
	mine := ""
	if account := config.Remembered(data, d.key, d.o); account != "" {
		mine = d.o.MirrorName(account, d.key.Live())
	}
	n := 0
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		n++
		name := entry.Name()
		if name == mine {
			name += " (of this key)"
		}
		dir := filepath.Join(folder, entry.Name())
		d.lookAtMirror(ctx, dir, name)
		lead, use := sqlite.Locks(dir)
		d.lookAtLock(lead, name+": reads from Stripe")
		d.lookAtLock(use, name+": have it open")
	}
	if n == 0 {
		d.add("mirrors", note, "there is none yet: idtop or idtop sync makes one", "")
	}
}

func (d *doctor) lookAtMirror(ctx context.Context, dir, name string) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	health, err := sqlite.Look(ctx, dir)
	switch {
	case errors.Is(err, datadir.ErrUnread):
		d.add("mirror", notChecked, name+": "+err.Error(), "")
	case ctx.Err() != nil:
		d.add("mirror", notChecked, fmt.Sprintf("%s: it takes longer than %s", name, lookTime), "")
	case err != nil:
		f := fail.Mirror(err)
		d.add("mirror", fault, name+": "+f.Text, f.Way)
	default:
		text := fmt.Sprintf("%s: whole, %s sessions", name, safe.Num(health.Sessions))
		switch p := health.Progress; {
		case p.Checked == 0:
			text += ", just begun"
		case !p.Complete():
			text += ", older ones are missing"
		}
		if checked := health.Progress.Checked; checked != 0 {
			text += ", as of " + roughly(max(0, health.Progress.ServerNow(time.Now()).Sub(checked.Time()))) + " ago"
		}
		d.add("mirror", fine, text, "")
	}
}

// lookAtLock says which processes hold a lock, if the system tells.
func (d *doctor) lookAtLock(path, what string) {
	holders, known := datadir.Holders(path)
	if !known || len(holders) == 0 {
		return
	}
	var all, stopped []string
	for _, h := range holders {
		text := fmt.Sprintf("process %d", h.PID)
		if h.Name != "" {
			text += " (" + h.Name + ")"
		}
		if all = append(all, text); h.Stopped {
			stopped = append(stopped, text)
		}
	}
	if len(stopped) > 0 {
		d.add("lock", warning, what+": "+some(all)+"; stopped: "+some(stopped), "let it go on with fg in its terminal, or end it: others wait for it")
		return
	}
	d.add("lock", fine, what+": "+some(all), "")
}

// lookAtBooks verifies all books against their marks, and against the heads that they
// sent elsewhere.
func (d *doctor) lookAtBooks(data string) {
	dirs, err := ledger.Books(data)
	if err != nil {
		d.failed("books", err)
		return
	}
	if len(dirs) == 0 {
		d.add("books", note, "there is none yet: the first action makes one", "")
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		var sent ledger.Head
		if options := d.o.Ledger(d.p.Version, name); options.Sent != nil {
			if sent, err = options.Sent(); err != nil {
				d.add("book", fault, name+": the head that was sent to ledger_head can't be read: "+err.Error(), "see ledger_head in the config")
				continue
			}
		}
		d.lookAtBook(dir, name, sent)
		d.lookAtLock(ledger.LockOf(dir), name+": writes to the book")
	}
}

func (d *doctor) lookAtBook(dir, name string, sent ledger.Head) {
	report, err := ledger.VerifyStill(dir, sent)
	var wrong *ledger.Fault
	switch {
	case errors.Is(err, datadir.ErrUnread):
		d.add("book", notChecked, name+": "+err.Error(), "")
	case errors.As(err, &wrong):
		d.add("book", fault, name+": "+wrong.Error(), "records before that line are as they were written; compare with a copy or a head that was kept elsewhere")
	case err != nil:
		do := client.HintOf(err)
		if do == "" {
			do = "idtop ledger verify says more"
		}
		d.add("book", fault, name+": "+err.Error(), do)
	case report.Records == 0:
		d.add("book", fine, name+": no records yet", "")
	case report.Pending > 0:
		d.add("book", note, fmt.Sprintf("%s: %s records, each as it was written; %d intents have no outcome yet", name, safe.Num(int(report.Records)), report.Pending), "idtop jobs shows what is under way")
	default:
		d.add("book", fine, fmt.Sprintf("%s: %s records, each as it was written; head %s", name, safe.Num(int(report.Records)), report.Head), "")
	}
}
