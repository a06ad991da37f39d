package cli

import (
	"context"
	"net/url"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
	"idtop/model"
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
		return accountServer(ctx, p, o.accountOptions)
	}
	p.forget(keyVariable)
	s, err := newServer(stripe.Config{Key: demoKey, ReadOnly: o.readOnly, Transport: emulator.Transport(emulator.New(emulator.Config{
		Seed: o.seed, Sessions: o.demoSessions, Traffic: true, RedactionDelay: demoRedactionDelay,
	}))}, 0)
	if err == nil {
		s.identity.Demo = true
	}
	return s, err
}

// accountServer returns the server of an account.
func accountServer(ctx context.Context, p *Process, o accountOptions) (*server, error) {
	key, err := readKey(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return newServer(stripe.Config{Key: key.Key, KeyHint: key.renew, BaseURL: o.apiBase, ReadOnly: o.readOnly}, o.reads)
}

// newServer returns the server of a config, with so many reads a month; 0 is
// without limit.
func newServer(config stripe.Config, reads int64) (*server, error) {
	budget := syncer.NewBudget(reads)
	pace := stripe.PaceOf(config.Key)
	if config.Transport != nil || strings.HasPrefix(strings.ToLower(config.BaseURL), "http:") { // nothing leaves this machine
		pace = stripe.LoopbackPace
	}
	pace.OnRead = budget.Count
	config.Pacer = stripe.NewPacer(pace)
	if !config.ReadOnly { // a live account is opened by the operator, with a reason
		config.Gate = new(client.Gate)
		if !config.Key.Live() {
			config.Gate.Open()
		}
	}
	api, err := stripe.New(config)
	if err != nil {
		return nil, fail.New("", "%s", err)
	}
	return &server{
		api:    api,
		budget: budget,
		key:    config.Key,
		gate:   config.Gate,
		identity: model.Identity{
			Account:    config.Key.String(),
			Live:       config.Key.Live(),
			ReadOnly:   config.Gate == nil || !config.Gate.IsOpen(),
			Restricted: config.Key.Restricted(),
			Demo:       !isStripe(config.BaseURL),
		},
	}, nil
}

// isStripe tells whether the server is Stripe's own, whose sessions are in its
// Dashboard.
func isStripe(base string) bool {
	if base == "" {
		return true
	}
	given, err := url.Parse(base)
	if err != nil {
		return false
	}
	stripes, err := url.Parse(stripe.DefaultBaseURL)
	return err == nil && given.Scheme == stripes.Scheme &&
		strings.EqualFold(given.Hostname(), stripes.Hostname()) && (given.Port() == "" || given.Port() == "443")
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
