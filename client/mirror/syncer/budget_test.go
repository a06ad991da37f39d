package syncer_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
)

// kept returns a Budget that a store keeps. In a bubble it is the first of
// January, 31 days before the next month.
func kept(t testing.TB, store mirror.Store, allowed int64) *syncer.Budget {
	t.Helper()
	b := syncer.NewBudget(allowed)
	if err := b.Keep(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	return b
}

// poll polls until a time as a Syncer would that likes to poll each interval,
// and returns how often it did and the longest wait.
func poll(b *syncer.Budget, until time.Time, interval time.Duration) (polls int, longest time.Duration) {
	for time.Now().Before(until) {
		b.Count(client.LaneTail)
		polls++
		wait := b.Stretch(time.Now(), interval)
		longest = max(longest, wait)
		time.Sleep(min(wait, time.Until(until)))
	}
	return polls, longest
}

// sleep waits and tells whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func used(b *syncer.Budget) int64 {
	n, _ := b.Reads()
	return n
}

// hours is a time in the bubble's first month, in hours since its beginning; they
// may go on beyond its end.
func hours(n int) time.Time {
	return time.Date(2000, 1, 1, n, 0, 0, 0, time.UTC)
}

// TestBudgetLastsAMonth: a dashboard that is never closed stays within it, never
// waits for more than a quarter of an hour, and uses nearly all.
func TestBudgetLastsAMonth(t *testing.T) {
	for _, interval := range []time.Duration{3 * time.Second, 15 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			b := kept(t, storetest.NewMemory(), 10_000)
			defer b.Close()
			_, longest := poll(b, hours(31*24).Add(-time.Second), interval)
			if n := used(b); n > 10_000 || n < 9_000 {
				t.Errorf("%d reads were used of 10,000", n)
			}
			if longest > 15*time.Minute {
				t.Errorf("one poll came %s after another", longest)
			}
		})
	}
}

// TestBudgetIsLively: a dashboard that is opened for an hour a day polls nearly
// as often as it likes, on every day.
func TestBudgetIsLively(t *testing.T) {
	for _, open := range []int{0, 9, 20} {
		synctest.Test(t, func(t *testing.T) {
			store := storetest.NewMemory()
			for day := range 31 {
				time.Sleep(time.Until(hours(24*day + open)))
				b := kept(t, store, 10_000)
				first := b.Stretch(time.Now(), 15*time.Second)
				polls, _ := poll(b, hours(24*day+open+1), 15*time.Second)
				if first > 22*time.Second || polls < 120 {
					t.Errorf("day %d at %d o'clock: %d polls in an hour, the first after %s", day+1, open, polls, first)
				}
				if n := used(b); n > 10_000 {
					t.Errorf("%d reads were used of 10,000", n)
				}
				b.Close()
			}
		})
	}
}

// TestBudgetOfManyOpenings: opened again and again, by one process after the
// other, it lasts all the same.
func TestBudgetOfManyOpenings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.NewMemory()
		for hour := range 31 * 24 {
			b := kept(t, store, 10_000)
			poll(b, hours(hour+1).Add(-time.Second), 3*time.Second)
			b.Close()
			time.Sleep(time.Until(hours(hour + 1)))
			if n := used(b); n > 10_000 {
				t.Fatalf("%d reads were used of 10,000 by hour %d", n, hour)
			}
		}
	})
}

// TestBudgetWithABackfill: an account that is too large for a month's reads
// leaves the polls half of it.
func TestBudgetWithABackfill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := kept(t, storetest.NewMemory(), 10_000)
		defer b.Close()
		fast := 0
		for b.Spare(time.Now()) == 0 {
			b.Count(client.LaneFill)
			fast++
			time.Sleep(50 * time.Millisecond)
		}
		if fast < 4_990 || fast > 5_010 {
			t.Errorf("%d pages came at full speed, want half of the month's reads", fast)
		}
		slow := 0
		ctx, stop := context.WithCancel(t.Context())
		fill := sync.WaitGroup{}
		fill.Go(func() {
			for sleep(ctx, b.Spare(time.Now())) {
				b.Count(client.LaneFill)
				slow++
			}
		})
		tenDays, _ := poll(b, hours(10*24), 3*time.Second)
		poll(b, hours(31*24).Add(-time.Second), 3*time.Second)
		stop()
		fill.Wait()
		if n := used(b); n > 10_000 || n < 8_000 || slow < 700 || tenDays < 1_000 {
			t.Errorf("%d reads were used of 10,000, by %d slow pages; %d polls in ten days", n, slow, tenDays)
		}
	})
}

// TestBudgetOfTheSweep: it has a tenth of a day's share a day, evenly, and so
// leaves most of the month even when nobody else reads.
func TestBudgetOfTheSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := kept(t, storetest.NewMemory(), 10_000)
		defer b.Close()
		pages := 0
		for _, until := range []struct{ days, least, most int }{{1, 31, 33}, {2, 62, 68}, {31, 1_000, 4_000}} {
			ctx, stop := context.WithDeadline(t.Context(), hours(24*until.days))
			for sleep(ctx, b.SpareSweep(time.Now())) {
				b.Count(client.LaneFill)
				pages++
			}
			stop()
			if pages < until.least || pages > until.most {
				t.Errorf("%d pages in %d days", pages, until.days)
			}
		}
	})
}

