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

// The record of a session tells its end in words: while the job runs no session is lost or
// left.
func TestAnItemSaysWhatHappened(t *testing.T) {
	for _, c := range []struct {
		item    Item
		verb    client.Verb
		running bool
		fate    Fate
		says    string
	}{
		{Item{State: Pending}, client.Redact, true, ToSend, "not sent yet"},
		{Item{State: Pending}, client.Redact, false, NeverSent, "never sent"},
		{Item{State: Sending}, client.Redact, true, BeingSent, "being sent"},
		{Item{State: Sending}, client.Redact, false, Lost, "unknown: no answer came"},
		{Item{State: Unknown, Words: "the network failed"}, client.Redact, false, Lost, "unknown: the network failed"},
		{Item{State: Complete}, client.Redact, false, Erased, "erased"},
		{Item{State: Complete}, client.Cancel, false, Canceled, "canceled"},
		{Item{State: Complete, Recovered: true, Words: "found done"}, client.Cancel, false, Canceled, "canceled, the answer was lost"},
		{Item{State: Following}, client.Redact, false, Accepted, "accepted, Stripe is erasing it"},
		{Item{State: Following, Words: "it was failed"}, client.Redact, false, Accepted, "accepted, Stripe is erasing it: it was failed"},
		{Item{State: Overdue}, client.Redact, false, Late, "overdue: Stripe has not erased it"},
		{Item{State: Waiting}, client.Redact, false, Waits, "waits until its check ends"},
		{Item{State: NotStarted}, client.Redact, false, NeverSent, "never sent"},
		{Item{State: Failed, Generation: 1, Words: "no"}, client.Redact, false, Refused, "refused: no"},
		{Item{State: Skipped, Words: "of the plan"}, client.Redact, false, LeftOut, "left out: of the plan"},
		{Item{State: Skipped, Generation: 1, After: client.StateVerified, Words: "it has changed"}, client.Redact, false, Refused, "refused: it has changed"},
		{Item{State: Skipped, Generation: 1, After: client.StateRedacting}, client.Redact, false, LeftOut, "left out"},
		{Item{State: Skipped, Generation: 1, After: client.StateRedacted}, client.Redact, false, LeftOut, "left out"},
		{Item{State: Skipped, Generation: 1, After: client.StateCanceled}, client.Redact, false, Refused, "refused"},
		{Item{State: Skipped, Generation: 1, After: client.StateCanceled}, client.Cancel, false, LeftOut, "left out"},
		{Item{State: Skipped, Generation: 1, After: client.StateRedacted}, client.Cancel, false, Refused, "refused"},
		{Item{State: itemStateCount}, client.Cancel, false, Lost, "unknown: no answer came"},
	} {
		if fate, says := c.item.Fate(c.verb, c.running), c.item.Says(c.verb, c.running); fate != c.fate || says != c.says {
			t.Errorf("%+v: %v, %q, want %v, %q", c.item, fate, says, c.fate, c.says)
		}
	}
}

// A tally of fates as a whole: its words, and whether somebody has to go further.
func TestATallySaysHowAJobStands(t *testing.T) {
	now := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		tally   map[Fate]int
		late    time.Duration
		whole   bool
		says    string
		worst   Fate
		somehow bool
	}{
		{map[Fate]int{ToSend: 3, BeingSent: 2, Accepted: 1}, 0, true, "accepted 1, 2 being sent, 3 to send", BeingSent, false},
		{map[Fate]int{ToSend: 3, Refused: 1, Canceled: 2}, 0, false, "canceled 2, 1 refused, 3 to send", Late, true},
		{map[Fate]int{ToSend: 1, BeingSent: 1, Accepted: 1}, 0, true, "accepted 1, 1 being sent, 1 to send", BeingSent, false},
		{map[Fate]int{BeingSent: 1}, 0, false, "1 being sent", BeingSent, false},
		{map[Fate]int{Waits: 1}, 0, true, "waits until its check ends", Waits, false},
		{map[Fate]int{Waits: 2}, 0, true, "2 wait until their checks end", Waits, false},
		{map[Fate]int{Waits: 2, Canceled: 1}, 0, true, "canceled 1, 2 wait", Waits, false},
		{map[Fate]int{Lost: 1}, 0, true, "unknown", Lost, true},
		{map[Fate]int{Lost: 2}, 0, true, "unknown, all 2", Lost, true},
		{map[Fate]int{Late: 1}, 59 * time.Minute, true, "overdue by 59m", Late, true},
		{map[Fate]int{Late: 2}, time.Hour, true, "2 overdue by 1h", Late, true},
		{map[Fate]int{Late: 2}, 47 * time.Hour, false, "2 overdue by 47h", Late, true},
		{map[Fate]int{Late: 2}, 48 * time.Hour, false, "2 overdue by 2d", Late, true},
		{map[Fate]int{Late: 2}, -time.Hour, false, "2 overdue", Late, true},
		{map[Fate]int{Accepted: 2}, 0, true, "accepted 2, none erased yet", Accepted, false},
		{map[Fate]int{Accepted: 2}, 0, false, "accepted 2", Accepted, false},
		{map[Fate]int{Accepted: 2, Waits: 1, Erased: 1}, 0, true, "erased 1, 1 waits, 2 being erased", Accepted, false},
		{map[Fate]int{Erased: 2, LeftOut: 1}, 0, true, "erased 2, 1 left out", Erased, false},
		{map[Fate]int{NeverSent: 2, Refused: 1}, 0, true, "nothing done: 1 refused, 2 never sent", Refused, true},
		{map[Fate]int{NeverSent: 2}, 0, true, "2 never sent", NeverSent, true},
		{map[Fate]int{LeftOut: 2}, 0, true, "2 left out", NeverSent, false},
		{map[Fate]int{Refused: 1, Lost: 1}, 0, false, "1 refused, 1 unknown", Lost, true},
	} {
		var tally Tally
		for fate, n := range c.tally {
			tally[fate] = n
		}
		job := Job{}
		if c.late != 0 {
			job.WasDue = now.Add(-c.late)
		}
		if says := job.Stands(tally, now, c.whole); says != c.says || tally.Worst() != c.worst {
			t.Errorf("%v: %q (%v), want %q (%v)", c.tally, says, tally.Worst(), c.says, c.worst)
		}
		// To be left out needs nobody, though it is worse than to be done.
		if somehow := tally.NeedsSomebody(); somehow != c.somehow {
			t.Errorf("%v needs somebody: %v", c.tally, somehow)
		}
		if words := tally.Words(); len(words) != len(c.tally) {
			t.Errorf("%v in words: %v", c.tally, words)
		}
	}
}
