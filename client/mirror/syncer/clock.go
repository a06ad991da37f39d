package syncer

import (
	"fmt"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// clock is the server's clock, as its answers tell it. This machine's clocks only
// measure the time since an answer.
type clock struct{ date, at time.Time }

func (c clock) known() bool { return !c.at.IsZero() }

// now is the server's time in whole seconds, hardly behind and never ahead. While
// it is not known, now is this machine's time.
func (c clock) now() client.Unix {
	if !c.known() {
		return client.Unix(time.Now().Unix())
	}
	return client.Unix(c.date.Add(time.Since(c.at)).Unix())
}

// off is how far the date of an answer that just came is from the running clock.
// This machine has two clocks: one stands still while the machine sleeps, the other
// is set now and then. The clock that fits better counts.
func (c clock) off(date time.Time) time.Duration {
	now := time.Now()
	steady := date.Sub(c.date.Add(now.Sub(c.at)))
	if wall := date.Sub(c.date.Add(now.Round(0).Sub(c.at.Round(0)))); wall.Abs() < steady.Abs() {
		return wall
	}
	return steady
}

// A date that is off by more than astray is not believed at once. It is believed
// when doubtAnswers dates in a row, over at least doubtFor, agreed with one another
// within agreed.
const (
	astray       = time.Duration(slowest) * time.Second
	agreed       = 5 * time.Second
	doubtAnswers = 3
	doubtFor     = 5 * time.Second
)

// doubt is the recent dates that do not fit the clock.
type doubt struct {
	first   clock
	answers int
	off     time.Duration // from the clock, or from the times of the mirror
}

// answered learns from the date of an answer that just came. A server that sends no
// date is given this machine's time.
func (s *Syncer) answered(date time.Time) {
	now := time.Now()
	s.mu.Lock()
	s.status.Heard = now
	if s.status.Trouble = nil; !s.status.Asked.IsZero() {
		s.status.Asked = now // the next request of the poll
	}
	s.mu.Unlock()
	if date.IsZero() {
		date = now
	}
	off := s.offBy(date)
	switch {
	case off.Abs() > astray && !s.convinced(date, off):
		return
	case off.Abs() > astray:
		s.moved, s.astray = off, !s.clock.known()
		s.tellClock(mirror.ClockNews{At: now, By: off, Moved: true})
	case s.doubt.answers > 0:
		s.tellClock(mirror.ClockNews{At: now, By: s.doubt.off})
	}
	s.doubt = doubt{}
	if s.clock.known() && s.moved == 0 && off < 0 {
		return // answers may overtake each other
	}
	s.clock = clock{date, now}
	if s.began == 0 || s.began > s.clock.now() {
		s.began = s.clock.now()
	}
	s.mu.Lock()
	s.status.Ahead = date.Sub(now).Round(time.Second)
	s.mu.Unlock()
}

// offBy is how far a date is from the expected time. While that is not known, a
// date must not be before the newest time of the mirror.
func (s *Syncer) offBy(date time.Time) time.Duration {
	if s.clock.known() {
		return s.clock.off(date)
	}
	if behind := date.Sub(s.floor.Time()); s.floor != 0 && behind < -time.Duration(overlap)*time.Second {
		return behind
	}
	return 0
}

// convinced notes a date that does not fit, and tells whether enough dates agree by
// now to believe it.
func (s *Syncer) convinced(date time.Time, off time.Duration) bool {
	d := &s.doubt
	if d.answers == 0 || d.first.off(date).Abs() > agreed {
		*d = doubt{first: clock{date, time.Now()}, off: off}
	}
	d.answers++
	return d.answers >= doubtAnswers && time.Since(d.first.at) >= doubtFor
}

func (s *Syncer) tellClock(news mirror.ClockNews) {
	s.setStatus(func(status *mirror.Status) { status.Clock = news })
}

// ahead is the error while no answer can be recorded yet: the mirror's times lie in
// the future, and it is not certain that the server's clock was moved.
func (l *leader) ahead() error {
	newest := max(l.progress.Tail, l.progress.Checked)
	if l.clock.known() && (l.moved != 0 || newest <= l.clock.now()+overlap) {
		return nil
	}
	says := l.doubt.first.date
	if l.clock.known() {
		says = l.clock.now().Time()
	}
	return &mirror.Trouble{
		What: fmt.Sprintf("the server says that it is %s, and the mirror was read at %s by its clock",
			says.UTC().Format(time.DateTime), newest.Time().UTC().Format(time.DateTime)),
		Way: "nothing to do: when three answers agree, that is its clock from then on",
		Err: mirror.ErrAhead,
	}
}

// move brings the marks of progress to the server's clock after it was moved. Marks
// that say when something was done move with it. The tail never moves forward: the
// events just before it are still to be read. Rows read by the old clock do not
// count as newer than rows read from now on.
func move(p *mirror.Progress, now client.Unix, by time.Duration) {
	shift := client.Unix(by / time.Second)
	for _, mark := range []*client.Unix{&p.Checked, &p.Sweep.Began, &p.Sweep.Last, &p.Sweep.Ended} {
		if *mark != 0 {
			*mark = max(1, min(*mark+shift, now))
		}
	}
	if shift < 0 {
		p.Horizon = max(p.Horizon, now-shift)
		p.Tail = min(p.Tail, now-overlap)
		p.Anchor = min(p.Anchor, p.Tail)
		p.Reports.Tail = min(p.Reports.Tail, p.Tail)
	}
}

// seen is the Origin of an answer whose request was sent at sent and whose date is
// date. A date that does not fit the clock is left out.
func (l *leader) seen(date, sent time.Time, news bool) mirror.Origin {
	if date.IsZero() || l.offBy(date).Abs() > astray {
		date = l.clock.now().Time()
	}
	return mirror.Origin{At: date, Sent: sent, News: news, Moved: l.clock.now() < l.progress.Horizon}
}
