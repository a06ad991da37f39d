package columns

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// fading is a context that ends after it was asked a number of times.
type fading struct {
	context.Context
	left int
}

func (f *fading) Err() error {
	if f.left--; f.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestAnEndedSearch ends a search at each of the places that look at its context. The
// answer is the context's error, or whole.
func TestAnEndedSearch(t *testing.T) {
	m := &maker{Rand: rand.New(rand.NewPCG(1, 2))}
	for _, line := range []string{"user", "doc_", "expired", "user:*er*", "user OR a_long", "NOT user:u*9 expired", "(selfie OR user:*1) ann"} {
		for left := range 40 {
			c := New() // nothing is remembered
			for range 200 {
				c.Append(m.row(1_790_000_000))
			}
			_, err := c.Find(&fading{t.Context(), left}, mirror.Request{Query: query.Parse(line), Rows: 10, Now: client.Unix(1_790_001_000).Time()})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%q, ended after %d: %v", line, left, err)
			}
		}
	}
}
