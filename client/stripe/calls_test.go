package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"idtop/client"
)

const (
	report   = `{"id":"` + reportID + `","object":"identity.verification_report"}`
	event    = `{"id":"evt_1","object":"event"}`
	sessions = "/v1/identity/verification_sessions"
	reports  = "/v1/identity/verification_reports"
)

// document is options for a create.
var document = &client.DocumentOptions{AllowedTypes: []string{"passport", "id_card"}, RequireMatchingSelfie: true}

// requests is what each method sends, as Stripe documents it.
var requests = []struct {
	name   string
	answer string
	call   func(ctx context.Context, api client.API) error
	want   string // method, path, and the form in its decoded and sorted spelling
}{
	{"list", list(false), func(ctx context.Context, api client.API) error {
		_, err := api.ListSessions(ctx, client.SessionListParams{})
		return err
	}, "GET " + sessions},
	{"list with all", list(false), func(ctx context.Context, api client.API) error {
		_, err := api.ListSessions(ctx, client.SessionListParams{
			Cursor: client.Cursor{Limit: 100, After: sessionID}, Created: client.Range{From: 5, Until: 9},
			Status: client.StatusRequiresInput, ClientReferenceID: "a b&c=d", RelatedCustomer: "cus_1", Expand: []string{"data.verified_outputs"},
		})
		return err
	}, "GET " + sessions + " client_reference_id=a b&c=d created[gte]=5 created[lt]=9 expand[0]=data.verified_outputs limit=100 related_customer=cus_1 starting_after=" + sessionID + " status=requires_input"},
	{"page before", list(false), func(ctx context.Context, api client.API) error {
		_, err := api.ListSessions(ctx, client.SessionListParams{Cursor: client.Cursor{Before: sessionID}, Created: client.Range{Until: 9}})
		return err
	}, "GET " + sessions + " created[lt]=9 ending_before=" + sessionID},
	{"read", session(sessionID, "verified"), func(ctx context.Context, api client.API) error {
		_, err := api.GetSession(ctx, sessionID)
		return err
	}, "GET " + sessions + "/" + sessionID},
	{"read expanded", session(sessionID, "verified"), func(ctx context.Context, api client.API) error {
		_, err := api.GetSession(ctx, sessionID, "verified_outputs", "verified_outputs.dob")
		return err
	}, "GET " + sessions + "/" + sessionID + " expand[0]=verified_outputs expand[1]=verified_outputs.dob"},
	{"create", session(sessionID, "requires_input"), func(ctx context.Context, api client.API) error {
		_, err := api.CreateSession(ctx, client.SessionCreateParams{
			Type: "document", ClientReferenceID: "ref", RelatedCustomer: "cus_1", ReturnURL: "https://example.com/?a=b",
			Metadata: map[string]string{"user_id": "ann"}, Document: document, Email: "ann@example.com", Phone: "+1",
		}, "k")
		return err
	}, "POST " + sessions + " client_reference_id=ref metadata[user_id]=ann options[document][allowed_types][0]=passport options[document][allowed_types][1]=id_card" +
		" options[document][require_id_number]=false options[document][require_live_capture]=false options[document][require_matching_selfie]=true" +
		" provided_details[email]=ann@example.com provided_details[phone]=+1 related_customer=cus_1 return_url=https://example.com/?a=b type=document"},
	{"create from a flow", session(sessionID, "requires_input"), func(ctx context.Context, api client.API) error {
		_, err := api.CreateSession(ctx, client.SessionCreateParams{VerificationFlow: "vf_1"}, "k")
		return err
	}, "POST " + sessions + " verification_flow=vf_1"},
	{"update", session(sessionID, "requires_input"), func(ctx context.Context, api client.API) error {
		_, err := api.UpdateSession(ctx, sessionID, client.SessionUpdateParams{
			Type: "id_number", Metadata: map[string]string{"user_id": "", "x": "y"}, Document: &client.DocumentOptions{}, Phone: "+2",
		}, "k")
		return err
	}, "POST " + sessions + "/" + sessionID + " metadata[user_id]= metadata[x]=y options[document][require_id_number]=false options[document][require_live_capture]=false" +
		" options[document][require_matching_selfie]=false provided_details[phone]=+2 type=id_number"},
	{"cancel", session(sessionID, "canceled"), func(ctx context.Context, api client.API) error {
		_, err := api.CancelSession(ctx, sessionID, "k")
		return err
	}, "POST " + sessions + "/" + sessionID + "/cancel"},
	{"redact", session(sessionID, "canceled"), func(ctx context.Context, api client.API) error {
		_, err := api.RedactSession(ctx, sessionID, "k")
		return err
	}, "POST " + sessions + "/" + sessionID + "/redact"},
	{"reports", list(false, report), func(ctx context.Context, api client.API) error {
		_, err := api.ListReports(ctx, client.ReportListParams{VerificationSession: sessionID, Type: "document", ClientReferenceID: "r", Created: client.Range{From: 1}})
		return err
	}, "GET " + reports + " client_reference_id=r created[gte]=1 type=document verification_session=" + sessionID},
	{"report", report, func(ctx context.Context, api client.API) error {
		_, err := api.GetReport(ctx, reportID, "document.dob")
		return err
	}, "GET " + reports + "/" + reportID + " expand[0]=document.dob"},
	{"events", list(false, event), func(ctx context.Context, api client.API) error {
		_, err := api.ListEvents(ctx, client.EventListParams{Types: []string{"a", "b"}, Created: client.Range{From: 7}})
		return err
	}, "GET /v1/events created[gte]=7 types[0]=a types[1]=b"},
	{"account", `{"id":"acct_1","object":"account"}`, func(ctx context.Context, api client.API) error {
		_, err := api.Account(ctx)
		return err
	}, "GET /v1/account"},
}

