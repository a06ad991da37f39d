package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// inProcess marks the context of a request that did not come over a network.
type inProcess struct{}

// transport serves requests with a handler in the same process.
type transport struct{ handler http.Handler }

// Transport gives a RoundTripper that serves every request by calling h in the
// caller's goroutine: no sockets, no goroutines, for every host.
//
// A handler that waits has to watch the request's context, as Server does; when
// the context has ended, its error is returned. A handler that panics with
// http.ErrAbortHandler is a connection that was reset (errors.Is(err,
// syscall.ECONNRESET)) if nothing was written yet, and otherwise a body that
// ends with io.ErrUnexpectedEOF, as does one that is shorter than its
// Content-Length. Other panics go through to the caller.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	served := r.Clone(context.WithValue(ctx, inProcess{}, true))
	served.RequestURI = r.URL.RequestURI()
	served.RemoteAddr = "127.0.0.1:0"
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	if served.Body == nil {
		served.Body = http.NoBody
	}
	rec := &recorder{header: http.Header{}}
	aborted := rec.serve(t.handler, served)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if aborted && rec.status == 0 {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return rec.response(r, aborted), nil
}

// recorder is the ResponseWriter of a request in the process.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int         // 0: not written yet
	body   bytes.Buffer
}

func (rec *recorder) Header() http.Header { return rec.header }

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status, rec.sent = status, rec.header.Clone()
	}
}

func (rec *recorder) Write(b []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	return rec.body.Write(b)
}

// Flush is there because handlers look for it; everything is delivered at once.
func (rec *recorder) Flush() { rec.WriteHeader(http.StatusOK) }

// serve calls the handler and tells whether it broke the connection off.
func (rec *recorder) serve(h http.Handler, r *http.Request) (aborted bool) {
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			aborted = true
		}
	}()
	h.ServeHTTP(rec, r)
	return false
}

func (rec *recorder) response(r *http.Request, aborted bool) *http.Response {
	rec.WriteHeader(http.StatusOK)
	length := int64(rec.body.Len())
	short := aborted
	if declared, err := strconv.ParseInt(rec.sent.Get("Content-Length"), 10, 64); err == nil {
		short = short || declared > length
		length = declared
	} else if aborted {
		length = -1
	}
	var body io.Reader = &rec.body
	if short {
		body = io.MultiReader(body, brokenEnd{})
	}
	return &http.Response{
		Status:     strconv.Itoa(rec.status) + " " + http.StatusText(rec.status),
		StatusCode: rec.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.sent, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}
}

// brokenEnd is the end of the answer where a connection broke.
type brokenEnd struct{}

func (brokenEnd) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
