package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
	"idtop/model"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// syncOptions are the flags of sync.
type syncOptions struct {
	config.Options
	rebuild bool
	format  string
}

// After so many failures in a row, of polls or of pages of older sessions, sync
// gives up. Each failure includes repeats for a while. A server that asks to slow
// down is given more time.
const (
	mostFailures = 3
	mostRefusals = 10
)

func syncCommand(p *Process) *cobra.Command {
	o := syncOptions{format: "text"}
	o.Poll = syncer.DefaultInterval
	c := &cobra.Command{
		Use:   "sync",
		Short: "Bring the mirror up to date",
		Long: `Reads from Stripe what the mirror does not know yet, and ends when it knows all
sessions and what has just changed. It goes on where the last run stopped. When
another idtop keeps the mirror already, it waits until that one is so far.

Progress is written to stderr, the counts at the end to stdout.`,
		Example: `  idtop sync
  idtop sync --format json
  idtop sync --rebuild                      empty the mirror and read all anew`,
		Args: noArguments,
	}
	flags := c.Flags()
	flags.BoolVar(&o.rebuild, "rebuild", false, "empty this account's mirror first, but for the histories of its sessions")
	flags.Var(choice{&o.format, []string{"text", "json"}}, "format", "text or json")
	return onAccount(p, c, &o.Options, nil, func(ctx context.Context, _ []string) error { return runSync(ctx, p, o) })
}

// runSync reads until the mirror knows everything.
func runSync(ctx context.Context, p *Process, o syncOptions) error {
	o.ReadOnly = true
	s, err := accountServer(ctx, p, o.Options)
	if err != nil {
		return err
	}
	if o.rebuild {
		if err := rebuild(ctx, p, s, o.Options); err != nil {
			return err
		}
	}
	return atServer(ctx, p, s, o.Options, func(ctx context.Context, w *workplace) error {
		r, err := w.catchUp(ctx, patient)
		if err != nil {
			return err
		}
		return r.report(ctx, o.format)
	})
}

// rebuild announces and then empties the mirror of the server's account.
func rebuild(ctx context.Context, p *Process, s *server, o config.Options) error {
	pl, err := config.FindPlace(ctx, p, s.key, o, s.api)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "idtop: emptying the mirror of %s in %s: all sessions are read from Stripe again, their history stays\n", safe.Line(pl.Words()), safe.Quote(pl.Dir))
	lost, err := pl.Rebuild(ctx)
	if lost {
		fail.Warn(p.Stderr, "the history of some sessions could not be read and is lost", "idtop timeline says of each session from when on its history is known")
	}
	return err
}

// syncRun is a sync under way.
type syncRun struct {
	process *Process
	server  *server
	place   *config.Place
	store   mirror.Store
	syncer  *syncer.Syncer
	haste   haste
	began   time.Time
	checked time.Time // once await has succeeded, all sessions of this time are known; the server's clock
}

// haste tells whether a sync waits for the read budget.
type haste bool

const (
	patient haste = false
	hasty   haste = true // it fails when the budget holds older sessions back
)

// catchUp brings the mirror up to date: afterwards it has all sessions created
// until now.
func (w *workplace) catchUp(ctx context.Context, haste haste) (*syncRun, error) {
	syncer, stop := w.kept.sync(ctx, w.api, w.options)
	defer stop()
	r := &syncRun{process: w.process, server: w.server, place: w.kept.place, store: w.kept.store, syncer: syncer, haste: haste, began: time.Now()}
	return r, r.await(ctx)
}

// await waits until everything is read. Its error is why that can't succeed.
func (r *syncRun) await(ctx context.Context) error {
	progress := newProgress(r.process)
	defer progress.end()
	again := time.NewTicker(lookLater)
	defer again.Stop()
	var clock time.Time // time of the last clock news
	var nudged time.Time
	for {
		status := r.syncer.Status()
		if r.complete(status) {
			return nil
		}
		if now := time.Now(); r.early(status) && now.Sub(nudged) >= nudgeEvery {
			nudged = now
			r.syncer.SyncNow()
		}
		if err := model.Fatal(status); err != nil {
			return fail.Of(err)
		}
		if err := endless(status); err != nil {
			return r.gaveUp(status, err)
		}
		if wait := r.server.budget.Spare(time.Now()); r.haste == hasty && status.Filling && wait >= longestSpare {
			return r.heldBack(ctx, status, wait)
		}
		if news := status.Clock; !news.At.Equal(clock) {
			clock = news.At
			progress.end()
			fail.Warn(r.process.Stderr, news.String(), "")
		}
		claim := status.Claim(time.Now())
		progress.show(why(claim), r.words(ctx, status, claim))
		select {
		case <-ctx.Done():
			progress.end()
			return r.interrupted(ctx)
		case <-again.C:
		}
	}
}

