package client

import (
	"context"
	"net/http"
	"regexp"

	"github.com/stripe/stripe-go/v85"
)

// cursorID is the form of an id in a cursor; the objects differ by the list.
var cursorID = regexp.MustCompile(`^[A-Za-z0-9_]{1,255}$`)

// maxEventTypes is Stripe's bound on the types of one list of events.
const maxEventTypes = 20

// ListSessions reads one page of sessions.
func (s *Stripe) ListSessions(ctx context.Context, p SessionListParams) (Page[Session], error) {
	return list(ctx, s, s.decodeSessions, p.Cursor, &call{
		op:   "list sessions",
		path: sessionsPath,
		params: &stripe.IdentityVerificationSessionListParams{
			ListParams:        p.wire(),
			CreatedRange:      p.Created.wire(),
			Status:            optional(string(p.Status)),
			ClientReferenceID: optional(p.ClientReferenceID),
			RelatedCustomer:   optional(p.RelatedCustomer),
			Expand:            optionalList(p.Expand),
		},
	})
}

// ListReports reads one page of reports.
func (s *Stripe) ListReports(ctx context.Context, p ReportListParams) (Page[Report], error) {
	return list(ctx, s, s.decodeReports, p.Cursor, &call{
		op:   "list reports",
		id:   p.VerificationSession,
		path: reportsPath,
		params: &stripe.IdentityVerificationReportListParams{
			ListParams:          p.wire(),
			CreatedRange:        p.Created.wire(),
			VerificationSession: optional(p.VerificationSession),
			ClientReferenceID:   optional(p.ClientReferenceID),
			Type:                optional(p.Type),
		},
	})
}

// ListEvents reads one page of events.
func (s *Stripe) ListEvents(ctx context.Context, p EventListParams) (Page[Event], error) {
	c := &call{
		op:   "list events",
		path: "/v1/events",
		params: &stripe.EventListParams{
			ListParams:   p.wire(),
			CreatedRange: p.Created.wire(),
			Types:        optionalList(p.Types),
		},
	}
	if len(p.Types) > maxEventTypes {
		return Page[Event]{}, c.refusal("at most 20 types of event can be asked for at once")
	}
	return list(ctx, s, s.decodeEvents, p.Cursor, c)
}

// list sends a call for one page.
func list[T any](ctx context.Context, s *Stripe, decode func(*exchange) (Page[T], error), cursor Cursor, c *call) (Page[T], error) {
	c.method = http.MethodGet
	if why := cursor.refusal(); why != "" {
		return Page[T]{}, c.refusal(why)
	}
	var page Page[T]
	err := s.send(ctx, c, func(x *exchange) (err error) {
		page, err = decode(x)
		return err
	})
	if err != nil {
		return Page[T]{}, err
	}
	return page, nil
}

// refusal says why Stripe would not take the cursor, "" when it would.
func (c Cursor) refusal() string {
	switch {
	case c.Limit < 0 || c.Limit > 100:
		return "a page has 1 to 100 rows"
	case c.After != "" && c.Before != "":
		return "a page is after an id or before one, not both"
	case c.After != "" && !cursorID.MatchString(c.After), c.Before != "" && !cursorID.MatchString(c.Before):
		return badID
	}
	return ""
}

func (c Cursor) wire() stripe.ListParams {
	p := stripe.ListParams{StartingAfter: optional(c.After), EndingBefore: optional(c.Before)}
	if c.Limit != 0 {
		p.Limit = stripe.Int64(int64(c.Limit))
	}
	return p
}

func (r Range) wire() *stripe.RangeQueryParams {
	if r == (Range{}) {
		return nil
	}
	return &stripe.RangeQueryParams{GreaterThanOrEqual: int64(r.From), LesserThan: int64(r.Until)}
}
