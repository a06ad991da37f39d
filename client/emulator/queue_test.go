package emulator

import (
	"math/rand/v2"
	"testing"
)

// Items come out in order of time, and items of one time in the order of their
// planning.
func TestQueueOrder(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	var q queue
	var last item
	for range 20_000 {
		if d.IntN(5) < 3 || len(q.items) == 0 {
			q.push(item{at: max(last.at, int64(d.IntN(400)))})
			continue
		}
		it := q.pop()
		if it.before(last) {
			t.Fatalf("%v came after %v", it, last)
		}
		last = it
	}
	q.keep(func(it item) bool { return it.at%2 == 0 })
	for len(q.items) > 0 {
		it := q.pop()
		if it.at%2 != 0 || it.at < last.at {
			t.Fatalf("%v came after %v", it, last)
		}
		last = it
	}
}

// An id leads to its position and to no other kind's.
func TestIDs(t *testing.T) {
	c, other := newIDCodec(1), newIDCodec(2)
	seen := map[string]bool{}
	for i := range uint32(5000) {
		id := c.text(idSession, i*77_777, 1_790_000_000+i)
		if at, ok := c.index(idSession, id); !ok || at != i*77_777 {
			t.Fatal(id, at, ok)
		}
		if _, ok := c.index(idReport, id); ok || seen[id] || len(id) != len("vs_1NuNAILkdIwHu7ixh7OtGMLw") {
			t.Fatal(id)
		}
		seen[id] = true
		if at, ok := other.index(idSession, id); ok && at == i*77_777 {
			t.Fatal("another account reads", id)
		}
	}
	for _, id := range []string{"", "vs_", "vs_zzzzzzzzzzzzzzzzzzzzzzzz", "vs_1NuNAILkdIwHu7ixh7OtG-Lw", "vs_1NuNAILkdIwHu7ixh7OtGMLw7"} {
		if at, ok := c.index(idSession, id); ok && int(at) < 1000 {
			t.Error(id, "is", at)
		}
	}
}
