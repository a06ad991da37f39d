package emulator

import "fmt"

const (
	cancelRefused    = `You cannot cancel this VerificationSession because it has a status of "%s". Only a VerificationSession in "requires_input" status may be canceled.`
	updateRefused    = `You cannot update this VerificationSession because it has a status of "%s". Only a VerificationSession in "requires_input" status may be updated.`
	updateRedacted   = "You cannot update this VerificationSession because it has been redacted."
	redactProcessing = `You cannot redact this VerificationSession because it has a status of "processing".`
)

// transition is what an action does in a state: the exact answer if it is
// refused, the session after it and the events that it raises.
type transition struct{ state, action, refused, after, events string }

// stateTable is the state machine: every action in every state.
var stateTable = func() (all []transition) {
	for _, s := range []struct {
		state, now       string // as the harness makes it, and as it is shown
		update, metadata string // why these are refused
		cancel, canceled string // why, or the session after it
		redact, redacted string // why, or the session after it
	}{
		{"requires_input", "requires_input", "", "", "", "canceled", "", "canceled processing"},
		{"failed", "requires_input document_expired", "", "", "", "canceled", "", "canceled processing"},
		{"abandoned", "requires_input abandoned", "", "", "", "canceled", "", "canceled processing"},
		{"overridden", "requires_input", "", "", "", "canceled", "", "canceled processing"},
		{"validated", "requires_input validated", "", "", "", "canceled validated", "", "canceled processing"},
		{"processing", "processing", fmt.Sprintf(updateRefused, "processing"), "", fmt.Sprintf(cancelRefused, "processing"), "", redactProcessing, ""},
		{"verified", "verified", fmt.Sprintf(updateRefused, "verified"), "", fmt.Sprintf(cancelRefused, "verified"), "", "", "verified processing"},
		{"canceled", "canceled", fmt.Sprintf(updateRefused, "canceled"), "", "", "canceled", "", "canceled processing"},
		{"redacted verified", "verified processing", updateRedacted, updateRedacted, fmt.Sprintf(cancelRefused, "verified"), "", "", "verified processing"},
		{"redacted canceled", "canceled processing", updateRedacted, updateRedacted, "", "canceled processing", "", "canceled processing"},
		{"long redacted verified", "verified redacted", updateRedacted, updateRedacted, fmt.Sprintf(cancelRefused, "verified"), "", "", "verified redacted"},
		{"long redacted canceled", "canceled redacted", updateRedacted, updateRedacted, "", "canceled redacted", "", "canceled redacted"},
	} {
		waits := s.now[:6] == "requir"
		add := func(action, refused, after, event string) {
			if refused != "" {
				after = s.now
			}
			if !waits {
				event = ""
			}
			all = append(all, transition{s.state, action, refused, after, event})
		}
		add("get", "", s.now, "")
		add("list", "", s.now, "")
		add("update options", s.update, s.now, "")
		add("update details", s.update, s.now, "")
		add("update type", s.update, s.now, "")
		add("update metadata", s.metadata, s.now, "")
		add("update metadata and type", s.update, s.now, "")
		add("cancel", s.cancel, s.canceled, "canceled")
		add("redact", s.redact, s.redacted, "canceled")
	}
	return all
}()
