package client

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

	// Unreadable names a field that came in a form that this program does not
	// know, "" when all could be read. The checks are then left out.
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
