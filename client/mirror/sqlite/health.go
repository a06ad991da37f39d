package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"idtop/client/datadir"
	"idtop/client/mirror"
)

// Health is the result of a look at a mirror.
type Health struct {
	Owner    mirror.Owner
	Sessions int
	Progress mirror.Progress
}

// Look reads the mirror in a folder from end to end, and finds damage that Open does not
// look for. It changes no file: other processes may have the mirror open. It fails with
// datadir.ErrUnread where that can't be.
func Look(ctx context.Context, dir string) (h Health, err error) {
	err = datadir.Still(filepath.Join(dir, dbFile), func(source string) error {
		h, err = look(ctx, source)
		return err
	})
	return h, troubleIn(dir, err)
}

func look(ctx context.Context, source string) (h Health, err error) {
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return h, err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return h, err
	}
	defer conn.Close()
	switch version, err := schemaVersion(ctx, conn); {
	case err != nil:
		return h, err
	case version > len(migrations):
		return h, newer(version, len(migrations))
	}
	var said string
	if err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return h, err
	}
	if said != "ok" {
		return h, errors.Join(errDamaged, errors.New(said))
	}
	var progress []byte
	err = conn.QueryRowContext(ctx, "SELECT account, livemode, progress, (SELECT count(*) FROM sessions WHERE id IS NOT NULL) FROM mirror").
		Scan(&h.Owner.Account, &h.Owner.Livemode, &progress, &h.Sessions)
	if err == nil {
		err = json.Unmarshal(progress, &h.Progress)
	}
	if err != nil && ctx.Err() == nil && !isBusy(err) {
		err = errors.Join(errDamaged, err)
	}
	return h, err
}

// newer is the fault of files of a version that this program does not know.
func newer(version, known int) error {
	return &mirror.Trouble{
		What: fmt.Sprintf("the mirror is of a newer idtop: its files have version %d, this program knows %d", version, known),
		Way:  "start the newer idtop, or idtop sync --rebuild reads everything anew from Stripe",
		Err:  mirror.ErrNewerSchema,
	}
}

// Locks are the paths of a mirror's locks: of the process that leads, and of all that have
// it open.
func Locks(dir string) (lead, use string) {
	return filepath.Join(dir, leadFile), filepath.Join(dir, useFile)
}
