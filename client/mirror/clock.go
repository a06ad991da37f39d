package mirror

import (
	"time"

	"idtop/client"
)

// clock is the server's, as its answers tell it. This machine's clock only
// counts how long an answer was ago.
type clock struct{ date, at time.Time }

func (c clock) known() bool { return !c.at.IsZero() }

// now is the server's time in whole seconds, hardly behind and never ahead; by
// this machine's clock while it is not known.
func (c clock) now() client.Unix {
	if !c.known() {
		return client.Unix(time.Now().Unix())
	}
	return client.Unix(c.date.Add(time.Since(c.at)).Unix())
}

// answered learns from the date of an answer that came just now. A server that
// does not tell it has the time of this machine.
func (s *Syncer) answered(date time.Time) {
	now := time.Now()
	if date.IsZero() {
		date = now
	}
	if s.clock.known() && date.Before(s.clock.date) {
		return // answers may overtake each other
	}
	s.clock = clock{date, now}
	if s.began == 0 {
		s.began = s.clock.now()
	}
	s.mu.Lock()
	s.status.Ahead = date.Sub(now).Round(time.Second)
	s.mu.Unlock()
}

// seen says when something was read that was asked for at sent and answered at
// date.
func (l *leader) seen(date, sent time.Time, news bool) Seen {
	if date.IsZero() {
		date = l.clock.now().Time()
	}
	return Seen{At: date, Sent: sent, News: news}
}
