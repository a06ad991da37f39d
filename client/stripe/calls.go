package stripe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"

	stripego "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/form"

	"idtop/client"
)

const (
	sessionsPath = "/v1/identity/verification_sessions"
	reportsPath  = "/v1/identity/verification_reports"
)

var reportID = regexp.MustCompile(`^vr_[A-Za-z0-9_]{8,255}$`)

// GetSession reads one session. If only a part is readable, it returns that part,
// marked as unreadable, with the error. expand takes paths such as
// "verified_outputs".
func (s *Client) GetSession(ctx context.Context, id string, expand ...string) (client.Session, error) {
	return s.session(ctx, id, &call{
		op:     "read session",
		method: http.MethodGet,
		params: &stripego.IdentityVerificationSessionRetrieveParams{Expand: optionalList(expand)},
	})
}

// CreateSession starts a verification.
func (s *Client) CreateSession(ctx context.Context, p client.SessionCreateParams, idempotencyKey string) (client.Session, error) {
	params := &stripego.IdentityVerificationSessionCreateParams{
		Type:              optional(p.Type),
		VerificationFlow:  optional(p.VerificationFlow),
		ClientReferenceID: optional(p.ClientReferenceID),
		RelatedCustomer:   optional(p.RelatedCustomer),
		ReturnURL:         optional(p.ReturnURL),
		Metadata:          p.Metadata,
	}
	if d := p.Document; d != nil {
		params.Options = &stripego.IdentityVerificationSessionCreateOptionsParams{
			Document: &stripego.IdentityVerificationSessionCreateOptionsDocumentParams{
				AllowedTypes:          optionalList(d.AllowedTypes),
				RequireIDNumber:       stripego.Bool(d.RequireIDNumber),
				RequireLiveCapture:    stripego.Bool(d.RequireLiveCapture),
				RequireMatchingSelfie: stripego.Bool(d.RequireMatchingSelfie),
			},
		}
	}
	if p.Email != "" || p.Phone != "" {
		params.ProvidedDetails = &stripego.IdentityVerificationSessionCreateProvidedDetailsParams{
			Email: optional(p.Email.Reveal()),
			Phone: optional(p.Phone.Reveal()),
		}
	}
	c := &call{op: "create session", method: http.MethodPost, path: sessionsPath, params: params, idempotency: idempotencyKey, private: []client.Private{p.Email, p.Phone}}
	var session client.Session
	err := s.send(ctx, c, func(x *exchange) error { return s.decodeSession(x, c, &session) })
	if err != nil {
		return client.Session{}, err
	}
	return session, nil
}

// UpdateSession changes a session in requires_input.
func (s *Client) UpdateSession(ctx context.Context, id string, p client.SessionUpdateParams, idempotencyKey string) (client.Session, error) {
	params := &stripego.IdentityVerificationSessionUpdateParams{Type: optional(p.Type), Metadata: p.Metadata}
	if d := p.Document; d != nil {
		params.Options = &stripego.IdentityVerificationSessionUpdateOptionsParams{
			Document: &stripego.IdentityVerificationSessionUpdateOptionsDocumentParams{
				AllowedTypes:          optionalList(d.AllowedTypes),
				RequireIDNumber:       stripego.Bool(d.RequireIDNumber),
				RequireLiveCapture:    stripego.Bool(d.RequireLiveCapture),
				RequireMatchingSelfie: stripego.Bool(d.RequireMatchingSelfie),
			},
		}
	}
	if p.Email != "" || p.Phone != "" {
		params.ProvidedDetails = &stripego.IdentityVerificationSessionUpdateProvidedDetailsParams{
			Email: optional(p.Email.Reveal()),
			Phone: optional(p.Phone.Reveal()),
		}
	}
	return s.session(ctx, id, &call{
		op: "update session", method: http.MethodPost, params: params, idempotency: idempotencyKey, acts: true,
	})
}

// CancelSession cancels a session in requires_input, for good.
func (s *Client) CancelSession(ctx context.Context, id, idempotencyKey string) (client.Session, error) {
	return s.session(ctx, id, &call{
		op: opOf(client.Cancel), method: http.MethodPost, path: "/cancel", idempotency: idempotencyKey, acts: true,
		done: func(s client.Session) bool { return s.Status == client.StatusCanceled },
	})
}

// RedactSession erases the personal data of a session at Stripe, for good. The
// answer only says that Stripe accepted it; the erasure is complete when the
// redaction status is redacted.
func (s *Client) RedactSession(ctx context.Context, id, idempotencyKey string) (client.Session, error) {
	return s.session(ctx, id, &call{
		op: opOf(client.Redact), method: http.MethodPost, path: "/redact", idempotency: idempotencyKey, acts: true,
		done: func(s client.Session) bool {
			return s.State() == client.StateRedacting || s.State() == client.StateRedacted
		},
	})
}

