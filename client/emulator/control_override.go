package emulator

import (
	"fmt"
	"strings"
)

var overrideFields = []field{{name: "status"}, {name: "code"}, {name: "redaction"}}

// controlOverride stands in for a person at Stripe's Dashboard, or for Stripe
// itself: it turns a verdict round (status), or marks a session as one that
// a redaction job has checked and not begun to redact (redaction).
func (w *world) controlOverride(i uint32, form *node) error {
	id := w.sessionID(i)
	if w.redaction[i].begun() {
		return fmt.Errorf("session %s can't be overridden: its status is %s", id, describe(w, i))
	}
	status, redaction := form.value("status"), form.value("redaction")
	switch {
	case status != "" && redaction == "":
		return w.overrideStatus(i, status, form.value("code"))
	case redaction == "" || status != "" || form.get("code") != nil:
		return fmt.Errorf("say status=verified, or status=requires_input with a code if it is to have one, or redaction=validated or none")
	case redaction == "validated":
		w.redaction[i] = validated
	case redaction == "none":
		w.redaction[i] = notRedacted
	default:
		return fmt.Errorf("redaction=%s can't be set; say validated or none, and POST %s/%s/redact to redact", clip(redaction), sessionsPath, id)
	}
	return nil
}

// overrideStatus turns a verdict round. What last_error holds afterwards is not
// documented: the given code, or null.
func (w *world) overrideStatus(i uint32, name, codeName string) error {
	var c code
	to := verified
	switch name {
	case "verified":
		if codeName != "" {
			return fmt.Errorf("code=%s goes with status=requires_input only; leave it out", clip(codeName))
		}
	case "requires_input":
		to = requiresInput
		if codeName != "" {
			var err error
			if c, err = failureNamed(codeName); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("status=%s can't be set; say verified or requires_input", clip(name))
	}
	from := w.status[i]
	if from != verified && from != requiresInput || from == to || w.sessions[i].report == 0 {
		return fmt.Errorf("session %s can't be overridden to %s: its status is %s with %d attempts; only a verdict can be turned round, from verified or from requires_input after an attempt",
			w.sessionID(i), name, describe(w, i), w.sessions[i].attempts)
	}
	if s := &w.sessions[i]; c != 0 && (failures[c].check == checkNone || !s.options.possible(s.kind, c)) {
		names, _ := s.options.possibleNames(s.kind)
		return fmt.Errorf("code=%s is not possible for session %s; possible are: %s", failures[c].name, w.sessionID(i), strings.Join(names, ", "))
	}
	w.override(i, to, c)
	return nil
}
