package act_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/mirror/storetest"
	"idtop/client/plan"
	"idtop/client/stripe"
)

const liveKey = "sk_live_canary0123456789ABCD"

// TestTwoOperatorsAtOneBook: each acts under a name and behind a gate of his own,
// over one connection, one mirror and one book, on a live account.
func TestTwoOperatorsAtOneBook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, annGate, bobGate, connection, bobsAPI, ann, bob := twoDesks(t)
		defer ann.Close()
		defer bob.Close()

		create := func(d *act.Desk, key string) (client.Session, error) {
			return d.Create(t.Context(), client.SessionCreateParams{Type: "document"}, key)
		}
		annGate.Open() // :write of Ann
		mine, err := create(ann, "k-1")
		if err != nil {
			t.Fatal(err)
		}
		other, err := create(ann, "k-2")
		if err != nil {
			t.Fatal(err)
		}
		sent, records := len(w.posts), ann.Ledger.Head().Seq
		if _, err := create(bob, "k-3"); client.KindOf(err) != client.KindRefused {
			t.Errorf("Bob can write while only Ann may: %v", err)
		}
		made := planOf(t, client.Cancel, mine)
		if _, err := bob.Confirm(made, plan.Options{}); client.KindOf(err) != client.KindRefused {
			t.Errorf("Bob can confirm while only Ann may: %v", err)
		}
		// The second wall: what does not ask the Desk is refused below it.
		if _, err := bobsAPI.CancelSession(t.Context(), mine.ID, "k-4"); client.KindOf(err) != client.KindRefused {
			t.Errorf("a request behind Bob's gate left: %v", err)
		}
		if _, err := connection.CancelSession(t.Context(), mine.ID, "k-5"); client.KindOf(err) != client.KindRefused {
			t.Errorf("a request of nobody left: %v", err)
		}
		if len(w.posts) != sent || ann.Ledger.Head().Seq != records {
			t.Errorf("%d requests and %d records of what may not be", len(w.posts)-sent, ann.Ledger.Head().Seq-records)
		}

		// Both may, and both have a job at once; then Ann's gate alone is closed.
		bobGate.Open()
		var runs []*plan.Run
		for _, c := range []struct {
			desk    *act.Desk
			session client.Session
		}{{ann, mine}, {bob, other}} {
			job, err := c.desk.Confirm(planOf(t, client.Cancel, c.session), plan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			run, err := c.desk.Start(t.Context(), job.ID)
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, run)
		}
		if _, err := bob.Start(t.Context(), runs[0].Job().ID); err == nil {
			t.Error("a job that Ann carries out is begun by Bob too")
		}
		for _, run := range runs {
			<-run.Done()
			if err := run.Err(); err != nil {
				t.Error(err)
			}
		}
		annGate.Close()
		if _, err := create(ann, "k-6"); client.KindOf(err) != client.KindRefused {
			t.Errorf("Ann can write after her gate was closed: %v", err)
		}
		if _, err := create(bob, "k-7"); err != nil {
			t.Error(err)
		}

		names := map[string]string{mine.ID: "ann", other.ID: "bob"}
		jobs, of := map[string]string{"1": "ann", "2": "bob"}, map[string]int{}
		for record, err := range ann.Ledger.Find(ledger.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			of[record.Actor.User]++
			want := "ann"
			switch {
			case record.Job != "":
				want = jobs[record.Job]
			case record.Idempotency == "k-7":
				want = "bob"
			}
			if record.Actor.User != want || record.Job != "" && record.Session != "" && names[record.Session] != want {
				t.Errorf("record %d, %s %s of job %q, is by %s, want %s", record.Seq, record.Kind, record.Verb, record.Job, record.Actor.User, want)
			}
		}
		if of["ann"] < 7 || of["bob"] < 5 {
			t.Errorf("records by name: %v", of)
		}
	})
}

