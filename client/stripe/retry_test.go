package stripe_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/stripe"
)

var (
	fine       = reply{status: 200, body: session(sessionID, "canceled")}
	reset      = reply{err: syscall.ECONNRESET}
	broken     = reply{status: 500, body: stripeError("api_error", "", "Sorry.")}
	limited    = reply{status: 429, header: "Retry-After: 3", body: stripeError(invalidRequest, "rate_limit", "Slow down.")}
	locked     = reply{status: 429, body: stripeError(invalidRequest, "lock_timeout", "Locked.")}
	inUse      = reply{status: 409, body: stripeError("idempotency_error", "idempotency_key_in_use", "In use.")}
	forbidden  = reply{status: 403, body: stripeError(invalidRequest, "", "No.")}
	wrongState = reply{status: 400, body: stripeError(invalidRequest, "", "Not in this state.")}
)

// with returns the reply with one more header.
func (r reply) with(header string) reply {
	r.header += "\n" + header
	return r
}

// courses tells for each course of answers how many requests go out, after
// which time, and what the caller gets to know.
var courses = []struct {
	name      string
	post      bool
	replies   []reply
	requests  int
	least     time.Duration // at the end, on the fake clock
	kind      client.Kind   // of the error; KindUnknown means success
	undecided bool
}{
	{name: "read after a reset", replies: []reply{reset, fine}, requests: 2, least: 250 * time.Millisecond},
	{name: "read after a server error", replies: []reply{broken, broken, fine}, requests: 3, least: 750 * time.Millisecond},
	{name: "read while limited", replies: []reply{limited, fine}, requests: 2, least: 3 * time.Second},
	{name: "read while locked", replies: []reply{locked, fine}, requests: 2, least: 250 * time.Millisecond},
	{name: "read in conflict", replies: []reply{inUse, fine}, requests: 2, least: 250 * time.Millisecond},
	{name: "read cut off", replies: []reply{{status: 200, body: session(sessionID, "verified")[:99]}, fine}, requests: 2},
	{name: "read never answered", replies: []reply{reset}, requests: 4, least: 1750 * time.Millisecond, kind: client.KindNetwork},
	{name: "read hangs once", replies: []reply{{after: time.Hour}, fine}, requests: 2, least: 20 * time.Second},
	{name: "read hangs for ever", replies: []reply{{after: time.Hour}}, requests: 3, least: time.Minute, kind: client.KindNetwork},
	{name: "read slow but in time", replies: []reply{{after: 10 * time.Second, status: 200, body: fine.body}}, requests: 1, least: 10 * time.Second},
	{name: "read forbidden", replies: []reply{forbidden.with("Stripe-Should-Retry: true")}, requests: 1, kind: client.KindPermission},
	{name: "read of nonsense", replies: []reply{{status: 200, body: "null"}}, requests: 1, kind: client.KindInvalid},
	{name: "read that Stripe gives up", replies: []reply{broken.with("Stripe-Should-Retry: false")}, requests: 1, kind: client.KindServer},
	{name: "wait longer than bearable", replies: []reply{limited.with("Retry-After: 600")}, requests: 1, kind: client.KindRateLimit},

	{name: "write after a reset", post: true, replies: []reply{reset, fine}, requests: 2},
	{name: "write while limited", post: true, replies: []reply{limited, limited, fine}, requests: 3, least: 6 * time.Second},
	{name: "write meets itself", post: true, replies: []reply{{after: time.Hour}, inUse, fine}, requests: 3, least: 20 * time.Second},
	{name: "write never answered", post: true, replies: []reply{reset}, requests: 4, kind: client.KindNetwork, undecided: true},
	{name: "write limited to the end", post: true, replies: []reply{limited}, requests: 4, kind: client.KindRateLimit},
	{name: "write with a server error", post: true, replies: []reply{broken}, requests: 1, kind: client.KindServer, undecided: true},
	{name: "write that Stripe wants again", post: true, replies: []reply{broken.with("Stripe-Should-Retry: true"), fine}, requests: 2},
	{name: "write that Stripe gives up", post: true, replies: []reply{inUse.with("Stripe-Should-Retry: false")}, requests: 1, kind: client.KindConflict, undecided: true},
	{name: "write refused", post: true, replies: []reply{wrongState}, requests: 1, kind: client.KindState},
	{name: "write lost, then forbidden", post: true, replies: []reply{reset, forbidden}, requests: 2, kind: client.KindPermission, undecided: true},
	{name: "write lost, then limited", post: true, replies: []reply{reset, limited}, requests: 4, kind: client.KindRateLimit, undecided: true},
	{name: "write lost, then settled", post: true, replies: []reply{reset, wrongState}, requests: 2, kind: client.KindState},
}

func TestRetries(t *testing.T) {
	for _, test := range courses {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, start := &script{replies: test.replies}, time.Now()
				api := over(t, server)
				var err error
				if test.post {
					_, err = api.CancelSession(t.Context(), sessionID, "key-1")
				} else {
					_, err = api.GetSession(t.Context(), sessionID)
				}
				if client.KindOf(err) != test.kind || (err == nil) != (test.kind == client.KindUnknown) {
					t.Errorf("got the error %v, want kind %d", err, test.kind)
				}
				var failed *client.Error
				if errors.As(err, &failed) && failed.Undecided != test.undecided {
					t.Errorf("undecided is %t", failed.Undecided)
				}
				if took := time.Since(start); took < test.least || took > test.least+30*time.Second {
					t.Errorf("it took %s, want %s or a little more", took, test.least)
				}
				sameEachTime(t, server.seen, test.requests, test.post)
			})
		})
	}
}

