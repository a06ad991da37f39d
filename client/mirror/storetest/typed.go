package storetest

import (
	"slices"
	"testing"
	"time"

	"idtop/client/mirror"
	"idtop/client/query"
)

// typed are lines that an operator types, one of each kind of term.
var typed = []string{
	"state:failed", "smith state:failed", "state:failed -reason:document_*", "reason:document_expired doc:id_card country:PL", "-country:PL state:failed",
	"age:>2h", "age:<30d state:failed,waiting", "since:<1h", "created:2026-11-20.. tries:>=3", "tries:>=2 state:failed", "attempts:1 check:document",
	"smith OR miller", "(smith OR user_83) state:verified", "NOT smith state:failed", "user:user_83*", "user:*@gmail.com", "id:vs_*00", "ref:order-1*", "stuck:yes", "redacted:no u",
}

// BenchmarkTyped types queries letter by letter, each at a time of its own, so that no answer is
// remembered where it depends on the time. A letter of a word that no user_id has counts apart: it
// is looked for in all references, the first time and when it is typed again.
func BenchmarkTyped(b *testing.B, store mirror.Store, request mirror.Request) {
	var took, first, again []time.Duration
	looked := map[string]bool{}
	request.Now = Start.Add(24 * time.Hour)
	for b.Loop() {
		for _, line := range typed {
			var worst time.Duration
			slowest := ""
			for end := range line {
				request.Now = request.Now.Add(time.Second)
				request.Query = query.Parse(line[:end+1]).Sound()
				began := time.Now()
				page, err := store.Find(b.Context(), request)
				last := time.Since(began)
				if err != nil {
					b.Fatal(err)
				}
				switch q := request.Query.String(); {
				case len(page.Elsewhere) == 0:
					took = append(took, last)
				case looked[q]:
					again = append(again, last)
				default:
					looked[q] = true
					first = append(first, last)
				}
				if last > worst {
					worst, slowest = last, line[:end+1]
				}
			}
			if testing.Verbose() {
				b.Logf("%8.2f ms at most: %s", float64(worst)/1e6, slowest)
			}
		}
	}
	ReportTimes(b, "", took)
	ReportTimes(b, "elsewhere-", first)
	ReportTimes(b, "repeated-", again)
}

// ReportTimes reports the median and the longest times of single answers.
func ReportTimes(b *testing.B, what string, took []time.Duration) {
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	for name, share := range map[string]float64{"p50": 0.5, "p99": 0.99, "max": 1} {
		b.ReportMetric(float64(took[int(share*float64(len(took)-1))])/1e6, what+name+"-ms")
	}
}
