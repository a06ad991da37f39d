package plan

import (
	"testing"
	"time"

	"idtop/client"
)

// TestAJobSaysWhatHappened: in one sentence, never only that it ended, and the sign
// is that of the worst session.
func TestAJobSaysWhatHappened(t *testing.T) {
	now := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		verb    client.Verb
		state   JobState
		counts  map[ItemState]int
		leftOut int
		says    string
		worst   Fate
	}{
		{client.Redact, Finished, map[ItemState]int{Following: 4, Waiting: 1}, 0, "accepted 4, none erased yet, 1 waits", Accepted},
		{client.Cancel, Finished, map[ItemState]int{Failed: 7}, 0, "nothing done: all 7 refused", Refused},
		{client.Redact, Finished, map[ItemState]int{Failed: 1}, 0, "nothing done: refused", Refused},
		{client.Redact, Finished, map[ItemState]int{Following: 1}, 0, "accepted, not erased yet", Accepted},
		{client.Redact, Finished, map[ItemState]int{Complete: 131, Failed: 2, Overdue: 4}, 0, "erased 131, 2 refused, 4 overdue by 9h", Late},
		{client.Redact, Finished, map[ItemState]int{Complete: 4}, 0, "erased, all 4", Erased},
		{client.Redact, Finished, map[ItemState]int{Complete: 1}, 0, "erased", Erased},
		{client.Redact, Finished, map[ItemState]int{Complete: 2, Following: 3}, 0, "erased 2, 3 being erased", Accepted},
		{client.Cancel, Open, map[ItemState]int{Complete: 7, Pending: 5}, 0, "left undone: canceled 7, 5 never sent", Late},
		{client.Cancel, Open, map[ItemState]int{Complete: 7, Sending: 1, Pending: 5}, 0, "left undone: canceled 7, 1 unknown, 5 never sent", Lost},
		{client.Cancel, Recalled, map[ItemState]int{NotStarted: 3}, 0, "recalled before anything was sent", NeverSent},
		{client.Cancel, Aborted, map[ItemState]int{NotStarted: 3}, 0, "stopped before anything was sent", NeverSent},
		{client.Cancel, Closed, map[ItemState]int{Complete: 1, NotStarted: 3}, 0, "given up: canceled 1, 3 never sent", Late},
		{client.Cancel, Finished, map[ItemState]int{Complete: 5}, 0, "canceled, all 5", Canceled},
		{client.Cancel, Finished, map[ItemState]int{Complete: 2, Skipped: 2}, 1, "canceled 2, 1 refused, 1 left out", Late},
		{client.Cancel, Finished, map[ItemState]int{Failed: 2, Skipped: 1}, 1, "nothing done: 2 refused, 1 left out", Refused},
	} {
		job := Job{Verb: c.verb, State: c.state, LeftOut: c.leftOut, WasDue: now.Add(-9 * time.Hour)}
		for state, n := range c.counts {
			job.Counts[state] = n
		}
		if got, worst := job.Says(now), job.Tally(job.Counts, false).Worst(); got != c.says || worst != c.worst {
			t.Errorf("%v: %q (%v), want %q (%v)", c.counts, got, worst, c.says, c.worst)
		}
	}
}
