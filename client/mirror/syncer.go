package mirror

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"idtop/client"
)

// Defaults and bounds of SyncerConfig.
const (
	DefaultInterval = 3 * time.Second  // between polls while somebody looks
	DefaultIdle     = 15 * time.Second // between polls while nobody does
	DefaultLimit    = 10_000           // how many sessions are read at most
	longestWait     = time.Minute      // between polls that fail
)

// SyncerConfig is what a Syncer works with; zero durations and limits stand for
// the defaults.
type SyncerConfig struct {
	API      client.API
	Store    Store
	Interval time.Duration
	Idle     time.Duration
	Limit    int
	Budget   Allowance // nil: reads are not counted
}

// Allowance paces what is read, so that a month's reads last for the month.
type Allowance interface {
	// Stretch is how long to wait from one poll to the next where interval is
	// what would be best; never less.
	Stretch(now time.Time, interval time.Duration) time.Duration
	// Spare is how long to wait before the next page of the back-fill; 0: not at
	// all. It is asked before each page.
	Spare(now time.Time) time.Duration
	// SpareSweep is the same for a page of the sweep, which is less urgent.
	SpareSweep(now time.Time) time.Duration
}

// Syncer keeps a Store true by reading the newest page and every session that
// is not final again and again. Older sessions are read once, page by page,
// between the polls.
type Syncer struct {
	config  SyncerConfig
	changed chan struct{}
	nudge   chan struct{}

	mu     sync.Mutex
	status Status
	wish   Wish
	asked  bool

	// Owned by Run.
	round     pollRound
	fill      backfill
	due       time.Time
	notBefore time.Time   // until when the server asked to wait
	began     client.Unix // the server's time of the first poll; 0 before it
}

// NewSyncer returns a Syncer that does nothing until Run.
func NewSyncer(config SyncerConfig) *Syncer {
	if config.Interval <= 0 {
		config.Interval = DefaultInterval
	}
	if config.Idle <= 0 {
		config.Idle = max(DefaultIdle, config.Interval)
	}
	if config.Limit <= 0 {
		config.Limit = DefaultLimit
	}
	return &Syncer{config: config, changed: make(chan struct{}, 1), nudge: make(chan struct{}, 1)}
}

// Run reads until ctx ends. Errors of the API are shown in Status and tried
// again; none ends it.
func (s *Syncer) Run(ctx context.Context) {
	for ctx.Err() == nil {
		paused, now := s.takeWish(), time.Now()
		switch {
		case !paused && !now.Before(s.due):
			s.poll(ctx)
		case !paused && s.fill.pending() && s.status.Err == nil && !now.Before(s.fill.due):
			s.fillPage(ctx)
		default:
			s.wait(ctx, paused)
		}
	}
}

// takeWish applies what Steer and SyncNow asked for and tells whether nothing is
// to be read now.
func (s *Syncer) takeWish() (paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.status
	if now := time.Now(); s.asked && !now.Before(s.notBefore) {
		s.asked, s.due = false, now
		return false
	}
	if s.status.Failures == 0 && !s.status.Last.IsZero() { // another pace moves the next poll
		s.due = s.status.Last.Add(s.interval())
	}
	switch {
	case s.wish.Paused:
		s.status.Phase, s.status.Next = Paused, time.Time{}
	case s.status.Err != nil:
		s.status.Phase, s.status.Next = Failing, s.due
	case !s.status.Last.IsZero():
		s.status.Phase, s.status.Next = Live, s.due
	}
	if s.status.Phase != before.Phase || !s.status.Next.Equal(before.Next) {
		notify(s.changed)
	}
	return s.wish.Paused
}

func (s *Syncer) interval() time.Duration {
	if s.wish.Away {
		return s.config.Idle
	}
	return s.config.Interval
}

// wait ends when there may be something to do.
func (s *Syncer) wait(ctx context.Context, paused bool) {
	next := s.due
	if s.fill.pending() && s.status.Err == nil && s.fill.due.Before(next) {
		next = s.fill.due
	}
	var due <-chan time.Time
	s.mu.Lock()
	if s.asked {
		next, paused = s.notBefore, false
	}
	s.mu.Unlock()
	if !paused {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
	case <-s.nudge:
	case <-due:
	}
}

// poll reads one round and plans the next.
func (s *Syncer) poll(ctx context.Context) {
	err := s.readRound(ctx)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		s.failed(err)
		return
	}
	s.setStatus(func(status *Status) {
		now := time.Now()
		s.due = now.Add(s.interval())
		status.Phase, status.Err, status.Failures = Live, nil, 0
		status.Last, status.Next = now, s.due
	})
}

// failed plans to try again and says why.
func (s *Syncer) failed(err error) {
	s.setStatus(func(status *Status) {
		status.Failures++
		s.due = time.Now().Add(patience(err, s.interval(), status.Failures))
		s.notBefore = time.Now().Add(asked(err))
		status.Phase, status.Err, status.Next = Failing, err, s.due
	})
}

// patience is how long to wait after a failure: twice as long each time, up to a
// minute, a fifth more or less so that many dashboards do not come back at
// once, and never shorter than the server asked for.
func patience(err error, interval time.Duration, failures int) time.Duration {
	wait := min(longestWait, interval<<min(failures-1, 6))
	wait = wait*4/5 + rand.N(wait*2/5+1)
	return max(wait, asked(err))
}

// asked is how long the server asked to wait, or 0.
func asked(err error) time.Duration {
	var e *client.Error
	if errors.As(err, &e) {
		return e.After
	}
	return 0
}