// TestBudgetUsedUp: polling is rare and does not end; the rest waits for the next
// month, which starts anew.
func TestBudgetUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := kept(t, storetest.NewMemory(), 100)
		defer b.Close()
		time.Sleep(time.Until(hours(30 * 24)))
		for range 150 {
			b.Count(client.LaneOperator)
		}
		if n, allowed := b.Reads(); n != 150 || allowed != 100 {
			t.Errorf("%d of %d reads", n, allowed)
		}
		now := time.Now()
		if s := b.Stretch(now, time.Second); s != time.Hour {
			t.Errorf("polls come each %s", s)
		}
		if s := b.Stretch(now, 2*time.Hour); s != 2*time.Hour {
			t.Errorf("polls that should come each two hours come each %s", s)
		}
		if fill, sweep := b.Spare(now), b.SpareSweep(now); fill != 24*time.Hour || sweep != 24*time.Hour {
			t.Errorf("the back-fill waits for %s and the sweep for %s", fill, sweep)
		}
		time.Sleep(24 * time.Hour)
		if n := used(b); n != 0 || b.Spare(time.Now()) != 0 || b.Stretch(time.Now(), time.Minute) == time.Hour {
			t.Errorf("the next month begins with %d reads", n)
		}
	})
}

// TestNoBudget: without a limit it only counts.
func TestNoBudget(t *testing.T) {
	b := syncer.NewBudget(0)
	for range 20_000 {
		b.Count(client.LaneTail)
	}
	now := time.Now()
	if n, allowed := b.Reads(); n != 20_000 || allowed != 0 || b.Stretch(now, time.Second) != time.Second || b.Spare(now) != 0 || b.SpareSweep(now) != 0 {
		t.Errorf("%d of %d reads, and something is held back", n, allowed)
	}
}

// TestBudgetIsShared: processes add up, and each learns of the others soon.
func TestBudgetIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.NewMemory()
		early := syncer.NewBudget(1_000)
		early.Count(client.LaneOperator) // before the store was open
		a, b := kept(t, store, 1_000), kept(t, store, 1_000)
		defer a.Close()
		if err := early.Keep(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		defer early.Close()
		for range 30 {
			a.Count(client.LaneTail)
			b.Count(client.LaneFill)
		}
		time.Sleep(6 * time.Second) // b was killed now, and has lost nothing
		if n, _ := store.AddReads(t.Context(), "2000-01", 0); n != 61 {
			t.Errorf("the store knows of %d reads", n)
		}
		time.Sleep(time.Minute)
		for name, budget := range map[string]*syncer.Budget{"a": a, "b": b, "early": early} {
			if n := used(budget); n != 61 {
				t.Errorf("%s knows of %d reads", name, n)
			}
		}
		b.Count(client.LaneTail)
		b.Close()
		if n := used(kept(t, store, 1_000)); n != 62 {
			t.Errorf("a new one knows of %d reads", n)
		}
	})
}

// forgetful is a store that can't write at first.
type forgetful struct {
	mirror.Store
	fails atomic.Int32
}

func (f *forgetful) AddReads(ctx context.Context, month string, n int64) (int64, error) {
	if f.fails.Add(-1) >= 0 {
		return 0, errors.New("the disk is full")
	}
	return f.Store.AddReads(ctx, month, n)
}

// TestBudgetOutlastsTrouble: what the store can't be told stays counted, over the
// end of the month too.
func TestBudgetOutlastsTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &forgetful{Store: storetest.NewMemory()}
		store.fails.Store(3)
		b := syncer.NewBudget(1_000)
		if err := b.Keep(t.Context(), store); err == nil {
			t.Error("a store that can't write is not told of")
		}
		time.Sleep(time.Until(hours(31 * 24).Add(-time.Second)))
		store.fails.Store(2)
		for range 40 {
			b.Count(client.LaneTail)
			time.Sleep(50 * time.Millisecond)
		}
		if n := used(b); n != 20 {
			t.Errorf("%d reads in the new month", n)
		}
		time.Sleep(10 * time.Minute)
		january, _ := store.AddReads(t.Context(), "2000-01", 0)
		february, _ := store.AddReads(t.Context(), "2000-02", 0)
		today, _ := store.AddReads(t.Context(), "2000-02-01", 0)
		if january != 20 || february != 20 || today != 20 || used(b) != 20 {
			t.Errorf("%d reads in January, %d in February, %d on its first day", january, february, today)
		}
		b.Close()
	})
}

// TestPaceIsKnownAfterADay: what the days come to in a month is said once one whole
// day is known; the first day, which is none, and the back-fill do not count.
func TestPaceIsKnownAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.NewMemory()
		b := kept(t, store, 0)
		defer b.Close()
		for range 20_000 {
			b.Count(client.LaneFill)
		}
		for day := range 4 {
			for range 1600 {
				b.Count(client.LaneTail)
				sleep(t.Context(), 54*time.Second)
			}
			sleep(t.Context(), 2*time.Minute)
			switch pace := b.Pace(); {
			case day < 1 && pace != 0:
				t.Errorf("after %d days the pace is said to be %d", day+1, pace)
			case day > 1 && (pace < 48_000 || pace > 50_000):
				t.Errorf("after %d days of 1,600 the pace is %d", day+1, pace)
			}
		}
	})
}
