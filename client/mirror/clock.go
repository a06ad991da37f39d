package mirror

import (
	"fmt"
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
	s.mu.Lock()
	s.status.Heard = now
	if s.status.Trouble = nil; !s.status.Asked.IsZero() {
		s.status.Asked = now // the next request of the poll
	}
	s.mu.Unlock()
	if date.IsZero() {
		date = now
	}
	if behind := s.clock.date.Sub(date); s.clock.known() && behind > 0 && behind < time.Duration(slowest)*time.Second {
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

// ahead is why nothing that the server says can be taken in: the mirror is of a
// time that has not come yet. A server's clock that was wrong, or a server that
// began anew, leaves a mirror so. Nothing in it would ever change again, since all
// of it is newer than whatever is read.
func (l *leader) ahead() error {
	newest := max(l.progress.Tail, l.progress.Checked)
	if newest <= l.clock.now()+overlap {
		return nil
	}
	return &Trouble{
		What: fmt.Sprintf("the mirror was read at %s by the server's clock, where it is only %s now",
			newest.Time().UTC().Format(time.DateTime), l.clock.now().Time().UTC().Format(time.DateTime)),
		Hint: "quit; idtop sync --rebuild reads it anew",
		Err:  ErrAhead,
	}
}

// seen says when something was read that was asked for at sent and answered at
// date.
func (l *leader) seen(date, sent time.Time, news bool) Seen {
	if date.IsZero() {
		date = l.clock.now().Time()
	}
	return Seen{At: date, Sent: sent, News: news}
}
