package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// submitFields say how a verification ends. attempts[] fail before the outcome, each
// with a code or several, one for each check that fails; code are those of the last one.
var submitFields = append([]field{
	{name: "outcome"}, {name: "code", form: formTexts}, {name: "attempts", form: formList}, {name: "delay"},
}, resultFields...)

// submission is the wish of a control: the outcome, the codes of each attempt that
// fails, and the texts of the documents.
type submission struct {
	outcome  status
	attempts [][]code // the last one is of the outcome where that is requires_input
	shown    *chosen  // nil: those of the invented person
	delay    time.Duration
}

// controlSubmit plays the person: the session goes to processing at once, and
// after the delay to the outcome. A session that is processing already only
// gets its outcome.
func (w *world) controlSubmit(i uint32, form *node) error {
	if now := w.status[i]; now != requiresInput && now != processing || w.redaction[i].begun() {
		return fmt.Errorf("session %s can't be submitted: its status is %s; only a session in requires_input or processing can", w.sessionID(i), describe(w, i))
	}
	sub, err := w.readSubmission(i, form)
	if err != nil {
		return err
	}
	last := []code{0}
	if sub.outcome == requiresInput {
		last, sub.attempts = sub.attempts[len(sub.attempts)-1], sub.attempts[:len(sub.attempts)-1]
	}
	for _, codes := range sub.attempts {
		w.try(i, 0, codes, sub.shown.earlier())
	}
	if sub.outcome == processing {
		w.beginAttempt(i)
		return nil
	}
	w.try(i, sub.delay, last, sub.shown)
	return nil
}

// try lets an attempt end after a while, with the codes of the checks that fail or with
// the one code 0.
func (w *world) try(i uint32, delay time.Duration, codes []code, shown *chosen) {
	if c := codes[0]; c != 0 && failures[c].check == checkNone {
		w.soon(delay, i, stepLeave, c)
		return
	}
	w.beginAttempt(i)
	if more := codes[1:]; len(more) > 0 || shown != nil {
		r := chosen{}
		if shown != nil {
			r = *shown
		}
		r.codes = more
		w.pending[i] = &r
	}
	w.soon(delay, i, stepDecide, codes[0])
}

// beginAttempt submits a session, or takes over the attempt that is processing: its
// planned outcome is void.
func (w *world) beginAttempt(i uint32) {
	delete(w.pending, i)
	if w.status[i] == requiresInput {
		w.submit(i)
	} else {
		w.sessions[i].generation++
	}
}

// readSubmission reads a form, and refuses outcomes that are impossible for the session.
func (w *world) readSubmission(i uint32, form *node) (sub submission, err error) {
	if sub.delay, err = readDuration("delay", form.value("delay"), 0, longest); err != nil {
		return sub, err
	}
	waits := w.status[i] == requiresInput
	for _, text := range form.values("attempts") {
		codes, err := w.readCodes(i, []string{text}, waits)
		if err != nil {
			return sub, err
		}
		sub.attempts = append(sub.attempts, codes)
		waits = true
	}
	given := form.texts("code")
	switch name := form.value("outcome"); name {
	case "processing", "verified":
		if len(given) > 0 {
			return sub, fmt.Errorf("code=%s goes with outcome=requires_input only; leave one of them out, or send it as attempts[]", clip(strings.Join(given, ",")))
		}
		if sub.outcome = verified; name == "processing" {
			sub.outcome = processing
		}
	case "requires_input":
		if len(given) == 0 {
			given = []string{"document_unverified_other"} // what Stripe's own test mode gives
			if w.sessions[i].kind == kindIDNumber {
				given = []string{"id_number_unverified_other"}
			}
		}
		codes, err := w.readCodes(i, given, waits)
		if err != nil {
			return sub, err
		}
		sub.attempts = append(sub.attempts, codes)
	default:
		return sub, fmt.Errorf("outcome=%s is no outcome; say processing, verified or requires_input%s", clip(name), operationOf(name))
	}
	sub.shown, err = w.readResult(i, form)
	if err == nil && sub.shown != nil {
		err = sub.fits(w.now)
	}
	return sub, err
}

// operationOf names the operation of the API that ends a session in another way than
// the person does.
func operationOf(outcome string) string {
	for _, end := range []struct{ outcome, operation string }{{"canceled", "cancel"}, {"redacted", "redact"}} {
		if end.outcome == outcome {
			return fmt.Sprintf("; POST %s/{id}/%s %[2]ss", sessionsPath, end.operation)
		}
	}
	return ""
}

// readCodes reads the codes of one attempt: of different checks, or one of the visit.
func (w *world) readCodes(i uint32, texts []string, waits bool) ([]code, error) {
	var codes []code
	for _, name := range strings.Split(strings.Join(texts, ","), ",") {
		c, err := failureNamed(strings.TrimSpace(name))
		if err == nil {
			err = w.refuseImpossible(i, c, waits)
		}
		if err != nil {
			return nil, err
		}
		for _, other := range codes {
			if failures[other].check == failures[c].check || failures[c].check == checkNone || failures[other].check == checkNone {
				return nil, fmt.Errorf("%s and %s don't fail at once: an attempt has one code for each check; send another attempt as attempts[]", failures[other].name, failures[c].name)
			}
		}
		codes = append(codes, c)
	}
	return codes, nil
}

// refuseImpossible tells which codes are possible for a session where one is not:
// nothing fails a check that the session does not run, and a visit ends only before
// something was submitted, while the session waits.
func (w *world) refuseImpossible(i uint32, c code, waits bool) error {
	s := &w.sessions[i]
	names, visits := s.options.possibleNames(s.kind)
	if waits {
		names = append(names, visits...)
	}
	if slices.Contains(names, failures[c].name) {
		return nil
	}
	why := "it runs no such check"
	if failures[c].check == checkNone {
		why = "it was submitted, and that happens only before"
	} else if c == insufficientData && s.options.checks(s.kind, checkIDNumber) {
		why = "it takes no document"
	}
	return fmt.Errorf("code=%s is not possible for session %s: %s; possible are: %s", failures[c].name, w.sessionID(i), why, strings.Join(names, ", "))
}

func failureNamed(name string) (code, error) {
	c, ok := codeNamed(name)
	if !ok {
		return 0, fmt.Errorf("code=%s is no failure; there are: %s", clip(name), strings.Join(codeNames(), ", "))
	}
	return c, nil
}

// soon does a step after a delay, or at once if there is none.
func (w *world) soon(d time.Duration, i uint32, s step, c code) {
	if d > 0 {
		w.after(d, i, s, c)
		return
	}
	w.perform(item{session: i, generation: w.sessions[i].generation, step: s, code: c})
}
