package stripe

import (
	"net/http"
	"strconv"
	"time"

	"idtop/client"
)

// backoff is the wait between the attempts of a call. If a server asks for more
// than Longest, the call fails and the caller decides.
var backoff = client.Backoff{First: 500 * time.Millisecond, Longest: 10 * time.Second}

// retryAfter reads how long the server asks to wait, in seconds or as a date, which
// is compared with the server's own clock if the answer has it.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now := serverDate(h)
	if now.IsZero() {
		now = time.Now()
	}
	return max(0, until.Sub(now))
}

// serverDate returns the server's clock, the zero time if it did not say.
func serverDate(h http.Header) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date
}
