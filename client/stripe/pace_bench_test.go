package stripe

import (
	"context"
	"fmt"
	"testing"
	"time"

	"idtop/client"
)

// BenchmarkPacer is what a Pacer adds to a request: a turn that comes at once
// while so many requests of other endpoints wait for theirs.
func BenchmarkPacer(b *testing.B) {
	for _, waiting := range []int{0, 100, 1000} {
		b.Run(fmt.Sprintf("waiting=%d", waiting), func(b *testing.B) {
			const fast = 10_000_000 // more than a run has, so that nothing else waits
			p := NewPacer(PacerConfig{Total: fast, PerEndpoint: 1, Concurrent: 1000})
			ctx, cancel := context.WithCancel(client.WithLane(b.Context(), client.LaneFill))
			defer cancel()
			p.endpoints["read session"] = newWindow(fast)
			for range waiting {
				go p.enter(ctx, "list sessions", time.Time{})
			}
			for stands := -1; stands < waiting-1; { // the first one goes at once
				p.mu.Lock()
				stands = len(p.queue)
				p.mu.Unlock()
			}
			b.ReportAllocs()
			for b.Loop() {
				t, err := p.enter(b.Context(), "read session", time.Time{})
				if err != nil {
					b.Fatal(err)
				}
				p.leave(t, &exchange{})
			}
		})
	}
}
