package syncer_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
)

// BenchmarkBackfill fills an empty mirror with 100,000 sessions over a socket: the
// server renders them, and they are fetched, decoded and committed side by side.
func BenchmarkBackfill(b *testing.B) {
	const sessions = 100_000
	server := httptest.NewServer(emulator.New(emulator.Config{Seed: 5, Sessions: sessions}))
	defer server.Close()
	key, err := client.ParseKey("rk_test_emulator0000")
	if err != nil {
		b.Fatal(err)
	}
	for name, open := range map[string]func() mirror.Store{
		"memory": func() mirror.Store { return storetest.NewMemory() },
		"sqlite": func() mirror.Store {
			store, err := sqlite.Open(b.Context(), sqlite.Config{Dir: b.TempDir(), Owner: mirror.Owner{Account: "acct_bench"}})
			if err != nil {
				b.Fatal(err)
			}
			return store
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				api, err := stripe.New(stripe.Config{
					Key: key, BaseURL: server.URL, Transport: &http.Transport{MaxIdleConnsPerHost: 16},
				})
				if err != nil {
					b.Fatal(err)
				}
				refill(b, api, open(), sessions)
			}
			b.ReportMetric(float64(sessions)*float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
		})
	}
}

// refill runs a Syncer until all is read.
func refill(b *testing.B, api client.API, store mirror.Store, sessions int) {
	syncer := syncer.New(syncer.Config{API: api, Store: store, Interval: time.Minute})
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		syncer.Run(ctx)
		close(done)
	}()
	changes := syncer.Subscribe(ctx)
	for s := syncer.Status(); s.Filling || s.Last.IsZero(); s = syncer.Status() {
		if s.Err != nil || s.FillErr != nil {
			b.Fatal(s.Err, s.FillErr)
		}
		<-changes
	}
	cancel()
	<-done
	page, err := store.Find(b.Context(), mirror.Request{Rows: 1})
	if err != nil || page.Counts.All != sessions {
		b.Fatalf("%d sessions are known: %v", page.Counts.All, err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}