// complete tells whether the mirror has all sessions that existed at the start of
// the sync, and notes up to which time it is complete. A sync without haste also waits
// for the reports, if they can be read.
func (r *syncRun) complete(s mirror.Status) bool {
	if s.Err != nil || s.Last.IsZero() || !s.Claim(time.Now()).Complete || r.behind(s) {
		return false
	}
	r.checked = s.Checked
	return r.haste == hasty || !s.Reports.Filling || s.Reports.Err != nil
}

// nudgeEvery is how long a sync waits for the server's next second.
const nudgeEvery = 500 * time.Millisecond

// early tells whether only the last second is missing: the server answered by a clock
// that had not reached the start of the sync yet. Another read tells at once what the next
// poll would tell seconds later.
func (r *syncRun) early(s mirror.Status) bool {
	return !s.Following && s.Err == nil && s.Last.After(r.began) && s.Claim(time.Now()).Complete && r.behind(s)
}

// behind tells whether the mirror may lack sessions that existed at the start of the sync.
func (r *syncRun) behind(s mirror.Status) bool {
	return s.Checked.Before(r.began.Add(s.Ahead).Truncate(time.Second))
}

// endless is why the sync would never end, nil when it may.
func endless(s mirror.Status) error {
	for _, f := range []struct {
		err   error
		times int
	}{{s.Err, s.Failures}, {s.FillErr, s.FillFails}} {
		most := mostFailures
		if client.KindOf(f.err) == client.KindRateLimit {
			most = mostRefusals
		}
		if f.err != nil && f.times >= most {
			return f.err
		}
	}
	return nil
}

// why names the obstacle and the next step, "" without an obstacle.
func why(c mirror.Claim) string {
	switch {
	case c.Link == mirror.Waiting && c.Cause == nil:
		return "Stripe does not answer: waiting, then trying again"
	case c.Link == mirror.Waiting:
		return inShort(c.Cause) + ": trying again"
	case c.Cause != nil:
		return inShort(c.Cause) + ": trying again in a moment"
	}
	return ""
}

// words describes the progress.
func (r *syncRun) words(ctx context.Context, s mirror.Status, c mirror.Claim) string {
	var parts []string
	switch trouble := why(c); {
	case trouble != "":
		parts = append(parts, trouble)
	case s.Following:
		parts = append(parts, "another idtop reads for both")
	case c.Link == mirror.Opening:
		parts = append(parts, "connecting")
	}
	return strings.Join(append(parts, r.soFar(ctx, c)), safe.Lit(" · ").String())
}

// soFar describes the progress in numbers.
func (r *syncRun) soFar(ctx context.Context, c mirror.Claim) string {
	var parts []string
	if !c.Back.IsZero() {
		parts = append(parts, "reading back: to "+c.Back.Local().Format("2 Jan 2006"))
	}
	if counts, err := r.counts(ctx); err == nil {
		parts = append(parts, safe.Num(counts.All).String()+" sessions")
	}
	if c.Rate > 0 {
		parts = append(parts, safe.Num(c.Rate).String()+"/s")
	}
	used, _ := r.server.budget.Reads()
	parts = append(parts, safe.Num(int(used)).String()+" reads")
	return strings.Join(parts, safe.Lit(" · ").String())
}

// counts waits until the store has read all its files: before that the counts may
// be too low.
func (r *syncRun) counts(ctx context.Context) (mirror.Counts, error) {
	page, err := r.store.Find(ctx, mirror.Request{Rows: 1, Whole: true})
	return page.Counts, err
}

const nextRun = "nothing is lost: the next run goes on from there"

func (r *syncRun) gaveUp(s mirror.Status, err error) error {
	f, hint := fail.Of(err), nextRun
	if client.KindOf(err) == client.KindUnknown {
		hint = f.Way // the mirror has a trouble of its own
	}
	return fail.New(hint, "gave up: %s: %s", f.Text, r.soFar(context.Background(), s.Claim(time.Now())))
}

// longestSpare is how long a hasty sync waits for a page of older sessions.
const longestSpare = 10 * time.Second

