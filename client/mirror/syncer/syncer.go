package syncer

import (
	"context"
	"errors"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// Defaults and bounds of Config.
const (
	DefaultInterval = 3 * time.Second  // between polls while an operator looks and something happens
	DefaultIdle     = 15 * time.Second // between polls while nobody looks
	longestWait     = time.Minute      // between polls that fail
	leadAgain       = 2 * time.Second  // between attempts to lead
)

// Config configures a Syncer; zero durations stand for the defaults.
type Config struct {
	API      client.API
	Store    mirror.Store
	Interval time.Duration
	Idle     time.Duration
	Reports  mirror.Kept
	Budget   Allowance // nil: nothing is held back
}

// Allowance paces the reads, so that a month's reads last for the month.
type Allowance interface {
	// Stretch is the wait from one poll to the next, given the best interval; never
	// less than that.
	Stretch(now time.Time, interval time.Duration) time.Duration
	// Spare is the wait from one page of the back-fill to the next; 0: no wait.
	Spare(now time.Time) time.Duration
	// SpareSweep is the same for the pages of the sweep, which are less urgent.
	SpareSweep(now time.Time) time.Duration
}

// Syncer keeps a Store true. Of all Syncers that share a store one leads: it
// follows the account's events, reads older sessions window by window, sweeps for
// changes without an event, and commits the results. The others ask Stripe for
// nothing and stand by.
type Syncer struct {
	config  Config
	design  design
	changes mirror.Changes
	nudge   chan struct{}

	mu     sync.Mutex
	status mirror.Status
	wishes map[<-chan struct{}]mirror.Wish // by screen; those of closed screens are dropped
	asked  bool

	// Owned by Run.
	due       time.Time
	polled    time.Time // when the last successful poll ended
	notBefore time.Time // the time until which the server asked to wait
	active    time.Time // the time of the last change
	entered   time.Time // when a session last entered processing
	operator  presence
	clock     clock
	doubt     doubt
	moved     time.Duration // how far the clock was moved, until progress has it
	astray    bool          // it was moved while nothing was read: the moment is not known
	floor     client.Unix   // the newest time of the mirror: the least server time while the clock is not known
	began     client.Unix   // the server's time of the first answer; 0 before it
	follows   followUps
	lists     lister
	started   map[string]client.Unix // since when sessions are processing, by old events
}

// New returns a Syncer that does nothing until Run.
func New(config Config) *Syncer {
	if config.Interval <= 0 {
		config.Interval = DefaultInterval
	}
	if config.Idle <= 0 {
		config.Idle = max(DefaultIdle, config.Interval)
	}
	return &Syncer{
		config: config, design: sound, nudge: make(chan struct{}, 1), wishes: map[<-chan struct{}]mirror.Wish{},
		follows: followUps{unreadable: map[string]time.Time{}},
	}
}

// Run reads until ctx ends. Errors of the API and of the store are shown in Status,
// and the failed work is tried again; no error ends Run.
func (s *Syncer) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if s.takeWish() || time.Now().Before(s.due) && s.Status().Err != nil {
			s.wait(ctx, s.due, nil)
			continue
		}
		epoch, ok, err := s.config.Store.Lead(ctx)
		switch {
		case ctx.Err() != nil:
			if ok {
				s.config.Store.Resign(epoch)
			}
		case err != nil:
			s.failed(err)
		case ok:
			s.setStatus(func(status *mirror.Status) { status.Following = false })
			if s.lead(ctx, epoch); ctx.Err() == nil && s.Status().Err == nil && !s.pausing() {
				s.follow(ctx) // most likely another process leads now
			}
		default:
			s.follow(ctx)
		}
	}
}

// Status returns the present status.
func (s *Syncer) Status() mirror.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Subscribe returns a channel that is signaled at once and after each change of
// Status, until ctx ends.
func (s *Syncer) Subscribe(ctx context.Context) <-chan struct{} { return s.changes.Subscribe(ctx) }

// Steer accepts a wish.
func (s *Syncer) Steer(wish mirror.Wish) {
	s.mu.Lock()
	if was, known := s.wishes[wish.Screen]; !known || wish.Sequence >= was.Sequence {
		s.wishes[wish.Screen] = wish
	}
	s.mu.Unlock()
	s.wake()
}

// wish combines the wishes of all screens: nothing is paused, and polls are not
// spaced out, while one operator goes on. After the last screen has closed, the
// Syncer polls as if nobody looked.
func (s *Syncer) wish() mirror.Wish {
	if len(s.wishes) == 0 {
		return mirror.Wish{}
	}
	all := mirror.Wish{Paused: true, Away: true}
	for screen, wish := range s.wishes {
		select {
		case <-screen:
			if len(s.wishes) > 1 {
				delete(s.wishes, screen)
				continue
			}
			wish.Paused, wish.Away = false, true
		default:
		}
		all.Paused = all.Paused && wish.Paused
		all.Away = all.Away && wish.Away
		if wish.Key.After(all.Key) {
			all.Key = wish.Key
		}
	}
	return all
}

