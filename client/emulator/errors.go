package emulator

import (
	"fmt"
	"net/http"
	"unicode/utf8"
)

// apiError is an answer that refuses, in Stripe's form.
type apiError struct {
	status  int
	kind    string // type on the wire
	code    string // "" is left out, as are param and doc
	param   string
	message string
	// early marks a refusal before the endpoint began to execute: it is not kept
	// for the idempotency key, so that the same key can be used again.
	early bool
}

func (e *apiError) Error() string { return e.message }

// The types of error that exist on the wire.
const (
	typeInvalid     = "invalid_request_error"
	typeIdempotency = "idempotency_error"
	typeServer      = "api_error"
)

// invalid is a 400 about a parameter (param may be "").
func invalid(param, code, format string, args ...any) *apiError {
	return &apiError{
		status: http.StatusBadRequest, kind: typeInvalid, code: code, param: param,
		message: fmt.Sprintf(format, args...), early: true,
	}
}

// required is a 400 because a parameter was not sent.
func required(param string) *apiError {
	return invalid(param, "parameter_missing", "Missing required param: %s.", param)
}

// refused is a 400 because of the state of an object.
func refused(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, kind: typeInvalid, message: fmt.Sprintf(format, args...)}
}

// missing is the 404 of an object that does not exist, is of the other mode or
// of another account: the three look the same.
func missing(noun, id, param string) *apiError {
	return &apiError{
		status: http.StatusNotFound, kind: typeInvalid, code: "resource_missing", param: param,
		message: fmt.Sprintf("No such %s: '%s'", noun, clip(id)),
	}
}

// clip keeps an answer readable when it quotes a request. It does not cut through
// a character, where the text has any: a path need not be UTF-8.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	for n := most; n > most-utf8.UTFMax; n-- {
		if utf8.RuneStart(s[n]) {
			return s[:n] + "…"
		}
	}
	return s[:most] + "…"
}

// answer writes the error's body. log is the address of the request's log.
func (e *apiError) answer(log string) answer {
	var o out
	o.open('{')
	o.key("error").open('{')
	if e.code != "" {
		o.key("code").text(e.code)
		o.key("doc_url").text("https://stripe.com/docs/error-codes/" + hyphened(e.code))
	}
	o.key("message").text(e.message)
	if e.param != "" {
		o.key("param").text(e.param)
	}
	if log != "" {
		o.key("request_log_url").text(log)
	}
	o.key("type").text(e.kind)
	o.close('}')
	o.close('}')
	return answer{status: e.status, body: o.b, early: e.early}
}

// hyphened turns an error code into the name of its page.
func hyphened(code string) string {
	b := []byte(code)
	for i, c := range b {
		if c == '_' {
			b[i] = '-'
		}
	}
	return string(b)
}
