package booktest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// PostgresVariable names the environment variable with the address of a PostgreSQL
// for tests. If it is set, that server has to be there.
const PostgresVariable = "IDTOP_TEST_POSTGRES"

// Postgres returns a function that gives each test a schema of its own on a
// PostgreSQL that lasts for this test. It skips the test without a PostgreSQL.
func Postgres(t *testing.T) func(t *testing.T) *sql.DB {
	t.Helper()
	address := os.Getenv(PostgresVariable)
	if address == "" {
		bin := binaries()
		if bin == "" {
			t.Skip("PostgreSQL is not installed here: initdb and postgres were not found")
		}
		address = cluster(t, bin)
	}
	n := 0
	return func(t *testing.T) *sql.DB {
		t.Helper()
		n++
		schema := fmt.Sprintf("book_%d_%d", os.Getpid(), n)
		for _, step := range []string{"CREATE SCHEMA " + schema} {
			connect(t, address, step)
		}
		t.Cleanup(func() { connect(t, address, "DROP SCHEMA "+schema+" CASCADE") })
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("search_path", schema)
		u.RawQuery = q.Encode()
		db, err := sql.Open("pgx", u.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
}

// connect runs one statement.
func connect(t *testing.T, address, step string) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(step); err != nil {
		t.Fatal(err)
	}
}

// binaries is the folder with the programs of PostgreSQL, "" if it is not
// installed.
// installed.
func binaries() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb", "/usr/local/opt/postgresql*/bin/initdb"} {
		paths, _ := filepath.Glob(pattern)
		found = append(found, paths...)
	}
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.Max(found))
}

// cluster starts a PostgreSQL of its own, which ends with the test. Its folder is in
// the system's temporary folder, since the path of its socket has to be short.
func cluster(t *testing.T, bin string) (address string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	data := filepath.Join(dir, "d")
	start := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+dir)
		if err := asAnother(cmd, dir); err != nil {
			t.Skipf("PostgreSQL can't be started here: %v", err)
		}
		return cmd
	}
	if out, err := start("initdb", "-D", data, "-U", "idtop", "--no-sync", "-A", "trust", "--locale=C", "--encoding=UTF8", "--no-instructions").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	server := start("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(immediately)
		server.Wait()
	})
	address = "postgres://idtop@/postgres?host=" + url.QueryEscape(dir)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if err = db.Ping(); err == nil {
			return address
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
