package act_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/plan"
)

// bubble runs a test in a bubble of its own time.
func bubble(t *testing.T, config emulator.Config, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newWorld(t, config)) })
}

func aCreation() client.SessionCreateParams {
	return client.SessionCreateParams{Type: "document", Metadata: map[string]string{"user_id": "ann_8392"}}
}

// acts are what an operator does to one session, apart from jobs.
var acts = map[string]func(w *world, id string) error{
	"create": func(w *world, _ string) error { _, err := w.desk.Create(w.ctx, aCreation(), "key-1"); return err },
	"update": func(w *world, id string) error {
		_, err := w.desk.SetMetadata(w.ctx, id, "ann_8392", map[string]string{"team": "blue"}, "key-1")
		return err
	},
	"link": func(w *world, id string) error { _, err := w.desk.Link(w.ctx, id, "ann_8392"); return err },
}

var errCut = errors.New("the line was cut")

// Every act is an intent and an outcome, whatever comes of it.
func TestEachActIsTwoRecords(t *testing.T) {
	for verb, do := range acts {
		for name, c := range map[string]struct {
			spoil  func(*http.Request, bool) error
			id     string // "": a session that is there
			result ledger.Result
		}{
			"done":        {nil, "", ledger.Succeeded},
			"refused":     {nil, "vs_1NuNAILkdIwHu7ixh70tMLw", ledger.Failed},
			"no network":  {func(_ *http.Request, after bool) error { return map[bool]error{false: errCut}[after] }, "", ledger.Unknown},
			"answer lost": {func(_ *http.Request, after bool) error { return map[bool]error{true: errCut}[after] }, "", ledger.Unknown},
		} {
			if verb == "create" && name == "refused" {
				continue // nothing is there that could be refused
			}
			t.Run(verb+" "+name, func(t *testing.T) {
				bubble(t, emulator.Config{}, func(w *world) {
					id := c.id
					if id == "" {
						id = w.ann().ID
					}
					w.spoils(c.spoil)
					err := do(w, id)
					want := c.result
					if verb == "link" && want == ledger.Unknown {
						want = ledger.Failed // reading has no effect that could be unknown
					}
					if (err == nil) != (want == ledger.Succeeded) {
						t.Error(err)
					}
					records := w.records(ledger.Query{})
					if got := words(records); got != verb+" intent, "+verb+" outcome "+string(want) {
						t.Fatal(got)
					}
					for _, r := range records {
						if r.Person != w.desk.Ledger.Person("ann_8392") || r.Account != theAccount || r.Mode != "test" || r.Actor.User != "ann" || r.Tool != "1.2.3" {
							t.Errorf("%+v", r)
						}
						if verb != "link" && r.Idempotency != "key-1" {
							t.Error("the idempotency key is not recorded")
						}
					}
					if o := records[1]; want == ledger.Succeeded && (o.Session == "" || verb != "link" && (o.Request == "" || o.HTTP != 200 || o.After.Status != "requires_input")) {
						t.Errorf("%+v", o)
					}
					if o := records[1]; want == ledger.Succeeded {
						if _, ok, err := w.store.Get(w.ctx, o.Session); !ok || err != nil {
							t.Errorf("the mirror has no answer of %s: %v", verb, err)
						}
					}
					if o := records[1]; name == "refused" && (o.HTTP != 404 || o.Server.IsZero()) {
						t.Errorf("a refusal is recorded without Stripe's clock: %+v", o)
					}
				})
			})
		}
	}
}

// What can't be recorded is not done, at whatever step the ledger fails.
func TestNothingWithoutTheLedger(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		id := w.ann().ID
		made := w.planned(client.Redact, id)
		job, err := w.desk.Confirm(made, plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(w.book(), "book.db"), filepath.Join(w.book(), "gone")); err != nil {
			t.Fatal(err)
		}
		w.sent()
		for name, do := range acts {
			if err := do(w, id); ledger.CauseOf(err) != ledger.CauseGone {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := w.desk.Note(ledger.Copy, id, "ann_8392", "user_id", ""); err == nil {
			t.Error("a note was taken")
		}
		if posts, gets := w.sent(); posts+gets != 0 {
			t.Errorf("%d requests were sent", posts+gets)
		}
		run, err := w.desk.Start(w.ctx, job.ID)
		if err != nil {
			t.Fatal(err)
		}
		<-run.Done()
		if run.Err() == nil || !strings.Contains(run.Err().Error(), "the ledger can't be written, so nothing more is done") {
			t.Error(run.Err())
		}
		if _, err := w.desk.Resume(w.ctx, job.ID); err == nil {
			t.Error("a job was resumed")
		}
		if _, err := w.desk.Confirm(made, plan.Options{}); err == nil {
			t.Error("a job was confirmed")
		}
		jobs, err := w.desk.Journal.Unfinished()
		if err != nil || len(jobs) != 1 || jobs[0].ID != job.ID || jobs[0].Counts.Of(plan.Pending) != 1 {
			t.Errorf("%v: %+v", err, jobs)
		}
		if posts, _ := w.sent(); posts != 0 || w.now(id).State() != client.StateWaiting {
			t.Errorf("%d requests were sent", posts)
		}
	})
}

