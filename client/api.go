package client

import (
	"context"
	"time"
)

// API is the part of Stripe's API that idtop uses. Every method ends at once when
// its context does and returns an *Error when it fails. An id that is not of
// Stripe's form is refused without a request.
//
// The POST methods take an idempotency key; the same key is sent again on every
// retry of an undecided request, so that nothing happens twice.
type API interface {
	ListSessions(ctx context.Context, params SessionListParams) (Page[Session], error)
	GetSession(ctx context.Context, id string, expand ...string) (Session, error)
	SessionLink(ctx context.Context, id string) (Private, error)
	CreateSession(ctx context.Context, params SessionCreateParams, idempotencyKey string) (Session, error)
	UpdateSession(ctx context.Context, id string, params SessionUpdateParams, idempotencyKey string) (Session, error)
	CancelSession(ctx context.Context, id, idempotencyKey string) (Session, error)
	RedactSession(ctx context.Context, id, idempotencyKey string) (Session, error)
	ListReports(ctx context.Context, params ReportListParams) (Page[Report], error)
	ListReportFacts(ctx context.Context, params ReportListParams) (Page[ReportFacts], error)
	GetReport(ctx context.Context, id string, expand ...string) (Report, error)
	ListEvents(ctx context.Context, params EventListParams) (Page[Event], error)
	Account(ctx context.Context) (Account, error)
}

// Page is one page of a list, newest first.
type Page[T any] struct {
	Data    []T
	HasMore bool
	Date    time.Time // the server's clock when it answered; zero if it did not say
	Lost    int       // objects without a readable id, which are not in Data
}

// Cursor selects a page of a list. After is the id above the page (older rows
// follow), Before the id below it; at most one is set. Limit is 1 to 100, 0 for
// Stripe's default of 10.
type Cursor struct {
	Limit         int
	After, Before string
}

// Range limits a list to objects created in [From, Until); a zero end is open.
type Range struct{ From, Until Unix }

// SessionListParams are Stripe's filters for sessions. There is none for metadata,
// type or redaction.
type SessionListParams struct {
	Cursor
	Created           Range
	Status            Status
	ClientReferenceID string
	RelatedCustomer   string
	Expand            []string // paths start with "data."
}

// SessionCreateParams describe a new session: Type (document or id_number) or
// VerificationFlow, and the members that go with it.
type SessionCreateParams struct {
	Type              string
	VerificationFlow  string
	ClientReferenceID string
	RelatedCustomer   string
	ReturnURL         string
	Metadata          map[string]string
	Document          *DocumentOptions
	Email, Phone      Private
}

// SessionUpdateParams change a session in requires_input. In Metadata an empty
// value unsets its key.
type SessionUpdateParams struct {
	Type         string
	Metadata     map[string]string
	Document     *DocumentOptions
	Email, Phone Private
}

// ReportListParams are the filters for reports.
type ReportListParams struct {
	Cursor
	Created             Range
	VerificationSession string
	ClientReferenceID   string
	Type                string
}

// EventListParams are the filters for events. Stripe keeps events for 30 days.
type EventListParams struct {
	Cursor
	Created Range
	Types   []string // at most 20
}

// Account is the account of a key. When the key may not read it, Refused is set and Name
// is "".
type Account struct {
	ID      string
	Name    string
	Refused bool
}
