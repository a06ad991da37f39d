package plan

import (
	"fmt"
	"strings"
	"time"

	"idtop/client"
)

// Fate is the outcome of a job's session, in one word that all places use. Accepted
// is Stripe's yes; Erased is Stripe's word that the data is gone.
type Fate uint8

// The fates, the best first.
const (
	Erased    Fate = iota + 1 // Stripe says that it is gone
	Canceled                  // Stripe says that it is canceled
	Accepted                  // Stripe is erasing it
	BeingSent                 // its request is on the way
	Waits                     // until its check ends
	ToSend                    // its turn comes
	LeftOut                   // the plan left it out, or it already needed nothing
	NeverSent                 // the job ended before its turn
	Lost                      // sent, with an unknown outcome
	Late                      // accepted, and not erased within Stripe's time limit
	Refused                   // nothing happened; the reason is given
	fateCount
)

// Fates is how many there are, the zero included.
const Fates = int(fateCount)

var fateWords = [fateCount]string{
	"unknown", "erased", "canceled", "accepted", "being sent", "waits", "not sent yet", "left out", "never sent", "unknown", "overdue", "refused",
}

// String returns the word.
func (f Fate) String() string {
	if f >= fateCount {
		return fateWords[0]
	}
	return fateWords[f]
}

// NeedsSomebody tells whether the session needs the operator to go further.
func (f Fate) NeedsSomebody() bool { return f >= NeverSent }

// fates are the fates of states while a job runs; those of Complete and Skipped depend
// on more than the state.
var fates = [itemStateCount]Fate{
	Pending: ToSend, Sending: BeingSent, Complete: Erased, Skipped: Refused, Failed: Refused, Unknown: Lost, NotStarted: NeverSent,
	Waiting: Waits, Following: Accepted, Overdue: Late,
}

// fateOf is the fate of a state.
func fateOf(s ItemState, verb client.Verb, running bool) Fate {
	switch {
	case s >= itemStateCount:
		return Lost
	case s == Complete && verb == client.Cancel:
		return Canceled
	case running:
	case s == Pending:
		return NeverSent
	case s == Sending:
		return Lost
	}
	return fates[s]
}

// Fate is the outcome of an item's session. running tells that its job is being
// carried out now: none of its sessions is lost yet.
func (it Item) Fate(verb client.Verb, running bool) Fate {
	if it.State == Skipped && (it.Generation == 0 || hasEffect(verb, it.After)) {
		return LeftOut
	}
	return fateOf(it.State, verb, running)
}

// hasEffect tells whether a state shows the effect of a verb.
func hasEffect(verb client.Verb, s client.State) bool {
	if verb == client.Cancel {
		return s == client.StateCanceled
	}
	return s == client.StateRedacting || s == client.StateRedacted
}

// Says is the state of an item in a few words, with the reason if known.
func (it Item) Says(verb client.Verb, running bool) string {
	fate := it.Fate(verb, running)
	said := map[Fate]string{
		Accepted: "accepted, Stripe is erasing it", Waits: "waits until its check ends", Lost: "unknown: no answer came",
		Late: "overdue: Stripe has not erased it",
	}[fate]
	switch {
	case it.Recovered:
		return fate.String() + ", the answer was lost"
	case said == "":
		said = fate.String()
	case fate == Lost && it.Words != "":
		said = "unknown"
	}
	if it.Words == "" {
		return said
	}
	return said + ": " + it.Words
}

// Tally counts the sessions of a job by their fate.
type Tally [fateCount]int

// Acted is how many sessions the job acts on: all but those left out.
func (t Tally) Acted() int {
	n := 0
	for fate, count := range t {
		if Fate(fate) != LeftOut {
			n += count
		}
	}
	return n
}

// NeedsSomebody tells whether any session needs the operator to go further.
func (t Tally) NeedsSomebody() bool {
	for fate, n := range t {
		if n > 0 && Fate(fate).NeedsSomebody() {
			return true
		}
	}
	return false
}

// Words is the tally by words, without zeros.
func (t Tally) Words() map[string]int {
	words := map[string]int{}
	for fate, n := range t {
		if n > 0 {
			words[Fate(fate).String()] += n
		}
	}
	return words
}