// A job's records say who, why and what, and name no person.
func TestRecordsOfAJob(t *testing.T) {
	bubble(t, emulator.Config{RedactionDelay: -1}, func(w *world) {
		one, two := w.ann().ID, w.ann().ID
		job := w.job(w.planned(client.Redact, one, two), plan.Options{Reason: "letter, ticket 4711"})
		if job.Reason != "letter, ticket 4711" || job.Counts.Of(plan.Complete) != 2 {
			t.Errorf("%+v", job)
		}
		records := w.records(ledger.Query{UserID: "ann_8392", Job: "1", Plan: job.Plan})
		if len(records) != 5 || !strings.HasPrefix(words(records), "confirm note, redact intent") || strings.Count(words(records), "redact outcome done") != 2 {
			t.Fatal(words(records))
		}
		for _, r := range records {
			if r.Reason != job.Reason {
				t.Errorf("the reason is %q", r.Reason)
			}
			if r.Kind == ledger.KindOutcome && (r.Before.Status != "requires_input" || r.After.Redaction != "redacted" || r.Request == "" || r.HTTP != 200) {
				t.Errorf("%+v", r)
			}
		}
	})
}

// Answers are lost and the program is left: the next start settles by a look
// what happened, in the entry that was open.
func TestSettledAfterACrash(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		id := w.ann().ID
		w.spoils(func(r *http.Request, after bool) error {
			if r.Method == http.MethodPost && after {
				<-r.Context().Done() // the answer never comes
				return r.Context().Err()
			}
			return nil
		})
		job, err := w.desk.Confirm(w.planned(client.Redact, id), plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.desk.Start(w.ctx, job.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.quit()
		if got := words(w.records(ledger.Query{Verb: ledger.Redact})); got != "redact intent" {
			t.Fatal(got)
		}
		w.spoils(nil)
		w.sent()
		w.start()
		left, err := w.desk.Journal.Unfinished()
		if err != nil || len(left) != 1 || left[0].Summary(time.Now()) != "job 1: left undone: 1 unknown" {
			t.Fatalf("%v: %+v", err, left)
		}
		run, err := w.desk.Resume(w.ctx, job.ID)
		if err != nil {
			t.Fatal(err)
		}
		<-run.Done()
		if posts, _ := w.sent(); posts != 0 {
			t.Errorf("%d requests were sent again", posts)
		}
		records := w.records(ledger.Query{Verb: ledger.Redact})
		if words(records) != "redact intent, redact outcome done" || records[1].Intent != records[0].Seq || records[1].Idempotency != records[0].Idempotency {
			t.Errorf("%s: %+v", words(records), records)
		}
		if pending, err := w.desk.Ledger.Pending(ledger.Query{}); err != nil || len(pending) != 0 {
			t.Errorf("%v: %d are pending", err, len(pending))
		}
	})
}

// What was recorded as unknown gets its outcome when it is found out, as a
// record of its own that says so.
func TestUnknownIsSettledLater(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		id := w.ann().ID
		sent := false
		w.spoils(func(r *http.Request, after bool) error {
			if sent = sent || r.Method == http.MethodPost && after; sent {
				return errCut
			}
			return nil
		})
		job := w.job(w.planned(client.Redact, id), plan.Options{})
		if job.Counts.Unsettled() != 1 || words(w.records(ledger.Query{Verb: ledger.Redact})) != "redact intent, redact outcome unknown" {
			t.Fatalf("%+v: %s", job, words(w.records(ledger.Query{})))
		}
		w.spoils(nil)
		w.sent()
		time.Sleep(20 * time.Minute)
		records := w.records(ledger.Query{Verb: ledger.Redact})
		if words(records) != "redact intent, redact outcome unknown, redact intent, redact outcome done" || !strings.HasPrefix(records[2].Detail, "what became of record 2 was found out later") {
			t.Errorf("%s: %+v", words(records), records)
		}
		if posts, _ := w.sent(); posts != 0 {
			t.Errorf("%d requests were sent", posts)
		}
	})
}

