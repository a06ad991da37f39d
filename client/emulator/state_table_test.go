package emulator

import (
	"fmt"
	"strings"
)

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
		all = append(all, emulatorsOwn(s.state, s.now)...)
	}
	return all
}()

const (
	submitRefused   = "session ID can't be submitted: its status is %s; only a session in requires_input or processing can"
	overrideRefused = "session ID can't be overridden to verified: its status is %s with %d attempts; only a verdict can be turned round, from verified or from requires_input after an attempt"
	keyRefused      = "You cannot create an ephemeral key for this VerificationSession because it has been redacted."
)

// emulatorsOwn are the transitions of what Stripe has no API for, and of the keys that
// a back end makes for its app.
func emulatorsOwn(state, now string) []transition {
	words := strings.Fields(now)
	status, validated := words[0], ""
	if words[len(words)-1] == "validated" {
		validated = " validated"
	}
	redaction := map[string]string{"redacted": " with a redaction in redacted", "processing": " with a redaction in processing"}[words[len(words)-1]]
	if now == "processing" {
		redaction = ""
	}
	attempts := map[string]int{"verified": 1}[status]
	submit := transition{state, "submit", "", "verified" + validated, "verified processing"}
	fail := transition{state, "fail", "", "requires_input document_expired" + validated, "requires_input processing"}
	switch {
	case status == "processing":
		submit.events, fail.events = "verified", "requires_input"
	case status != "requires_input":
		refused := fmt.Sprintf(submitRefused, status+redaction)
		submit, fail = transition{state, "submit", refused, now, ""}, transition{state, "fail", refused, now, ""}
	}
	override := transition{state, "override", fmt.Sprintf(overrideRefused, status, attempts), now, ""}
	key := transition{state, "ephemeral key", "", now, ""}
	switch {
	case redaction != "":
		override.refused = "session ID can't be overridden: its status is " + status + redaction
		key.refused = keyRefused
	case state == "failed" || state == "overridden":
		override = transition{state, "override", "", "verified", "verified"}
	}
	return []transition{submit, fail, override, key}
}
