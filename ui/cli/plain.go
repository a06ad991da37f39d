package cli

import (
	"context"
	"os"

	"idtop/client/datadir"
	"idtop/model"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/plain"
)

// dumbTerminal is the TERM of a terminal that can't place text.
const dumbTerminal = "dumb"

// say is show in plain mode: lines come from standard input, which may be a pipe, and
// sentences go to standard output.
func (d *dashboard) say(ctx context.Context, p *Process, k *kept, o dashboardOptions) error {
	c := d.config(ctx, p, k, o)
	c.Renderer = plain.Renderer{}
	c.Tour = nil // it is a line of the screen
	c.Plain, c.Mouse = true, false
	c.CanSuspend = false // the terminal itself does it
	m := model.New(c)
	finished := make(chan struct{})
	defer insist(ctx, finished, func() { k.abandon(); os.Exit(exitFailed) })()
	again := make(chan struct{}, 1)
	defer whenContinued(func() {
		select {
		case again <- struct{}{}:
		default:
		}
	})()
	_, typed := config.AsTerminal(p.Stdin)
	err := plain.Run(ctx, plain.Config{Model: guarded{m, d.faults}, State: m, Keys: o.Keys(), In: p.Stdin, Out: p.Stdout, Echo: !typed, Continued: again})
	close(finished)
	if verdict := d.verdict(ctx); verdict != nil {
		return verdict
	}
	if err != nil {
		return fail.New("", "the answers can't be written: %s", datadir.Cause(err))
	}
	return nil
}