// Evidence of a real job: not complete before Stripe says so, complete after.
func TestEvidence(t *testing.T) {
	bubble(t, emulator.Config{RedactionDelay: 30 * time.Minute}, func(w *world) {
		before, verified, waiting := w.ann().ID, w.ann().ID, w.ann().ID
		w.ask("POST", "/_emulator/sessions/"+verified+"/submit", url.Values{"outcome": {"verified"}})
		w.ask("POST", "/v1/identity/verification_sessions/"+before+"/redact", nil)
		time.Sleep(time.Hour)
		w.show(before)
		job := w.job(w.planned(client.Redact, before, verified, waiting), plan.Options{Reason: "ticket 4711"})
		e, err := w.desk.Evidence(job.ID, "")
		if err != nil || e.Complete() || e.Reference != "ticket 4711" {
			t.Fatalf("%v: %+v", err, e)
		}
		time.Sleep(2 * time.Hour)
		for _, id := range []string{verified, waiting} {
			w.show(id) // as the mirror does by itself
		}
		time.Sleep(2 * time.Minute)
		path, err := w.desk.WriteEvidence(job.ID)
		if err != nil {
			t.Fatal(err)
		}
		if e, err = w.desk.Evidence(job.ID, "request of 20 November"); err != nil || !e.Complete() || e.Reference != "request of 20 November" {
			t.Errorf("%v: %+v", err, e)
		}
		for _, s := range e.Sessions {
			asked := s.ID != before
			if s.After.Redaction != client.RedactionRedacted || asked != (s.RequestID != "") || asked == s.Accepted.IsZero() || s.Created.IsZero() || s.Checked.IsZero() {
				t.Errorf("%+v", s)
			}
		}
		if e.Tool != "1.2.3" || e.Ledger.Records != 6 || e.Ledger.Head != w.desk.Ledger.Head() {
			t.Errorf("%+v", e)
		}
		for _, name := range []string{path, strings.TrimSuffix(path, ".md") + ".json"} {
			text, err := os.ReadFile(name)
			if err != nil || !bytes.Contains(text, []byte("Complete: Stripe reports 3 of 3 sessions as redacted.")) || bytes.Contains(text, []byte("ann_8392")) {
				t.Errorf("%v: %s", err, text)
			}
		}
		canceled := w.job(w.planned(client.Cancel, w.ann().ID), plan.Options{})
		if _, err := w.desk.WriteEvidence(canceled.ID); err == nil || err.Error() != "job 2 cancels sessions: evidence is of redactions" {
			t.Error(err)
		}
	})
}

// Jobs without a reason are refused where the config requires one.
func TestReasonIsRequired(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		w.required = true
		w.start()
		made := w.planned(client.Cancel, w.ann().ID)
		if _, err := w.desk.Confirm(made, plan.Options{Reason: " \t"}); err == nil {
			t.Error("it was not refused")
		}
		if _, err := w.desk.Confirm(made, plan.Options{Reason: "ticket 4711"}); err != nil {
			t.Error(err)
		}
	})
}

// Private data is in no file of ledger, journal or evidence.
func TestCanaries(t *testing.T) {
	canaries := map[string]string{
		"user_id": "canary_user_771", "e-mail": "canary@example.com", "phone": "+15550001234", "key": theKey, "value": "canary-value",
	}
	bubble(t, emulator.Config{RedactionDelay: -1}, func(w *world) {
		params := aCreation()
		params.Metadata = map[string]string{"user_id": canaries["user_id"], "note": canaries["value"]}
		params.Email, params.Phone = client.Private(canaries["e-mail"]), client.Private(canaries["phone"])
		created, err := w.desk.Create(w.ctx, params, "key-1")
		if err != nil {
			t.Fatal(err)
		}
		link, err := w.desk.Link(w.ctx, created.ID, canaries["user_id"])
		if err != nil {
			t.Fatal(err)
		}
		canaries["link"] = link.Reveal()
		if _, err := w.desk.SetMetadata(w.ctx, created.ID, canaries["user_id"], map[string]string{"note": canaries["value"] + " again"}, "key-2"); err != nil {
			t.Fatal(err)
		}
		reason := strings.Join([]string{"for", strings.ToUpper(canaries["user_id"]), theKey}, " ")
		w.show(created.ID)
		other := w.ann().ID
		made := w.planned(client.Redact, created.ID, other)
		for _, named := range []string{reason, "for ann_8392, ticket 4711"} {
			if err := w.desk.Note(ledger.WriteMode, "", "", "on", named); err == nil {
				t.Errorf("%q was recorded", named)
			}
			if _, err := w.desk.Confirm(made, plan.Options{Reason: named}); err == nil {
				t.Errorf("%q was confirmed", named)
			}
		}
		for _, verb := range []ledger.Verb{ledger.Reveal, ledger.Copy} {
			if err := w.desk.Note(verb, created.ID, canaries["user_id"], "user_id", ""); err != nil {
				t.Fatal(err)
			}
		}
		job := w.job(made, plan.Options{Reason: "for somebody, " + theKey})
		if _, err := w.desk.WriteEvidence(job.ID); err != nil {
			t.Fatal(err)
		}
		w.quit()
		canaries["upper"], canaries["other"] = strings.ToUpper(canaries["user_id"]), "ann_8392"
		files := 0
		err = filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			files++
			text, err := os.ReadFile(path)
			for name, canary := range canaries {
				if bytes.Contains(text, []byte(canary)) {
					t.Errorf("the %s is in %s", name, path)
				}
			}
			info, _ := d.Info()
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s is %s", path, info.Mode())
			}
			return err
		})
		if err != nil || files < 6 {
			t.Errorf("%v: %d files", err, files)
		}
	})
}

