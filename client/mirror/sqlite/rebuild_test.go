package sqlite_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"idtop/client/mirror/sqlite"
)

// watched tells each time that the work which has it asks whether to go on.
type watched struct {
	context.Context
	asked func()
}

func (w watched) Err() error {
	w.point()
	return w.Context.Err()
}

func (w watched) Done() <-chan struct{} {
	w.point()
	return w.Context.Done()
}

func (w watched) point() {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	for frame, more := frames.Next(); more; frame, more = frames.Next() {
		if strings.HasSuffix(frame.Function, "sqlite.Rebuild") { // and no other goroutine, beside which files change
			w.asked()
			return
		}
	}
}

// copied copies the files of a folder, as a process leaves them that is killed.
func copied(t *testing.T, dir string) (to, state string) {
	t.Helper()
	to = filepath.Join(t.TempDir(), "mirror")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range files(t, dir) {
		text, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(name)), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		state += fmt.Sprintf("%s of %d bytes %x; ", filepath.Base(name), len(text), crc32.ChecksumIEEE(text))
	}
	return to, state
}

// TestARebuildThatIsKilled: wherever a rebuild ends, the mirror opens and is the old one or the
// new one, with all of its history; another rebuild keeps it too.
func TestARebuildThatIsKilled(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	histories := remembered(t, s, 100)
	s.Close()
	states := map[string]string{}
	points := 0
	ctx := watched{t.Context(), func() {
		points++
		if to, state := copied(t, dir); states[state] == "" {
			states[state] = to
		}
	}}
	if lost, err := sqlite.Rebuild(ctx, sqlite.Config{Dir: dir, Owner: owner, Unsynced: true}); lost || err != nil {
		t.Fatal(lost, err)
	}
	ctx.asked() // and after it
	t.Logf("%d points, %d states of the files", points, len(states))
	whole := func(state, dir string) (rows int) {
		t.Helper()
		if said := asked(t, dir, "PRAGMA integrity_check"); said != "ok" {
			t.Fatalf("%s: %s", state, said)
		}
		s := open(t, dir)
		defer s.Close()
		ids, err := s.IDs(t.Context(), 0)
		if err != nil || len(ids) != 0 && len(ids) != len(histories) {
			t.Fatalf("%s: %d sessions, %v", state, len(ids), err)
		}
		for i := range len(histories) {
			id := session(i, "", "", "").ID
			got, err := s.History(t.Context(), id)
			again := len(ids) == 0 && i%10 == 9 // the session tells again
			if err != nil || !again && !slices.Equal(got, histories[id]) {
				t.Fatalf("%s: %s:\ngot  %+v\nwant %+v; %v", state, id, got, histories[id], err)
			}
		}
		return len(ids)
	}
	rows := map[int]int{}
	for state, dir := range states {
		rows[whole(state, dir)]++
		if lost, err := sqlite.Rebuild(t.Context(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: true}); lost || err != nil {
			t.Fatalf("%s, again: %v %v", state, lost, err)
		}
		if left := whole(state+" again", dir); left != 0 {
			t.Errorf("%s: %d sessions are left", state, left)
		}
	}
	if len(rows) != 2 || len(states) < 6 {
		t.Errorf("%d states, %v: the old mirror and the new one have to be met", len(states), rows)
	}
}
