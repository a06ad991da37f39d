package mirror

import "time"

// Phase is what the Syncer is doing.
type Phase uint8

// The phases.
const (
	Connecting Phase = iota // nothing has been read yet
	Live                    // the last poll succeeded
	Failing                 // the last poll failed; the next one is planned
	Paused                  // the operator stopped it
)

// Status is what the Syncer is doing and how true the Store is.
type Status struct {
	Phase     Phase
	Last      time.Time     // when a poll last succeeded, by this machine's clock; zero: never
	Next      time.Time     // when the next poll is due, past while one is under way; zero when paused
	Err       error         // why the last poll failed, nil when it did not
	Failures  int           // polls that failed in a row
	Filling   bool          // older sessions are still being read
	Filled    float64       // how much of the account's time is read, 0 to 1
	FillErr   error         // why reading them failed last, nil when it did not
	Checked   time.Time     // all that Stripe showed then is known, but for what is still Filling; the server's clock
	Listing   bool          // the key may not read events: changes are found by lists, which miss some
	Following bool          // another idtop on this machine reads for both
	Stale     bool          // nothing was read for so long that all is read again
	Ahead     time.Duration // how far the server's clock is ahead of this machine's
}

// show takes over what progress tells.
func (s *Status) show(p Progress) {
	begun := p.Stale || len(p.Open) > 0 && p.Open[0].Until != 0 // the newest page is there
	s.Filling, s.Filled, s.Stale = len(p.Open) > 0 && begun, p.filled(), p.Stale
	s.Checked = p.Checked.Time()
}

// Status returns what the Syncer is doing.
func (s *Syncer) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Changed is signaled, without blocking, when Status has changed.
func (s *Syncer) Changed() <-chan struct{} { return s.changed }

// Wish is how the operator wants the Syncer to work. Wishes may arrive in
// another order than they were made in: the one of the highest Sequence counts.
type Wish struct {
	Sequence uint64
	Paused   bool // read nothing; a poll under way is finished, and another process may lead meanwhile
	Away     bool // nobody looks at the screen: poll less often
}

// Steer takes a wish.
func (s *Syncer) Steer(wish Wish) {
	s.mu.Lock()
	if wish.Sequence >= s.wish.Sequence {
		s.wish = wish
	}
	s.mu.Unlock()
	s.wake()
}

// SyncNow asks for a poll at once, also while paused, but not before the time
// until which the server asked to wait.
func (s *Syncer) SyncNow() {
	s.mu.Lock()
	s.asked = true
	s.mu.Unlock()
	s.wake()
}

func (s *Syncer) wake() {
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}

func (s *Syncer) setStatus(change func(*Status)) {
	s.mu.Lock()
	change(&s.status)
	s.mu.Unlock()
	notify(s.changed)
}
