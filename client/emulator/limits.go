package emulator

import (
	"net/http"
	"strings"
	"time"
)

// Stripe's limits in requests a second: of the account in its live mode and in
// a sandbox, of each operation over all its objects, and of reading and of writing
// files.
const (
	liveRate     = 100
	testRate     = 25
	endpointRate = 25
	fileRate     = 20
)

// The reasons that Stripe-Rate-Limited-Reason gives.
const (
	reasonGlobal   = "global-rate"
	reasonEndpoint = "endpoint-rate"
	reasonResource = "resource-specific"
)

// limitReasons are all of them; those that no limit here has can be asked for
// as a fault.
var limitReasons = []string{reasonGlobal, reasonEndpoint, "global-concurrency", "endpoint-concurrency", reasonResource}

// bucket holds as many tokens as a second brings, kept as the time at which it
// will be full again.
type bucket struct{ full int64 }

// has tells whether a token is there at a time.
func (b *bucket) has(rate, now int64) bool {
	return max(b.full, now)-now <= int64(time.Second)-int64(time.Second)/rate
}

func (b *bucket) take(rate, now int64) { b.full = max(b.full, now) + int64(time.Second)/rate }

// limits are the buckets of an account.
type limits struct{ buckets map[limitKey]*bucket }

// limitKey names the requests that a bucket counts.
type limitKey struct {
	live      bool
	operation string // "": all
}

// admit takes a token for a call, or gives the reason why there is none. A refused
// call takes none.
func (ls *limits) admit(a access, e *endpoint, now int64) (reason string) {
	total, of := int64(testRate), int64(endpointRate)
	if a.live {
		total = liveRate
	}
	operation := e.method + " " + e.path
	if strings.HasPrefix(e.path, filesPath) || strings.HasPrefix(e.path, linksPath) {
		of, operation = fileRate, e.method+" "+filesPath
	}
	all, one := ls.bucket(a.live, ""), ls.bucket(a.live, operation)
	switch {
	case !all.has(total, now):
		return reasonGlobal
	case !one.has(of, now):
		return reasonEndpoint
	}
	all.take(total, now)
	one.take(of, now)
	return ""
}

func (ls *limits) bucket(live bool, operation string) *bucket {
	if ls.buckets == nil {
		ls.buckets = map[limitKey]*bucket{}
	}
	key := limitKey{live, operation}
	b := ls.buckets[key]
	if b == nil {
		b = &bucket{}
		ls.buckets[key] = b
	}
	return b
}

// rateLimited is the answer of a limiter. log is the address of the request's
// log, or "".
func rateLimited(reason, log string) answer {
	e := &apiError{status: http.StatusTooManyRequests, kind: typeInvalid, code: "rate_limit", early: true,
		message: "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."}
	a := e.answer(log)
	a.header = [][2]string{{"Stripe-Rate-Limited-Reason", reason}}
	return a
}

// lockTimeout is the answer to a request on an object that another one holds.
func lockTimeout() *apiError {
	return &apiError{status: http.StatusTooManyRequests, kind: typeInvalid, code: "lock_timeout", early: true,
		message: "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. " +
			"If you see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent " +
			"requests to a single object, make your requests serially or at a lower rate."}
}

// lock lets a call change its object, or refuses because another call holds it.
// Calls take turns anyway, so only one that a fault keeps waiting is met.
func (s *sandbox) lock(c *call) *apiError {
	if c.end.method == http.MethodGet || c.object == "" {
		return nil
	}
	if s.held[c.object] {
		return lockTimeout()
	}
	if c.fault != nil && c.fault.waits() {
		if s.held == nil {
			s.held = map[string]bool{}
		}
		s.held[c.object], c.holds = true, true
	}
	return nil
}

// unlock lets others change the object of a call that is done.
func (s *sandbox) unlock(c *call) {
	if c.holds {
		delete(s.held, c.object)
	}
}
