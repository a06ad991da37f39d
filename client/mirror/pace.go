package mirror

import (
	"context"
	"time"

	"idtop/client"
)

// When nothing is in processing and nothing has come for calmAfter, polls are
// calmFactor times as far apart.
const (
	calmAfter  = 2 * time.Minute
	calmFactor = 3
)

// interval is how long after a poll the next one comes: short while somebody
// looks and something happens.
func (s *Syncer) interval() time.Duration {
	now, interval := time.Now(), s.config.Interval
	if now.Sub(s.active) >= calmAfter {
		interval *= calmFactor
	}
	if s.wish.Away {
		interval = max(interval, s.config.Idle)
	}
	if s.config.Budget != nil {
		interval = max(interval, s.config.Budget.Stretch(now, interval))
	}
	return interval
}

// stir notes that something is going on as long as sessions are in processing.
// It looks only when that matters.
func (l *leader) stir(ctx context.Context) error {
	if time.Since(l.active) < calmAfter-stirEvery {
		return nil
	}
	processing, err := l.config.Store.IDs(ctx, StatesOf(client.StateProcessing))
	if len(processing) > 0 {
		l.active = time.Now().Add(2*stirEvery - calmAfter)
	}
	return err
}

// stirEvery is how often it is looked whether sessions are in processing.
const stirEvery = 15 * time.Second
