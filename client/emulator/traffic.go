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
	wait := 5 * time.Second
	for i := len(w.sessions) - 1; i >= 0 && wait < warmUp; i-- {
		if s := &w.sessions[i]; s.driven && w.status[i] == requiresInput {
			w.after(wait, uint32(i), stepSubmit, 0)
			wait += usualPace
		}
	}
}

// setPace decides how densely visitors come until a time.
func (w *world) setPace(to int64) {
	gap := time.Duration(to - w.now)
	w.pace = usualPace
	if gap > longPause {
		w.pace = max(usualPace, gap/visitorsPerJump)
	}
}

// receiveVisitor lets somebody in and plans the next one. Whoever comes after
// the end of a jump comes at the usual pace again, or the world would stand
// still for as long as the visitors of the jump were apart.
func (w *world) receiveVisitor() {
	w.visitors++
	d := roll(w.seed, saltTraffic, uint64(w.visitors), 0)
	w.visit()
	wait := w.pace*7/10 + time.Duration(d.unit()*0.6*float64(w.pace))
	at := w.now + int64(wait)
	if w.pace > usualPace && at > w.until {
		wait = usualPace*7/10 + time.Duration(d.unit()*0.6*float64(usualPace))
		at = max(w.now+int64(wait), min(at, w.until+int64(wait)))
	}
	w.queue.push(item{at: at, step: stepVisitor})
}
