package columns_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/query"
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

// BenchmarkQuery1M types queries letter by letter, at a time of its own each, so that no answer
// is remembered where it depends on the time. A letter of a word that no user_id has counts apart:
// it is looked for in all references.
func BenchmarkQuery1M(b *testing.B) {
	store := reported()
	var took, elsewhere []time.Duration
	at := start.Add(24 * time.Hour)
	for b.Loop() {
		for _, line := range storetest.Typed {
			var worst time.Duration
			slowest := ""
			for end := range line {
				at = at.Add(time.Second)
				q := query.Parse(line[:end+1]).Sound()
				began := time.Now()
				page := find(b, store, mirror.Request{Query: q, Now: at, Rows: 60})
				last := time.Since(began)
				if len(page.Elsewhere) > 0 {
					elsewhere = append(elsewhere, last)
					continue
				}
				took = append(took, last)
				if last > worst {
					worst, slowest = last, line[:end+1]
				}
			}
			if testing.Verbose() {
				b.Logf("%8.2f ms at most: %s", float64(worst)/1e6, slowest)
			}
		}
	}
	report(b, took)
	slices.Sort(elsewhere)
	b.ReportMetric(float64(elsewhere[len(elsewhere)/2])/1e6, "elsewhere-p50-ms")
	b.ReportMetric(float64(elsewhere[len(elsewhere)-1])/1e6, "elsewhere-max-ms")
}
