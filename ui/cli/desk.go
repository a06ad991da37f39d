package cli

import (
	"idtop/client"
	"idtop/client/act"
	"idtop/ui/config"
	"idtop/ui/fail"
)

// openDesk opens the book of the account and mode. Without it nothing may be changed.
func (k *kept) openDesk(p *Process, s *server, api owned, o config.Options) (*act.Desk, error) {
	gate := s.gate
	if gate == nil { // nothing may ever be changed
		gate = new(client.Gate)
	}
	config := act.Config{API: api.with(s.desk), Once: api.with(s.once), Pace: s.pacer, Key: s.key, Store: k.store, Gate: gate, ReasonRequired: o.ReasonRequired, Ticket: o.Ticket}
	if k.place == nil {
		config.Account = demoAccount
		config.Dir = k.demo.dir
	} else {
		config.Account = k.place.Account
		config.Dir = k.place.Data
		config.Book = k.place.BookName()
	}
	config.Ledger = o.Ledger(p.Version, config.Book)
	desk, err := act.Open(config)
	if err != nil {
		return nil, deskFailure(err)
	}
	return desk, nil
}

// demoAccount is the account of the demo.
const demoAccount = "acct_demo"

// deskFailure says why nothing can be changed.
func deskFailure(err error) *fail.Error {
	hint := client.HintOf(err)
	if hint == "" {
		hint = "nothing is changed at Stripe without it"
	}
	return fail.New(hint, "the ledger can't be used: %s", err)
}