// sameEachTime checks that all attempts were one and the same request.
func sameEachTime(t *testing.T, seen []request, requests int, post bool) {
	t.Helper()
	if len(seen) != requests {
		t.Fatalf("%d requests went out, want %d", len(seen), requests)
	}
	key := ""
	if post {
		key = "key-1"
	}
	for _, r := range seen {
		if r.url != seen[0].url || r.body != seen[0].body || r.header.Get("Idempotency-Key") != key {
			t.Errorf("an attempt was another request: %+v", r)
		}
	}
}

// TestRetryAfterIsKept: a wait that is too long for one call is the caller's.
func TestRetryAfterIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, start := &script{replies: []reply{limited.with("Retry-After: 11")}}, time.Now()
		_, err := over(t, server).GetSession(t.Context(), sessionID)
		var failed *client.Error
		if !errors.As(err, &failed) || failed.After != 11*time.Second || !failed.Retryable || len(server.seen) != 1 || time.Since(start) != 0 {
			t.Errorf("got %#v after %s", err, time.Since(start))
		}
	})
}

// TestContextEndsCalls: whatever a call waits for, it ends with its context,
// without any time going by.
func TestContextEndsCalls(t *testing.T) {
	for name, first := range map[string]reply{
		"an answer":     {after: time.Hour},
		"the next try":  reset,
		"a rate limit":  limited.with("Retry-After: 9"),
		"a late server": {after: 15 * time.Second, err: io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				api := over(t, &script{replies: []reply{first}})
				go func() {
					_, err := api.RedactSession(ctx, sessionID, "key-1")
					done <- err
				}()
				time.Sleep(100 * time.Millisecond)
				synctest.Wait()
				stopped := time.Now()
				cancel()
				err := <-done
				if time.Since(stopped) != 0 {
					t.Errorf("it ended %s after its context", time.Since(stopped))
				}
				var failed *client.Error
				if !errors.As(err, &failed) || !errors.Is(err, context.Canceled) {
					t.Fatalf("got %#v", err)
				}
				if undecided := first.status != 429; failed.Undecided != undecided {
					t.Errorf("undecided is %t", failed.Undecided)
				}
				if !strings.Contains(failed.Hint(), "stopped") && !failed.Undecided {
					t.Errorf("the hint is %q", failed.Hint())
				}
			})
		})
	}
}

func TestContextThatIsOver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	server := answers(session(sessionID, "canceled"))
	_, err := over(t, server).CancelSession(ctx, sessionID, "key-1")
	var failed *client.Error
	if !errors.As(err, &failed) || !errors.Is(err, context.Canceled) || failed.Undecided || failed.Retryable || len(server.seen) != 0 {
		t.Errorf("got %#v after %d requests", err, len(server.seen))
	}
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := over(t, &script{replies: []reply{{after: time.Hour}}}).GetSession(ctx, sessionID)
		if !errors.Is(err, context.DeadlineExceeded) || client.KindOf(err) != client.KindNetwork || time.Since(start) != 5*time.Second {
			t.Errorf("got %#v after %s", err, time.Since(start))
		}
	})
}

func TestReadOnly(t *testing.T) {
	server := answers(session(sessionID, "canceled"))
	api := over(t, server, func(c *stripe.Config) { c.ReadOnly = true })
	if _, err := api.GetSession(t.Context(), sessionID); err != nil {
		t.Error(err)
	}
	ctx, key := t.Context(), client.NewIdempotencyKey()
	_, e1 := api.CancelSession(ctx, sessionID, key)
	_, e2 := api.RedactSession(ctx, sessionID, key)
	_, e3 := api.UpdateSession(ctx, sessionID, client.SessionUpdateParams{}, key)
	_, e4 := api.CreateSession(ctx, client.SessionCreateParams{Type: "document"}, key)
	for _, err := range []error{e1, e2, e3, e4} {
		var failed *client.Error
		if !errors.As(err, &failed) || failed.Kind != client.KindRefused || failed.Undecided || !strings.Contains(failed.Message, "read-only") {
			t.Errorf("got %#v", err)
		}
	}
	for _, r := range server.seen {
		if r.method != http.MethodGet {
			t.Errorf("a %s went out", r.method)
		}
	}
}

func TestGateOpensAndCloses(t *testing.T) {
	gate := new(client.Gate)
	server := answers(session(sessionID, "canceled"))
	api := over(t, server, func(c *stripe.Config) { c.Gate = gate })
	gate.Open()
	if _, err := api.CancelSession(t.Context(), sessionID, client.NewIdempotencyKey()); err != nil {
		t.Error(err)
	}
	gate.Close()
	if _, err := api.CancelSession(t.Context(), sessionID, client.NewIdempotencyKey()); client.KindOf(err) != client.KindRefused {
		t.Errorf("got %v", err)
	}
	if len(server.seen) != 1 {
		t.Errorf("%d requests went out", len(server.seen))
	}
}
