package emulator

import (
	"math"
	"time"
)

// seedSpan is how far back the sessions of a new world go.
const seedSpan = 42 * day

// populate fills an empty world with n sessions by living through the weeks
// before start: each session is opened at its time and moved on by the same
// steps as later ones, so that no history is impossible.
func (w *world) populate(n int, start time.Time, traffic bool) {
	at := start.UnixNano()
	w.now = at
	w.horizon = w.eventFloor()
	w.now = max(0, at-int64(w.span())-int64(day))
	if len(w.queue.items) > 0 { // people come before
		w.now = min(w.now, w.queue.items[0].at)
	}
	w.lively = true
	members := castOf(n)
	w.users = uint32(len(castUsers))
	w.reserve(n)
	stricken := w.planStricken(n-len(members), at)
	bulk := n - len(members) - stricken
	for k := range bulk {
		open := at - int64(w.slotAge(k, bulk, start))
		for len(members) > 0 && at-int64(members[0].age) <= open {
			w.advance(at - int64(members[0].age))
			w.enact(members[0], at)
			members = members[1:]
		}
		w.advance(open)
		w.visit()
	}
	for _, m := range members {
		w.advance(at - int64(m.age))
		w.enact(m, at)
	}
	w.advance(at)
	if traffic {
		w.startTraffic()
		return
	}
	w.lively = false
	w.queue.keep(func(it item) bool {
		return it.step == stepRedacted || it.step == stepAct || it.step > stepStricken && w.sessions[it.session].user == 0
	})
	w.returning = nil
}

// span is how far back the sessions go.
func (w *world) span() time.Duration {
	if w.incident != nil {
		return incidentSpan
	}
	return seedSpan
}

// growth is how much more people come now than weeks ago: 1 is no more.
func (w *world) growth() float64 {
	if w.incident != nil {
		return 1 // all days have the same traffic at the same hour
	}
	return 1.3
}

// slotAge is how long before start the k-th of n sessions is opened. More come
// now than weeks ago, and more by day than by night.
func (w *world) slotAge(k, n int, start time.Time) time.Duration {
	d := roll(w.seed, saltSlot, uint64(k), 0)
	left := (float64(n-1-k) + d.unit()) / float64(n)
	age := math.Pow(left, w.growth()) * w.span().Seconds()
	const amplitude = 9000 // seconds; below a day/2π, so that the order stays
	ofDay := float64(start.Unix()%86400) - age
	age += amplitude * min(1, age/86400) * math.Sin(2*math.Pi*ofDay/86400)
	return time.Duration(max(age, 1) * float64(time.Second))
}

// reserve makes room for n sessions with their usual events and details, so that a
// large world neither copies itself while it grows nor keeps slack.
func (w *world) reserve(n int) {
	w.created = make([]uint32, 0, n)
	w.status = make([]status, 0, n)
	w.redaction = make([]redaction, 0, n)
	w.reference = make([]uint32, 0, n)
	w.customer = make([]uint32, 0, n)
	w.sessions = make([]session, 0, n)
	w.reports = make([]report, 0, n+n/8)
	w.events = make([]event, 0, n*5/2)
}
