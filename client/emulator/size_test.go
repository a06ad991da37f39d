package emulator

import (
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"time"
)

const million = 1_000_000

// BenchmarkStart builds a world of a million sessions and tells its memory.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		s := New(Config{Sessions: million, Seed: 1, Now: fixedClock})
		took := time.Since(began)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/million, "B/session")
		b.ReportMetric(took.Seconds(), "s/start")
		runtime.KeepAlive(s)
	}
}

// BenchmarkPage answers pages of 100 out of a million sessions: the newest, one
// from the middle, and those that filters have to look for.
func BenchmarkPage(b *testing.B) {
	s := New(Config{Sessions: million, Seed: 1, Now: fixedClock})
	w := s.home.world
	middle := w.sessionID(million / 2)
	for _, query := range []string{
		"limit=100",
		"limit=100&starting_after=" + middle,
		"limit=100&ending_before=" + middle,
		"limit=100&status=processing",
		"limit=100&status=canceled&created[lt]=" + fmt.Sprint(w.created[million/2]),
		"limit=100&client_reference_id=nobody",
		"limit=100&expand[]=data.last_verification_report.document.dob&expand[]=data.verified_outputs",
	} {
		b.Run(query, func(b *testing.B) {
			r, err := http.NewRequest("GET", "http://emulator"+sessionsPath+"?"+query, nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+restrictedKey)
			for b.Loop() {
				if res, err := Transport(s).RoundTrip(r); err != nil || res.StatusCode != http.StatusOK {
					b.Fatal(res, err)
				}
			}
		})
	}
}
