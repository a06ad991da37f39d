package mirror_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
)

// lived is what a session went through, as events tell it.
func lived(r *rand.Rand) (changes mirror.History) {
	at, report := client.Unix(1000), 0
	for range 1 + r.IntN(5) {
		at += client.Unix(100 + r.IntN(5000))
		changes = append(changes, mirror.Change{At: at, State: client.StateProcessing, From: mirror.Event})
		at += client.Unix(1 + r.IntN(50))
		report++
		changes = append(changes, mirror.Change{At: at, State: client.StateFailed, Code: "document_expired", Report: string(rune('a' + report)), From: mirror.Event})
	}
	if r.IntN(2) == 0 {
		at += client.Unix(100 + r.IntN(5000))
		changes = append(changes, mirror.Change{At: at, State: client.StateCanceled, From: mirror.Event})
	}
	return changes
}

// TestHistoryOfEvents: in whatever order events come, and however often, the history is
// what happened; a look at any time before them changes nothing of that.
func TestHistoryOfEvents(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		want := lived(r)
		var told mirror.History
		looks := r.IntN(3)
		for range looks { // a list shows a state some time after it came, and before the next
			i := r.IntN(len(want))
			seen := want[i]
			room := client.Unix(40)
			if i+1 < len(want) {
				room = want[i+1].At - want[i].At
			}
			seen.At, seen.Rough, seen.From = seen.At+client.Unix(r.Int64N(int64(room))), true, mirror.Listed
			told = append(told, seen)
		}
		slices.SortFunc(told, func(a, b mirror.Change) int { return cmp.Compare(a.At, b.At) })
		events := slices.Concat(want, want[:r.IntN(len(want)+1)])
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		var got mirror.History
		for _, c := range append(told, events...) {
			got = got.Add(c)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("after looks %+v and events %+v:\ngot  %+v\nwant %+v", told, events, got, want)
		}
	}
}

// TestHistoryIsBounded: of a session that is tried without end the newest changes stay.
func TestHistoryIsBounded(t *testing.T) {
	var h mirror.History
	for i := range 1000 {
		before := slices.Clone(h)
		same := h
		h = h.Add(mirror.Change{At: client.Unix(i), State: client.StateProcessing, From: mirror.Event})
		if !slices.Equal(same, before) {
			t.Fatal("a history that was handed out has changed")
		}
	}
	if len(h) != 200 || h[len(h)-1].At != 999 {
		t.Errorf("%d changes, the last %+v", len(h), h[len(h)-1])
	}
}
