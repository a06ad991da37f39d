package syncer_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
)

// TestSyncerKeepsToItsBudget lets a Syncer run for the last week of a month on a
// quiet account: it fills the mirror at once, polls often at first and evenly
// later, and stays within the month's reads. An operator's requests are answered at
// once until the end.
func TestSyncerKeepsToItsBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(hours(24 * 24)))
		store := storetest.NewMemory()
		budget := kept(t, store, 2_300)
		defer budget.Close()
		key, err := client.ParseKey("rk_test_emulator0000")
		if err != nil {
			t.Fatal(err)
		}
		pace := stripe.SandboxPace
		pace.OnRead = budget.Count
		api, err := stripe.New(stripe.Config{Key: key, Pacer: stripe.NewPacer(pace),
			Transport: emulator.Transport(emulator.New(emulator.Config{Sessions: 1500, RateLimits: true}))})
		if err != nil {
			t.Fatal(err)
		}
		syncer := syncer.New(syncer.Config{API: api, Store: store, Budget: budget})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); syncer.Run(ctx) }()

		time.Sleep(time.Minute)
		if status := syncer.Status(); status.Filling || find(t, store, mirror.Request{Rows: 1}).Counts.All != 1500 {
			t.Errorf("a minute later the status is %+v", status)
		}
		ids, err := store.IDs(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		early := used(budget)
		time.Sleep(time.Until(hours(25 * 24)))
		if n := used(budget); n-early < 100 || n > 500 {
			t.Errorf("%d reads on the first day, %d of them in its first minute", n, early)
		}
		for range 6 {
			time.Sleep(24*time.Hour - time.Minute)
			start := time.Now()
			if _, err := api.GetSession(t.Context(), ids[0]); err != nil || time.Since(start) != 0 {
				t.Errorf("an operator waited for %s: %v", time.Since(start), err)
			}
		}
		if n := used(budget); n > 2_300 || n < 1_800 {
			t.Errorf("%d reads were used of 2,300", n)
		}
		stop()
		<-done
	})
}
