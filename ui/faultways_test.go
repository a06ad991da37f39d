package ui_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"idtop/client/datadir"
	"idtop/client/mirror"
)

// way stands between the program and the server, and answers in the server's place.
type way func(r *http.Request, server http.RoundTripper) (*http.Response, error)

// goes puts a way between the program and the server, nil for none.
func (p *program) goes(w way) {
	if w == nil {
		p.way.Store(nil)
		return
	}
	p.way.Store(&w)
}

// effects stands before the server, and counts the POSTs that had their effect.
type effects struct {
	next http.RoundTripper

	mu   sync.Mutex
	done map[string]int // by path, and by idempotency key
}

func (e *effects) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := e.next.RoundTrip(r)
	if r.Method != http.MethodGet && err == nil && answer.StatusCode < 300 && answer.Header.Get("Idempotent-Replayed") == "" {
		e.mu.Lock()
		if e.done == nil {
			e.done = map[string]int{}
		}
		e.done[r.Header.Get("Idempotency-Key")]++
		if strings.HasSuffix(r.URL.Path, "/cancel") || strings.HasSuffix(r.URL.Path, "/redact") {
			e.done[r.URL.Path]++
		}
		e.mu.Unlock()
	}
	return answer, err
}

// twice names an action that was done twice, "" for none.
func (e *effects) twice() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	for what, n := range e.done {
		if n > 1 {
			return fmt.Sprintf("%s %d times", what, n)
		}
	}
	return ""
}

// fullDisk is a store on a disk that may be full.
type fullDisk struct {
	mirror.Store
	full *atomic.Bool
}

func (f fullDisk) Commit(ctx context.Context, epoch uint64, batch mirror.Batch) error {
	if f.full.Load() {
		return &mirror.Trouble{What: "the disk is full: nothing can be written to the mirror in /home/kim/idtop", Way: "make room", Err: datadir.ErrFull}
	}
	return f.Store.Commit(ctx, epoch, batch)
}

// says answers every request with the same.
func says(status int, kind, body string, header ...string) way {
	return func(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
		return answerOf(r, status, strings.NewReader(body), append([]string{"Content-Type", kind}, header...)...), nil
	}
}

const jsonType, pageType = "application/json", "text/html; charset=utf-8"

// refuses answers every request with an error in Stripe's form.
func refuses(status int, kind, code, message string) way {
	return says(status, jsonType, fmt.Sprintf(`{"error":{"type":%q,"code":%q,"message":%q}}`, kind, code, message), "Request-Id", "req_refused1")
}

func answerOf(r *http.Request, status int, body io.Reader, header ...string) *http.Response {
	a := &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: struct {
			io.Reader
			io.Closer
		}{tied{r.Context(), body}, io.NopCloser(nil)}}
	for i := 0; i < len(header); i += 2 {
		a.Header.Set(header[i], header[i+1])
	}
	return a
}

// tied is a body that ends with its request, as those of net/http do.
type tied struct {
	ctx  context.Context
	body io.Reader
}

func (t tied) Read(b []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	return t.body.Read(b)
}

// fails has no answer at all.
func fails(err error) way {
	return func(*http.Request, http.RoundTripper) (*http.Response, error) { return nil, err }
}

// dials fails before a connection is there.
func dials(err error) way { return fails(&net.OpError{Op: "dial", Net: "tcp", Err: err}) }

// untrusted is a refusal of crypto/tls because of a certificate.
func untrusted(err error) way { return fails(&tls.CertificateVerificationError{Err: err}) }

// drips answers a byte a second.
func drips(r *http.Request, server http.RoundTripper) (*http.Response, error) {
	a, err := server.RoundTrip(r)
	if err == nil {
		a.Body = io.NopCloser(&drop{r.Context(), a.Body})
	}
	return a, err
}

type drop struct {
	ctx  context.Context
	from io.Reader
}

