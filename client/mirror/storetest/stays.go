package storetest

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// testStays has events tell in any order how a few sessions went in and out of processing,
// so that late ones part the stays that were known. Sessions are erased, go and come back
// meanwhile; a stay is counted until an event denies it.
func testStays(t *testing.T, b *bench) {
	r := rand.New(rand.NewPCG(11, 7))
	model, counted := newNaive(), 0
	random := func() client.Session {
		n := r.IntN(12)
		s := Session(n, "ann", pick(r, client.StatusProcessing, client.StatusProcessing, client.StatusVerified, client.StatusRequiresInput), "")
		if s.Status == client.StatusRequiresInput {
			s.LastError = &client.CheckError{Code: "document_expired"}
		}
		if n == 3 && r.IntN(4) == 0 {
			s = redacted(s, client.RedactionProcessing)
		}
		return s
	}
	for round := range 200 {
		var batch mirror.Batch
		now := time.Duration(round) * time.Minute
		for range r.IntN(3) {
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: seen(now), Session: random()})
		}
		for range r.IntN(6) {
			s := random()
			batch.Told = append(batch.Told, mirror.ChangeOf(s, s.State(), client.Unix(Start.Add(now).Unix()-int64(r.IntN(5000))), mirror.Event))
		}
		if r.IntN(10) == 0 {
			batch.Gone = append(batch.Gone, id(r.IntN(12)))
		}
		if r.IntN(20) == 0 {
			b.store = b.reopen()
		}
		epoch := b.lead()
		b.commit(epoch, batch)
		b.resign(epoch)
		model.commit(batch)
		from := client.Unix(Start.Add(now).Unix() - int64(r.IntN(9000)))
		for _, length := range []client.Unix{1, 600, 3600, 30 * mirror.Day} {
			want := model.stays(from, from+length)
			counted += want.Count()
			if got, err := b.store.Stays(t.Context(), from, from+length); err != nil || !maps.Equal(got, want) {
				t.Fatalf("round %d, stays that ended from %d for %d s: got %v, want %v; %v", round, from, length, got, want, err)
			}
		}
	}
	if counted < 1000 {
		t.Errorf("only %d stays were counted", counted)
	}
}
