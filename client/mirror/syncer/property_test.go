package syncer_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
)

// The schedules of TestRandomSchedules are numbered. IDTOP_SCHEDULES says how
// many there are, and IDTOP_SCHEDULE_STORE=sqlite runs them on files:
//
//	IDTOP_SCHEDULES=100000 go test -v -run RandomSchedules -timeout 10h ./client/mirror/syncer
//
// It ends a minute before the time limit and says how many it ran.
// IDTOP_SCHEDULE=n runs one of them. A schedule does not fix the order of
// goroutines, so a rare failure may take some repetitions.
func schedules() (first, end uint64) {
	if one, err := strconv.ParseUint(os.Getenv("IDTOP_SCHEDULE"), 10, 64); err == nil {
		return one, one + 1
	}
	if n, err := strconv.ParseUint(os.Getenv("IDTOP_SCHEDULES"), 10, 64); err == nil {
		return 0, n
	}
	switch {
	case raceDetector:
		return 0, 40
	case testing.Short():
		return 0, 200
	}
	return 0, 2000
}

// TestRandomSchedules shows that a mirror stays true whatever happens: events
// that come late, twice and many in one second, requests that fail and answers
// that are lost, clocks that are an hour apart, processes that die at a commit
// or come back when another leads, and absences of weeks.
func TestRandomSchedules(t *testing.T) {
	first, end := schedules()
	next, ran := new(atomic.Uint64), new(atomic.Int64)
	next.Store(first)
	t.Cleanup(func() { t.Logf("%d schedules", ran.Load()) })
	last, bounded := t.Deadline()
	for worker := range runtime.GOMAXPROCS(0) {
		t.Run(fmt.Sprint("worker", worker), func(t *testing.T) {
			t.Parallel()
			for seed := next.Add(1) - 1; seed < end; seed = next.Add(1) - 1 {
				for i, v := range play(t, seed, syncer.Sound, storeOfSchedules(), true) {
					if i < 3 {
						t.Errorf("schedule %d: %s", seed, v)
					}
				}
				ran.Add(1)
				if t.Failed() || bounded && time.Until(last) < time.Minute {
					return
				}
			}
		})
	}
}

// storeOfSchedules opens a mirror that processes share.
func storeOfSchedules() func(t *testing.T) shelf {
	if os.Getenv("IDTOP_SCHEDULE_STORE") == "sqlite" {
		return onFiles
	}
	return inMemory
}

func inMemory(*testing.T) shelf {
	store := storetest.NewMemory()
	return shelf{handle: func() mirror.Store { return store }, release: func(mirror.Store) {}}
}

func onFiles(t *testing.T) shelf {
	dir := t.TempDir()
	return shelf{
		handle: func() mirror.Store {
			store, err := sqlite.Open(context.Background(), sqlite.Config{
				Dir: dir, Owner: mirror.Owner{Account: "acct_schedules"}, Watch: time.Second, Unsynced: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			return store
		},
		release: func(store mirror.Store) {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		},
	}
}

// TestWeakerDesignsFail shows that the schedules can fail, and that no part of
// the design is there for nothing: each of four designs that others use leaves
// rows that are not so, at rest.
func TestWeakerDesignsFail(t *testing.T) {
	const enough = 60
	for name, design := range map[string]syncer.Design{
		"A": syncer.DesignA, "B": syncer.DesignB, "C": syncer.DesignC, "D": syncer.DesignD,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(enough) {
				if violations := play(t, seed, design, inMemory, false); len(violations) > 0 {
					t.Logf("schedule %d: %s", seed, violations[0])
					return
				}
			}
			t.Errorf("no violation in %d schedules", enough)
		})
	}
}
