package syncer

import (
	"context"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/guard"
	"idtop/client/mirror"
)

// Bounds of the reads of single sessions.
const (
	readsAtOnce   = 20 // between two commits
	readsAbreast  = 4  // under way at the same time
	followEvery   = 15 * time.Second
	unreadableFor = time.Minute
)

// single is a session that was read by itself.
type single struct {
	session client.Session
	sent    time.Time
	err     error
	seen    func(news bool) mirror.Origin
}

// get reads a session.
func (l *leader) get(ctx context.Context, id string) single {
	r := single{sent: time.Now()}
	if r.session, r.err = l.config.API.GetSession(ctx, id); r.session.Unreadable != "" {
		r.err = nil // the row can hold the readable part
	}
	r.seen = func(news bool) mirror.Origin { return l.seen(r.session.Date, r.sent, news) }
	return r
}

func (r single) sighting(news bool) mirror.Sighting {
	return mirror.Sighting{Origin: r.seen(news), Session: r.session}
}

// getAll reads sessions, a few at the same time. It fails only with an error that
// concerns more than one session.
func (l *leader) getAll(ctx context.Context, ids []string) (map[string]single, error) {
	reads := make([]single, len(ids))
	var group sync.WaitGroup
	turns := make(chan struct{}, readsAbreast)
	for i, id := range ids {
		turns <- struct{}{}
		group.Go(func() {
			defer guard.Catch()
			reads[i] = l.get(ctx, id)
			<-turns
		})
	}
	group.Wait()
	byID := make(map[string]single, len(ids))
	for i, r := range reads {
		switch client.KindOf(r.err) {
		case client.KindAuth, client.KindPermission, client.KindRateLimit, client.KindNetwork, client.KindServer, client.KindConflict:
			return nil, r.err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if r.err == nil {
			l.answered(r.session.Date)
		}
		byID[ids[i]] = r
	}
	return byID, nil
}

// reread reads sessions by themselves into a batch. Sessions that Stripe no longer
// has are gone; unreadable ones are left for later.
func (l *leader) reread(ctx context.Context, ids []string) (mirror.Batch, error) {
	var batch mirror.Batch
	reads, err := l.getAll(ctx, ids)
	if err != nil {
		return batch, err
	}
	for _, id := range ids {
		switch r := reads[id]; {
		case client.KindOf(r.err) == client.KindNotFound:
			batch.Gone = append(batch.Gone, id)
		case r.err != nil:
			l.follows.postpone(id)
		default:
			batch.Sightings = append(batch.Sightings, r.sighting(true))
		}
	}
	return batch, nil
}
