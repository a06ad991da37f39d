package stripe_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/stripe"
)

// These tests go through sockets on loopback, where net/http's own behaviour
// matters.

// at returns a client of the server.
func at(t testing.TB, url string, change ...func(*stripe.Config)) *stripe.Client {
	t.Helper()
	return over(t, nil, append(change, func(c *stripe.Config) { c.BaseURL = url })...)
}

// TestRedirects: neither the key nor a body reaches another place.
func TestRedirects(t *testing.T) {
	var reached atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		io.WriteString(w, session(sessionID, "canceled"))
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 304, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", other.URL+r.URL.Path)
			w.WriteHeader(status)
		}))
		api := at(t, server.URL)
		_, err := api.GetSession(t.Context(), sessionID)
		_, err2 := api.CreateSession(t.Context(), client.SessionCreateParams{Type: "document", Email: "ann@example.com"}, "key-1")
		if client.KindOf(err) != client.KindInvalid || client.KindOf(err2) != client.KindInvalid {
			t.Errorf("%d: got %v and %v", status, err, err2)
		}
		server.Close()
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the other place got %d requests", n)
	}
}

// TestGzipBomb: 256 MiB of zeros in a megabyte are not unpacked.
func TestGzipBomb(t *testing.T) {
	var member bytes.Buffer
	z, _ := gzip.NewWriterLevel(&member, gzip.BestSpeed)
	z.Write(make([]byte, 4<<20))
	z.Close()
	bomb := bytes.Repeat(member.Bytes(), 64) // gzip members in a row are one stream
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb)
	}))
	defer server.Close()

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := at(t, server.URL).GetSession(t.Context(), sessionID)
	runtime.ReadMemStats(&after)
	if client.KindOf(err) != client.KindInvalid || !strings.Contains(err.Error(), "more than 8 MiB") {
		t.Errorf("got %v", err)
	}
	if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 64 {
		t.Errorf("%d MiB were allocated", grown)
	}
}

// TestBrokenConnections: what breaks on the way is a network error, and for a
// POST nobody knows what became of it, unless nothing was sent.
func TestBrokenConnections(t *testing.T) {
	hijack := func(answer string, reset bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, answer)
			if reset {
				conn.(*net.TCPConn).SetLinger(0)
			}
			conn.Close()
		}
	}
	body := session(sessionID, "canceled")
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		kind    client.Kind
	}{
		"reset":                {hijack("", true), client.KindNetwork},
		"closed":               {hijack("", false), client.KindNetwork},
		"cut off":              {hijack(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:50]), false), client.KindNetwork},
		"cut off, no length":   {hijack("HTTP/1.1 200 OK\r\n\r\n"+body[:50], false), client.KindNetwork},
		"cut off in chunks":    {hijack("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n"+body[:50]+"\r\n", false), client.KindNetwork},
		"not HTTP":             {hijack("SSH-2.0-OpenSSH_9.6\r\n", false), client.KindNetwork},
		"head without an end":  {hijack("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("y", 1<<20), false), client.KindNetwork},
		"compressed, but not":  {hijack("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", false), client.KindNetwork},
		"HTML of another host": {hijack("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 15\r\n\r\n<html>hi</html>", false), client.KindInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			defer server.Close()
			api := at(t, server.URL, once)
			_, err := api.GetSession(t.Context(), sessionID)
			_, err2 := api.CancelSession(t.Context(), sessionID, "key-1")
			var failed *client.Error
			if client.KindOf(err) != test.kind || !errors.As(err2, &failed) || failed.Kind != test.kind || !failed.Undecided {
				t.Errorf("got %v and %#v", err, err2)
			}
		})
	}
}

func TestNothingSent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, err = at(t, "http://"+address, once).CancelSession(t.Context(), sessionID, "key-1")
	var failed *client.Error
	if !errors.As(err, &failed) || failed.Kind != client.KindNetwork || failed.Undecided || !failed.Retryable {
		t.Errorf("got %#v", err)
	}

	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	defer tls.Close()
	start := time.Now()
	_, err = at(t, tls.URL).CancelSession(t.Context(), sessionID, "key-1")
	if !errors.As(err, &failed) || failed.Kind != client.KindNetwork || failed.Undecided || failed.Retryable ||
		!strings.Contains(failed.Message, "certificate is not trusted") || time.Since(start) > 5*time.Second {
		t.Errorf("got %#v", err)
	}
}

