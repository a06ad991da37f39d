package storetest

import (
	"slices"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// testHistory follows a session from its creation to its erasure, as events, lists and
// an answer tell of it.
func testHistory(t *testing.T, b *bench) {
	at := func(seconds int) client.Unix { return client.Unix(Start.Unix()) + client.Unix(seconds) }
	session := func(status client.Status, code, report string) client.Session {
		s := Session(0, "ann", status, code)
		s.LastReport = client.Ref(report)
		return s
	}
	told := func(seconds int, s client.Session) mirror.Change {
		return mirror.ChangeOf(s, s.State(), at(seconds), mirror.Event)
	}
	wants := func(when string, want ...mirror.Change) {
		t.Helper()
		for i := range want {
			want[i].ID = id(0)
		}
		if got := b.history(id(0)); !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", when, got, want)
		}
	}
	waiting, processing := session(client.StatusRequiresInput, "", ""), session(client.StatusProcessing, "", "")
	failed, again := session(client.StatusRequiresInput, "document_expired", "vr_1"), session(client.StatusRequiresInput, "document_expired", "vr_2")
	canceled := session(client.StatusCanceled, "", "vr_2")

	if got := b.history("vs_unknown"); len(got) != 0 {
		t.Errorf("of an unknown session: %+v", got)
	}
	b.apply(mirror.Origin{At: Start.Add(time.Second)}, waiting)
	created := mirror.Change{At: at(0), State: client.StateWaiting}
	wants("read back", created)

	epoch := b.lead()
	b.commit(epoch, mirror.Batch{
		Sightings: []mirror.Sighting{{Origin: seen(40 * time.Second), Session: failed}},
		Told:      []mirror.Change{told(20, processing), told(30, failed)},
	})
	submitted := mirror.Change{At: at(20), State: client.StateProcessing, From: mirror.Event}
	first := mirror.Change{At: at(30), State: client.StateFailed, Code: "document_expired", Report: "vr_1", From: mirror.Event}
	wants("events tell of two changes between two looks", submitted, first)

	b.apply(seen(60*time.Second), again) // it was tried again, and no event has told yet
	second := mirror.Change{At: at(60), Rough: true, State: client.StateFailed, Code: "document_expired", Report: "vr_2"}
	wants("a list shows another failure", submitted, first, second)
	b.store = b.reopen()
	epoch = b.lead()
	b.commit(epoch, mirror.Batch{Told: []mirror.Change{told(58, again), told(50, processing), told(30, failed)}})
	second.At, second.Rough, second.From = at(58), false, mirror.Event
	resubmitted := submitted
	resubmitted.At = at(50)
	wants("late events, in any order", submitted, first, resubmitted, second)

	answer := seen(70 * time.Second)
	answer.From = mirror.Answered
	b.apply(answer, canceled)
	end := mirror.Change{At: at(70), Rough: true, State: client.StateCanceled, From: mirror.Answered}
	wants("an answer", submitted, first, resubmitted, second, end)
	b.commit(epoch, mirror.Batch{Told: []mirror.Change{told(69, canceled)}, Began: []mirror.Beginning{{ID: id(0), State: client.StateCanceled, At: at(69)}}})
	end.At, end.Rough, end.From = at(69), false, mirror.Event
	wants("the event of it", submitted, first, resubmitted, second, end)

	b.apply(seen(80*time.Second), redacted(canceled, client.RedactionProcessing))
	first.Report, second.Report = "", ""
	erasing := mirror.Change{At: at(80), Rough: true, State: client.StateRedacting}
	wants("erased", submitted, first, resubmitted, second, end, erasing)
	b.commit(epoch, mirror.Batch{Told: []mirror.Change{told(30, failed), told(10, failed)}})
	early := mirror.Change{At: at(10), State: client.StateFailed, Code: "document_expired", From: mirror.Event}
	wants("late events of an erased one", early, submitted, first, resubmitted, second, end, erasing)
	b.commit(epoch, mirror.Batch{Gone: []string{id(0)}})
	wants("gone", early, submitted, first, resubmitted, second, end, erasing)
	b.resign(epoch)
	b.store = b.reopen()
	b.apply(mirror.Origin{At: Start.Add(time.Hour)}, redacted(canceled, client.RedactionProcessing))
	wants("back again", early, submitted, first, resubmitted, second, end, erasing)
	if row := b.get(id(0)); !row.Since.Equal(Start.Add(80*time.Second)) || !row.Rough {
		t.Errorf("its state is dated anew: %+v", row)
	}

	// a session that is read back has one entry, whatever it has been through
	for n, c := range []struct {
		session client.Session
		at      int // rough times of verdicts are when it was created
		rough   bool
	}{
		{Session(11, "bob", client.StatusRequiresInput, "document_expired"), 11, true},
		{Session(12, "bob", client.StatusProcessing, ""), 600, true},
		{redacted(Session(13, "bob", client.StatusVerified, ""), client.RedactionRedacted), 600, true},
	} {
		b.apply(mirror.Origin{At: Start.Add(10 * time.Minute)}, c.session)
		got := b.history(c.session.ID)
		if len(got) != 1 || got[0].At != at(c.at) || got[0].Rough != c.rough || got[0].State != c.session.State() {
			t.Errorf("%d, read back: %+v", n, got)
		}
	}
}
