package client

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/stripe/stripe-go/v85"
)

const (
	sessionsPath = "/v1/identity/verification_sessions"
	reportsPath  = "/v1/identity/verification_reports"
)

var reportID = regexp.MustCompile(`^vr_[A-Za-z0-9_]{8,255}$`)

const badID = "this is not an id of Stripe's form"

// GetSession reads one session. Of one that can be read only in part it returns
// that part, which says so, with the error. expand takes paths such as "verified_outputs".
func (s *Stripe) GetSession(ctx context.Context, id string, expand ...string) (Session, error) {
	return s.session(ctx, id, &call{
		op:     "read session",
		method: http.MethodGet,
		params: &stripe.IdentityVerificationSessionRetrieveParams{Expand: optionalList(expand)},
	})
}

// CreateSession starts a verification.
func (s *Stripe) CreateSession(ctx context.Context, p SessionCreateParams, idempotencyKey string) (Session, error) {
	params := &stripe.IdentityVerificationSessionCreateParams{
		Type:              optional(p.Type),
		VerificationFlow:  optional(p.VerificationFlow),
		ClientReferenceID: optional(p.ClientReferenceID),
		RelatedCustomer:   optional(p.RelatedCustomer),
		ReturnURL:         optional(p.ReturnURL),
		Metadata:          p.Metadata,
	}
	if d := p.Document; d != nil {
		params.Options = &stripe.IdentityVerificationSessionCreateOptionsParams{
			Document: &stripe.IdentityVerificationSessionCreateOptionsDocumentParams{
				AllowedTypes:          optionalList(d.AllowedTypes),
				RequireIDNumber:       stripe.Bool(d.RequireIDNumber),
				RequireLiveCapture:    stripe.Bool(d.RequireLiveCapture),
				RequireMatchingSelfie: stripe.Bool(d.RequireMatchingSelfie),
			},
		}
	}
	if p.Email != "" || p.Phone != "" {
		params.ProvidedDetails = &stripe.IdentityVerificationSessionCreateProvidedDetailsParams{
			Email: optional(p.Email.Reveal()),
			Phone: optional(p.Phone.Reveal()),
		}
	}
	c := &call{op: "create session", method: http.MethodPost, path: sessionsPath, params: params, idempotency: idempotencyKey}
	var session Session
	err := s.send(ctx, c, func(x *exchange) error { return s.decodeSession(x, c, &session) })
	if err != nil {
		return Session{}, err
	}
	return session, nil
}

// UpdateSession changes a session in requires_input.
func (s *Stripe) UpdateSession(ctx context.Context, id string, p SessionUpdateParams, idempotencyKey string) (Session, error) {
	params := &stripe.IdentityVerificationSessionUpdateParams{Type: optional(p.Type), Metadata: p.Metadata}
	if d := p.Document; d != nil {
		params.Options = &stripe.IdentityVerificationSessionUpdateOptionsParams{
			Document: &stripe.IdentityVerificationSessionUpdateOptionsDocumentParams{
				AllowedTypes:          optionalList(d.AllowedTypes),
				RequireIDNumber:       stripe.Bool(d.RequireIDNumber),
				RequireLiveCapture:    stripe.Bool(d.RequireLiveCapture),
				RequireMatchingSelfie: stripe.Bool(d.RequireMatchingSelfie),
			},
		}
	}
	if p.Email != "" || p.Phone != "" {
		params.ProvidedDetails = &stripe.IdentityVerificationSessionUpdateProvidedDetailsParams{
			Email: optional(p.Email.Reveal()),
			Phone: optional(p.Phone.Reveal()),
		}
	}
	return s.session(ctx, id, &call{
		op: "update session", method: http.MethodPost, params: params, idempotency: idempotencyKey, acts: true,
	})
}

// CancelSession cancels a session in requires_input, for good.
func (s *Stripe) CancelSession(ctx context.Context, id, idempotencyKey string) (Session, error) {
	return s.session(ctx, id, &call{
		op: "cancel session", method: http.MethodPost, path: "/cancel", idempotency: idempotencyKey, acts: true,
		done: func(s Session) bool { return s.Status == StatusCanceled },
	})
}

// RedactSession erases what Stripe holds of a session, for good. The answer
// says that it was accepted; it is done when the redaction status is redacted.
func (s *Stripe) RedactSession(ctx context.Context, id, idempotencyKey string) (Session, error) {
	return s.session(ctx, id, &call{
		op: "redact session", method: http.MethodPost, path: "/redact", idempotency: idempotencyKey, acts: true,
		done: func(s Session) bool { return s.State() == StateRedacting || s.State() == StateRedacted },
	})
}

// session sends a call about one session, of which c.path is what comes after
// the id. An answer to an action that is about another session is not believed;
// the action counts as done when the session itself, read again, shows it.
func (s *Stripe) session(ctx context.Context, id string, c *call) (Session, error) {
	c.id = id
	if !ValidSessionID(id) {
		return Session{}, c.refusal(badID)
	}
	c.path = sessionsPath + "/" + id + c.path
	var session Session
	err := s.send(ctx, c, func(x *exchange) error { return s.decodeSession(x, c, &session) })
	if errors.Is(err, errOtherID) && c.done != nil {
		if now, failed := s.GetSession(ctx, id); failed == nil && c.done(now) {
			return now, nil
		}
	}
	if err != nil && session.Unreadable == "" {
		return Session{}, err
	}
	return session, err
}

// GetReport reads one report.
func (s *Stripe) GetReport(ctx context.Context, id string, expand ...string) (Report, error) {
	c := &call{
		op: "read report", id: id, method: http.MethodGet, path: reportsPath + "/" + id,
		params: &stripe.IdentityVerificationReportRetrieveParams{Expand: optionalList(expand)},
	}
	if !reportID.MatchString(id) {
		return Report{}, c.refusal(badID)
	}
	var report Report
	err := s.send(ctx, c, func(x *exchange) error { return decodeObject(x.body, objectReport, id, &report) })
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// Account reads whose key this is. Most restricted keys may not read that, but
// Stripe's refusal names the account's id, which is enough to tell it apart.
func (s *Stripe) Account(ctx context.Context) (Account, error) {
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
	var refused *Error
	if errors.As(err, &refused) && refused.account != "" {
		return Account{ID: refused.account}, nil
	}
	if err != nil {
		return Account{}, err
	}
	return Account{ID: wire.ID, Name: orDefault(wire.Settings.Dashboard.DisplayName, wire.BusinessProfile.Name)}, nil
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
	return stripe.StringSlice(list)
}
