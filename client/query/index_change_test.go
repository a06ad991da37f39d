package query

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

// realRows fills an index with user_ids as accounts have them.
func realRows(n int) (*reference, *Index) {
	random := rand.New(rand.NewPCG(7, 7))
	r := &reference{texts: make([]string, n), age: random.Perm(n)}
	x := NewIndex(r.newer)
	for row := range r.texts {
		r.put(x, uint32(row), userID(random))
	}
	return r, x
}

// TestNothingIsLeftOfWhatIsErased looks for a user_id in all memory of the index
// after its row has lost it, in each place where it can be.
func TestNothingIsLeftOfWhatIsErased(t *testing.T) {
	for _, text := range []string{"needle_839201", "Nädel_839201", strings.Repeat("needle", 20), "needle\x00needle"} {
		for _, instead := range []string{"", "something_else"} {
			r := &reference{texts: make([]string, 3), age: []int{0, 1, 2}}
			x := NewIndex(r.newer)
			r.put(x, 1, text)
			r.check(t, x, []string{"839"}, nil, 5)
			var lent, folding []byte
			at := x.placeOf(1)
			if at.class() == apartClass {
				lent, folding = x.apart.texts[at.slot()], x.apart.foldings[at.slot()]
			}
			r.put(x, 1, instead)
			if slices.ContainsFunc(lent, func(b byte) bool { return b != 0 }) {
				t.Errorf("%q is still there: %q", text, lent)
			}
			if folding = folding[:cap(folding)]; slices.ContainsFunc(folding, func(b byte) bool { return b != 0 }) {
				t.Errorf("%q is still there: %q", text, folding)
			}
			if at.class() != apartClass {
				chunk, slot := x.classes[at.class()].chunkOf(at.slot())
				for p, column := range chunk.block(int(slot / lanes)) {
					if column != ([width]uint64{}) {
						t.Errorf("%q: column %d is %v", text, p, column)
					}
				}
			}
			r.check(t, x, []string{"839"}, nil, 5)
		}
	}
}

// endingContext ends when it has been asked some times whether it did.
type endingContext struct {
	context.Context
	mu    sync.Mutex
	times int
}

func (c *endingContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times--; c.times < 0 {
		return context.Canceled
	}
	return nil
}

// TestStaleSearchEnds ends searches at every point: they fail, soon, and the
// next ones are right.
func TestStaleSearchEnds(t *testing.T) {
	r, x := realRows(12_000)
	for _, rows := range []int{10, 2 * mostBest} {
		ended := 0
		for times := 0; ; times++ {
			ctx := &endingContext{Context: t.Context(), times: times}
			if times%3 == 0 {
				x.typed.answers = nil
			}
			ranked, err := x.Rank(ctx, Ranking{Words: []string{"us", "8"}, Rows: rows})
			if err == nil {
				break
			}
			ended++
			if err != context.Canceled || ranked.Rows != nil {
				t.Fatalf("ended after %d: got %d rows and %v", times, len(ranked.Rows), err)
			}
		}
		if ended < 20 {
			t.Errorf("%d rows: only %d points to end at", rows, ended)
		}
		r.check(t, x, []string{"us", "8"}, nil, rows)
	}
}

// TestReadersRunTogether has many searches at once, between changes.
func TestReadersRunTogether(t *testing.T) {
	r, x := realRows(5_000)
	random := rand.New(rand.NewPCG(1, 1))
	var gate sync.RWMutex
	var readers sync.WaitGroup
	for n := range 4 {
		readers.Go(func() {
			for i, search := range searches {
				for end := 1; end <= len(search); end++ {
					gate.RLock()
					word := search[:end]
					want, _ := r.rank([]string{word}, nil)
					got, err := x.Rank(t.Context(), Ranking{Words: []string{word}, Rows: 20 * (n + i)})
					if err != nil || got.Total != len(want) || !slices.Equal(got.Rows, want[:min(len(want), 20*(n+i))]) {
						t.Errorf("%q: got %d rows of %d and %v, want %d", word, len(got.Rows), got.Total, err, len(want))
					}
					gate.RUnlock()
				}
			}
		})
	}
	for range 200 {
		gate.Lock()
		r.put(x, random.Uint32N(uint32(len(r.texts))), userID(random))
		gate.Unlock()
	}
	readers.Wait()
}

// TestPlacesAreUsedAgain changes rows over and over: the index does not grow.
func TestPlacesAreUsedAgain(t *testing.T) {
	r, x := realRows(1_000)
	size := func() (bytes int) {
		for i := range x.classes {
			for _, chunk := range x.classes[i].chunks {
				bytes += int(unsafe.Sizeof(*chunk)) + len(chunk.columns)*int(unsafe.Sizeof(column{}))
			}
		}
		return bytes + len(x.apart.texts)
	}
	before := size()
	for range 20 {
		for row, text := range r.texts {
			r.put(x, uint32(row), "")
			r.put(x, uint32(row), text)
		}
	}
	if after := size(); after != before {
		t.Errorf("%d bytes became %d", before, after)
	}
	r.check(t, x, []string{"user"}, nil, 100)
}

// TestRowsOutOfReach asks about rows that were never put.
func TestRowsOutOfReach(t *testing.T) {
	x := NewIndex(func(a, b uint32) bool { return a < b })
	x.Put(1<<20, "")
	x.Put(7, "ann")
	m, err := x.Match(t.Context(), "a")
	if err != nil || m.Count() != 1 || m.Has(6) || m.Has(1<<20) || m.Has(1<<31) || !m.Has(7) {
		t.Errorf("got %d and %v", m.Count(), err)
	}
	if x.UserID(8) != "" || x.UserID(1<<31) != "" {
		t.Error("a row that was never put has a user_id")
	}
	for _, words := range [][]string{nil, {""}, {"a", ""}, {"a", "b"}} {
		if ranked, err := x.Rank(t.Context(), Ranking{Words: words, Rows: 5}); err != nil || ranked.Total != 0 || len(ranked.Rows) != 0 {
			t.Errorf("%q: got %v and %v", words, ranked, err)
		}
	}
}
