package storetest

import (
	"context"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

func testRow(t *testing.T, b *bench) {
	s := Session(1, "ann", client.StatusRequiresInput, "document_expired")
	s.Livemode, s.LastReport, s.RelatedCustomer, s.Type = true, "vr_1", "cus_1", "id_number"
	s.Options = &client.Options{Document: &client.DocumentOptions{RequireIDNumber: true, RequireMatchingSelfie: true}}
	s.Redaction = &client.Redaction{Status: client.RedactionValidated}
	odd := Session(2, "ann", "requires_astrology", "")
	odd.ID, odd.Type = "sess_2", "palm"
	b.apply(mirror.Origin{At: Start.Add(time.Minute)}, s, odd)
	got := b.get(s.ID)
	if !got.AsOf.Equal(Start.Add(time.Minute)) || !got.Since.Equal(s.Created.Time()) || !got.Rough || !got.Changed.IsZero() {
		t.Errorf("times of %+v", got)
	}
	got.AsOf, got.Since, got.Rough = time.Time{}, time.Time{}, false
	want := mirror.Row{
		Facts: mirror.Facts{
			Type: "id_number", Status: client.StatusRequiresInput, Redaction: client.RedactionValidated, ErrorCode: "document_expired", Livemode: true,
			Selfie: true, IDNumber: true,
		},
		ID: s.ID, Created: s.Created, ReportID: "vr_1", UserID: "ann", Reference: "ref-1", Customer: "cus_1", State: client.StateFailed, Tries: 2,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if page := b.find(mirror.Request{Rows: 5, Near: []string{s.ID}}); page.Rows[page.At-page.First].Customer != "cus_1" || page.Rows[page.At-page.First].ReportID != "vr_1" {
		t.Errorf("rows of a page lack something: %+v", page.Rows)
	}
	if row := b.get("sess_2"); row.State != client.StateUnknown || row.Status != "requires_astrology" || row.Type != "palm" {
		t.Errorf("what is not known was not kept: %+v", row)
	}
	b.missing("2")
	b.missing("vs_sess_2")
	b.missing("")
}

// testOlderNews: an answer requested before the known row must not overwrite it, in
// whatever order the two arrive.
func testOlderNews(t *testing.T, b *bench) {
	b.apply(seen(0), Session(1, "ann", client.StatusRequiresInput, ""))
	b.apply(seen(5*time.Second), Session(1, "ann", client.StatusProcessing, "")) // the answer of a POST
	b.apply(seen(4*time.Second), Session(1, "eve", client.StatusVerified, ""))
	if row := b.get(id(1)); row.State != client.StateProcessing || row.UserID != "ann" || !row.AsOf.Equal(Start.Add(5*time.Second)) {
		t.Errorf("an older answer was taken: %+v", row)
	}
	b.apply(seen(6*time.Second), Session(1, "ann", client.StatusProcessing, "")) // no change, but true at a later time
	b.apply(seen(5*time.Second), Session(1, "ann", client.StatusVerified, ""))
	if row := b.get(id(1)); row.State != client.StateProcessing {
		t.Errorf("an older answer was taken: %+v", row)
	}
	moved := Session(1, "ann", client.StatusVerified, "")
	moved.Created += 1000 // never happens at Stripe: the row stays in its place
	b.apply(seen(7*time.Second), Session(2, "bob", client.StatusVerified, ""), moved)
	b.lists(mirror.Request{}, 2, 1)
}

// testSameSecond: the server's clock has whole seconds; within one, the later
// request is newer.
func testSameSecond(t *testing.T, b *bench) {
	ms := func(n int) mirror.Origin {
		return mirror.Origin{At: Start, Sent: Start.Add(time.Duration(n) * time.Millisecond), News: true}
	}
	b.apply(ms(200), Session(1, "ann", client.StatusProcessing, ""))
	b.apply(ms(100), Session(1, "ann", client.StatusRequiresInput, ""))
	if row := b.get(id(1)); row.State != client.StateProcessing {
		t.Errorf("what was asked for before came back: %s", row.State)
	}
	b.apply(ms(300), Session(1, "ann", client.StatusProcessing, "")) // seen again by a later request
	b.apply(ms(250), Session(1, "ann", client.StatusRequiresInput, ""))
	if row := b.get(id(1)); row.State != client.StateProcessing {
		t.Errorf("what was asked for before came back: %s", row.State)
	}
	b.apply(ms(400), Session(1, "ann", client.StatusVerified, ""))
	b.apply(seen(0), Session(1, "bob", client.StatusVerified, "")) // the time of the request is not known
	if row := b.get(id(1)); row.State != client.StateVerified || row.UserID != "bob" {
		t.Errorf("what may be newer was not taken: %+v", row)
	}
}

// testLattice: a redaction and a cancellation stay, even if a later answer denies
// them.
func testLattice(t *testing.T, b *bench) {
	steps := []client.Session{
		Session(1, "ann", client.StatusRequiresInput, "document_expired"),
		Session(1, "ann", client.StatusCanceled, ""),
		redacted(Session(1, "ann", client.StatusCanceled, ""), client.RedactionProcessing),
		redacted(Session(1, "ann", client.StatusCanceled, ""), client.RedactionRedacted),
	}
	now := time.Duration(0)
	for i, step := range steps {
		for _, earlier := range append(steps[:i:i], step) {
			now += time.Second
			b.apply(seen(now), step)
			now += time.Second
			b.apply(seen(now), earlier)
			if row := b.get(id(1)); row.State != step.State() {
				t.Errorf("%s went back to %s", step.State(), row.State)
			}
		}
	}
}

// testOverride: verified is not the end, Stripe's Dashboard can take it back.
func testOverride(t *testing.T, b *bench) {
	b.apply(seen(0), Session(1, "ann", client.StatusVerified, ""))
	b.apply(seen(time.Second), Session(1, "ann", client.StatusRequiresInput, "document_expired"))
	if row := b.get(id(1)); row.State != client.StateFailed {
		t.Errorf("state %s", row.State)
	}
}

func testErasure(t *testing.T, b *bench) {
	b.apply(seen(0), Session(1, "ann", client.StatusVerified, ""), Session(2, "ann", client.StatusVerified, ""))
	b.lists(mirror.Request{Query: query.Parse("ann")}, 2, 1)
	b.lists(mirror.Request{Order: mirror.Order{Column: mirror.ByUser}}, 2, 1)
	// the answer still holds metadata and references
	b.apply(seen(time.Second), redacted(Session(1, "ann", client.StatusVerified, ""), client.RedactionProcessing))
	erased := func() {
		t.Helper()
		if row := b.get(id(1)); row.UserID != "" || row.Reference != "" || row.Customer != "" || row.Tries != 0 {
			t.Errorf("kept %+v", row)
		}
		b.lists(mirror.Request{Query: query.Parse("ann")}, 2)
		b.lists(mirror.Request{Query: query.Parse("ref-1")})
		b.lists(mirror.Request{UserID: "ann"}, 2)
		b.lists(mirror.Request{Order: mirror.Order{Column: mirror.ByUser}}, 2, 1)
	}
	erased()
	if other := b.get(id(2)); other.Tries != 1 {
		t.Errorf("the other session counts %d tries", other.Tries)
	}
	b.apply(seen(time.Minute), Session(1, "ann", client.StatusVerified, "")) // a list that lags behind
	erased()
	b.apply(seen(2*time.Minute), redacted(Session(1, "ann", client.StatusVerified, ""), client.RedactionRedacted))
	erased()
	b.store = b.reopen()
	erased()
	// validated is the step before redacted
	b.apply(seen(time.Minute), redacted(Session(3, "bob", client.StatusVerified, ""), client.RedactionValidated))
	if row := b.get(id(3)); row.UserID != "bob" || row.Customer != "cus_1" {
		t.Errorf("validated is not redacted yet: %+v", row)
	}
	// a session that was redacted before it was known
	b.apply(seen(time.Minute), redacted(Session(4, "bob", client.StatusVerified, ""), client.RedactionRedacted))
	if row := b.get(id(4)); row.UserID != "" || row.Reference != "" || row.Customer != "" {
		t.Errorf("kept %+v", row)
	}
}

func testSinceAndChanged(t *testing.T, b *bench) {
	s := Session(1, "ann", client.StatusRequiresInput, "")
	b.apply(mirror.Origin{At: Start}, s)
	if row := b.get(s.ID); !row.Changed.IsZero() || !row.Since.Equal(s.Created.Time()) || row.Rough {
		t.Errorf("a back-fill is news: %+v", row)
	}
	b.apply(seen(time.Second), s)
	if row := b.get(s.ID); !row.Changed.IsZero() {
		t.Error("nothing changed, but the row is marked")
	}
	sent := Start.Add(time.Hour) // this machine's clock is not the server's
	b.apply(mirror.Origin{At: Start.Add(2 * time.Second), Sent: sent, News: true}, Session(1, "ann", client.StatusProcessing, ""))
	if row := b.get(s.ID); !row.Since.Equal(Start.Add(2*time.Second)) || !row.Changed.Equal(sent) {
		t.Errorf("since %v, changed %v", row.Since, row.Changed)
	}
	b.apply(mirror.Origin{At: Start.Add(3 * time.Second), Sent: sent.Add(time.Second)}, Session(1, "bob", client.StatusProcessing, ""))
	if row := b.get(s.ID); !row.Since.Equal(Start.Add(2*time.Second)) || !row.Changed.Equal(sent) || row.UserID != "bob" {
		t.Errorf("what is not news: %+v", row)
	}
	epoch := b.lead()
	defer b.resign(epoch)
	began := client.Unix(Start.Unix() - 3600)
	b.commit(epoch, mirror.Batch{Began: []mirror.Beginning{{ID: s.ID, State: client.StateVerified, At: began}, {ID: "vs_unknown", State: client.StateVerified, At: began}}})
	if row := b.get(s.ID); row.Since.Equal(began.Time()) {
		t.Error("a beginning of another state was taken")
	}
	b.commit(epoch, mirror.Batch{Began: []mirror.Beginning{{ID: s.ID, State: client.StateProcessing, At: began}}})
	if row := b.get(s.ID); !row.Since.Equal(began.Time()) || row.Rough {
		t.Errorf("since %v, want %v", row.Since, began.Time())
	}
	b.apply(seen(9*time.Second), Session(2, "ann", client.StatusProcessing, ""))
	if row := b.get(id(2)); !row.Since.Equal(Start.Add(9*time.Second)) || !row.Changed.Equal(row.Since) {
		t.Errorf("a new one: since %v, changed %v", row.Since, row.Changed)
	}
}

// testSinceInEveryState: the time at which a session came to its state, without an
// event.
func testSinceInEveryState(t *testing.T, b *bench) {
	expired := Session(1, "ann", client.StatusRequiresInput, "document_expired")
	unheard := Session(1, "ann", "unheard_of", "")
	sight := Start.Add(24 * time.Hour)
	n := 0
	next := func(s client.Session) client.Session {
		n++
		s.ID, s.Created = id(n), client.Unix(Start.Unix()+int64(n))
		return s
	}
	for _, c := range []struct {
		session             client.Session
		fromOld, fromNew    bool // Since is created, for a back-filled session and for news
		roughOld, roughNews bool
	}{
		{Session(1, "ann", client.StatusRequiresInput, ""), true, true, false, false},
		{expired, true, false, true, true},
		{Session(1, "ann", client.StatusVerified, ""), true, false, true, true},
		{Session(1, "ann", client.StatusCanceled, ""), true, false, true, true},
		{Session(1, "ann", client.StatusProcessing, ""), false, false, true, true},
		{redacted(expired, client.RedactionProcessing), false, false, true, true},
		{redacted(expired, client.RedactionRedacted), false, false, true, true},
		{unheard, false, false, true, true},
	} {
		for _, news := range []bool{false, true} {
			s, fromCreated, rough := next(c.session), c.fromOld, c.roughOld
			if news {
				fromCreated, rough = c.fromNew, c.roughNews
			}
			b.apply(mirror.Origin{At: sight, News: news}, s)
			want := sight
			if fromCreated {
				want = s.Created.Time()
			}
			if row := b.get(s.ID); !row.Since.Equal(want) || row.Rough != rough {
				t.Errorf("%s, news %v: since %v, rough %v; want %v, %v", row.State, news, row.Since, row.Rough, want, rough)
			}
		}
	}
	// the same state again, later and by an event, and another failure
	failed := next(expired)
	failed.LastReport = "vr_1"
	b.apply(mirror.Origin{At: sight}, failed)
	epoch := b.lead()
	b.commit(epoch, mirror.Batch{Began: []mirror.Beginning{{ID: failed.ID, State: client.StateFailed, At: failed.Created + 60}}})
	b.resign(epoch)
	exact := (failed.Created + 60).Time()
	b.apply(mirror.Origin{At: sight.Add(time.Hour), News: true}, failed)
	failed.Metadata = map[string]string{"user_id": "anna"}
	b.apply(mirror.Origin{At: sight.Add(2 * time.Hour), News: true}, failed)
	if row := b.get(failed.ID); !row.Since.Equal(exact) || row.Rough || row.UserID != "anna" {
		t.Errorf("what did not fail again: %+v", row)
	}
	failed.LastReport = "vr_2"
	b.apply(mirror.Origin{At: sight.Add(3 * time.Hour), News: true}, failed)
	if row := b.get(failed.ID); !row.Since.Equal(sight.Add(3*time.Hour)) || !row.Rough {
		t.Errorf("it failed again: %+v", row)
	}
	before := b.find(mirror.Request{Order: mirror.Order{Column: mirror.BySince}, Rows: 100})
	b.store = b.reopen()
	after := b.find(mirror.Request{Order: mirror.Order{Column: mirror.BySince}, Rows: 100})
	for i := range before.Rows {
		a, b := before.Rows[i].Row, after.Rows[i].Row
		if a.ID != b.ID || !a.Since.Equal(b.Since) || a.Rough != b.Rough || i > 0 && a.Since.After(before.Rows[i-1].Since) {
			t.Errorf("opened again, row %d is %+v, was %+v", i, b, a)
		}
	}
}

// testSubscribe: each reader hears of every visible change, whatever the others do.
// Many changes while it is busy are one signal.
func testSubscribe(t *testing.T, b *bench) {
	b.find(mirror.Request{Rows: 1}) // all rows are loaded now
	ctx, leave := context.WithCancel(t.Context())
	left := b.store.Subscribe(ctx)
	changes, busy := b.store.Subscribe(t.Context()), b.store.Subscribe(t.Context())
	heard := func(changes <-chan struct{}) bool {
		select {
		case <-changes:
			return true
		default:
			return false
		}
	}
	signaled := func() bool { return heard(changes) }
	if !signaled() || !heard(busy) || !heard(left) {
		t.Error("a new reader is not signaled at once")
	}
	leave()
	for i, c := range []struct {
		s    client.Session
		want bool
	}{
		{Session(1, "ann", client.StatusProcessing, ""), true},
		{Session(1, "ann", client.StatusProcessing, ""), false},
		{Session(1, "ann", client.StatusVerified, ""), true},
		{client.Session{}, false},
	} {
		b.apply(seen(time.Duration(i)*time.Second), c.s)
		if got := signaled(); got != c.want {
			t.Errorf("step %d: signaled %v, want %v", i, got, c.want)
		}
	}
	for n := range 50 { // no reader takes the signals
		b.apply(seen(0), Session(10+n, "ann", client.StatusProcessing, ""))
	}
	if !signaled() || signaled() || !heard(busy) || heard(busy) {
		t.Error("many changes are one signal, for each reader")
	}
	if heard(left) {
		t.Error("who left is signaled")
	}
	if late := b.store.Subscribe(t.Context()); !heard(late) || heard(late) || signaled() {
		t.Error("who comes later is signaled at once, and nobody else")
	}
	epoch := b.lead()
	defer b.resign(epoch)
	b.commit(epoch, mirror.Batch{Progress: mirror.Progress{Anchor: 5}})
	if signaled() {
		t.Error("a batch without rows is signaled")
	}
	b.commit(epoch, mirror.Batch{Gone: []string{id(1), "vs_unknown"}})
	if !signaled() {
		t.Error("a row that went is not signaled")
	}
	b.commit(epoch, mirror.Batch{Gone: []string{id(1)}})
	if signaled() {
		t.Error("a row that went before is signaled")
	}
}
