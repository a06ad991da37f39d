package plan

import "time"

// recent is how many ended items the rate is computed from.
const recent = 100

// progress measures the rate of a run.
type progress struct {
	counts   Counts
	inFlight int
	ended    [recent]time.Time // when the last items ended, as a ring
	n        int               // how many ended since the beginning or an interruption
}

// moved notes that an item left a state for another.
func (p *progress) moved(was, state ItemState, now time.Time) {
	p.counts[was]--
	p.counts[state]++
	if was != state && state != Sending && state != Pending {
		p.ended[p.n%recent] = now
		p.n++
	}
}

// interrupted forgets the rate: the time of a pause does not count.
func (p *progress) interrupted() { p.n = 0 }

// rate is the number of items that ended in a second lately; 0: not known.
func (p *progress) rate(now time.Time) float64 {
	n := min(p.n, recent)
	if n < 2 {
		return 0
	}
	span := now.Sub(p.ended[(p.n-n)%recent]).Seconds()
	if span <= 0 {
		return 0
	}
	return float64(n-1) / span
}

// Phase is the stage of a run.
type Phase uint8

// The phases.
const (
	Countdown Phase = iota + 1 // nothing is sent yet, and the job can be recalled
	Running
	Paused
	Stopping // the sessions under way finish, and no other begins
	Over
)

var phaseWords = [...]string{"unknown", "countdown", "running", "paused", "stopping", "over"}

// String returns the phase's word.
func (p Phase) String() string {
	if int(p) < len(phaseWords) {
		return phaseWords[p]
	}
	return phaseWords[0]
}

// Snapshot is the progress of a run.
type Snapshot struct {
	Job      int64
	Phase    Phase
	Start    time.Time // until then it can be recalled
	Counts   Counts
	Left     int // items still to be carried out, including those in flight
	InFlight int
	Rate     float64       // items a second lately; 0: not known
	ETA      time.Duration // until the last item ends; 0: not known, or over
	Why      string        // why it stops or stopped before its end, or ""
}

// Snapshot returns the present progress of the run.
func (run *Run) Snapshot() Snapshot {
	run.mu.Lock()
	defer run.mu.Unlock()
	p := &run.progress
	s := Snapshot{Job: run.job.ID, Phase: run.phase(), Start: run.start, Counts: p.counts, InFlight: p.inFlight}
	s.Left = p.counts.Of(Pending, Sending)
	if s.Phase == Running {
		if s.Rate = p.rate(time.Now()); s.Rate > 0 {
			s.ETA = time.Duration(float64(s.Left) / s.Rate * float64(time.Second))
		}
	}
	if run.cause != nil {
		s.Why = run.cause.Error()
	}
	return s
}

func (run *Run) phase() Phase {
	select {
	case <-run.done:
		return Over
	default:
	}
	switch {
	case run.cause != nil:
		return Stopping
	case run.paused:
		return Paused
	case !run.begun:
		return Countdown
	}
	return Running
}
