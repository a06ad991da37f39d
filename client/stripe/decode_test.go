package stripe_test

import (
	"strings"
	"testing"

	"idtop/client"
)

func TestReportChecks(t *testing.T) {
	const body = `{"id":"` + reportID + `","object":"identity.verification_report","created":5,"livemode":true,"type":"document",
"verification_session":"` + sessionID + `","document":{"status":"unverified","error":{"code":"document_expired","reason":"x"},"type":"passport",
"issuing_country":"US","first_name":"canary","dob":{"day":1,"month":1,"year":1},"files":["file_1"]},
"selfie":{"status":"verified","error":null,"selfie":"file_2"},"id_number":{"status":"verified","id_number":"canary"},
"email":{"status":"new_word"},"phone":{"status":"verified"},"some_check":{"status":"x"}}`
	r, err := over(t, answers(body)).GetReport(t.Context(), reportID)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range r.Checks() {
		names = append(names, c.Name+" "+c.Status)
	}
	if got := strings.Join(names, ", "); got != "document unverified, selfie verified, id_number verified, email new_word, phone verified" {
		t.Errorf("the checks are %s", got)
	}
	if r.Document.Error.Code != "document_expired" || r.Document.IssuingCountry != "US" || r.Created.Time().Unix() != 5 {
		t.Errorf("got %+v", r)
	}
	if strings.Contains(everyWay(r)+everyWay(r.Document), "canary") {
		t.Error("the report holds a person's data")
	}
}

// FuzzAnswers: any body is decoded or is an error, and never a panic.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		expandedSession, session(sessionID, "verified"), list(true, expandedSession), "null", "", "{", "[]", `{"object":"list","data":null}`,
		list(false, `{"id":"`+reportID+`","object":"identity.verification_report","document":{"error":{}}}`),
		list(false, `{"id":"evt_1","object":"event","type":"identity.verification_session.verified","data":{"object":`+expandedSession+`}}`),
		`{"id":"acct_1","object":"account","settings":{"dashboard":null}}`, stripeError(invalidRequest, "x", "y"),
		`{"id":1}`, `{"last_verification_report":{}}`, `{"verified_outputs":{"dob":"x"}}`,
	} {
		f.Add(200, body)
		f.Add(403, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		answer := reply{status: 200 + abs(status)%400, header: "Retry-After: " + body + "\nDate: " + body, body: body}
		api, ctx := over(t, &script{replies: []reply{answer}}, once), t.Context()
		s, e1 := api.GetSession(ctx, sessionID)
		p1, e2 := api.ListSessions(ctx, client.SessionListParams{})
		p2, e3 := api.ListReports(ctx, client.ReportListParams{})
		p3, e4 := api.ListEvents(ctx, client.EventListParams{})
		_, e5 := api.Account(ctx)
		_, e6 := api.RedactSession(ctx, sessionID, "k")
		for _, err := range []error{e1, e2, e3, e4, e5, e6} {
			if err != nil && (len([]rune(err.Error())) > 400 || client.KindOf(err) >= client.KindRefused) {
				t.Errorf("got %v", err)
			}
		}
		everyWay(s)
		_ = s.State().String() + s.UserID()
		for _, row := range p1.Data {
			if row.ID == "" {
				t.Error("a row without an id")
			}
		}
		for _, row := range p2.Data {
			row.Checks()
		}
		for _, row := range p3.Data {
			_ = row.Object.State()
		}
	})
}

func abs(n int) int { return max(n, -n, 0) }
