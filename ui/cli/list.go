package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// listOptions are the flags of list.
type listOptions struct {
	config.Options
	query  string
	states []string
	limit  int
	format string

	columns []string
}

// listWindow is how many rows are read from the mirror at once. They are never all
// in memory.
const listWindow = 1000

// oldMirror is the age from which list warns that the mirror is old.
const oldMirror = 10 * time.Minute

func listCommand(p *Process) *cobra.Command {
	var o listOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "Write the sessions of the mirror to stdout",
		Long: `The sessions that the mirror knows, newest first, or those that a search finds,
best first. Stripe is not asked: nothing is read that a sync or a dashboard has
not read before. What is searched for is the same as in the dashboard: letters
of a user_id in their order, or a part of a session's id.

jsonl is an object on each line, for scripts. csv is for spreadsheets: a cell that
begins with = + - @ or ' has another ' before it, which a script takes off again,
and a control character is written as \n, \r, \t or \u and four hex digits.`,
		Example: `  idtop list --state failed
  idtop list --query ann --format json
  idtop sync && idtop list --format csv > sessions.csv`,
		Args: noArguments,
	}
	flags := c.Flags()
	flags.StringVar(&o.query, "query", "", "only what matches this `TEXT`")
	flags.StringSliceVar(&o.states, "state", nil, "only these `STATES`, separated by commas: "+strings.Join(stateNames()[:4], ", ")+" ...")
	flags.Var(number{&o.limit, 1, 1_000_000_000}, "limit", "how many sessions at most")
	flags.StringSliceVar(&o.columns, "columns", nil, "only these `COLUMNS`, separated by commas: the names of csv, such as user_id, and metadata.KEY")
	flags.Var(choice{&o.format, []string{"table", "json", "jsonl", "csv"}}, "format", "table, json, jsonl or csv")
	o.format = "table"
	return onAccount(p, c, &o.Options, nil, func(ctx context.Context, _ []string) error { return runList(ctx, p, o) })
}

// stateNames are the names of states for --state.
func stateNames() []string {
	var names []string
	for s := client.StateUnknown + 1; int(s) < client.StateCount; s++ {
		names = append(names, s.String())
	}
	return names
}

// statesOf reads the names of states.
func statesOf(names []string) (mirror.States, error) {
	var states mirror.States
	known := stateNames()
	for _, name := range names {
		at := slices.Index(known, strings.ToLower(strings.TrimSpace(name)))
		if at < 0 {
			return 0, fail.Misuse("known are "+strings.Join(known, ", "), "--state %s: there is no such state", safe.Quote(name))
		}
		states |= mirror.StatesOf(client.StateUnknown + 1 + client.State(at))
	}
	return states, nil
}

// runList writes sessions of the mirror, without a request.
func runList(ctx context.Context, p *Process, o listOptions) error {
	states, err := statesOf(o.states)
	if err != nil {
		return err
	}
	asked, err := queryOf(o.query)
	if err != nil {
		return err
	}
	written := fields{metadata: o.Metadata, personal: true}
	if err := written.choose(o.columns); err != nil {
		return err
	}
	return atMirror(ctx, p, o.Options, func(m opened) error {
		l := lister{process: p, store: m.store, to: newRowWriter(o.format, written, p.Stdout), keys: o.Metadata, left: o.limit, request: mirror.Request{
			Query: asked, Now: m.now, States: states, Rows: listWindow,
		}}
		if err := l.run(ctx); err != nil {
			return listFailure(err)
		}
		if !l.matched && o.format == "table" {
			fmt.Fprintln(p.Stderr, "idtop: no session in the mirror matches")
		}
		return nil
	})
}

// opened is a mirror that a command reads.
type opened struct {
	place    *config.Place
	store    *sqlite.Store
	progress mirror.Progress
	now      time.Time // at the server
}

// atMirror lets a command read the mirror of the account, without a request, after it
// said what the mirror may lack.
func atMirror(ctx context.Context, p *Process, o config.Options, read func(opened) error) error {
	place, store, err := openMirror(ctx, p, o)
	if err != nil {
		return err
	}
	defer store.Close()
	progress, err := store.Progress(ctx)
	if err != nil {
		return fail.Mirror(err)
	}
	now := progress.ServerNow(time.Now())
	if err := tellLacks(ctx, p, store, progress, now); err != nil {
		return err
	}
	return read(opened{place, store, progress, now})
}

// openMirror opens the mirror of the account, without a request.
func openMirror(ctx context.Context, p *Process, o config.Options) (*config.Place, *sqlite.Store, error) {
	key, err := config.ReadKey(ctx, p, o)
	if err != nil {
		return nil, nil, err
	}
	pl, err := config.FindPlace(ctx, p, key.Key, o, nil)
	if err == nil {
		if _, missing := os.Lstat(pl.Dir); errors.Is(missing, fs.ErrNotExist) {
			err = config.ErrUnknownKey
		}
	}
	if errors.Is(err, config.ErrUnknownKey) {
		hint := "idtop sync makes one"
		if o.APIBase == "" {
			hint += "; that of another server needs its --api-base here"
		}
		return nil, nil, fail.New(hint, "there is no mirror for the key %s yet", key)
	}
	if err != nil {
		return nil, nil, err
	}
	store, err := pl.Open(ctx, o)
	return pl, store, err
}

