package emulator

import (
	"net/http"
	"regexp"
	"time"
)

// versionForm is the form of Stripe-Version: a date, since 2024 with the
// name of a release train, and for previews with features.
var versionForm = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)(?:\.([a-z]+))?(?:;.*)?$`)

// trains are the names that versions have had, each from the day of its first
// version on. Later versions than the last of these days may have a new name.
var trains = []struct{ since, name string }{
	{"2024-09-30", "acacia"}, {"2025-03-31", "basil"}, {"2025-09-30", "clover"}, {"2026-03-25", "dahlia"}, {"2026-10-28", "endive"},
}

const (
	firstVersion = "2011-01-01"
	versionAhead = 366 * day // by this much a client may be newer than the emulator and its clock
)

// possibleVersion tells whether Stripe can have released a version until a time.
func possibleVersion(text string, now time.Time) bool {
	m := versionForm.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	date, name, newest := m[1], m[2], trains[len(trains)-1]
	latest := max(now.Format(time.DateOnly), newest.since)
	released, err := time.Parse(time.DateOnly, date)
	if err != nil || date < firstVersion || released.Add(-versionAhead).Format(time.DateOnly) > latest {
		return false
	}
	switch {
	case date < trains[0].since:
		return name == ""
	case name == "preview" || name == "dashboard": // releases beside the trains
		return true
	}
	usual := ""
	for _, t := range trains {
		if date >= t.since {
			usual = t.name
		} else if name == t.name {
			return false
		}
	}
	return name == usual || name > newest.name && date > newest.since // trains are named in the order of the alphabet
}

// checkHeaders refuses a version that can't be one, and another account than the
// key's: nobody is connected to this one. Objects are in one version only.
func (w *world) checkHeaders(h http.Header, a access) *apiError {
	if v := h.Get("Stripe-Version"); v != "" && !possibleVersion(v, time.Unix(0, w.now)) {
		return invalid("", "", "Invalid Stripe API version: %s", clip(v))
	}
	for _, name := range []string{"Stripe-Account", "Stripe-Context"} {
		if account := h.Get(name); account != "" && account != w.account {
			e := forbidden("The provided key '" + a.short + "' does not have access to account '" + clip(account) +
				"' (or that account does not exist). Application access may have been revoked.")
			e.code = "account_invalid"
			return e
		}
	}
	return nil
}
