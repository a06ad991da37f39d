package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/client/mirror"
)

func openIn(dir string) (*Store, error) {
	return Open(context.Background(), Config{Dir: dir, Owner: mirror.Owner{Account: "acct_1"}, Unsynced: true})
}

func mustOpen(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := openIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// wants checks that an error is a trouble of its kind that says what to do.
func wants(t testing.TB, err, kind error) {
	t.Helper()
	var trouble *mirror.Trouble
	if !errors.Is(err, kind) || !errors.As(err, &trouble) {
		t.Errorf("%v, want %v", err, kind)
		return
	}
	if trouble.Hint() == "" || strings.HasSuffix(trouble.What, ".") || strings.ContainsRune(trouble.What, '\n') {
		t.Errorf("worded %q, hint %q", trouble.What, trouble.Hint())
	}
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func some(from, n int) (sessions []client.Session) {
	for i := range n {
		sessions = append(sessions, client.Session{
			ID: fmt.Sprintf("vs_%08d", from+i), Created: client.Unix(noon.Unix() - int64(from+i)), Status: client.StatusVerified,
			Metadata: map[string]string{"user_id": strings.Repeat("u", 1+(from+i)%80)},
		})
	}
	return sessions
}

// TestDiskFull: what does not fit is refused as a whole, what was there stays,
// and once there is room all goes on.
func TestDiskFull(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	ctx, seen := t.Context(), mirror.Origin{At: noon}
	if err := s.Apply(ctx, seen, some(0, 100)...); err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := s.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		if err := s.conn.QueryRowContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n)).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 3)
	wants(t, s.Apply(ctx, seen, some(100, 5000)...), datadir.ErrFull)
	page, err := s.Find(ctx, mirror.Request{Rows: 10})
	if err != nil || page.Total != 100 || len(page.Rows) != 10 {
		t.Errorf("%d of %d rows, %v", len(page.Rows), page.Total, err)
	}
	limit(1 << 20)
	if err := s.Apply(ctx, seen, some(100, 5000)...); err != nil {
		t.Fatal(err)
	}
	if page, err := s.Find(ctx, mirror.Request{Rows: 10}); err != nil || page.Total != 5100 {
		t.Errorf("%d rows, %v", page.Total, err)
	}
}

