package cli

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/guard"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
	uiterm "idtop/ui/term"
)

// framesPerSecond is enough for a list, and costs a third less than the default.
const framesPerSecond = 30

// runWith shows the sessions of a server, kept in a mirror, on a terminal, or in plain
// mode if there is none. to is the profile that the operator wants to see next, nil
// when the dashboard ends for good.
func runWith(ctx context.Context, p *Process, s *server, k *kept, t *terminal, o dashboardOptions) (to *string, err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	faults, closed := watchFaults(p, end)
	defer closed()
	d := dashboard{server: s, api: k.guard(s, faults, end), store: k.store, faults: faults}
	var stop func()
	d.syncer, stop = k.sync(ctx, d.api, o.Options)
	defer stop() // before the mirror is closed
	defer k.look()()
	settled := make(chan struct{})
	guard.Go(func() {
		defer close(settled)
		defer guard.Catch()
		d.settle(ctx)
	})
	defer func() { end(nil); <-settled }()
	leave := d.openDesk(ctx, p, k, o.Options)
	defer func() { end(nil); leave() }()
	if err := d.awaitFirst(ctx); err != nil {
		return nil, &unusable{err}
	}
	guard.Go(func() { d.awaitVerdict(ctx, end) })
	if o.plain {
		return nil, d.say(ctx, p, k, o)
	}
	return d.show(ctx, p, t, k, o)
}

// garbage is how much the heap may grow before a collection, in bytes. A dashboard
// runs for days and makes little garbage; most of its memory is columns without
// pointers. With many sessions, Go's default would let garbage grow to the size of
// the columns. With few sessions this is Go's default anyway.
const garbage = 16 << 20

// settle gives back the memory that the start needed, once the mirror is read.
func (d *dashboard) settle(ctx context.Context) {
	if _, _, err := d.store.Get(ctx, ""); err != nil { // waits for all rows
		return
	}
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	before := debug.SetGCPercent(int(min(100, max(10, 100*garbage/max(1, memory.HeapAlloc)))))
	defer debug.SetGCPercent(before)
	<-ctx.Done()
}

// dashboard is the shared state of a running dashboard.
type dashboard struct {
	server *server
	api    owned
	store  mirror.Store
	syncer *syncer.Syncer
	faults *faults
	acting model.Acting
}

// errFault ends a dashboard after a panic.
var errFault = errors.New("internal error")

// verdict is why the dashboard itself ended the context, nil when something else
// did.
func (d *dashboard) verdict(ctx context.Context) error {
	if f := d.faults.failure(); f != nil {
		return f
	}
	var refused *unusable
	if errors.As(context.Cause(ctx), &refused) {
		return refused
	}
	var f *fail.Error
	if errors.As(context.Cause(ctx), &f) {
		return f
	}
	return nil
}

// show opens the screen and keeps it until the program ends.
func (d *dashboard) show(ctx context.Context, p *Process, t *terminal, k *kept, o dashboardOptions) (to *string, err error) {
	in := input{uiterm.New(t.in), t}
	m := d.model(ctx, p, k, o)
	var program *tea.Program
	program = tea.NewProgram(guarded{m, d.faults},
		tea.WithInput(in),
		tea.WithFilter(in.filter(func() *tea.Program { return program })),
		tea.WithOutput(t.out),
		tea.WithEnvironment(p.Environ),
		tea.WithFPS(framesPerSecond),
		// Its own handler knows neither SIGHUP nor SIGQUIT, and waits for the
		// terminal; every signal ends ctx instead.
		tea.WithoutSignalHandler(),
	)
	finished := make(chan struct{})
	defer insist(ctx, finished, func() { t.abandon(); k.abandon(); os.Exit(exitFailed) })()
	// No context ends it: the last frame on the screen would be whatever was shown then.
	defer context.AfterFunc(ctx, func() {
		defer guard.Catch()
		program.Send(d.ending())
	})()
	defer whenContinued(func() { program.Send(model.Mask{}); program.Send(continued{}) })()
	_, err = program.Run()
	close(finished)
	_ = in.Close()

	switch verdict := d.verdict(ctx); {
	case verdict != nil:
		return nil, verdict
	case ctx.Err() != nil:
		return nil, nil
	case err == nil:
		if to = m.SwitchTo(); to != nil {
			o.leaving(m)
		}
		return to, nil
	case errors.Is(err, tea.ErrProgramPanic):
		return nil, fail.New("please report this", "internal error") // Bubble Tea has shown it already
	}
	return nil, fail.New("", "the terminal can't be used: %s", err)
}

// ending ends the screen. After a panic the model is not asked.
func (d *dashboard) ending() tea.Msg {
	if d.faults.failure() != nil {
		return tea.QuitMsg{}
	}
	return model.Ended{}
}

// model is the dashboard's model at the start.
func (d *dashboard) model(ctx context.Context, p *Process, k *kept, o dashboardOptions) *model.Model {
	return model.New(d.config(ctx, p, k, o))
}

