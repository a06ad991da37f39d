package emulator

import "time"

// Traffic is a steady stream of visitors. Each makes about three visible changes
// (opened, submitted, decided; sometimes a retry), so one visitor in ten seconds
// is a change in three.
const usualPace = 10 * time.Second

// After a pause or a jump of the clock that is longer than longPause, the
// visitors of that time are thinned out to at most visitorsPerJump: a jump of
// weeks costs a request milliseconds, and the lists stay of a readable length.
const (
	longPause       = 2 * time.Hour
	visitorsPerJump = 720
)

// warmUp is how long it takes until as many people are under way as usually.
const warmUp = 3 * time.Minute

// startTraffic lets the first visitor in. Until new visitors submit anything, some
// earlier ones come back, so that a world is lively at once.
func (w *world) startTraffic() {
	w.queue.push(item{at: w.now + int64(2*time.Second), step: stepVisitor})
	if w.incident != nil {
		w.incident.goesOn = true
		w.queue.push(item{at: w.now + int64(3*time.Second), step: stepStricken})
	}
	wait := 5 * time.Second
	for i := len(w.sessions) - 1; i >= 0 && wait < warmUp; i-- {
		if s := &w.sessions[i]; s.driven && w.status[i] == requiresInput {
			w.after(wait, uint32(i), stepSubmit, 0)
			wait += usualPace
		}
	}
}

// usualGap is the time from one visitor to the next. Where an incident is to be seen,
// the traffic is not much more than there was before: otherwise everything would rise.
func (w *world) usualGap() time.Duration {
	if w.incident != nil {
		return incidentPace
	}
	return usualPace
}

// setPace decides how densely visitors come until a time.
func (w *world) setPace(to int64) {
	gap := time.Duration(to - w.now)
	w.pace = w.usualGap()
	if gap > longPause {
		w.pace = max(w.pace, gap/visitorsPerJump)
	}
}

// receiveVisitor lets somebody in and plans the next visitor. After the end of a jump
// visitors come at the usual pace again. Otherwise the world would stand still for as
// long as the visitors of the jump were apart.
func (w *world) receiveVisitor() {
	w.visitors++
	d := roll(w.seed, saltTraffic, uint64(w.visitors), 0)
	w.visit()
	wait := w.pace*7/10 + time.Duration(d.unit()*0.6*float64(w.pace))
	at := w.now + int64(wait)
	if usual := w.usualGap(); w.pace > usual && at > w.until {
		wait = usual*7/10 + time.Duration(d.unit()*0.6*float64(usual))
		at = max(w.now+int64(wait), min(at, w.until+int64(wait)))
	}
	w.queue.push(item{at: at, step: stepVisitor})
}
