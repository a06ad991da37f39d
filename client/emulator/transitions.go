package emulator

import "time"

// The functions here make all changes of a session. Whether one
// is allowed is for the caller; that it is told by an event is done here. What
// causes a change is a position in causes + 1, or 0 for the person and Stripe.

// newSession is the start of a session.
type newSession struct {
	details *details // nil: those of the user's story
	user    uint32
	kind    kind
	options options
	driven  bool
}

func (w *world) create(n newSession, by uint32) uint32 {
	i := uint32(len(w.sessions))
	w.created = append(w.created, w.seconds())
	w.status = append(w.status, requiresInput)
	w.redaction = append(w.redaction, notRedacted)
	w.sessions = append(w.sessions, session{
		details: n.details, user: n.user, kind: n.kind, options: n.options, driven: n.driven,
	})
	var reference, customer uint32
	if n.details != nil {
		reference, customer = hashText(n.details.clientReferenceID), hashText(n.details.relatedCustomer)
	} else {
		reference, customer = hashText(w.userReference(n.user)), hashText(w.userCustomer(n.user))
	}
	w.reference = append(w.reference, reference)
	w.customer = append(w.customer, customer)
	w.raise(eventCreated, i, by)
	return i
}

// replaceDetails changes the details of a session; no event tells it.
func (w *world) replaceDetails(i uint32, d details) {
	w.sessions[i].details = &d
	w.reference[i], w.customer[i] = hashText(d.clientReferenceID), hashText(d.relatedCustomer)
}

// submit: requires_input -> processing. The last error is gone while checks run,
// unless that is chosen otherwise.
func (w *world) submit(i uint32) {
	var kept code
	if w.choice.LastErrorKept {
		kept = w.sessions[i].code
	}
	w.enter(i, processing, kept)
	w.raise(eventProcessing, i, 0)
}

// decide: processing -> verified, or -> requires_input with a code. Either way
// the attempt leaves a report.
func (w *world) decide(i uint32, c code) {
	s := &w.sessions[i]
	s.attempts++
	w.reports = append(w.reports, report{
		created: w.seconds(), session: i, before: s.report,
		options: s.options, kind: s.kind, code: c, attempt: s.attempts,
	})
	if r := w.pending[i]; r != nil {
		w.results[uint32(len(w.reports)-1)] = r
		delete(w.pending, i)
	}
	s.report = uint32(len(w.reports))
	if c == 0 {
		w.enter(i, verified, 0)
		w.raise(eventVerified, i, 0)
		return
	}
	w.enter(i, requiresInput, c)
	w.raise(eventRequiresInput, i, 0)
}

// leave: requires_input stays, with a code that no check found: no report.
func (w *world) leave(i uint32, c code) {
	w.enter(i, requiresInput, c)
	if !w.choice.SilentVisits {
		w.raise(eventRequiresInput, i, 0)
	}
}

// override: verified -> requires_input or back, by hand, without an attempt.
func (w *world) override(i uint32, to status, c code) {
	w.enter(i, to, c)
	if to == verified {
		w.raise(eventVerified, i, 0)
	} else {
		w.raise(eventRequiresInput, i, 0)
	}
}

// cancel: requires_input -> canceled. It erases the last error.
func (w *world) cancel(i, by uint32) {
	w.enter(i, canceled, 0)
	w.raise(eventCanceled, i, by)
}

// redact hides everything private at once and completes later; a session that
// still waits for its person is canceled by it.
func (w *world) redact(i, by uint32) {
	if w.status[i] == requiresInput {
		w.cancel(i, by)
	}
	d := w.detailsOf(i, w.sessions[i].details).redacted(w.choice.RedactReferences)
	w.replaceDetails(i, d)
	for _, at := range w.reportsOf(i) {
		if r := w.results[uint32(at)]; r != nil {
			w.results[uint32(at)] = r.redacted()
		}
	}
	w.redaction[i] = redacting
	w.sessions[i].generation++
	if w.delay <= 0 {
		w.completeRedaction(i)
		return
	}
	w.after(w.delay, i, stepRedacted, 0)
}

func (w *world) completeRedaction(i uint32) {
	w.redaction[i] = redacted
	w.raise(eventRedacted, i, 0)
}

func (w *world) enter(i uint32, to status, c code) {
	w.status[i] = to
	w.sessions[i].code = c
	w.sessions[i].generation++
}

func (w *world) raise(k eventKind, i, by uint32) {
	at := w.seconds()
	if at < w.horizon || !w.wantsEvent(k) {
		return
	}
	s := &w.sessions[i]
	w.events = append(w.events, event{
		details: s.details, at: at, session: i, report: s.report, cause: by,
		options: s.options, kind: k, status: w.status[i], redaction: w.redaction[i],
		code: s.code, sessions: s.kind,
	})
	w.hooks.announce(uint32(len(w.events)-1), k, w.now)
}

// perform does an item that is due.
func (w *world) perform(it item) {
	switch it.step {
	case stepVisitor:
		w.receiveVisitor()
		return
	case stepStricken:
		w.receiveStricken()
		return
	case stepAct:
		_ = w.performAct(it.session) // Check has tried it; what is refused now has no effect
		return
	}
	i := it.session
	if it.step == stepRedacted {
		if w.redaction[i] == redacting {
			w.completeRedaction(i)
		}
		return
	}
	if it.generation != w.sessions[i].generation {
		return
	}
	switch it.step {
	case stepSubmit:
		w.submit(i)
	case stepDecide:
		w.decide(i, it.code)
	case stepLeave:
		w.leave(i, it.code)
	case stepReturn:
		w.returning = append(w.returning, w.sessions[i].user)
		return
	case stepCancel:
		w.cancel(i, byIntegrator)
	case stepRedact:
		w.redact(i, byIntegrator)
	}
	if w.lively && w.sessions[i].driven {
		w.plan(i)
	}
}

// secondsOf turns a duration into whole seconds.
func secondsOf(d time.Duration) uint32 { return uint32(d / time.Second) }