func TestRequests(t *testing.T) {
	for _, test := range requests {
		t.Run(test.name, func(t *testing.T) {
			server := answers(test.answer)
			if err := test.call(t.Context(), over(t, server)); err != nil {
				t.Fatal(err)
			}
			if got := spell(t, server.seen[0]); got != test.want {
				t.Errorf("sent\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// spell writes a request in one line.
func spell(t *testing.T, r request) string {
	t.Helper()
	u, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	if u.Host != "api.stripe.com" || u.Scheme != "https" || r.body != "" && r.method != "POST" {
		t.Errorf("sent to %s", u)
	}
	parts := []string{r.method, u.Path}
	form := u.RawQuery + r.body
	if form == "" {
		return strings.Join(parts, " ")
	}
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	for pair := range strings.SplitSeq(values.Encode(), "&") { // sorted
		plain, err := url.QueryUnescape(pair)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, plain)
	}
	return strings.Join(parts, " ")
}

// TestRefusals: ids and keys in another form than Stripe's cause no request.
func TestRefusals(t *testing.T) {
	server := answers(session(sessionID, "verified"))
	api, ctx := over(t, server), t.Context()
	var refused []error
	for _, id := range []string{"", "vs_", "vs_short", "vr_1NuNAILkdIwHu7ixh7OtGMLw", sessionID + "/cancel", sessionID + "?x", "../" + sessionID, sessionID + "\n", "vs_" + strings.Repeat("x", 300)} {
		_, e1 := api.GetSession(ctx, id)
		_, e2 := api.CancelSession(ctx, id, "k")
		_, e3 := api.RedactSession(ctx, id, "k")
		_, e4 := api.UpdateSession(ctx, id, client.SessionUpdateParams{}, "k")
		refused = append(refused, e1, e2, e3, e4)
	}
	for _, key := range []string{"", " k", "k\n", "k\x00k", "ké", strings.Repeat("k", 256)} {
		_, e1 := api.CancelSession(ctx, sessionID, key)
		_, e2 := api.CreateSession(ctx, client.SessionCreateParams{}, key)
		refused = append(refused, e1, e2)
	}
	for _, cursor := range []client.Cursor{{Limit: -1}, {Limit: 101}, {After: "a", Before: "b"}, {After: "a b"}, {Before: "a&b"}} {
		_, e1 := api.ListSessions(ctx, client.SessionListParams{Cursor: cursor})
		_, e2 := api.ListReports(ctx, client.ReportListParams{Cursor: cursor})
		_, e3 := api.ListEvents(ctx, client.EventListParams{Cursor: cursor})
		refused = append(refused, e1, e2, e3)
	}
	_, e1 := api.ListEvents(ctx, client.EventListParams{Types: make([]string, 21)})
	_, e2 := api.GetReport(ctx, sessionID)
	for i, err := range append(refused, e1, e2) {
		var failed *client.Error
		if !errors.As(err, &failed) || failed.Kind != client.KindRefused || failed.Undecided || failed.Message == "" {
			t.Errorf("%d: got %#v", i, err)
		}
	}
	if len(server.seen) != 0 {
		t.Errorf("%d requests went out", len(server.seen))
	}
}

// TestAnswerAboutAnotherSession: an action counts as done when the session
// itself shows it, and as undecided otherwise.
func TestAnswerAboutAnotherSession(t *testing.T) {
	other := session(otherID, "canceled")
	server := answers(other, session(sessionID, "canceled"))
	got, err := over(t, server).CancelSession(t.Context(), sessionID, "k")
	if err != nil || got.ID != sessionID || len(server.seen) != 2 || server.seen[1].method != "GET" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, now := range []string{session(sessionID, "requires_input"), other, "null"} {
		_, err = over(t, answers(other, now), once).CancelSession(t.Context(), sessionID, "k")
		var failed *client.Error
		if !errors.As(err, &failed) || failed.Kind != client.KindInvalid || !failed.Undecided || failed.Op != "cancel session" {
			t.Errorf("got %#v", err)
		}
	}
}

func TestAccount(t *testing.T) {
	name := func(business, dashboard string) string {
		return `{"id":"acct_1","object":"account","business_profile":{"name":` + business + `},"settings":{"dashboard":{"display_name":` + dashboard + `}}}`
	}
	for answer, want := range map[reply]client.Account{
		{status: 200, body: name(`"Acme Inc"`, `"Acme"`)}:                                       {ID: "acct_1", Name: "Acme"},
		{status: 200, body: name(`"Acme Inc"`, `null`)}:                                         {ID: "acct_1", Name: "Acme Inc"},
		{status: 200, body: `{"id":"acct_1","object":"account","business_profile":null}`}:       {ID: "acct_1"},
		{status: 403, body: stripeError(invalidRequest, "", "No. On x on account 'acct_789'.")}: {ID: "acct_789", Refused: true},
	} {
		if got, err := over(t, &script{replies: []reply{answer}}).Account(t.Context()); err != nil || got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	_, err := over(t, &script{replies: []reply{{status: 403, body: stripeError(invalidRequest, "", "No.")}}}).Account(t.Context())
	if client.KindOf(err) != client.KindPermission {
		t.Errorf("got %v", err)
	}
}

func TestPageDate(t *testing.T) {
	server := &script{replies: []reply{{status: 200, header: "Date: Mon, 01 Jan 2024 10:00:00 GMT", body: list(true, session(sessionID, "a_new_word"))}}}
	page, err := over(t, server).ListSessions(t.Context(), client.SessionListParams{})
	if err != nil || !page.HasMore || page.Date.Unix() != 1704103200 || page.Data[0].State() != client.StateUnknown {
		t.Errorf("got %v, %v", page, err)
	}
}

func TestSessionLink(t *testing.T) {
	const link = "https://verify.stripe.com/start/test_abc"
	for _, c := range []struct{ url, want string }{
		{`"` + link + `"`, link}, {`null`, ""}, {`""`, ""}, {`"javascript:alert(1)"`, ""}, {`"//x"`, ""},
	} {
		body := `{"id":"` + sessionID + `","object":"identity.verification_session","status":"requires_input","url":` + c.url + `}`
		got, err := over(t, answers(body)).SessionLink(t.Context(), sessionID)
		if got.Reveal() != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q, %v", c.url, got.Reveal(), err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v %s %v", got, got, got, got, err), "verify.stripe") {
			t.Errorf("%s: printing shows it", c.url)
		}
	}
	if _, err := over(t, answers()).SessionLink(t.Context(), "../x"); client.KindOf(err) != client.KindRefused {
		t.Error(err)
	}
}
