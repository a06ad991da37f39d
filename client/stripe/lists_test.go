package stripe_test

import (
	"fmt"
	"testing"

	"idtop/client"
)

func sid(n int) string { return fmt.Sprintf("vs_0000000000%04d", n) }

// TestListEvents: an event about something else than a session uses the same
// names for members of other types.
func TestListEvents(t *testing.T) {
	event := func(id, kind, object string) string {
		return fmt.Sprintf(`{"id":%q,"object":"event","type":%q,"created":5,"request":{"id":"req_1"},"data":{"object":%s}}`, id, kind, object)
	}
	page, err := over(t, answers(list(false,
		event("evt_1", "identity.verification_session.verified", session(sessionID, "verified")),
		event("evt_2", "plan.created", `{"id":"price_1","object":"plan","status":7,"options":[1],"metadata":"x"}`),
		event("evt_3", "identity.verification_session.canceled", "null"),
		`{"id":"evt_4","object":"event","request":null,"data":{}}`,
	))).ListEvents(t.Context(), client.EventListParams{})
	got := page.Data
	if err != nil || len(got) != 4 || got[0].Object.ID != sessionID || got[0].RequestID != "req_1" || got[0].Created != 5 || got[1].Object.ID != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}
