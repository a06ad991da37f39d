package syncer

import (
	"context"

	"idtop/client"
)

// closeEnough is how exactly the time of the oldest session has to be known: it
// is only for showing how much is read.
const closeEnough = client.Unix(3600)

// findOldest looks for the time of the oldest session with lists of one row:
// back in growing steps from what is known, and then by halves.
func (l *leader) findOldest(ctx context.Context, from, now client.Unix) {
	newer, older := from, client.Unix(0) // there is a session at one, and none before the other
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
