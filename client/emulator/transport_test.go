package emulator

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
)

// closing notes that a request's body was closed.
type closing struct {
	io.Reader
	closed *bool
}

func (c closing) Close() error { *c.closed = true; return nil }

// misbehave is a handler with an answer of each kind.
func misbehave(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	rw.Header().Set("X-Seen", r.Method+" "+r.Host+" "+r.RequestURI+" "+string(body))
	switch r.URL.Path {
	case "/nothing":
	case "/abort":
		panic(http.ErrAbortHandler)
	case "/short":
		rw.Header().Set("Content-Length", "100")
		io.WriteString(rw, "short")
	case "/abort-inside":
		rw.Header().Set("Content-Length", "100")
		io.WriteString(rw, "inside")
		rw.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case "/abort-unsized":
		io.WriteString(rw, "unsized")
		panic(http.ErrAbortHandler)
	default:
		rw.WriteHeader(http.StatusTeapot)
		rw.WriteHeader(http.StatusOK)
		rw.Header().Set("X-Late", "not sent")
		io.WriteString(rw, "hello")
	}
}

func TestTransport(t *testing.T) {
	for _, test := range []struct {
		path         string
		status       int
		body         string
		length       int64
		refused, end error
	}{
		{"/", 418, "hello", 5, nil, nil},
		{"/nothing", 200, "", 0, nil, nil},
		{"/abort", 0, "", 0, syscall.ECONNRESET, nil},
		{"/short", 200, "short", 100, nil, io.ErrUnexpectedEOF},
		{"/abort-inside", 200, "inside", 100, nil, io.ErrUnexpectedEOF},
		{"/abort-unsized", 200, "unsized", -1, nil, io.ErrUnexpectedEOF},
	} {
		closed := false
		r, _ := http.NewRequest("POST", "http://somewhere:99"+test.path+"?a=b", closing{strings.NewReader("body"), &closed})
		res, err := (&http.Client{Transport: Transport(http.HandlerFunc(misbehave))}).Do(r)
		if !closed {
			t.Error(test.path, "the request's body was not closed")
		}
		if !errors.Is(err, test.refused) || (err == nil) != (test.refused == nil) {
			t.Error(test.path, err)
		}
		if err != nil {
			continue
		}
		body, err := io.ReadAll(res.Body)
		if res.StatusCode != test.status || string(body) != test.body || res.ContentLength != test.length || err != test.end || res.Header.Get("X-Late") != "" {
			t.Errorf("%s: %v %q %d %v", test.path, res.Status, body, res.ContentLength, err)
		}
		if want := "POST somewhere:99 " + test.path + "?a=b body"; res.Header.Get("X-Seen") != want {
			t.Errorf("the handler saw %q, want %q", res.Header.Get("X-Seen"), want)
		}
	}
}

func TestTransportEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Config{Now: time.Now})
		c.post(t, "/_emulator/fault", "mode", "hang").ok(t)
		hc := &http.Client{Transport: Transport(c.s), Timeout: 10 * time.Second}
		began := time.Now()
		_, err := hc.Get("http://emulator" + sessionsPath)
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(began) != 10*time.Second {
			t.Error(err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r, _ := http.NewRequestWithContext(ctx, "GET", "http://emulator/", nil)
		if _, err := Transport(c.s).RoundTrip(r); err != context.Canceled {
			t.Error(err)
		}
	})
}

func TestTransportPassesPanicsOn(t *testing.T) {
	defer func() {
		if p := recover(); p != "bug" {
			t.Error("recovered", p)
		}
	}()
	r, _ := http.NewRequest("GET", "http://emulator/", nil)
	_, _ = Transport(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("bug") })).RoundTrip(r)
}
