package cli

import (
	"context"
	"sync/atomic"
	"time"

	"idtop/client"
	"idtop/ui/config"
)

// owned is an API for one account only. Before the first request it makes sure that
// the key still belongs to that account, so that nothing of another account is ever
// read into the mirror, or changed.
type owned struct {
	api client.API // not embedded: no method may be forgotten
	*owner
}

// owner knows the account of a key, which is asked for once for all APIs with that
// key.
type owner struct {
	api     client.API
	account string // "": any account
	faults  *faults
	other   func(client.Account) // is called when the key is another account's
	turn    chan struct{}        // holds one value: one caller asks, the others wait
	again   time.Duration        // how long an answer is valid; 0: for good

	verified time.Time   // when it was last answered; zero: not yet
	doubt    atomic.Bool // a request has failed since: another server may answer the next one
	answer   client.Account
	refusal  error // why the account can't be known
}

var _ client.API = owned{}

// with returns another API with the same key for the same account.
func (o owned) with(api client.API) owned { return owned{api, o.owner} }

// recheck is how long the account of a server other than Stripe's is believed:
// another server may be started in its place, with the same address.
const recheck = 15 * time.Second

// verify asks for the key's account, unless it is known. A key without that
// permission counts as the remembered account's: keys do not move between accounts.
func (o *owner) verify(ctx context.Context) error {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if !o.verified.IsZero() && !o.doubt.Load() && (o.again == 0 || time.Since(o.verified) < o.again) {
		return nil
	}
	account, err := o.api.Account(ctx)
	if err != nil && (!config.CannotKnow(err) || ctx.Err() != nil) {
		return err
	}
	if o.account != "" && account.ID != "" && account.ID != o.account && !config.IsFingerprint(o.account) {
		o.other(account)
		return &client.Error{Kind: client.KindRefused, Op: "read account", Message: "the key is for another account than the mirror"}
	}
	o.answer, o.refusal, o.verified = account, err, time.Now()
	o.doubt.Store(false)
	return nil
}

// ask sends a request for the mirror's account. It catches a panic in it, since the
// caller may run in a goroutine of its own.
func ask[T any](ctx context.Context, o owned, send func() (T, error)) (answer T, err error) {
	defer o.faults.catch()
	err = errFault // the error after a panic
	if o.account != "" {
		if refused := o.verify(ctx); refused != nil {
			return answer, refused
		}
	}
	answer, err = send()
	if client.KindOf(err) == client.KindNetwork && ctx.Err() == nil {
		o.doubt.Store(true)
	}
	return answer, err
}

// Account implements client.API.
func (o owned) Account(ctx context.Context) (client.Account, error) {
	return ask(ctx, o, func() (client.Account, error) {
		if o.account == "" {
			return o.api.Account(ctx)
		}
		return o.answer, o.refusal
	})
}

// ListSessions implements client.API.
func (o owned) ListSessions(ctx context.Context, p client.SessionListParams) (client.Page[client.Session], error) {
	return ask(ctx, o, func() (client.Page[client.Session], error) { return o.api.ListSessions(ctx, p) })
}

// GetSession implements client.API.
func (o owned) GetSession(ctx context.Context, id string, expand ...string) (client.Session, error) {
	return ask(ctx, o, func() (client.Session, error) { return o.api.GetSession(ctx, id, expand...) })
}

// SessionLink implements client.API.
func (o owned) SessionLink(ctx context.Context, id string) (client.Private, error) {
	if err := o.verify(ctx); err != nil {
		return "", err
	}
	return o.api.SessionLink(ctx, id)
}

// CreateSession implements client.API.
func (o owned) CreateSession(ctx context.Context, p client.SessionCreateParams, idempotencyKey string) (client.Session, error) {
	return ask(ctx, o, func() (client.Session, error) { return o.api.CreateSession(ctx, p, idempotencyKey) })
}

// UpdateSession implements client.API.
func (o owned) UpdateSession(ctx context.Context, id string, p client.SessionUpdateParams, idempotencyKey string) (client.Session, error) {
	return ask(ctx, o, func() (client.Session, error) { return o.api.UpdateSession(ctx, id, p, idempotencyKey) })
}

// CancelSession implements client.API.
func (o owned) CancelSession(ctx context.Context, id, idempotencyKey string) (client.Session, error) {
	return ask(ctx, o, func() (client.Session, error) { return o.api.CancelSession(ctx, id, idempotencyKey) })
}

// RedactSession implements client.API.
func (o owned) RedactSession(ctx context.Context, id, idempotencyKey string) (client.Session, error) {
	return ask(ctx, o, func() (client.Session, error) { return o.api.RedactSession(ctx, id, idempotencyKey) })
}

// ListReports implements client.API.
func (o owned) ListReports(ctx context.Context, p client.ReportListParams) (client.Page[client.Report], error) {
	return ask(ctx, o, func() (client.Page[client.Report], error) { return o.api.ListReports(ctx, p) })
}

// ListReportFacts implements client.API.
func (o owned) ListReportFacts(ctx context.Context, p client.ReportListParams) (client.Page[client.ReportFacts], error) {
	return ask(ctx, o, func() (client.Page[client.ReportFacts], error) { return o.api.ListReportFacts(ctx, p) })
}

// GetReport implements client.API.
func (o owned) GetReport(ctx context.Context, id string, expand ...string) (client.Report, error) {
	return ask(ctx, o, func() (client.Report, error) { return o.api.GetReport(ctx, id, expand...) })
}

// ListEvents implements client.API.
func (o owned) ListEvents(ctx context.Context, p client.EventListParams) (client.Page[client.Event], error) {
	return ask(ctx, o, func() (client.Page[client.Event], error) { return o.api.ListEvents(ctx, p) })
}
