package plan

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
)

func id(n int) string { return fmt.Sprintf("vs_1AbCdEfGh%04d", n) }

func TestDispositions(t *testing.T) {
	for _, c := range []struct {
		verb  client.Verb
		state client.State
		want  Disposition
	}{
		{client.Cancel, client.StateFailed, Now},
		{client.Cancel, client.StateWaiting, Now},
		{client.Cancel, client.StateProcessing, Wait},
		{client.Cancel, client.StateVerified, Cannot},
		{client.Cancel, client.StateCanceled, Already},
		{client.Cancel, client.StateRedacting, Cannot},
		{client.Cancel, client.StateRedacted, Cannot},
		{client.Cancel, client.StateUnknown, Cannot},
		{client.Redact, client.StateFailed, Now},
		{client.Redact, client.StateWaiting, Now},
		{client.Redact, client.StateProcessing, Wait},
		{client.Redact, client.StateVerified, Now},
		{client.Redact, client.StateCanceled, Now},
		{client.Redact, client.StateRedacting, Already},
		{client.Redact, client.StateRedacted, Already},
		{client.Redact, client.StateUnknown, Cannot},
	} {
		p, err := New(c.verb, testAccount, true, []Seen{{ID: id(1), State: c.state}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		e := p.Entries[0]
		if e.Disposition != c.want || (e.Why == "") != (c.want == Now) {
			t.Errorf("%s %s: %s %q, want %s", c.verb, c.state, e.Disposition, e.Why, c.want)
		}
	}
}

func TestPhraseCountsAndJSON(t *testing.T) {
	var seen []Seen
	for n := range 137 {
		seen = append(seen, Seen{ID: id(n), State: client.StateFailed, AsOf: time.Unix(1e9, 0)})
	}
	seen = append(seen, Seen{ID: id(200), State: client.StateProcessing}, Seen{ID: id(201), State: client.StateRedacted},
		Seen{ID: id(3), State: client.StateFailed, AsOf: time.Unix(1e9, 0)})
	p, err := New(client.Redact, testAccount, true, seen, 0)
	if err != nil {
		t.Fatal(err)
	}
	if p.Phrase() != "REDACT 137 LIVE" || p.Count(Wait) != 1 || p.Count(Already) != 1 || len(p.Entries) != 139 {
		t.Errorf("%s, %+v", p.Phrase(), p.Reasons)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Phrase, When, Hash, Mode string
		Counts                   map[string]int
		Sessions                 []struct{ ID, State, Disposition, Why string }
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.Phrase != p.SealedPhrase() || back.When != "137 now" || back.Hash != p.Hash || back.Counts["now"] != 137 || back.Counts["cannot"] != 0 || len(back.Sessions) != 139 ||
		back.Sessions[137].Why == "" || back.Sessions[137].Disposition != "wait" {
		t.Errorf("%.600s", text)
	}
}

// The hash covers the planned actions, not their order and not the time.
func TestHash(t *testing.T) {
	make := func(verb client.Verb, account string, live bool, state client.State, order []int) string {
		var seen []Seen
		for _, n := range order {
			s := client.StateFailed
			if n == 2 {
				s = state
			}
			seen = append(seen, Seen{ID: id(n), State: s, AsOf: time.Unix(int64(rand.IntN(1e9)), 0)})
		}
		p, err := New(verb, account, live, seen, 0)
		if err != nil {
			t.Fatal(err)
		}
		return p.Hash
	}
	base := make(client.Redact, "acct_1", true, client.StateFailed, []int{1, 2, 3})
	if base != make(client.Redact, "acct_1", true, client.StateFailed, []int{3, 1, 2}) {
		t.Error("the order changes the hash")
	}
	for i, other := range []string{
		make(client.Cancel, "acct_1", true, client.StateFailed, []int{1, 2, 3}),
		make(client.Redact, "acct_2", true, client.StateFailed, []int{1, 2, 3}),
		make(client.Redact, "acct_1", false, client.StateFailed, []int{1, 2, 3}),
		make(client.Redact, "acct_1", true, client.StateWaiting, []int{1, 2, 3}),
		make(client.Redact, "acct_1", true, client.StateFailed, []int{1, 2}),
		make(client.Redact, "acct_1", true, client.StateFailed, []int{1, 2, 4}),
	} {
		if other == base {
			t.Errorf("change %d does not change the hash", i)
		}
	}
}

func TestPlansThatAreRefused(t *testing.T) {
	many := make([]Seen, 501)
	for n := range many {
		many[n] = Seen{ID: id(n), State: client.StateFailed}
	}
	for _, c := range []struct {
		verb client.Verb
		seen []Seen
		want string
	}{
		{0, many[:1], "verb"},
		{client.Redact, nil, "no session"},
		{client.Redact, []Seen{{ID: "vs_1/../x"}}, "not the id"},
		{client.Redact, many, "501"},
	} {
		if _, err := New(c.verb, testAccount, true, c.seen, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.want, err)
		}
	}
	if _, err := New(client.Redact, testAccount, true, many, 1000); err != nil {
		t.Error(err)
	}
	// What waits counts, and what nothing is done to does not.
	some := []Seen{{ID: id(1), State: client.StateFailed}, {ID: id(2), State: client.StateProcessing}, {ID: id(3), State: client.StateRedacted}}
	if _, err := New(client.Redact, testAccount, true, some, 2); err != nil {
		t.Error(err)
	}
	if _, err := New(client.Redact, testAccount, true, some, 1); err == nil {
		t.Error("more than one")
	}
}

// The reasons of a plan, by what is done, the most frequent first.
func TestReasonsAreCounted(t *testing.T) {
	var seen []Seen
	for _, state := range []client.State{
		client.StateRedacted, client.StateUnknown, client.StateRedacting, client.StateRedacting, client.StateFailed,
		client.StateProcessing, client.StateRedacted, client.StateRedacting, client.StateWaiting,
	} {
		seen = append(seen, Seen{ID: id(len(seen)), State: state})
	}
	seen = append(seen, Seen{ID: id(20), State: client.StateFailed, Unreadable: "type"}, Seen{ID: id(21), State: client.StateFailed, Unreadable: "mode"})
	p, err := New(client.Redact, testAccount, true, seen, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Reasons {
		got = append(got, fmt.Sprint(r.Disposition, " ", r.Count, " ", r.Why))
	}
	want := []string{
		"now 2 ", "wait 1 still processing: wait until it has finished", "already 3 its redaction is under way", "already 2 already redacted",
		"cannot 1 its status is unknown to this version", "cannot 1 unreadable: mode", "cannot 1 unreadable: type",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A number that no state has is said to be unknown.
func TestNumbersWithoutAWord(t *testing.T) {
	for _, s := range []fmt.Stringer{
		Disposition(0), Disposition(len(dispositionWords)), JobState(0), JobState(len(jobWords)), ItemState(0), itemStateCount,
		Phase(0), Phase(len(phaseWords)), Fate(0), fateCount,
	} {
		if s.String() != "unknown" {
			t.Errorf("%#v is %q", s, s)
		}
	}
}

// "I confirmed 1 and 500 were redacted": what waits is counted too.
func TestThePhraseCountsWhatIsDoneLater(t *testing.T) {
	p, err := New(client.Redact, testAccount, true, []Seen{
		{ID: id(1), State: client.StateFailed}, {ID: id(2), State: client.StateProcessing}, {ID: id(3), State: client.StateProcessing},
		{ID: id(4), State: client.StateRedacted},
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if p.Phrase() != "REDACT 1 LIVE" || p.When() != "1 now" || p.Acts() != 1 {
		t.Error(p.Phrase(), p.When(), p.Acts())
	}
	p.Later = true
	if p.Phrase() != "REDACT 3 LIVE" || p.When() != "1 now, 2 later" || p.SealedPhrase() != "REDACT 3 LIVE "+p.Hash[:4] {
		t.Error(p.Phrase(), p.When(), p.SealedPhrase())
	}
	job := Job{Verb: client.Redact, Plan: p.Hash}
	job.Counts[Pending], job.Counts[Unknown], job.Counts[Waiting], job.Counts[Complete] = 1, 1, 499, 7
	if job.Phrase() != "REDACT 501 TEST" || job.When() != "2 now, 499 later" || job.SealedPhrase() != "REDACT 501 TEST "+p.Hash[:4] {
		t.Error(job.Phrase(), job.When(), job.SealedPhrase())
	}
}

// Whatever looks like the phrase of a plan is found where none belongs.
func TestPhrasesAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"REDACT 5 LIVE": "REDACT 5 LIVE", "ticket 7 redact  12 test f5da": "redact  12 test", "CANCEL 1 LIVE": "CANCEL 1 LIVE",
		"redact all, ticket 4711": "", "REDACT 5 LIVELY": "", "PREDACT 5 LIVE": "",
	} {
		if got := FindPhrase(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
