package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
	"idtop/client/query"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// watchOptions are the flags of watch.
type watchOptions struct {
	config.Options
	query string
	rise  bool
	with  []string
}

func watchCommand(p *Process) *cobra.Command {
	o := watchOptions{}
	o.Poll = syncer.DefaultIdle
	c := &cobra.Command{
		Use:   "watch",
		Short: "Write a line for each change, and for each rise",
		Long: `Runs until it is ended, and writes a JSON object on a line of its own for each
session that changes its state and matches the query, and with --rise for each
reason that rises. What was so before the start is not written. With --rise and
without --query only rises are written.

  {"time":"...","kind":"change","session":"vs_...","state":"failed",
   "reason":"document_expired","since":"...","counts":{"matching":31}}
  {"time":"...","kind":"rise","reason":"document_expired",
   "counts":{"failed":31,"usual":2},"in_common":["27 id cards of PL"]}

Who a session is of is left out, unless --with user_id asks for it. The mirror is
kept up to date meanwhile; while a dashboard is open on this machine, that one
reads for both. It ends when nobody reads its output any more. A rise is written
once, also after a restart.`,
		Example: `  idtop watch --query "state:failed reason:selfie_*"
  idtop watch --rise
  idtop watch --query stuck:yes --with user_id`,
		Args: noArguments,
	}
	flags := c.Flags()
	flags.StringVar(&o.query, "query", "", "only sessions that match this `QUERY`")
	flags.BoolVar(&o.rise, "rise", false, "also a line for each reason that rises")
	flags.Var(fieldsOf{&o.with, []string{"user_id"}}, "with", "also write this `FIELD`: user_id")
	flags.Var(config.Span{Value: &o.Poll, Least: config.ShortestPoll, Most: config.LongestPoll}, "poll", "how often to read from Stripe")
	return onAccount(p, c, &o.Options, nil, func(ctx context.Context, _ []string) error { return runWatch(ctx, p, o) })
}

// fieldsOf is a flag for some of a few words.
type fieldsOf struct {
	values *[]string
	words  []string
}

func (f fieldsOf) Set(s string) error {
	if !slices.Contains(f.words, s) {
		return fmt.Errorf("must be one of %s", strings.Join(f.words, ", "))
	}
	*f.values = append(*f.values, s)
	return nil
}

func (f fieldsOf) String() string { return strings.Join(*f.values, ",") }
func (f fieldsOf) Type() string   { return "FIELD" }

// How often a watch looks for changes, for rises, and whether it should stand back.
const (
	watchEvery = time.Second
	riseEvery  = time.Minute
	timedEvery = 15 * time.Second // for a query whose answer changes as time passes
)

func runWatch(ctx context.Context, p *Process, o watchOptions) error {
	asked, err := queryOf(o.query)
	if err != nil {
		return err
	}
	o.ReadOnly = true
	return atWork(ctx, p, o.Options, func(ctx context.Context, w *workplace) error {
		s, stop := w.kept.sync(ctx, w.api, w.options)
		defer stop()
		v := &watch{
			workplace: w, options: o, query: asked, syncer: s, started: time.Now(),
			seen: map[string]standing{}, told: toldRises(w.kept.place),
		}
		return v.run(ctx)
	})
}

// watch is a running watch.
type watch struct {
	*workplace
	options watchOptions
	query   query.Query
	syncer  *syncer.Syncer
	started time.Time
	paused  bool
	wishes  uint64

	based  bool                // the sessions that matched at the start are in seen
	seen   map[string]standing // how each session stood when it was looked at last
	looked time.Time
	risen  time.Time            // when rises were looked for
	told   map[string]time.Time // when each reason was last seen to have risen
}

// standing is what of a session counts as a change.
type standing struct {
	state  client.State
	reason string
	since  int64
}

