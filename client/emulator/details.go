package emulator

// pair is one key of metadata.
type pair struct{ key, value string }

// details are the integrator's own data of a session. They are never
// changed, only replaced: events keep the ones of their time.
type details struct {
	clientReferenceID      string
	relatedCustomer        string
	relatedCustomerAccount string
	relatedAccount         string // related_person
	relatedPerson          string
	flow                   string
	returnURL              string // where the hosted page leads; not part of the object
	email, phone           string // provided_details
	metadata               []pair // in the order of their arrival
}

// redacted gives the rest of details once the session is redacted.
func (d details) redacted(references bool) details {
	left := details{flow: d.flow, email: placeholder(d.email), phone: placeholder(d.phone)}
	if !references {
		left.clientReferenceID, left.relatedCustomer = d.clientReferenceID, d.relatedCustomer
		left.relatedCustomerAccount = d.relatedCustomerAccount
		left.relatedAccount, left.relatedPerson = d.relatedAccount, d.relatedPerson
	}
	return left
}

// redactedText stands in the place of text that a redaction removed.
const redactedText = "[redacted]"

// placeholder stands in for a redacted text; an unset text stays unset.
func placeholder(s string) string {
	if s == "" {
		return ""
	}
	return redactedText
}

// hashText keys the columns that lists are filtered by; 0 is the empty text.
func hashText(s string) uint32 {
	if s == "" {
		return 0
	}
	h := uint32(2166136261) // FNV-1a
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return max(h, 1)
}

// detailsOf gives a session's details: those that were sent, or those of its
// story, which are made up anew each time instead of being kept.
func (w *world) detailsOf(i uint32, sent *details) details {
	if sent != nil {
		return *sent
	}
	return w.storyDetails(i)
}
