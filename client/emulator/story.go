package emulator

import "time"

// A story is the steps of a person and of the integrator with one session. It is not
// written down beforehand: after each change plan decides the next step, from a
// stream of numbers keyed by the session and how often it has changed. So a
// million stories need no memory, and an operator's action meanwhile changes only
// its own session.

// Shares of people's choices, in permille. Together they end where real accounts
// do: about nine of ten finished sessions verified.
const (
	neverSubmitted   = 35 // the link is never used
	leavesAtOnce     = 38 // a failure of the visit comes first
	firstTryPasses   = 860
	laterTryPasses   = 620
	retriesInSession = 600
	retriesInNew     = 150
	cleanedUp        = 650 // of unused sessions the integrator cancels
	givenUpCanceled  = 200
	verifiedRedacted = 7
	canceledRedacted = 120
	takesLong        = 2 // of the checks
	maxAttempts      = 5 // within one session
)

// newcomer decides the purpose of a session that the story opens.
func (w *world) newcomer(i uint32) newSession {
	d := roll(w.seed, saltSession, uint64(i), 1)
	n := newSession{kind: kindDocument, driven: true}
	switch p := d.below(1000); {
	case p < 45:
		n.kind, n.options = kindFlow, optFlow
	case p < 100:
		n.kind, n.options = kindIDNumber, optIDNumber
	default:
		n.options = optDocument
		if d.chance(700) {
			n.options = n.options.set(optSelfieSaid, true)
		}
		if d.chance(150) {
			n.options = n.options.set(optIDNumberSaid, true)
		}
		if d.chance(120) {
			n.options = n.options.set(optLiveSaid, true)
		}
		if d.chance(100) {
			n.options = n.options.withTypes("driving_license", "passport")
		}
	}
	return n
}

// invent counts a new user in.
func (w *world) invent() uint32 {
	w.users++
	return w.users
}

// visit opens a session for somebody who comes back, or for somebody new.
func (w *world) visit() {
	n := w.newcomer(uint32(len(w.sessions)))
	if len(w.returning) > 0 {
		n.user = w.returning[0]
		w.returning = append(w.returning[:0], w.returning[1:]...)
	} else {
		n.user = w.invent()
	}
	w.plan(w.create(n, byIntegrator))
}

// plan queues the next step of a session that the story drives.
func (w *world) plan(i uint32) {
	if w.redaction[i].begun() {
		return
	}
	s := &w.sessions[i]
	d := roll(w.seed, saltPlan, uint64(i), uint64(s.generation))
	switch w.status[i] {
	case requiresInput:
		if s.code == 0 {
			w.planFirstVisit(i, &d)
		} else if failures[s.code].check == checkNone {
			w.planAfterLeaving(i, &d)
		} else {
			w.planAfterFailure(i, &d)
		}
	case processing:
		w.planOutcome(i, &d)
	case verified:
		if d.chance(verifiedRedacted) {
			w.after(d.between(day, 20*day), i, stepRedact, 0)
		}
	case canceled:
		if d.chance(canceledRedacted) {
			w.after(d.between(day, 6*day), i, stepRedact, 0)
		}
	}
}

const day = 24 * time.Hour

func (w *world) planFirstVisit(i uint32, d *dice) {
	switch n := d.below(1000); {
	case n < neverSubmitted:
		if d.chance(cleanedUp) {
			w.after(d.between(2*day, 7*day), i, stepCancel, 0)
		}
	case n < neverSubmitted+leavesAtOnce:
		c := pickCode(d, func(c code) bool { return failures[c].check == checkNone })
		w.after(d.between(20*time.Second, 8*time.Minute), i, stepLeave, c)
	default:
		w.after(d.between(20*time.Second, 4*time.Minute), i, stepSubmit, 0)
	}
}

func (w *world) planAfterLeaving(i uint32, d *dice) {
	const changeTheirMind = 250
	again := 500
	switch failures[w.sessions[i].code].name {
	case "country_not_supported", "under_supported_age":
		again = 0
	case "consent_declined":
		again = changeTheirMind
	}
	switch n := d.below(1000); {
	case n < again:
		w.after(d.between(2*time.Minute, 10*time.Hour), i, stepSubmit, 0)
	case n < again*5/4:
		w.after(d.between(10*time.Minute, 2*day), i, stepReturn, 0)
	case d.chance(givenUpCanceled):
		w.after(d.between(day, 6*day), i, stepCancel, 0)
	}
}

func (w *world) planAfterFailure(i uint32, d *dice) {
	n := d.below(1000)
	switch {
	case n < retriesInSession && w.sessions[i].attempts < maxAttempts:
		w.after(d.between(30*time.Second, 6*time.Minute), i, stepSubmit, 0)
	case n < retriesInSession+retriesInNew:
		w.after(d.between(time.Minute, 40*time.Minute), i, stepReturn, 0)
	case d.chance(givenUpCanceled):
		w.after(d.between(day, 6*day), i, stepCancel, 0)
	}
}

func (w *world) planOutcome(i uint32, d *dice) {
	s := &w.sessions[i]
	takes := d.between(5*time.Second, 40*time.Second)
	if d.chance(takesLong) {
		takes = d.between(20*time.Minute, time.Hour)
	}
	passes := firstTryPasses
	if s.attempts > 0 {
		passes = laterTryPasses
	}
	var c code
	if w.strikes(i, w.seconds()) {
		c = mustCode(incidentCode)
	} else if !d.chance(passes) {
		c = pickCode(d, func(c code) bool { return failures[c].check != checkNone && s.options.possible(s.kind, c) })
	}
	w.after(takes, i, stepDecide, c)
}
