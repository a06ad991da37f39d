package columns_test

import (
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// BenchmarkCounts1M counts the seven tabs and five saved views in one pass, after a change
// of a row, with what is new in each since it was looked at an hour ago.
func BenchmarkCounts1M(b *testing.B) {
	store, at := reported(), start.Add(24*time.Hour)
	requests := []mirror.CountRequest{{}}
	for _, states := range [][]client.State{{client.StateFailed}, {client.StateWaiting}, {client.StateProcessing}, {client.StateVerified}, {client.StateCanceled}, {client.StateRedacting, client.StateRedacted}} {
		requests = append(requests, mirror.CountRequest{Request: mirror.Request{States: mirror.StatesOf(states...)}})
	}
	for _, line := range []string{"stuck:yes", "state:waiting age:>1d", "state:failed since:<24h", "state:failed tries:>=3", "state:redacting"} {
		requests = append(requests, mirror.CountRequest{Request: mirror.Request{Query: query.Parse(line)}})
	}
	for n := 0; b.Loop(); n++ {
		for i := range requests {
			requests[i].Now = at.Add(time.Duration(n) * time.Second)
		}
		counts, err := store.Counts(b.Context(), requests, nil)
		if err != nil || counts[0].Sessions != million {
			b.Fatal(counts[0].Sessions, err)
		}
		for i := range requests {
			requests[i].Since = counts[i].Look
		}
	}
}
