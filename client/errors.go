package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is the kind of a failed request; it decides the caller's next step.
type Kind uint8

// The kinds of error.
const (
	KindUnknown    Kind = iota
	KindAuth            // no key, a wrong one or an expired one (401)
	KindPermission      // the key may not do this (403)
	KindNotFound        // no such object in this account and mode (404)
	KindState           // the object is not in a state that allows it (400)
	KindRateLimit       // too many requests (429)
	KindConflict        // another request works on the object or key (409, lock_timeout)
	KindNetwork         // no complete answer arrived
	KindServer          // Stripe failed (5xx)
	KindInvalid         // an answer arrived that is not the API's
	KindRefused         // this program refused to send it
	kindCount
)

// Error is the error of every method of API.
type Error struct {
	Kind      Kind
	Cause     Cause         // more exactly than Kind, if it is known
	Named     string        // of CauseName the server, of CausePermission the permission; foreign text
	Op        string        // the operation, such as "cancel session"
	ID        string        // the session or report of the operation, or ""
	RequestID string        // Stripe's id of the request, or ""
	Status    int           // HTTP status, 0 without an answer
	Date      time.Time     // the server's clock when it answered, zero if it did not say
	Code      string        // Stripe's error code, or ""
	Message   string        // the cause in words; foreign text, not yet safe to draw
	Retryable bool          // the same request, with its idempotency key, may succeed later
	Undecided bool          // a POST that may or may not have had its effect: read the session first
	After     time.Duration // the server asked to wait this long, or 0
	Limiter   string        // which of Stripe's rate limiters was hit, such as endpoint-rate, or ""
	KeyHint   string        // what to do where the key is not accepted, or "" for the usual words
	Err       error         // the underlying error, or nil
}

// BadID is the message for an id in another form than Stripe's.
const BadID = "this is not an id of Stripe's form"

// Refusal is the error of a request that this program does not send. The id may
// be any text, so only its beginning is kept.
func Refusal(op, id, why string) *Error {
	return &Error{Kind: KindRefused, Op: op, ID: fmt.Sprintf("%.64s", id), Message: why}
}

// words holds the name of each kind and the next step. All wording of API
// failures is here and in causes.
var words = [kindCount]struct{ what, hint string }{
	KindUnknown:    {"the request failed", "look the request id up in the Stripe Dashboard under Developers, Logs"},
	KindAuth:       {"Stripe does not accept the key", "check STRIPE_API_KEY or --key-file: it may be mistyped, expired or revoked"},
	KindPermission: {"the key has no permission for this", "give the restricted key the permission named above in the Stripe Dashboard"},
	KindNotFound:   {"there is no such object in this account and mode", "check that the key belongs to the account and mode of the object"},
	KindState:      {"the session can't do this now", "look at its state: it may have changed meanwhile"},
	KindRateLimit:  {"Stripe asks to slow down", "nothing to do: idtop waits and tries again"},
	KindConflict:   {"another request works on the same object", "try again in a moment"},
	KindNetwork:    {"no complete answer came from the server", "check the network; idtop tries again by itself"},
	KindServer:     {"Stripe had an error of its own", "nothing to do here: idtop tries again; see status.stripe.com if it lasts"},
	KindInvalid:    {"the answer is not one of Stripe's API", "check --api-base and any proxy on the way"},
	KindRefused:    {"idtop did not send this", "see the reason"},
}

// What names the kind in words, such as "Stripe asks to slow down".
func (k Kind) What() string {
	if k >= kindCount {
		k = KindUnknown
	}
	return words[k].what
}

// Hint names the operator's next step.
func (e *Error) Hint() string {
	if e.Undecided {
		return "look at the session before trying again"
	}
	if errors.Is(e.Err, context.Canceled) {
		return "nothing to do: it was stopped here"
	}
	if e.Kind >= kindCount {
		return words[KindUnknown].hint
	}
	if e.Kind == KindAuth && e.KeyHint != "" {
		return e.KeyHint
	}
	if e.Cause < causeCount && causes[e.Cause].hint != "" {
		return causes[e.Cause].hint
	}
	return words[e.Kind].hint
}

// Summary is one line: the operation, its object and the meaning of the failure. It
// leaves out Stripe's own words.
func (e *Error) Summary() string {
	what := e.What()
	if e.Undecided {
		what = "it is not known whether this took effect"
	}
	if e.ID != "" {
		return e.Op + " " + e.ID + ": " + what
	}
	return e.Op + ": " + what
}

// Error is the operation, its object, the cause and the request id. It holds foreign
// text and never the key.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.ID != "" {
		b.WriteString(" " + e.ID)
	}
	what := e.What()
	if e.Cause == CausePermission {
		what = e.Kind.What() // Message names it
	}
	b.WriteString(": " + what)
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (%s)", e.RequestID)
	}
	return b.String()
}

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of an error of this package, KindUnknown for others.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindUnknown
}
