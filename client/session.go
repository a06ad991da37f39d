package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"time"
	"unicode/utf8"
)

// Status is the API's own status of a session. Unknown values are kept.
type Status string

// The statuses that Stripe publishes.
const (
	StatusRequiresInput Status = "requires_input"
	StatusProcessing    Status = "processing"
	StatusVerified      Status = "verified"
	StatusCanceled      Status = "canceled"
)

// RedactionStatus is the stage of a redaction. Only processing and redacted mean
// that the session is redacted; validated is a step of a privacy job before it.
type RedactionStatus string

// The redaction statuses that Stripe publishes; none is "".
const (
	RedactionProcessing RedactionStatus = "processing"
	RedactionRedacted   RedactionStatus = "redacted"
	RedactionValidated  RedactionStatus = "validated"
)

// Session is a VerificationSession. Pointers and maps are nil where the API
// says null; VerifiedOutputs and ProvidedDetails are nil unless expanded.
type Session struct {
	ID                string            `json:"id"`
	Object            string            `json:"object"`
	Created           Unix              `json:"created"`
	Status            Status            `json:"status"`
	Type              string            `json:"type"`
	Livemode          bool              `json:"livemode"`
	LastError         *CheckError       `json:"last_error"`
	LastReport        Ref               `json:"last_verification_report"`
	Metadata          map[string]string `json:"metadata"`
	Options           *Options          `json:"options"`
	Redaction         *Redaction        `json:"redaction"`
	ClientReferenceID string            `json:"client_reference_id"`
	RelatedCustomer   Ref               `json:"related_customer"`
	VerificationFlow  string            `json:"verification_flow"`
	VerifiedOutputs   *VerifiedOutputs  `json:"verified_outputs"`
	ProvidedDetails   *ProvidedDetails  `json:"provided_details"`

	// Unreadable names the first field in a form that this program does not know, ""
	// when all were readable. Status is then "": the state is not known.
	Unreadable string `json:"-"`

	// Date is the server's clock when it answered with this one session; zero
	// if it did not say, in lists (see Page.Date) and in events.
	Date time.Time `json:"-"`

	// RequestID is Stripe's id of the request that this one session answered, ""
	// if it did not say, in lists and in events.
	RequestID string `json:"-"`
}

// UserID is the value that operators search by: metadata.user_id, or "".
func (s Session) UserID() string { return s.Metadata["user_id"] }

// RedactionStatus returns the stage of a redaction, "" when there is none.
func (s Session) RedactionStatus() RedactionStatus {
	if s.Redaction == nil {
		return ""
	}
	return s.Redaction.Status
}

// ErrorCode returns the code of last_error, "" when there is none. Stripe's schema
// also allows an error with null members: with a reason and no code the result is
// NoCode, without both it is "".
func (s Session) ErrorCode() string {
	switch {
	case s.LastError == nil:
		return ""
	case s.LastError.Code == "" && s.LastError.Reason != "":
		return NoCode
	}
	return s.LastError.Code
}

// State is the session's state as the operator sees it; see StateOf.
func (s Session) State() State {
	return StateOf(s.Status, s.ErrorCode(), s.RedactionStatus())
}

// Redaction is the progress of a session's erasure.
type Redaction struct {
	Status RedactionStatus `json:"status"`
}

// CheckError is why a session or one check failed. Code is a stable word of the
// catalogue (see ReasonOf) or an unknown one; Reason is Stripe's free text.
type CheckError struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Options are the checks a session asks for. Sessions of a verification flow
// have none, even where the flow asks for checks.
type Options struct {
	Document *DocumentOptions `json:"document"`
	IDNumber *struct{}        `json:"id_number"`
	Email    *CheckOption     `json:"email"`
	Phone    *CheckOption     `json:"phone"`
}

// DocumentOptions are the options of the document check.
type DocumentOptions struct {
	AllowedTypes          []string `json:"allowed_types,omitempty"`
	RequireIDNumber       bool     `json:"require_id_number"`
	RequireLiveCapture    bool     `json:"require_live_capture"`
	RequireMatchingSelfie bool     `json:"require_matching_selfie"`
}

// CheckOption says whether an e-mail or phone number has to be confirmed.
type CheckOption struct {
	RequireVerification bool `json:"require_verification"`
}

// VerifiedOutputs are the verified facts about a person.
type VerifiedOutputs struct {
	FirstName            Private  `json:"first_name"`
	LastName             Private  `json:"last_name"`
	DOB                  *Date    `json:"dob"`
	Sex                  Private  `json:"sex"`
	UnparsedSex          Private  `json:"unparsed_sex"`
	UnparsedPlaceOfBirth Private  `json:"unparsed_place_of_birth"`
	IDNumber             Private  `json:"id_number"`
	IDNumberType         string   `json:"id_number_type"`
	Email                Private  `json:"email"`
	Phone                Private  `json:"phone"`
	Address              *Address `json:"address"`
}

// Format implements fmt.Formatter with a mask: for a verb that does not fit a
// struct, fmt would print the values without asking them.
func (VerifiedOutputs) Format(f fmt.State, _ rune) { io.WriteString(f, mask) }

// ProvidedDetails are the integration's own details of the person, given to Stripe
// before the verification.
type ProvidedDetails struct {
	Email Private `json:"email"`
	Phone Private `json:"phone"`
}

// Format implements fmt.Formatter with a mask.
func (ProvidedDetails) Format(f fmt.State, _ rune) { io.WriteString(f, mask) }

// Address is a postal address. The country stays after redaction.
type Address struct {
	Line1      Private `json:"line1"`
	Line2      Private `json:"line2"`
	City       Private `json:"city"`
	State      Private `json:"state"`
	PostalCode Private `json:"postal_code"`
	Country    string  `json:"country"`
}

// Format implements fmt.Formatter with a mask.
func (Address) Format(f fmt.State, _ rune) { io.WriteString(f, mask) }

// Unix is a time as the API gives it, in whole seconds.
type Unix int64

// Time returns the time; the zero Unix gives the zero time.
func (u Unix) Time() time.Time {
	if u == 0 {
		return time.Time{}
	}
	return time.Unix(int64(u), 0)
}

// Ref is an id that the API gives as a string, or as the object itself when
// expanded. It is "" for null.
type Ref string

// UnmarshalJSON takes a string, an object with an id, or null.
func (r *Ref) UnmarshalJSON(data []byte) error {
	var object struct {
		ID string `json:"id"`
	}
	switch {
	case len(data) < 2:
	case data[0] == '"' && bytes.IndexByte(data, '\\') < 0 && utf8.Valid(data): // nearly always
		*r = Ref(data[1 : len(data)-1])
		return nil
	case data[0] == '{':
		if err := json.Unmarshal(data, &object); err != nil {
			return err
		}
		*r = Ref(object.ID)
		return nil
	}
	return json.Unmarshal(data, (*string)(r))
}

var sessionID = regexp.MustCompile(`^vs_[A-Za-z0-9_]{8,255}$`)

// ValidSessionID tells whether id has the form of a session's id. No other text
// is ever put into a request path or a link.
func ValidSessionID(id string) bool { return sessionID.MatchString(id) }