// TestHangingServer: a server that never answers does not outlive the context.
func TestHangingServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	_, err := at(t, server.URL).GetSession(ctx, sessionID)
	if !errors.Is(err, context.Canceled) || time.Since(start) > 5*time.Second {
		t.Errorf("got %v after %s", err, time.Since(start))
	}
	api := at(t, server.URL, once, func(c *stripe.Config) { c.Timeout = 50 * time.Millisecond })
	if _, err := api.GetSession(t.Context(), sessionID); client.KindOf(err) != client.KindNetwork {
		t.Errorf("got %v", err)
	}
}

// baseURLs maps each base to a piece of the error it gives, "" for none.
var baseURLs = map[string]string{
	"https://api.stripe.com":                 "",
	"https://api.stripe.com/":                "",
	"HTTPS://stripe.example:8443":            "",
	"http://127.0.0.1:12111":                 "",
	"http://127.8.9.10":                      "",
	"http://[::1]:12111/":                    "",
	"http://localhost:12111":                 "",
	"http://LocalHost":                       "",
	"http://[::ffff:127.0.0.1]:80":           "",
	"http://api.stripe.com":                  "unencrypted",
	"http://192.168.1.4:12111":               "unencrypted",
	"http://0.0.0.0:12111":                   "unencrypted",
	"http://[::]:12111":                      "unencrypted",
	"http://localhost.evil.example":          "unencrypted",
	"http://127.0.0.1.nip.io":                "unencrypted",
	"http://127.1":                           "unencrypted",
	"http://2130706433":                      "unencrypted",
	"http://[::1%25eth0]:80":                 "unencrypted",
	"http://127.0.0.1@evil.example":          "user name",
	"https://user:password@api.stripe.com":   "user name",
	"https://api.stripe.com/v1":              "path",
	"https://api.stripe.com/../x":            "path",
	"https://api.stripe.com//":               "path",
	"https://api.stripe.com?x=y":             "query",
	"https://api.stripe.com?":                "query",
	"https://api.stripe.com#x":               "query",
	"https://api.stripe.com#":                "query",
	"https://":                               "no host",
	"https:///v1":                            "no host",
	"https://:443":                           "no host",
	"https://api.stripe.com:":                "port",
	"https://api.stripe.com:0":               "port",
	"https://api.stripe.com:99999":           "port",
	"https://api.stripe.com:x":               "not a URL",
	"https://api.stripe.com\n":               "not a URL",
	"https://api stripe com":                 "not a URL",
	"https://api.stripe.com%2f@evil.example": "user name",
	"api.stripe.com":                         "https://",
	"localhost:12111":                        "https://",
	"127.0.0.1:12111":                        "not a URL",
	"ftp://127.0.0.1":                        "https://",
	"file:///etc/passwd":                     "https://",
	"unix:/tmp/x":                            "https://",
}

func TestBaseURL(t *testing.T) {
	key, err := client.ParseKey(secretKey)
	if err != nil {
		t.Fatal(err)
	}
	for base, why := range baseURLs {
		_, err := stripe.New(stripe.Config{Key: key, BaseURL: base})
		if (err == nil) != (why == "") || err != nil && !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got the error %v, want %q", base, err, why)
		}
		if err != nil && strings.Contains(err.Error(), "password@") {
			t.Errorf("%q: the error repeats the password: %v", base, err)
		}
	}
	if _, err := stripe.New(stripe.Config{}); err == nil {
		t.Error("a client without a key was made")
	}
}

// TestAPostWithoutParametersHasTheLengthZero: it went out chunked.
func TestAPostWithoutParametersHasTheLengthZero(t *testing.T) {
	lengths := make(chan string, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lengths <- fmt.Sprintf("%s %q %v", r.Method, r.Header.Get("Content-Length"), r.TransferEncoding)
		fmt.Fprintf(w, `{"id":%q,"object":"identity.verification_session","status":"canceled"}`, sessionID)
	}))
	defer server.Close()
	key, err := client.ParseKey(secretKey)
	if err != nil {
		t.Fatal(err)
	}
	api, err := stripe.New(stripe.Config{Key: key, BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.CancelSession(t.Context(), sessionID, "a-key"); err != nil {
		t.Fatal(err)
	}
	if got := <-lengths; got != `POST "0" []` {
		t.Errorf("the server got %s", got)
	}
}