// SyncNow asks for a poll at once, also while paused, but not before the time until
// which the server asked to wait.
func (s *Syncer) SyncNow() {
	s.mu.Lock()
	s.asked = true
	s.mu.Unlock()
	s.wake()
}

func (s *Syncer) wake() { signal(s.nudge) }

// signal leaves a signal, unless one is there already.
func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

func (s *Syncer) setStatus(change func(*mirror.Status)) {
	s.mu.Lock()
	was := s.status.Phase
	if change(&s.status); s.status.Phase != was || s.status.Since.IsZero() {
		s.status.Since = time.Now()
	}
	s.mu.Unlock()
	s.changes.Notify()
}

// show writes progress into a status.
func show(s *mirror.Status, p mirror.Progress) {
	s.Filling, s.Filled, s.Stale = !p.Complete() && p.Anchor != 0, filled(p), p.Stale
	failed := s.Reports.Err
	if s.Reports = p.KnownReports(); s.Reports.Kept != mirror.KeptOff {
		s.Reports.Err = failed
	}
	s.Checked, s.Back, s.Lost, s.Events, s.Oldest = p.Checked.Time(), time.Time{}, p.Lost, p.Anchor, p.Oldest
	if len(p.Open) > 0 && p.Open[0].Until != 0 {
		s.Back = p.Open[0].Until.Time()
	}
}

// takeWish applies the wishes of Steer and SyncNow, and tells whether reading is
// paused.
func (s *Syncer) takeWish() (paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, now, wish := s.status, time.Now(), s.wish()
	if s.operator.attend(wish, now) || s.active.IsZero() {
		s.active = now
	}
	if s.asked && !now.Before(s.notBefore) {
		s.due, s.active = now, now
		return false
	}
	if s.status.Failures == 0 && !s.polled.IsZero() && !s.status.Following { // a change of pace moves the next poll
		s.due = s.polled.Add(s.interval())
	}
	switch {
	case wish.Paused:
		s.status.Phase, s.status.Next = mirror.Paused, time.Time{}
	case s.status.Err != nil:
		s.status.Phase, s.status.Next = mirror.Failing, s.due
	case s.status.Following:
		s.status.Phase, s.status.Next = mirror.Live, time.Time{}
	case !s.polled.IsZero():
		s.status.Phase, s.status.Next = mirror.Live, s.due
	}
	if s.status.Phase != before.Phase {
		s.status.Since = now
	}
	if s.status.Phase != before.Phase || !s.status.Next.Equal(before.Next) {
		s.changes.Notify()
	}
	return wish.Paused
}

func (s *Syncer) pausing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wish().Paused
}

// wait ends at a time, when a page has come, or when a signal may have brought
// work. While paused only a wish ends it.
func (s *Syncer) wait(ctx context.Context, until time.Time, pages <-chan struct{}) {
	s.mu.Lock()
	paused := s.wish().Paused
	if s.asked && (paused || s.notBefore.Before(until)) {
		until, paused = s.notBefore, false
	}
	s.mu.Unlock()
	var due <-chan time.Time
	if !paused {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
	case <-s.nudge:
	case <-pages:
	case <-due:
	}
}

// follow shows the leading process's progress, and waits a moment before this
// process tries to lead again.
func (s *Syncer) follow(ctx context.Context) {
	p, err := s.config.Store.Progress(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.failed(err)
		}
		return
	}
	s.setStatus(func(status *mirror.Status) {
		if checked := p.Checked.Time(); status.Following && !checked.Equal(status.Checked) {
			status.Last = time.Now().Add(-leadAgain) // the commit may be that old
		}
		status.Following, status.Err, status.Failures = true, nil, 0
		status.FillErr, status.FillFails, status.Listing, status.Rate = nil, 0, false, 0
		status.Asked, status.Trouble = time.Time{}, nil
		status.Ahead = time.Duration(p.Ahead) * time.Second
		show(status, p)
	})
	s.mu.Lock()
	s.asked = false
	s.mu.Unlock()
	s.takeWish()
	s.wait(ctx, time.Now().Add(leadAgain), nil)
}

// failed shows the error and schedules the next attempt.
func (s *Syncer) failed(err error) {
	s.setStatus(func(status *mirror.Status) {
		status.Failures++
		s.asked = false
		s.due = time.Now().Add(patience(err, s.interval(), status.Failures))
		s.notBefore = time.Now().Add(asked(err))
		status.Phase, status.Err, status.Next, status.Following = mirror.Failing, err, s.due, false
		status.Asked, status.Trouble = time.Time{}, nil
	})
}

// patience is the wait after a failure.
func patience(err error, interval time.Duration, failures int) time.Duration {
	return client.Backoff{First: interval, Longest: longestWait}.Wait(failures, asked(err))
}

// asked is how long the server asked to wait, or 0.
func asked(err error) time.Duration {
	var e *client.Error
	if errors.As(err, &e) {
		return e.After
	}
	return 0
}
