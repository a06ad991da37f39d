package plan

import "time"

// A countdown counts in steps, and only steps in which somebody could have pressed
// a key: over a step during which the program was stopped or the machine slept,
// more time passes on the clock than the step takes.
const (
	countStep  = 100 * time.Millisecond
	countSlack = time.Second // a busy machine may be as late
)

// countdown waits until the job may start, and tells whether it may. It begins
// anew after the program was stopped, and when CountAnew says so.
func (run *Run) countdown() bool {
	now := run.runner.config.Now
	left, last := run.delay, now()
	for left > 0 && run.stopCause() == nil && run.ctx.Err() == nil {
		step := min(left, countStep)
		sleep(run.ctx, step, run.going.Done())
		at := now()
		passed := at.Sub(last)
		last = at
		if left -= step; passed < 0 || passed > step+countSlack || run.countsAnew() {
			left = run.delay
			run.startsAt(at.Add(left))
		}
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	run.begun = run.cause == nil && run.ctx.Err() == nil
	run.signal()
	return run.begun
}

// CountAnew lets the delay before the job begin once more, if it still lasts: the
// operator could not have recalled it until now. The pace is measured anew too.
func (run *Run) CountAnew() {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.anew = !run.begun
	run.progress.interrupted()
}

func (run *Run) countsAnew() bool {
	run.mu.Lock()
	defer run.mu.Unlock()
	anew := run.anew
	run.anew = false
	return anew
}

// startsAt notes when the job begins by now.
func (run *Run) startsAt(at time.Time) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.start = at
	run.signal()
}
