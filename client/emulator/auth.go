package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// access is the rights of a request's key.
type access struct {
	live    bool
	granted Permission
	short   string // the key as refusals of a permission show it
	only    string // the one session that it may read; "": all that is granted
}

// keyForm is a kind of key.
type keyForm struct {
	prefix           string
	live, restricted bool
}

// keyForms are the kinds of key that Stripe gives out. Any key of such a form is
// accepted: the emulator has no list of existing keys, only Config.Keys with the
// permissions of some.
var keyForms = []keyForm{
	{"sk_test_", false, false},
	{"sk_live_", true, false},
	{"rk_test_", false, true},
	{"rk_live_", true, true},
	{"rkcs_test_", false, true}, // of a claimable sandbox
}

// expiredName begins the name of a key that was rolled.
const expiredName = "expired"

// authenticate reads the key from Bearer or Basic authentication. Config.Keys are the
// permissions of keys that their names don't tell.
func (s *sandbox) authenticate(r *http.Request) (access, *apiError) {
	key := requestKey(r)
	if strings.HasPrefix(key, ephemeralPrefix) {
		return s.world.accessOf(key, s.name)
	}
	if key == "" {
		return access{}, unauthorized("", "You did not provide an API key. You need to provide your API key in the Authorization header, "+
			"using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, "+
			"or we can help at https://support.stripe.com/.")
	}
	for _, f := range keyForms {
		name, ok := strings.CutPrefix(key, f.prefix)
		if !ok || !isWord(name) {
			continue
		}
		if strings.HasPrefix(name, expiredName) {
			return access{}, expiredKey(key)
		}
		granted, said := s.cfg.Keys[key]
		switch {
		case said:
		case f.restricted:
			granted = grantOf(name)
		default:
			granted = ofSecretKeys
		}
		return access{live: f.live, granted: granted, short: shortKey(f.prefix, name)}, nil
	}
	if strings.HasPrefix(key, "pk_") {
		return access{}, unauthorized("secret_key_required", "This API call cannot be made with a publishable API key. "+
			"Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.")
	}
	return access{}, unknownKey(key)
}

func unauthorized(code, message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, kind: typeInvalid, code: code, message: message, early: true}
}

// unknownKey is the 401 of a text that is no key here.
func unknownKey(key string) *apiError {
	return unauthorized("", "Invalid API Key provided: "+maskKey(key))
}

// expiredKey is the 401 of a key whose time is over.
func expiredKey(key string) *apiError {
	return unauthorized("api_key_expired", "Expired API Key provided: "+maskKey(key))
}

// requestKey is the key of a request, or "".
func requestKey(r *http.Request) string {
	if user, _, ok := r.BasicAuth(); ok {
		return user
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// isKey tells whether a text has the form of a key, publishable and ephemeral ones
// included.
func isKey(key string) bool {
	forms := append([]keyForm{{prefix: "pk_test_"}, {prefix: "pk_live_"}, {prefix: "ek_test_"}, {prefix: "ek_live_"}}, keyForms...)
	return slices.ContainsFunc(forms, func(f keyForm) bool {
		name, ok := strings.CutPrefix(key, f.prefix)
		return ok && isWord(name)
	})
}

// isWord tells whether s is not empty and only of the characters of keys.
func isWord(s string) bool {
	for i := range len(s) {
		if digitOf[s[i]] == 0xff && s[i] != '_' {
			return false
		}
	}
	return s != ""
}

// maskKey hides a key: its kind and last four characters stay. Nothing stays of a
// text that is too short or too odd to be a key.
func maskKey(key string) string {
	const shown, least = 4, 20
	for _, f := range keyForms {
		rest, ok := strings.CutPrefix(key, f.prefix)
		if ok && isWord(rest) && len(rest) >= least-len(f.prefix) {
			return f.prefix + strings.Repeat("*", 20) + rest[len(rest)-shown:]
		}
	}
	return strings.Repeat("*", 20)
}

// shortKey hides a key as refusals of a permission do: six characters stay, or
// none of a name that is hardly longer.
func shortKey(prefix, name string) string {
	const shown = 6
	if len(name) < 2*shown {
		return prefix + "***"
	}
	return prefix + "***" + name[len(name)-shown:]
}