func (d *drop) Read(b []byte) (int, error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return d.from.Read(b[:min(1, len(b))])
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

// slowly answers after a while.
func slowly(d time.Duration) way {
	return func(r *http.Request, server http.RoundTripper) (*http.Response, error) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return server.RoundTrip(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// swallowed is how many bytes of an endless answer were read at most.
var swallowed atomic.Int64

type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	if e.read += int64(len(b)); e.read > 300<<20 {
		return 0, io.EOF
	}
	swallowed.Store(max(swallowed.Load(), e.read))
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// huge answers 300 MB.
func huge(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
	return answerOf(r, 200, new(endless), "Content-Type", jsonType), nil
}

// bomb is 64 MB in some kilobytes.
var bomb = sync.OnceValue(func() []byte {
	var member bytes.Buffer
	z, _ := gzip.NewWriterLevel(&member, gzip.BestSpeed)
	_, _ = z.Write(make([]byte, 4<<20))
	_ = z.Close()
	return bytes.Repeat(member.Bytes(), 16)
})

func explodes(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
	body, err := gzip.NewReader(bytes.NewReader(bomb())) // as net/http unpacks it
	return answerOf(r, 200, body, "Content-Type", jsonType), err
}

// changes gives the server's answer another body or head.
func changes(change func(r *http.Request, body []byte, header http.Header) []byte) way {
	return func(r *http.Request, server http.RoundTripper) (*http.Response, error) {
		a, err := server.RoundTrip(r)
		if err != nil || a.StatusCode >= 300 {
			return a, err
		}
		body, err := io.ReadAll(a.Body)
		a.Header = a.Header.Clone()
		body = change(r, body, a.Header)
		a.Header.Del("Content-Length")
		a.Body, a.ContentLength = io.NopCloser(tied{r.Context(), bytes.NewReader(body)}), int64(len(body))
		return a, err
	}
}

// ofLists changes the lists alone.
func ofLists(change func(list map[string]any)) way {
	return changes(func(_ *http.Request, body []byte, _ http.Header) []byte {
		var list map[string]any
		if json.Unmarshal(body, &list) != nil || list["object"] != "list" {
			return body
		}
		change(list)
		return encoded(list)
	})
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// loops says of each list that it goes on, and begins it anew.
func loops(r *http.Request, server http.RoundTripper) (*http.Response, error) {
	again := r.Clone(r.Context())
	query := again.URL.Query()
	query.Del("starting_after")
	again.URL.RawQuery = query.Encode()
	return ofLists(func(list map[string]any) { list["has_more"] = true })(again, server)
}

// goesWrong moves the date of the answers.
func goesWrong(by func() time.Duration) way {
	return changes(func(_ *http.Request, body []byte, h http.Header) []byte {
		if at, err := http.ParseTime(h.Get("Date")); err == nil {
			h.Set("Date", at.Add(by()).UTC().Format(http.TimeFormat))
		}
		return body
	})
}

// mutates makes one member of each answer odd: gone, null, of another type, with
// another value, or beside a member that nobody knows.
func mutates(random *rand.Rand) way {
	var mu sync.Mutex
	return changes(func(_ *http.Request, body []byte, _ http.Header) []byte {
		mu.Lock()
		defer mu.Unlock()
		var whole any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if decoder.Decode(&whole) != nil {
			return body
		}
		var objects []map[string]any
		var collect func(any)
		collect = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if len(v) > 0 {
					objects = append(objects, v)
				}
				for _, name := range slices.Sorted(maps.Keys(v)) {
					collect(v[name])
				}
			case []any:
				for _, e := range v {
					collect(e)
				}
			}
		}
		if collect(whole); len(objects) == 0 {
			return body
		}
		o := objects[random.IntN(len(objects))]
		names := slices.Sorted(maps.Keys(o))
		name := names[random.IntN(len(names))]
		switch random.IntN(6) {
		case 0:
			delete(o, name)
		case 1:
			o[name] = nil
		case 2:
			o[name] = []any{map[string]any{"odd": true}}
		case 3:
			o[name] = "a_value_of_next_year"
		case 4:
			o[name] = -7
		case 5:
			o["member_of_next_year"] = map[string]any{"a": []any{nil, 1, "b"}}
		}
		return encoded(whole)
	})
}

// replaced replaces text in the answers.
func replaced(from, to string) way {
	return changes(func(_ *http.Request, body []byte, _ http.Header) []byte {
		return bytes.ReplaceAll(body, []byte(from), []byte(to))
	})
}

// after lets the server carry out the request, and loses the answer.
func after(r *http.Request, server http.RoundTripper) (*http.Response, error) {
	if a, err := server.RoundTrip(r); err == nil {
		a.Body.Close()
	}
	return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// during breaks off in the middle of an answer.
func during(r *http.Request, server http.RoundTripper) (*http.Response, error) {
	a, err := server.RoundTrip(r)
	if err == nil {
		body, _ := io.ReadAll(a.Body)
		a.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{}))
	}
	return a, err
}

type broken struct{}

func (broken) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

func hangs(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

const proxyPage = "<html><head><title>502</title></head><body>nginx</body></html>"

// ways are the faults of a server and of the network before it. sees is the screen's text
// about each; "" for one that harms nothing.
func ways(random *rand.Rand) []fault {
	second := func(d time.Duration) func() time.Duration { return func() time.Duration { return d } }
	var mu sync.Mutex
	return []fault{
		{"400", refuses(400, "invalid_request_error", "", "No."), "the request failed", 0},
		{"401", refuses(401, "invalid_request_error", "", "Invalid API Key provided: rk_test_***0000"), "Stripe does not accept the key", 0},
		{"402", refuses(402, "card_error", "", "No."), "Stripe turned the request down (402)", 0},
		{"403", refuses(403, "invalid_request_error", "", "Having the 'rak_identity_product_read' permission would allow this request to continue."), "the key lacks Identity, Verification Sessions and Reports: Read", 0},
		{"403 of no name", refuses(403, "invalid_request_error", "", "No."), "the key has no permission for this", 0},
		{"404", refuses(404, "invalid_request_error", "", "Unrecognized request URL"), "there is no such object", 0},
		{"409", refuses(409, "idempotency_error", "", "No."), "another request works on the same object", 0},
		{"409 lock", refuses(429, "invalid_request_error", "lock_timeout", "No."), "another request works on the same object", 0},
		{"429", refuses(429, "rate_limit_error", "rate_limit", "No."), "Stripe asks to slow down", 0},
		{"429 for 20 s", says(429, jsonType, `{"error":{"type":"rate_limit_error"}}`, "Retry-After", "20"), "Stripe asks to slow down", 0},
		{"500", refuses(500, "api_error", "", "No."), "Stripe had an error of its own", 0},
		{"502 of a proxy", says(502, pageType, proxyPage), "Stripe, or a proxy on the way, had an error", 0},
		{"503", refuses(503, "api_error", "", "No."), "Stripe had an error of its own", 0},
		{"504 of a proxy", says(504, pageType, proxyPage), "Stripe, or a proxy on the way, had an error", 0},
		{"reset before", fails(&net.OpError{Op: "write", Net: "tcp", Err: syscall.ECONNRESET}), "no complete answer came from the server", 0},
		{"reset during", during, "no complete answer came from the server", 0},
		{"reset after", after, "no complete answer came from the server", 0},
		{"hang", hangs, "Stripe does not answer", 0},
		{"drip", drips, "Stripe does not answer", 0},
		{"slow", slowly(9 * time.Second), "Stripe does not answer", 0},
		{"truncated", changes(func(_ *http.Request, b []byte, _ http.Header) []byte { return b[:len(b)/2] }), "no complete answer came from the server", 0},
		{"half JSON", says(200, jsonType, `{"object": "list", "data": [{"id": "vs_`), "no complete answer came from the server", 0},
		{"nothing", says(200, jsonType, ""), "the answer is not one of Stripe's API", 0},
		{"a list where an object is", says(200, jsonType, `[1, 2]`), "the answer is not one of Stripe's API", 0},
		{"a text", says(200, jsonType, `"hello"`), "the answer is not one of Stripe's API", 0},
		{"another object", says(200, jsonType, `{"object":"charge","id":"ch_1"}`), "the answer is not one of Stripe's API", 0},
		{"no list", says(200, jsonType, `{"object":"list","data":{"id":7},"has_more":false}`), "the answer is not one of Stripe's API", 0},
		{"login page", says(200, pageType, "<!DOCTYPE html><h1>Welcome to the hotel</h1>"), "a login page or a proxy answered instead of Stripe", 0},
		{"login page at 511", says(511, pageType, "<h1>Sign in</h1>"), "Stripe, or a proxy on the way, had an error", 0},
		{"redirect", says(307, pageType, "", "Location", "https://login.hotel.example/"), "a login page or a proxy answered instead of Stripe", 0},
		{"redirect to itself", says(301, pageType, "", "Location", "/v1/events"), "a login page or a proxy answered instead of Stripe", 0},
		{"300 MB", huge, "the answer is too large to be one of Stripe's", 0},
		{"gzip bomb", explodes, "the answer is too large to be one of Stripe's", 0},
		{"huge header", fails(errors.New("net/http: server response headers exceeded 262144 bytes; aborted")), "no complete answer came from the server", 0},
		{"has_more for ever", loops, "the answer is not one of Stripe's API", 0},
		{"empty pages", ofLists(func(l map[string]any) { l["data"], l["has_more"] = []any{}, true }), "the answer is not one of Stripe's API", 0},
		{"pages twice", ofLists(func(l map[string]any) { l["data"] = twice(l["data"].([]any)) }), "", 0},
		{"no such name", dials(&net.DNSError{Err: "no such host", Name: "api.stripe.com", IsNotFound: true}), "api.stripe.com is not found", 0},
		{"name server gone", dials(&net.DNSError{Err: "server misbehaving", Name: "api.stripe.com", IsTemporary: true}), "this machine has no network", 0},
		{"no network", dials(syscall.ENETUNREACH), "this machine has no network", 0},
		{"no way", dials(syscall.EHOSTUNREACH), "this machine has no network", 0},
		{"connection refused", dials(syscall.ECONNREFUSED), "the server refuses the connection", 0},
		{"certificate of nobody", untrusted(x509.UnknownAuthorityError{}), "the server's certificate is not trusted", 0},
		{"certificate of another", untrusted(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "api.stripe.com"}), "the server's certificate is not trusted", 0},
		{"certificate expired", untrusted(x509.CertificateInvalidError{Reason: x509.Expired}), "the server's certificate is not valid today", 0},
		{"no TLS", fails(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), "no encrypted connection to the server", 0},
		{"TLS alert", fails(tls.AlertError(40)), "no encrypted connection to the server", 0},
		{"proxy", fails(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("Forbidden")}), "the proxy does not let this through", 0},
		{"clock an hour ahead", goesWrong(second(time.Hour)), "", 0},
		{"clock a day behind", goesWrong(second(-24 * time.Hour)), "", 0},
		{"clock jumps", goesWrong(func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return time.Duration(random.IntN(200)-100) * time.Hour
		}), "", 0},
		{"no date", changes(func(_ *http.Request, b []byte, h http.Header) []byte { h.Del("Date"); return b }), "", 0},
		{name: "members go wrong", way: mutates(random), mends: 80 * time.Minute},
		{"other mode", replaced(`"livemode":false`, `"livemode":true`), "objects of the other mode came", 0},
	}
}

func twice(list []any) (doubled []any) {
	for _, e := range list {
		doubled = append(doubled, e, e)
	}
	return doubled
}
