package emulator

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkRate sends 2,000 requests a second over connections for ten seconds, as
// many as come due, whether or not earlier ones are answered, and tells how long
// answers take from the moment at which a request was due.
func BenchmarkRate(b *testing.B) {
	const rate, lasts, clients = 2000, 10 * time.Second, 64
	s := New(Config{Sessions: 100_000, Seed: 1})
	server := httptest.NewServer(s)
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	for b.Loop() {
		took := make([]time.Duration, rate*int(lasts/time.Second))
		var next atomic.Int64
		var all sync.WaitGroup
		began := time.Now()
		for range clients {
			all.Go(func() {
				id := ""
				for {
					n := int(next.Add(1)) - 1
					if n >= len(took) {
						return
					}
					due := began.Add(time.Duration(n) * time.Second / rate)
					time.Sleep(time.Until(due))
					made, err := request(transport, server.URL, n, id)
					if err != nil {
						b.Error(err)
						return
					}
					if made != "" {
						id = made
					}
					took[n] = time.Since(due)
				}
			})
		}
		all.Wait()
		slices.Sort(took)
		b.ReportMetric(float64(len(took))/time.Since(began).Seconds(), "requests/s")
		for _, permille := range []int{500, 990, 999} {
			b.ReportMetric(float64(took[len(took)*permille/1000].Microseconds())/1000, fmt.Sprint("p", float64(permille)/10, "-ms"))
		}
	}
}

// request sends the n-th request of a mix: sessions are created, submitted, read and
// listed. It gives the id of a session that it made.
func request(to http.RoundTripper, base string, n int, id string) (made string, err error) {
	method, path, body := "GET", sessionsPath+"?limit=10", ""
	switch {
	case id == "" || n%4 == 0:
		method, path, body = "POST", sessionsPath, url.Values{"type": {"document"}, "metadata[user_id]": {fmt.Sprint("user_", n)}}.Encode()
	case n%4 == 1:
		path = sessionsPath + "/" + id
	case n%4 == 2:
		path = eventsPath
	}
	r, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+secretKey)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := to.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s %s: %d %s %w", method, path, answer.StatusCode, text, err)
	}
	if method == "POST" {
		_, rest, _ := strings.Cut(string(text), `"id":"`)
		made, _, _ = strings.Cut(rest, `"`)
	}
	return made, nil
}
