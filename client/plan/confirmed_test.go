package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/ledger"
)

// A confirmed plan has its records before anything is sent: an item for each session in
// the order of the plan, with the time of its first look, and the name of the confirmer.
func TestTheItemsOfAConfirmedPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		const delay = time.Minute
		states := []client.State{
			client.StateFailed, client.StateProcessing, client.StateRedacting, client.StateRedacted, client.StateUnknown,
		}
		var seen []Seen
		for n, state := range states {
			seen = append(seen, Seen{ID: id(n), State: state, AsOf: time.Now()})
		}
		for _, c := range []struct {
			later bool
			want  []ItemState
		}{
			{true, []ItemState{Pending, Waiting, Following, Skipped, Skipped}},
			{false, []ItemState{Pending, Skipped, Following, Skipped, Skipped}},
		} {
			b.later = c.later
			job := b.add(client.Redact, Options{Delay: delay}, seen...)
			items, err := b.journal.Items(job)
			if err != nil || len(items) != len(states) {
				t.Fatal(items, err)
			}
			for i, it := range items {
				look := map[ItemState]time.Duration{Waiting: delay + waitFirst, Following: delay + followFirst}[it.State]
				if it.Number != i+1 || it.Session != id(i) || it.State != c.want[i] || (it.Words == "") != (it.State != Skipped && it.State != Following) {
					t.Errorf("%+v", it)
				}
				if it.Look.IsZero() != (look == 0) || look != 0 && !it.Look.Equal(time.Now().Add(look)) {
					t.Errorf("%s is looked at %s", it.State, it.Look)
				}
				if acts := it.State == Pending || it.State == Waiting; acts != (it.Key != "") || acts != (it.Generation == 1) {
					t.Errorf("%s has the key %q", it.State, it.Key)
				}
			}
		}
		one := b.add(client.Redact, Options{}, seen[0])
		for job, session := range map[int64]string{1: "", one: id(0)} {
			for r, err := range b.journal.book.Find(ledger.Query{Job: number(job)}) {
				if err != nil || r.Verb != ledger.Confirm || r.Session != session {
					t.Errorf("job %d: %+v, %v", job, r, err)
				}
			}
		}
		for n, fits := range map[int]bool{maxReason: true, maxReason + 1: false} {
			if err := ReasonFits(strings.Repeat("ä", n)); (err == nil) != fits {
				t.Errorf("a reason of %d characters: %v", n, err)
			}
		}
	})
}

// A job that is gone on with has a record of that, and another operator's name.
func TestResumeIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		job := b.add(client.Cancel, Options{})
		run, err := b.runner.Resume(t.Context(), job, 3)
		if err != nil {
			t.Fatal(err)
		}
		<-run.Done()
		var verbs []string
		for r, err := range b.journal.book.Find(ledger.Query{Job: number(job)}) {
			if err != nil {
				t.Fatal(err)
			}
			verbs = append(verbs, string(r.Verb))
		}
		stored, err := b.journal.Job(job)
		if got := strings.Join(verbs, " "); err != nil || got != "confirm resume cancel cancel" || stored.Gate != 3 {
			t.Errorf("%s; %+v, %v", got, stored, err)
		}
	})
}

// A failure is kept in words of our own: its kind and the facts that help support, and
// no foreign text.
func TestAFailureInOurWords(t *testing.T) {
	kind := client.KindState.What()
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("foreign"), "the request failed"},
		{&client.Error{Kind: client.KindState, Err: errors.New("foreign")}, kind},
		{&client.Error{Kind: client.KindState, Code: "resource_missing"}, kind + ", resource_missing"},
		{&client.Error{Kind: client.KindState, Status: 400}, kind + ", HTTP 400"},
		{&client.Error{Kind: client.KindState, RequestID: "req_1"}, kind + " (req_1)"},
		{fmt.Errorf("wrapped: %w", &client.Error{Kind: client.KindState, Code: "c", Status: 409, RequestID: "req_1"}), kind + ", c, HTTP 409 (req_1)"},
	} {
		if got := words(c.err); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A clock that differs by no more than a date's whole seconds is the same clock.
func TestTheServersClockIsHeard(t *testing.T) {
	b := newBench(t)
	defer b.journal.Close()
	r := b.runner
	for _, c := range []struct{ heard, kept time.Duration }{
		{2 * time.Second, 0}, {3 * time.Second, 3 * time.Second}, {1 * time.Second, 3 * time.Second}, {-time.Hour, -time.Hour}, {-time.Hour + time.Second, -time.Hour},
	} {
		r.Hear(c.heard)
		if got := time.Duration(r.ahead.Load()); got != c.kept {
			t.Errorf("after %s it is %s", c.heard, got)
		}
	}
}

// The fate of a job as a whole counts every session that has begun.
func TestOneThatHasBegunIsNoRefusal(t *testing.T) {
	for _, begun := range []Fate{Erased, Canceled, Accepted, BeingSent, Waits, ToSend, Late} {
		for _, other := range []Fate{Erased, Canceled, Accepted, BeingSent, Waits, ToSend, Late} {
			var tally Tally
			tally[Refused] = 1
			tally[begun]++
			tally[other]++
			if worst := tally.Worst(); worst != Late {
				t.Errorf("%v, %v and one refused: %v", begun, other, worst)
			}
		}
	}
}
