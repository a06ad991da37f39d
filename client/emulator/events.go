package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// maxTypes is how many event types one list can be asked for.
const maxTypes = 20

// writeEvent writes an event. The session inside is as it was, in its plain
// form; once the session is redacted, its details are gone here too.
func (w *world) writeEvent(o *out, at uint32, version string) {
	e := &w.events[at]
	snap := snapshot{
		session: e.session, kind: e.sessions, options: e.options, status: e.status,
		redaction: e.redaction, code: e.code, report: e.report, details: e.details,
	}
	if w.redaction[e.session].begun() {
		snap.details = w.sessions[e.session].details
	} else if e.status == requiresInput {
		snap.token, snap.issued = ofEvents|at, e.at
	}
	o.open('{')
	o.key("id").id(&w.ids, idEvent, at, e.at)
	o.key("object").text("event")
	o.key("api_version").text(version)
	o.key("created").number(int64(e.at))
	o.key("data").open('{')
	o.key("object")
	w.writeSession(o, snap, 0)
	o.close('}')
	o.key("livemode").boolean(w.live)
	o.key("pending_webhooks").number(int64(w.hooks.undelivered(at)))
	o.key("request").open('{')
	o.key("id")
	w.writeCause(o, at)
	o.close('}')
	o.key("type").text(eventPrefix + eventNames[e.kind])
	o.close('}')
}

// writeCause writes the request behind an event, and its idempotency key.
func (w *world) writeCause(o *out, at uint32) {
	e, key := &w.events[at], ""
	switch e.cause {
	case 0:
		o.null()
	case byIntegrator:
		const ofStory = 1 << 31 // apart from the requests that were made here
		o.id(&w.ids, idRequest, ofStory|at, e.at)
	default:
		c := &w.causes[e.cause-1]
		key = c.key
		if w.redaction[e.session].begun() { // integrators make keys of names and addresses
			key = placeholder(key)
		}
		o.id(&w.ids, idRequest, c.request, c.created)
	}
	o.key("idempotency_key").textOrNull(key)
}

// wantsEvent tells whether an event of a kind is created at all: every one is,
// but for the end of a redaction, which Stripe creates only while a webhook
// endpoint names that type.
func (w *world) wantsEvent(k eventKind) bool {
	return k != eventRedacted || w.choice.RedactedEvents || w.hooks.want(k)
}

func getEvent(w *world, q *query) (answer, *apiError) {
	at, ok := w.eventAt(q.id)
	if !ok || q.access.live != w.live {
		return answer{}, missing("event", q.id, "id")
	}
	return w.ofEvent(at), nil
}

// ofEvent answers with an event.
func (w *world) ofEvent(at uint32) answer {
	o := out{b: make([]byte, 0, 1536)}
	w.writeEvent(&o, at, APIVersion)
	return answer{status: http.StatusOK, body: o.b, event: at + 1}
}

func listEvents(w *world, q *query) (answer, *apiError) {
	types := q.form.values("types")
	switch {
	case q.form.get("type") != nil && types != nil:
		return answer{}, invalid("types", "parameters_exclusive", "Received both type and types parameters. Please pass in only one.")
	case len(types) > maxTypes:
		return answer{}, invalid("types", "", "Invalid array: types can have up to %d elements", maxTypes)
	}
	wanted, one := make([]bool, len(eventNames)), q.form.value("type")
	for k, name := range eventNames {
		wanted[k] = slices.Contains(types, eventPrefix+name) || matchesType(one, eventPrefix+name)
	}
	l := listing{
		rows: len(w.events), strict: w.choice.LimitRefused, noun: "event", cursor: w.eventAt, floor: w.eventFloor(),
		at: func(row int) uint32 { return w.events[row].at },
	}
	if types != nil || one != "" {
		l.keep = func(row int) bool { return wanted[w.events[row].kind] }
	}
	if text := q.form.value("delivery_success"); text != "" {
		ofType := l.keep
		l.keep = func(row int) bool {
			return (w.hooks.undelivered(uint32(row)) == 0) == (text == "true") && (ofType == nil || ofType(row))
		}
	}
	if q.access.live != w.live {
		l = empty(l)
	}
	rows, more, err := l.page(q)
	if err != nil {
		return answer{}, err
	}
	return answerList(eventsPath, rows, more, func(o *out, row int) { w.writeEvent(o, uint32(row), APIVersion) }), nil
}

// matchesType tells whether an event type is the one that a list is asked for by
// type. Only there a name may end in a wildcard; the names in types are exact.
func matchesType(asked, name string) bool {
	prefix, wild := strings.CutSuffix(asked, "*")
	return asked == name || wild && strings.HasPrefix(name, prefix)
}
