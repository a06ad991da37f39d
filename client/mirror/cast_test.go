package mirror_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func session(n int, user string, status client.Status, code string) client.Session {
	s := client.Session{
		ID: fmt.Sprintf("vs_%08d", n), Created: client.Unix(start.Unix() + int64(n)), Status: status, Type: "document",
		ClientReferenceID: fmt.Sprintf("ref-%d", n), Metadata: map[string]string{"user_id": user, "secret": "not kept"},
	}
	if code != "" {
		s.LastError = &client.CheckError{Code: code}
	}
	return s
}

func apply(t testing.TB, store mirror.Store, at time.Duration, sessions ...client.Session) {
	t.Helper()
	if err := store.Apply(context.Background(), mirror.Seen{At: start.Add(at), News: true}, sessions...); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, store mirror.Store, id string) mirror.Row {
	t.Helper()
	row, ok, err := store.Get(context.Background(), id)
	if err != nil || !ok {
		t.Fatalf("%s: %v %v", id, ok, err)
	}
	return row
}

func find(t testing.TB, store mirror.Store, request mirror.Request) mirror.Page {
	t.Helper()
	page, err := store.Find(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	return page
}
