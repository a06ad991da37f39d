package client_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
)

func TestBackoff(t *testing.T) {
	b := client.Backoff{First: time.Second, Longest: 10 * time.Second}
	for n, want := range []time.Duration{time.Second, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second, 10 * time.Second} {
		seen := map[time.Duration]bool{}
		for range 100 {
			wait := b.Wait(n, 0)
			if wait < want*4/5 || wait > want*6/5 {
				t.Fatalf("after %d failures it waits %s, want %s or a fifth more or less", n, wait, want)
			}
			seen[wait] = true
		}
		if len(seen) < 50 {
			t.Errorf("after %d failures the waits are in step", n)
		}
		if wait := b.Wait(n, time.Minute); wait != time.Minute {
			t.Errorf("the server asked for a minute and gets %s", wait)
		}
	}
	if wait := b.Wait(1_000_000, 0); wait > 12*time.Second {
		t.Errorf("after a million failures it waits %s", wait)
	}
	if wait := (client.Backoff{First: time.Hour, Longest: time.Minute}).Wait(1, 0); wait > 72*time.Second {
		t.Errorf("the first wait is %s, longer than the longest", wait)
	}
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		end()
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		stopped := make(chan struct{})
		close(stopped)
		for name, c := range map[string]struct {
			ctx   context.Context
			d     time.Duration
			stop  <-chan struct{}
			whole bool
			takes time.Duration
		}{
			"whole":          {t.Context(), time.Minute, nil, true, time.Minute},
			"nothing":        {t.Context(), 0, stopped, true, 0},
			"ended":          {ended, time.Minute, nil, false, 0},
			"ended, nothing": {ended, -1, nil, false, 0},
			"stopped":        {t.Context(), time.Minute, stopped, false, 0},
			"a deadline":     {soon, time.Minute, nil, false, 0},
		} {
			began := time.Now()
			if whole := client.Sleep(c.ctx, c.d, c.stop); whole != c.whole || time.Since(began) != c.takes {
				t.Errorf("%s: %t after %s", name, whole, time.Since(began))
			}
		}
	})
}
