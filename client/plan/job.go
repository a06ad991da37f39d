package plan

import (
	"fmt"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/ledger"
)

// JobState is the stage of a job.
type JobState uint8

// The states of jobs.
const (
	Open     JobState = iota + 1 // not finished: to be run, running, stopped or crashed
	Finished                     // carried out; redactions may still be followed
	Aborted                      // the operator stopped it
	Closed                       // given up after it had stopped or crashed
	Recalled                     // taken back before anything was sent
)

var jobWords = [...]string{"unknown", "open", "finished", "aborted", "closed", "recalled"}

// String returns the state's word.
func (s JobState) String() string {
	if int(s) < len(jobWords) {
		return jobWords[s]
	}
	return jobWords[0]
}

// ItemState is the state of one session of a job.
type ItemState uint8

// The states of items.
const (
	Pending    ItemState = iota + 1 // not begun
	Sending                         // a request may be on its way, or its answer was lost
	Complete                        // the effect is there
	Skipped                         // nothing was done; Words say why
	Failed                          // it could not be done; Words say why
	Unknown                         // sent, and its outcome could not be read
	NotStarted                      // the job ended before
	Waiting                         // begins when Stripe has finished processing the session
	Following                       // the redaction is accepted but not complete
	Overdue                         // as Following, but past Stripe's time limit
	itemStateCount
)

var itemWords = [itemStateCount]string{
	"", "pending", "sending", "done", "skipped", "failed", "unknown", "not started", "waiting", "following", "overdue",
}

// String returns the state's words.
func (s ItemState) String() string {
	if s == 0 || s >= itemStateCount {
		return "unknown"
	}
	return itemWords[s]
}

// Job is a confirmed plan.
type Job struct {
	ID      int64
	Verb    client.Verb
	Account string
	Live    bool
	Plan    string // the plan's hash
	Reason  string // as the operator gave it
	Created time.Time
	Start   time.Time // nothing is sent before
	State   JobState
	Why     string // why it stopped before its end, or ""
	Counts  Counts

	// Operator is the name under which the job is carried out, followed and settled:
	// who confirmed it, or who resumed it since. A job of an older book has none.
	Operator  ledger.Actor
	Confirmer string // the name of who confirmed it
	Gate      uint64 // the record of the :write that Operator acted under; 0: none was needed
	Elsewhere bool   // another process carries it out now

	holder string // the process that carries it out, alive or dead

	// WhenFinished lets a processing session wait, even if it began processing after
	// the plan.
	WhenFinished bool

	// More facts about its sessions than Counts has. Times are zero if there is
	// none.
	LeftOut int       // skipped sessions that the plan left out, or that needed nothing any more
	Due     time.Time // Stripe's time limit for the last erasure that is not overdue
	WasDue  time.Time // the time limit of the first overdue erasure
	Over    time.Time // when the last erasure or cancellation was seen to be complete
}

// Counts are the numbers of a job's items in each state.
type Counts [itemStateCount]int

// All is how many items there are.
func (c Counts) All() int {
	n := 0
	for _, count := range c {
		n += count
	}
	return n
}

// Of adds up the items in some states.
func (c Counts) Of(states ...ItemState) int {
	n := 0
	for _, s := range states {
		n += c[s]
	}
	return n
}

// Accepted is how many items have had their effect, incomplete redactions included.
func (c Counts) Accepted() int { return c.Of(Complete, Following, Overdue) }

// Unsettled is how many items have an unknown outcome.
func (c Counts) Unsettled() int { return c.Of(Sending, Unknown) }

// Summary says in one line how the job stands, such as "job 7: left undone:
// accepted 61, none erased yet, 3 unknown, 73 never sent". now is the server's
// clock.
func (j Job) Summary(now time.Time) string { return fmt.Sprintf("job %d: %s", j.ID, j.Says(now)) }

// Waits tells whether a finished job will still act on sessions, once Stripe has
// finished processing them.
func (j Job) Waits() bool { return j.State == Finished && j.Counts[Waiting] > 0 }

// WaitingWords counts the waiting items of some jobs, for example "2 redactions
// wait".
func WaitingWords(jobs []Job) string {
	counts := map[client.Verb]int{}
	for _, job := range jobs {
		counts[job.Verb] += job.Counts[Waiting]
	}
	var parts []string
	for _, verb := range []client.Verb{client.Redact, client.Cancel} {
		switch n := counts[verb]; {
		case n == 1:
			parts = append(parts, "1 "+verb.Noun())
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, verb.Noun()))
		}
	}
	words := strings.Join(parts, " and ") + " wait"
	if counts[client.Redact]+counts[client.Cancel] == 1 {
		words += "s"
	}
	return words
}

// Phrase confirms that an open job goes on, for example "REDACT 76 LIVE": the verb,
// the number of sessions that it will act on, now or later, or may have acted on,
// and the mode.
func (j Job) Phrase() string {
	return phrase(j.Verb, j.Counts.Of(Pending, Sending, Unknown, Waiting), j.Live)
}

// SealedPhrase is Phrase for places that do not show the job; see
// Plan.SealedPhrase.
func (j Job) SealedPhrase() string { return sealed(j.Phrase(), j.Plan) }

// When says when a resumed job acts on its remaining sessions, for example "1 now,
// 499 later".
func (j Job) When() string {
	return when(j.Counts.Of(Pending, Sending, Unknown), j.Counts[Waiting])
}

// Item is one session of a job. Its times are by the server's clock if that is
// known; only Since is by this machine's.
type Item struct {
	Job     int64
	Number  int // from 1, in the order of the plan
	Session string
	Planned client.State // its state at the plan
	State   ItemState
	Words   string // why it was skipped or failed, or another remark

	// Key is the idempotency key of the present Generation, from 1. Since is
	// when this key may first have been sent; zero: never.
	Generation int
	Key        string
	Since      time.Time

	RequestID string       // Stripe's id of the request that had the effect, "" if its answer was lost
	After     client.State // state of the session afterwards, StateUnknown if it was not seen
	Recovered bool         // a look found the effect: the answer was lost
	Accepted  time.Time    // when the effect was known
	Changed   time.Time    // when this record last changed

	Look  time.Time // when the session is next looked at, zero: never
	Looks int       // number of looks since it began to be followed or to wait

	Looked time.Time // when the server last told the state of the session, zero: not known

	Intent uint64 // the number of the record of the last POST, 0 before the first
}
