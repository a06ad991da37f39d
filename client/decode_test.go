package client_test

import (
	"encoding/json"
	"strings"
	"testing"

	"idtop/client"
)

func TestStates(t *testing.T) {
	const failed = `"last_error":{"code":"document_expired","reason":"x"}`
	for body, want := range map[string]client.State{
		`{"status":"requires_input"}`:                                          client.StateWaiting,
		`{"status":"requires_input","last_error":{"code":null,"reason":null}}`: client.StateWaiting,
		`{"status":"requires_input",` + failed + `}`:                           client.StateFailed,
		`{"status":"requires_action",` + failed + `}`:                          client.StateFailed,
		`{"status":"processing",` + failed + `}`:                               client.StateProcessing,
		`{"status":"verified"}`:                                                client.StateVerified,
		`{"status":"canceled"}`:                                                client.StateCanceled,
		`{"status":"canceled","redaction":{"status":"processing"}}`:            client.StateRedacting,
		`{"status":"verified","redaction":{"status":"redacted"}}`:              client.StateRedacted,
		`{"status":"verified","redaction":{"status":"validated"}}`:             client.StateVerified,
		`{"status":"on_hold"}`:                                                 client.StateUnknown,
		`{}`:                                                                   client.StateUnknown,
	} {
		var s client.Session
		if err := json.Unmarshal([]byte(body), &s); err != nil || s.State() != want {
			t.Errorf("%s: got %s, %v, want %s", body, s.State(), err, want)
		}
	}
	for s := range client.State(client.StateCount + 1) {
		final := s == client.StateVerified || s == client.StateCanceled || s == client.StateRedacted
		if s.String() == "" || s.Final() != final {
			t.Errorf("state %d is %q, final %t", s, s, s.Final())
		}
	}
}

// TestVerbs is Stripe's table of what can be done in which state.
func TestVerbs(t *testing.T) {
	allowed := map[client.Verb][]client.State{
		client.Cancel: {client.StateFailed, client.StateWaiting},
		client.Redact: {client.StateFailed, client.StateWaiting, client.StateVerified, client.StateCanceled},
	}
	for verb, states := range allowed {
		can := map[client.State]bool{}
		for _, s := range states {
			can[s] = true
		}
		for s := range client.State(client.StateCount) {
			if why := verb.Refusal(s); (why == "") != can[s] {
				t.Errorf("%s in %s: %q", verb, s, why)
			}
		}
	}
	if client.Cancel.String() != "cancel" || client.Redact.String() != "redact" || client.Verb(0).String() == "" {
		t.Error("the verbs have other words")
	}
}

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

func TestDates(t *testing.T) {
	for body, want := range map[string]string{
		`{"dob":{"day":2,"month":3,"year":1990}}`:       "1990-03-02",
		`{"dob":{"day":1,"month":1,"year":1}}`:          "[redacted]",
		`{"dob":{"day":null,"month":null,"year":null}}`: "",
		`{"dob":null}`: "",
		`{}`:           "",
	} {
		var o client.VerifiedOutputs
		if err := json.Unmarshal([]byte(body), &o); err != nil || o.DOB.Private().Reveal() != want {
			t.Errorf("%s: got %q, %v", body, o.DOB.Private().Reveal(), err)
		}
	}
	if u := client.Unix(0); !u.Time().IsZero() {
		t.Error("no time is a time")
	}
}

// FuzzAnswers: whatever arrives is decoded or is an error, and never a panic.
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