func (w *watch) run(ctx context.Context) error {
	changes := w.kept.store.Subscribe(ctx)
	again := time.NewTicker(watchEvery)
	defer again.Stop()
	dirty, lists := true, w.options.query != "" || !w.options.rise
	if !lists {
		fmt.Fprintln(w.process.Stderr, "idtop: watching for rises")
	}
	for {
		select {
		case <-ctx.Done():
			return nil // it was asked to end
		case <-changes:
			dirty = true
			continue
		case <-again.C:
		}
		if readerGone(w.process.Stdout) {
			return nil
		}
		w.standBack()
		status := w.syncer.Status()
		if err := fatal(status); err != nil {
			return err
		}
		timed := w.query.Timed() && time.Since(w.looked) >= timedEvery
		if lists && (dirty || timed || !w.based) {
			dirty = false
			if err := w.changes(ctx, status); err != nil {
				return watchEnded(ctx, err)
			}
		}
		if w.options.rise && time.Since(w.risen) >= riseEvery {
			if err := w.rises(ctx, status); err != nil {
				return watchEnded(ctx, err)
			}
		}
	}
}

// fatal is why nothing can be read, ever.
func fatal(status mirror.Status) error {
	if kind := client.KindOf(status.Err); status.Last.IsZero() && (kind == client.KindAuth || kind == client.KindPermission) {
		return fail.Of(status.Err)
	}
	return nil
}

// watchEnded is the end of a watch: none for a reader that has gone, or when ctx has ended.
func watchEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil || isBrokenPipe(err) {
		return nil
	}
	return listFailure(err)
}

// standBack lets a dashboard of this machine keep the mirror: an operator waits for it.
func (w *watch) standBack() {
	if there := dashboardThere(w.kept.place); there != w.paused {
		w.paused = there
		w.wishes++
		w.syncer.Steer(mirror.Wish{Paused: there, Sequence: w.wishes})
	}
}

// seenFor is how far back sessions are looked at, counted from the start, unless the
// query's answer changes as time passes: no news is older.
const seenFor = time.Hour

// changes writes the sessions that changed since it was called last.
func (w *watch) changes(ctx context.Context, status mirror.Status) error {
	now := time.Now().Add(status.Ahead)
	floor := w.started.Add(status.Ahead - seenFor)
	request := mirror.Request{Query: w.query, Now: now, Order: mirror.Order{Column: mirror.BySince}, Rows: listWindow, Whole: true}
	// What a back-fill brings is no news.
	quiet := !w.based || w.query.Timed() && status.Filling
	w.looked = time.Now()
	matching := map[string]bool{}
	var news []mirror.Row
	total := 0
	for at := 0; ; at += listWindow {
		request.At = at + listWindow/2
		page, err := w.kept.store.Find(ctx, request)
		if err != nil {
			return err
		}
		total = page.Total
		old := false
		for _, hit := range page.Rows {
			is := standing{hit.State, hit.ErrorCode, hit.Since.Unix()}
			was, known := w.seen[hit.ID]
			w.seen[hit.ID], matching[hit.ID] = is, true
			if changed := known && was.state != is.state || known && was.reason != is.reason || !known; changed && !quiet && (w.query.Timed() || !hit.Changed.IsZero()) {
				news = append(news, hit.Row)
			}
			old = old || hit.Since.Before(floor) && !w.query.Timed()
		}
		if old || page.First+len(page.Rows) >= page.Total || len(page.Rows) == 0 {
			break
		}
	}
	for id := range w.seen {
		if !matching[id] {
			delete(w.seen, id)
		}
	}
	if !w.based {
		fmt.Fprintf(w.process.Stderr, "idtop: watching; %s match now\n", safe.Num(total))
	}
	w.based = true
	for _, row := range slices.Backward(news) { // the oldest first
		line := watched{
			Time: stamp(now), Kind: "change", Session: row.ID, State: row.State.String(), Reason: row.ErrorCode,
			Since: stamp(row.Since), Counts: map[string]int{"matching": total},
		}
		if slices.Contains(w.options.with, "user_id") {
			line.UserID = &row.UserID
		}
		if err := w.write(line); err != nil {
			return err
		}
	}
	return nil
}

