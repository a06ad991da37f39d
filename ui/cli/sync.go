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
	"idtop/client/guard"
	"idtop/client/mirror"
	"idtop/model"
	"idtop/ui/safe"
)

// syncOptions are the flags of sync.
type syncOptions struct {
	accountOptions
	rebuild bool
	format  string
}

// mostFailures is after how many polls that failed in a row sync gives up. Each
// of them has tried again for a while.
const mostFailures = 3

func syncCommand(p *Process) *cobra.Command {
	o := syncOptions{format: "text"}
	o.poll = mirror.DefaultInterval
	c := &cobra.Command{
		Use:   "sync",
		Short: "Bring the mirror up to date",
		Long: `Reads from Stripe what the mirror does not know yet, and ends when it knows all
sessions and what has just changed. It goes on where the last run stopped. When
another idtop keeps the mirror already, it waits until that one is so far.

Progress is written to stderr, the counts at the end to stdout.`,
		Example: `  idtop sync
  idtop sync --format json
  idtop sync --rebuild                      remove the mirror and read all anew`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(c); err != nil {
				return err
			}
			if err := o.complete(p, c.Flags()); err != nil {
				return err
			}
			return runSync(c.Context(), p, o)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.rebuild, "rebuild", false, "remove this account's mirror first")
	flags.Var(choice{&o.format, []string{"text", "json"}}, "format", "text or json")
	o.flags(flags)
	flags.BoolP("help", "h", false, "print this help")
	return c
}

// runSync reads until the mirror knows everything.
func runSync(ctx context.Context, p *Process, o syncOptions) error {
	o.readOnly = true
	s, err := accountServer(ctx, p, o.accountOptions)
	if err != nil {
		return err
	}
	if o.rebuild {
		if err := rebuild(ctx, p, s, o.accountOptions); err != nil {
			return err
		}
	}
	k, err := keepAccount(ctx, p, s, o.accountOptions)
	if err != nil {
		return err
	}
	defer k.end()
	run, end := context.WithCancelCause(ctx)
	faults, closed := watchFaults(p, end)
	defer closed()
	syncer := newSyncer(k.guard(s.api, faults, end), k.store, s.budget, o.accountOptions)
	stopped := make(chan struct{})
	guard.Go(func() {
		defer close(stopped)
		defer guard.Catch()
		syncer.Run(run)
	})
	defer func() { end(nil); <-stopped }() // before the mirror is closed
	r := syncRun{process: p, server: s, place: k.place, store: k.store, syncer: syncer, began: time.Now()}
	err = r.await(run)
	if f := faults.failure(); f != nil {
		return f
	}
	if err != nil {
		return err
	}
	return r.report(ctx, o.format)
}

// syncRun is a sync that is under way.
type syncRun struct {
	process *Process
	server  *server
	place   *place
	store   mirror.Store
	syncer  *mirror.Syncer
	began   time.Time
}

// await waits until all is read. An error is why it never will be.
func (r *syncRun) await(ctx context.Context) error {
	progress := newProgress(r.process)
	defer progress.end()
	again := time.NewTicker(lookLater)
	defer again.Stop()
	for {
		status := r.syncer.Status()
		if r.complete(status) {
			return nil
		}
		if err := model.Fatal(status); err != nil {
			return failureOf(err)
		}
		if status.Failures >= mostFailures && client.KindOf(status.Err) != client.KindRateLimit {
			return r.gaveUp(status)
		}
		progress.show(r.words(ctx, status))
		select {
		case <-ctx.Done():
			progress.end()
			return r.interrupted(ctx)
		case <-again.C:
		}
	}
}

// complete tells whether the mirror knows all that there was when this began.
func (r *syncRun) complete(s mirror.Status) bool {
	began := r.began.Add(s.Ahead).Truncate(time.Second)
	return s.Err == nil && !s.Last.IsZero() && !s.Filling && !s.Stale && !s.Checked.Before(began)
}

// words says how far it is.
func (r *syncRun) words(ctx context.Context, s mirror.Status) string {
	var parts []string
	switch {
	case s.Err != nil:
		parts = append(parts, "waiting to try again: "+inShort(s.Err))
	case s.Following:
		parts = append(parts, "another idtop reads for both")
	case s.Last.IsZero() && !s.Filling:
		parts = append(parts, "connecting")
	}
	if s.Filling {
		parts = append(parts, fmt.Sprintf("back-fill %d %%", int(100*min(max(s.Filled, 0), 0.999))))
	}
	if counts, err := r.counts(ctx); err == nil {
		parts = append(parts, safe.Num(counts.All).String()+" sessions")
	}
	used, _ := r.server.budget.Reads()
	parts = append(parts, safe.Num(int(used)).String()+" reads")
	return strings.Join(parts, " · ")
}

func (r *syncRun) counts(ctx context.Context) (mirror.Counts, error) {
	page, err := r.store.Find(ctx, mirror.Request{Rows: 1})
	return page.Counts, err
}

const nextRun = "nothing is lost: the next run goes on from there"

func (r *syncRun) gaveUp(s mirror.Status) error {
	f, hint := failureOf(s.Err), nextRun
	if client.KindOf(s.Err) == client.KindUnknown {
		hint = f.hint // the mirror has a trouble of its own
	}
	s.Err, s.Following, s.Last = nil, false, r.began
	return failed(hint, "gave up: %s: %s", f.text, r.words(context.Background(), s))
}

// inShort says in a few words why reading fails.
func inShort(err error) string {
	var api *client.Error
	if errors.As(err, &api) {
		return api.Kind.What()
	}
	return failureOf(err).text
}

// interrupted says how far a sync came that was stopped.
func (r *syncRun) interrupted(ctx context.Context) error {
	if f, ok := context.Cause(ctx).(*failure); ok {
		return f
	}
	s := r.syncer.Status()
	s.Err, s.Following, s.Last = nil, false, r.began
	return failed(nextRun, "stopped before all was read: %s", r.words(context.WithoutCancel(ctx), s))
}

// syncReport is what sync says at the end.
type syncReport struct {
	Account  string         `json:"account"`
	Livemode bool           `json:"livemode"`
	Complete string         `json:"complete_to"` // the server's clock
	Sessions int            `json:"sessions"`
	States   map[string]int `json:"states"`
	Reads    int64          `json:"reads"` // this month
	Allowed  int64          `json:"reads_allowed,omitempty"`
}

// report writes the counts.
func (r *syncRun) report(ctx context.Context, format string) error {
	counts, err := r.counts(ctx)
	if err != nil {
		return storeFailure(err)
	}
	progress, err := r.store.Progress(ctx)
	if err != nil {
		return storeFailure(err)
	}
	used, allowed := r.server.budget.Reads()
	report := syncReport{
		Account: r.place.account, Livemode: r.place.live, Complete: stamp(progress.Checked.Time()),
		Sessions: counts.All, States: map[string]int{}, Reads: used, Allowed: allowed,
	}
	for i, name := range stateNames() {
		report.States[name] = counts.State[int(client.StateUnknown)+1+i]
	}
	if format == "json" {
		err = json.NewEncoder(r.process.Stdout).Encode(report)
	} else {
		_, err = fmt.Fprint(r.process.Stdout, report.text())
	}
	if err != nil {
		return listFailure(written(err))
	}
	return nil
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
	line += "\ncomplete to " + s.Complete + ", " + safe.Num(int(s.Reads)).String() + " reads"
	if s.Allowed > 0 {
		line += " of " + safe.Num(int(s.Allowed)).String()
	}
	return line + " this month\n"
}
