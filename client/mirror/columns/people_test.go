package columns

import (
	"math/rand/v2"
	"slices"
	"testing"

	"idtop/client/mirror"
)

// TestPeopleSorted: the wanted part of an order is that of the whole order, wherever it
// lies.
func TestPeopleSorted(t *testing.T) {
	all, r := &crowd{}, rand.New(rand.NewPCG(5, 1))
	for range 2000 {
		places := make([]placed, r.IntN(700))
		for i := range places {
			places[i] = placed{uint32(r.IntN(4)), uint32(r.IntN(3)), uint32(i), uint32(i + 1)}
		}
		r.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		want := slices.SortedFunc(slices.Values(places), func(a, b placed) int {
			if all.before(a, b) {
				return -1
			}
			return +1
		})
		first := r.IntN(len(places) + 1)
		end := min(len(places), first+r.IntN(100))
		if all.sort(places, first, end); !slices.Equal(places[first:end], want[first:end]) {
			t.Fatalf("%d to %d of %d:\ngot  %v\nwant %v", first, end, len(places), places[first:end], want[first:end])
		}
	}
}

// TestPeopleOfManySessions: of one with many sessions, the newest are told.
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
