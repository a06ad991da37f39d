package cli

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
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

// framesPerSecond is enough for a list and a third cheaper than the default.
const framesPerSecond = 30

// runDashboard shows the sessions until the operator quits, the key turns out
// to be refused, or ctx ends, which is no failure: the operator or the system
// wanted it so.
func runDashboard(ctx context.Context, p *Process, o dashboardOptions) error {
	s, err := findServer(ctx, p, o)
	if err != nil {
		return err
	}
	t, err := openTerminal(p)
	if err != nil {
		return err
	}
	quietLibraries(p)
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard) // net/http writes there, which is the screen

	k, err := keep(ctx, p, s, o)
	if err != nil {
		return err
	}
	defer k.end()
	return runWith(ctx, p, s, k, t, o)
}

// runWith shows the sessions of a server, kept in a mirror, on a terminal.
func runWith(ctx context.Context, p *Process, s *server, k *kept, t *terminal, o dashboardOptions) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	faults, closed := watchFaults(p, end)
	defer closed()
	d := dashboard{server: s, api: k.guard(s.api, faults, end), store: k.store, faults: faults}
	d.syncer = newSyncer(d.api, k.store, s.budget, o.Options)
	var tasks sync.WaitGroup
	for _, do := range []func(context.Context){d.syncer.Run, d.settle} {
		tasks.Go(func() {
			defer guard.Catch()
			do(ctx)
		})
	}
	defer func() { end(nil); tasks.Wait() }() // before the mirror is closed
	leave := d.openDesk(ctx, p, k, o.Options)
	defer func() { end(nil); leave() }()
	if err := d.awaitFirst(ctx); err != nil {
		return err
	}
	guard.Go(func() { d.awaitVerdict(ctx, end) })
	return d.show(ctx, p, t, k, o.query)
}

// A dashboard stands for days and makes little garbage, and most of its memory
// is columns without pointers: of many sessions, twice the columns would be held
// if garbage was collected as seldom as Go does by itself. So much of it is let
// grow, in bytes; of few sessions that is what Go does anyway.
const garbage = 16 << 20

// settle gives back the memory that the start needed, once the mirror is read.
func (d *dashboard) settle(ctx context.Context) {
	if _, _, err := d.store.Get(ctx, ""); err != nil { // it waits for all rows
		return
	}
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	before := debug.SetGCPercent(int(min(100, max(10, 100*garbage/max(1, memory.HeapAlloc)))))
	defer debug.SetGCPercent(before)
	<-ctx.Done()
}

// newSyncer returns what keeps a mirror true.
func newSyncer(api client.API, store mirror.Store, budget *syncer.Budget, o config.Options) *syncer.Syncer {
	config := syncer.Config{API: api, Store: store, Interval: o.Poll}
	if _, allowed := budget.Reads(); allowed > 0 {
		config.Budget = budget // it holds nothing back otherwise
	}
	return syncer.New(config)
}

// dashboard is what the parts of a running dashboard share.
type dashboard struct {
	server *server
	api    client.API
	store  mirror.Store
	syncer *syncer.Syncer
	faults *faults
	acting model.Acting
}

// errFault ends a dashboard in which a panic was caught.
var errFault = errors.New("internal error")

// verdict is why the context was ended by the dashboard itself, nil when it was
// not.
func (d *dashboard) verdict(ctx context.Context) error {
	if f := d.faults.failure(); f != nil {
		return f
	}
	var f *fail.Error
	if errors.As(context.Cause(ctx), &f) {
		return f
	}
	return nil
}

// show opens the screen and keeps it until the program ends.
func (d *dashboard) show(ctx context.Context, p *Process, t *terminal, k *kept, query string) error {
	in := input{uiterm.New(t.in), t}
	var program *tea.Program
	program = tea.NewProgram(guarded{d.model(ctx, p, query), d.faults},
		tea.WithContext(ctx),
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
	defer t.watch(ctx, finished, func(code int) { k.abandon(); os.Exit(code) })()
	defer whenContinued(func() { program.Send(continued{}) })()
	_, err := program.Run()
	close(finished)
	_ = in.Close()

	switch verdict := d.verdict(ctx); {
	case verdict != nil:
		return verdict
	case ctx.Err() != nil || err == nil:
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return fail.New("please report this", "internal error") // Bubble Tea has shown it
	}
	return fail.New("", "the terminal can't be used: %s", err)
}

// model is what the dashboard shows at first.
func (d *dashboard) model(ctx context.Context, p *Process, query string) *model.Model {
	return model.New(model.Config{
		Context:    ctx,
		API:        d.api,
		Store:      d.store,
		Syncer:     d.syncer,
		Renderer:   ui.Renderer{},
		Keys:       keymap.Default(),
		Clock:      time.Now,
		Reads:      d.server.budget.Reads,
		Pace:       d.server.budget.Pace,
		Clip:       safe.Clip,
		OpenURL:    newBrowser(p).Open,
		Identity:   d.server.identity,
		CanSuspend: jobControl(),
		Search:     query,
		Acting:     d.acting,
	})
}

// openDesk lets the dashboard change something, or says why it can't. What is
// returned closes the ledger and the journal, and tells the ledger's head.
func (d *dashboard) openDesk(ctx context.Context, p *Process, k *kept, o config.Options) (end func()) {
	d.server.identity.AccountID = demoAccount
	if k.place != nil {
		d.server.identity.AccountID = k.place.Account
	}
	d.acting = model.Acting{
		Gate: d.server.gate, NewKey: client.NewIdempotencyKey,
		Undo: o.Undo, MaxItems: o.MaxItems, ReasonRequired: o.ReasonRequired,
	}
	desk, err := k.openDesk(p, d.server, d.api, o)
	if err != nil {
		d.acting.WhyNot = fail.Of(err).Text
		return func() {}
	}
	d.acting.Desk = desk
	before := desk.Ledger.Head()
	stopped := make(chan struct{})
	guard.Go(func() {
		defer close(stopped)
		defer guard.Catch()
		_ = desk.Runner.Follow(ctx) // a journal that fails shows at the next action
	})
	return func() {
		<-stopped
		if k.place == nil { // all of it goes with the demo
			desk.Wait()
			_ = desk.Close()
			return
		}
		for _, job := range closeDesk(p, desk, before) {
			fail.Warn(p.Stderr, job.Summary(time.Now()),
				"start idtop again: J shows it, R there goes on, X closes it; or idtop jobs")
		}
	}
}

// quietLibraries takes away the variables by which the terminal library can be
// told to write all that is on the screen into a file.
func quietLibraries(p *Process) {
	p.Forget("TEA_TRACE")
	p.Forget("TEA_DEBUG")
}
