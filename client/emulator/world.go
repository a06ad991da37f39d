package emulator

import (
	"slices"
	"time"
)

// status is a session's status; its order is that of no particular thing.
type status uint8

const (
	requiresInput status = iota
	processing
	verified
	canceled
	statuses
)

var statusNames = []string{
	requiresInput: "requires_input", processing: "processing", verified: "verified", canceled: "canceled",
}

// redaction is how far a session's redaction is.
type redaction uint8

const (
	notRedacted redaction = iota
	validated             // a redaction job has checked the session; nothing is redacted yet
	redacting
	redacted
)

var redactionNames = []string{notRedacted: "", validated: "validated", redacting: "processing", redacted: "redacted"}

// begun tells whether private data is hidden already.
func (r redaction) begun() bool { return r >= redacting }

// session is the world's record of one session besides its columns. 24 bytes:
// everything else is either made up anew from its user's number or in details.
type session struct {
	details    *details // nil: those of the story
	user       uint32   // number of the invented person; 0: created by the API
	report     uint32   // the newest report's position + 1
	generation uint16   // how often the status changed
	options    options
	kind       kind
	attempts   uint8
	code       code // last_error
	driven     bool // the story moves it on
}

// report is one processed attempt. Positions are in order of time.
type report struct {
	created uint32
	session uint32
	before  uint32 // the session's previous report's position + 1
	options options
	kind    kind
	code    code
	attempt uint8
}

// eventKind is the subject of an event.
type eventKind uint8

const (
	eventCreated eventKind = iota
	eventProcessing
	eventVerified
	eventRequiresInput
	eventCanceled
	eventRedacted
)

const eventPrefix = "identity.verification_session."

var eventNames = []string{
	eventCreated: "created", eventProcessing: "processing", eventVerified: "verified",
	eventRequiresInput: "requires_input", eventCanceled: "canceled", eventRedacted: "redacted",
}

// event is a change of status with the session as it was then.
type event struct {
	details   *details
	at        uint32 // Unix seconds
	session   uint32
	report    uint32 // as in session
	cause     uint32 // position + 1 in causes; 0: the person or Stripe did it
	options   options
	kind      eventKind
	status    status
	redaction redaction
	code      code
	sessions  kind // the session's kind
}

// cause is the request that an event came from.
type cause struct {
	request uint32 // the request's number
	created uint32
	key     string // its idempotency key, or ""
}

// byIntegrator is the cause of an integrator's step in a story: some request that was
// not made here.
const byIntegrator = ^uint32(0)

// world is everything the server holds. Objects are rows of columns in order of
// creation, found by position; nothing is ever removed. Columns that lists are
// filtered by are apart from the rest, so that a walk over a million sessions
// reads a few megabytes.
type world struct {
	seed        uint64
	live        bool
	account     string        // its id
	delay       time.Duration // of a redaction
	choice      Choices
	ids         idCodec
	tokenKeys   [feistelRuns]uint64 // of url and client_secret
	tokenPrefix string              // of both

	now       int64 // Unix nanoseconds; everything due until then is done
	until     int64 // where the clock is being advanced to
	queue     queue
	horizon   uint32 // events before it are not kept: they would be older than 30 days at the start
	tokens    uint32 // how many url and client_secret were handed out
	users     uint32 // how many people were invented
	visitors  uint32 // how many came in by traffic
	pace      time.Duration
	lively    bool               // people act by themselves
	incident  *incident          // nil: there is none
	acts      []act              // of Config.People
	returning []uint32           // people who will come back with a new session
	base      string             // what links begin with
	used      map[uint32]linkUse // by session: up to where its links were used
	taken     map[link]bool      // client_secrets that were used
	hooks     webhooks

	created   []uint32
	status    []status
	redaction []redaction
	reference []uint32 // hash of client_reference_id
	customer  []uint32 // hash of related_customer
	sessions  []session
	reports   []report
	events    []event
	causes    []cause
	links     []fileLink
	ephemeral []ephemeralKey
	results   map[uint32]*chosen // by report: its chosen texts and codes
	pending   map[uint32]*chosen // by session: those of the attempt that is processing
}

// seconds is the clock in Unix seconds, the unit of everything that objects tell.
func (w *world) seconds() uint32 { return uint32(w.now / int64(time.Second)) }

// advance does everything that is due until a time. A time before the clock is
// as if no time had passed: a clock that is set back stops the world.
func (w *world) advance(to int64) {
	if to <= w.now {
		return
	}
	w.until = to
	w.setPace(to)
	for w.queue.due(to) {
		it := w.queue.pop()
		w.now = max(w.now, it.at)
		w.perform(it)
	}
	w.now = to
}

// after plans a step of a session.
func (w *world) after(d time.Duration, i uint32, s step, c code) {
	w.queue.push(item{at: w.now + int64(d), session: i, generation: w.sessions[i].generation, step: s, code: c})
}

// sessionAt finds the session with an id.
func (w *world) sessionAt(id string) (uint32, bool) {
	i, ok := w.ids.index(idSession, id)
	if !ok || int(i) >= len(w.sessions) || w.sessionID(i) != id {
		return 0, false
	}
	return i, true
}

func (w *world) sessionID(i uint32) string { return w.ids.text(idSession, i, w.created[i]) }

// reportAt finds the report with an id.
func (w *world) reportAt(id string) (uint32, bool) {
	i, ok := w.ids.index(idReport, id)
	if !ok || int(i) >= len(w.reports) || w.reportID(i) != id {
		return 0, false
	}
	return i, true
}

func (w *world) reportID(i uint32) string { return w.ids.text(idReport, i, w.reports[i].created) }

// eventAt finds the event with an id, unless it is too old to be told.
func (w *world) eventAt(id string) (uint32, bool) {
	i, ok := w.ids.index(idEvent, id)
	if !ok || int(i) >= len(w.events) || w.events[i].at < w.eventFloor() {
		return 0, false
	}
	return i, w.ids.text(idEvent, i, w.events[i].at) == id
}

// eventFloor is the time of the oldest event that is kept: 30 days ago by the clock.
func (w *world) eventFloor() uint32 {
	return w.seconds() - min(w.seconds(), secondsOf(30*day))
}

// reportsOf gives the positions of a session's reports, the oldest first.
func (w *world) reportsOf(i uint32) []int {
	var found []int
	for at := w.sessions[i].report; at != 0; at = w.reports[at-1].before {
		found = append(found, int(at-1))
	}
	slices.Reverse(found)
	return found
}
