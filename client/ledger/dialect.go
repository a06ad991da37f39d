package ledger

import (
	"database/sql"
	"net/url"
	"path/filepath"
)

// Dialect is the SQL that differs between two databases. All other SQL is their
// common subset.
type Dialect struct {
	clock    string         // its time in milliseconds since 1970, or "" if all processes are on one machine
	options  *sql.TxOptions // for a transaction that reads one state of all tables
	durable  string         // makes a commit wait for the disk, or ""
	guards   []string       // make the database refuse to change records
	unguard  []string       // remove these guards within a transaction
	reguards []string       // restore them
}

const changed = "records are never changed"

// The databases for a book.
var (
	SQLite = &Dialect{
		options: &sql.TxOptions{ReadOnly: true},
		guards: []string{
			"CREATE TRIGGER records_keep BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, '" + changed + "'); END",
			"CREATE TRIGGER records_stay BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, '" + changed + "'); END",
		},
		unguard:  []string{"DROP TRIGGER records_keep"},
		reguards: []string{"CREATE TRIGGER records_keep BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, '" + changed + "'); END"},
	}
	PostgreSQL = &Dialect{
		clock:   "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
		options: &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
		durable: "SET LOCAL synchronous_commit = on",
		guards: []string{
			"CREATE FUNCTION records_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '" + changed + "'; END $$",
			"CREATE TRIGGER records_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON records EXECUTE FUNCTION records_stay()",
		},
		unguard:  []string{"ALTER TABLE records DISABLE TRIGGER records_stay"},
		reguards: []string{"ALTER TABLE records ENABLE TRIGGER records_stay"},
	}
)

// forms are the steps from each version of the tables to the next. Times are
// milliseconds since 1970, and 0 means none. The columns of records beside line
// repeat parts of the line for searches.
var forms = [][]string{{
	`CREATE TABLE records (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, intent INTEGER NOT NULL, job TEXT NOT NULL, hash TEXT NOT NULL, line TEXT NOT NULL)`,
	`CREATE INDEX records_intent ON records (intent) WHERE intent > 0`,
	`CREATE INDEX records_job ON records (job) WHERE job <> ''`,
	`CREATE TABLE runner (one INTEGER PRIMARY KEY, epoch BIGINT NOT NULL)`,
	`INSERT INTO runner (one, epoch) VALUES (1, 0)`,
	`CREATE TABLE jobs (
	id INTEGER PRIMARY KEY, verb TEXT NOT NULL, account TEXT NOT NULL, live BOOLEAN NOT NULL, plan TEXT NOT NULL, reason TEXT NOT NULL,
	created BIGINT NOT NULL, start BIGINT NOT NULL, state INTEGER NOT NULL, why TEXT NOT NULL, later BOOLEAN NOT NULL)`,
	`CREATE INDEX jobs_state ON jobs (state)`,
	`CREATE TABLE items (
	job INTEGER NOT NULL REFERENCES jobs, number INTEGER NOT NULL, session TEXT NOT NULL, planned TEXT NOT NULL,
	state INTEGER NOT NULL, words TEXT NOT NULL, generation INTEGER NOT NULL, key TEXT NOT NULL, since BIGINT NOT NULL,
	request TEXT NOT NULL, after TEXT NOT NULL, recovered BOOLEAN NOT NULL, accepted BIGINT NOT NULL, changed BIGINT NOT NULL,
	look BIGINT NOT NULL, looks INTEGER NOT NULL, looked BIGINT NOT NULL, intent INTEGER NOT NULL,
	PRIMARY KEY (job, number))`,
	`CREATE UNIQUE INDEX items_session ON items (job, session)`,
	`CREATE INDEX items_look ON items (look) WHERE look > 0`,
	`CREATE INDEX items_state ON items (state, job)`,
}, {
	// Each job has a holder and an operator. A program of the form before fails without
	// the table that it fences all jobs with.
	`DROP TABLE runner`,
	`CREATE TABLE holders (id TEXT PRIMARY KEY, until BIGINT NOT NULL)`,
	`ALTER TABLE jobs ADD COLUMN operator TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE jobs ADD COLUMN host TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE jobs ADD COLUMN gate BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE jobs ADD COLUMN confirmer TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE jobs ADD COLUMN holder TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE jobs ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0`,
	`CREATE INDEX items_of_session ON items (session)`,
}}

// dataSource asks for a log that is flushed to the disk at each commit; macOS has a
// setting of its own for that.
func dataSource(path, synchronous string, more ...string) string {
	options := url.Values{"_txlock": {"immediate"}, "mode": {"rw"}, "_pragma": append([]string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(" + synchronous + ")", "fullfsync(1)", "secure_delete(1)",
	}, more...)}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: options.Encode()}).String()
}
