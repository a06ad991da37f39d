package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxWebhooks is how many endpoints an account can have.
const MaxWebhooks = 16

// Webhook is an endpoint that events are sent to.
type Webhook struct {
	// URL is where events are posted to: http or https, on a loopback address
	// unless Config.WebhooksAnywhere is set.
	URL string
	// Secret signs the events. It begins with whsec_.
	Secret string
	// OldSecret signs as well, while the secret is being rolled; "" is none.
	OldSecret string
	// Events are the types of event to send, by their full names. "*" or nothing
	// at all stands for every type but identity.verification_session.redacted,
	// which is only created while some endpoint names it.
	Events []string
	// APIVersion is the version that the events say they are in; "" is
	// APIVersion. Stripe's libraries for languages with types refuse those of
	// another release than their own.
	APIVersion string
}

// Delivery spoils how events are delivered, in ways that receivers have to
// survive. The zero value delivers each event at once, once and in order.
type Delivery struct {
	// Duplicates is how many more times an event is sent after it was accepted.
	Duplicates int
	// Late is how long after it happened an event is sent for the first time.
	Late time.Duration
	// Shuffle holds events back up to this long, and sends those that came
	// together within it in the reverse order.
	Shuffle time.Duration
}

// retries are the times of the attempts after the first one, counted from it. Stripe
// repeats three times over a few hours in test mode, and up to three days in live
// mode. The times don't depend on when an attempt was made: where the clock jumps over
// several, they are made one after the other, and none is made after the last.
var retries = map[bool][]time.Duration{
	false: {time.Minute, 31 * time.Minute, 151 * time.Minute},
	true: {time.Minute, 6 * time.Minute, 36 * time.Minute, 3 * time.Hour, 8 * time.Hour, 18 * time.Hour,
		30 * time.Hour, 42 * time.Hour, 54 * time.Hour, 66 * time.Hour, liveRetries},
}

// liveRetries is how long after its creation an event of live mode is sent at most,
// however late it was sent first.
const liveRetries = 3 * day

var originForm = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(:\d+)?$|^https?://\[[0-9a-f:]+\](:\d+)?$`)

// Check finds the mistakes in a Config that New would not take: in its webhook
// endpoints, in its public address, its origins and its people.
func (c Config) Check() error {
	if len(c.Webhooks) > MaxWebhooks {
		return fmt.Errorf("there are %d webhook endpoints: an account can have %d", len(c.Webhooks), MaxWebhooks)
	}
	for _, h := range c.Webhooks {
		if err := h.check(c.WebhooksAnywhere); err != nil {
			return fmt.Errorf("webhook endpoint %s: %w", clip(h.URL), err)
		}
	}
	if c.Delivery.Duplicates < 0 || c.Delivery.Late < 0 || c.Delivery.Shuffle < 0 {
		return errors.New("deliveries can't be repeated, late or shuffled by less than nothing")
	}
	for _, origin := range c.Origins {
		if !originForm.MatchString(origin) {
			return fmt.Errorf("origin %s: it has to be like http://localhost:3000, without a path", clip(origin))
		}
	}
	if err := c.checkPeople(); err != nil {
		return fmt.Errorf("people: %w", err)
	}
	if c.PublicURL != "" {
		if _, err := webAddress(c.PublicURL); err != nil {
			return fmt.Errorf("public address %s: %w", clip(c.PublicURL), err)
		}
	}
	return nil
}

func (h Webhook) check(anywhere bool) error {
	if err := checkReceiver(h.URL, anywhere); err != nil {
		return err
	}
	for _, secret := range []string{h.Secret, h.OldSecret} {
		if rest, ok := strings.CutPrefix(secret, "whsec_"); secret != "" && (!ok || rest == "") {
			return errors.New("its secret has to begin with whsec_")
		}
	}
	if h.Secret == "" {
		return errors.New("it has no secret to sign with")
	}
	for _, name := range h.Events {
		if !slices.Contains(EventTypes(), name) {
			return fmt.Errorf("there is no event type %s: there are * and %s", clip(name), strings.Join(EventTypes()[1:], ", "))
		}
	}
	return nil
}

// checkReceiver refuses an address that events can't be sent to.
func checkReceiver(address string, anywhere bool) error {
	u, err := webAddress(address)
	if err == nil && !anywhere && !isLoopback(u.Hostname()) {
		err = errors.New("it is not on this machine: name a loopback address such as 127.0.0.1, or start the emulator with --webhook-anywhere")
	}
	return err
}

// webAddress reads the address of a server.
func webAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, errors.New("it has to be like http://127.0.0.1:4242/webhook, without user and password")
	}
	return u, nil
}

// EventTypes lists the choices of a webhook endpoint: "*" first, then the full
// names of all types of event that the emulator creates.
func EventTypes() []string {
	types := []string{"*"}
	for _, name := range eventNames {
		types = append(types, eventPrefix+name)
	}
	return types
}

// webhooks are the endpoints of a world and their unsent events.
type webhooks struct {
	endpoints []*endpointQueue
	spoiled   Delivery
	live      bool
	order     int64
	made      uint32 // how many endpoints there have been
	anywhere  bool   // events may leave this machine
	open      bool   // what happens is sent; what happened before the world began was sent then
}