// TestASessionWhoseAnswerIsHeldIsNotPostedTwice: a job that goes on after a restart
// waits for the server's answer; another job for the same session waits for both.
func TestASessionWhoseAnswerIsHeldIsNotPostedTwice(t *testing.T) {
	bubble(t, emulator.Config{RedactionDelay: time.Hour}, func(w *world) {
		id := w.ann().ID
		first, err := w.desk.Confirm(w.planned(client.Redact, id), plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w.start()
		w.spoils(func(r *http.Request, after bool) error {
			if after && r.Method == http.MethodPost {
				time.Sleep(20 * time.Second)
			}
			return nil
		})
		resumed, err := w.desk.Resume(w.ctx, first.ID)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.spoils(nil)
		second := plan.Plan{}
		if second, err = plan.New(client.Redact, theAccount, false, []plan.Seen{{ID: id, State: client.StateWaiting}}, 0); err != nil {
			t.Fatal(err)
		}
		job := w.job(second, plan.Options{})
		<-resumed.Done()
		if posts, _ := w.sent(); posts != 1 || job.Counts[plan.Skipped] != 1 {
			t.Errorf("%d requests were sent; the second job: %v", posts, job.Counts)
		}
	})
}

// TestEvidenceStatesTimesOfLooks: each time that the evidence has of a session is one
// at which Stripe was asked about it and answered, also when it could not be read
// for days, when the job waits and when it was given up.
func TestEvidenceStatesTimesOfLooks(t *testing.T) {
	bubble(t, emulator.Config{RedactionDelay: 200 * time.Hour}, func(w *world) {
		var ids []string
		for range 4 {
			ids = append(ids, w.ann().ID)
		}
		w.ask("POST", "/v1/identity/verification_sessions/"+ids[0]+"/redact", nil)
		w.ask("POST", "/_emulator/sessions/"+ids[1]+"/submit", url.Values{"outcome": {"processing"}})
		var mu sync.Mutex
		answered := map[string][]time.Time{}
		fail := false
		w.spoils(func(r *http.Request, after bool) error {
			mu.Lock()
			defer mu.Unlock()
			if fail {
				return errors.New("connection reset")
			}
			if after {
				id := strings.Split(r.URL.Path, "/")[4]
				answered[id] = append(answered[id], time.Now())
			}
			return nil
		})
		time.Sleep(time.Hour)
		made := w.planned(client.Redact, ids...)
		planned := time.Now()
		made.Later = true
		job, err := w.desk.Confirm(made, plan.Options{Delay: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		check := func(when string) {
			t.Helper()
			e, err := w.desk.Evidence(job.ID, "")
			if err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, s := range e.Sessions {
				for name, at := range map[string]time.Time{"checked": s.Checked, "accepted": s.Accepted} {
					near := func(asked time.Time) bool { return at.Sub(asked).Abs() <= time.Second }
					if !at.IsZero() && !near(planned) && !slices.ContainsFunc(answered[s.ID], near) {
						t.Errorf("%s: %s was %s at %s, when nobody asked", when, s.ID, name, at)
					}
				}
			}
			if e.Complete() {
				t.Errorf("%s: it is complete", when)
			}
		}
		check("before it is sent")
		run, err := w.desk.Start(w.ctx, job.ID)
		if err != nil {
			t.Fatal(err)
		}
		<-run.Done()
		check("accepted")
		time.Sleep(3 * time.Hour)
		mu.Lock()
		fail = true
		mu.Unlock()
		time.Sleep(120 * time.Hour)
		check("unread for days")
		if err := w.desk.GiveUp(w.ctx, job.ID); err != nil {
			t.Fatal(err)
		}
		check("given up")
	})
}
