package cli

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

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

	return runWith(ctx, p, s, t, o)
}

// runWith shows the sessions of a server on a terminal.
func runWith(ctx context.Context, p *Process, s *server, t *terminal, o dashboardOptions) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	d := dashboard{
		server: s,
		store:  mirror.NewMemory(),
		faults: &faults{end: func() { end(errFault) }},
	}
	d.syncer = mirror.NewSyncer(mirror.SyncerConfig{API: &s.api, Store: d.store, Interval: o.poll})
	go func() {
		defer d.faults.catch()
		d.syncer.Run(ctx)
	}()
	if err := d.awaitFirst(ctx); err != nil {
		return err
	}
	go d.awaitVerdict(ctx, end)
	return d.show(ctx, p, t, o.query)
}

// dashboard is what the parts of a running dashboard share.
type dashboard struct {
	server *server
	store  *mirror.Memory
	syncer *mirror.Syncer
	faults *faults
}

// errFault ends a dashboard in which a panic was caught.
var errFault = errors.New("internal error")

// refusedKey ends a dashboard whose key was refused before anything was read.
type refusedKey struct{ error }

// show opens the screen and keeps it until the program ends.
func (d *dashboard) show(ctx context.Context, p *Process, t *terminal, query string) error {
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
	defer t.watch(ctx, finished, os.Exit)()
	last, err := program.Run()
	close(finished)

	d.tellUnanswered(p, last)
	if f := d.faults.failure(); f != nil {
		return f
	}
	var refused refusedKey
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &refused):
		return failureOf(refused.error)
	case cause != nil || err == nil:
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
		API:        &d.server.api,
		Store:      d.store,
		Syncer:     d.syncer,
		Renderer:   ui.Renderer{},
		Keys:       keymap.Default(),
		Clock:      time.Now,
		Reads:      d.server.api.Reads,
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
