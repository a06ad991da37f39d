package sqlite_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/query"
)

// TestFindLimits: a list can be limited to one user_id, exactly, or to some ids,
// together with everything else that limits it; in every phase of a store.
func TestFindLimits(t *testing.T) {
	t.Run("in memory", func(t *testing.T) { findLimits(t, storetest.NewMemory()) })
	t.Run("loading", func(t *testing.T) {
		dir := t.TempDir()
		findLimits(t, loading{open(t, dir), t, dir, new(atomic.Int64)})
	})
	t.Run("following", func(t *testing.T) {
		store := openFollowing(t, t.TempDir())
		findLimits(t, store)
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

func findLimits(t *testing.T, store mirror.Store) {
	apply(t, store, 0,
		session(1, "ann", client.StatusVerified, ""), session(2, "ANN", client.StatusVerified, ""),
		session(3, "ann", client.StatusRequiresInput, "document_expired"), session(4, "anna", client.StatusVerified, ""),
		session(5, "", client.StatusVerified, ""))
	id := func(n int) string { return session(n, "", "", "").ID }
	for name, c := range map[string]struct {
		request mirror.Request
		want    []int
		marked  int
	}{
		"nobody limits": {mirror.Request{}, []int{5, 4, 3, 2, 1}, 2},
		"a user_id":     {mirror.Request{UserID: "ann"}, []int{3, 1}, 1},
		"its state":     {mirror.Request{UserID: "ann", States: mirror.StatesOf(client.StateFailed)}, []int{3}, 1},
		"nobody's":      {mirror.Request{UserID: "an"}, nil, 0},
		"ids":           {mirror.Request{Only: []string{id(4), id(1), "vs_unknown"}}, []int{4, 1}, 1},
		"no ids":        {mirror.Request{Only: []string{}}, nil, 0},
		"both":          {mirror.Request{UserID: "ann", Only: []string{id(1), id(2)}}, []int{1}, 0},
		"a search":      {mirror.Request{Only: []string{id(4), id(5), id(3)}, Query: query.Parse("ann")}, []int{3, 4}, 2},
		"its order":     {mirror.Request{Only: []string{id(4), id(5), id(3)}, Query: query.Parse("ann"), Order: mirror.Order{Column: mirror.ByAge}}, []int{4, 3}, 2},
		"an id":         {mirror.Request{UserID: "ann", Query: query.Parse("0003")}, []int{3}, 1},
	} {
		c.request.Rows, c.request.Marked = 10, []string{id(3), id(4), "vs_unknown"}
		page := find(t, store, c.request)
		var got []string
		for _, hit := range page.Rows {
			got = append(got, hit.ID)
		}
		var want []string
		for _, n := range c.want {
			want = append(want, id(n))
		}
		if !slices.Equal(got, want) || page.Total != len(want) || page.Marked != c.marked {
			t.Errorf("%s: got %v of %d, %d marked; want %v, %d marked", name, got, page.Total, page.Marked, want, c.marked)
		}
	}
}
