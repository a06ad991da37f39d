package cli

import (
	"context"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
	"idtop/model"
	"idtop/ui/config"
	"idtop/ui/fail"
)

// demoRedactionDelay lets a redaction end while somebody looks. At Stripe it
// takes up to four days.
const demoRedactionDelay = time.Minute

// server is where the sessions are, and whose they are.
type server struct {
	api      client.API
	budget   *syncer.Budget // counts what is read
	key      client.Key
	gate     *client.Gate // nil when nothing may ever be changed
	identity model.Identity
}

// findServer returns the server that the flags name, ready to be asked. Nothing
// is sent yet.
func findServer(ctx context.Context, p *Process, o dashboardOptions) (*server, error) {
	if !o.demo {
		return accountServer(ctx, p, o.Options)
	}
	p.Forget(config.KeyVariable)
	s, err := newServer(stripe.Config{Key: config.DemoKey, ReadOnly: o.ReadOnly, Transport: emulator.Transport(emulator.New(emulator.Config{
		Seed: o.seed, Sessions: o.demoSessions, Traffic: true, RedactionDelay: demoRedactionDelay,
	}))}, 0)
	if err == nil {
		s.identity.Demo = true
	}
	return s, err
}

// accountServer returns the server of an account.
func accountServer(ctx context.Context, p *Process, o config.Options) (*server, error) {
	key, err := config.ReadKey(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return newServer(stripe.Config{Key: key.Key, KeyHint: key.Renew, BaseURL: o.APIBase, ReadOnly: o.ReadOnly}, o.Reads)
}

// newServer returns a server, with so many reads a month; 0 is without limit.
func newServer(c stripe.Config, reads int64) (*server, error) {
	budget := syncer.NewBudget(reads)
	pace := stripe.PaceOf(c.Key)
	if c.Transport != nil || strings.HasPrefix(strings.ToLower(c.BaseURL), "http:") { // nothing leaves this machine
		pace = stripe.LoopbackPace
	}
	pace.OnRead = budget.Count
	c.Pacer = stripe.NewPacer(pace)
	if !c.ReadOnly { // a live account is opened by the operator, with a reason
		c.Gate = new(client.Gate)
		if !c.Key.Live() {
			c.Gate.Open()
		}
	}
	api, err := stripe.New(c)
	if err != nil {
		return nil, fail.New("", "%s", err)
	}
	return &server{
		api:    api,
		budget: budget,
		key:    c.Key,
		gate:   c.Gate,
		identity: model.Identity{
			Account:    c.Key.String(),
			Live:       c.Key.Live(),
			ReadOnly:   c.Gate == nil || !c.Gate.IsOpen(),
			Restricted: c.Key.Restricted(),
			Demo:       !config.IsStripe(c.BaseURL),
		},
	}, nil
}

// How long the first answer is waited for before the screen opens: so that the
// first frame has rows, and a key that is refused needs no screen at all.
const (
	firstAnswer = 300 * time.Millisecond
	lookAgain   = time.Millisecond
	lookLater   = 100 * time.Millisecond
)

// awaitFirst waits a while for the first page or the first error, unless the
// mirror has rows to show. It looks at the status instead of taking its signal,
// which is the model's.
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

// awaitVerdict ends the dashboard when the key turns out to be refused. Once
// something was read it can't be any more.
func (d *dashboard) awaitVerdict(ctx context.Context, end context.CancelCauseFunc) {
	again := time.NewTicker(lookLater)
	defer again.Stop()
	for {
		status := d.syncer.Status()
		if err := model.Fatal(status); err != nil {
			end(fail.Of(err))
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