// opOf is the operation of a verb.
func opOf(verb client.Verb) string { return verb.String() + " session" }

// session sends a call about one session; c.path is the part of the path after the
// id. An answer about another session is not believed: then an action counts as
// done only when the session itself, read again, shows its effect.
func (s *Client) session(ctx context.Context, id string, c *call) (client.Session, error) {
	c.id = id
	if !client.ValidSessionID(id) {
		return client.Session{}, c.refusal(client.BadID)
	}
	c.path = sessionsPath + "/" + id + c.path
	var session client.Session
	err := s.send(ctx, c, func(x *exchange) error { return s.decodeSession(x, c, &session) })
	if errors.Is(err, errOtherID) && c.done != nil {
		if now, failed := s.GetSession(ctx, id); failed == nil && c.done(now) {
			return now, nil
		}
	}
	if err != nil && session.Unreadable == "" {
		return client.Session{}, err
	}
	return session, err
}

// GetReport reads one report.
func (s *Client) GetReport(ctx context.Context, id string, expand ...string) (client.Report, error) {
	c := &call{
		op: "read report", id: id, method: http.MethodGet, path: reportsPath + "/" + id,
		params: &stripego.IdentityVerificationReportRetrieveParams{Expand: optionalList(expand)},
	}
	if !reportID.MatchString(id) {
		return client.Report{}, c.refusal(client.BadID)
	}
	var report client.Report
	err := s.send(ctx, c, func(x *exchange) error { return decodeObject(x.body, objectReport, id, &report) })
	if err != nil {
		return client.Report{}, err
	}
	return report, nil
}

// Account reads the account of the key. Most restricted keys may not read it, but
// Stripe's refusal names the account's id, which is enough to tell it apart.
func (s *Client) Account(ctx context.Context) (client.Account, error) {
	c := &call{op: "read account", method: http.MethodGet, path: "/v1/account"}
	var wire struct {
		ID              string `json:"id"`
		BusinessProfile struct {
			Name string `json:"name"`
		} `json:"business_profile"`
		Settings struct {
			Dashboard struct {
				DisplayName string `json:"display_name"`
			} `json:"dashboard"`
		} `json:"settings"`
	}
	err := s.send(ctx, c, func(x *exchange) error { return decodeObject(x.body, objectAccount, "", &wire) })
	if err != nil && c.account != "" {
		return client.Account{ID: c.account, Refused: true}, nil
	}
	if err != nil {
		return client.Account{}, err
	}
	return client.Account{ID: wire.ID, Name: orDefault(wire.Settings.Dashboard.DisplayName, wire.BusinessProfile.Name)}, nil
}

// optional returns a parameter that is not sent when it is "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// optionalList returns a list that is not sent when it is empty: stripe-go would
// send an empty one to clear the field.
func optionalList(list []string) []*string {
	if len(list) == 0 {
		return nil
	}
	return stripego.StringSlice(list)
}

// call is one request of the API, before it is sent.
type call struct {
	op          string // in words, for errors
	id          string // the session or report of the call, or ""
	method      string
	path        string
	params      any              // a params type of stripe-go, or nil
	idempotency string           // set for each POST and only there
	acts        bool             // a POST that a session's state can refuse
	private     []client.Private // texts in params that no error may repeat

	done func(client.Session) bool // tells whether a session shows the action's effect, or nil

	stream func(body io.Reader) error // decodes a good answer as it arrives, which is then not kept; nil: it is kept

	account string // the account of the key, set when a refusal names it
}

func (c *call) writes() bool { return c.method != http.MethodGet }

// hide takes the private texts of the call out of a foreign text, which may repeat
// them as they were sent.
func (c *call) hide(text string) string {
	for _, private := range c.private {
		word := strings.TrimSpace(private.Reveal())
		if word == "" {
			continue
		}
		for _, word := range []string{word, url.QueryEscape(word)} {
			text = standing(word).ReplaceAllLiteralString(text, "[private]")
		}
	}
	return text
}

var endsOfWord = [2]*regexp.Regexp{regexp.MustCompile(`^\w`), regexp.MustCompile(`\w$`)}

// standing matches a text in either case, where it is no part of a longer word.
func standing(text string) *regexp.Regexp {
	pattern := regexp.QuoteMeta(text)
	if endsOfWord[0].MatchString(text) {
		pattern = `\b` + pattern
	}
	if endsOfWord[1].MatchString(text) {
		pattern += `\b`
	}
	return regexp.MustCompile(`(?i)` + pattern)
}

// refusal is the error for a call that is not sent.
func (c *call) refusal(why string) *client.Error {
	return client.Refusal(c.op, c.id, why)
}

// checkKey refuses an idempotency key that Stripe would refuse.
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
		if !client.Sleep(bounded, backoff.Wait(n, f.err.After), nil) {
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