// TestWhatWasNeverCommittedGoes: a transaction that is too large for the cache
// is written to the log before it fails, and no byte of it stays there.
func TestWhatWasNeverCommittedGoes(t *testing.T) {
	if testing.Short() {
		t.Skip("much is written, by one goroutine after the other")
	}
	dir := t.TempDir()
	s := mustOpen(t, dir)
	var pages int
	if err := s.conn.QueryRowContext(t.Context(), "PRAGMA max_page_count = 1500").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	sessions := some(0, 100_000)
	for i := range sessions {
		sessions[i].Metadata = map[string]string{"user_id": "NEEDLE" + strings.Repeat("u", i%80)}
	}
	left := func() bool {
		log, err := os.ReadFile(filepath.Join(dir, dbFile+"-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(log), "NEEDLE")
	}
	s.mu.Lock() // no scrub before it is looked for
	err := s.transaction(t.Context(), func() error {
		failing := &transaction{Store: s, oldest: -1}
		for _, session := range sessions {
			if err := failing.take(mirror.Sighting{Origin: mirror.Origin{At: noon}, Session: session}); err != nil {
				return err
			}
		}
		return nil
	})
	s.kinds = newStoredKinds()
	spilled := left()
	s.mu.Unlock()
	wants(t, err, datadir.ErrFull)
	if !spilled {
		t.Fatal("nothing was spilled: this tests nothing")
	}
	wants(t, s.Apply(t.Context(), mirror.Origin{At: noon}, sessions...), datadir.ErrFull)
	for deadline := time.Now().Add(time.Minute); left(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it stays in the log")
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	if _, err := s.conn.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	_, err := openIn(dir)
	wants(t, err, mirror.ErrNewerSchema)
}

// TestMigrations brings a file from each older version to the newest, with
// steps that are made up but for the first: the content stays, and a step that
// fails leaves the version that was.
func TestMigrations(t *testing.T) {
	steps := append(migrations[:len(migrations):len(migrations)],
		"ALTER TABLE counts ADD COLUMN extra INTEGER NOT NULL DEFAULT 7",
		"CREATE TABLE later (n INTEGER) STRICT; INSERT INTO later SELECT extra FROM counts")
	dir := t.TempDir()
	s := mustOpen(t, dir)
	if err := s.Apply(t.Context(), mirror.Origin{At: noon}, some(0, 10)...); err != nil {
		t.Fatal(err)
	}
	broken := append(steps[:len(migrations)+1:len(migrations)+1], "CREATE TABLE half (n); CREATE TABLE sessions (n)")
	if err := migrate(t.Context(), s.conn, broken); err == nil {
		t.Fatal("a step that fails is taken")
	}
	version, err := schemaVersion(t.Context(), s.conn)
	if err != nil || version != len(migrations)+1 {
		t.Fatalf("version %d after a step that failed, %v", version, err)
	}
	if err := migrate(t.Context(), s.conn, steps); err != nil {
		t.Fatal(err)
	}
	var later, rows, half int
	err = s.conn.QueryRowContext(t.Context(), `SELECT (SELECT n FROM later), (SELECT count(*) FROM sessions),
		(SELECT count(*) FROM sqlite_schema WHERE name = 'half')`).Scan(&later, &rows, &half)
	if err != nil || later != 7 || rows != 10 || half != 0 {
		t.Errorf("%d, %d rows, %d halves, %v", later, rows, half, err)
	}
	s.Close()
	_, err = openIn(dir)
	wants(t, err, mirror.ErrNewerSchema)
}

// TestDamage opens files that were damaged in many ways: what shows says so and
// what to do, and nothing ever panics or hangs.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	if err := s.Apply(t.Context(), mirror.Origin{At: noon}, some(0, 3000)...); err != nil {
		t.Fatal(err)
	}
	s.Close()
	good, err := os.ReadFile(filepath.Join(dir, dbFile))
	if err != nil {
		t.Fatal(err)
	}
	with := func(data []byte) error {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, dbFile), data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := openIn(dir)
		if err != nil {
			return err
		}
		defer s.Close()
		if _, err := s.IDs(t.Context(), 0); err != nil {
			return err
		}
		if _, err := s.Find(t.Context(), mirror.Request{Rows: 100}); err != nil {
			return err
		}
		return s.Apply(t.Context(), mirror.Origin{At: noon.Add(time.Second)}, some(0, 100)...)
	}
	if err := with(good); err != nil {
		t.Fatal(err)
	}
	wants(t, with([]byte(strings.Repeat("no database ", 1000))), mirror.ErrDamaged)
	for _, part := range []int{5000, len(good) / 2 &^ 4095, len(good) - 4096} {
		wants(t, with(good[:part]), mirror.ErrDamaged)
	}
	shown := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 0))
		bad := append([]byte(nil), good...)
		from := r.IntN(len(bad))
		for i := from; i < min(len(bad), from+1+r.IntN(2000)); i++ {
			bad[i] = byte(r.Uint32())
		}
		if err := with(bad); err != nil {
			var trouble *mirror.Trouble
			if !errors.As(err, &trouble) {
				t.Errorf("seed %d: %v", seed, err)
			}
			shown++
		}
	}
	if shown < 20 {
		t.Errorf("only %d of 60 damages showed", shown)
	}
}

