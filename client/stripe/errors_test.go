package stripe_test

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"idtop/client"
)

const invalidRequest = "invalid_request_error"

// failures is every class of failure of a single attempt. write is what it
// means for a POST that acts on a session, where that differs.
var failures = []struct {
	name    string
	reply   reply
	get     client.Error // Kind, Status, Code, RequestID, Date, Retryable, After, Limiter are compared
	post    *client.Error
	message string // contained in the message
}{
	{
		name: "wrong key",
		reply: reply{status: 401, header: "Request-Id: req_1", body: stripeError(invalidRequest, "",
			"Invalid API Key provided: rk_test_********************9zYx")},
		get:     client.Error{Kind: client.KindAuth, Status: 401, RequestID: "req_1"},
		message: "Invalid API Key provided: rk_test_****",
	},
	{
		name: "missing permission, older wording",
		reply: reply{status: 403, body: stripeError(invalidRequest, "", "The provided key 'rk_test_***9zYx' does not have the required permissions "+
			"for this endpoint on account 'acct_123456'. Having the 'rak_identity_product_read' permission would allow this request to continue.")},
		get:     client.Error{Kind: client.KindPermission, Cause: client.CausePermission, Named: "Identity, Verification Sessions and Reports: Read", Status: 403},
		message: `the key lacks the permission "Identity, Verification Sessions and Reports: Read" (rak_identity_product_read)`,
	},
	{
		name: "missing permission, newer wording",
		reply: reply{status: 403, body: stripeError(invalidRequest, "", "Permission denied. The provided key 'rk_test_***9zYx' does not have the required "+
			"permissions for this endpoint on account 'acct_123456'. Enabling \"Events Read\" ('event_read') permissions on this key would allow this request to continue.")},
		get:     client.Error{Kind: client.KindPermission, Cause: client.CausePermission, Named: "Events Read", Status: 403},
		message: `the key lacks the permission "Events Read" (event_read)`,
	},
	{
		name:    "missing permission, unknown wording",
		reply:   reply{status: 403, body: stripeError(invalidRequest, "", "You may not.")},
		get:     client.Error{Kind: client.KindPermission, Status: 403},
		message: "You may not.",
	},
	{
		name:    "not found",
		reply:   reply{status: 404, body: stripeError(invalidRequest, "resource_missing", "No such verificationsession: 'vs_x'")},
		get:     client.Error{Kind: client.KindNotFound, Status: 404, Code: "resource_missing"},
		message: "No such verificationsession",
	},
	{
		name:  "not found as a bad request",
		reply: reply{status: 400, body: stripeError(invalidRequest, "resource_missing", "No such cursor")},
		get:   client.Error{Kind: client.KindNotFound, Status: 400, Code: "resource_missing"},
	},
	{
		name:    "state",
		reply:   reply{status: 400, body: stripeError(invalidRequest, "", `You cannot cancel this VerificationSession because it has a status of "verified".`)},
		get:     client.Error{Kind: client.KindUnknown, Status: 400},
		post:    &client.Error{Kind: client.KindState, Status: 400},
		message: `a status of "verified"`,
	},
	{
		name:  "bad parameter",
		reply: reply{status: 400, body: `{"error":{"type":"invalid_request_error","code":"parameter_unknown","message":"Received unknown parameter: foo","param":"foo"}}`},
		get:   client.Error{Kind: client.KindUnknown, Status: 400, Code: "parameter_unknown"},
	},
	{
		name:  "other parameters under the same idempotency key",
		reply: reply{status: 400, body: stripeError("idempotency_error", "", "Keys for idempotent requests can only be used with the same parameters they were first used with.")},
		get:   client.Error{Kind: client.KindUnknown, Status: 400},
	},
	{
		name: "rate limit",
		reply: reply{status: 429, header: "Stripe-Rate-Limited-Reason: endpoint-rate\nRetry-After: 7",
			body: stripeError(invalidRequest, "rate_limit", "Request rate limit exceeded.")},
		get: client.Error{Kind: client.KindRateLimit, Status: 429, Code: "rate_limit", Retryable: true, After: 7 * time.Second, Limiter: "endpoint-rate"},
	},
	{
		name: "rate limit until a date",
		reply: reply{status: 429, header: "Date: Mon, 01 Jan 2024 10:00:00 GMT\nRetry-After: Mon, 01 Jan 2024 10:00:05 GMT",
			body: stripeError(invalidRequest, "rate_limit", "Request rate limit exceeded.")},
		get: client.Error{Kind: client.KindRateLimit, Status: 429, Code: "rate_limit", Retryable: true, After: 5 * time.Second, Date: time.Unix(1704103200, 0)},
	},
	{
		name:    "rate limit of a load balancer",
		reply:   reply{status: 429, body: "slow down"},
		get:     client.Error{Kind: client.KindRateLimit, Status: 429, Retryable: true},
		message: "HTTP 429 Too Many Requests: slow down",
	},
	{
		name:  "object locked",
		reply: reply{status: 429, body: stripeError(invalidRequest, "lock_timeout", "This object cannot be accessed right now.")},
		get:   client.Error{Kind: client.KindConflict, Status: 429, Code: "lock_timeout", Retryable: true},
	},
	{
		name:  "idempotency key in use",
		reply: reply{status: 409, body: stripeError("idempotency_error", "idempotency_key_in_use", "There is currently another in-progress request using this key.")},
		get:   client.Error{Kind: client.KindConflict, Status: 409, Code: "idempotency_key_in_use", Retryable: true},
		post:  &client.Error{Kind: client.KindConflict, Status: 409, Code: "idempotency_key_in_use", Retryable: true, Undecided: true},
	},
	{
		name:  "conflict that Stripe says to give up",
		reply: reply{status: 409, header: "Stripe-Should-Retry: false", body: stripeError(invalidRequest, "", "Conflict.")},
		get:   client.Error{Kind: client.KindConflict, Status: 409, Retryable: true},
		post:  &client.Error{Kind: client.KindConflict, Status: 409},
	},
	{
		name:  "server error",
		reply: reply{status: 500, header: "Request-Id: req_9", body: stripeError("api_error", "", "Sorry, something went wrong.")},
		get:   client.Error{Kind: client.KindServer, Status: 500, RequestID: "req_9", Retryable: true},
		post:  &client.Error{Kind: client.KindServer, Status: 500, RequestID: "req_9", Undecided: true},
	},
	{
		name:    "bad gateway in HTML",
		reply:   reply{status: 502, body: "<html><body>\n  <h1>502 Bad Gateway</h1></body></html>"},
		get:     client.Error{Kind: client.KindServer, Cause: client.CauseStranger, Status: 502, Retryable: true},
		post:    &client.Error{Kind: client.KindServer, Cause: client.CauseStranger, Status: 502, Undecided: true},
		message: "HTTP 502 Bad Gateway: <html><body> <h1>502",
	},
	{
		name:    "proxy",
		reply:   reply{status: 403, body: "<html>Blocked by policy</html>"},
		get:     client.Error{Kind: client.KindInvalid, Cause: client.CausePage, Status: 403},
		message: "HTTP 403 Forbidden: <html>Blocked by policy",
	},
	{
		name:    "connection reset",
		reply:   reply{err: syscall.ECONNRESET},
		get:     client.Error{Kind: client.KindNetwork, Retryable: true},
		post:    &client.Error{Kind: client.KindNetwork, Retryable: true, Undecided: true},
		message: "connection reset",
	},
	{
		name:    "truncated",
		reply:   reply{status: 200, body: session(sessionID, "verified")[:200]},
		get:     client.Error{Kind: client.KindNetwork, Status: 200, Retryable: true},
		post:    &client.Error{Kind: client.KindNetwork, Status: 200, Retryable: true, Undecided: true},
		message: "the connection ended before the answer was complete",
	},
	{
		name:    "HTML",
		reply:   reply{status: 200, body: "<!DOCTYPE html><title>Sign in to the airport</title>" + strings.Repeat("<p>", 500)},
		get:     client.Error{Kind: client.KindInvalid, Cause: client.CausePage, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Cause: client.CausePage, Status: 200, Undecided: true},
		message: "this came instead of an object: <!DOCTYPE html><title>Sign in to the airport</title>",
	},
	{
		name:    "invalid JSON",
		reply:   reply{status: 200, body: `{"id":"` + sessionID + `","client_secret":"` + canarySecret + `",,}`},
		get:     client.Error{Kind: client.KindInvalid, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Status: 200, Undecided: true},
		message: "invalid JSON came: wrong at byte",
	},
	{
		name:    "null",
		reply:   reply{status: 200, body: "null"},
		get:     client.Error{Kind: client.KindInvalid, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Status: 200, Undecided: true},
		message: "this came instead of an object: null",
	},
	{
		name:    "nothing",
		reply:   reply{status: 200},
		get:     client.Error{Kind: client.KindInvalid, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Status: 200, Undecided: true},
		message: "an empty answer came",
	},
	{
		name:    "a list",
		reply:   reply{status: 200, body: list(false, session(sessionID, "verified"))},
		get:     client.Error{Kind: client.KindInvalid, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Status: 200, Undecided: true},
		message: "the kind list came where an object of the kind identity.verification_session was asked for",
	},
	{
		name:    "an array",
		reply:   reply{status: 200, body: "[" + session(sessionID, "verified") + "]"},
		get:     client.Error{Kind: client.KindInvalid, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Status: 200, Undecided: true},
		message: "a JSON array came instead of an object",
	},
	{
		name:    "without an id",
		reply:   reply{status: 200, body: session("", "verified")},
		get:     client.Error{Kind: client.KindInvalid, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Status: 200, Undecided: true},
		message: "without an id",
	},
	{
		name:    "another id",
		reply:   reply{status: 200, body: session(otherID, "canceled")},
		get:     client.Error{Kind: client.KindInvalid, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Status: 200, Undecided: true},
		message: "another id than the one asked for",
	},
	{
		name:    "a field of another form",
		reply:   reply{status: 200, body: strings.Replace(session(sessionID, "verified"), "1695680526", `"19900130"`, 1)},
		get:     client.Error{Kind: client.KindInvalid, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Status: 200, Undecided: true},
		message: `a string came in the field "created", which should hold something else`,
	},
	{
		name:    "a redirect",
		reply:   reply{status: 307, header: "Location: https://evil.example/v1/x?y=z"},
		get:     client.Error{Kind: client.KindInvalid, Cause: client.CausePage, Status: 307},
		post:    &client.Error{Kind: client.KindInvalid, Cause: client.CausePage, Status: 307, Undecided: true},
		message: "a redirect (HTTP 307) to evil.example, which was not followed",
	},
	{
		name:    "too much",
		reply:   reply{status: 200, body: strings.Repeat(" ", 9<<20)},
		get:     client.Error{Kind: client.KindInvalid, Cause: client.CauseHuge, Status: 200},
		post:    &client.Error{Kind: client.KindInvalid, Cause: client.CauseHuge, Status: 200, Undecided: true},
		message: "an answer of more than 8 MiB",
	},
	{
		name:    "a body that breaks off",
		reply:   reply{err: io.ErrUnexpectedEOF},
		get:     client.Error{Kind: client.KindNetwork, Retryable: true},
		post:    &client.Error{Kind: client.KindNetwork, Retryable: true, Undecided: true},
		message: "the connection ended",
	},
}

