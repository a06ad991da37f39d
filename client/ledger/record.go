package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"idtop/client"
)

// Verb names an action.
type Verb string

// The verbs. Cancel, Redact, Create and Update change something at Stripe.
const (
	Confirm   Verb = "confirm"    // a plan was confirmed
	Cancel    Verb = "cancel"     // a session
	Redact    Verb = "redact"     // a session
	Create    Verb = "create"     // a session
	Update    Verb = "update"     // metadata of a session
	Link      Verb = "link"       // a fresh link for the person was fetched
	Reveal    Verb = "reveal"     // verified outputs were shown
	Copy      Verb = "copy"       // something went to the clipboard
	Export    Verb = "export"     // something went to a file
	Recall    Verb = "recall"     // what was confirmed was taken back before it was sent
	Resume    Verb = "resume"     // of a job
	Abort     Verb = "abort"      // of a job
	WriteMode Verb = "write-mode" // writing was switched on or off
	torn      Verb = "torn"       // the bytes before this record are no record
	sealed    Verb = "sealed"     // the ledger of an older idtop ends with the head in the detail
	pruned    Verb = "pruned"     // the records before the head in the detail were exported and removed
)

// posts tells whether the verb changes something at Stripe and so needs an
// idempotency key.
func (v Verb) posts() bool { return v == Cancel || v == Redact || v == Create || v == Update }

// reserved tells whether only the book itself records the verb.
func (v Verb) reserved() bool { return v == torn || v == sealed || v == pruned }

// Kind is a record's part in an action.
type Kind string

// The kinds. Each intent is followed by one outcome, sooner or later; a note stands
// alone.
const (
	KindIntent  Kind = "intent"
	KindOutcome Kind = "outcome"
	KindNote    Kind = "note"
)

// Result is the end of an intent.
type Result string

// The results.
const (
	Succeeded  Result = "done"        // it took effect now or before
	Failed     Result = "failed"      // it did not take effect
	Unknown    Result = "unknown"     // it is not known whether it took effect
	NotStarted Result = "not-started" // it was never sent
)

// Statuses are a session's status and the status of its redaction, in Stripe's words.
type Statuses struct {
	Status    client.Status
	Redaction client.RedactionStatus
}

// StatusesOf are the statuses in an answer of Stripe's.
func StatusesOf(s client.Session) Statuses {
	return Statuses{Status: s.Status, Redaction: s.RedactionStatus()}
}

// Actor is the user who acted, and the machine.
type Actor struct{ User, Host string }

// Hash is a SHA-256; in text it is 64 lower-case hex digits.
type Hash [sha256.Size]byte

// String returns the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText returns the hash in hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

func parseHash(s string) (h Hash, ok bool) {
	if len(s) != 2*len(h) || strings.ContainsAny(s, "ABCDEF") {
		return h, false
	}
	_, err := hex.Decode(h[:], []byte(s))
	return h, err == nil
}

// Head is the last record of a chain. A copy kept elsewhere proves later that no
// record up to it was removed or rewritten. The zero Head is the head of an empty
// ledger.
type Head struct {
	Seq  uint64
	Hash Hash
}

// String returns the head as it is shown, exported and read by ParseHead:
// "12:" and the hash in hex.
func (h Head) String() string { return strconv.FormatUint(h.Seq, 10) + ":" + h.Hash.String() }

// MarshalText returns the head as String does.
func (h Head) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// ParseHead reads a result of Head.String; it ignores white space around it.
func ParseHead(s string) (Head, error) {
	seq, sum, _ := strings.Cut(strings.TrimSpace(s), ":")
	n, err := strconv.ParseUint(seq, 10, 64)
	hash, ok := parseHash(sum)
	if err != nil || !ok {
		return Head{}, fmt.Errorf("this is no head of a ledger: one looks like 12:9f86d081... with 64 hex digits")
	}
	return Head{n, hash}, nil
}

// Record is one line of the ledger. Texts are cut to the lengths in fields when it
// is written. Unused members are empty.
type Record struct {
	Version     uint64    // of the form, 1
	Seq         uint64    // 1, 2, 3, ...
	Time        time.Time // this machine's clock, in milliseconds
	Server      time.Time // Stripe's clock, when an answer told it
	Kind        Kind
	Verb        Verb
	Intent      uint64 // for an outcome, the Seq of its intent
	Result      Result // for an outcome
	Actor       Actor
	Account     string // acct_..., or empty when the key may not read it
	Mode        string // "live" or "test"
	Key         string // prefix and last four characters
	Restricted  bool   // the key has permissions of its own
	Session     string
	Person      string // pseudonym of the user_id, see Book.Person
	Job         string
	Plan        string // hash of the plan
	Before      Statuses
	After       Statuses
	HTTP        uint64 // status of the answer
	Request     string // Stripe's id of the request
	Idempotency string // key of the POST
	Generation  uint64 // how many keys were used for this session in this job
	Reason      string // reason or ticket, as the operator typed it
	Detail      string // further details in our words
	Tool        string // version of idtop
	TornBytes   uint64 // for the verb torn: how many bytes before the record are no record,
	TornHash    Hash   // and this is their hash
	Prev        Hash   // hash of the record before
	Hash        Hash
}

// Head returns the record's place in the chain.
func (r Record) Head() Head { return Head{r.Seq, r.Hash} }

// The longest texts, in bytes; longer ones are cut.
const (
	maxWord  = 64  // words of ours
	maxID    = 255 // ids and keys, Stripe's limit for an idempotency key
	maxProse = 500 // what people type
)

// members reads, writes or bounds the members of a record.
type members interface {
	text(name string, v *string, most int)
	number(name string, v *uint64)
	flag(name string, v *bool)
	moment(name string, v *time.Time)
	hash(name string, v *Hash)
}

// fields visits all members but hash, in the canonical order. Reading and
// writing both go through it, so that they can't differ.
func (r *Record) fields(m members) {
	m.number("v", &r.Version)
	m.number("seq", &r.Seq)
	m.moment("time", &r.Time)
	m.moment("server_time", &r.Server)
	m.text("kind", (*string)(&r.Kind), maxWord)
	m.text("verb", (*string)(&r.Verb), maxWord)
	m.number("intent", &r.Intent)
	m.text("result", (*string)(&r.Result), maxWord)
	m.text("user", &r.Actor.User, maxID)
	m.text("host", &r.Actor.Host, maxID)
	m.text("account", &r.Account, maxID)
	m.text("mode", &r.Mode, maxWord)
	m.text("key", &r.Key, maxWord)
	m.flag("restricted", &r.Restricted)
	m.text("session", &r.Session, maxID)
	m.text("person", &r.Person, maxWord)
	m.text("job", &r.Job, maxWord)
	m.text("plan", &r.Plan, maxWord)
	m.text("before_status", (*string)(&r.Before.Status), maxWord)
	m.text("before_redaction", (*string)(&r.Before.Redaction), maxWord)
	m.text("after_status", (*string)(&r.After.Status), maxWord)
	m.text("after_redaction", (*string)(&r.After.Redaction), maxWord)
	m.number("http", &r.HTTP)
	m.text("request", &r.Request, maxID)
	m.text("idempotency_key", &r.Idempotency, maxID)
	m.number("generation", &r.Generation)
	m.text("reason", &r.Reason, maxProse)
	m.text("detail", &r.Detail, maxProse)
	m.text("tool", &r.Tool, maxWord)
	m.number("torn_bytes", &r.TornBytes)
	m.hash("torn_sha256", &r.TornHash)
	m.hash("prev", &r.Prev)
}
