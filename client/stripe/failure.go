package stripe

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"syscall"

	"idtop/client"
)

// maxMessage is how much foreign text an error holds, in characters.
const maxMessage = 200

// failure is a failed attempt, with two answers for the retry loop.
type failure struct {
	err     *client.Error
	repeat  bool // the same request, with the same key, may be sent again
	settles bool // the answer also decides the earlier attempts
}

// wireError is Stripe's form of an error.
type wireError struct {
	Type    string `json:"type"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Param   string `json:"param"`
}

// failureOf turns a failed attempt into an error and decides whether it may be
// repeated. No other place does.
//
// A GET is repeated when no answer came and on 409, 429 and 5xx. A POST is
// repeated in the same cases but 5xx, always with its idempotency key: Stripe
// replays a stored 5xx for a day, so only a look at the session can tell more.
func (s *Client) failureOf(ctx context.Context, c *call, x *exchange, err error) *failure {
	var odd *oddAnswer
	var late *errNoTurn
	switch {
	case errors.As(err, &late):
		f := s.failed(c, x, client.KindRateLimit, late.Error())
		f.err.Retryable, f.err.After, f.err.Err = true, late.after, late.Unwrap()
		return f
	case errors.Is(err, errReadOnly):
		return &failure{err: c.refusal(errReadOnly.Error())}
	case errors.As(err, &odd):
		f := s.failed(c, x, client.KindInvalid, odd.what)
		f.err.Status, f.err.Cause = orDefault(f.err.Status, odd.status), odd.cause
		f.err.Undecided = c.writes()
		return f
	case !x.complete:
		return s.unanswered(ctx, c, x, err)
	case x.status >= 400:
		return s.refusedByServer(c, x)
	}
	// An answer in 2xx that could not be decoded.
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return s.unanswered(ctx, c, x, err)
	}
	f := s.failed(c, x, client.KindInvalid, err.Error())
	f.err.Undecided, f.err.Err = c.writes(), s.cause(err)
	switch {
	case errors.Is(err, errOtherMode):
		f.err.Cause = client.CauseOtherMode
	case isPage(x):
		f.err.Cause = client.CausePage
	}
	return f
}

// isPage tells whether an answer is a web page.
func isPage(x *exchange) bool {
	return strings.HasPrefix(x.header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(x.body), []byte("<"))
}

// failed starts a failure with the fields that do not depend on its kind.
func (s *Client) failed(c *call, x *exchange, kind client.Kind, message string) *failure {
	e := &client.Error{Kind: kind, Op: c.op, ID: c.id, Status: x.status, Message: s.foreign(c.hide(message)), KeyHint: s.keyHint}
	if x.header != nil {
		e.RequestID, e.Date = s.word(x.header.Get("Request-Id")), serverDate(x.header)
		e.Limiter = s.word(x.header.Get("Stripe-Rate-Limited-Reason"))
		e.After = retryAfter(x.header)
	}
	return &failure{err: e}
}

// unanswered is the failure of a request without a complete answer.
func (s *Client) unanswered(ctx context.Context, c *call, x *exchange, err error) *failure {
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err // the URL holds the operator's search terms
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	var untrusted *tls.CertificateVerificationError
	final := errors.Is(err, context.Canceled) || errors.As(err, &untrusted) ||
		errors.Is(err, errLoopback) || errors.Is(err, errProxy)
	f := s.failed(c, x, client.KindNetwork, networkWords(err))
	f.err.Cause, f.err.Named = s.networkCause(err)
	f.err.Undecided = c.writes() && x.sent()
	f.err.Retryable = !final
	f.err.Err = s.cause(err)
	f.repeat = !final
	return f
}

// networkWords says why no complete answer came.
func networkWords(err error) string {
	var dns *net.DNSError
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return "stopped before the answer came"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within the time limit"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection ended before the answer was complete"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.As(err, &dns):
		return "the name " + dns.Name + " can't be resolved"
	case errors.As(err, &untrusted):
		return "the server's certificate is not trusted: " + untrusted.Err.Error()
	}
	return err.Error()
}

// networkCause tells why no complete answer came, and which name was not found.
func (s *Client) networkCause(err error) (cause client.Cause, name string) {
	var dns *net.DNSError
	var untrusted *tls.CertificateVerificationError
	var invalid x509.CertificateInvalidError
	var notTLS tls.RecordHeaderError
	var alert tls.AlertError
	var way *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return client.CauseName, s.foreign(dns.Name)
	case errors.As(err, &dns), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETDOWN):
		return client.CauseNoNetwork, ""
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return client.CauseExpired, ""
	case errors.As(err, &untrusted):
		return client.CauseCertificate, ""
	case errors.As(err, &notTLS), errors.As(err, &alert):
		return client.CauseTLS, ""
	case errors.As(err, &way) && way.Op == "proxyconnect", errors.Is(err, errProxy):
		return client.CauseProxy, ""
	case errors.Is(err, syscall.ECONNREFUSED):
		return client.CauseClosed, ""
	case errors.Is(err, context.DeadlineExceeded):
		return client.CauseSilence, ""
	}
	return client.CauseOfKind, ""
}

// refusedByServer is an answer of 400 or more.
func (s *Client) refusedByServer(c *call, x *exchange) *failure {
	var wire struct{ Error *wireError }
	if json.Unmarshal(x.body, &wire) != nil || wire.Error == nil {
		return s.refusedByStranger(c, x)
	}
	e := wire.Error
	f := s.failed(c, x, kindOf(c, x.status, e), e.Message)
	f.err.Code = s.word(e.Code)
	if f.err.Kind == client.KindPermission {
		if m := accountInMessage.FindStringSubmatch(e.Message); m != nil {
			c.account = m[1]
		}
		f.err.Message = s.foreign(c.hide(permissionWords(e.Message)))
		if f.err.Named, _ = permissionNamed(e.Message); f.err.Named != "" {
			f.err.Cause = client.CausePermission
		}
	}
	if x.status == http.StatusPaymentRequired {
		f.err.Cause = client.CauseTurnedDown
	}
	f.settles = (x.status == 400 && e.Type != "idempotency_error") || x.status == 404
	f.repeatBy(c, x)
	return f
}

// refusedByStranger is an error in another form than Stripe's: from a proxy, a load
// balancer, or an entirely different server.
func (s *Client) refusedByStranger(c *call, x *exchange) *failure {
	kind := client.KindInvalid
	switch {
	case x.status == http.StatusTooManyRequests:
		kind = client.KindRateLimit
	case x.status >= 500:
		kind = client.KindServer
	}
	message := fmt.Sprintf("HTTP %d %s", x.status, http.StatusText(x.status))
	if sample := sampleOf(x.body); sample != "" {
		message += ": " + sample
	}
	f := s.failed(c, x, kind, message)
	switch {
	case x.status == http.StatusProxyAuthRequired:
		f.err.Cause = client.CauseProxy
	case kind == client.KindServer:
		f.err.Cause = client.CauseStranger
	case kind == client.KindInvalid && isPage(x):
		f.err.Cause = client.CausePage
	}
	f.repeatBy(c, x)
	return f
}

// repeatBy decides whether the request is repeated after an answer of 400 or more.
func (f *failure) repeatBy(c *call, x *exchange) {
	passing := x.status == http.StatusConflict || x.status == http.StatusTooManyRequests
	broken := x.status >= 500
	f.err.Undecided = c.writes() && (broken || f.err.Code == "idempotency_key_in_use")
	f.err.Retryable = passing || broken && !c.writes()
	f.repeat = f.err.Retryable
	switch x.header.Get("Stripe-Should-Retry") {
	case "true":
		f.repeat = passing || broken
	case "false":
		f.repeat = false
		f.err.Retryable = f.err.Retryable && !c.writes()
	}
}

// kindOf reads the kind of an error in Stripe's form.
func kindOf(c *call, status int, e *wireError) client.Kind {
	switch {
	case e.Code == "resource_missing":
		return client.KindNotFound
	case e.Code == "lock_timeout":
		return client.KindConflict
	case status >= 500:
		return client.KindServer
	}
	switch status {
	case http.StatusUnauthorized:
		return client.KindAuth
	case http.StatusForbidden:
		return client.KindPermission
	case http.StatusNotFound:
		return client.KindNotFound
	case http.StatusConflict:
		return client.KindConflict
	case http.StatusTooManyRequests:
		return client.KindRateLimit
	case http.StatusBadRequest:
		// Stripe's refusals because of a state have no code of their own. A refusal
		// that names a parameter is about the request instead.
		if c.acts && e.Type == "invalid_request_error" && e.Param == "" && !strings.HasPrefix(e.Code, "parameter_") {
			return client.KindState
		}
	}
	return client.KindUnknown
}

var (
	accountInMessage = regexp.MustCompile(`on account '(acct_[A-Za-z0-9]{3,64})'`)
	permissionName   = regexp.MustCompile(`"([A-Za-z ]{3,60})" \('([a-z0-9_]{3,60})'\)`)
	permissionCode   = regexp.MustCompile(`'(rak_[a-z0-9_]{3,60})'`)
)

// permissionWords names the missing permission from Stripe's two wordings of a 403,
// with the Dashboard's word if known.
func permissionWords(message string) string {
	switch name, code := permissionNamed(message); {
	case name != "" && name != code:
		return fmt.Sprintf("the key lacks the permission %q (%s)", name, code)
	case code != "":
		return "the key lacks the permission " + code
	}
	return message
}

// permissionNamed is the missing permission by the Dashboard's word, or else by its
// code, and its code; both are "" when none is named.
func permissionNamed(message string) (name, code string) {
	if m := permissionName.FindStringSubmatch(message); m != nil {
		return m[1], m[2]
	}
	if m := permissionCode.FindStringSubmatch(message); m != nil {
		if p, ok := client.PermissionOf(m[1]); ok {
			return p.Name, m[1]
		}
		return m[1], m[1]
	}
	return "", ""
}

// foreign makes foreign text fit for an error: without the key, valid UTF-8, in one
// line, at most maxMessage characters.
func (s *Client) foreign(text string) string {
	text = s.key.Scrub(text[:min(len(text), 64<<10)])
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	return cut(text, maxMessage)
}

// cause returns an underlying error unchanged, for errors.Is, unless it contains
// the key.
func (s *Client) cause(err error) error {
	text := err.Error()
	if clean := s.key.Scrub(text); clean != text {
		return errors.New(cut(clean, maxMessage))
	}
	return err
}

var wordForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// word returns a foreign identifier, or "" for text of another form.
func (s *Client) word(text string) string {
	if !wordForm.MatchString(text) {
		return ""
	}
	return s.key.Scrub(text)
}

// cut shortens text to at most n characters.
func cut(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}
