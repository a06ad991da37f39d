package act

import (
	"idtop/client"
	"idtop/client/ledger"
)

// statusesIn is a state in the API's own words. A state does not determine all of
// them.
func statusesIn(s client.State) ledger.Statuses {
	switch s {
	case client.StateFailed, client.StateWaiting:
		return ledger.Statuses{Status: client.StatusRequiresInput}
	case client.StateProcessing:
		return ledger.Statuses{Status: client.StatusProcessing}
	case client.StateVerified:
		return ledger.Statuses{Status: client.StatusVerified}
	case client.StateCanceled:
		return ledger.Statuses{Status: client.StatusCanceled}
	case client.StateRedacting:
		return ledger.Statuses{Redaction: client.RedactionProcessing}
	case client.StateRedacted:
		return ledger.Statuses{Redaction: client.RedactionRedacted}
	}
	return ledger.Statuses{}
}