// endpointQueue is one endpoint with its unsent events, in the order of sending.
type endpointQueue struct {
	Webhook
	number      uint32 // how many there were before
	created     uint32
	description string
	metadata    []pair
	explicit    bool // its version was asked for
	disabled    bool

	wants []bool          // by kind of event
	open  map[uint32]bool // the events that it has not accepted, and those that were given up
	queue []delivery
	wake  chan struct{} // something may be due earlier than was thought
	taken bool          // a Deliver sees to it
	gone  bool          // nothing is sent to it any more

	accepted, refused, givenUp int
	lastStatus                 int
	lastError                  string
}

// delivery is one event on its way to one endpoint.
type delivery struct {
	due      int64 // Unix nanoseconds of the emulator's clock
	first    int64 // when the first attempt was due
	order    int64 // among those of one time
	event    uint32
	attempts int // made without success
	repeated int // which duplicate it is; 0 is the delivery itself
}

func newWebhooks(c *Config) webhooks {
	return webhooks{spoiled: c.Delivery, live: c.Live, anywhere: c.WebhooksAnywhere}
}

// add makes an endpoint at a time. It gets the events from then on.
func (hs *webhooks) add(h Webhook, at uint32) *endpointQueue {
	e := &endpointQueue{Webhook: h, explicit: true, number: hs.made, created: at, open: map[uint32]bool{}, wake: make(chan struct{}, 1)}
	if e.APIVersion == "" {
		e.APIVersion = APIVersion
	}
	e.choose()
	hs.made++
	hs.endpoints = append(hs.endpoints, e)
	return e
}

// close ends the deliveries to all endpoints.
func (hs *webhooks) close() {
	for _, e := range hs.endpoints {
		e.gone = true
		e.rouse()
	}
}

// undelivered is how many endpoints have not accepted an event.
func (hs *webhooks) undelivered(event uint32) (n int) {
	for _, e := range hs.endpoints {
		if e.open[event] {
			n++
		}
	}
	return n
}

// want tells whether some endpoint gets events of a kind.
func (hs *webhooks) want(k eventKind) bool {
	return slices.ContainsFunc(hs.endpoints, func(e *endpointQueue) bool { return e.wants[k] })
}

// announce plans the deliveries of an event that has just been created.
func (hs *webhooks) announce(at uint32, k eventKind, now int64) {
	if !hs.open {
		return
	}
	for _, e := range hs.endpoints {
		if !e.wants[k] {
			continue
		}
		e.open[at] = true
		hs.order++
		d := delivery{due: now + int64(hs.spoiled.Late), order: hs.order, event: at}
		if window := int64(hs.spoiled.Shuffle); window > 0 {
			d.due = (d.due/window + 1) * window
			d.order = -hs.order
		}
		d.first = d.due
		e.push(d)
	}
}

func (e *endpointQueue) push(d delivery) {
	at, _ := slices.BinarySearchFunc(e.queue, d, func(a, b delivery) int {
		if a.due < b.due || a.due == b.due && a.order < b.order {
			return -1
		}
		return 1
	})
	e.queue = slices.Insert(e.queue, at, d)
	e.rouse()
}

// rouse lets the endpoint's deliverer look at the queue and the clock again.
func (e *endpointQueue) rouse() {
	select {
	case e.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// rouse is for changes of the clock or of the planned steps.
func (hs *webhooks) rouse() {
	for _, e := range hs.endpoints {
		e.rouse()
	}
}

// settle notes the end of an attempt to send an event, which was created at a time, and
// plans the next one.
func (hs *webhooks) settle(e *endpointQueue, d delivery, result attempt, created, now int64) {
	e.lastStatus, e.lastError = result.status, ""
	hs.order++
	if result.accepted() {
		e.accepted++
		delete(e.open, d.event)
		if d.repeated < hs.spoiled.Duplicates {
			e.push(delivery{due: now, order: hs.order, event: d.event, repeated: d.repeated + 1})
		}
		return
	}
	e.refused++
	if result.err != nil {
		e.lastError = result.err.Error()
	}
	switch waits := retries[hs.live]; {
	case !e.open[d.event]: // the endpoint has the event already
	case d.attempts >= len(waits) || hs.live && d.first+int64(waits[d.attempts]) > created+int64(liveRetries):
		e.givenUp++
	default:
		e.push(delivery{due: d.first + int64(waits[d.attempts]), first: d.first, order: hs.order, event: d.event, attempts: d.attempts + 1})
	}
}

// signature is the Stripe-Signature header of a body that is sent at a time in
// Unix seconds: one v1 for each secret that is in use. In test mode Stripe adds
// a v0 that nobody can verify, so that receivers learn to ignore other schemes.
func (h Webhook) signature(body []byte, at uint32, live bool) string {
	stamp := strconv.FormatUint(uint64(at), 10)
	sign := func(secret string) string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "."))
		mac.Write(body)
		return hex.EncodeToString(mac.Sum(nil))
	}
	text := "t=" + stamp + ",v1=" + sign(h.Secret)
	if h.OldSecret != "" {
		text += ",v1=" + sign(h.OldSecret)
	}
	if !live {
		text += ",v0=" + sign("v0 of "+h.Secret)
	}
	return text
}

// attempt is how the sending of a delivery ended.
type attempt struct {
	status int // 0: there was no answer
	err    error
}

func (a attempt) accepted() bool {
	return a.err == nil && a.status >= http.StatusOK && a.status < http.StatusMultipleChoices
}
