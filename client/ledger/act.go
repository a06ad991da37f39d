package ledger

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"idtop/client"
)

// Act is an action to be recorded before it happens, or at once.
type Act struct {
	Actor       Actor // who acts; zero: the actor of the book
	Verb        Verb
	Key         client.Key // the key in use; it also tells the mode. Only its fingerprint is written
	Account     string     // acct_..., or "" when it is not known
	Session     string
	UserID      string // never written, see Book.Person; taken out of Detail
	Job, Plan   string
	Before      Statuses
	Idempotency string // key of the POST
	Generation  int    // the number of this key among the session's keys in this job, from 1
	Reason      string // reason or ticket, as the operator typed it; the caller makes sure that it names nobody
	Detail      string // in our words, for example which outputs were revealed; no foreign text
	Server      time.Time
}

// Outcome is the result of an intent.
type Outcome struct {
	Result    Result
	After     Statuses
	HTTP      int       // status of the answer, 0 without one
	RequestID string    // Stripe's id of the request
	Session   string    // the id of a new session
	Detail    string    // in our words, for example the kind of error; no foreign text
	Server    time.Time // the Date of the answer
}

// Entry is an intent that is on the disk. Its action may be carried out now, and
// Settle has to follow.
type Entry struct {
	book   *Book
	intent Record
	userID string
}

// Intent returns the record of the intent.
func (e *Entry) Intent() Record { return e.intent }

// Settle records the outcome of the intent, once. After a failure it can be called
// again.
func (e *Entry) Settle(o Outcome) error {
	return e.book.Write(func(tx *Tx) error { return tx.Settle(e, o) })
}

// Intend records an action before it happens. The action may happen only when the
// error is nil. Entry.Settle records the outcome afterwards.
func (b *Book) Intend(act Act) (entry *Entry, err error) {
	err = b.Write(func(tx *Tx) error {
		entry, err = tx.Intend(act)
		return err
	})
	if err != nil {
		return nil, err
	}
	return entry, nil
}

// Note records an action of one step: revealing outputs, resuming a job. The action
// may happen only when the error is nil.
func (b *Book) Note(act Act) (head Head, err error) {
	err = b.Write(func(tx *Tx) error {
		head, err = tx.Note(act)
		return err
	})
	return head, err
}

// Intend is Book.Intend as a part of a transaction.
func (t *Tx) Intend(act Act) (*Entry, error) {
	var lacks string
	switch {
	case act.Session == "" && act.Verb != Create:
		lacks = "a session"
	case act.Verb.posts() && act.Idempotency == "":
		lacks = "an idempotency key"
	}
	r, err := t.book.record(act, KindIntent, lacks)
	if err == nil {
		err = t.append(&r)
	}
	if err != nil {
		return nil, err
	}
	return &Entry{book: t.book, intent: r, userID: act.UserID}, nil
}

// Note is Book.Note as a part of a transaction.
func (t *Tx) Note(act Act) (Head, error) {
	var lacks string
	if act.Verb.posts() {
		lacks = "an intent and an outcome instead"
	}
	r, err := t.book.record(act, KindNote, lacks)
	if err == nil {
		err = t.append(&r)
	}
	return r.Head(), err
}

// Entry returns an intent by its number, for example after a restart.
func (t *Tx) Entry(seq uint64) (*Entry, error) {
	r, err := t.at(seq)
	if err != nil {
		return nil, err
	}
	if r.Kind != KindIntent {
		return nil, t.damaged("record %d is no intent", seq)
	}
	return &Entry{book: t.book, intent: r}, nil
}

// ErrSettled says that the outcome is already recorded.
var ErrSettled = errors.New("the outcome of this is recorded already")

