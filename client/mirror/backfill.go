package mirror

import (
	"context"

	"idtop/client"
)

// backfill is how far the reading of older sessions is.
type backfill struct {
	after  string // the oldest session that is loaded; "" when nothing is left to read
	oldest client.Unix
	left   int // how many more may be loaded
	capped bool
}

// begin starts below the first page.
func (f *backfill) begin(page client.Page[client.Session], limit int) {
	f.left = limit
	f.took(page)
}

// pending tells whether there is more to read.
func (f *backfill) pending() bool { return f.after != "" }

// took notes a page. A page that brings no other last session than the one
// before ends the back-fill, whatever its has_more says.
func (f *backfill) took(page client.Page[client.Session]) {
	last := ""
	if n := len(page.Data); n > 0 {
		last, f.oldest = page.Data[n-1].ID, page.Data[n-1].Created
	}
	f.left -= len(page.Data)
	more := page.HasMore && last != "" && last != f.after
	f.capped = more && f.left <= 0
	f.after = ""
	if more && f.left > 0 {
		f.after = last
	}
}

// fillPage reads one page of older sessions. An error is shown and tried again
// like one of a poll.
func (s *Syncer) fillPage(ctx context.Context) {
	page, sent, err := s.list(ctx, client.SessionListParams{
		Cursor: client.Cursor{Limit: min(pageSize, s.fill.left), After: s.fill.after},
	})
	if err == nil {
		err = s.config.Store.Apply(ctx, Seen{At: sent}, page.Data...)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		s.failed(err)
		return
	}
	s.fill.took(page)
	s.setStatus(func(status *Status) { status.Filling, status.Capped = s.fill.pending(), s.fill.capped })
}
