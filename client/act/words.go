package act

import (
	"idtop/client"
	"idtop/client/ledger"
)

func verbOf(v client.Verb) ledger.Verb {
	if v == client.Redact {
		return ledger.Redact
	}
	return ledger.Cancel
}

// stateWords is a state in the API's own words. A state does not determine all of
// them.
func stateWords(s client.State) ledger.State {
	switch s {
	case client.StateFailed, client.StateWaiting:
		return ledger.State{Status: client.StatusRequiresInput}
	case client.StateProcessing:
		return ledger.State{Status: client.StatusProcessing}
	case client.StateVerified:
		return ledger.State{Status: client.StatusVerified}
	case client.StateCanceled:
		return ledger.State{Status: client.StatusCanceled}
	case client.StateRedacting:
		return ledger.State{Redaction: client.RedactionProcessing}
	case client.StateRedacted:
		return ledger.State{Redaction: client.RedactionRedacted}
	}
	return ledger.State{}
}
