package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"idtop/client/mirror"
)

// migrations make a mirror's tables, and change those of an older idtop: the one at
// index n brings a file from version n to n+1, in one transaction. A released
// migration is never edited; a change is a new entry.
//
// There is a column only for the needs of lists, searches and the Syncer. Values
// that name a person are in the table people and nowhere else; erase.go says why.
var migrations = []string{`
CREATE TABLE mirror (
	one         INTEGER PRIMARY KEY CHECK (one = 1),
	account     TEXT    NOT NULL,
	livemode    INTEGER NOT NULL,
	epoch       INTEGER NOT NULL DEFAULT 0, -- of the present or last leadership
	owed        INTEGER NOT NULL DEFAULT 0, -- erasures whose old bytes may still be in the files; 0: none
	metadata    TEXT    NOT NULL DEFAULT '', -- the keys that people may hold, a line each
	progress    TEXT    NOT NULL DEFAULT '{}' -- Progress, as JSON
) STRICT;

-- What sessions say with few values: many share a kind.
CREATE TABLE kinds (
	kind      INTEGER PRIMARY KEY,
	type      TEXT NOT NULL,
	status    TEXT NOT NULL,
	redaction TEXT NOT NULL,
	error     TEXT NOT NULL,
	livemode  INTEGER NOT NULL,
	selfie    INTEGER NOT NULL, -- options.document.require_matching_selfie
	live_shot INTEGER NOT NULL, -- options.document.require_live_capture
	id_number INTEGER NOT NULL  -- options.document.require_id_number
) STRICT;

-- Rows are only ever added at the end, and a row whose session is gone stays,
-- without an id: so a row's number means the same in every process.
CREATE TABLE sessions (
	n       INTEGER PRIMARY KEY,
	id      TEXT,
	created INTEGER NOT NULL, -- seconds
	kind    INTEGER NOT NULL, -- in kinds
	report  TEXT,
	since   INTEGER,          -- milliseconds
	as_of   INTEGER NOT NULL, -- milliseconds
	sent    INTEGER,          -- microseconds after as_of, by this machine's clock
	person  INTEGER           -- in people
) STRICT;

CREATE TABLE people (
	person INTEGER PRIMARY KEY,
	facts  BLOB NOT NULL -- user_id, reference, customer, metadata; zeros once erased
) STRICT;

-- What a process at another version has to read again; trimmed.
CREATE TABLE changes (
	seq     INTEGER PRIMARY KEY,
	n       INTEGER NOT NULL,
	noticed INTEGER -- milliseconds; when this machine learned of it, for news
) STRICT;

-- For the first screen: some hundreds of the newest rows, and how many there are.
CREATE TABLE newest (n INTEGER PRIMARY KEY, created INTEGER NOT NULL) STRICT;
CREATE TABLE counts (state INTEGER PRIMARY KEY, rows INTEGER NOT NULL) STRICT;

-- Events that were dealt with, and requests by month.
CREATE TABLE events (id TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_created ON events (created);
CREATE TABLE reads (month TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`, `
-- Row.Rough. Of the sessions that are there it is not known who told since.
ALTER TABLE sessions ADD COLUMN rough INTEGER NOT NULL DEFAULT 1;
`, `
-- Row.Unreadable.
ALTER TABLE kinds ADD COLUMN unreadable TEXT NOT NULL DEFAULT '';
`, `
-- Changes of state, see history.go: of a session with a row by its number, of one
-- without by its id. Codes have numbers in them.
CREATE TABLE history (n INTEGER PRIMARY KEY, changes BLOB NOT NULL) STRICT;
CREATE TABLE kept (id TEXT PRIMARY KEY, changes BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE codes (code INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
`, `
-- Reports, and failures that left none, see reports.go. A row is never removed and keeps its
-- size: its document is overwritten with zeros once the session is erased.
CREATE TABLE attempts (a INTEGER PRIMARY KEY, facts BLOB NOT NULL) STRICT;
CREATE TABLE attempts_of (n INTEGER, a INTEGER, PRIMARY KEY (n, a)) STRICT, WITHOUT ROWID; -- of a session by its number
CREATE TABLE waiting (id TEXT, a INTEGER, PRIMARY KEY (id, a)) STRICT, WITHOUT ROWID; -- of a session without a row
CREATE TABLE report_kinds (kind INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT; -- type, flow, checks, as JSON
`, `
-- Facts.Flow.
ALTER TABLE kinds ADD COLUMN flow TEXT NOT NULL DEFAULT '';
`, `
-- Times in processing by the hour, see stays.go; countStays fills it.
CREATE TABLE stays (hour INTEGER PRIMARY KEY, stays BLOB NOT NULL) STRICT;
`}

// fills are the migrations that go on in Go, by the version that they bring a file to.
var fills = map[int]func(context.Context, *sql.Conn) error{7: countStays}

// migrate brings a file to the newest version. Several processes may do it at once:
// the first to come does the step.
func migrate(ctx context.Context, conn *sql.Conn, steps []string) error {
	for {
		version, err := schemaVersion(ctx, conn)
		switch {
		case err != nil:
			return err
		case version > len(steps):
			return newer(version, len(steps))
		case version == len(steps):
			return nil
		}
		if err := migrateOne(ctx, conn, version, steps[version]); err != nil {
			return err
		}
	}
}

func migrateOne(ctx context.Context, conn *sql.Conn, from int, step string) error {
	return inTransaction(ctx, conn, func() error {
		version, err := schemaVersion(ctx, conn)
		if err != nil || version != from {
			return err
		}
		_, err = conn.ExecContext(ctx, step+fmt.Sprintf(";PRAGMA user_version = %d", from+1))
		if fill := fills[from+1]; err == nil && fill != nil {
			err = fill(ctx, conn)
		}
		return err
	})
}

func schemaVersion(ctx context.Context, conn *sql.Conn) (version int, err error) {
	err = conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
}

// inTransaction runs a function that writes, all of it or nothing. It waits for
// other processes as long as the connection's busy_timeout says.
func inTransaction(ctx context.Context, conn *sql.Conn, do func() error) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := do()
	if err == nil {
		_, err = conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // fails only if SQLite already rolled back
	}
	return err
}

// own records the mirror's owner, or refuses a mirror of another owner.
func own(ctx context.Context, conn *sql.Conn, owner mirror.Owner) error {
	return inTransaction(ctx, conn, func() error {
		var has mirror.Owner
		err := conn.QueryRowContext(ctx, "SELECT account, livemode FROM mirror").Scan(&has.Account, &has.Livemode)
		switch {
		case err == sql.ErrNoRows:
			_, err = conn.ExecContext(ctx, "INSERT INTO mirror (one, account, livemode) VALUES (1, ?, ?)", owner.Account, owner.Livemode)
			return err
		case err != nil:
			return err
		case has == owner:
			// changes nothing, but fails where writing is not allowed: BEGIN IMMEDIATE does not
			_, err = conn.ExecContext(ctx, "UPDATE mirror SET owed = owed WHERE one = 0")
			return err
		}
		return &mirror.Trouble{
			What: fmt.Sprintf("the mirror is of %s, not of %s", has, owner),
			Way:  "use the key of that account and mode, or give this one a data folder of its own",
			Err:  mirror.ErrOtherAccount,
		}
	})
}
