package columns_test

import (
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// BenchmarkPeople1M asks for a screen of the people of a list. The list itself was
// asked for before, as on the screen.
func BenchmarkPeople1M(b *testing.B) {
	store := reported()
	for _, c := range []struct {
		name    string
		request mirror.Request
	}{
		{"all", mirror.Request{}},
		{"failed", mirror.Request{States: mirror.StatesOf(client.StateFailed)}},
		{"failed, many tries", mirror.Request{States: mirror.StatesOf(client.StateFailed), Query: query.Parse("tries:>=2")}},
		{"smith", mirror.Request{Query: query.Parse("smith")}},
	} {
		c.request.Rows = 200
		for by := range mirror.PeopleOrders {
			name := c.name + []string{", by failures", ", by last failure"}[by]
			b.Run(name, func(b *testing.B) {
				find(b, store, c.request)
				for b.Loop() {
					people, err := store.People(b.Context(), mirror.PeopleRequest{Request: c.request, By: by})
					if err != nil || people.Total == 0 {
						b.Fatal(people.Total, err)
					}
				}
			})
		}
	}
}
