package columns_test

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/query"
)

// fill back-fills a store in pages of 100.
func fill(b testing.TB, store mirror.Store, n int) {
	c := storetest.NewCrowd()
	page := make([]client.Session, 0, 100)
	for i := range n {
		if page = append(page, c.Session(i)); len(page) == cap(page) || i == n-1 {
			seen := mirror.Origin{At: start.Add(time.Duration(i/100) * time.Second), Sent: start.Add(time.Duration(i/100) * time.Second)}
			if err := store.Apply(b.Context(), seen, page...); err != nil {
				b.Fatal(err)
			}
			page = page[:0]
		}
	}
}

// full is a store of a million sessions, made once for all benchmarks.
var full = sync.OnceValue(func() *storetest.Memory {
	store := storetest.NewMemory()
	fill(&testing.B{}, store, million)
	return store
})

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// rss is what the system has given to this process, 0 where it does not say so.
func rss() (bytes float64) {
	stat, _ := os.ReadFile("/proc/self/statm")
	var size, resident float64
	fmt.Sscan(string(stat), &size, &resident)
	return resident * float64(os.Getpagesize())
}

// BenchmarkMemory1M tells what a session costs, in a store that was back-filled
// and asked for a list, a search and every order.
func BenchmarkMemory1M(b *testing.B) {
	for b.Loop() {
		before := heap()
		store := storetest.NewMemory()
		fill(b, store, million)
		filled := heap()
		find(b, store, mirror.Request{Rows: 50})
		find(b, store, mirror.Request{Query: query.Parse("smith"), Rows: 50})
		for column := range mirror.ColumnCount {
			find(b, store, mirror.Request{Order: mirror.Order{Column: column}, Rows: 50})
			find(b, store, mirror.Request{Order: mirror.Order{Column: column, Reverse: true}, Rows: 50})
		}
		used := heap()
		b.ReportMetric(float64(filled-before)/million, "B/session")
		b.ReportMetric(float64(used-before)/million, "B/session-used")
		b.ReportMetric(rss()/million, "RSS-B/session")
		runtime.KeepAlive(store)
	}
}

// tabs are what the tabs of the screen show.
var tabs = []mirror.States{
	0, mirror.StatesOf(client.StateFailed), mirror.StatesOf(client.StateWaiting), mirror.StatesOf(client.StateProcessing),
	mirror.StatesOf(client.StateVerified), mirror.StatesOf(client.StateCanceled), mirror.StatesOf(client.StateRedacting, client.StateRedacted),
}

// BenchmarkFilterSort1M asks for a window in every tab, order and direction, and
// with a reason, each time after a change made the store forget its answers.
func BenchmarkFilterSort1M(b *testing.B) {
	store := full()
	near := find(b, store, mirror.Request{At: million / 2, Rows: 1}).Rows[0].ID
	changing := mirror.StatesOf(client.StateProcessing)
	ids, _ := store.IDs(b.Context(), changing)
	at := start.Add(1000 * time.Hour)
	var took []time.Duration
	measure := func(r mirror.Request) {
		at = at.Add(time.Second)
		row := get(b, store, ids[len(took)%len(ids)])
		s := client.Session{ID: row.ID, Created: row.Created, Type: row.Type, Status: row.Status, Livemode: true,
			ClientReferenceID: row.Reference, Metadata: map[string]string{"user_id": row.UserID}}
		s.Status = map[client.Status]client.Status{"processing": "verified", "verified": "processing"}[s.Status]
		if err := store.Apply(b.Context(), mirror.Origin{At: at, News: true}, s); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		find(b, store, r)
		took = append(took, time.Since(began))
	}
	for column := range mirror.ColumnCount { // the order by user is made once
		find(b, store, mirror.Request{Order: mirror.Order{Column: column, Reverse: true}, Rows: 50})
	}
	for b.Loop() {
		for column := range mirror.ColumnCount {
			for _, reverse := range []bool{false, true} {
				for _, states := range tabs {
					for _, reason := range []string{"", "reason:document_expired"} {
						r := mirror.Request{States: states, Query: query.Parse(reason), Order: mirror.Order{Column: column, Reverse: reverse}, Rows: 60}
						measure(r)
						r.Near = []string{near}
						measure(r)
					}
				}
			}
		}
	}
	storetest.ReportTimes(b, "", took)
}

// BenchmarkApply1M is a change of state that a poll brings to a full store, and
// the list read again after it.
func BenchmarkApply1M(b *testing.B) {
	store := full()
	c := storetest.NewCrowd()
	s := c.Session(million - 1)
	if err := store.Apply(b.Context(), mirror.Origin{At: start}, s); err != nil {
		b.Fatal(err)
	}
	for _, column := range []mirror.Column{mirror.ByBest, mirror.ByReason, mirror.ByUser, mirror.BySince} {
		r := mirror.Request{Order: mirror.Order{Column: column}, Near: []string{s.ID}, Rows: 60}
		find(b, store, r)
		b.Run(fmt.Sprint("column/", column), func(b *testing.B) {
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				s.Status = []client.Status{client.StatusProcessing, client.StatusVerified}[i%2]
				began := time.Now()
				if err := store.Apply(b.Context(), mirror.Origin{At: start.Add(time.Duration(b.N+i+1) * time.Second), News: true}, s); err != nil {
					b.Fatal(err)
				}
				find(b, store, r)
				took = append(took, time.Since(began))
			}
			storetest.ReportTimes(b, "", took)
		})
	}
	b.Run("new", func(b *testing.B) {
		find(b, store, mirror.Request{Rows: 60})
		var took []time.Duration
		for i := 0; b.Loop(); i++ {
			s := c.Session(-i - 10_000_000)
			began := time.Now()
			if err := store.Apply(b.Context(), mirror.Origin{At: start.Add(time.Duration(i) * time.Second), News: true}, s); err != nil {
				b.Fatal(err)
			}
			find(b, store, mirror.Request{Rows: 60})
			took = append(took, time.Since(began))
		}
		storetest.ReportTimes(b, "", took)
	})
}

// BenchmarkStoreSearch1M types words into the search line of a full store, in
// the tab of all and in that of the failed, and words that are only in ids.
func BenchmarkStoreSearch1M(b *testing.B) {
	store := full()
	var took []time.Duration
	for b.Loop() {
		for _, word := range []string{"u", "83", "cus", "9s6X", "smith", "839201", "@gmail.", "b0fcf650", "user_8392", "zqxjkvwbqz", "order-123456"} {
			for end := range word {
				for _, states := range []mirror.States{0, mirror.StatesOf(client.StateFailed)} {
					began := time.Now()
					find(b, store, mirror.Request{Query: query.Parse(word[:end+1]), States: states, Rows: 60})
					took = append(took, time.Since(began))
				}
			}
		}
	}
	storetest.ReportTimes(b, "", took)
}
