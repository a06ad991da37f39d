package cli

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/guard"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
	"idtop/client/views"
	"idtop/model"
	"idtop/ui/config"
	"idtop/ui/fail"
)

// demoRedactionDelay is short, so that the operator sees a redaction end. At Stripe
// it takes up to four days.
const demoRedactionDelay = time.Minute

// server is the API of an account, and the account's owner.
type server struct {
	api      client.API
	desk     client.API // the same API behind the operator's gate
	once     client.API // desk without automatic repeats
	pacer    *stripe.Pacer
	budget   *syncer.Budget // counts the reads
	key      client.Key
	gate     *client.Gate // nil when nothing may ever be changed
	identity model.Identity
}

// findServer returns the server that the flags name. It sends nothing yet.
func findServer(ctx context.Context, p *Process, o dashboardOptions) (*server, error) {
	if !o.demo {
		return accountServer(ctx, p, o.Options)
	}
	p.Forget(config.KeyVariable)
	s, err := newServer(stripe.Config{Key: config.DemoKey, ReadOnly: o.ReadOnly, Transport: emulator.Transport(emulator.New(emulator.Config{
		Seed: o.seed, Sessions: o.demoSessions, Traffic: true, Incident: true, RedactionDelay: demoRedactionDelay,
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

// newServer returns a server with a limit of reads a month; 0 means no limit.
func newServer(c stripe.Config, reads int64) (*server, error) {
	budget := syncer.NewBudget(reads)
	pace := stripe.PaceOf(c.Key)
	if c.Transport != nil || strings.HasPrefix(strings.ToLower(c.BaseURL), "http:") { // nothing leaves this machine
		pace = stripe.LoopbackPace
	}
	pace.OnRead = budget.Count
	c.Pacer = stripe.NewPacer(pace)
	var gate *client.Gate
	if !c.ReadOnly { // the operator opens a live account, with a reason
		gate = new(client.Gate)
		if !c.Key.Live() {
			gate.Open()
		}
	}
	c.Gate = new(client.Gate) // the mirror and the screen only read
	api, err := stripe.New(c)
	if err != nil {
		return nil, fail.New("", "%s", err)
	}
	desk := api
	if gate != nil {
		desk = api.Behind(gate)
	}
	return &server{
		api:    api,
		desk:   desk,
		once:   desk.Once(),
		pacer:  c.Pacer,
		budget: budget,
		key:    c.Key,
		gate:   gate,
		identity: model.Identity{
			Account:    c.Key.String(),
			Live:       c.Key.Live(),
			ReadOnly:   gate == nil || !gate.IsOpen(),
			Restricted: c.Key.Restricted(),
			FullKey:    c.Key.FullLive(),
			Demo:       !config.IsStripe(c.BaseURL),
		},
	}, nil
}

// kept is an open mirror.
type kept struct {
	store  mirror.Store
	budget *syncer.Budget // its counts are in the store
	place  *config.Place  // nil in a demo
	demo   *demoDir       // nil otherwise
}

// keep opens the mirror of the server's account, or that of the demo.
func keep(ctx context.Context, p *Process, s *server, o dashboardOptions) (*kept, error) {
	if !o.demo {
		return keepAccount(ctx, p, s, o.Options)
	}
	dir, err := newDemoDir(p)
	if err != nil {
		return nil, err
	}
	store, err := config.OpenStore(ctx, sqlite.Config{
		Dir: filepath.Join(dir.dir, "mirror"), Owner: mirror.Owner{Account: "acct_demo"},
		Unsynced: true, // it is removed with the process
	})
	if err != nil {
		dir.remove()
		return nil, err
	}
	return (&kept{store: store, demo: dir}).count(ctx, s)
}

// keepAccount opens the mirror of the server's account.
func keepAccount(ctx context.Context, p *Process, s *server, o config.Options) (*kept, error) {
	pl, err := config.FindPlace(ctx, p, s.key, o, s.api)
	if err != nil {
		return nil, err
	}
	store, err := pl.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return (&kept{store: store, place: pl}).count(ctx, s)
}

// count has the store keep the number of reads.
func (k *kept) count(ctx context.Context, s *server) (*kept, error) {
	k.budget = s.budget
	if err := k.budget.Keep(ctx, k.store); err != nil {
		k.end()
		return nil, fail.Mirror(err)
	}
	return k, nil
}

// views is the file of the account's saved views. It is outside of the mirror, which may be
// removed and read again; that of a demo goes with the demo.
func (k *kept) views() *views.File {
	if k.place == nil {
		return views.In(filepath.Join(k.demo.dir, "views"))
	}
	return views.In(filepath.Join(k.place.Data, "views", filepath.Base(k.place.Dir)))
}

// left is how the dashboard was left the last time. A demo begins anew.
func (k *kept) left(o dashboardOptions) model.Left {
	if k.place == nil {
		return model.Left{}
	}
	file := k.views()
	memory, err := file.Recall()
	return model.Left{Memory: memory, Err: err, Elsewhere: o.query != "" || o.open != "", Rememberer: file}
}

// guard returns the API for the account of the mirror only. If the key turns out to
// be another account's, end is told, and nothing was read or changed.
func (k *kept) guard(s *server, faults *faults, end context.CancelCauseFunc) owned {
	o := owned{s.api, &owner{api: s.api, faults: faults, turn: make(chan struct{}, 1)}}
	o.other = func(account client.Account) { end(k.otherAccount(account)) }
	if k.place == nil {
		return o
	}
	if o.account = k.place.Account; s.identity.Demo {
		o.again = recheck
	}
	if asked := k.place.Asked; asked != nil {
		o.verified, o.answer = time.Now(), *asked
	}
	return o
}

// otherAccount says that the key belongs to another account than the mirror, and
// lets the next start find its account anew.
func (k *kept) otherAccount(account client.Account) *fail.Error {
	hint := "start idtop again: it opens the mirror of " + account.ID
	if err := k.place.Forget(); err != nil {
		hint = fail.Of(err).Text
	}
	return fail.New(hint, "the key is for %s, and the mirror that was opened is of %s: nothing was read or changed", account.ID, k.place.Account)
}

// end closes the mirror; a demo's mirror is removed too.
func (k *kept) end() {
	_ = k.budget.Close() // before the store: a failing disk loses the count of a few seconds
	_ = k.store.Close()
	k.abandon()
}

// abandon removes the mirror of a demo without closing it, when the process ends at
// once.
func (k *kept) abandon() {
	if k.demo != nil {
		k.demo.remove()
	}
}

// sync starts the Syncer of the mirror. stop ends it, and returns when it no longer
// uses the mirror.
func (k *kept) sync(ctx context.Context, api client.API, o config.Options) (s *syncer.Syncer, stop func()) {
	c := syncer.Config{API: api, Store: k.store, Interval: o.Poll, Reports: o.KeptReports(k.place != nil && k.place.Live)}
	if _, allowed := k.budget.Reads(); allowed > 0 {
		c.Budget = k.budget // without a limit it holds nothing back
	}
	s = syncer.New(c)
	ctx, end := context.WithCancel(ctx)
	over := make(chan struct{})
	guard.Go(func() {
		defer close(over)
		defer guard.Catch()
		s.Run(ctx)
	})
	return s, func() { end(); <-over }
}
