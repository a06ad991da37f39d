package stripe

import (
	"cmp"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	stripego "github.com/stripe/stripe-go/v85"

	"idtop/client"
)

// Defaults of Config.
const (
	DefaultBaseURL  = "https://api.stripe.com"
	DefaultTimeout  = 20 * time.Second
	DefaultLimit    = time.Minute
	DefaultAttempts = 4
)

// APIVersion is the version of Stripe's API that every request asks for, so
// that the default of an account can't change what arrives here.
const APIVersion = "2026-08-26.dahlia"

// Config says how to reach Stripe. Only Key has to be set.
type Config struct {
	Key     client.Key
	KeyHint string // how to get another key when Stripe refuses this one; "": the usual words

	// BaseURL is where the API is: https, or plain http to a loopback address.
	BaseURL string

	// Transport carries the requests; nil means the network. Like every
	// RoundTripper it has to end when the context of the request does.
	Transport http.RoundTripper

	// Timeout bounds each attempt from when it leaves, Limit a whole call with
	// its retries and its waiting for the Pacer.
	Timeout, Limit time.Duration

	// ReadOnly lets only GET requests pass, for good. No caller can lift it.
	ReadOnly bool

	// Gate, while it is closed, does the same; nil lets everything pass.
	Gate *client.Gate

	// Attempts is how often a call is sent at most: 0 means 4, 1 means no retry.
	Attempts int

	// Pacer delays requests so that Stripe need not refuse them; nil sends each at
	// once.
	Pacer *Pacer
}

// Client is the API over HTTP. It is safe for concurrent use.
type Client struct {
	backend  stripego.Backend
	config   Config
	key      client.Key
	keyHint  string
	limit    time.Duration
	attempts int
}

var _ client.API = (*Client)(nil)

// New returns the API that config describes, without sending anything. Its
// errors are sentences for the operator that never hold the key.
func New(config Config) (*Client, error) {
	if config.Key == (client.Key{}) {
		return nil, errors.New("there is no API key")
	}
	base, err := parseBaseURL(orDefault(config.BaseURL, DefaultBaseURL))
	if err != nil {
		return nil, err
	}
	if config.Transport == nil {
		if strings.Contains(os.Getenv("GODEBUG"), "http2debug=") {
			return nil, errHTTP2Debug
		}
		config.Transport = networkTransport(base)
	}
	// stripe-go's own retries, telemetry and log are off: it repeats requests that
	// must not be repeated, and it writes errors to stderr, into the screen.
	backend := stripego.GetBackendWithConfig(stripego.APIBackend, &stripego.BackendConfig{
		URL:               stripego.String(base.String()),
		HTTPClient:        guardedClient(config),
		MaxNetworkRetries: stripego.Int64(0),
		EnableTelemetry:   stripego.Bool(false),
		LeveledLogger:     &stripego.LeveledLogger{Level: stripego.LevelNull},
	})
	return &Client{
		backend:  backend,
		config:   config,
		key:      config.Key,
		keyHint:  config.KeyHint,
		limit:    orDefault(config.Limit, DefaultLimit),
		attempts: orDefault(config.Attempts, DefaultAttempts),
	}, nil
}

// errHTTP2Debug refuses a variable that lets net/http log each header, and so the key.
// It has been read before main begins, so that to remove it would be too late.
var errHTTP2Debug = errors.New("GODEBUG has http2debug, which prints the key: take it out")

// Once returns the same API without repeats, for a caller that reads the session
// before it sends a request again.
func (s *Client) Once() *Client {
	once := *s
	once.attempts = 1
	return &once
}

// Behind returns the same API behind a gate of its own, for one of several
// operators: with the same connections and pace. ReadOnly stays.
func (s *Client) Behind(gate *client.Gate) *Client {
	config := s.config
	config.Gate = gate
	behind, err := New(config)
	if err != nil {
		panic(strconv.QuoteToASCII(err.Error())) // New has accepted this config before
	}
	behind.attempts = s.attempts
	return behind
}

// orDefault returns value, or fallback for zero and less.
func orDefault[T cmp.Ordered](value, fallback T) T {
	var zero T
	if value <= zero {
		return fallback
	}
	return value
}
