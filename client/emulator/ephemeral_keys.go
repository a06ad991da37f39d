package emulator

import (
	"net/http"
	"strings"
	"time"
)

// An app on a phone gets an ephemeral key from its back end: it opens one session, for
// an hour, and nothing else.

const (
	ephemeralPath   = "/v1/ephemeral_keys"
	ephemeralPrefix = "ek_"
	ephemeralLife   = uint32(time.Hour / time.Second)
)

// ephemeralKey is a key for one session.
type ephemeralKey struct{ created, expires, session uint32 }

func (w *world) ephemeralID(at uint32) string {
	return w.ids.text(idEphemeral, at, w.ephemeral[at].created)
}

// ephemeralSecret is the text of a key. It says its position, as ids do, and ends with
// the name of its world where that has one.
func (w *world) ephemeralSecret(at uint32, name string) string {
	b := appendBase62([]byte(ephemeralPrefix+w.mode()+"_"), scramble(&w.ids.keys[idEphemeral], uint64(at)), codeLen)
	secret := string(b) + w.secret(saltEphemeral, at)
	if name != "" {
		secret += worldMark + name
	}
	return secret
}

// createEphemeralKey makes a key. Stripe wants the version to be said, because the app
// speaks that of its own library.
func createEphemeralKey(w *world, q *query) (answer, *apiError) {
	switch {
	case q.access.live != w.live:
		return answer{}, otherMode(w.mode())
	case !q.versioned:
		return answer{}, invalid("", "", "Creating an ephemeral key needs a Stripe-Version header: set the API version of the client that will use the key.")
	case q.form.get("customer") != nil:
		return answer{}, missing("customer", q.form.value("customer"), "customer")
	case q.form.get("issuing_card") != nil:
		return answer{}, missing("issuing card", q.form.value("issuing_card"), "issuing_card")
	case q.form.get("verification_session") == nil:
		return answer{}, required("verification_session")
	}
	id := q.form.value("verification_session")
	i, ok := w.sessionAt(id)
	switch {
	case !ok:
		return answer{}, missing("verificationsession", id, "verification_session")
	case w.redaction[i].begun():
		return answer{}, refused("You cannot create an ephemeral key for this VerificationSession because it has been redacted.")
	}
	w.ephemeral = append(w.ephemeral, ephemeralKey{created: w.seconds(), expires: w.seconds() + ephemeralLife, session: i})
	at := uint32(len(w.ephemeral) - 1)
	return w.ofEphemeral(at, w.ephemeralSecret(at, q.world)), nil
}

// deleteEphemeralKey ends a key before its time.
func deleteEphemeralKey(w *world, q *query) (answer, *apiError) {
	at, ok := w.ids.index(idEphemeral, q.id)
	if !ok || int(at) >= len(w.ephemeral) || w.ephemeralID(at) != q.id || q.access.live != w.live {
		return answer{}, missing("ephemeral key", q.id, "key")
	}
	k := &w.ephemeral[at]
	k.expires = min(k.expires, w.seconds())
	return w.ofEphemeral(at, ""), nil
}

// ofEphemeral answers with a key, and with its secret if there is one to tell.
func (w *world) ofEphemeral(at uint32, secret string) answer {
	k := w.ephemeral[at]
	var o out
	o.open('{')
	o.key("id").text(w.ephemeralID(at))
	o.key("object").text("ephemeral_key")
	o.key("created").number(int64(k.created))
	o.key("expires").number(int64(k.expires))
	o.key("livemode").boolean(w.live)
	if secret != "" {
		o.key("secret").text(secret)
	}
	o.close('}')
	return answer{status: http.StatusOK, body: o.b}
}

// ephemeralOf finds the key with a secret; nil: there is none.
func (w *world) ephemeralOf(secret, name string) *ephemeralKey {
	rest, ok := strings.CutPrefix(secret, ephemeralPrefix+w.mode()+"_")
	if !ok || len(rest) <= codeLen {
		return nil
	}
	at, ok := readPosition(rest[:codeLen], &w.ids.keys[idEphemeral])
	if !ok || at >= uint32(len(w.ephemeral)) || w.ephemeralSecret(at, name) != secret {
		return nil
	}
	return &w.ephemeral[at]
}

// accessOf gives the rights of an ephemeral key: to read the session that it is for.
func (w *world) accessOf(key, name string) (access, *apiError) {
	k := w.ephemeralOf(key, name)
	switch {
	case k == nil:
		return access{}, unknownKey(key)
	case k.expires <= w.seconds():
		return access{}, expiredKey(key)
	}
	prefix := ephemeralPrefix + w.mode() + "_"
	return access{live: w.live, granted: PermitRead, short: shortKey(prefix, strings.TrimPrefix(key, prefix)), only: w.sessionID(k.session)}, nil
}

// refuseOther refuses every other request to a key that is for one session.
func (a access) refuseOther(c *call) *apiError {
	if a.only == "" || c.end.method == http.MethodGet && c.end.path == sessionsPath+"/{id}" && c.object == a.only {
		return nil
	}
	return forbidden("The provided key '" + a.short + "' is an ephemeral key: it can only retrieve the VerificationSession that it was created for.")
}
