package query

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/junegunn/fzf/src/algo"
	"github.com/junegunn/fzf/src/util"
	"github.com/sahilm/fuzzy"
)

// million is the user_ids of a large account, newest first: 12 of 100 people
// tried before.
var million = sync.OnceValue(func() []string {
	random := rand.New(rand.NewPCG(42, 0))
	ids := make([]string, 1_000_000)
	for i := range ids {
		if i > 0 && random.IntN(100) < 12 {
			ids[i] = ids[random.IntN(i)]
		} else {
			ids[i] = userID(random)
		}
	}
	return ids
})

func millionIndex() *Index {
	x := NewIndex(func(a, b uint32) bool { return a < b })
	for row, id := range million() {
		x.Put(uint32(row), id)
	}
	return x
}

// keystrokes are the searches as they are typed, letter by letter.
func keystrokes() []string {
	var typed []string
	for _, search := range searches {
		for end := 1; end <= len(search); end++ {
			if !slices.Contains(typed, search[:end]) {
				typed = append(typed, search[:end])
			}
		}
	}
	return typed
}

// latencies reports the middle and the slow end of some durations, and returns
// the middle.
func latencies(b *testing.B, took []time.Duration) (p50 float64) {
	slices.Sort(took)
	ms := func(part float64) float64 { return took[int(part*float64(len(took)-1))].Seconds() * 1e3 }
	b.ReportMetric(ms(0.50), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
	return ms(0.50)
}

// BenchmarkSearch1M is a keystroke in a search over a million user_ids: from
// the word to the 100 best rows with their marks. Typed, the index remembers
// the letters before; pasted, it starts anew. The other two do less: fzf's core
// only matches, on all cores, and the library only finds, on the one it uses; how
// many times as long they take is times-typed.
func BenchmarkSearch1M(b *testing.B) {
	x := millionIndex()
	p50 := map[string]float64{}
	for _, mode := range []struct {
		name   string
		forget func(n int) bool
	}{
		{"typed", func(n int) bool { return n == 0 }},
		{"pasted", func(int) bool { return true }},
	} {
		b.Run(mode.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				for n, word := range keystrokes() {
					if mode.forget(n) {
						x.typed.answers = nil
					}
					start := time.Now()
					search(b, x, word)
					took = append(took, time.Since(start))
				}
			}
			p50[mode.name] = latencies(b, took)
		})
	}
	others := func(b *testing.B, took []time.Duration) {
		if ms := latencies(b, took); p50["typed"] > 0 {
			b.ReportMetric(ms/p50["typed"], "times-typed")
		}
	}
	b.Run("fzf", func(b *testing.B) { others(b, fzfLatencies(b)) })
	b.Run("library", func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			for _, word := range searches {
				start := time.Now()
				fuzzy.Find(word, million())
				took = append(took, time.Since(start))
			}
		}
		others(b, took)
	})
}

// search is what a keystroke asks of the index and the library.
func search(b *testing.B, x *Index, word string) {
	if m, err := x.Match(b.Context(), word); err != nil || m.Count() == 0 {
		return
	}
	ranked, err := x.Rank(b.Context(), Ranking{Words: []string{word}, Rows: 100})
	if err != nil {
		b.Fatal(err)
	}
	q := Parse(word)
	for _, row := range ranked.Rows {
		q.Marks(x.UserID(row), "", "", nil)
	}
}

// BenchmarkRank1M is what else is asked of the answer to a letter that most of
// a million rows match: all rows in order, and the best of those that a filter
// lets through.
func BenchmarkRank1M(b *testing.B) {
	x := millionIndex()
	for name, r := range map[string]Ranking{
		"all":      {Words: []string{"u"}, Rows: len(million())},
		"best8000": {Words: []string{"u"}, Rows: 8000},
		"filtered": {Words: []string{"u"}, Rows: 100, Keep: func(row uint32) bool { return row%3 != 0 }},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := x.Rank(b.Context(), r); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			latencies(b, took)
		})
	}
}

// fzfLatencies is what fzf's core takes to match each keystroke on all cores.
func fzfLatencies(b *testing.B) (took []time.Duration) {
	algo.Init("default")
	chars := make([]util.Chars, len(million()))
	for i, id := range million() {
		chars[i] = util.ToChars([]byte(id))
	}
	cores := runtime.GOMAXPROCS(0)
	slabs := make([]*util.Slab, cores)
	for i := range slabs {
		slabs[i] = util.MakeSlab(100*1024, 2048)
	}
	for b.Loop() {
		for _, word := range keystrokes() {
			pattern := []rune(strings.ToLower(word))
			start := time.Now()
			var hits atomic.Int64
			var workers sync.WaitGroup
			for core := range cores {
				workers.Go(func() {
					found := 0
					for i := core * len(chars) / cores; i < (core+1)*len(chars)/cores; i++ {
						if r, _ := algo.FuzzyMatchV2(false, false, true, &chars[i], pattern, false, slabs[core]); r.Start >= 0 {
							found++
						}
					}
					hits.Add(int64(found))
				})
			}
			workers.Wait()
			took = append(took, time.Since(start))
		}
	}
	return took
}

// BenchmarkPut is a live insert while answers to a whole word are remembered,
// and the building of an index of a million rows.
func BenchmarkPut(b *testing.B) {
	b.Run("live", func(b *testing.B) {
		x := millionIndex()
		for end := 1; end <= len("user_8392"); end++ {
			search(b, x, "user_8392"[:end])
		}
		ids, row := million(), uint32(len(million()))
		for b.Loop() {
			x.Put(row, ids[int(row)%len(ids)])
			row++
		}
	})
	b.Run("million", func(b *testing.B) {
		million()
		var before, after runtime.MemStats
		for b.Loop() {
			runtime.GC()
			runtime.ReadMemStats(&before)
			x := millionIndex()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(million())), "B/row")
			runtime.KeepAlive(x)
		}
	})
}

// BenchmarkAlike1M is what the list of a person asks besides: which of a million
// user_ids look the same as theirs.
func BenchmarkAlike1M(b *testing.B) {
	x := millionIndex()
	for _, userID := range []string{"user_839201", "cus_9s6XKzkNRiz8i3", "b0fcf650-1c2d-4e5f-8a9b-0c1d2e3f4a5b", "josé.smith@gmail.com", "u1"} {
		b.Run(userID, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := x.Alike(b.Context(), userID); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			latencies(b, took)
		})
	}
}