func TestFailures(t *testing.T) {
	for _, test := range failures {
		t.Run(test.name, func(t *testing.T) {
			api := over(t, &script{replies: []reply{test.reply}}, once)
			_, err := api.GetSession(t.Context(), sessionID)
			compare(t, err, "read session", test.get, test.message)

			want := test.get
			if test.post != nil {
				want = *test.post
			}
			_, err = api.UpdateSession(t.Context(), sessionID, client.SessionUpdateParams{}, "key-1")
			compare(t, err, "update session", want, test.message)
		})
	}
}

// compare checks an error's members and that its sentence has what people need.
func compare(t *testing.T, err error, op string, want client.Error, message string) {
	t.Helper()
	var got *client.Error
	if !errors.As(err, &got) {
		t.Fatalf("%s: got %v, want an *Error", op, err)
	}
	if got.Op != op || got.ID != sessionID {
		t.Errorf("%s: the error is about %q %q", op, got.Op, got.ID)
	}
	if got.Kind != want.Kind || got.Cause != want.Cause || got.Named != want.Named || got.Status != want.Status || got.Code != want.Code || got.RequestID != want.RequestID ||
		got.Retryable != want.Retryable || got.Undecided != want.Undecided || got.After != want.After || got.Limiter != want.Limiter || !got.Date.Equal(want.Date) {
		t.Errorf("%s:\n got %#v\nwant %#v", op, *got, want)
	}
	if !strings.Contains(got.Message, message) {
		t.Errorf("%s: the message is %q, want %q in it", op, got.Message, message)
	}
	if n := len([]rune(got.Message)); n == 0 || n > 200 {
		t.Errorf("%s: the message has %d characters", op, n)
	}
	if strings.Contains(got.Error(), canarySecret) || strings.Contains(got.Error(), canaryURL) {
		t.Errorf("%s: the error shows a secret: %v", op, got)
	}
	if client.KindOf(err) != want.Kind || got.Hint() == "" || !strings.Contains(err.Error(), op+" "+sessionID+": ") {
		t.Errorf("%s: the sentence is %q, the hint %q", op, err, got.Hint())
	}
}
