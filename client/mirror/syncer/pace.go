package syncer

import (
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// How often Stripe is polled. Polls are closest for calmAfter after a change, and
// for enteredFor after a session entered processing; a session that stays there
// longer does not keep them close. After that they are calmFactor times as far
// apart. When nobody looks they come as seldom as Config.Idle says. When no key was
// pressed for quietAfter they come once in quietEvery, and without a key or the
// focus for desertedAfter, once in desertedEvery. A key or the focus counts as a
// change.
const (
	calmAfter     = 2 * time.Minute
	calmFactor    = 3
	enteredFor    = 10 * time.Minute
	quietAfter    = 10 * time.Minute
	quietEvery    = time.Minute
	desertedAfter = time.Hour
	desertedEvery = 5 * time.Minute
)

// presence tells when an operator was last at the screen.
type presence struct {
	key  time.Time // when a key was pressed last; zero: there are no keys
	away time.Time // since when the screen has no focus; zero: it has
}

// attend takes over the operator's presence from a wish, and tells whether the
// operator is back: by a key, or by the focus.
func (p *presence) attend(w mirror.Wish, now time.Time) (back bool) {
	back = w.Key.After(p.key) || !w.Away && !p.away.IsZero()
	if p.key = w.Key; !w.Away {
		p.away = time.Time{}
	} else if p.away.IsZero() {
		p.away = now
	}
	return back
}

// atLeast is the least time between polls that the operator's presence allows.
func (p presence) atLeast(now time.Time, idle time.Duration) (between time.Duration) {
	if !p.away.IsZero() {
		between = idle
	}
	if !p.key.IsZero() && now.Sub(p.key) >= quietAfter {
		between = max(between, quietEvery)
	}
	if !p.key.IsZero() && now.Sub(p.key) >= desertedAfter || !p.away.IsZero() && now.Sub(p.away) >= desertedAfter {
		between = max(between, desertedEvery)
	}
	return between
}

// interval is how long after a poll the next one comes.
func (s *Syncer) interval() time.Duration {
	now, interval := time.Now(), s.config.Interval
	if now.Sub(s.active) >= calmAfter && now.Sub(s.entered) >= enteredFor {
		interval *= calmFactor
	}
	interval = max(interval, s.operator.atLeast(now, s.config.Idle))
	if s.doubt.answers > 0 { // the clock has to be learned
		interval = s.config.Interval
	}
	if s.config.Budget != nil {
		interval = max(interval, s.config.Budget.Stretch(now, interval))
	}
	return interval
}

// noteEntered remembers that a session entered processing, at a time by the
// server's clock.
func (s *Syncer) noteEntered(at client.Unix) {
	if at <= 0 {
		return
	}
	ago := max(0, time.Duration(s.clock.now()-at)*time.Second)
	if entered := time.Now().Add(-ago); entered.After(s.entered) {
		s.entered = entered
	}
}