// Settle is Entry.Settle as a part of a transaction.
func (t *Tx) Settle(e *Entry, o Outcome) error {
	if o.Result == "" || o.HTTP < 0 {
		return &Error{Cause: CauseInvalid, Path: t.book.path, Err: errors.New("an outcome needs a result")}
	}
	var n int
	if err := t.QueryRow(outcomeOf, e.intent.Seq).Scan(&n); err != nil {
		return diskError(t.book.path, err)
	}
	if n > 0 {
		return &Error{Cause: CauseInvalid, Path: t.book.path, Err: ErrSettled}
	}
	r := e.intent // with actor, session and reason, so that the outcome can be read alone
	r.Kind, r.Intent = KindOutcome, e.intent.Seq
	r.Result, r.After, r.HTTP, r.Request = o.Result, o.After, uint64(o.HTTP), o.RequestID
	r.Server, r.Detail = o.Server, scrub(o.Detail, e.userID)
	if r.Session == "" {
		r.Session = o.Session
	}
	return t.append(&r)
}

// Confirmed tells whether the chain has the record that confirms a plan as this
// job.
func (t *Tx) Confirmed(job, plan string) (bool, error) {
	all, err := t.lines(ofJob, job, 0)
	if err != nil {
		return false, err
	}
	for _, r := range all {
		if r.Verb != Confirm || r.Kind != KindNote || r.Job != job || r.Plan != plan {
			continue
		}
		if r.Head() == t.head {
			return true, nil
		}
		next, err := t.at(r.Seq + 1)
		return err == nil && next.Prev == r.Hash, err
	}
	return false, nil
}

// OutcomeOf returns the record of an intent's outcome; ok is false while there is
// none.
func (t *Tx) OutcomeOf(intent uint64) (r Record, ok bool, err error) {
	all, err := t.lines("SELECT line FROM records WHERE intent = $1", intent)
	if err != nil || len(all) == 0 {
		return Record{}, false, err
	}
	return all[0], true, nil
}

func (b *Book) record(act Act, kind Kind, lacks string) (Record, error) {
	switch {
	case act.Verb == "" || act.Verb.reserved():
		lacks = "a verb"
	case act.Key == (client.Key{}):
		lacks = "a key"
	case act.Generation < 0:
		lacks = "a generation from 1 on"
	}
	if lacks != "" {
		return Record{}, &Error{Cause: CauseInvalid, Path: b.path, Err: fmt.Errorf("%s %s %s needs %s", kind, act.Verb, act.Session, lacks)}
	}
	return Record{
		Kind: kind, Verb: act.Verb, Actor: act.Actor, Server: act.Server,
		Account: act.Account, Mode: client.ModeName(act.Key.Live()), Key: act.Key.String(), Restricted: act.Key.Restricted(),
		Session: act.Session, Person: b.Person(act.UserID), Job: act.Job, Plan: act.Plan, Before: act.Before,
		Idempotency: act.Idempotency, Generation: uint64(act.Generation),
		Reason: scrub(act.Reason, ""), Detail: scrub(act.Detail, act.UserID),
	}, nil
}

// anyKey finds keys and other secrets of Stripe's form in pasted text.
var anyKey = regexp.MustCompile(`(?i)\b(?:[srp]kc?s?_(?:live|test)_|whsec_|vs_[a-z0-9]+_secret_)[a-z0-9_]+`)

const (
	personMark = "[user_id]"
	secretMark = "[secret]"
)

// Scrub removes secrets in Stripe's form, such as keys, from a typed text.
func Scrub(text string) string { return scrub(text, "") }

// scrub removes secrets in Stripe's form from a text, and also a user_id that is a
// word of its own, letter case aside.
func scrub(text, userID string) string {
	text = anyKey.ReplaceAllString(text[:min(len(text), 8*maxProse)], secretMark)
	n := len(userID)
	if n == 0 {
		return text
	}
	var b strings.Builder
	for at := 0; at < len(text); {
		if at+n <= len(text) && strings.EqualFold(text[at:at+n], userID) && !endsInWord(text[:at]) && !beginsWithWord(text[at+n:]) {
			b.WriteString(personMark)
			at += n
			continue
		}
		b.WriteByte(text[at])
		at++
	}
	return b.String()
}

func endsInWord(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return isWord(r)
}

func beginsWithWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return isWord(r)
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