// rises writes the reasons that rose and were not written yet.
func (w *watch) rises(ctx context.Context, status mirror.Status) error {
	now, known := time.Now().Add(status.Ahead), insights.KnownOf(status)
	if w.paused { // the dashboard's syncer knows, and has written it down
		progress, err := w.kept.store.Progress(ctx)
		if err != nil {
			return err
		}
		known = insights.KnownBy(progress)
	}
	if known.Filling && status.Err == nil { // more becomes known soon
		return nil
	}
	hour, _, err := insights.ReadHour(ctx, w.kept.store, insights.Request{Now: now, Rule: w.options.Rule.OrUsual(), Known: known})
	if err != nil || !hour.Known {
		return err
	}
	w.risen = time.Now()
	for _, r := range hour.Risen() {
		last, told := w.told[r.Code]
		w.told[r.Code] = w.risen
		if told && w.risen.Sub(last) < insights.RiseOver {
			continue
		}
		as := reasonOf(r)
		if err := w.write(watched{
			Time: stamp(now), Kind: "rise", Reason: r.Code, Counts: map[string]int{"failed": r.Failed, "usual": r.Usual}, Shares: as.Shares,
		}); err != nil {
			return err
		}
	}
	return keepRises(w.kept.place, w.told)
}

// watched is a line of watch.
type watched struct {
	Time    string         `json:"time"`
	Kind    string         `json:"kind"`
	Session string         `json:"session,omitempty"`
	UserID  *string        `json:"user_id,omitempty"`
	State   string         `json:"state,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Since   string         `json:"since,omitempty"`
	Counts  map[string]int `json:"counts"`
	Shares  []string       `json:"in_common,omitempty"`
}

// write writes a line at once.
func (w *watch) write(line watched) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.process.Stdout, safe.JSON(text))
	return written(err)
}

// risesFile has the reasons that a watch has written, and when each had last risen.
const risesFile = "rises.json"

// toldRises are the reasons that an earlier watch has written; none when they can't be
// read, so that they are written again.
func toldRises(pl *config.Place) map[string]time.Time {
	var told map[string]time.Time
	if !recall(pl, risesFile, &told) || told == nil {
		return map[string]time.Time{}
	}
	return told
}

// keepRises remembers what was written.
func keepRises(pl *config.Place, told map[string]time.Time) error {
	for code, last := range told {
		if time.Since(last) >= insights.RiseOver {
			delete(told, code)
		}
	}
	return remember(pl, risesFile, told)
}

// lookingFile is shared by the dashboards of an account: a watch stands back for them.
const lookingFile = "looking.lock"

// look says that a dashboard is open, until the returned function is called.
func (k *kept) look() (end func()) {
	if k.place == nil {
		return func() {}
	}
	folder, err := datadir.Open(k.place.Book())
	if err != nil {
		return func() {} // the dashboard itself says what is wrong with the folder
	}
	lock, err := folder.Lock(lookingFile)
	for range 100 { // a watch that looks whether somebody is there has it for a moment
		if err != nil {
			break
		}
		var ok bool
		if ok, err = lock.TryShared(); ok {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return func() {
		if lock != nil {
			_ = lock.Unlock()
		}
		_ = folder.Close()
	}
}

// dashboardThere tells whether a dashboard of the account is open on this machine.
func dashboardThere(pl *config.Place) bool {
	folder, err := datadir.Find(pl.Book())
	if err != nil {
		return false
	}
	defer folder.Close()
	if _, err := os.Lstat(folder.Join(lookingFile)); errors.Is(err, os.ErrNotExist) {
		return false
	}
	lock, err := folder.Lock(lookingFile)
	if err != nil {
		return false
	}
	alone, err := lock.Try()
	if alone {
		_ = lock.Unlock()
	}
	return err == nil && !alone
}
