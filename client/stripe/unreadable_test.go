package stripe_test

import (
	"strings"
	"testing"

	"idtop/client"
)

// oddSession is a session of a list with one member exchanged or added.
func oddSession(id, member string) string {
	return `{"object":"identity.verification_session","livemode":false,"type":"document","created":1700000000,"status":"requires_input",` +
		`"last_error":{"code":"document_expired"},"metadata":{"user_id":"ann"},"redaction":null,"id":"` + id + `",` + member + `}`
}

// TestOneOddSessionHidesNoOther: it was the end of its page, and of the sync.
func TestOneOddSessionHidesNoOther(t *testing.T) {
	for name, c := range map[string]struct {
		member, field, user string
	}{
		"a numeric user_id":           {`"metadata":{"user_id":4711}`, "metadata", ""},
		"options of another form":     {`"options":{"document":[]}`, "options.document", "ann"},
		"a redaction of another form": {`"redaction":"processing"`, "redaction", ""},
		"a status that is null":       {`"status":null`, "", "ann"}, // json leaves what came before
		"no creation time":            {`"created":0`, "created", "ann"},
		"a time in words":             {`"created":"yesterday"`, "created", "ann"},
		"another kind":                {`"object":"identity.something_else"`, "object", "ann"},
		"an error in words":           {`"last_error":"expired"`, "last_error", "ann"},
		"a mode that is missing":      {`"livemode":"test"`, "livemode", "ann"},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := over(t, answers(list(true, session(sid(1), "verified"), oddSession(sid(2), c.member), session(sid(3), "canceled")))).
				ListSessions(t.Context(), client.SessionListParams{})
			if err != nil || len(page.Data) != 3 || page.Data[2].ID != sid(3) || !page.HasMore || page.Lost != 0 {
				t.Fatalf("got %+v, %v", page, err)
			}
			odd := page.Data[1]
			if odd.ID != sid(2) || odd.Unreadable != c.field || odd.UserID() != c.user || c.field != "" && odd.State() != client.StateUnknown {
				t.Errorf("got %+v in the state %s", odd, odd.State())
			}
		})
	}
}

// TestAnObjectWithoutAnIDIsCounted: it can't be a row, and is not hidden either.
func TestAnObjectWithoutAnIDIsCounted(t *testing.T) {
	for _, object := range []string{`null`, `7`, `[]`, `{}`, `{"id":null}`, `{"id":7,"object":"identity.verification_session"}`} {
		page, err := over(t, answers(list(true, object, session(sid(1), "verified"), object))).ListSessions(t.Context(), client.SessionListParams{})
		if err != nil || len(page.Data) != 1 || page.Lost != 1 {
			t.Errorf("%s: got %+v, %v; the last one comes again with the next page", object, page, err)
		}
		page, err = over(t, answers(list(false, object, session(sid(1), "verified"), object))).ListSessions(t.Context(), client.SessionListParams{})
		if err != nil || len(page.Data) != 1 || page.Lost != 2 {
			t.Errorf("%s: got %+v, %v", object, page, err)
		}
		if _, err = over(t, answers(list(true, object))).ListSessions(t.Context(), client.SessionListParams{}); client.KindOf(err) != client.KindInvalid {
			t.Errorf("%s: a page that nothing can come after: %v", object, err)
		}
	}
}

// TestASessionOfTheOtherModeStops: nothing of a live account is taken for a test,
// nor the other way round.
func TestASessionOfTheOtherModeStops(t *testing.T) {
	live := oddSession(sid(2), `"livemode":true`)
	check := func(what string, err error) {
		t.Helper()
		if client.KindOf(err) != client.KindInvalid || !strings.Contains(err.Error(), "a session of live mode to a key of test mode") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := over(t, answers(list(true, session(sid(1), "verified"), live))).ListSessions(t.Context(), client.SessionListParams{})
	check("list", err)
	_, err = over(t, answers(live)).GetSession(t.Context(), sid(2))
	check("read", err)
	event := `{"id":"evt_1","object":"event","type":"identity.verification_session.verified","created":5,"data":{"object":` + live + `}}`
	_, err = over(t, answers(list(false, event))).ListEvents(t.Context(), client.EventListParams{})
	check("events", err)
}

// TestAFailureWithoutACodeIsAFailure: only with neither code nor reason is it none.
func TestAFailureWithoutACodeIsAFailure(t *testing.T) {
	for last, want := range map[string]client.State{
		`{"code":null,"reason":"The document was not accepted."}`: client.StateFailed,
		`{"reason":"The document was not accepted."}`:             client.StateFailed,
		`{"code":null,"reason":null}`:                             client.StateWaiting,
		`{}`:                                                      client.StateWaiting,
	} {
		s, err := over(t, answers(oddSession(sid(1), `"last_error":null,"last_error":`+last))).GetSession(t.Context(), sid(1))
		if err != nil || s.State() != want {
			t.Errorf("%s is %s, %v", last, s.State(), err)
		}
	}
	if client.ReasonOf(client.NoCode).Label != "without a code" {
		t.Errorf("%+v", client.ReasonOf(client.NoCode))
	}
}

// TestOneOddReportHidesNoAttempt: nor one odd event the others.
func TestOneOddReportHidesNoAttempt(t *testing.T) {
	report := `{"object":"identity.verification_report","created":5,"id":"vr_00000001","document":[]}`
	reports, err := over(t, answers(list(false, report, strings.Replace(report, "[]", `{"status":"verified"}`, 1)))).ListReports(t.Context(), client.ReportListParams{})
	if err != nil || len(reports.Data) != 2 || reports.Data[0].Unreadable != "document" || reports.Data[1].Document == nil {
		t.Errorf("got %+v, %v", reports, err)
	}
	events, err := over(t, answers(list(false,
		`{"id":"evt_1","object":"event","type":"identity.verification_session.verified","created":5,"request":"req_1","data":{"object":`+oddSession(sid(1), `"metadata":7`)+`}}`,
		`{"id":"evt_2","object":"event","type":"identity.verification_session.verified","created":"soon"}`,
		`{"id":"evt_3","object":"event","type":"identity.verification_session.verified","created":6,"data":{"object":`+session(sid(2), "verified")+`}}`,
	))).ListEvents(t.Context(), client.EventListParams{})
	if err != nil || len(events.Data) != 2 || events.Lost != 1 || events.Data[0].Object.Unreadable != "metadata" || events.Data[1].Object.ID != sid(2) {
		t.Errorf("got %+v, %v", events, err)
	}
}
