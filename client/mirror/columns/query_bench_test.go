package columns_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
)

// reported is a store of a million sessions with a report for each that was submitted, made once.
var reported = sync.OnceValue(func() *storetest.Memory {
	store, c, r := storetest.NewMemory(), storetest.NewCrowd(), rand.New(rand.NewPCG(3, 4))
	ctx := (&testing.B{}).Context()
	epoch, _, err := store.Lead(ctx)
	if err != nil {
		panic(err)
	}
	var batch mirror.Batch
	for i := range million {
		s := c.Session(i)
		batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: start.Add(time.Duration(i/100) * time.Second)}, Session: s})
		if state := s.State(); state == client.StateFailed || state == client.StateVerified {
			check := client.CheckFacts{Kind: "document", Status: "verified"}
			if state == client.StateFailed {
				check.Status, check.Code = "unverified", s.ErrorCode()
			}
			batch.Reports = append(batch.Reports, client.ReportFacts{
				ID: fmt.Sprintf("vr_%08d", i), Session: s.ID, Created: s.Created + 60, Type: "document", Checks: []client.CheckFacts{check},
				DocType: []string{"id_card", "passport", "driving_license"}[r.IntN(3)], Country: []string{"US", "DE", "PL", "FR", "GB", "ES", "IT", "BR"}[r.IntN(8)],
			})
		}
		if len(batch.Sightings) == 1000 || i == million-1 {
			if err := store.Commit(ctx, epoch, batch); err != nil {
				panic(err)
			}
			batch = mirror.Batch{}
		}
	}
	return store
})

// BenchmarkQuery1M types queries in the columns alone.
func BenchmarkQuery1M(b *testing.B) {
	storetest.BenchmarkTyped(b, reported(), mirror.Request{Rows: 60})
}
