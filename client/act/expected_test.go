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
	"idtop/client/act"
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
		if _, err := w.desk.SetMetadata(w.ctx, id, "ann_8392", map[string]string{"team": "blue"}, "key-1"); err == nil || !strings.HasPrefix(err.Error(), "update "+id+" was done, and what came of it could not be recorded: ") {
			t.Fatal(err)
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

// An intent without an outcome may be another process's, still under way: while another
// has the book open, it is settled only when it is older than any request takes.
func TestAYoungIntentOfAnotherProcessIsLeftToIt(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		key, err := client.ParseKey(theKey)
		if err != nil {
			t.Fatal(err)
		}
		entry, err := w.desk.Ledger.Intend(ledger.Act{Verb: ledger.Link, Key: key, Account: theAccount, Session: "vs_1"})
		if err != nil {
			t.Fatal(err)
		}
		open := func(want string) {
			t.Helper()
			other, err := act.Open(act.Config{Dir: w.dir, Key: key, Account: theAccount, Store: w.store})
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			if got := words(w.records(ledger.Query{})); got != want {
				t.Error(got)
			}
		}
		open("link intent")
		time.Sleep(time.Until(entry.Intent().Time.Add(time.Hour - time.Second)))
		open("link intent")
		time.Sleep(time.Second)
		open("link intent, link outcome unknown")
	})
}

// The desk names the jobs begun here that have not ended when the program is quit.
func TestWaitTellsWhatIsLeft(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		w.job(w.planned(client.Cancel, w.ann().ID), plan.Options{})
		job, err := w.desk.Confirm(w.planned(client.Cancel, w.ann().ID), plan.Options{Delay: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		ctx, quit := context.WithCancel(w.ctx)
		if _, err := w.desk.Start(ctx, job.ID); err != nil {
			t.Fatal(err)
		}
		quit()
		if left := w.desk.Wait(); len(left) != 1 || left[0].ID != job.ID {
			t.Errorf("%+v", left)
		}
	})
}

// The operator can give up only a job that is open or waits.
func TestWhatHasEndedIsNotGivenUp(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		job := w.job(w.planned(client.Cancel, w.ann().ID), plan.Options{})
		if err := w.desk.GiveUp(w.ctx, job.ID); err == nil || err.Error() != "job 1 is finished already" {
			t.Error(err)
		}
		if _, err := w.desk.Resume(w.ctx, job.ID); err == nil || err.Error() != "job 1 is finished already" {
			t.Error(err)
		}
		if err := w.desk.GiveUp(w.ctx, 7); err == nil {
			t.Error("a job that is not there was given up")
		}
		if got := words(w.records(ledger.Query{Job: "1"})); got != "confirm note, cancel intent, cancel outcome done" {
			t.Error(got)
		}
	})
}

// Evidence says of each session what Stripe told, and nothing of one that it did not
// tell of since the request.
func TestEvidenceOfWhatWasNotAnswered(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		evidence := func(job int64) ledger.EvidenceSession {
			t.Helper()
			e, err := w.desk.Evidence(job, "")
			if err != nil || len(e.Sessions) != 1 {
				t.Fatalf("%v: %+v", err, e)
			}
			return e.Sessions[0]
		}
		// cut loses the answers of POSTs, and of all that comes later if it is for good.
		cut := func(forGood bool) {
			sent := false
			w.spoils(func(r *http.Request, after bool) error {
				lost := r.Method == http.MethodPost && after
				if sent = sent || lost && forGood; sent || lost {
					return errCut
				}
				return nil
			})
		}
		cut(false)
		found := w.job(w.planned(client.Redact, w.ann().ID), plan.Options{})
		if s := evidence(found.ID); s.After.Redaction != client.RedactionProcessing || s.RequestID != "" || !s.Accepted.IsZero() || s.HTTP != 0 || s.Checked.IsZero() {
			t.Errorf("found by a look: %+v", s)
		}
		cut(true)
		unknown := w.job(w.planned(client.Redact, w.ann().ID), plan.Options{})
		w.spoils(nil)
		if s := evidence(unknown.ID); s.After != (ledger.Statuses{}) || !s.Checked.IsZero() || s.Note == "" {
			t.Errorf("not known: %+v", s)
		}
		never, err := w.desk.Confirm(w.planned(client.Redact, w.ann().ID), plan.Options{Delay: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		run, err := w.desk.Start(w.ctx, never.ID)
		if err != nil || !w.desk.Recall(run) {
			t.Fatal(err)
		}
		<-run.Done()
		if s := evidence(never.ID); s.After != s.Before || s.Before.Status != client.StatusRequiresInput || s.Note != "not started" {
			t.Errorf("never sent: %+v", s)
		}
	})
}
