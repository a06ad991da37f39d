package syncer

import (
	"context"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// A redaction takes up to four days, and its end raises an event only in accounts
// that ask for it. So a session under redaction is read again soon after the
// redaction began, and then every followLater until followLong. After that it is
// read ever more rarely: 12 hours later, then 24, 48, and so on.
var followAfter = []client.Unix{60, 600, 3600}

const (
	followLater = client.Unix(6 * 3600)
	followLong  = client.Unix(4 * 86400)
)

// followUps are the reads of single sessions that no event triggers.
type followUps struct {
	due        time.Time
	of         map[string]followed  // the sessions under redaction
	unreadable map[string]time.Time // until when an unreadable session is left alone
}

// followed is a session under redaction, with times by the server's clock.
type followed struct {
	noticed client.Unix // when this process first saw it under redaction
	read    client.Unix // when it was last read for that
}

func (f *followUps) postpone(id string) {
	f.unreadable[id] = time.Now().Add(unreadableFor)
}

// followUp reads the sessions under redaction that are due.
func (l *leader) followUp(ctx context.Context) error {
	if time.Now().Before(l.follows.due) {
		return nil
	}
	l.follows.due = time.Now().Add(followEvery)
	ids, err := l.config.Store.IDs(ctx, mirror.StatesOf(client.StateRedacting))
	if err != nil {
		return err
	}
	var due []string
	now, of := l.clock.now(), make(map[string]followed, len(ids))
	for _, id := range ids {
		row, ok, err := l.config.Store.Get(ctx, id)
		if err != nil {
			return err
		}
		f := l.follows.of[id]
		if f.noticed == 0 {
			f.noticed = now
		}
		since := client.Unix(row.Since.Unix())
		if ok && len(due) < readsAtOnce && followDue(since, max(f.read, client.Unix(row.AsOf.Unix())), now) {
			due, f.read = append(due, id), now
		}
		of[id] = f
	}
	if len(due) > 0 {
		batch, err := l.reread(ctx, due)
		if err != nil {
			return err
		}
		if err := l.commit(ctx, batch, nil); err != nil {
			return err
		}
	}
	l.follows.of = of
	return nil
}

// followDue tells whether a session last read at asOf is due to be read again.
func followDue(since, asOf, now client.Unix) bool {
	last := since
	for _, after := range followAfter {
		if now >= since+after {
			last = since + after
		}
	}
	if times := min(now-since, followLong) / followLater; times > 0 {
		last = since + times*followLater
	}
	for wait, at := 2*followLater, since+followLong; at+wait <= now; wait *= 2 {
		at += wait
		last = at
	}
	return last > since && asOf < last
}
