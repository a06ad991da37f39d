package syncer

import (
	"context"

	"idtop/client"
)

// closeEnough is the accuracy of the oldest session's time, which is only used to
// show how much is read.
const closeEnough = client.Unix(3600)

// findOldest looks for the time of the oldest session with lists of one row: back
// from the known sessions in growing steps, then by halving.
func (l *leader) findOldest(ctx context.Context, from, now client.Unix) {
	newer, older := from, client.Unix(0) // a session exists at newer, and none before older
	before := func(t client.Unix) error {
		page, err := l.config.API.ListSessions(ctx, client.SessionListParams{
			Cursor: client.Cursor{Limit: 1}, Created: client.Range{Until: t},
		})
		if err == nil && len(page.Data) > 0 && page.Data[0].Created < newer {
			newer = page.Data[0].Created
		} else {
			older = t
		}
		return err
	}
	for back := max(closeEnough, now-from); older == 0; back *= 2 {
		if newer <= back+1 {
			older = 1
		} else if before(newer-back) != nil {
			return
		}
	}
	for newer-older > max(closeEnough, (now-newer)/100) {
		if before(older+(newer-older)/2) != nil {
			return
		}
	}
	l.fill.mu.Lock()
	l.fill.oldest = older
	l.fill.mu.Unlock()
}
