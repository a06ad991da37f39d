package mirror

import (
	"context"
	"time"

	"idtop/client"
)

// backfill is what has still to be read below pages that are known: the older
// sessions at the start, and later the gap between a newest page that knows
// none of its sessions and those that are known.
type backfill struct {
	ranges   []fillRange // the last one is read first
	oldest   client.Unix // created of the oldest session read; 0 before any
	capped   bool
	failures int
	due      time.Time // when to try again after a failure
	anew     bool      // a cursor was lost: begin below the next newest page
}

// fillRange is a part of the list: below the session after, down to sessions
// that are older than until, and at most so many.
type fillRange struct {
	after string
	until client.Unix
	left  int
}

// pending tells whether there is more to read.
func (f *backfill) pending() bool { return len(f.ranges) > 0 }

// begin starts below a page that is known.
func (f *backfill) begin(page client.Page[client.Session], until client.Unix, limit int) {
	f.anew = false
	f.ranges = append(f.ranges, fillRange{until: until, left: limit})
	f.took(page)
}

// took notes a page of the range that is read. A page that brings no other last
// session than the one before ends it, whatever its has_more says.
func (f *backfill) took(page client.Page[client.Session]) {
	r := &f.ranges[len(f.ranges)-1]
	last, created := "", client.Unix(0)
	if n := len(page.Data); n > 0 {
		last, created = page.Data[n-1].ID, page.Data[n-1].Created
		if f.oldest == 0 || created < f.oldest {
			f.oldest = created
		}
	}
	r.left -= len(page.Data)
	more := page.HasMore && last != "" && last != r.after && created >= r.until
	if more && r.left <= 0 {
		f.capped = true
	}
	if r.after = last; !more || r.left <= 0 {
		f.ranges = f.ranges[:len(f.ranges)-1]
	}
}

// fillPage reads one page. It has a patience of its own, so that it does not
// stop the polls.
func (s *Syncer) fillPage(ctx context.Context) {
	r := s.fill.ranges[len(s.fill.ranges)-1]
	page, sent, err := s.list(ctx, client.SessionListParams{
		Cursor: client.Cursor{Limit: min(pageSize, r.left), After: r.after},
	})
	if err == nil {
		err = s.apply(ctx, sent, page.Data)
	}
	switch {
	case ctx.Err() != nil:
		return
	case client.KindOf(err) == client.KindNotFound: // the session it went on from is gone
		s.fill = backfill{anew: true, oldest: s.fill.oldest}
	case err != nil:
		s.fill.failures++
		s.fill.due = time.Now().Add(patience(err, s.config.Interval, s.fill.failures))
	default:
		s.fill.failures = 0
		s.fill.took(page)
	}
	s.setStatus(func(status *Status) {
		status.Filling, status.Capped, status.FillErr = s.fill.pending() || s.fill.anew, s.fill.capped, err
	})
}