// tellLacks says on stderr what the mirror may lack, at a time at the server.
func tellLacks(ctx context.Context, p *Process, store mirror.Store, progress mirror.Progress, now time.Time) error {
	const hint = "idtop sync brings it up to date"
	age := now.Sub(progress.Checked.Time())
	switch {
	case progress.Checked == 0:
		fail.Warn(p.Stderr, "the mirror has just been begun: sessions are missing", hint)
	case !progress.Complete():
		fail.Warn(p.Stderr, "the mirror is not complete: older sessions are missing", hint)
	case age > oldMirror:
		fail.Warn(p.Stderr, "the mirror is "+roughly(age)+" old", hint)
	}
	page, err := store.Find(ctx, mirror.Request{Unreadable: true, Rows: 1})
	if err != nil {
		return fail.Mirror(err)
	}
	const newer = "look for a newer idtop, and at the sessions in the Stripe Dashboard"
	if n := page.Counts.Unreadable; n > 0 {
		fail.Warn(p.Stderr, safe.Num(n).String()+" of the sessions could not be read as a whole: their lines say so", newer)
	}
	if n := progress.Lost; n > 0 {
		fail.Warn(p.Stderr, safe.Num(n).String()+" of the sessions had no id that could be read: they are missing", newer)
	}
	return nil
}

// roughly writes a time in one unit.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return fmt.Sprintf("%d seconds", max(0, d/time.Second))
}

// found is a row with its kept metadata.
type found struct {
	mirror.Row
	metadata map[string]string
}

// rowWriter writes rows in one format.
type rowWriter interface {
	begin() error
	rows([]found) error
	end() error
}

// listStore is what a list is read from.
type listStore interface {
	Find(ctx context.Context, request mirror.Request) (mirror.Page, error)
	Metadata(ctx context.Context, id string) (map[string]string, error)
}

// lister walks over the rows of a request, window by window. Rows may come, go and
// move meanwhile: each window overlaps the one before, so that no row is left out
// or written twice.
type lister struct {
	store   listStore
	to      rowWriter
	keys    []string // of metadata
	request mirror.Request
	process *Process // for warnings; may be nil
	left    int      // how many rows may still be written; 0: all
	matched bool     // a row was written
	written int
	last    string
}

// listOverlap is how many rows of the last window the next one repeats.
const listOverlap = 50

func (l *lister) run(ctx context.Context) error {
	if err := l.to.begin(); err != nil {
		return err
	}
	for {
		page, err := l.window(ctx, l.written)
		if err != nil {
			return err
		}
		if l.written == 0 && l.process != nil {
			tellUnknown(l.process, page)
		}
		rows := l.fresh(page, l.written)
		if left := l.left - l.written; l.left > 0 && len(rows) > left {
			rows = rows[:left]
		}
		if len(rows) == 0 {
			l.matched = l.written > 0
			return l.to.end()
		}
		full, err := l.withMetadata(ctx, rows)
		if err != nil {
			return err
		}
		if err := l.to.rows(full); err != nil {
			return err
		}
		l.written += len(rows)
		l.last = rows[len(rows)-1].ID
	}
}

// withMetadata reads the kept metadata of the rows, if the config keeps any.
func (l *lister) withMetadata(ctx context.Context, rows []mirror.Hit) ([]found, error) {
	full := make([]found, len(rows))
	for i, row := range rows {
		full[i].Row = row.Row
		if len(l.keys) == 0 {
			continue
		}
		var err error
		if full[i].metadata, err = l.store.Metadata(ctx, row.ID); err != nil {
			return nil, err
		}
	}
	return full, nil
}

// window returns the rows from approximately an index on.
func (l *lister) window(ctx context.Context, from int) (mirror.Page, error) {
	l.request.At = max(0, from-listOverlap) + l.request.Rows/2
	page, err := l.find(ctx)
	if err != nil || l.last == "" || slices.ContainsFunc(page.Rows, l.isLast) {
		return page, err
	}
	l.request.Near = []string{l.last} // more rows came or went than the overlap covers
	defer func() { l.request.Near = nil }()
	return l.find(ctx)
}

// find asks the store and waits until it has read all its files.
func (l *lister) find(ctx context.Context) (mirror.Page, error) {
	request := l.request
	request.Whole = true
	return l.store.Find(ctx, request)
}

func (l *lister) isLast(hit mirror.Hit) bool { return hit.ID == l.last }

// fresh returns the rows of a window after the last written row, or, if that is
// gone, those from the next index on.
func (l *lister) fresh(page mirror.Page, next int) []mirror.Hit {
	if l.last == "" {
		return page.Rows
	}
	at := slices.IndexFunc(page.Rows, l.isLast) + 1
	if at == 0 {
		at = max(0, min(next-page.First, len(page.Rows)))
	}
	return page.Rows[at:]
}

// listFailure says why a list could not be written.
func listFailure(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return fail.New("", "stopped before all was written")
	case errors.Is(err, io.ErrClosedPipe), isBrokenPipe(err):
		return fail.New("", "nobody reads the output any more")
	}
	var w *writeError
	if errors.As(err, &w) {
		return fail.New("", "the output can't be written: %s", datadir.Cause(w.error))
	}
	return fail.Mirror(err)
}
