package emulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// An integrator makes webhook endpoints by the API, too: each has its own address,
// types of event and secret. Those of Config.Webhooks are among them.

const webhooksPath = "/v1/webhook_endpoints"

// eventForm is the form of the name of an event type.
var eventForm = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`)

// possibleEvent tells whether an endpoint can name a type of event. Types of other
// products are accepted, although the emulator never creates them: an integrator's
// endpoint is for more than Identity. A slip of the pen within Identity is refused.
func possibleEvent(name string) bool {
	return slices.Contains(EventTypes(), name) || eventForm.MatchString(name) && !strings.HasPrefix(name, "identity.")
}

// endpointAt finds the endpoint with an id, as its place in the list.
func (w *world) endpointAt(id string) (uint32, bool) {
	at := slices.IndexFunc(w.hooks.endpoints, func(e *endpointQueue) bool { return w.endpointID(e) == id })
	return uint32(max(at, 0)), at >= 0
}

func (w *world) endpointID(e *endpointQueue) string {
	return w.ids.text(idWebhook, e.number, e.created)
}

// findEndpoint looks an endpoint up for a query.
func (w *world) findEndpoint(q *query, id, param string) (*endpointQueue, *apiError) {
	at, ok := w.endpointAt(id)
	if !ok || q.access.live != w.live {
		return nil, missing("webhook endpoint", id, param)
	}
	return w.hooks.endpoints[at], nil
}

func createEndpoint(w *world, q *query) (answer, *apiError) {
	if q.access.live != w.live {
		return answer{}, otherMode(w.mode())
	}
	for _, name := range []string{"url", "enabled_events"} {
		if q.form.get(name) == nil {
			return answer{}, required(name)
		}
	}
	if len(w.hooks.endpoints) >= MaxWebhooks {
		return answer{}, refused("You have reached the maximum of %d %s webhook endpoints.", MaxWebhooks, w.mode())
	}
	h := Webhook{URL: q.form.value("url"), Events: q.form.values("enabled_events"), APIVersion: q.form.value("api_version")}
	if err := w.checkEndpoint(h, q); err != nil {
		return answer{}, err
	}
	metadata, err := merge(nil, q.form.get("metadata"))
	if err != nil {
		return answer{}, err
	}
	h.Secret = "whsec_" + w.secret(saltWebhook, w.hooks.made)
	e := w.hooks.add(h, w.seconds())
	e.explicit = h.APIVersion != ""
	e.description, e.metadata = q.form.value("description"), metadata
	o := out{b: make([]byte, 0, 512)}
	w.writeEndpoint(&o, e, e.Secret) // the only answer that tells it
	return answer{status: http.StatusOK, body: o.b}, nil
}

// checkEndpoint refuses an address, types and a version that an endpoint can't have.
func (w *world) checkEndpoint(h Webhook, q *query) *apiError {
	for i, name := range h.Events {
		if !possibleEvent(name) {
			param := q.form.get("enabled_events").members[i].name
			return invalid(param, "", "Invalid %s: %s is not the name of an event type; there are %s", param, clip(name), strings.Join(EventTypes(), ", "))
		}
	}
	if len(h.Events) == 0 {
		return invalid("enabled_events", "parameter_invalid_empty", "Invalid enabled_events: there must be one at least")
	}
	if h.APIVersion != "" && !possibleVersion(h.APIVersion, time.Unix(0, w.now)) {
		return invalid("api_version", "", "Invalid Stripe API version: %s", clip(h.APIVersion))
	}
	if err := checkReceiver(h.URL, w.hooks.anywhere); err != nil {
		return invalid("url", "url_invalid", "Invalid URL: %s", err)
	}
	return nil
}

// updateEndpoint changes an endpoint. Its secret stays.
func updateEndpoint(w *world, q *query) (answer, *apiError) {
	e, err := w.findEndpoint(q, q.id, "webhook_endpoint")
	if err != nil {
		return answer{}, err
	}
	h := e.Webhook
	if h.Events = e.enabled(); q.form.get("enabled_events") != nil {
		h.Events = q.form.values("enabled_events")
	}
	if text := q.form.value("url"); text != "" {
		h.URL = text
	}
	if err := w.checkEndpoint(h, q); err != nil {
		return answer{}, err
	}
	metadata, err := merge(e.metadata, q.form.get("metadata"))
	if err != nil {
		return answer{}, err
	}
	e.Webhook, e.metadata = h, metadata
	if m := q.form.get("description"); m != nil {
		e.description = m.text
	}
	if m := q.form.get("disabled"); m != nil {
		e.disabled = m.text == "true"
	}
	e.choose()
	e.rouse()
	return w.ofEndpoint(e), nil
}

func getEndpoint(w *world, q *query) (answer, *apiError) {
	e, err := w.findEndpoint(q, q.id, "webhook_endpoint")
	if err != nil {
		return answer{}, err
	}
	return w.ofEndpoint(e), nil
}

func deleteEndpoint(w *world, q *query) (answer, *apiError) {
	e, err := w.findEndpoint(q, q.id, "webhook_endpoint")
	if err != nil {
		return answer{}, err
	}
	w.hooks.remove(e)
	var o out
	o.open('{')
	o.key("id").text(w.endpointID(e))
	o.key("object").text("webhook_endpoint")
	o.key("deleted").boolean(true)
	o.close('}')
	return answer{status: http.StatusOK, body: o.b}, nil
}

func listEndpoints(w *world, q *query) (answer, *apiError) {
	l := listing{
		rows: len(w.hooks.endpoints), strict: w.choice.LimitRefused, noun: "webhook endpoint", cursor: w.endpointAt,
		at: func(row int) uint32 { return w.hooks.endpoints[row].created },
	}
	if q.access.live != w.live {
		l = empty(l)
	}
	rows, more, err := l.page(q)
	if err != nil {
		return answer{}, err
	}
	return answerList(webhooksPath, rows, more, func(o *out, row int) { w.writeEndpoint(o, w.hooks.endpoints[row], "") }), nil
}

func (w *world) ofEndpoint(e *endpointQueue) answer {
	o := out{b: make([]byte, 0, 512)}
	w.writeEndpoint(&o, e, "")
	return answer{status: http.StatusOK, body: o.b}
}

// writeEndpoint writes an endpoint, with its secret if there is one to tell.
func (w *world) writeEndpoint(o *out, e *endpointQueue, secret string) {
	version := ""
	if e.explicit {
		version = e.APIVersion
	}
	o.open('{')
	o.key("id").text(w.endpointID(e))
	o.key("object").text("webhook_endpoint")
	o.key("api_version").textOrNull(version)
	o.key("application").null()
	o.key("created").number(int64(e.created))
	o.key("description").textOrNull(e.description)
	o.key("enabled_events").open('[')
	for _, name := range e.enabled() {
		o.text(name)
	}
	o.close(']')
	o.key("livemode").boolean(w.live)
	o.key("metadata").metadata(e.metadata)
	if secret != "" {
		o.key("secret").text(secret)
	}
	o.key("status")
	if e.disabled {
		o.text("disabled")
	} else {
		o.text("enabled")
	}
	o.key("url").text(e.URL)
	o.close('}')
}

// enabled are the types of event that an endpoint is for.
func (e *endpointQueue) enabled() []string {
	if len(e.Events) == 0 {
		return []string{"*"}
	}
	return e.Events
}

// choose decides which kinds of event an endpoint gets.
func (e *endpointQueue) choose() {
	e.wants = make([]bool, len(eventNames))
	for k, name := range eventNames {
		e.wants[k] = !e.disabled && (slices.Contains(e.Events, eventPrefix+name) ||
			slices.Contains(e.enabled(), "*") && eventKind(k) != eventRedacted)
	}
}

// remove ends an endpoint. Nobody waits any more for the events that it did not accept.
func (hs *webhooks) remove(e *endpointQueue) {
	hs.endpoints = slices.DeleteFunc(hs.endpoints, func(other *endpointQueue) bool { return other == e })
	e.gone = true
	e.rouse()
}

// retryEvent sends an event once more, as a person does in the Dashboard and Stripe's
// command line does: to the endpoint that is named, or to all that get such events.
func retryEvent(w *world, q *query) (answer, *apiError) {
	at, ok := w.eventAt(q.id)
	if !ok || q.access.live != w.live {
		return answer{}, missing("event", q.id, "id")
	}
	var to []*endpointQueue
	if id := q.form.value("webhook_endpoint"); id != "" {
		e, err := w.findEndpoint(q, id, "webhook_endpoint")
		if err != nil {
			return answer{}, err
		}
		to = append(to, e)
	}
	if !w.hooks.resend(at, w.events[at].kind, w.now, to) {
		return answer{}, refused("There is no enabled webhook endpoint that this event can be sent to.")
	}
	return w.ofEvent(at), nil
}

// resend sends an event now, to all that get its kind where none are named. An attempt
// that was planned anyway is made now, and its schedule goes on; otherwise the event is
// tried once. It tells whether anybody gets it.
func (hs *webhooks) resend(event uint32, k eventKind, now int64, to []*endpointQueue) (sent bool) {
	if to == nil {
		to = slices.DeleteFunc(slices.Clone(hs.endpoints), func(e *endpointQueue) bool { return !e.wants[k] })
	}
	for _, e := range to {
		if e.disabled {
			continue
		}
		hs.order++
		d := delivery{due: now, first: now, order: hs.order, event: event, attempts: len(retries[hs.live])}
		if n := slices.IndexFunc(e.queue, func(d delivery) bool { return d.event == event && d.repeated == 0 }); n >= 0 {
			d.first, d.attempts = e.queue[n].first, e.queue[n].attempts
			e.queue = slices.Delete(e.queue, n, n+1)
		}
		e.push(d)
		sent = true
	}
	return sent
}
