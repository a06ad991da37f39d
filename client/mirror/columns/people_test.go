package columns

import (
	"math/rand/v2"
	"slices"
	"testing"

	"idtop/client/mirror"
)

// TestSortWindow: the wanted part of a list is that of the whole sorted list, wherever it
// lies, also when many are equal.
func TestSortWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for range 2000 {
		list := make([]int, r.IntN(700))
		for i := range list {
			list[i] = r.IntN(1 + r.IntN(2*len(list)))
		}
		want := slices.Sorted(slices.Values(list))
		first := r.IntN(len(list) + 1)
		end := min(len(list), first+r.IntN(100))
		if sortWindow(list, first, end, func(a, b int) bool { return a < b }); !slices.Equal(list[first:end], want[first:end]) {
			t.Fatalf("%d to %d of %d:\ngot  %v\nwant %v", first, end, len(list), list[first:end], want[first:end])
		}
	}
}

// TestPeopleOfManySessions: of one with many sessions, the history has the newest.
func TestPeopleOfManySessions(t *testing.T) {
	c := New()
	for n := range 100 {
		c.Append(mirror.Row{ID: string(rune('a' + n)), UserID: "ann"})
	}
	people, err := c.People(t.Context(), mirror.PeopleRequest{})
	if err != nil || people.Total != 1 || people.People[0].Sessions != 100 || len(people.People[0].History) != mirror.HistoryMost {
		t.Errorf("%+v, %v", people, err)
	}
}
