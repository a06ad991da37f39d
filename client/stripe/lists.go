package stripe

import (
	"context"
	"net/http"
	"regexp"

	stripego "github.com/stripe/stripe-go/v85"

	"idtop/client"
)

// cursorID is the form of an id in a cursor; the objects differ by the list.
var cursorID = regexp.MustCompile(`^[A-Za-z0-9_]{1,255}$`)

// maxEventTypes is Stripe's bound on the types of one list of events.
const maxEventTypes = 20

// ListSessions reads one page of sessions.
func (s *Client) ListSessions(ctx context.Context, p client.SessionListParams) (client.Page[client.Session], error) {
	return list(ctx, s, s.decodeSessions, p.Cursor, &call{
		op:   "list sessions",
		path: sessionsPath,
		params: &stripego.IdentityVerificationSessionListParams{
			ListParams:        page(p.Cursor),
			CreatedRange:      created(p.Created),
			Status:            optional(string(p.Status)),
			ClientReferenceID: optional(p.ClientReferenceID),
			RelatedCustomer:   optional(p.RelatedCustomer),
			Expand:            optionalList(p.Expand),
		},
	})
}

// ListReports reads one page of reports.
func (s *Client) ListReports(ctx context.Context, p client.ReportListParams) (client.Page[client.Report], error) {
	return list(ctx, s, s.decodeReports, p.Cursor, &call{
		op:     "list reports",
		id:     p.VerificationSession,
		path:   reportsPath,
		params: reportParams(p),
	})
}

func reportParams(p client.ReportListParams) *stripego.IdentityVerificationReportListParams {
	return &stripego.IdentityVerificationReportListParams{
		ListParams:          page(p.Cursor),
		CreatedRange:        created(p.Created),
		VerificationSession: optional(p.VerificationSession),
		ClientReferenceID:   optional(p.ClientReferenceID),
		Type:                optional(p.Type),
	}
}

// ListEvents reads one page of events.
func (s *Client) ListEvents(ctx context.Context, p client.EventListParams) (client.Page[client.Event], error) {
	c := &call{
		op:   "list events",
		path: "/v1/events",
		params: &stripego.EventListParams{
			ListParams:   page(p.Cursor),
			CreatedRange: created(p.Created),
			Types:        optionalList(p.Types),
		},
	}
	if len(p.Types) > maxEventTypes {
		return client.Page[client.Event]{}, c.refusal("at most 20 types of event can be asked for at once")
	}
	return list(ctx, s, s.decodeEvents, p.Cursor, c)
}

// list sends a call for one page.
func list[T any](ctx context.Context, s *Client, decode func(*exchange) (client.Page[T], error), cursor client.Cursor, c *call) (client.Page[T], error) {
	c.method = http.MethodGet
	if why := refusalOf(cursor); why != "" {
		return client.Page[T]{}, c.refusal(why)
	}
	var page client.Page[T]
	err := s.send(ctx, c, func(x *exchange) (err error) {
		page, err = decode(x)
		return err
	})
	if err != nil {
		return client.Page[T]{}, err
	}
	return page, nil
}

// refusalOf says why Stripe would not take the cursor, "" when it would.
func refusalOf(c client.Cursor) string {
	switch {
	case c.Limit < 0 || c.Limit > 100:
		return "a page has 1 to 100 rows"
	case c.After != "" && c.Before != "":
		return "a page is after an id or before one, not both"
	case c.After != "" && !cursorID.MatchString(c.After), c.Before != "" && !cursorID.MatchString(c.Before):
		return client.BadID
	}
	return ""
}

func page(c client.Cursor) stripego.ListParams {
	p := stripego.ListParams{StartingAfter: optional(c.After), EndingBefore: optional(c.Before)}
	if c.Limit != 0 {
		p.Limit = stripego.Int64(int64(c.Limit))
	}
	return p
}

func created(r client.Range) *stripego.RangeQueryParams {
	if r == (client.Range{}) {
		return nil
	}
	return &stripego.RangeQueryParams{GreaterThanOrEqual: int64(r.From), LesserThan: int64(r.Until)}
}
