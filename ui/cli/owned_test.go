package cli

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
)

// changing is a server that another one can replace at the same address.
type changing struct {
	client.API
	account string
	down    bool
	asked   int
}

func (c *changing) Account(context.Context) (client.Account, error) {
	c.asked++
	if c.down {
		return client.Account{}, &client.Error{Kind: client.KindNetwork}
	}
	return client.Account{ID: c.account}, nil
}

func (c *changing) GetSession(context.Context, string, ...string) (client.Session, error) {
	if c.down {
		return client.Session{}, &client.Error{Kind: client.KindNetwork}
	}
	return client.Session{ID: c.account}, nil
}

// TestAnotherServerInTheSamePlaceIsNoticed: an emulator that is started again has
// other sessions under another account; they were mixed into the open mirror.
func TestAnotherServerInTheSamePlaceIsNoticed(t *testing.T) {
	for name, c := range map[string]struct {
		again time.Duration
		swap  func(t *testing.T, o *owned, server *changing)
	}{
		"after a failure": {0, func(t *testing.T, o *owned, server *changing) {
			server.down = true
			if _, err := o.GetSession(t.Context(), "vs_1"); client.KindOf(err) != client.KindNetwork {
				t.Errorf("got %v", err)
			}
			server.down, server.account = false, "acct_2"
		}},
		"after a while, when nothing failed": {recheck, func(_ *testing.T, _ *owned, server *changing) {
			server.account = "acct_2"
			time.Sleep(recheck)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, other := &changing{account: "acct_1"}, ""
				o := &owned{server, &owner{api: server, account: "acct_1", faults: &faults{}, turn: make(chan struct{}, 1), again: c.again,
					other: func(a client.Account) { other = a.ID }}}
				for range 3 {
					if s, err := o.GetSession(t.Context(), "vs_1"); err != nil || s.ID != "acct_1" {
						t.Fatalf("got %+v, %v", s, err)
					}
				}
				if server.asked != 1 {
					t.Errorf("whose key it is was asked %d times", server.asked)
				}
				c.swap(t, o, server)
				if s, err := o.GetSession(t.Context(), "vs_1"); client.KindOf(err) != client.KindRefused || other != "acct_2" || s.ID != "" {
					t.Errorf("got %+v, %v; the other account is %q", s, err, other)
				}
			})
		})
	}
}
