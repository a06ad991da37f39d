package stripe

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	stripego "github.com/stripe/stripe-go/v85"

	"idtop/client"
)

const (
	sessionsPath = "/v1/identity/verification_sessions"
	reportsPath  = "/v1/identity/verification_reports"
)

var reportID = regexp.MustCompile(`^vr_[A-Za-z0-9_]{8,255}$`)

// GetSession reads one session. Of one that can be read only in part it returns
// that part, which says so, with the error. expand takes paths such as "verified_outputs".
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
	c := &call{op: "create session", method: http.MethodPost, path: sessionsPath, params: params, idempotency: idempotencyKey}
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

// RedactSession erases the personal data of a session at Stripe, for good. The answer
// says that it was accepted; it is done when the redaction status is redacted.
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

// session sends a call about one session; c.path is the part of the path after
// the id. An answer about another session is not believed: then an action counts
// as done when the session itself, read again, shows its effect.
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
		return client.Account{ID: c.account}, nil
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

// optionalList returns a list that is not sent when it is empty: stripe-go
// sends an empty one as a clearing of the field.
func optionalList(list []string) []*string {
	if len(list) == 0 {
		return nil
	}
	return stripego.StringSlice(list)
}
