package act_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"net/url"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// "The reason of a job has our customer's id in clear, for ever."
func TestAReasonThatNamesSomebodyIsNotTaken(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		person := func(user string) string {
			return w.create(url.Values{"type": {"document"}, "metadata[user_id]": {user}}).ID
		}
		id := person("ann")
		for _, user := range []string{"4711", "Ann Smith", "ann@example.com", "Zoe", "der alte Mann, der am Meer sitzt"} {
			person(user)
		}
		made := w.planned(client.Redact, id)
		for reason, want := range map[string]string{
			"":                                 "",
			"cannot scan, annual tidying":      "", // "c[user_id]ot" once
			"ticket DSR-4711 of joann":         "",
			"asked by ann":                     "ann",
			"asked by ANN.":                    "ANN",
			"ann's letter":                     "ann",
			"(ann)":                            "ann",
			"letter from ann":                  "ann",
			"ann":                              "ann",
			"_ann, anna":                       "",
			"it's -ann-":                       "ann",
			"user_id=4711":                     "4711",
			"ticket 4711, second":              "4711",
			"letter of Ann Smith, by mail":     "Ann", // of the plan, in another case
			"mail from ann@example.com":        "ann@example.com",
			"for ZOE":                          "",
			"for Zoe":                          "Zoe",
			"der alte Mann, der am Meer sitzt": "",
		} {
			var named *act.ReasonError
			err := w.desk.CheckReason(w.ctx, reason, made)
			switch {
			case want == "" && err != nil, want != "" && (!errors.As(err, &named) || named.UserID != want):
				t.Errorf("%q: %v, want %q", reason, err, want)
			}
		}
		if _, err := w.desk.Confirm(made, plan.Options{Reason: "ticket 4711"}); err == nil || err.Error() != "the reason names a user_id (4711)" {
			t.Error(err)
		}
		if err := w.desk.Note(ledger.WriteMode, "", "", "on", "request of Ann Smith"); err == nil {
			t.Error("the reason of :write was recorded")
		}
		if r := w.records(ledger.Query{}); len(r) != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// What matches the ticket rule names nobody, even if it is somebody's user_id.
func TestATicketIsTakenWhoeverHasItAsUserID(t *testing.T) {
	bubble(t, emulator.Config{}, func(w *world) {
		w.ticket = regexp.MustCompile(`^(?:ticket \d+|DSR-\d+)$`)
		w.start()
		w.create(url.Values{"type": {"document"}, "metadata[user_id]": {"4711"}})
		const long = "DSR-8 of the old list of many long names" // begins with a ticket, and has more words than are looked up
		made := w.planned(client.Redact, w.create(url.Values{"type": {"document"}, "metadata[user_id]": {"DSR-7"}}).ID,
			w.create(url.Values{"type": {"document"}, "metadata[user_id]": {long}}).ID)
		for reason, taken := range map[string]bool{
			"ticket 4711": true, "asked for in ticket 4711": true, "DSR-7": true, "DSR-7, asked for twice": true,
			"4711": false, "tickets 4711": false, "ticket 4711 of 4711": false,
			"DSR-8": true, long: false, "for " + long: false, strings.ToUpper(long): false,
		} {
			if err := w.desk.CheckReason(w.ctx, reason, made); (err == nil) != taken {
				t.Errorf("%q: %v", reason, err)
			}
		}
		job, err := w.desk.Confirm(made, plan.Options{Reason: "asked for in ticket 4711"})
		if err != nil || job.Reason != "asked for in ticket 4711" {
			t.Errorf("%v: %q", err, job.Reason)
		}
	})
}

// loading is a store that has not read its files yet, or can't.
type loading struct {
	mirror.Store
	err error
}

func (l loading) Find(ctx context.Context, r mirror.Request) (mirror.Page, error) {
	page, _ := l.Store.Find(ctx, r)
	page.Loading = true
	return page, l.err
}

// "While it was loading, my whole reason became [user_id]s": what can't be looked
// up is not taken, and not changed.
func TestWhileTheMirrorCantTellOnlyATicketIsTaken(t *testing.T) {
	for name, failure := range map[string]error{"loading": nil, "error": errCut} {
		t.Run(name, func(t *testing.T) {
			bubble(t, emulator.Config{}, func(w *world) {
				w.ticket = regexp.MustCompile(`^(?:DSR-\d+)$`)
				w.over = func(s mirror.Store) mirror.Store { return loading{s, failure} }
				w.start()
				made := w.planned(client.Redact, w.ann().ID)
				for reason, taken := range map[string]bool{"DSR-7": true, "": true, "DSR-7 again": false, "some words": false} {
					if err := w.desk.CheckReason(w.ctx, reason, made); (err == nil) != taken {
						t.Errorf("%q: %v", reason, err)
					}
				}
			})
		})
	}
}

// "The record of the cancel does not say why": a single act in a live account has
// the reason of its :write.
func TestASingleActInALiveAccountSaysWhyWritingWasSwitchedOn(t *testing.T) {
	bubble(t, emulator.Config{Live: true}, func(w *world) {
		w.key = "rk_live_abcdefghijklmnop"
		w.start()
		id := w.ann().ID
		if err := w.desk.Note(ledger.WriteMode, "", "", "on", "ticket 4711"); err != nil {
			t.Fatal(err)
		}
		w.job(w.planned(client.Cancel, id), plan.Options{})
		if err := acts["update"](w, w.ann().ID); err != nil {
			t.Fatal(err)
		}
		records := w.records(ledger.Query{})
		if got := words(records); got != "write-mode note, confirm note, cancel intent, cancel outcome done, update intent, update outcome done" {
			t.Error(got)
		}
		for _, r := range records {
			if r.Reason != "ticket 4711" {
				t.Errorf("%s %s: %q", r.Verb, r.Kind, r.Reason)
			}
		}
		if err := w.desk.Note(ledger.WriteMode, "", "", "off", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.desk.Create(w.ctx, aCreation(), "key-2"); err != nil {
			t.Fatal(err)
		}
		for _, r := range w.records(ledger.Query{Verb: ledger.Create}) {
			if r.Reason != "" {
				t.Errorf("%+v", r)
			}
		}
	})
}
