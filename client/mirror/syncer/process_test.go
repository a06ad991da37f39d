package syncer_test

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
)

var errKilled = errors.New("this process was killed")

// process is a program that shares a mirror: a Syncer on a store that lets it
// die at any commit, be taken for dead while it lives, and forget what it
// handled.
type process struct {
	mirror.Store
	run    *run
	wire   *wire
	syncer *syncer.Syncer
	epoch  atomic.Uint64
	dead   atomic.Bool
	end    context.CancelFunc
	ended  chan struct{}
	wish   mirror.Wish
}

// begin starts a process.
func (r *run) begin() *process {
	p := &process{
		Store: r.handle(), run: r, ended: make(chan struct{}),
		wire: &wire{truth: r.truth, trouble: r.trouble},
	}
	config := syncer.Config{API: p.wire, Store: p, Idle: 5 * time.Minute, Reports: mirror.KeptAll}
	p.syncer = syncer.WithDesign(syncer.New(config), r.design)
	ctx, cancel := context.WithCancel(r.t.Context())
	p.end = cancel
	go func() {
		p.syncer.Run(ctx)
		close(p.ended)
	}()
	return p
}

// die ends the process at once. What it leads is free then, as the system frees
// the locks of a process.
func (p *process) die() {
	if !p.dead.Swap(true) {
		p.Store.Resign(p.epoch.Load())
		p.end()
	}
}

// bury waits until a process that died is no more.
func (p *process) bury() {
	p.die()
	<-p.ended
	p.run.release(p.Store)
}

func (p *process) Lead(ctx context.Context) (uint64, bool, error) {
	if p.dead.Load() {
		return 0, false, errKilled
	}
	epoch, ok, err := p.Store.Lead(ctx)
	if ok {
		p.epoch.Store(epoch)
	}
	return epoch, ok, err
}

func (p *process) Resign(epoch uint64) error {
	if p.dead.Load() {
		return errKilled
	}
	return p.Store.Resign(epoch)
}

func (p *process) Commit(ctx context.Context, epoch uint64, batch mirror.Batch) error {
	p.run.mu.Lock()
	fate, crashes := p.run.dice.Float64(), p.run.crashes
	p.run.mu.Unlock()
	switch {
	case p.dead.Load():
		return errKilled
	case fate < crashes:
		p.die()
		return errKilled
	case fate < 2*crashes: // it hangs so long that another leads
		p.Store.Resign(epoch)
		time.Sleep(p.run.span(20 * time.Second))
	}
	err := p.run.commit(p, epoch, batch)
	if fate > 1-crashes {
		p.die()
		return errKilled
	}
	return err
}

func (p *process) Handled(ctx context.Context, ids []string) ([]bool, error) {
	if p.dead.Load() {
		return nil, errKilled
	}
	handled, err := p.Store.Handled(ctx, ids)
	if len(handled) > 0 && p.run.roll() < 0.03 {
		handled[p.run.below(len(handled))] = false
	}
	return handled, err
}

func (p *process) Progress(ctx context.Context) (mirror.Progress, error) {
	if p.dead.Load() {
		return mirror.Progress{}, errKilled
	}
	return p.Store.Progress(ctx)
}

// act does what an operator does in this process, and applies the answer.
func (p *process) act() {
	w := p.run.truth
	w.mu.Lock()
	s := w.live()
	switch {
	case s.Status == client.StatusRequiresInput && w.random.IntN(2) == 0:
		w.change(s, "canceled", func(s *client.Session) { s.Status, s.LastError = client.StatusCanceled, nil })
	case s.Status == client.StatusRequiresInput:
		w.change(s, "", func(s *client.Session) { s.Metadata = map[string]string{"user_id": "mended"} })
	case s.Status != client.StatusProcessing:
		w.redact(s, false)
	}
	answer, date := s.Session, w.now().Truncate(time.Second)
	w.mu.Unlock()
	if err := p.Store.Apply(p.run.t.Context(), mirror.Origin{At: date, Sent: time.Now(), News: true}, answer); err != nil {
		p.run.violated("apply: %v", err)
	}
}
