package stripe

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"

	stripego "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/form"

	"idtop/client"
)

// call is one request of the API, before it is sent.
type call struct {
	op          string // in words, for errors
	id          string // the session or report that it is about, or ""
	method      string
	path        string
	params      any    // a params type of stripe-go, or nil
	idempotency string // set for each POST and for nothing else
	acts        bool   // a POST that a session's state can refuse

	done func(client.Session) bool // tells whether a session shows the action's effect, or nil

	stream func(body io.Reader) error // decodes a good answer as it arrives, which is then not kept; nil: it is kept

	account string // the account of the key, set when a refusal names it
}

func (c *call) writes() bool { return c.method != http.MethodGet }

// refusal is the error of a call that is not sent.
func (c *call) refusal(why string) *client.Error {
	return client.Refusal(c.op, c.id, why)
}

// checkKey refuses an idempotency key that Stripe would not take.
func (c *call) checkKey() error {
	key := c.idempotency
	if len(key) > 255 || strings.TrimSpace(key) != key || key == "" {
		return c.refusal("an idempotency key has 1 to 255 characters and no space around it")
	}
	for _, r := range key {
		if r < ' ' || r > '~' {
			return c.refusal("an idempotency key has printable ASCII characters only")
		}
	}
	return nil
}

// send carries out a call with its retries; decode takes the answer. The error
// is a *client.Error. A POST that may have had its effect stays undecided until an
// answer settles it: a refused retry says nothing about the attempt before.
func (s *Client) send(ctx context.Context, c *call, decode func(*exchange) error) error {
	if c.writes() {
		if err := c.checkKey(); err != nil {
			return err
		}
	}
	values := &form.Values{}
	if c.params != nil {
		form.AppendTo(values, c.params)
	}
	body := []byte(values.Encode())

	bounded, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	undecided := false
	for n := 1; ; n++ {
		f := s.attempt(bounded, c, body, decode)
		if f == nil {
			return nil
		}
		undecided = f.err.Undecided || undecided && !f.settles
		f.err.Undecided = undecided
		if !f.repeat || n >= s.attempts || f.err.After > backoff.Longest {
			return f.err
		}
		client.Retrying(ctx, f.err)
		if !sleep(bounded, backoff.Wait(n, f.err.After)) {
			if err := ctx.Err(); err != nil {
				f.err.Err = err
			}
			return f.err
		}
	}
}

// attempt sends the call once. It returns nil when the answer was decoded.
func (s *Client) attempt(ctx context.Context, c *call, body []byte, decode func(*exchange) error) *failure {
	x := &exchange{op: c.op, stream: c.stream}
	if err := ctx.Err(); err != nil {
		x.dialed.Store(true) // nothing was sent
		return s.failureOf(ctx, c, x, err)
	}
	watched := context.WithValue(ctx, exchangeKey{}, x)
	watched = httptrace.WithClientTrace(watched, &httptrace.ClientTrace{
		GetConn:      func(string) { x.dialed.Store(true) },
		WroteHeaders: func() { x.wrote.Store(true) },
	})
	params := &stripego.Params{Context: watched}
	if c.writes() {
		params.IdempotencyKey = &c.idempotency
	}
	err := s.backend.CallRaw(c.method, c.path, s.key.Secret(), body, params, &untouched{})
	if x.complete && x.status < 300 {
		if err = x.odd; err == nil {
			err = decode(x)
		}
	}
	if err == nil {
		return nil
	}
	return s.failureOf(ctx, c, x, err)
}

// untouched keeps stripe-go from decoding an answer: its types hold secrets. The
// answer is decoded from the exchange instead.
type untouched struct{}

func (*untouched) SetLastResponse(*stripego.APIResponse) {}

func (*untouched) UnmarshalJSON([]byte) error { return nil }