// twoDesks are the Desks of Ann and Bob at one book of a live account. Both gates are
// closed.
func twoDesks(t *testing.T) (w *world, annGate, bobGate *client.Gate, connection, bobsAPI *stripe.Client, ann, bob *act.Desk) {
	t.Helper()
	w = &world{t: t, dir: t.TempDir(), server: emulator.New(emulator.Config{Live: true}), quit: func() {}, key: liveKey}
	w.store = storetest.NewMemory()
	key, err := client.ParseKey(liveKey)
	if err != nil {
		t.Fatal(err)
	}
	pacer := stripe.NewPacer(stripe.LivePace)
	if connection, err = stripe.New(stripe.Config{Key: key, Transport: w, Pacer: pacer, Gate: new(client.Gate)}); err != nil {
		t.Fatal(err)
	}
	annGate, bobGate = new(client.Gate), new(client.Gate)
	annsAPI := connection.Behind(annGate)
	ann, err = act.Open(act.Config{
		Dir: w.dir, API: annsAPI, Once: annsAPI.Once(), Pace: pacer, Gate: annGate,
		Key: key, Account: theAccount, Store: w.store, Ledger: ledger.Options{Tool: "1", Actor: ledger.Actor{User: "ann", Host: "bastion"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	bobsAPI = connection.Behind(bobGate)
	bob = ann.For(act.Operator{
		Actor: ledger.Actor{User: "bob", Host: "bastion"}, Gate: bobGate, API: bobsAPI, Once: bobsAPI.Once(), Pace: pacer,
	})
	w.desk, w.ctx = ann, t.Context()
	return w, annGate, bobGate, connection, bobsAPI, ann, bob
}

// TestAJobKeepsItsOperator: the sessions of Ann's job that wait are sent behind her gate
// alone, while Bob's Desk follows; and the outcomes that Bob's Desk finds are hers.
func TestAJobKeepsItsOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, annGate, bobGate, _, _, ann, bob := twoDesks(t)
		defer ann.Close()
		defer bob.Close()
		follow := func(d *act.Desk) (end func()) {
			ctx, cancel := context.WithCancel(t.Context())
			over := make(chan struct{})
			go func() {
				defer close(over)
				if err := d.Runner.Follow(ctx); err != nil {
					t.Error(err)
				}
			}()
			return func() { cancel(); <-over }
		}
		// write is :write and :read-only.
		write := func(d *act.Desk, gate *client.Gate) (record uint64) {
			if err := d.Note(ledger.WriteMode, "", "", "on", "ticket 4711"); err != nil {
				t.Fatal(err)
			}
			gate.Open()
			return d.Ledger.Head().Seq
		}
		submit := func(id, outcome string) {
			w.ask("POST", "/_emulator/sessions/"+id+"/submit", url.Values{"outcome": {outcome}})
			w.show(id)
		}
		opened := write(ann, annGate)
		waiting, lost, left := w.ann().ID, w.ann().ID, w.ann().ID
		submit(waiting, "processing")
		made := w.planned(client.Redact, waiting)
		made.Later = true
		job := w.job(made, plan.Options{})
		if !job.Waits() || job.Operator.User != "ann" || job.Confirmer != "ann" || job.Gate != opened {
			t.Errorf("%+v, :write is record %d", job, opened)
		}

		// An outcome that is not known when the job ends.
		cut := false
		w.spoils(func(r *http.Request, after bool) error {
			if cut = cut || r.Method == http.MethodPost && after; cut {
				return errCut
			}
			return nil
		})
		if job := w.job(w.planned(client.Redact, lost), plan.Options{}); job.Counts.Unsettled() != 1 {
			t.Errorf("%+v", job)
		}
		w.spoils(nil)

		// A job that Ann leaves in its countdown.
		ctx, quit := context.WithCancel(t.Context())
		third, err := ann.Confirm(w.planned(client.Cancel, left), plan.Options{Delay: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		run, err := ann.Start(ctx, third.ID)
		if err != nil {
			t.Fatal(err)
		}
		quit()
		<-run.Done()
		annGate.Close()
		submit(waiting, "verified")
		w.sent()

		// Ann is away. Bob's gate is open, and it is not hers.
		bobsWrite := write(bob, bobGate)
		end := follow(bob)
		time.Sleep(3 * time.Hour)
		if posts, _ := w.sent(); posts != 0 {
			t.Errorf("Bob lent his gate to %d requests of Ann's", posts)
		}
		if run, err = bob.Resume(t.Context(), third.ID); err != nil {
			t.Fatal(err)
		}
		<-run.Done()
		resumed, err := bob.Journal.Job(third.ID)
		if err != nil || resumed.State != plan.Finished || resumed.Operator.User != "bob" || resumed.Confirmer != "ann" || resumed.Gate != bobsWrite {
			t.Errorf("%+v, %v", resumed, err)
		}
		bobGate.Close()
		w.sent()

		// Ann is back. Bob's Desk still follows, with its gate closed.
		write(ann, annGate)
		endAnn := follow(ann)
		time.Sleep(2 * time.Hour)
		if posts, _ := w.sent(); posts != 1 || w.now(waiting).RedactionStatus() == "" {
			t.Errorf("%d requests for the session that waited", posts)
		}
		end()
		endAnn()

		by := map[string]string{}
		for record, err := range ann.Ledger.Find(ledger.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			if record.Job != "" {
				by[record.Job] += record.Actor.User + " " + string(record.Verb) + " " + string(record.Kind) + "; "
			}
		}
		for job, want := range map[string]string{
			"1": "ann confirm note; ann redact intent; ann redact outcome; ",
			"2": "ann confirm note; ann redact intent; ann redact outcome; ann redact intent; ann redact outcome; ",
			"3": "ann confirm note; bob resume note; bob cancel intent; bob cancel outcome; ",
		} {
			if by[job] != want {
				t.Errorf("job %s: %s", job, by[job])
			}
		}
	})
}

// TestAnOrphanIsItsOperators: the outcome of an intent that a crash has left open has
// the name of who acted, whoever starts next.
func TestAnOrphanIsItsOperators(t *testing.T) {
	w, _, _, _, _, ann, _ := twoDesks(t)
	key, err := client.ParseKey(liveKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, session := range []string{"vs_1", "vs_2"} {
		if _, err := ann.Ledger.Intend(ledger.Act{Verb: ledger.Link, Key: key, Account: theAccount, Session: session}); err != nil {
			t.Fatal(err)
		}
	}
	if err := ann.Close(); err != nil {
		t.Fatal(err)
	}
	carl, err := act.Open(act.Config{Dir: w.dir, Key: key, Account: theAccount, Store: w.store, Ledger: ledger.Options{Actor: ledger.Actor{User: "carl"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer carl.Close()
	w.desk = carl
	if records := w.records(ledger.Query{}); words(records) != "link intent, link intent, link outcome unknown, link outcome unknown" || records[2].Actor.User != "ann" || records[3].Actor.User != "ann" {
		t.Errorf("%+v", records)
	}
}

func planOf(t *testing.T, verb client.Verb, s client.Session) plan.Plan {
	t.Helper()
	made, err := plan.New(verb, theAccount, true, []plan.Seen{{ID: s.ID, State: s.State()}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
