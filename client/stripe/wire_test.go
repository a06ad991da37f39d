package stripe_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/stripe"
)

const (
	secretKey = "rk_test_51Canary0KeyThatMustNeverBeSeenAnywhere9zYx"
	sessionID = "vs_1NuNAILkdIwHu7ixh7OtGMLw"
	otherID   = "vs_1NuN3kLkdIwHu7ixk5OvTq3b"
	reportID  = "vr_1NuNAILkdIwHu7ixh7OtGMLw"
)

// reply is what the fake server does with one request.
type reply struct {
	status int
	header string // "Name: value" lines
	body   string
	err    error         // instead of an answer
	after  time.Duration // how long it takes
}

// request is what the fake server saw.
type request struct {
	method, url, body string
	header            http.Header
}

// script is a transport that answers request n with reply n, and every further
// one with the last. It ends with the context of the request.
type script struct {
	replies []reply
	seen    []request
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	seen := request{method: r.Method, url: r.URL.String(), header: r.Header}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		seen.body = string(body)
	}
	next := s.replies[min(len(s.seen), len(s.replies)-1)]
	s.seen = append(s.seen, seen)
	if next.after > 0 {
		select {
		case <-time.After(next.after):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if next.err != nil {
		return nil, next.err
	}
	resp := &http.Response{StatusCode: next.status, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(next.body))}
	for line := range strings.Lines(next.header) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		resp.Header.Set(name, value)
	}
	return resp, nil
}

// over returns a client that sends through the transport.
func over(t testing.TB, transport http.RoundTripper, change ...func(*stripe.Config)) *stripe.Client {
	t.Helper()
	key, err := client.ParseKey(secretKey)
	if err != nil {
		t.Fatal(err)
	}
	config := stripe.Config{Key: key, Transport: transport}
	for _, f := range change {
		f(&config)
	}
	api, err := stripe.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// once turns the retries off.
func once(c *stripe.Config) { c.Attempts = 1 }

// answers is a script that gives each of the bodies with 200.
func answers(bodies ...string) *script {
	s := &script{}
	for _, body := range bodies {
		s.replies = append(s.replies, reply{status: 200, body: body})
	}
	return s
}

// session returns the JSON of a session as Stripe writes it without expansion.
func session(id, status string) string {
	return fmt.Sprintf(`{"id":%q,"object":"identity.verification_session","client_reference_id":null,
"client_secret":%q,"created":1695680526,"last_error":null,"last_verification_report":null,"livemode":false,
"metadata":{"user_id":"ann_1"},"options":{"document":{"require_matching_selfie":true}},"redaction":null,
"related_customer":null,"related_customer_account":null,"status":%q,"type":"document","url":%q}`,
		id, canarySecret, status, canaryURL)
}

// stripeError returns the JSON of an error as Stripe writes it.
func stripeError(kind, code, message string) string {
	if code != "" {
		code = fmt.Sprintf(`"code":%q,`, code)
	}
	return fmt.Sprintf(`{"error":{%s"message":%q,"type":%q}}`, code, message, kind)
}

// list returns the JSON of a page.
func list(more bool, rows ...string) string {
	return fmt.Sprintf(`{"object":"list","url":"/v1/x","has_more":%t,"data":[%s]}`, more, strings.Join(rows, ","))
}

const (
	canarySecret = "vs_canary_secret_test_Zk3vY8"
	canaryURL    = "https://verify.stripe.com/start/test_canaryUrlQ7"
)
