package emulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// People verify themselves on the hosted page. As in Stripe's test mode nothing is
// checked there: the visitor chooses the outcome.

const (
	donePath    = "/done"
	outcomePass = "verified"
	maxHosted   = 16 << 10 // bytes of a form
)

// pace is how long the checks take, as the person chooses it.
type pace struct {
	Name  string
	Label string
	takes time.Duration
	never bool // the session stays in processing until somebody decides it
}

var paces = []pace{
	{Name: "now", Label: "no time at all"},
	{Name: "5s", Label: "5 seconds", takes: 5 * time.Second},
	{Name: "1m", Label: "1 minute", takes: time.Minute},
	{Name: "never", Label: "for ever: it stays in processing", never: true},
}

// serveHosted serves the page of a link and takes its forms.
func (s *Server) serveHosted(rw http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, hostedPrefix)
	text, done := strings.CutSuffix(path, donePath)
	switch {
	case r.Method == http.MethodPost && !done:
		s.submitHosted(rw, r, text)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		box := s.sandboxOfToken(text)
		box.enter()
		p := box.hostedPage(text, done)
		if p.Choices != nil {
			p.Token = box.formToken(text, p.generation)
		}
		box.mu.Unlock()
		sendPage(rw, p)
	default:
		rw.Header().Set("Allow", "GET, HEAD, POST")
		sendPage(rw, page{status: http.StatusMethodNotAllowed, Title: "This can't be done here", Lead: "Open the link in a browser."})
	}
}

// submitHosted carries out a button. The answer leads to the page that shows
// the result, so that reloading that one repeats nothing.
func (s *Server) submitHosted(rw http.ResponseWriter, r *http.Request, text string) {
	r.Body = http.MaxBytesReader(rw, r.Body, maxHosted)
	if err := r.ParseForm(); err != nil {
		sendPage(rw, page{status: http.StatusBadRequest, Title: "This can't be read", Lead: "The form did not arrive as a browser sends it."})
		return
	}
	box := s.sandboxOfToken(text)
	box.enter()
	p := box.hostedPage(text, false)
	if p.Choices != nil {
		p = box.submitLink(r, text, p)
	}
	box.world.hooks.rouse()
	box.mu.Unlock()
	if p.status == http.StatusSeeOther {
		rw.Header().Set("Location", text+donePath) // relative, as a proxy may put the pages elsewhere
	}
	sendPage(rw, p)
}

// submitLink carries out a choice on the page of a usable link.
func (s *sandbox) submitLink(r *http.Request, text string, p page) page {
	form := r.PostForm
	given := form.Get("token")
	if !hmac.Equal([]byte(given), []byte(s.formToken(text, p.generation))) {
		return page{
			status: http.StatusForbidden, Account: p.Account, Live: p.Live, Title: "This page is out of date",
			Lead: "Nothing was submitted. Open the link again and choose there.", Again: text,
		}
	}
	c, known := codeNamed(form.Get("outcome"))
	at := slices.IndexFunc(paces, func(p pace) bool { return p.Name == form.Get("pace") })
	visited := &s.world.sessions[p.session]
	known = known && visited.options.possible(visited.kind, c)
	if at < 0 || !known && form.Get("outcome") != outcomePass {
		return page{
			status: http.StatusBadRequest, Account: p.Account, Live: p.Live, Title: "There is no such choice",
			Lead: "Nothing was submitted. Open the link again and choose there.", Again: text,
		}
	}
	s.world.endVisit(p.session, c, paces[at])
	return page{status: http.StatusSeeOther, Title: "Submitted"}
}

// endVisit is the end of a person's visit to the page: they leave without submitting,
// or they submit and the decision follows after a while. Either way the link is used.
func (w *world) endVisit(i uint32, c code, p pace) {
	w.use(i)
	if c != 0 && failures[c].check == checkNone {
		w.soon(0, i, stepLeave, c)
		return
	}
	w.submit(i)
	if !p.never {
		w.soon(p.takes, i, stepDecide, c)
	}
}

func newFormKey() (key [sha256.Size]byte) {
	_, _ = rand.Read(key[:]) // never fails
	return key
}

// formToken ties a form to a link and to the session's state when the page was shown:
// no other site can know it, and an old page submits nothing. The key is
// not of the world, whose seed is no secret.
func (s *sandbox) formToken(link string, generation uint16) string {
	mac := hmac.New(sha256.New, s.formKey[:])
	mac.Write([]byte{byte(generation >> 8), byte(generation)})
	mac.Write([]byte(link))
	return hex.EncodeToString(mac.Sum(nil))
}

// sendPage writes a page that loads nothing, is framed by its parents only, and tells no other
// site where it is: the address alone opens the session. The referrer must not
// be turned off altogether, because the browser then hides the Origin of forms.
func sendPage(rw http.ResponseWriter, p page) {
	p.Nonce = rand.Text()
	pageHeaders(rw.Header(), p.Nonce, p.Parents)
	rw.WriteHeader(p.status)
	_ = hostedTemplate.Execute(rw, p) // a client that has left is no error here
}

func pageHeaders(h http.Header, nonce string, framedBy []string) {
	parents := "'none'"
	if len(framedBy) > 0 {
		parents = strings.Join(framedBy, " ")
	} else {
		h.Set("X-Frame-Options", "DENY")
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+
		"'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "+parents)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "no-store")
}
