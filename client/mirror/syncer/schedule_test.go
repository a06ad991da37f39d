package syncer_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
)

// run is one random schedule: an account, some processes that share a mirror,
// and all that can go wrong.
type run struct {
	t       *testing.T
	design  syncer.Design
	truth   *truth
	handle  func() mirror.Store
	release func(mirror.Store)
	trouble float64 // how many requests fail
	crashes float64 // how many commits end a process before it, end it after it, and hang
	procs   []*process

	mu         sync.Mutex
	dice       *rand.Rand
	violations []string
	epoch      uint64 // of the last commit
	commits    int
	progress   mirror.Progress
	shown      map[string]mirror.Row
	marks      map[string]bool // events that were recorded
	tailed     int             // those up to here were, in time
}

// shelf gives every process its handle on one mirror.
type shelf struct {
	handle  func() mirror.Store
	release func(mirror.Store)
}

// play runs a schedule to its end and returns what it violated. Without sweep
// it ends once all events must have been dealt with.
func play(t *testing.T, seed uint64, design syncer.Design, open func(t *testing.T) shelf, sweep bool) (violations []string) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(seed, 7))
		on := open(t)
		r := &run{
			t: t, design: design, truth: newTruth(random), dice: rand.New(rand.NewPCG(seed, 8)),
			handle: on.handle, release: on.release, shown: map[string]mirror.Row{}, marks: map[string]bool{},
		}
		r.trouble = pickOf(r.dice, 0, 0, 0.02, 0.1)
		r.crashes = pickOf(r.dice, 0, 0, 0.005, 0.03)
		r.truth.past(pickOf(r.dice, 0, 3, 40, 130, 400, 700))
		for range 1 + r.below(4) {
			r.procs = append(r.procs, r.begin())
			time.Sleep(r.span(5 * time.Second))
		}
		r.live(time.Duration(1+r.below(5)) * time.Minute)
		if r.below(4) == 0 {
			r.absence([]time.Duration{2 * time.Hour, 70 * time.Hour, 27 * 24 * time.Hour, 40 * 24 * time.Hour}[r.below(4)])
			r.live(2 * time.Minute)
		}
		r.rest(sweep)
		for _, p := range r.procs {
			p.bury()
		}
		violations = r.violations
	})
	return violations
}

func (r *run) roll() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dice.Float64()
}

// below is a random number below another.
func (r *run) below(n int) int { return int(r.roll() * float64(n)) }

// span is a random time up to one.
func (r *run) span(d time.Duration) time.Duration { return time.Duration(r.roll() * float64(d)) }

func (r *run) violated(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.violations = append(r.violations, fmt.Sprintf(format, args...))
}

// live lets the account and the processes live for a while.
func (r *run) live(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(r.span(15 * time.Second))
		moves := 1
		if r.roll() < 0.15 {
			moves = 2 + r.below(12) // in one second, or nearly
		}
		for range moves {
			r.truth.move()
			if r.roll() < 0.2 {
				time.Sleep(r.span(time.Second))
			}
		}
		for i, p := range r.procs {
			switch fate := r.roll(); {
			case p.dead.Load():
				p.bury()
				r.procs[i] = r.begin()
			case fate < 0.02:
				p.die()
			case fate < 0.06:
				p.act()
			case fate < 0.08:
				p.syncer.SyncNow()
			case fate < 0.11:
				p.wish.Sequence++
				p.wish.Paused, p.wish.Away = r.roll() < 0.3, r.roll() < 0.3
				p.syncer.Steer(p.wish)
			}
		}
	}
}

// reached is the progress as another process sees it.
func (r *run) reached() mirror.Progress {
	store := r.handle()
	defer r.release(store)
	p, err := store.Progress(r.t.Context())
	if err != nil {
		r.violated("progress: %v", err)
	}
	return p
}

// absence lets no process run for a time, while the account goes on.
func (r *run) absence(d time.Duration) {
	for _, p := range r.procs {
		p.bury()
	}
	before := r.reached()
	for range 40 {
		time.Sleep(r.span(d / 20))
		r.truth.move()
	}
	gone := client.Unix(r.truth.now().Unix()) - before.Tail
	for i := range r.procs {
		r.procs[i] = r.begin()
	}
	// I10: an absence that may have lost events is always noticed.
	time.Sleep(3 * time.Minute)
	if after := r.reached(); before.Anchor != 0 && gone > 26*86400 && after.Anchor == before.Anchor && after.Checked > before.Checked {
		r.violated("I10: an absence of %d days was not noticed", gone/86400)
	}
}

// awaitSweep lets time pass until a sweep has ended that began from now on, which
// is a day later at most.
func (r *run) awaitSweep() {
	start := client.Unix(r.truth.now().Unix())
	for range 60 {
		time.Sleep(30 * time.Minute)
		if r.reached().Sweep.Last >= start {
			return
		}
	}
	r.violated("no sweep has begun and ended since %d: %+v", start, r.reached().Sweep)
}

// rest ends all trouble and compares once all must be dealt with.
func (r *run) rest(sweep bool) {
	r.mu.Lock()
	r.crashes = 0
	r.mu.Unlock()
	for i, p := range r.procs {
		p.wish.Sequence++
		p.wish.Paused, p.wish.Away = false, false
		p.syncer.Steer(p.wish)
		r.truth.mu.Lock()
		p.wire.trouble = 0
		r.truth.mu.Unlock()
		if p.dead.Load() {
			p.bury()
			r.trouble = 0
			r.procs[i] = r.begin()
		}
	}
	time.Sleep(5 * time.Minute)
	r.compare("after the events", true)
	if !sweep || len(r.violations) > 0 {
		return
	}
	for _, p := range r.procs[1:] {
		p.bury()
	}
	r.procs = r.procs[:1]
	r.procs[0].wish.Sequence++
	r.procs[0].wish.Away = true
	r.procs[0].syncer.Steer(r.procs[0].wish)
	r.awaitSweep()
	r.compare("after a sweep", false)
}
