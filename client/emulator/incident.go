package emulator

import "time"

const (
	incidentCode    = "document_unverified_other"
	incidentCountry = "PL"
	incidentDoc     = "id_card"

	incidentAge  = time.Hour
	incidentSpan = 30 * day // each of the past 14 days has its own 14 quiet days before it
	incidentGap  = 6 * time.Minute
	incidentPace = 30 * time.Second // of all other people, see usualPace
)

// incident is a check that has begun to fail for one kind of document.
type incident struct {
	since  uint32
	users  uint32 // how many people it has brought
	goesOn bool   // they go on coming
}

func newIncident(start time.Time) *incident {
	return &incident{since: uint32(start.Add(-incidentAge).Unix())}
}

// planStricken plans those of n sessions that the incident brings before the start,
// and returns how many they are.
func (w *world) planStricken(n int, start int64) int {
	if w.incident == nil {
		return 0
	}
	count := min(max(0, n), int(incidentAge/incidentGap))
	for k := range count {
		d := roll(w.seed, saltSlot, uint64(k), 1)
		age := incidentAge - time.Duration((float64(k)+0.5*d.unit())*float64(incidentGap))
		w.queue.push(item{at: start - int64(age), step: stepStricken})
	}
	return count
}

// receiveStricken lets somebody come whom the incident strikes. With traffic, the next
// one is on the way.
func (w *world) receiveStricken() {
	n := newSession{kind: kindDocument, options: optDocument.set(optSelfieSaid, true), driven: true}
	for n.user = w.invent(); !w.person(roll(w.seed, saltUser, uint64(n.user), 1)).stricken(); {
		n.user = w.invent()
	}
	i := w.create(n, byIntegrator)
	w.after(20*time.Second, i, stepSubmit, 0)
	w.incident.users++
	if w.incident.goesOn {
		d := roll(w.seed, saltTraffic, uint64(w.incident.users), 1)
		gap := float64(incidentGap) * float64(w.pace) / float64(w.usualGap())
		w.queue.push(item{at: w.now + int64(gap*(0.75+0.5*d.unit())), step: stepStricken})
	}
}

// strikes tells whether an attempt of a session fails by the incident.
func (w *world) strikes(i, at uint32) bool {
	return w.incident != nil && at >= w.incident.since && w.sessions[i].kind == kindDocument && w.personOf(i).stricken()
}

// stricken tells whether the incident strikes a person's documents.
func (p person) stricken() bool {
	return p.country.code == incidentCountry && p.documentType == incidentDoc
}
