package cli

import (
	"context"
	"path/filepath"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/syncer"
	"idtop/ui/config"
	"idtop/ui/fail"
)

// kept is a mirror that is open.
type kept struct {
	store  mirror.Store
	budget *syncer.Budget // kept in the store
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
		Unsynced: true, // it goes with the process
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
	store, err := pl.Open(ctx, o.Metadata)
	if err != nil {
		return nil, err
	}
	return (&kept{store: store, place: pl}).count(ctx, s)
}

// count has the store keep what is read from the server.
func (k *kept) count(ctx context.Context, s *server) (*kept, error) {
	k.budget = s.budget
	if err := k.budget.Keep(ctx, k.store); err != nil {
		k.end()
		return nil, fail.Mirror(err)
	}
	return k, nil
}

// guard returns the API for the account of the mirror only. If it turns out to
// be another account's, end is told and nothing was read or done.
func (k *kept) guard(api client.API, faults *faults, end context.CancelCauseFunc) client.API {
	o := &owned{api: api, faults: faults, turn: make(chan struct{}, 1)}
	o.other = func(account client.Account) { end(k.otherAccount(account)) }
	if k.place == nil {
		return o
	}
	o.account = k.place.Account
	if asked := k.place.Asked; asked != nil {
		o.verified, o.answer = true, *asked
	}
	return o
}

// otherAccount says that the key is not that of the mirror's account, and lets
// the next start find its own.
func (k *kept) otherAccount(account client.Account) *fail.Error {
	hint := "start idtop again: it opens the mirror of " + account.ID
	if err := k.place.Forget(); err != nil {
		hint = fail.Of(err).Text
	}
	return fail.New(hint, "the key is for %s, and the mirror that was opened is of %s: nothing was read or changed", account.ID, k.place.Account)
}

// end closes the mirror; that of a demo is removed.
func (k *kept) end() {
	_ = k.budget.Close() // before the store: a failing disk loses the count of a few seconds
	_ = k.store.Close()
	k.abandon()
}

// abandon removes the mirror of a demo without closing it: the process ends.
func (k *kept) abandon() {
	if k.demo != nil {
		k.demo.remove()
	}
}
