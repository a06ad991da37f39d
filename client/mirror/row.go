// Package mirror defines the local copy of an account's sessions: a Store answers a
// Request with a Page of Rows, and a Status tells how true they are. The packages
// below hold the stores and the Syncer that keeps them true.
//
// Its one rule: a mirror holds no more of a session than Row and Change have, and no more
// of a report than client.ReportFacts. Verified outputs, provided details, client_secret
// and url never enter it, and a redacted session loses its user_id, its references and
// its documents at once.
package mirror

import (
	"time"

	"idtop/client"
)

// Row is a session as a mirror keeps it.
type Row struct {
	Facts
	ID        string
	Created   client.Unix
	ReportID  string
	UserID    string
	Reference string // client_reference_id
	Customer  string // related_customer

	State   client.State // derived by client.StateOf
	Tries   int          // how many known sessions have this user_id; 0 without one
	Since   time.Time    // when it came to this state, in whole seconds by the server's clock
	Rough   bool         // Since is only the time of its first listing, or of its creation when it was back-filled
	AsOf    time.Time    // when the row was true, by the server's clock
	Changed time.Time    // when this program saw it arrive or change, by this machine's clock; zero: not since the program started
	ReportSum
}

// ReportSum is what the known reports of a session say together.
type ReportSum struct {
	Attempts int    // how many reports are known; 0: nothing is
	Doc      string // the type of the document in the newest report; "" once the session is erased
	Country  string // that issued it; "" once the session is erased
	Checks   Checks // that failed in the newest report
}

// Facts are the fields of a row that have few values: of a million rows, many have
// the same, so that a store keeps them once and gives them a number.
type Facts struct {
	Type       string
	Flow       string // verification_flow
	Status     client.Status
	Redaction  client.RedactionStatus
	ErrorCode  string
	Livemode   bool
	Selfie     bool   // options.document.require_matching_selfie
	LiveShot   bool   // options.document.require_live_capture
	IDNumber   bool   // options.document.require_id_number
	Unreadable string // the field that could not be read in the last answer; "": all were readable
}

// RowOf is the row of a session, without times. The row of a redacted session names
// no person, even if the answer still does.
func RowOf(s client.Session) Row {
	row := Row{
		Facts: Facts{
			Type: s.Type, Flow: s.VerificationFlow, Status: s.Status, Redaction: s.RedactionStatus(), ErrorCode: s.ErrorCode(), Livemode: s.Livemode, Unreadable: s.Unreadable,
		},
		ID: s.ID, Created: s.Created, ReportID: string(s.LastReport), State: s.State(),
		UserID: s.UserID(), Reference: s.ClientReferenceID, Customer: string(s.RelatedCustomer),
	}
	if s.Options != nil && s.Options.Document != nil {
		row.Selfie = s.Options.Document.RequireMatchingSelfie
		row.LiveShot = s.Options.Document.RequireLiveCapture
		row.IDNumber = s.Options.Document.RequireIDNumber
	}
	if row.Erased() {
		row.UserID, row.Reference, row.Customer = "", "", ""
	}
	return row
}

// Erased tells whether the session is redacted or being redacted.
func (r Row) Erased() bool {
	return r.State == client.StateRedacting || r.State == client.StateRedacted
}

// Refusal says why a verb can't be carried out on the session, "" when it can. A
// session with an unreadable field is not acted on: its state may be another than
// it seems.
func (r Row) Refusal(verb client.Verb) string {
	if r.Unreadable != "" {
		return "unreadable: " + r.Unreadable
	}
	return verb.Refusal(r.State)
}

// Means says what happened to the session and who has to act next; next is "" where nobody
// has to. Of a redacted session Reach says more.
func (r Row) Means() (what, next string) {
	if r.Unreadable != "" {
		return "This session came in a form that idtop can't read: " + r.Unreadable + ".",
			"You: open it in the Stripe Dashboard, and look for a newer idtop. Nothing is done to it here."
	}
	switch r.State {
	case client.StateFailed:
		reason := client.ReasonOf(r.ErrorCode)
		return reason.What, reason.Next
	case client.StateWaiting:
		return "Nothing has been submitted yet.", "User: open the link and submit. It stays open until canceled or redacted."
	case client.StateProcessing:
		return "Stripe is checking what was submitted.", "Stripe: wait. Nothing can be canceled or redacted until it has finished."
	case client.StateVerified:
		return "All checks passed.", ""
	case client.StateCanceled:
		return "Canceled. Earlier reasons are in the attempts only.", ""
	case client.StateUnknown:
		return "This version of idtop does not know this status.", ""
	}
	return "", ""
}

// Reach says how far the session's redaction reaches; "" for a session that is not redacted.
func (r Row) Reach() string {
	switch r.State {
	case client.StateRedacting:
		return "Stripe erases related objects for up to 4 days. This session's data is gone already."
	case client.StateRedacted:
		return "What Stripe holds in its own right is erased on the person's request to Stripe only."
	}
	return ""
}

// SameAs tells whether two rows of one session show the same.
func (r Row) SameAs(other Row) bool {
	r.Tries, r.Since, r.Rough, r.AsOf, r.Changed = other.Tries, other.Since, other.Rough, other.AsOf, other.Changed
	r.ReportSum = other.ReportSum
	return r == other
}
