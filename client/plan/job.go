package plan

import (
	"fmt"
	"strings"
	"time"

	"idtop/client"
)

// JobState is how far a job is.
type JobState uint8

// The states of jobs.
const (
	Open     JobState = iota + 1 // not carried out to the end: to be run, running, stopped or crashed
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
	Done                            // the effect is there
	Skipped                         // nothing was done; Words say why
	Failed                          // it could not be done; Words say why
	Unknown                         // sent, and Stripe could not be asked what became of it
	NotStarted                      // the job ended before
	Waiting                         // begins when Stripe has finished processing the session
	Following                       // the redaction is accepted and not complete
	Overdue                         // as Following, for longer than Stripe allows itself
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

// Job is a plan that was confirmed.
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
	// WhenFinished lets a session that is in processing wait, whenever it went into
	// it.
	WhenFinished bool

	// What Counts do not tell of its sessions. Times are zero where there is none.
	LeftOut int       // of those skipped: the plan left them out, or they needed nothing any more
	Due     time.Time // when Stripe will have erased all that it is erasing in time
	WasDue  time.Time // when the first of those that are overdue should have been erased
	Over    time.Time // when the last of those that are erased or canceled was seen to be so
}

// Counts are how many items of a job are in each state.
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

// Accepted is how many items have had their effect, redactions that are not
// complete included.
func (c Counts) Accepted() int { return c.Of(Done, Following, Overdue) }

// Unsettled is how many items nobody knows the outcome of.
func (c Counts) Unsettled() int { return c.Of(Sending, Unknown) }

// Summary says in one line how the job stands, such as "job 7: left undone:
// accepted 61, none erased yet, 3 unknown, 73 never sent". now is the server's
// clock.
func (j Job) Summary(now time.Time) string { return fmt.Sprintf("job %d: %s", j.ID, j.Says(now)) }

// Waits tells whether a job that is carried out has sessions that it will still
// be done to, once Stripe has finished processing them.
func (j Job) Waits() bool { return j.State == Finished && j.Counts[Waiting] > 0 }

// WaitingWords counts what waits of some jobs, such as "2 redactions wait".
func WaitingWords(jobs []Job) string {
	counts := map[client.Verb]int{}
	for _, job := range jobs {
		counts[job.Verb] += job.Counts[Waiting]
	}
	var parts []string
	for _, kind := range []struct {
		verb      client.Verb
		one, many string
	}{{client.Redact, "1 redaction", "redactions"}, {client.Cancel, "1 cancellation", "cancellations"}} {
		switch n := counts[kind.verb]; {
		case n == 1:
			parts = append(parts, kind.one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, kind.many))
		}
	}
	words := strings.Join(parts, " and ") + " wait"
	if counts[client.Redact]+counts[client.Cancel] == 1 {
		words += "s"
	}
	return words
}

// Phrase is what confirms that an open job goes on, such as "REDACT 76 LIVE": the
// verb, how many sessions it is still to be done to, now or later, or may have
// been, and the mode.
func (j Job) Phrase() string {
	return phrase(j.Verb, j.Counts.Of(Pending, Sending, Unknown, Waiting), j.Live)
}

// SealedPhrase is Phrase where the job is not shown; see Plan.SealedPhrase.
func (j Job) SealedPhrase() string { return sealed(j.Phrase(), j.Plan) }

// When says when an open job that goes on acts upon its remaining sessions, such as
// "1 now, 499 later".
func (j Job) When() string {
	return when(j.Counts.Of(Pending, Sending, Unknown), j.Counts[Waiting])
}

// Item is one session of a job. Its times are the server's where they are known. Only
// Since is this machine's.
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
	After     client.State // of the session afterwards, StateUnknown if it was not seen
	Recovered bool         // the effect was found by looking: the answer was lost
	Accepted  time.Time    // when the effect was known
	Changed   time.Time    // when this record last changed

	Look  time.Time // when the session is to be looked at again, zero: never
	Looks int       // how often it was since it began to be followed or waited for

	Looked time.Time // when the server last said the state of the session, zero: it is not known

	Intent uint64 // the number of the record of the last POST, 0 before the first
}
