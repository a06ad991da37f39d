package model

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// TestUsedUpReadsAreSaidOnce: an operator is told when the month's reads end,
// and again only in another month.
func TestUsedUpReadsAreSaidOnce(t *testing.T) {
	used := int64(99)
	withRig(t, func(c *Config) { c.Reads = func() (int64, int64) { return used, 100 } }, func(t *testing.T, r *rig) {
		for _, step := range []struct {
			used     int64
			messages int
		}{{99, 0}, {100, 1}, {120, 1}, {0, 1}, {100, 2}} {
			used = step.used
			r.pass(3 * time.Second)
			if n := len(r.m.Log.Messages); n != step.messages {
				t.Errorf("%d messages with %d of 100 reads, want %d", n, used, step.messages)
			}
		}
		if m := r.m.Log.Messages; len(m) == 0 || !strings.Contains(m[0].Text, "used up") || m[0].Hint == "" {
			t.Errorf("the messages are %+v", m)
		}
	})
}

// TestManyReadsAreSaid: without a budget it is said once when half of the reads are
// gone that an account with few payments has.
func TestManyReadsAreSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		used := int64(4_999)
		r := newRig(t, func(c *Config) {
			c.Reads = func() (int64, int64) { return used, 0 }
			c.Identity.Demo = false
		})
		r.pass(2 * time.Second)
		if n := len(r.m.Log.Messages); n != 0 {
			t.Errorf("%d messages", n)
		}
		used++
		r.pass(5 * time.Second)
		if m := r.m.Log.Messages; len(m) != 1 || !strings.Contains(m[0].Text, "More than 5,000") || !strings.Contains(m[0].Hint, "reads_per_month") {
			t.Errorf("the messages are %+v", m)
		}
	})
}

// TestTwoModelsSeeEveryChange: neither takes a change of the rows or of the sync
// from the other.
func TestTwoModelsSeeEveryChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		other := newRig(t, func(c *Config) { c.Store, c.Syncer = r.store, r.syncer })
		for n := range 3 {
			r.add(session(n, "ann", client.StatusVerified, ""))
			r.report(mirror.Status{Phase: mirror.Live, Rate: n + 1})
			other.settle()
			for i, m := range []*Model{r.m, other.m} {
				if m.List.Page.Total != n+1 || m.Sync.Rate != n+1 {
					t.Errorf("model %d has %d rows and a rate of %d, want %d", i, m.List.Page.Total, m.Sync.Rate, n+1)
				}
			}
		}
	})
}
