package stripe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	stripego "github.com/stripe/stripe-go/v85"

	"idtop/client"
)

// maxBody bounds an answer after decompression. A full page of sessions has
// about 200 KB; without a bound a small compressed answer can fill the memory.
const maxBody = 8 << 20

// userAgent names the program and nothing of the machine it runs on.
const userAgent = "idtop stripe-go/" + stripego.ClientVersion

// The refusals of the layers below.
var (
	errReadOnly = errors.New("idtop is in read-only mode and changes nothing at Stripe")
	errLoopback = errors.New("localhost does not lead to this machine, and plain http must not leave it")
	errProxy    = errors.New("the proxy address in HTTPS_PROXY is not a URL")
	errNoAnswer = errors.New("the transport gave no answer")
)

// oddAnswer is an answer that is not the API's, described in words.
type oddAnswer struct {
	status int
	cause  client.Cause
	what   string
}

func (e *oddAnswer) Error() string { return e.what }

// exchange records one attempt on the wire. stripe-go's errors drop the headers of
// every answer in another form than Stripe's, so they are kept here.
type exchange struct {
	op            string      // of the call, which names its endpoint
	dialed, wrote atomic.Bool // set by the network transport, from its own goroutines
	status        int         // 0 until the head of an answer arrived
	header        http.Header
	body          []byte
	complete      bool // the body arrived whole

	stream func(body io.Reader) error // see call
	odd    error                      // why it could not decode an answer
}

// sent tells whether the server may have got the request. Transports other than the
// network's report nothing, so with them it always may have.
func (x *exchange) sent() bool { return x.wrote.Load() || !x.dialed.Load() }

type exchangeKey struct{}

// layer makes a RoundTripper of a function.
type layer func(*http.Request) (*http.Response, error)

func (l layer) RoundTrip(r *http.Request) (*http.Response, error) { return l(r) }

// guardedClient wraps the transport in the layers that every request goes through.
func guardedClient(config Config) *http.Client {
	transport := config.Transport
	switch {
	case config.ReadOnly:
		transport = gated(transport, new(client.Gate))
	case config.Gate != nil:
		transport = gated(transport, config.Gate)
	}
	attempt := timed(orDefault(config.Timeout, DefaultTimeout), wholeAnswers(noRedirects(plainHeaders(transport))))
	return &http.Client{
		Transport: paced(config.Pacer, attempt),
		// A second wall: noRedirects has turned every redirect into an error.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// timed bounds an attempt from when it leaves until its answer is read.
func timed(timeout time.Duration, next http.RoundTripper) http.RoundTripper {
	return layer(func(r *http.Request) (*http.Response, error) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		return next.RoundTrip(r.WithContext(ctx))
	})
}

// gated refuses everything but GET while the gate is closed, below all other code.
func gated(next http.RoundTripper, gate *client.Gate) http.RoundTripper {
	return layer(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet && !gate.IsOpen() {
			if r.Body != nil {
				r.Body.Close()
			}
			return nil, errReadOnly
		}
		return next.RoundTrip(r)
	})
}

// plainHeaders sets the API version over stripe-go's own and drops stripe-go's
// facts about the machine: Go's version and tools found in the environment. A body
// gets its length, 0 without parameters: stripe-go leaves it unknown, so it would
// be sent chunked, and some proxies refuse that.
func plainHeaders(next http.RoundTripper) http.RoundTripper {
	return layer(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set("Stripe-Version", APIVersion)
		r.Header.Set("User-Agent", userAgent)
		r.Header.Del("X-Stripe-Client-User-Agent")
		if r.Body == nil || r.ContentLength != 0 {
			return next.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		r.ContentLength, r.Body, r.GetBody = int64(len(body)), http.NoBody, nil
		if len(body) > 0 {
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
			r.Body, _ = r.GetBody()
		}
		return next.RoundTrip(r)
	})
}

// noRedirects fails on every redirect. The API has none, and following one
// would carry the key or the body of a POST to another place.
func noRedirects(next http.RoundTripper) http.RoundTripper {
	return layer(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil || resp == nil || resp.StatusCode < 300 || resp.StatusCode > 399 {
			return resp, err
		}
		if resp.Body != nil {
			resp.Body.Close()
		}
		what := fmt.Sprintf("a redirect (HTTP %d), which was not followed", resp.StatusCode)
		if to, err := url.Parse(resp.Header.Get("Location")); err == nil && to.Host != "" {
			what = fmt.Sprintf("a redirect (HTTP %d) to %s, which was not followed", resp.StatusCode, to.Host)
		}
		return nil, &oddAnswer{resp.StatusCode, client.CausePage, what}
	})
}

// emptyObject replaces a good answer on its way to stripe-go, which would parse all
// of it for nothing: the exchange is decoded instead.
var emptyObject = []byte("{}")

// wholeAnswers reads each answer up to maxBody and notes it in the exchange.
func wholeAnswers(next http.RoundTripper) http.RoundTripper {
	return layer(func(r *http.Request) (*http.Response, error) {
		x, _ := r.Context().Value(exchangeKey{}).(*exchange)
		if x == nil {
			x = new(exchange)
		}
		resp, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		if resp == nil || resp.Body == nil {
			return nil, errNoAnswer
		}
		defer resp.Body.Close()
		x.status, x.header = resp.StatusCode, resp.Header
		if x.stream != nil && x.status < 300 {
			return decodedAnswer(x, resp)
		}
		x.body, err = readBody(resp)
		if err != nil {
			return nil, err
		}
		if len(x.body) > maxBody {
			return nil, &oddAnswer{x.status, client.CauseHuge, fmt.Sprintf("an answer of more than %d MiB", maxBody>>20)}
		}
		x.complete = true
		shown := x.body
		if x.status < 300 {
			shown = emptyObject
		}
		resp.Body = io.NopCloser(bytes.NewReader(shown))
		return resp, nil
	})
}

// decodedAnswer decodes an answer while it arrives, and hands none of it on.
func decodedAnswer(x *exchange, resp *http.Response) (*http.Response, error) {
	err := x.stream(resp.Body)
	var broken cutOff
	if errors.As(err, &broken) {
		return nil, broken.error
	}
	x.complete, x.odd = true, err
	resp.Body = io.NopCloser(bytes.NewReader(emptyObject))
	return resp, nil
}

// readBody reads one byte more than maxBody at most.
func readBody(resp *http.Response) ([]byte, error) {
	body := bytes.NewBuffer(make([]byte, 0, max(bytes.MinRead, min(resp.ContentLength, maxBody)+bytes.MinRead)))
	_, err := body.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	return body.Bytes(), err
}

// networkTransport is http.DefaultTransport with limits for a program that runs for
// days.
func networkTransport(base *url.URL) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           16,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		// A laptop that slept has dead connections: find out before a call hangs.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}
	if base.Scheme == "http" {
		dialer.ControlContext = onlyLoopback
		return t
	}
	t.Proxy = func(r *http.Request) (*url.URL, error) {
		proxy, err := http.ProxyFromEnvironment(r)
		if err != nil {
			return nil, errProxy // Go's own text repeats the address with its password
		}
		return proxy, nil
	}
	return t
}

// onlyLoopback stops a plain connection that would leave the machine, for example
// when a resolver gives localhost another meaning.
func onlyLoopback(_ context.Context, _, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil || !addr.Addr().Unmap().IsLoopback() {
		return errLoopback
	}
	return nil
}
