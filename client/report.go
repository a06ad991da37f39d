package client

import (
	"encoding/json"
	"strings"
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

// UnmarshalJSON decodes Stripe's form of an event.
func (e *Event) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID      string `json:"id"`
		Type    string `json:"type"`
		Created Unix   `json:"created"`
		Request *struct {
			ID string `json:"id"`
		} `json:"request"`
		Data struct {
			Object json.RawMessage `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*e = Event{ID: wire.ID, Type: wire.Type, Created: wire.Created}
	if wire.Request != nil {
		e.RequestID = wire.Request.ID
	}
	if !strings.HasPrefix(wire.Type, "identity.verification_session.") || len(wire.Data.Object) == 0 {
		return nil // other objects use the same names for members of other types
	}
	return json.Unmarshal(wire.Data.Object, &e.Object)
}
