package emulator

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"
)

const (
	hookURL    = "http://127.0.0.1:4242/webhook"
	hookSecret = "whsec_4eC39HqLyjWDarjtT1zdp7dc"
)

// sent is a request that arrived at a receiver.
type sent struct {
	url       string
	at        time.Time
	body      string
	signature string
	event     stripe.Event
}

func (s sent) name() string { return strings.TrimPrefix(string(s.event.Type), eventPrefix) }

// receiver stands for every webhook endpoint. It checks each signature with
// Stripe's own library.
type receiver struct {
	t       *testing.T
	began   time.Time
	secrets map[string]string // by URL, of those with another than hookSecret
	answer  func(r *http.Request, n int) (*http.Response, error)

	mu  sync.Mutex
	got []sent
}

func newReceiver(t *testing.T) *receiver { return &receiver{t: t, began: time.Now()} }

func (rc *receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s := sent{url: r.URL.String(), at: time.Now(), body: string(body), signature: r.Header.Get("Stripe-Signature")}
	secret := hookSecret
	if other, ok := rc.secrets[s.url]; ok {
		secret = other
	}
	if s.event, err = webhook.ConstructEvent(body, s.signature, secret); err != nil {
		rc.t.Errorf("stripe-go refuses what is sent: %v\n%s\n%s", err, s.signature, body)
	}
	rc.mu.Lock()
	rc.got = append(rc.got, s)
	n := len(rc.got)
	rc.mu.Unlock()
	if rc.answer != nil {
		return rc.answer(r, n)
	}
	return statusAnswer(http.StatusOK)(r, n)
}

func statusAnswer(code int) func(*http.Request, int) (*http.Response, error) {
	return func(*http.Request, int) (*http.Response, error) {
		return &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader("thanks"))}, nil
	}
}

// names lists what arrived until now.
func (rc *receiver) names() string {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	var names []string
	for _, s := range rc.got {
		names = append(names, s.name())
	}
	return strings.Join(names, " ")
}

// times lists when it arrived, since the receiver began.
func (rc *receiver) times() string {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	var times []string
	for _, s := range rc.got {
		times = append(times, s.at.Sub(rc.began).String())
	}
	return strings.Join(times, " ")
}

// delivering runs a test in a bubble with a server that delivers to rc.
func delivering(t *testing.T, cfg Config, test func(t *testing.T, c client, rc *receiver)) {
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(t)
		if cfg.Webhooks == nil {
			cfg.Webhooks = []Webhook{{URL: hookURL, Secret: hookSecret}}
		}
		cfg.Now, cfg.WebhookTransport = time.Now, rc
		c := newClient(t, cfg)
		if cfg.Live {
			c.key = "rk_live_51H0abcDEFghiJKLmnopQRst"
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			c.s.Deliver(ctx)
			close(done)
		}()
		test(t, c, rc)
		stop()
		<-done
	})
}

func (c client) submit(t testing.TB, id string, params ...string) {
	t.Helper()
	c.post(t, "/_emulator/sessions/"+id+"/submit", params...).ok(t)
}
