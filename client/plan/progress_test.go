package plan

import (
	"testing"
	"testing/synctest"
	"time"
)

// The rate is that of the last hundred items that ended, since the last interruption;
// what begins or is put back has not ended.
func TestTheRateOfARun(t *testing.T) {
	var p progress
	p.counts[Pending] = 500
	now := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	want := func(rate float64) {
		t.Helper()
		if got := p.rate(now); got < rate-0.001 || got > rate+0.001 {
			t.Errorf("%v a second, want %v", got, rate)
		}
	}
	end := func(n int, each time.Duration) {
		for range n {
			p.moved(Pending, Sending, now)
			now = now.Add(each)
			p.moved(Sending, Complete, now)
		}
	}
	want(0)
	end(1, time.Second)
	want(0)
	end(1, time.Second)
	want(1)
	end(9, 100*time.Millisecond)
	want(10 / 1.9)
	end(200, 500*time.Millisecond)
	now = now.Add(500 * time.Millisecond) // since then none has ended
	want(99 / 50.0)
	p.moved(Pending, Sending, now)
	p.moved(Sending, Pending, now)
	p.moved(Complete, Complete, now)
	want(99 / 50.0)
	p.interrupted()
	want(0)
	end(2, 0)
	want(0) // at the same moment
	now = now.Add(4 * time.Second)
	want(0.25)
	if p.counts[Pending] != 500-213 || p.counts[Complete] != 213 || p.counts[Sending] != 0 {
		t.Errorf("%v", p.counts)
	}
}

// How long a job will take is said only while it runs.
func TestOnlyARunningJobHasARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := &Run{done: make(chan struct{}), begun: true}
		run.progress.counts[Pending] = 10
		run.progress.moved(Pending, Complete, time.Now())
		time.Sleep(2 * time.Second)
		run.progress.moved(Pending, Complete, time.Now())
		if s := run.Snapshot(); s.Phase != Running || s.Left != 8 || s.Rate != 0.5 || s.ETA != 16*time.Second {
			t.Errorf("%+v", s)
		}
		run.paused = true
		if s := run.Snapshot(); s.Phase != Paused || s.Rate != 0 || s.ETA != 0 {
			t.Errorf("%+v", s)
		}
	})
}
