package mirror_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
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

// begin commits since when a session is in a state.
func begin(t testing.TB, store mirror.Store, id string, state client.State, at time.Time) {
	t.Helper()
	epoch, ok, err := store.Lead(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	defer store.Resign(epoch)
	batch := mirror.Batch{Began: []mirror.Beginning{{ID: id, State: state, At: client.Unix(at.Unix())}}}
	if err := store.Commit(t.Context(), epoch, batch); err != nil {
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

// TestApplyDropsOldNews: an answer that was asked for before what is known must
// not overwrite it, in whatever order they arrive.
func TestApplyDropsOldNews(t *testing.T) {
	store := mirror.NewMemory()
	apply(t, store, 0, session(1, "ann", client.StatusRequiresInput, ""))
	apply(t, store, 5*time.Second, session(1, "ann", client.StatusCanceled, "")) // the answer of a POST
	apply(t, store, 4*time.Second, session(1, "ann", client.StatusRequiresInput, ""))
	if row := get(t, store, "vs_00000001"); row.State != client.StateCanceled {
		t.Errorf("a poll that was sent before the cancel brought back %s", row.State)
	}
}

func TestRedactionErasesAtOnceAndForGood(t *testing.T) {
	store := mirror.NewMemory()
	redacted := session(1, "ann", client.StatusVerified, "")
	redacted.Redaction = &client.Redaction{Status: client.RedactionProcessing}
	apply(t, store, 0, session(1, "ann", client.StatusVerified, ""), session(2, "ann", client.StatusVerified, ""))
	apply(t, store, time.Second, redacted) // the answer still holds metadata and reference
	row := get(t, store, "vs_00000001")
	if row.UserID != "" || row.Reference != "" || row.Customer != "" || row.Tries != 0 {
		t.Errorf("kept %+v", row)
	}
	if other := get(t, store, "vs_00000002"); other.Tries != 1 {
		t.Errorf("the other session counts %d tries", other.Tries)
	}
	if page := find(t, store, mirror.Request{Query: query.Parse("ann"), Rows: 10}); page.Total != 1 {
		t.Errorf("a search finds %d", page.Total)
	}
	apply(t, store, time.Minute, session(1, "ann", client.StatusVerified, ""))
	if row := get(t, store, "vs_00000001"); row.UserID != "" || row.State != client.StateRedacting {
		t.Errorf("a later answer brought back %+v", row)
	}
	validated := session(3, "bob", client.StatusVerified, "")
	validated.Redaction = &client.Redaction{Status: client.RedactionValidated}
	apply(t, store, time.Minute, validated)
	if row := get(t, store, "vs_00000003"); row.UserID != "bob" {
		t.Error("validated is not redacted yet, but the user_id is gone")
	}
}

func TestSinceAndChanged(t *testing.T) {
	store := mirror.NewMemory()
	s := session(1, "ann", client.StatusRequiresInput, "")
	if err := store.Apply(context.Background(), mirror.Seen{At: start}, s); err != nil {
		t.Fatal(err)
	}
	if row := get(t, store, s.ID); !row.Changed.IsZero() || !row.Since.IsZero() {
		t.Errorf("a back-fill is news: %+v", row)
	}
	apply(t, store, time.Second, s)
	if row := get(t, store, s.ID); !row.Changed.IsZero() {
		t.Error("nothing changed, but the row is marked")
	}
	apply(t, store, 2*time.Second, session(1, "ann", client.StatusProcessing, ""))
	if row := get(t, store, s.ID); !row.Since.Equal(start.Add(2*time.Second)) || !row.Changed.Equal(row.Since) {
		t.Errorf("since %v, changed %v", row.Since, row.Changed)
	}
	began := start.Add(-time.Hour)
	begin(t, store, s.ID, client.StateVerified, began)
	if row := get(t, store, s.ID); row.Since.Equal(began) {
		t.Error("an event about another state was taken")
	}
	begin(t, store, s.ID, client.StateProcessing, began)
	if row := get(t, store, s.ID); !row.Since.Equal(began) {
		t.Errorf("since %v, want %v", row.Since, began)
	}
}

func TestChangedIsSignaledOnlyForChanges(t *testing.T) {
	store := mirror.NewMemory()
	signaled := func() bool {
		select {
		case <-store.Changed():
			return true
		default:
			return false
		}
	}
	for i, c := range []struct {
		s    client.Session
		want bool
	}{
		{session(1, "ann", client.StatusProcessing, ""), true},
		{session(1, "ann", client.StatusProcessing, ""), false},
		{session(1, "ann", client.StatusVerified, ""), true},
		{client.Session{}, false},
	} {
		apply(t, store, time.Duration(i)*time.Second, c.s)
		if got := signaled(); got != c.want {
			t.Errorf("step %d: signaled %v, want %v", i, got, c.want)
		}
	}
}

// naive answers a request the slow and obvious way.
func naive(rows []mirror.Row, r mirror.Request) []string {
	var matching []mirror.Row
	for _, row := range rows {
		if r.States.Has(row.State) {
			matching = append(matching, row)
		}
	}
	key := func(row mirror.Row) (string, bool) {
		switch r.Order.Column {
		case mirror.ByUser:
			return row.UserID, row.UserID == ""
		case mirror.ByReason:
			return row.ErrorCode, row.ErrorCode == ""
		case mirror.ByState:
			return fmt.Sprintf("%03d", row.State), false
		case mirror.ByTries:
			return fmt.Sprintf("%09d", 1_000_000-row.Tries), false
		}
		return fmt.Sprintf("%020d", 1<<40-int64(row.Created)), false
	}
	slices.SortFunc(matching, func(a, b mirror.Row) int {
		ka, emptyA := key(a)
		kb, emptyB := key(b)
		if emptyA != emptyB {
			if emptyA {
				return 1
			}
			return -1
		}
		by := strings.Compare(ka, kb)
		if r.Order.Reverse {
			by = -by
		}
		return cmp.Or(by, cmp.Compare(b.Created, a.Created))
	})
	ids := make([]string, len(matching))
	for i, row := range matching {
		ids[i] = row.ID
	}
	return ids
}

// TestFindAgainstNaive compares every order, filter and window with the obvious
// implementation while the rows change.
func TestFindAgainstNaive(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	store := mirror.NewMemory()
	known := map[string]bool{}
	statuses := []client.Status{client.StatusRequiresInput, client.StatusProcessing, client.StatusVerified, client.StatusCanceled}
	for round := range 400 {
		n := 1 + random.IntN(120)
		s := session(n, []string{"", "ann", "bob", fmt.Sprintf("user_%d", n)}[random.IntN(4)], statuses[random.IntN(4)],
			[]string{"", "document_expired", "selfie_manipulated"}[random.IntN(3)])
		if random.IntN(15) == 0 {
			s.Redaction = &client.Redaction{Status: client.RedactionRedacted}
		}
		known[s.ID] = true
		apply(t, store, time.Duration(round)*time.Second, s)
		var rows []mirror.Row
		var counts mirror.Counts
		for id := range known {
			row := get(t, store, id)
			rows = append(rows, row)
			counts.All++
			counts.State[row.State]++
		}
		request := mirror.Request{
			States: []mirror.States{0, mirror.StatesOf(client.StateFailed), mirror.StatesOf(client.StateVerified, client.StateCanceled)}[random.IntN(3)],
			Order:  mirror.Order{Column: mirror.Column(random.IntN(6)), Reverse: random.IntN(2) == 0},
			At:     random.IntN(150), Rows: 1 + random.IntN(40),
		}
		want := naive(rows, request)
		if len(want) > 0 && random.IntN(2) == 0 {
			request.Near = []string{"vs_unknown", want[random.IntN(len(want))]}
		}
		checkPage(t, find(t, store, request), request, want, counts)
	}
}

func checkPage(t *testing.T, page mirror.Page, request mirror.Request, want []string, counts mirror.Counts) {
	t.Helper()
	if page.Counts != counts || page.Total != len(want) {
		t.Fatalf("counts %+v of %d, want %+v of %d", page.Counts, page.Total, counts, len(want))
	}
	if len(want) == 0 {
		if page.At != -1 || len(page.Rows) != 0 {
			t.Fatalf("an empty page at %d with %d rows", page.At, len(page.Rows))
		}
		return
	}
	at := min(request.At, len(want)-1)
	if len(request.Near) > 0 {
		at = slices.Index(want, request.Near[1])
	}
	if page.At != at || at < page.First || at >= page.First+len(page.Rows) || len(page.Rows) > request.Rows {
		t.Fatalf("at %d, want %d; rows %d from %d", page.At, at, len(page.Rows), page.First)
	}
	for i, row := range page.Rows {
		if row.ID != want[page.First+i] {
			t.Fatalf("%+v: row %d is %s, want %s", request.Order, page.First+i, row.ID, want[page.First+i])
		}
	}
}

func TestFindSearches(t *testing.T) {
	store := mirror.NewMemory()
	apply(t, store, 0, session(1, "ann_8392", client.StatusVerified, ""), session(2, "joann", client.StatusCanceled, ""), session(3, "bob", client.StatusVerified, ""))
	page := find(t, store, mirror.Request{Query: query.Parse("ann"), Rows: 10})
	if page.Total != 2 || page.Rows[0].UserID != "ann_8392" || !slices.Equal(page.Rows[0].Marks.UserID, []int{0, 1, 2}) {
		t.Errorf("best match %+v of %d", page.Rows[0], page.Total)
	}
	page = find(t, store, mirror.Request{Query: query.Parse("ann"), States: mirror.StatesOf(client.StateVerified), Rows: 10})
	if page.Total != 1 || page.Counts.All != 3 {
		t.Errorf("%d of %d", page.Total, page.Counts.All)
	}
	page = find(t, store, mirror.Request{Query: query.Parse("REF-3"), Rows: 10})
	if page.Total != 1 || !slices.Equal(page.Elsewhere, []string{"REF-3"}) || len(page.Rows[0].Marks.Reference) == 0 {
		t.Errorf("by reference: %+v", page)
	}
}

// BenchmarkFind is a keystroke of a search as the model asks for it, and the
// list without one, after a change made the store forget its last answer.
func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		store := mirror.NewMemory()
		sessions := make([]client.Session, n)
		random := rand.New(rand.NewPCG(42, 0))
		for i := range sessions {
			sessions[i] = session(i, fmt.Sprintf("user_%06d", random.IntN(1e6)), client.StatusVerified, "")
		}
		apply(b, store, 0, sessions...)
		b.Run(fmt.Sprintf("list/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				apply(b, store, time.Duration(i)*time.Second, session(1, "user_1", []client.Status{client.StatusCanceled, client.StatusVerified}[i%2], ""))
				find(b, store, mirror.Request{Rows: 300})
			}
		})
		if n > mirror.DefaultLimit {
			continue // no more are loaded
		}
		b.Run(fmt.Sprintf("search/%d", n), func(b *testing.B) {
			typed := "839201"
			for i := 0; b.Loop(); i++ {
				end := 1 + i%len(typed)
				if end == 1 { // a new search begins with another set of users
					apply(b, store, time.Duration(i+1)*time.Hour, session(1, fmt.Sprint("user_", i), client.StatusVerified, ""))
				}
				find(b, store, mirror.Request{Query: query.Parse(typed[:end]), Rows: 300})
			}
		})
	}
}

func TestWithinListsAWindow(t *testing.T) {
	store := mirror.NewMemory()
	for n := range 10 {
		apply(t, store, 0, session(n, "ann", client.StatusProcessing, ""))
	}
	from := client.Unix(start.Unix())
	for _, c := range []struct {
		from, until client.Unix
		want        string
	}{
		{from + 3, from + 6, "[vs_00000005 vs_00000004 vs_00000003]"},
		{0, from + 2, "[vs_00000001 vs_00000000]"},
		{from + 9, from + 100, "[vs_00000009]"},
		{from + 10, from + 100, "[]"},
		{from + 4, from + 4, "[]"},
	} {
		ids, err := store.Within(t.Context(), mirror.Window{From: c.from, Until: c.until})
		if err != nil || fmt.Sprint(ids) != c.want {
			t.Errorf("[%d, %d): %v %v, want %s", c.from-from, c.until-from, ids, err, c.want)
		}
	}
}
