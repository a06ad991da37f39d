package plan

import (
	"context"
	"errors"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/guard"
)

// Run is a job that is being carried out. Its methods are safe for concurrent use
// at any time.
type Run struct {
	runner  *Runner
	lease   *lease
	job     Job
	closing bool          // nothing may be sent, only settled
	delay   time.Duration // the length of the countdown

	ctx    context.Context // of the requests: it ends a grace period after the caller's
	cancel context.CancelFunc

	going  context.Context // ends when no new item may begin
	halted context.CancelFunc

	changed chan struct{}
	done    chan struct{}

	mu       sync.Mutex
	cause    error     // why it halts; nil while it does not
	begun    bool      // the countdown is over
	start    time.Time // when the countdown ends, if nothing interrupts it
	anew     bool      // the countdown has to restart
	paused   bool
	resumed  chan struct{} // closed when a pause ends
	progress progress
	breaker  breaker
	err      error // of the journal, or why the run stopped early
}

// The causes of a halt besides failures.
type (
	abortCause  struct{}
	recallCause struct{}
	quitCause   struct{}
)

func (abortCause) Error() string  { return "the operator stopped it" }
func (recallCause) Error() string { return "the operator took it back" }
func (quitCause) Error() string   { return "idtop was left before it had finished" }

func newRun(ctx context.Context, r *Runner, l *lease, job Job) *Run {
	run := &Run{
		runner: r, lease: l, job: job,
		changed: make(chan struct{}, 1), done: make(chan struct{}),
		progress: progress{counts: job.Counts}, start: job.Start,
	}
	run.ctx, run.cancel = context.WithCancel(client.WithLane(context.WithoutCancel(ctx), client.LaneAction))
	run.going, run.halted = context.WithCancel(run.ctx)
	return run
}

// Job is the job at the start of the run.
func (run *Run) Job() Job { return run.job }

// Changed is signaled, without blocking, whenever Snapshot changes.
func (run *Run) Changed() <-chan struct{} { return run.changed }

// Done is closed when the run is over and its end is recorded.
func (run *Run) Done() <-chan struct{} { return run.done }

// Err tells why the run stopped before the end of its job, nil if it did not or is
// still running. An abort or a recall is no error.
func (run *Run) Err() error {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.err
}

// Pause lets the sessions under way finish, and begins no others until Continue.
func (run *Run) Pause() {
	run.mu.Lock()
	defer run.mu.Unlock()
	if !run.paused {
		run.paused, run.resumed = true, make(chan struct{})
		run.progress.interrupted()
		run.signal()
	}
}

// Continue ends a pause.
func (run *Run) Continue() {
	run.mu.Lock()
	defer run.mu.Unlock()
	if run.paused {
		run.paused = false
		close(run.resumed)
		run.signal()
	}
}

// Abort stops the run for good: requests under way finish, all other items are not
// started.
func (run *Run) Abort() { run.stopFor(abortCause{}) }

// Recall takes the job back during its countdown and tells whether it could: then
// nothing was sent, and nothing will be.
func (run *Run) Recall() bool {
	run.mu.Lock()
	defer run.mu.Unlock()
	if run.begun || run.cause != nil {
		return errors.Is(run.cause, recallCause{})
	}
	run.stopLocked(recallCause{})
	return true
}

// stopFor halts the run; the first cause counts.
func (run *Run) stopFor(cause error) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.stopLocked(cause)
}

func (run *Run) stopLocked(cause error) {
	if run.cause == nil {
		run.cause = cause
		run.halted()
		run.signal()
	}
}

// broken halts the run because the journal failed. Without it nothing may be sent
// and no answer can be recorded, so requests under way are given up too.
func (run *Run) broken(err error) {
	run.stopFor(err)
	run.mu.Lock()
	run.err = err
	run.mu.Unlock()
	run.cancel()
}

// stopCause tells why the run halts, nil while it runs.
func (run *Run) stopCause() error {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.cause
}

func (run *Run) signal() {
	select {
	case run.changed <- struct{}{}:
	default:
	}
}

// carryOut is the whole run.
func (run *Run) carryOut(ctx context.Context) {
	defer func() {
		run.lease.release()
		j := run.runner.config.Journal
		j.mu.Lock()
		delete(j.runs, run.job.ID)
		j.mu.Unlock()
		run.mu.Lock()
		run.signal()
		run.mu.Unlock()
		close(run.done)
	}()
	defer run.until(ctx)()
	items, err := run.runner.config.Journal.Items(run.job.ID)
	if err == nil && !run.closing {
		err = run.job.isPlan(items)
	}
	if err != nil {
		run.broken(err)
		return
	}
	if run.closing || run.countdown() {
		// Sessions that a crash left unknown come first: the operator wants to know
		// their outcome, and their idempotency keys may grow old.
		run.each(items, func(it Item) bool { return it.State == Sending || it.State == Unknown }, true)
		run.each(items, func(it Item) bool { return it.State == Pending }, false)
	}
	run.finish()
}

