package emulator

import (
	"math/bits"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	hostedPrefix = "/start/"
	linkLife     = uint32(48 * time.Hour / time.Second)
	// defaultPublicURL is where a server that is not reached over a network says
	// that its pages are: where `idtop emulator` listens unless told otherwise.
	defaultPublicURL = "http://127.0.0.1:12111"

	secretSalt, linkSalt = 1 << 40, 2 << 40 // above every position of a session
	linkNumberLen        = 11
	ofEvents             = 1 << 31 // marks tokens of events, apart from those that answers hand out
)

// Tokens are short-lived keys to a session's hosted page. Each says in a
// permuted form which session it opens, which token it is and when it was handed
// out, so that the page finds all three without a table.
func (w *world) token(s snapshot, salt uint64) string {
	keys := w.tokenKeys
	keys[0] ^= salt
	b := appendBase62([]byte(w.tokenPrefix), scramble(&keys, uint64(s.session)), codeLen)
	return string(appendBase62(b, mix((uint64(s.token)<<32|uint64(s.issued))^keys[1]^mix(salt+uint64(s.session))), linkNumberLen))
}

// secret is a text that nobody can guess who does not know the world's keys.
func (w *world) secret(salt int, n uint32) string {
	d := roll(w.tokenKeys[feistelRuns-1], salt, uint64(n), 0)
	return randomText(&d, 32)
}

// hostedURL is a session's link, or "" if it has none.
func (w *world) hostedURL(s snapshot) string {
	if s.token == 0 {
		return ""
	}
	return w.base + hostedPrefix + w.mode() + "_" + w.token(s, linkSalt)
}

// link is the content of a token.
type link struct{ session, token, issued uint32 }

// readLink reads the last part of a link's path. It is false for a link that was
// never handed out.
func (w *world) readLink(text string) (link, bool) { return w.readToken(text, linkSalt) }

func (w *world) readToken(text string, salt uint64) (link, bool) {
	session, rest, ok := w.readSubject(text, salt)
	if !ok {
		return link{}, false
	}
	number, ok := readBase62(rest)
	if !ok {
		return link{}, false
	}
	number = unmix(number) ^ w.tokenKeys[1] ^ mix(salt+uint64(session))
	l := link{session: session, token: uint32(number >> 32), issued: uint32(number)}
	return l, session < uint32(len(w.sessions)) && w.handedOut(l)
}

// readSubject reads the position of the subject of a token, and gives the rest of it.
func (w *world) readSubject(text string, salt uint64) (at uint32, rest string, ok bool) {
	text, ok = strings.CutPrefix(text, w.mode()+"_"+w.tokenPrefix)
	if !ok || len(text) != codeLen+linkNumberLen {
		return 0, "", false
	}
	keys := w.tokenKeys
	keys[0] ^= salt
	at, ok = readPosition(text[:codeLen], &keys)
	return at, text[codeLen:], ok
}

// handedOut tells whether a token can have been: one of an event has to be of
// that event, any other one of those that were counted.
func (w *world) handedOut(l link) bool {
	if l.token&ofEvents == 0 {
		return l.token != 0 && l.token <= w.tokens && l.issued >= w.created[l.session] && l.issued <= w.seconds()
	}
	at := l.token &^ ofEvents
	return at < uint32(len(w.events)) && w.events[at].session == l.session && w.events[at].at == l.issued
}

// linkUse tells how much had been handed out when a link was used.
type linkUse struct{ tokens, events uint32 }

// use ends all links of a session that were handed out until now.
func (w *world) use(session uint32) {
	w.used[session] = linkUse{tokens: w.tokens, events: uint32(len(w.events))}
}

// isUsed tells whether somebody went through this link, or a later one, to the
// end.
func (w *world) isUsed(l link) bool {
	until, ok := w.used[l.session]
	if l.token&ofEvents != 0 {
		return ok && l.token&^ofEvents < until.events
	}
	return ok && l.token <= until.tokens
}

// baseOf is the address of the pages for the sender of a request: the address of the
// request, unless the Config names one.
func (s *sandbox) baseOf(r *http.Request) string {
	switch {
	case s.cfg.PublicURL != "":
		return s.cfg.PublicURL
	case r.Context().Value(inProcess{}) != nil || !isAuthority(r.Host):
		return defaultPublicURL
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// isAuthority tells whether a Host header can stand in an address.
func isAuthority(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	_, err = webAddress("http://" + host)
	return err == nil && name != "" && !strings.ContainsAny(host, "/?#@\\ ")
}

// readBase62 reads what appendBase62 wrote.
func readBase62(s string) (uint64, bool) {
	var v uint64
	for i := range len(s) {
		digit := digitOf[s[i]]
		high, low := bits.Mul64(v, 62)
		sum, carry := bits.Add64(low, uint64(digit), 0)
		if digit == 0xff || high != 0 || carry != 0 {
			return 0, false
		}
		v = sum
	}
	return v, true
}

// unmix is the inverse of mix.
func unmix(x uint64) uint64 {
	x ^= x>>31 ^ x>>62
	x *= 0x319642b2d24d8ec3
	x ^= x>>27 ^ x>>54
	x *= 0x96de1b173f119089
	return x ^ x>>30 ^ x>>60
}
