package client

// Verb is an action on a session that can't be undone.
type Verb uint8

// The verbs.
const (
	Cancel Verb = iota + 1
	Redact
)

// String returns the verb's word.
func (v Verb) String() string {
	switch v {
	case Cancel:
		return "cancel"
	case Redact:
		return "redact"
	}
	return "unknown"
}

// Noun names what the verb does.
func (v Verb) Noun() string {
	if v == Redact {
		return "redaction"
	}
	return "cancellation"
}

// Refusal says why the verb can't be carried out on a session in this state, in
// words for the operator, or "" when it can.
//
// Stripe cancels only in requires_input. It redacts in requires_input (which
// cancels), in verified and, as observed, in canceled; a session in processing
// has to finish first.
func (v Verb) Refusal(s State) string {
	switch s {
	case StateProcessing:
		return "still processing: wait until it has finished"
	case StateRedacting:
		return "its redaction is under way"
	case StateRedacted:
		return "already redacted"
	case StateUnknown:
		return "its status is unknown to this version"
	}
	if v == Cancel && s == StateVerified {
		return "a verified session can't be canceled"
	}
	if v == Cancel && s == StateCanceled {
		return "already canceled"
	}
	return ""
}

// TookEffect tells whether a session shows the effect of the verb.
func (v Verb) TookEffect(s Session) bool {
	switch v {
	case Cancel:
		return s.Status == StatusCanceled
	case Redact:
		return s.RedactionStatus() == RedactionProcessing || s.RedactionStatus() == RedactionRedacted
	}
	return false
}
