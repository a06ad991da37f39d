package act_test

import (
	"testing"
	"testing/synctest"

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
		w := &world{t: t, dir: t.TempDir(), server: emulator.New(emulator.Config{Live: true}), quit: func() {}, key: liveKey}
		w.store = storetest.NewMemory()
		key, err := client.ParseKey(liveKey)
		if err != nil {
			t.Fatal(err)
		}
		pacer := stripe.NewPacer(stripe.LivePace)
		connection, err := stripe.New(stripe.Config{Key: key, Transport: w, Pacer: pacer, Gate: new(client.Gate)})
		if err != nil {
			t.Fatal(err)
		}
		var annGate, bobGate client.Gate
		ann, err := act.Open(act.Config{
			Dir: w.dir, API: connection.Behind(&annGate), Once: connection.Behind(&annGate).Once(), Pace: pacer, Gate: &annGate,
			Key: key, Account: theAccount, Store: w.store, Ledger: ledger.Options{Tool: "1", Actor: ledger.Actor{User: "ann", Host: "bastion"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer ann.Close()
		bobsAPI := connection.Behind(&bobGate)
		bob := ann.For(act.Operator{
			Actor: ledger.Actor{User: "bob", Host: "bastion"}, Gate: &bobGate, API: bobsAPI, Once: bobsAPI.Once(), Pace: pacer,
		})
		defer bob.Close()
		w.desk, w.ctx = ann, t.Context()

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

func planOf(t *testing.T, verb client.Verb, s client.Session) plan.Plan {
	t.Helper()
	made, err := plan.New(verb, theAccount, true, []plan.Seen{{ID: s.ID, State: s.State()}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
