package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/query"
)

var owner = mirror.Owner{Account: "acct_1"}

func open(t testing.TB, dir string, change ...func(*sqlite.Config)) *sqlite.Store {
	t.Helper()
	config := sqlite.Config{Dir: dir, Owner: owner, Unsynced: true, Watch: time.Millisecond}
	for _, c := range change {
		c(&config)
	}
	s, err := sqlite.Open(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// whole is a session with a value in every field that a row keeps.
func whole(n int) client.Session {
	s := session(n, fmt.Sprintf("ann_%d", n), client.StatusRequiresInput, "document_expired")
	s.Livemode, s.LastReport, s.RelatedCustomer = true, "vr_1", "cus_1"
	s.Options = &client.Options{Document: &client.DocumentOptions{RequireIDNumber: true, RequireLiveCapture: true, RequireMatchingSelfie: true}}
	s.Redaction = &client.Redaction{Status: client.RedactionValidated}
	return s
}

func TestSQLiteKeepsWhatARowHas(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	seen := mirror.Origin{At: start.Add(time.Hour), Sent: start.Add(time.Hour).Add(123456 * time.Microsecond), News: true}
	if err := s.Apply(t.Context(), seen, whole(1), session(2, "", client.StatusVerified, "")); err != nil {
		t.Fatal(err)
	}
	first := []mirror.Row{get(t, s, "vs_00000001"), get(t, s, "vs_00000002")}
	if r := first[0]; r.Customer != "cus_1" || r.ReportID != "vr_1" || r.Changed.IsZero() || !r.IDNumber {
		t.Errorf("%+v", r)
	}
	s.Close()
	s = open(t, dir)
	for _, want := range first {
		got := get(t, s, want.ID)
		if !got.Since.Equal(want.Since) || !got.AsOf.Equal(want.AsOf) || !got.Changed.IsZero() {
			t.Errorf("times of %+v", got)
		}
		got.Since, got.AsOf, got.Changed = want.Since, want.AsOf, want.Changed
		if got != want {
			t.Errorf("reopened %+v, want %+v", got, want)
		}
	}
	if page := find(t, s, mirror.Request{Query: query.Parse("ann"), Rows: 10}); page.Total != 1 || page.Rows[0].Customer != "cus_1" {
		t.Errorf("%+v", page)
	}
}

func TestAnotherAccountIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, dir).Close()
	for _, other := range []mirror.Owner{{Account: "acct_2"}, {Account: "acct_1", Livemode: true}} {
		_, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Owner: other})
		var trouble *mirror.Trouble
		if !errors.Is(err, mirror.ErrOtherAccount) || !errors.As(err, &trouble) || trouble.Hint() == "" {
			t.Errorf("%s: %v", other, err)
		}
	}
}
