package client

import (
	"cmp"
	"slices"
)

// Report is a VerificationReport: one submitted attempt with its checks.
type Report struct {
	ID                  string         `json:"id"`
	Created             Unix           `json:"created"`
	Livemode            bool           `json:"livemode"`
	Type                string         `json:"type"`
	VerificationSession string         `json:"verification_session"`
	Document            *DocumentCheck `json:"document"`
	Selfie              *Check         `json:"selfie"`
	IDNumber            *Check         `json:"id_number"`
	Email               *Check         `json:"email"`
	Phone               *Check         `json:"phone"`

	// Unreadable names a field in a form that this program does not know, "" when
	// all were readable. The checks are then left out.
	Unreadable string `json:"-"`
}

// Check is one check of a report: its status is verified, unverified or a word
// that this program does not know yet; Error is nil when it passed.
type Check struct {
	Status string      `json:"status"`
	Error  *CheckError `json:"error"`
}

// DocumentCheck is the document check. The kind and country of the document are
// not sensitive by Stripe's rules; the other members are not decoded.
type DocumentCheck struct {
	Check
	Type           string `json:"type"`
	IssuingCountry string `json:"issuing_country"`
}

// NamedCheck is a check with its name in the API.
type NamedCheck struct {
	Name string
	Check
}

// Checks lists the checks that the report has, in a fixed order.
func (r Report) Checks() []NamedCheck {
	var checks []NamedCheck
	add := func(name string, c *Check) {
		if c != nil {
			checks = append(checks, NamedCheck{name, *c})
		}
	}
	if r.Document != nil {
		add("document", &r.Document.Check)
	}
	add("selfie", r.Selfie)
	add("id_number", r.IDNumber)
	add("email", r.Email)
	add("phone", r.Phone)
	return checks
}

// Attempt is how the attempt of a report ended, in one word, and its checks. A selfie that
// the session asks for is among them where the attempt did not get as far.
func (r Report) Attempt(selfie bool) (checks []NamedCheck, state State, outcome string) {
	checks = r.Checks()
	if selfie && r.Selfie == nil && len(checks) > 0 {
		checks = append(checks, NamedCheck{Name: "selfie"})
	}
	switch {
	case r.Unreadable != "":
		return checks, StateUnknown, "unreadable: " + r.Unreadable
	case slices.ContainsFunc(checks, func(c NamedCheck) bool { return c.Error != nil }):
		return checks, StateFailed, "failed"
	case len(checks) == 0 || slices.ContainsFunc(checks, func(c NamedCheck) bool { return c.Status != "verified" }):
		return checks, StateUnknown, "unclear"
	}
	return checks, StateVerified, "verified"
}

// ReportFacts is all that a mirror keeps of a report. Nothing in it tells of the person
// but DocType and Country, which go when the session is redacted.
type ReportFacts struct {
	ID, Session string
	Created     Unix
	Type, Flow  string
	Checks      []CheckFacts // in the order of Report.Checks
	DocType     string
	Country     string // that issued the document
}

// Outcome is what a report alone tells of its attempt: verified, or failed with the code
// of the first failed check that has one.
func (r ReportFacts) Outcome() (state State, code string) {
	state = StateVerified
	for _, check := range r.Checks {
		if check.Failed() {
			state, code = StateFailed, cmp.Or(code, check.Code)
		}
	}
	return state, code
}

// CheckFacts is how a check ended: Code is "" when it passed. Kind is its name, as
// in NamedCheck.
type CheckFacts struct{ Kind, Status, Code string }

// CheckKinds are the checks that a report can have, in the order of Report.Checks.
var CheckKinds = [...]string{"document", "selfie", "id_number", "email", "phone"}

// Failed tells whether the check did not pass.
func (c CheckFacts) Failed() bool { return c.Status != "verified" }

// Event is an Event of Stripe's about one session. Object is the session as it
// was then, in the API version of that time, never expanded; it is zero for an
// event about something else.
type Event struct {
	ID        string
	Type      string
	Created   Unix
	RequestID string // "" when the person or Stripe caused it
	Object    Session
}
