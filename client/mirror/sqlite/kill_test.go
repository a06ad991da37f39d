package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
)

// TestMain also is the process that the tests kill.
func TestMain(m *testing.M) {
	if role := os.Getenv("IDTOP_MIRROR_ROLE"); role != "" {
		if err := roles[role](os.Getenv("IDTOP_MIRROR_DIR")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	for _, dir := range benchDirs {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

var roles = map[string]func(dir string) error{"fill": fillRole, "tail": tailRole, "erase": eraseRole, "hold": holdRole}

// another starts a process in a role, and returns how to await a line of it and
// how to kill it.
func another(t testing.TB, role, dir string) (line func() string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "IDTOP_MIRROR_ROLE="+role, "IDTOP_MIRROR_DIR="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	kill = func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
	t.Cleanup(kill)
	return func() string {
		if !lines.Scan() {
			t.Fatalf("the %s process ended", role)
		}
		return lines.Text()
	}, kill
}

// onward opens the mirror and commits until the process is killed; every batch
// has rows rows and is counted in Progress.Oldest. It goes on where an earlier
// process stopped.
func onward(dir string, rows int, more func(*mirror.Batch, int)) error {
	s, err := sqlite.Open(context.Background(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: true, Metadata: []string{"team"}})
	if err != nil {
		return err
	}
	epoch, ok, err := s.Lead(context.Background())
	if err != nil || !ok {
		return fmt.Errorf("lead: %v %w", ok, err)
	}
	progress, err := s.Progress(context.Background())
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(progress.Oldest), 1))
	for n := int(progress.Oldest); ; n++ {
		batch := mirror.Batch{Progress: mirror.Progress{Oldest: client.Unix(n + 1), Tail: client.Unix(start.Unix())}}
		for i := range rows {
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: start.Add(time.Duration(n) * time.Second)}, Session: planted(n*rows+i, r)})
		}
		if more != nil {
			more(&batch, n)
		}
		if err := s.Commit(context.Background(), epoch, batch); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func fillRole(dir string) error { return onward(dir, 100, nil) }

// tailRole adds a session and changes one with every batch, as events tell.
func tailRole(dir string) error {
	return onward(dir, 1, func(batch *mirror.Batch, n int) {
		batch.Events = []mirror.EventMark{{ID: fmt.Sprint("evt_", n), Created: client.Unix(start.Unix())}}
		if n > 0 {
			session := planted(n-1, rand.New(rand.NewPCG(uint64(n), 2)))
			session.Status, session.LastError = client.StatusRequiresInput, &client.CheckError{Code: "document_expired"}
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: start.Add(time.Duration(n) * time.Second), News: true}, Session: session})
		}
	})
}

// eraseRole redacts with every batch some of the rows that came before.
func eraseRole(dir string) error {
	return onward(dir, 40, func(batch *mirror.Batch, n int) {
		r := rand.New(rand.NewPCG(uint64(n), 3))
		for range 20 {
			session := redacted(planted(r.IntN(n*40+1), r))
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: start.Add(time.Duration(n) * time.Second), News: true}, Session: session})
		}
	})
}

// holdRole has the mirror open and leads.
func holdRole(dir string) error {
	s, err := sqlite.Open(context.Background(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: true})
	if err != nil {
		return err
	}
	if _, ok, err := s.Lead(context.Background()); err != nil || !ok {
		return fmt.Errorf("lead: %v %w", ok, err)
	}
	fmt.Println("ready")
	select {}
}

// database opens the file beside the store.
func database(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "mirror.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func asked(t testing.TB, dir, query string) (answer string) {
	t.Helper()
	db := database(t, dir)
	defer db.Close()
	if err := db.QueryRow(query).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestKilled kills a process in the middle of its work, again and again. What
// the next one finds is whole, and is exactly what was committed.
func TestKilled(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	rowsOf := map[string]int{"fill": 100, "tail": 1, "erase": 40}
	for role, rows := range rowsOf {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for round := range rounds {
				line, kill := another(t, role, dir)
				for range 1 + rand.IntN(30) {
					line()
				}
				kill()
				if said := asked(t, dir, "PRAGMA integrity_check"); said != "ok" {
					t.Fatalf("round %d: %s", round, said)
				}
				s := open(t, dir, keepTeam)
				progress, err := s.Progress(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				page := find(t, s, mirror.Request{Rows: 1})
				if want := int(progress.Oldest) * rows; page.Total != want || page.Counts.All != want || want == 0 {
					t.Errorf("round %d: %d rows, counted %d, committed %d", round, page.Total, page.Counts.All, want)
				}
				if role == "tail" {
					last := fmt.Sprint("evt_", progress.Oldest-1)
					if handled, err := s.Handled(t.Context(), []string{last, fmt.Sprint("evt_", progress.Oldest)}); err != nil || !handled[0] || handled[1] {
						t.Errorf("round %d: events %v %v", round, handled, err)
					}
				}
				checkErased(t, s, dir)
				s.Close()
			}
		})
	}
}

// checkErased finds no needle of a session that is erased, and that of every other.
func checkErased(t *testing.T, s *sqlite.Store, dir string) {
	t.Helper()
	found := inFiles(t, dir)
	ids, err := s.IDs(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		needle, row := "NEEDLE"+id[len(id)-6:], get(t, s, id)
		if row.Erased() == found[needle] {
			t.Errorf("%s is %s, and its needle found: %v", id, row.State, found[needle])
		}
	}
}

func TestLeadershipIsOfOneProcess(t *testing.T) {
	dir := t.TempDir()
	line, kill := another(t, "hold", dir)
	line()
	s := open(t, dir)
	if _, ok, err := s.Lead(t.Context()); ok || err != nil {
		t.Fatalf("two processes lead: %v", err)
	}
	if _, err := sqlite.Rebuild(t.Context(), sqlite.Config{Dir: dir, Owner: owner}); err == nil {
		t.Error("a mirror that is open was removed")
	}
	kill()
	epoch, ok, err := s.Lead(t.Context())
	if !ok || err != nil || epoch != 2 {
		t.Fatalf("after the leader's death: epoch %d, %v %v", epoch, ok, err)
	}
	if err := s.Commit(t.Context(), epoch-1, mirror.Batch{}); err != mirror.ErrFenced {
		t.Errorf("the dead leader's commit: %v", err)
	}
	if err := s.Commit(t.Context(), epoch, mirror.Batch{}); err != nil {
		t.Error(err)
	}
	if err := s.Resign(epoch); err != nil {
		t.Error(err)
	}
	if err := s.Commit(t.Context(), epoch, mirror.Batch{}); err != mirror.ErrFenced {
		t.Errorf("a commit after resigning: %v", err)
	}
}
