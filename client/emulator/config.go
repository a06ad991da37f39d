package emulator

import (
	"net/http"
	"strings"
	"time"
)

// APIVersion is the version that objects and events are in, and the one the
// Stripe-Version header says when a request names none.
const APIVersion = "2026-08-26.dahlia"

// Limits of Config.
const (
	DefaultRedactionDelay = 5 * time.Minute // Stripe allows itself up to 4 days
	MaxSessions           = 20_000_000
)

// Config describes the world that the server holds. The zero value is an empty
// account in test mode. Nothing moves in it by itself.
type Config struct {
	// Now is the clock that the emulator's own one is based on; nil is time.Now.
	// It has to tell a time from 1971 to 2100. Set back, it stops the world until
	// it has caught up.
	Now func() time.Time
	// Seed picks the world: the same seed at the same time is the same world.
	Seed uint64
	// Sessions is how many sessions exist at the start, 0 to MaxSessions, spread
	// over the past six weeks. From 12 on every state is among them.
	Sessions int
	// People are sessions with stories of their own, besides those.
	People []SeedSession
	// Traffic lets people come in, submit, fail, retry and pass, with a visible
	// change every few seconds. Without it only requests change anything.
	Traffic bool
	// Incident is a world for the triage: the sessions are spread evenly over the
	// past 30 days, and for an hour Polish people have come whose id cards all fail with
	// document_unverified_other. With Traffic they go on coming.
	Incident bool
	// RedactionDelay is how long a redaction stays in processing; 0 is
	// DefaultRedactionDelay, a negative value is no delay.
	RedactionDelay time.Duration
	// Live makes this the live mode of the account: only sk_live_ and rk_live_
	// keys see its objects. Otherwise it is the test mode.
	Live bool
	// AccountName is the account's name; "" is "Acme Inc".
	AccountName string
	// Account is the account's id, such as acct_1NuNAILkdIwHu7ix, for as long as the
	// server lives; "" is one that NewAccount gives.
	Account string
	// NewAccount gives the id of the account of each world that begins; nil gives ids
	// that follow from Seed.
	NewAccount func() string
	// Worlds gives each name that ends a key a world of its own, which begins as this
	// Config says: sk_test_1_w_ci7 and rk_test_2_w_ci7 are keys of the world ci7.
	// Webhooks are those of the world of keys without a name.
	Worlds bool
	// Keys are the permissions of single keys, by the whole key. Those of other
	// keys follow from their form: a secret key (sk_) may everything but read
	// sensitive results; a restricted one (rk_) has the rights that the words at the
	// front of its name give, such as rk_test_read_events_1 or rk_test_write_recent_1, out of
	// none, read, write, recent, sensitive, events, files, account, webhooks and
	// ephemeral, and
	// everything if its name begins with none of them. A key whose name begins
	// with "expired" is refused as one that was rolled.
	Keys map[string]Permission
	// PublicURL is how a browser reaches the server, for the links to the hosted
	// page; "" is the host that each request was sent to.
	PublicURL string
	// Webhooks are the endpoints that Deliver sends events to.
	Webhooks []Webhook
	// WebhooksAnywhere lets events leave this machine. Otherwise only loopback
	// addresses get events, even where a name resolves to another one.
	WebhooksAnywhere bool
	// WebhookTransport sends the events; nil is one over the network, without
	// proxies. Another one has to see to WebhooksAnywhere itself.
	WebhookTransport http.RoundTripper
	// Delivery is how deliveries are spoiled, until a control changes it.
	Delivery Delivery
	// Hosts are the names and addresses of the server besides those of loopback, for
	// requests when it listens for other machines; "*" is any.
	// Empty, it answers to loopback names only. Requests that a browser sends for a
	// page of another site are refused with every setting, and requests through
	// Transport never.
	Hosts []string
	// OpenControls opens the controls (the clock, faults, outcomes) to all clients of
	// the API. Otherwise the controls answer to this machine only, called by a
	// loopback name, and to no proxy.
	OpenControls bool
	// Origins are the web pages that may load the stand-in for Stripe.js and show the
	// hosted page in a dialog, such as http://localhost:3000.
	Origins []string
	// RateLimits refuses requests beyond Stripe's rates with 429: 25 a second in
	// test mode, 100 in live mode, 25 for each operation and 20 for reading or
	// writing files, by the emulator's clock. Otherwise nothing is refused.
	RateLimits bool
	// ReadAllocation is how many GET requests to the API are answered within 30 days
	// by the emulator's clock; others get 429. 0 is no limit. Stripe's is
	// 10,000, and more for accounts with many transactions.
	ReadAllocation int
	// Choices decide what Stripe's documentation leaves open.
	Choices Choices
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.RedactionDelay == 0 {
		c.RedactionDelay = DefaultRedactionDelay
	}
	c.RedactionDelay = max(c.RedactionDelay, 0)
	c.Sessions = min(max(c.Sessions, 0), MaxSessions)
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if c.WebhookTransport == nil {
		c.WebhookTransport = newSender(c.WebhooksAnywhere)
	}
	if c.AccountName == "" {
		c.AccountName = "Acme Inc"
	}
	return c
}
