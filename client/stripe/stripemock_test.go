package stripe_test

import (
	"testing"
	"time"

	"idtop/client"
	"idtop/client/stripe"
	"idtop/client/stripemocktest"
)

// TestStripeMock reads and writes everything on Stripe's own server for tests.
func TestStripeMock(t *testing.T) {
	api := stripeMock(t)
	ctx, key := t.Context(), client.NewIdempotencyKey
	const id = "vs_1NuNAILkdIwHu7ixh7OtGMLw"

	page, err := api.ListSessions(ctx, client.SessionListParams{
		Cursor:  client.Cursor{Limit: 3},
		Created: client.Range{From: 1, Until: 2e9},
		Status:  client.StatusVerified,
		Expand:  []string{"data.verified_outputs"},
	})
	check(t, "list sessions", err, len(page.Data) == 1 && page.Data[0].ID != "" && !page.Date.IsZero())

	session, err := api.GetSession(ctx, id, "verified_outputs", "provided_details", "last_verification_report")
	check(t, "read session", err, session.ID == id && session.LastReport != "" && session.VerifiedOutputs != nil)

	session, err = api.CreateSession(ctx, client.SessionCreateParams{
		Type: "document", ClientReferenceID: "ref_1", ReturnURL: "https://example.com/back",
		Metadata: map[string]string{"user_id": "ann_1"},
		Document: &client.DocumentOptions{AllowedTypes: []string{"passport"}, RequireMatchingSelfie: true},
		Email:    "ann@example.com",
	}, key())
	check(t, "create session", err, session.ID != "")

	session, err = api.UpdateSession(ctx, id, client.SessionUpdateParams{
		Metadata: map[string]string{"user_id": ""}, Document: &client.DocumentOptions{},
	}, key())
	check(t, "update session", err, session.ID == id)
	session, err = api.CancelSession(ctx, id, key())
	check(t, "cancel session", err, session.ID == id)
	session, err = api.RedactSession(ctx, id, key())
	check(t, "redact session", err, session.ID == id)

	reports, err := api.ListReports(ctx, client.ReportListParams{VerificationSession: id})
	check(t, "list reports", err, len(reports.Data) == 1 && len(reports.Data[0].Checks()) > 0)
	report, err := api.GetReport(ctx, "vr_1NuNAILkdIwHu7ixh7OtGMLw", "document.dob")
	check(t, "read report", err, report.Document != nil)

	events, err := api.ListEvents(ctx, client.EventListParams{Types: []string{"identity.verification_session.verified"}})
	check(t, "list events", err, len(events.Data) == 1 && events.Data[0].ID != "")
	account, err := api.Account(ctx)
	check(t, "read account", err, account.ID != "")
}

// stripeMock returns the client of a fresh stripe-mock.
func stripeMock(t *testing.T) client.API {
	t.Helper()
	key, err := client.ParseKey(stripemocktest.Key)
	if err != nil {
		t.Fatal(err)
	}
	api, err := stripe.New(stripe.Config{Key: key, BaseURL: stripemocktest.Start(t), Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func check(t *testing.T, what string, err error, ok bool) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if !ok {
		t.Errorf("%s: the answer lacks what was expected", what)
	}
}
