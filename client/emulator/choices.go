package emulator

import (
	"fmt"
	"net/url"
	"strings"
)

// Choices are the answers to questions that no public text settles. The zero
// value is the likelier answer of each; a client should survive both. A running
// server changes them with POST /_emulator/choices.
type Choices struct {
	// SensitiveForbidden answers 403 when a key that may not read sensitive
	// results expands one. Otherwise the member is left out.
	SensitiveForbidden bool
	// NewPermissionWording words the refusal of a key without a permission as
	// Stripe has done lately, starting with "Permission denied.".
	NewPermissionWording bool
	// RedactedEvents creates an event when a redaction is complete. Stripe does
	// so only while a webhook endpoint names that event type.
	RedactedEvents bool
	// RedactReferences clears client_reference_id and the fields named related_ when
	// a session is redacted. Otherwise they stay: they are the integrator's ids.
	RedactReferences bool
	// RedactTwiceRefused answers 400 to the redaction of a session that is already
	// being redacted. Otherwise the answer is the unchanged session.
	RedactTwiceRefused bool
	// RedactCanceledRefused answers 400 to the redaction of a canceled session: the
	// documentation names other states only. Stripe was seen to redact one, though.
	RedactCanceledRefused bool
	// CancelRedactedRefused answers 400 to the cancellation of a canceled session
	// that is redacted. Otherwise it is answered with the unchanged session.
	CancelRedactedRefused bool
	// MetadataRefused answers 400 to an update of nothing but metadata unless the
	// session is in requires_input. Otherwise it is done until the redaction.
	MetadataRefused bool
	// LastErrorKept leaves last_error as it is while the next attempt is in
	// processing. Otherwise it is null then.
	LastErrorKept bool
	// SilentVisits raises no event for the failures of a visit that come before
	// any check, such as abandoned. Otherwise they raise requires_input.
	SilentVisits bool
	// LimitRefused answers 400 to a limit outside of 1 to 100. Otherwise it is
	// brought inside.
	LimitRefused bool
}

// choices are the names of all Choices.
var choices = []struct {
	name string
	of   func(*Choices) *bool
}{
	{"sensitive_forbidden", func(c *Choices) *bool { return &c.SensitiveForbidden }},
	{"new_permission_wording", func(c *Choices) *bool { return &c.NewPermissionWording }},
	{"redacted_events", func(c *Choices) *bool { return &c.RedactedEvents }},
	{"redact_references", func(c *Choices) *bool { return &c.RedactReferences }},
	{"redact_twice_refused", func(c *Choices) *bool { return &c.RedactTwiceRefused }},
	{"redact_canceled_refused", func(c *Choices) *bool { return &c.RedactCanceledRefused }},
	{"cancel_redacted_refused", func(c *Choices) *bool { return &c.CancelRedactedRefused }},
	{"metadata_refused", func(c *Choices) *bool { return &c.MetadataRefused }},
	{"last_error_kept", func(c *Choices) *bool { return &c.LastErrorKept }},
	{"silent_visits", func(c *Choices) *bool { return &c.SilentVisits }},
	{"limit_refused", func(c *Choices) *bool { return &c.LimitRefused }},
}

func choiceNames() []string {
	var names []string
	for _, c := range choices {
		names = append(names, c.name)
	}
	return names
}

// named are the choices by their names, as the state shows them.
func (c Choices) named() map[string]bool {
	all := map[string]bool{}
	for _, one := range choices {
		all[one.name] = *one.of(&c)
	}
	return all
}

// controlChoices changes choices from now on; those that are left out stay.
func (s *sandbox) controlChoices(_ string, p url.Values) (any, error) {
	if len(p) == 0 {
		return nil, fmt.Errorf("say what to choose, such as redacted_events=true; there are: %s", strings.Join(choiceNames(), ", "))
	}
	changed := s.world.choice
	for _, one := range choices {
		if !p.Has(one.name) {
			continue
		}
		switch text := p.Get(one.name); text {
		case "true", "false":
			*one.of(&changed) = text == "true"
		default:
			return nil, fmt.Errorf("%s=%s is no choice; say true or false", one.name, clip(text))
		}
	}
	s.world.choice = changed
	return changed.named(), nil
}