// config is everything that the model needs for a screen.
func (d *dashboard) config(ctx context.Context, p *Process, k *kept, o dashboardOptions) model.Config {
	return model.Config{
		Context:    ctx,
		API:        d.api,
		Store:      d.store,
		Syncer:     d.syncer,
		Renderer:   ui.Renderer{},
		Keys:       o.Keys(),
		Clock:      time.Now,
		Reads:      d.server.budget.Reads,
		Pace:       d.server.budget.Pace,
		Clip:       safe.Clip,
		OpenURL:    newBrowser(p).Open,
		Identity:   d.server.identity,
		CanSuspend: jobControl(),
		Search:     o.query,
		Rule:       o.Rule,
		Privacy:    o.Privacy,
		Clipboard:  o.Clipboard,
		Bell:       o.Bell,
		Mouse:      o.Mouse,
		Tour:       k.tour(p),
		Metadata:   slices.DeleteFunc(slices.Clone(o.Metadata), func(key string) bool { return key == "user_id" }),
		Theme:      o.Theme,
		Colourless: config.Colourless(p),
		Keeper:     k.views(),
		Left:       k.left(o),
		Views:      o.Views,
		Switch:     o.toModel(),
		Acting:     d.acting,
	}
}

// openDesk lets the dashboard make changes, or says why it can't. The returned
// function closes the ledger and the journal, and tells the ledger's head.
func (d *dashboard) openDesk(ctx context.Context, p *Process, k *kept, o config.Options) (end func()) {
	d.server.identity.AccountID, d.server.identity.Profile = demoAccount, o.Profile
	if k.place != nil {
		d.server.identity.AccountID = k.place.Account
	}
	d.acting = model.Acting{
		Gate: d.server.gate, NewKey: client.NewIdempotencyKey,
		Undo: o.Undo, MaxItems: o.MaxItems, ReasonRequired: o.ReasonRequired,
		Exports: k.exports(), Export: k.exporter(o),
	}
	var mu sync.Mutex // held while the desk is opened, and at the end
	over, leave := false, func() {}
	open := func() (*act.Desk, error) {
		mu.Lock()
		defer mu.Unlock()
		if over {
			return nil, context.Canceled
		}
		desk, err := k.openDesk(p, d.server, d.api, o)
		if err == nil {
			leave = followJobs(ctx, p, k, desk, o.Keys())
		}
		return desk, err
	}
	var err error
	if d.acting.Desk, err = open(); err != nil {
		d.acting.WhyNot, d.acting.WhyHint, d.acting.OpenDesk = err.Error(), client.HintOf(err), open
	}
	return func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		leave()
	}
}

// followJobs looks after the jobs until ctx ends. The returned function then closes
// the desk.
func followJobs(ctx context.Context, p *Process, k *kept, desk *act.Desk, keys keymap.Map) (leave func()) {
	before := desk.Ledger.Head()
	stopped := make(chan struct{})
	guard.Go(func() {
		defer close(stopped)
		defer guard.Catch()
		_ = desk.Runner.Follow(ctx) // an error of the journal shows at the next action
	})
	return func() {
		<-stopped
		if k.place == nil { // everything is removed with the demo
			desk.Wait()
			_ = desk.Close()
			return
		}
		for _, job := range closeDesk(p, desk, before) {
			fail.Warn(p.Stderr, job.Summary(time.Now()),
				keys.Text("start idtop again: {jobs} shows it, {job-resume} there goes on, {job-close} closes it; or idtop jobs"))
		}
	}
}

// quietLibraries removes the variables that make the terminal library write the
// screen's content into a file.
func quietLibraries(p *Process) {
	p.Forget("TEA_TRACE")
	p.Forget("TEA_DEBUG")
}

// How long the start waits for the first answer before the screen opens, so that
// the first frame has rows, and a refused key needs no screen at all.
const (
	firstAnswer = 300 * time.Millisecond
	lookAgain   = time.Millisecond
	lookLater   = 100 * time.Millisecond
)

// awaitFirst waits a while for the first page or the first error, unless the mirror
// has rows to show. It polls the status: its signals are for the model.
func (d *dashboard) awaitFirst(ctx context.Context) error {
	if page, err := d.store.Find(ctx, mirror.Request{Rows: 1}); err == nil && (page.Loading || page.Counts.All > 0) {
		return nil
	}
	timer := time.NewTimer(firstAnswer)
	defer timer.Stop()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		if status := d.syncer.Status(); answered(status) {
			if err := model.Fatal(status); err != nil {
				return fail.Of(err)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			if err := d.verdict(ctx); err != nil {
				return err
			}
			return fail.New("", "stopped before anything was read")
		case <-timer.C:
			return nil
		case <-again.C:
		}
	}
}

func answered(status mirror.Status) bool {
	return !status.Back.IsZero() || !status.Last.IsZero() || status.Err != nil
}

// awaitVerdict ends the dashboard if the key is refused. After the first successful
// read it can't be any more.
func (d *dashboard) awaitVerdict(ctx context.Context, end context.CancelCauseFunc) {
	again := time.NewTicker(lookLater)
	defer again.Stop()
	for {
		status := d.syncer.Status()
		if err := model.Fatal(status); err != nil {
			end(&unusable{fail.Of(err)})
			return
		}
		if !status.Last.IsZero() {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}
