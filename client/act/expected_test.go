package act_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/mirror/syncer"
	"idtop/client/plan"
)

// If an outcome could not be recorded, the next start settles its intent: no intent
// stays without an outcome for ever.
func TestAnIntentIsNotLeftOpen(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		id, file := w.ann().ID, filepath.Join(w.book(), "book.db")
		w.spoils(func(r *http.Request, after bool) error {
			if r.Method == http.MethodPost && after {
				return os.Rename(file, file+".away")
			}
			return nil
		})
		if _, err := w.desk.SetMetadata(w.ctx, id, "ann_8392", map[string]string{"team": "blue"}, "key-1"); err == nil {
			t.Fatal("the outcome was recorded")
		}
		w.spoils(nil)
		if err := os.Rename(file+".away", file); err != nil {
			t.Fatal(err)
		}
		w.start()
		if pending, err := w.desk.Ledger.Pending(ledger.Query{}); err != nil || len(pending) > 0 {
			t.Errorf("%d intents have no outcome, %v", len(pending), err)
		}
		if got := words(w.records(ledger.Query{})); got != "update intent, update outcome unknown" {
			t.Error(got)
		}
	})
}

// Every outcome of a job that an answer told has the server's time.
func TestOutcomesHaveTheServersTime(t *testing.T) {
	bubble(t, emulator.Config{RedactionDelay: -1}, func(w *world) {
		w.job(w.planned(client.Redact, w.ann().ID), plan.Options{})
		records := w.records(ledger.Query{Verb: ledger.Redact})
		if words(records) != "redact intent, redact outcome done" || records[1].HTTP != http.StatusOK {
			t.Fatal(words(records))
		}
		if records[1].Server.IsZero() {
			t.Error("an outcome that was answered has no server time")
		}
		if records[1].Before.Status != client.StatusRequiresInput || records[1].After.Status == "" {
			t.Errorf("the status is not in Stripe's own words: %+v", records[1])
		}
	})
}

// One follower looks after a redaction, not the mirror and the jobs both.
func TestARedactionHasOneFollower(t *testing.T) {
	bubble(t, emulator.Config{RedactionDelay: 95 * time.Hour}, func(w *world) {
		id := w.ann().ID
		api := w.desk.API
		ctx, stop := context.WithCancel(w.ctx)
		syncer := syncer.New(syncer.Config{API: api, Store: w.store, Interval: time.Minute})
		over := make(chan struct{})
		go func() { defer close(over); syncer.Run(ctx) }()
		defer func() { stop(); <-over }()
		time.Sleep(time.Minute)
		job := w.job(w.planned(client.Redact, id), plan.Options{})
		var reads atomic.Int64
		w.spoils(func(r *http.Request, after bool) error {
			if after && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/"+id) {
				reads.Add(1)
			}
			return nil
		})
		time.Sleep(100 * time.Hour)
		if state := w.now(id).State(); state != client.StateRedacted {
			t.Fatal(state)
		}
		// After 1 and 10 minutes, an hour, and then every 6 hours.
		if n := reads.Load(); n > 3+100/6+1 {
			t.Errorf("it was read %d times until it was redacted", n)
		}
		if got, err := w.desk.Journal.Job(job.ID); err != nil || got.Counts[plan.Complete] != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
