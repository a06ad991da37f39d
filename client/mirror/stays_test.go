package mirror_test

import (
	"testing"
	"time"

	"idtop/client/mirror"
)

// TestPercentiles are exact.
func TestPercentiles(t *testing.T) {
	for _, c := range []struct {
		lengths  mirror.Lengths
		p50, p95 time.Duration
	}{
		{nil, 0, 0},
		{mirror.Lengths{9: 1}, 9 * time.Second, 9 * time.Second},
		{mirror.Lengths{0: 1, 9: 1}, 0, 9 * time.Second},
		{mirror.Lengths{1: 50, 2: 45, 3: 5}, time.Second, 2 * time.Second},
		{mirror.Lengths{1: 49, 2: 45, 3000: 6}, 2 * time.Second, 3000 * time.Second},
	} {
		if p50, p95 := c.lengths.Percentile(50), c.lengths.Percentile(95); p50 != c.p50 || p95 != c.p95 {
			t.Errorf("%v: %v and %v, want %v and %v", c.lengths, p50, p95, c.p50, c.p95)
		}
	}
}
