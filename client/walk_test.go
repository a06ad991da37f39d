package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"idtop/client"
)

func sid(n int) string { return fmt.Sprintf("vs_0000000000%04d", n) }

// rows returns the JSON of sessions from..to, without to.
func rows(from, to int) []string {
	var out []string
	for n := from; n < to; n++ {
		out = append(out, session(sid(n), "verified"))
	}
	return out
}

func TestEachSession(t *testing.T) {
	server := answers(list(true, rows(0, 100)...), list(true, rows(100, 200)...), list(false, rows(200, 230)...))
	var got []string
	err := client.EachSession(t.Context(), over(t, server), client.SessionListParams{Status: client.StatusVerified}, func(s client.Session) error {
		got = append(got, s.ID)
		return nil
	})
	if err != nil || len(got) != 230 || got[0] != sid(0) || got[229] != sid(229) {
		t.Fatalf("got %d rows, %v", len(got), err)
	}
	for i, after := range []string{"", sid(99), sid(199)} {
		url := server.seen[i].url
		if !strings.Contains(url, "limit=100") || !strings.Contains(url, "status=verified") || after != "" && !strings.Contains(url, "starting_after="+after) {
			t.Errorf("page %d was asked for by %s", i, url)
		}
	}
}

// TestWalksEnd: a list that claims to have more for ever is an error, however
// it goes round.
func TestWalksEnd(t *testing.T) {
	for name, pages := range map[string][]string{
		"empty":       {list(true)},
		"the same":    {list(true, rows(0, 3)...)},
		"in a circle": {list(true, rows(0, 3)...), list(true, rows(3, 6)...), list(true, rows(0, 3)...)},
	} {
		server, calls := answers(pages...), 0
		err := client.EachSession(t.Context(), over(t, server), client.SessionListParams{}, func(client.Session) error { calls++; return nil })
		if client.KindOf(err) != client.KindInvalid || len(server.seen) > 4 {
			t.Errorf("%s: got %v after %d pages and %d rows", name, err, len(server.seen), calls)
		}
	}
}

func TestWalksStop(t *testing.T) {
	enough := errors.New("enough")
	server := answers(list(true, rows(0, 3)...))
	err := client.EachSession(t.Context(), over(t, server), client.SessionListParams{}, func(client.Session) error { return enough })
	if err != enough || len(server.seen) != 1 {
		t.Errorf("got %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	err = client.EachSession(ctx, over(t, server), client.SessionListParams{}, func(client.Session) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) || len(server.seen) != 2 {
		t.Errorf("got %v", err)
	}

	err = client.EachSession(t.Context(), over(t, server), client.SessionListParams{Cursor: client.Cursor{Before: sid(1)}}, nil)
	if client.KindOf(err) != client.KindRefused {
		t.Errorf("got %v", err)
	}
	err = client.EachSession(t.Context(), over(t, &script{replies: []reply{forbidden}}), client.SessionListParams{}, nil)
	if client.KindOf(err) != client.KindPermission {
		t.Errorf("got %v", err)
	}
}

func TestEachEvent(t *testing.T) {
	event := func(id, kind, object string) string {
		return fmt.Sprintf(`{"id":%q,"object":"event","type":%q,"created":5,"request":{"id":"req_1"},"data":{"object":%s}}`, id, kind, object)
	}
	server := answers(
		list(true, event("evt_1", "identity.verification_session.verified", session(sessionID, "verified"))),
		list(false, event("evt_2", "plan.created", `{"id":"price_1","object":"plan","status":7,"options":[1],"metadata":"x"}`),
			event("evt_3", "identity.verification_session.canceled", "null"), `{"id":"evt_4","object":"event","request":null,"data":{}}`),
	)
	var got []client.Event
	err := client.EachEvent(t.Context(), over(t, server), client.EventListParams{}, func(e client.Event) error {
		got = append(got, e)
		return nil
	})
	if err != nil || len(got) != 4 || got[0].Object.ID != sessionID || got[0].RequestID != "req_1" || got[0].Created != 5 || got[1].Object.ID != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	if !strings.Contains(server.seen[1].url, "starting_after=evt_1") {
		t.Errorf("the second page was asked for by %s", server.seen[1].url)
	}
}
