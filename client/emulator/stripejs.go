package emulator

import (
	_ "embed" // of the script
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A front end uses Stripe.js: with a publishable key and the client_secret of a
// session it opens a dialog in which the person is verified. The stand-in of it is for
// pages of the origins that Config.Origins names; what the dialog frames is the
// hosted page.

const (
	scriptPath = controlPrefix + "stripe.js"
	verifyPath = controlPrefix + "verify"
	secretLife = uint32(24 * time.Hour / time.Second)
)

//go:embed stripe.js
var standIn []byte

// forFrontEnds tells whether a path is the stand-in's.
func forFrontEnds(path string) bool { return path == scriptPath || path == verifyPath }

// welcome tells whether a web page may send a request for the stand-in. A script is
// loaded without telling for which page; it holds nothing that is not public.
func (s *Server) welcome(r *http.Request) bool {
	switch r.URL.Path {
	case scriptPath:
		return len(s.cfg.Origins) > 0 && r.Method == http.MethodGet
	case verifyPath:
		return slices.Contains(s.cfg.Origins, r.Header.Get("Origin"))
	}
	return false
}

// serveFrontEnd serves the script, and opens sessions for it.
func (s *Server) serveFrontEnd(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	switch {
	case r.URL.Path == scriptPath && r.Method == http.MethodGet:
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		_, _ = rw.Write(standIn) // a client that has left is no error here
	case r.URL.Path == verifyPath && r.Method == http.MethodOptions: // a browser asks before it sends a page's request to this machine
		s.allowOrigin(h, r)
		h.Set("Access-Control-Allow-Private-Network", "true")
		rw.WriteHeader(http.StatusNoContent)
	case r.URL.Path == verifyPath && r.Method == http.MethodPost:
		s.allowOrigin(h, r)
		url, err := s.openSecret(rw, r)
		h.Set("Content-Type", "application/json")
		if err != nil {
			a := err.answer("")
			rw.WriteHeader(a.status)
			_, _ = rw.Write(a.body)
			return
		}
		_ = json.NewEncoder(rw).Encode(map[string]string{"url": url})
	default:
		http.Error(rw, "there is GET "+scriptPath+", and POST "+verifyPath+" for that script", http.StatusNotFound)
	}
}

// allowOrigin lets a page of a named origin read the answer.
func (s *Server) allowOrigin(h http.Header, r *http.Request) {
	h.Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); slices.Contains(s.cfg.Origins, origin) {
		h.Set("Access-Control-Allow-Origin", origin)
	}
}

// openSecret gives the address of the page that a client_secret opens, once.
func (s *Server) openSecret(rw http.ResponseWriter, r *http.Request) (string, *apiError) {
	r.Body = http.MaxBytesReader(rw, r.Body, maxHosted)
	if r.ParseForm() != nil {
		return "", invalid("", "", "The form did not arrive as a browser sends it.")
	}
	key := r.PostForm.Get("key")
	name, live := strings.CutPrefix(key, "pk_live_")
	if !live {
		name, _ = strings.CutPrefix(key, "pk_test_")
	}
	if name == key || !isWord(name) {
		return "", unauthorized("", "Invalid API Key provided: this is no publishable key, such as pk_test_123.")
	}
	box, failed := s.sandboxOfKey(key)
	if failed != nil {
		return "", invalid("", "", "%s", failed)
	}
	box.enter()
	defer box.mu.Unlock()
	box.world.base = box.baseOf(r)
	return box.world.takeSecret(r.PostForm.Get("client_secret"), live)
}

// takeSecret uses a client_secret up and gives the link that belongs to it.
func (w *world) takeSecret(text string, live bool) (string, *apiError) {
	id, token, _ := strings.Cut(text, "_secret_")
	l, ok := w.readToken(token, secretSalt)
	if !ok || w.sessionID(l.session) != id || live != w.live {
		return "", missing("verificationsession", id, "client_secret")
	}
	switch {
	case w.seconds()-l.issued >= secretLife:
		return "", invalid("client_secret", "client_secret_expired", "This client_secret has expired: it works for 24 hours. Retrieve the VerificationSession to get a new one.")
	case w.taken[l] || w.isUsed(l):
		return "", invalid("client_secret", "client_secret_used", "This client_secret was used: it works once. Retrieve the VerificationSession to get a new one.")
	case w.status[l.session] != requiresInput || w.redaction[l.session] != notRedacted:
		return "", invalid("client_secret", "verification_session_unexpected_state", "This VerificationSession has a status of %q: there is nothing to submit.", statusNames[w.status[l.session]])
	}
	w.taken[l] = true
	return w.hostedURL(snapshot{session: l.session, token: l.token, issued: l.issued}), nil
}

// visitErrors are the codes of Stripe.js for visits that ended without a submission.
var visitErrors = map[string]string{
	"abandoned": "session_cancelled", "consent_declined": "consent_declined", "device_not_supported": "device_unsupported",
	"country_not_supported": "country_not_supported", "under_supported_age": "under_supported_age",
	"phone_verification_declined": "phone_otp_declined", "email_verification_declined": "email_verification_declined",
}

// visitResult is the value that verifyIdentity resolves to after a visit. Stripe's documentation
// and its types name the session differently: it has both names.
func (w *world) visitResult(i uint32) map[string]any {
	f := failures[w.sessions[i].code]
	if c, ok := visitErrors[f.name]; ok && w.status[i] == requiresInput {
		return map[string]any{"error": map[string]any{"type": typeInvalid, "code": c, "message": f.reason}}
	}
	session := map[string]any{"id": w.sessionID(i), "object": "identity.verification_session", "livemode": w.live, "status": statusNames[w.status[i]]}
	return map[string]any{"session": session, "verificationSession": session}
}
