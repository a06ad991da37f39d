package cli

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"runtime/debug"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui"
	"idtop/ui/safe"
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
	faults := &faults{end: func() { end(errFault) }}
	d := dashboard{server: s, api: k.guard(s.api, faults, end), store: k.store, faults: faults}
	d.syncer = newSyncer(d.api, k.store, s.budget, o.accountOptions)
	var tasks sync.WaitGroup
	for _, do := range []func(context.Context){d.syncer.Run, d.settle} {
		tasks.Go(func() {
			defer d.faults.catch()
			do(ctx)
		})
	}
	defer func() { end(nil); tasks.Wait() }() // before the mirror is closed
	if err := d.awaitFirst(ctx); err != nil {
		return err
	}
	go d.awaitVerdict(ctx, end)
	return d.show(ctx, p, t, k, o.query)
}

// A dashboard stands for days and makes little garbage, and most of its memory
// is columns without pointers: to collect more often than Go does by itself costs
// next to nothing, and twice the columns would be held otherwise.
const garbagePercent = 10

// settle gives back the memory that the start needed, once the mirror is read.
func (d *dashboard) settle(ctx context.Context) {
	if _, _, err := d.store.Get(ctx, ""); err != nil { // it waits for all rows
		return
	}
	before := debug.SetGCPercent(garbagePercent)
	defer debug.SetGCPercent(before)
	debug.FreeOSMemory()
	<-ctx.Done()
}

// newSyncer returns what keeps a mirror true.
func newSyncer(api client.API, store mirror.Store, budget *mirror.Budget, o accountOptions) *mirror.Syncer {
	config := mirror.SyncerConfig{API: api, Store: store, Interval: o.poll}
	if _, allowed := budget.Reads(); allowed > 0 {
		config.Budget = budget // it holds nothing back otherwise
	}
	return mirror.NewSyncer(config)
}

// dashboard is what the parts of a running dashboard share.
type dashboard struct {
	server *server
	api    client.API
	store  mirror.Store
	syncer *mirror.Syncer
	faults *faults
}

// errFault ends a dashboard in which a panic was caught.
var errFault = errors.New("internal error")

// verdict is why the context was ended by the dashboard itself, nil when it was
// not.
func (d *dashboard) verdict(ctx context.Context) error {
	if f := d.faults.failure(); f != nil {
		return f
	}
	var f *failure
	if errors.As(context.Cause(ctx), &f) {
		return f
	}
	return nil
}

// show opens the screen and keeps it until the program ends.
func (d *dashboard) show(ctx context.Context, p *Process, t *terminal, k *kept, query string) error {
	program := tea.NewProgram(guarded{d.model(ctx, p, query), d.faults},
		tea.WithContext(ctx),
		tea.WithInput(t.in),
		tea.WithOutput(t.out),
		tea.WithEnvironment(p.Environ),
		tea.WithFPS(framesPerSecond),
		// Its own handler knows neither SIGHUP nor SIGQUIT, and waits for the
		// terminal; every signal ends ctx instead.
		tea.WithoutSignalHandler(),
	)
	finished := make(chan struct{})
	defer t.watch(ctx, finished, func(code int) { k.abandon(); os.Exit(code) })()
	last, err := program.Run()
	close(finished)

	d.tellUnanswered(p, last)
	switch verdict := d.verdict(ctx); {
	case verdict != nil:
		return verdict
	case ctx.Err() != nil || err == nil:
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return failed("please report this", "internal error") // Bubble Tea has shown it
	}
	return failed("", "the terminal can't be used: %s", err)
}

// model is what the dashboard shows at first.
func (d *dashboard) model(ctx context.Context, p *Process, query string) model.Model {
	return model.New(model.Config{
		Context:    ctx,
		API:        d.api,
		Store:      d.store,
		Syncer:     d.syncer,
		Renderer:   ui.Renderer{},
		Keys:       keymap.Default(),
		Clock:      time.Now,
		Reads:      d.server.budget.Reads,
		Clip:       safe.Clip,
		OpenURL:    newBrowser(p).Open,
		Identity:   d.server.identity,
		CanSuspend: jobControl(),
		Search:     query,
	})
}

// tellUnanswered names the sessions for which something was sent and no answer
// has come, as when the program was ended meanwhile.
func (d *dashboard) tellUnanswered(p *Process, last tea.Model) {
	g, ok := last.(guarded)
	if !ok {
		return
	}
	m, ok := g.Model.(model.Model)
	if !ok {
		return
	}
	for id, verb := range m.Sending {
		warn(p.Stderr, "idtop ended before the answer to "+verb.String()+" "+id+" came",
			"it is not known whether this took effect: look at the session before trying again")
	}
}

// quietLibraries takes away the variables by which the terminal library can be
// told to write all that is on the screen into a file.
func quietLibraries(p *Process) {
	p.forget("TEA_TRACE")
	p.forget("TEA_DEBUG")
}
