package emulator

import (
	"net/http"
	"regexp"
)

// versionForm is what Stripe-Version looks like: a date, since 2024 with the
// name of a release train, and for previews with features.
var versionForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d(\.[a-z]+)?(;.*)?$`)

// checkHeaders refuses a version that can't be one, and another account than the
// key's: nobody is connected to this one. Objects are in one version only.
func (w *world) checkHeaders(h http.Header, a access) *apiError {
	if v := h.Get("Stripe-Version"); v != "" && !versionForm.MatchString(v) {
		return invalid("", "", "Invalid Stripe API version: %s", clip(v))
	}
	if account := h.Get("Stripe-Account"); account != "" && account != w.accountID() {
		e := forbidden("The provided key '" + a.short + "' does not have access to account '" + clip(account) +
			"' (or that account does not exist). Application access may have been revoked.")
		e.code = "account_invalid"
		return e
	}
	return nil
}
