package ledger_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"idtop/client/ledger"
	"idtop/client/ledger/booktest"
)

func TestBookOnSQLite(t *testing.T) {
	booktest.Run(t, func(t *testing.T) booktest.Home {
		dir := t.TempDir()
		db, err := sql.Open("sqlite", filepath.Join(dir, "book.db")+"?_pragma=busy_timeout(5000)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return booktest.Home{
			Open:    func(o ledger.Options) (*ledger.Book, error) { return ledger.Open(dir, o) },
			SQL:     db,
			Unguard: []string{"DROP TRIGGER records_keep"},
		}
	})
}

func TestBookOnPostgreSQL(t *testing.T) {
	schema := booktest.Postgres(t)
	booktest.Run(t, func(t *testing.T) booktest.Home {
		dir, db := t.TempDir(), schema(t)
		return booktest.Home{
			Open: func(o ledger.Options) (*ledger.Book, error) {
				o.Server, o.Dialect = db, ledger.PostgreSQL
				return ledger.Open(dir, o)
			},
			SQL:     db,
			Unguard: []string{"ALTER TABLE records DISABLE TRIGGER records_stay"},
		}
	})
}
