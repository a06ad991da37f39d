package plan

import (
	"time"

	"idtop/client"
)

// Ledger is the record of what was done, apart from the journal: the journal
// serves the work, the ledger those who ask about it later. Both methods return
// when the record is on the disk.
//
// There is at least one Settle for each POST that was sent, after a crash too,
// and then by what a look at the session told. After a crash there may be two.
type Ledger interface {
	// Intend records what is about to be sent. If it fails, nothing is sent and
	// the job stops.
	Intend(Intent) error
	// Settle records what became of an intent. If it fails, the job stops.
	Settle(Intent, Outcome) error
}

// Intent is a POST that is about to be sent. Key and Generation tell it apart
// from others; the same intent is sent again when its answer was lost.
type Intent struct {
	Job        int64
	Plan       string // the plan's hash
	Verb       client.Verb
	Account    string
	Live       bool
	Session    string
	Before     client.State // as the look right before it told
	Key        string       // the idempotency key
	Generation int          // of the key, from 1
	Reason     string       // as the operator gave it
	At         time.Time    // this machine's clock
}

// Result is what became of an intent.
type Result uint8

// The results.
const (
	TookEffect Result = iota + 1
	NoEffect          // it was refused, or a look showed that nothing had happened
	NotKnown          // no answer came; a later Settle tells
)

var resultWords = [...]string{"unknown", "effect", "no effect", "not known"}

// String returns the result's words.
func (r Result) String() string {
	if int(r) < len(resultWords) {
		return resultWords[r]
	}
	return resultWords[0]
}

// Outcome is what is known of an intent. Words are this program's own.
type Outcome struct {
	Result    Result
	Recovered bool // a look at the session told, not an answer to the POST
	After     client.State
	RequestID string
	Status    int    // HTTP status, 0 without an answer
	Words     string // what went wrong, or ""
	At        time.Time
}
