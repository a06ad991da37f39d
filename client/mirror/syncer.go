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
}

// Syncer keeps a Store true by reading the newest page and every session that
// is not final again and again. Older sessions are read once, page by page,
// between the polls.
type Syncer struct {
	config  SyncerConfig
	changed chan struct{}
	nudge   chan struct{}

	mu      sync.Mutex
	status  Status
	paused  bool
	blurred bool
	asked   bool

	// Owned by Run.
	round pollRound
	fill  backfill
	due   time.Time
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
		switch paused := s.takePaused(); {
		case !paused && !time.Now().Before(s.due):
			s.poll(ctx)
		case !paused && s.fill.pending() && s.status.Err == nil:
			s.fillPage(ctx)
		default:
			s.wait(ctx, paused)
		}
	}
}

// takePaused applies what Pause, Focus and SyncNow asked for and tells whether
// nothing is to be read now.
func (s *Syncer) takePaused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked {
		s.asked, s.due = false, time.Time{}
		return false
	}
	if s.status.Failures == 0 && !s.status.Last.IsZero() { // a change of focus moves the next poll
		s.due = s.status.Last.Add(s.interval())
		if !s.paused {
			s.status.Next = s.due
		}
	}
	if s.paused != (s.status.Phase == Paused) {
		switch {
		case s.paused:
			s.status.Phase, s.status.Next = Paused, time.Time{}
		case s.status.Err != nil:
			s.status.Phase = Failing
		default:
			s.status.Phase = Live
		}
		notify(s.changed)
	}
	return s.paused
}

func (s *Syncer) interval() time.Duration {
	if s.blurred {
		return s.config.Idle
	}
	return s.config.Interval
}

func (s *Syncer) wait(ctx context.Context, paused bool) {
	timer := time.NewTimer(time.Until(s.due))
	defer timer.Stop()
	due := timer.C
	if paused {
		due = nil
	}
	select {
	case <-ctx.Done():
	case <-s.nudge:
	case <-due:
	}
}

// poll reads one round and plans the next.
func (s *Syncer) poll(ctx context.Context) {
	s.setStatus(func(status *Status) { status.Next = time.Time{} })
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
		status.Phase, status.Err, status.Next = Failing, err, s.due
	})
}

// patience is how long to wait after a failure: twice as long each time, up to a
// minute, a fifth more or less so that many dashboards do not come back at
// once, and never shorter than the server asked for.
func patience(err error, interval time.Duration, failures int) time.Duration {
	wait := min(longestWait, interval<<min(failures-1, 6))
	wait = wait*4/5 + rand.N(wait*2/5+1)
	var e *client.Error
	if errors.As(err, &e) {
		wait = max(wait, e.After)
	}
	return wait
}