func TestUnsafePlaces(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	base := t.TempDir()
	place := func(name string) string { return filepath.Join(base, name) }
	target := place("target")
	for name, make := range map[string]func(dir string) error{
		"a link":          func(dir string) error { return errors.Join(os.MkdirAll(target, 0o700), os.Symlink(target, dir)) },
		"a dangling link": func(dir string) error { return os.Symlink(place("nothing"), dir) },
		"a file":          func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
		"open to others":  func(dir string) error { return errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o777)) },
		"a link inside": func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o700), os.Symlink(place("victim"), filepath.Join(dir, dbFile)))
		},
		"a log that is a link": func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o700), os.Symlink(place("victim"), filepath.Join(dir, dbFile+"-wal")))
		},
		"a lock that is a link": func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o700), os.Symlink(place("victim"), filepath.Join(dir, leadFile)))
		},
	} {
		dir := place(name)
		if err := make(dir); err != nil {
			t.Fatal(err)
		}
		_, err := openIn(dir)
		wants(t, err, datadir.ErrUnsafe)
		wants(t, rebuilt(t, dir), datadir.ErrUnsafe)
	}
	for _, name := range []string{"victim", "nothing"} {
		if _, err := os.Lstat(place(name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was made through a link", name)
		}
	}
	dir := place("loose/mirror")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, dbFile), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	if err := s.Apply(t.Context(), mirror.Origin{At: noon}, some(0, 1)...); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 5 {
		t.Fatal(entries, err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", entry.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v", info.Mode(), err)
	}
}

func TestReadOnlyPlaces(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("needs a user to whom a mode means something")
	}
	dir := filepath.Join(t.TempDir(), "mirror")
	s := mustOpen(t, dir)
	s.Close()
	if err := os.Chmod(filepath.Join(dir, dbFile), 0o400); err != nil {
		t.Fatal(err)
	}
	_, err := openIn(dir)
	wants(t, err, datadir.ErrReadOnly)
	if err := errors.Join(os.Chmod(filepath.Join(dir, dbFile), 0o600), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	_, err = openIn(dir)
	wants(t, err, datadir.ErrReadOnly)
	_, err = openIn(filepath.Join(dir, "below"))
	wants(t, err, datadir.ErrReadOnly)
}

// rebuilt rebuilds the mirror of a folder; nothing in it may be lost.
func rebuilt(t *testing.T, dir string) error {
	t.Helper()
	lost, err := Rebuild(t.Context(), Config{Dir: dir, Owner: mirror.Owner{Account: "acct_2"}, Unsynced: true})
	if lost {
		t.Error("a history was lost")
	}
	return err
}

func TestRebuild(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mirror")
	if err := rebuilt(t, dir); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	if err := s.Apply(t.Context(), mirror.Origin{At: noon}, some(0, 10)...); err != nil {
		t.Fatal(err)
	}
	wants(t, rebuilt(t, dir), mirror.ErrInUse)
	s.Close()
	if err := rebuilt(t, dir); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Config{Dir: dir, Owner: mirror.Owner{Account: "acct_2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if page, err := s.Find(t.Context(), mirror.Request{Rows: 1}); err != nil || page.Total != 0 {
		t.Errorf("%d rows, %v", page.Total, err)
	}
}

// TestFoldersThatCantBeUsed: what the folder says before SQLite is asked.
func TestFoldersThatCantBeUsed(t *testing.T) {
	for _, kind := range []error{datadir.ErrReadOnly, datadir.ErrFull} {
		wants(t, troubleIn("dir", &datadir.Error{Path: "dir", Why: "why", Err: kind}), kind)
	}
}

// TestAFileSystemWithoutLocksIsNamed: it is not damage, and reading all anew
// does not mend it.
func TestAFileSystemWithoutLocksIsNamed(t *testing.T) {
	err := troubleIn("/mnt/home/idtop", datadir.NoLocks("/mnt/home/idtop", syscall.ENOLCK))
	wants(t, err, datadir.ErrNoLocks)
	var trouble *mirror.Trouble
	if errors.As(err, &trouble) && (!strings.Contains(trouble.What, "/mnt/home/idtop") || !strings.Contains(trouble.Hint(), "--data-dir")) {
		t.Errorf("worded %q, hint %q", trouble.What, trouble.Hint())
	}
}