// Worst is the fate of the job as a whole. A job without any effect is Refused; a
// partly done one is Late, like an overdue one.
func (t Tally) Worst() Fate {
	begun := t[Erased] + t[Canceled] + t[Accepted] + t[BeingSent] + t[Waits] + t[ToSend] + t[Late]
	switch {
	case t[Lost] > 0:
		return Lost
	case begun == 0 && t[Refused] > 0:
		return Refused
	case begun == 0:
		return NeverSent
	case t[Refused]+t[Late]+t[NeverSent] > 0:
		return Late
	case t[ToSend]+t[BeingSent] > 0:
		return BeingSent
	}
	for _, fate := range []Fate{Accepted, Waits, Canceled} {
		if t[fate] > 0 {
			return fate
		}
	}
	return Erased
}

// Tally counts the sessions of a job by fate, from counts, which may be newer than
// the job's own. running tells that the job is being carried out now.
func (j Job) Tally(counts Counts, running bool) (t Tally) {
	for s, n := range counts {
		t[fateOf(ItemState(s), j.Verb, running)] += n
	}
	t[LeftOut] = min(j.LeftOut, counts[Skipped])
	t[Refused] -= t[LeftOut]
	return t
}

// Says is the state of the job in one sentence: the outcomes of its sessions, not
// only that it ended. now is the server's clock.
func (j Job) Says(now time.Time) string {
	lead := map[JobState]string{Open: "left undone: ", Aborted: "stopped: ", Closed: "given up: "}[j.State]
	t := j.Tally(j.Counts, false)
	switch {
	case j.State == Recalled:
		return "recalled before anything was sent"
	case j.State != Open && t.Worst() == NeverSent:
		return strings.TrimSuffix(lead, ": ") + " before anything was sent"
	}
	return lead + j.Stands(t, now, lead == "")
}

// Stands puts the fates of a tally's sessions into words. whole tells that the text
// stands alone: then a fate shared by all sessions is said of all.
func (j Job) Stands(t Tally, now time.Time, whole bool) string {
	n := t.Acted()
	var parts []string
	add := func(fate Fate, format string, args ...any) {
		if t[fate] > 0 {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	by := ""
	if late := now.Sub(j.WasDue); !j.WasDue.IsZero() && late > 0 {
		by = " by " + short(late)
	}
	if said := t.all(n, by); whole && said != "" && t[LeftOut] == 0 {
		parts = append(parts, said)
	} else {
		running := t[ToSend]+t[BeingSent] > 0
		add(Erased, "erased %d", t[Erased])
		add(Canceled, "canceled %d", t[Canceled])
		switch {
		case t[Erased] > 0: // said below: sessions that need somebody come first
		case running || !whole:
			add(Accepted, "accepted %d", t[Accepted])
		default:
			add(Accepted, "accepted %d, none erased yet", t[Accepted])
		}
		add(Refused, "%d refused", t[Refused])
		add(Late, "%d overdue%s", t[Late], by)
		add(Lost, "%d unknown", t[Lost])
		add(NeverSent, "%d never sent", t[NeverSent])
		add(Waits, "%s", wait(t[Waits]))
		if t[Erased] > 0 {
			add(Accepted, "%d being erased", t[Accepted])
		}
		add(BeingSent, "%d being sent", t[BeingSent])
		add(ToSend, "%d to send", t[ToSend])
		if whole && t.Worst() == Refused {
			parts[0] = "nothing done: " + parts[0]
		}
	}
	add(LeftOut, "%d left out", t[LeftOut])
	return strings.Join(parts, ", ")
}

// all is the text for a fate that all n sessions share, "" when they differ.
func (t Tally) all(n int, by string) string {
	one := n == 1
	word := func(single, format string) string {
		if one {
			return single
		}
		return fmt.Sprintf(format, n)
	}
	switch n {
	case 0:
		return ""
	case t[Erased]:
		return word("erased", "erased, all %d")
	case t[Canceled]:
		return word("canceled", "canceled, all %d")
	case t[Accepted]:
		return word("accepted, not erased yet", "accepted %d, none erased yet")
	case t[Refused]:
		return word("nothing done: refused", "nothing done: all %d refused")
	case t[Late]:
		return word("overdue"+by, "%d overdue"+by)
	case t[Lost]:
		return word("unknown", "unknown, all %d")
	case t[Waits]:
		return word("waits until its check ends", "%d wait until their checks end")
	}
	return ""
}

func wait(n int) string {
	if n == 1 {
		return "1 waits"
	}
	return fmt.Sprintf("%d wait", n)
}

// short writes a duration in one unit.
func short(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}

// SaysElsewhere is Says for an open job that another process carries out now.
func (j Job) SaysElsewhere(now time.Time) string {
	return "in another idtop: " + j.Stands(j.Tally(j.Counts, true), now, false)
}