// until ends the run when ctx ends, after a grace period for answers under way. The
// returned end stops the watch and the requests.
func (run *Run) until(ctx context.Context) (end func()) {
	left := context.AfterFunc(ctx, func() {
		defer guard.Catch()
		run.stopFor(quitCause{})
		client.Sleep(run.ctx, grace, nil)
		run.cancel()
	})
	return func() {
		left()
		run.cancel()
	}
}

// errPanic halts a run after a panic in one of its goroutines.
var errPanic = errors.New("internal error")

// each carries out the chosen items, several at once, and returns when all are done
// or the run halts. Items that only have to be settled are settled even after an
// abort.
func (run *Run) each(items []Item, chosen func(Item) bool, settle bool) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, it := range items {
		if !chosen(it) {
			continue
		}
		if !run.turn(settle) {
			return
		}
		run.flying(+1)
		wg.Go(func() {
			defer func() { <-run.runner.slots }()
			defer run.flying(-1)
			ended := false
			defer func() {
				if !ended {
					run.stopFor(errPanic)
				}
			}()
			defer guard.Catch()
			e := &errand{run: run, item: it, was: it.State}
			if err := e.alone(run.ctx); err != nil {
				run.broken(err)
			}
			ended = true
		})
	}
}

// turn waits for permission to begin another item, and tells whether it got it.
func (run *Run) turn(settle bool) bool {
	halt := run.going.Done()
	if settle && run.closing {
		halt = nil
	}
	for {
		run.mu.Lock()
		stopped, paused, resumed := run.cause != nil && halt != nil, run.paused, run.resumed
		run.mu.Unlock()
		if stopped || run.ctx.Err() != nil {
			return false
		}
		if paused {
			select {
			case <-resumed:
			case <-run.ctx.Done():
			case <-halt:
			}
			continue
		}
		select {
		case run.runner.slots <- struct{}{}:
		case <-run.ctx.Done():
			return false
		case <-halt:
			return false
		}
		if halt != nil && run.stopCause() != nil { // both were ready
			<-run.runner.slots
			return false
		}
		return true
	}
}

// finish records how the run ended.
func (run *Run) finish() {
	cause := run.stopCause()
	if err := run.Err(); err != nil { // the journal itself failed
		run.runner.sayLater(run.lease, run.job.ID, err.Error())
		return
	}
	state, why := Finished, ""
	switch cause.(type) {
	case nil:
	case abortCause:
		if state = Aborted; run.closing {
			state = Closed
		}
	case recallCause:
		state = Recalled
	default:
		state, why = Open, cause.Error()
	}
	var err error
	if state == Open {
		err = run.lease.stopped(why)
	} else {
		err = run.lease.end(state, why, run.runner.serverNow())
	}
	if err == nil && state == Open {
		err = cause
	}
	job, failed := run.runner.config.Journal.Job(run.job.ID)
	run.mu.Lock()
	defer run.mu.Unlock()
	run.err = errors.Join(err, failed)
	if failed == nil {
		run.progress.counts = job.Counts
	}
	run.runner.wakeFollower()
}

// flying counts the items that are under way.
func (run *Run) flying(n int) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.progress.inFlight += n
	run.signal()
}

// concluded notes the outcome of an item.
func (run *Run) concluded(was, now ItemState, trouble bool) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.progress.moved(was, now, time.Now())
	if err := run.breaker.note(now, trouble); err != nil {
		run.stopLocked(err)
	}
	run.signal()
}

// A countdown counts in steps, and counts only steps during which a key could have
// been pressed: while the program is stopped or the machine sleeps, the clock moves
// by more than the step.
const (
	countStep  = 100 * time.Millisecond
	countSlack = time.Second // a busy machine may be late by this much
)

// countdown waits until the job may start, and tells whether it may. It restarts
// after the program was stopped, and at CountAnew.
func (run *Run) countdown() bool {
	now := run.runner.config.Now
	left, last := run.delay, now()
	for left > 0 && run.stopCause() == nil && run.ctx.Err() == nil {
		step := min(left, countStep)
		client.Sleep(run.ctx, step, run.going.Done())
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

// CountAnew restarts the countdown of the job if it still runs: the operator could
// not have recalled the job until now. The rate is measured anew too.
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

// startsAt notes when the job will begin.
func (run *Run) startsAt(at time.Time) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.start = at
	run.signal()
}
