package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Permission is a right of a restricted key, as given in the Dashboard. Permissions
// are combined with |.
type Permission uint16

// The permissions that matter here, by their names in the Dashboard.
const (
	PermitRead      Permission = 1 << iota // Verification Sessions and Reports: Read
	PermitWrite                            // Verification Sessions and Reports: Write, which includes Read
	PermitRecent                           // Access recent sensitive verification results: of the last 48 hours
	PermitSensitive                        // Access all sensitive verification results
	PermitEvents                           // Events: Read
	PermitFiles                            // Files: Write
	PermitAccount                          // the account's own name
	PermitWebhooks                         // Webhook Endpoints: Write
	PermitEphemeral                        // Ephemeral keys: Write

	PermitAll = PermitRead | PermitWrite | PermitRecent | PermitSensitive | PermitEvents | PermitFiles | PermitAccount |
		PermitWebhooks | PermitEphemeral
)

// ofSecretKeys is what every secret key may. That sensitive results are not
// among it is Stripe's: a restricted key can be given more than a secret one has.
const ofSecretKeys = PermitAll &^ (PermitRecent | PermitSensitive)

// keyWords are the words for rights in the name of a restricted key: rk_test_read_1 may
// only read, rk_test_write_recent_1 also cancel, redact and see recent sensitive
// results. A name that begins with none of these words is a key that may all.
var keyWords = map[string]Permission{
	"none": 0, "read": PermitRead, "write": PermitWrite, "recent": PermitRecent, "sensitive": PermitSensitive,
	"events": PermitEvents, "files": PermitFiles, "account": PermitAccount,
	"webhooks": PermitWebhooks, "ephemeral": PermitEphemeral,
}

// grantOf reads the permissions out of the name of a restricted key, the part
// after its prefix.
func grantOf(name string) Permission {
	var granted Permission
	words := 0
	for word := range strings.SplitSeq(name, "_") {
		one, known := keyWords[word]
		if !known {
			break
		}
		granted |= one
		words++
	}
	if words == 0 {
		return PermitAll
	}
	return granted
}

// permissionNames are how refusals call the permissions that endpoints need:
// the machine's name without its prefix, and the one in the Dashboard.
var permissionNames = map[Permission][2]string{
	PermitRead:      {"identity_product_read", "Verification Sessions and Reports Read"},
	PermitWrite:     {"identity_product_write", "Verification Sessions and Reports Write"},
	PermitEvents:    {"event_read", "Events Read"},
	PermitFiles:     {"file_write", "Files Write"},
	PermitAccount:   {"accounts_kyc_basic_read", "Basic Account Information Read"},
	PermitWebhooks:  {"webhook_write", "Webhook Endpoints Write"},
	PermitEphemeral: {"ephemeral_key_write", "Ephemeral Keys Write"},
}

// has tells whether a key has a permission.
func (a access) has(p Permission) bool {
	return a.granted&p != 0 || p == PermitRead && a.granted&PermitWrite != 0
}

// permit refuses a key that lacks the permission of an endpoint.
func (w *world) permit(a access, e *endpoint) *apiError {
	if a.has(e.needs) {
		return nil
	}
	name := permissionNames[e.needs]
	message := fmt.Sprintf("The provided key '%s' does not have the required permissions for this endpoint on account '%s'. "+
		"Having the 'rak_%s' permission would allow this request to continue.", a.short, w.account, name[0])
	if w.choice.NewPermissionWording {
		message = fmt.Sprintf("Permission denied. The provided key '%s' does not have the required permissions for this endpoint on account '%s'. "+
			"Enabling \"%s\" ('%s') permissions on this key would allow this request to continue.", a.short, w.account, name[1], name[0])
	}
	return forbidden(message)
}

func forbidden(message string) *apiError {
	return &apiError{status: http.StatusForbidden, kind: typeInvalid, message: message, early: true}
}

// sensitiveRefused is one of the two answers to a key that expands sensitive
// results without being allowed to.
func (a access) sensitiveRefused() *apiError {
	return forbidden("The provided key '" + a.short + "' does not have the required permissions to expand sensitive verification results. " +
		"Use a restricted key with the permission 'Access recent sensitive verification results', within 48 hours of the submission, " +
		"or 'Access all sensitive verification results'.")
}

// permitted limits a view to the parts that a key may read.
func (a access) permitted(v view) view {
	switch {
	case v&^seePlain == 0 || a.has(PermitSensitive):
		return v
	case a.has(PermitRecent):
		return v | seeOnlyRecent
	}
	return v | seeOnlyRedacted
}

// recently is how long PermitRecent reaches back.
const recently = 48 * time.Hour

// reach takes the sensitive parts out of a view whose limit an attempt (a report's
// position + 1) is beyond. An attempt counts from its report on, which follows the
// submission by the seconds of the checks.
func (w *world) reach(v view, attempt uint32, r redaction) view {
	recent := attempt != 0 && w.seconds()-w.reports[attempt-1].created <= secondsOf(recently)
	if r.begun() || v&seeOnlyRedacted == 0 && (v&seeOnlyRecent == 0 || recent) {
		return v
	}
	return v & seePlain
}

// imageView is a key's view of images: they are as sensitive as the text on them.
func (a access) imageView() view { return a.permitted(seeDocumentNumber) }

// refuseSensitive is the answer to a key that expands sensitive results beyond its
// limit, where they are not left out instead. Rows of a list are never refused to a
// key for recent results: one old row would take the whole page away.
func (w *world) refuseSensitive(e *endpoint, q *query) *apiError {
	if !w.choice.SensitiveForbidden || q.view&(seeOnlyRecent|seeOnlyRedacted) == 0 {
		return nil
	}
	var attempt uint32
	var r redaction
	if i, ok := w.sessionAt(q.id); ok {
		attempt, r = w.sessions[i].report, w.redaction[i]
		if e.path == redactPath { // the answer has placeholders
			r = redacting
		}
	} else if at, ok := w.reportAt(q.id); ok {
		attempt, r = at+1, w.redaction[w.reports[at].session]
	}
	if attempt == 0 && q.view&seeOnlyRecent != 0 || w.reach(q.view, attempt, r) == q.view {
		return nil
	}
	return q.access.sensitiveRefused()
}