// heldBack says that the read budget holds older sessions back.
func (r *syncRun) heldBack(ctx context.Context, s mirror.Status, wait time.Duration) error {
	used, allowed := r.server.budget.Reads()
	when := "one page of older sessions is read every " + roughly(wait)
	if used >= allowed {
		when = "older sessions are read from next month on"
	}
	return fail.New("a larger reads_per_month in the config, or --no-sync for what is known",
		"%s of the %s reads of this month are used, so %s: %s", safe.Num(int(used)), safe.Num(int(allowed)), when, r.soFar(ctx, s.Claim(time.Now())))
}

// inShort says in a few words why reading fails.
func inShort(err error) string {
	var api *client.Error
	if errors.As(err, &api) {
		return api.What()
	}
	return fail.Of(err).Text
}

// interrupted says how far an interrupted sync came.
func (r *syncRun) interrupted(ctx context.Context) error {
	if f, ok := context.Cause(ctx).(*fail.Error); ok {
		return f
	}
	claim := r.syncer.Status().Claim(time.Now())
	if trouble := why(claim); trouble != "" {
		return fail.New(nextRun, "stopped before all was read: %s: %s", trouble, r.soFar(context.WithoutCancel(ctx), claim))
	}
	return fail.New(nextRun, "stopped before all was read: %s", r.soFar(context.WithoutCancel(ctx), claim))
}

// syncReport is the result of sync.
type syncReport struct {
	Account  string         `json:"account"`
	Livemode bool           `json:"livemode"`
	Complete string         `json:"complete_to"` // the server's clock
	Sessions int            `json:"sessions"`
	Odd      []oddSession   `json:"unreadable,omitempty"` // the first few
	Lost     int            `json:"without_id,omitempty"`
	Missing  int            `json:"unreadable_count,omitempty"`
	States   map[string]int `json:"states"`
	Reads    int64          `json:"reads"` // this month
	Allowed  int64          `json:"reads_allowed,omitempty"`
}

// oddSession is a session with an unreadable field.
type oddSession struct {
	ID    string `json:"id"`
	Field string `json:"field"`
}

// oddShown is how many of these are listed.
const oddShown = 5

// report writes the counts.
func (r *syncRun) report(ctx context.Context, format string) error {
	counts, err := r.counts(ctx)
	if err != nil {
		return fail.Mirror(err)
	}
	progress, err := r.store.Progress(ctx)
	if err != nil {
		return fail.Mirror(err)
	}
	odd, err := r.store.Find(ctx, mirror.Request{Unreadable: true, Rows: oddShown})
	if err != nil {
		return fail.Mirror(err)
	}
	used, allowed := r.server.budget.Reads()
	report := syncReport{
		Account: r.place.Account, Livemode: r.place.Live, Complete: stamp(r.checked),
		Sessions: counts.All, States: map[string]int{}, Reads: used, Allowed: allowed,
		Lost: progress.Lost, Missing: counts.Unreadable + progress.Lost,
	}
	for _, row := range odd.Rows {
		report.Odd = append(report.Odd, oddSession{row.ID, row.Unreadable})
	}
	for i, name := range stateNames() {
		report.States[name] = counts.State[int(client.StateUnknown)+1+i]
	}
	text := report.text()
	if format == "json" {
		object, err := json.Marshal(report)
		if err != nil {
			return err
		}
		text = safe.JSON(object) + "\n"
	}
	return tell(r.process, "text", nil, text)
}

// text is the report for people.
func (s syncReport) text() string {
	line := safe.Num(s.Sessions).String() + " sessions"
	var states []string
	for _, name := range stateNames() {
		if n := s.States[name]; n > 0 {
			states = append(states, safe.Num(n).String()+" "+name)
		}
	}
	if len(states) > 0 {
		line += ": " + strings.Join(states, ", ")
	}
	line += "\ncomplete to " + safe.Line(s.Complete).String()
	if s.Missing > 0 {
		line += " but for " + safe.Num(s.Missing).String() + " unreadable"
	}
	line += ", " + safe.Num(int(s.Reads)).String() + " reads"
	if s.Allowed > 0 {
		line += " of " + safe.Num(int(s.Allowed)).String()
	}
	line += " this month\n"
	for _, odd := range s.Odd {
		line += safe.Concat(safe.Lit("unreadable: "), safe.Line(odd.ID), safe.Lit(", its "), safe.Line(odd.Field)).String() + "\n"
	}
	return line
}
