package syncer_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
)

// reader notes which lists of reports are asked for, and can make them fail.
type reader struct {
	client.API
	mu    sync.Mutex
	asked []client.ReportListParams
	fail  error
	slow  time.Duration // how long an answer takes
	open  func() int    // how many windows of sessions are open
	early int           // old reports that were asked for before the sessions
}

func (r *reader) ListReportFacts(ctx context.Context, p client.ReportListParams) (client.Page[client.ReportFacts], error) {
	r.mu.Lock()
	r.asked = append(r.asked, p)
	if p.Created.Until != 0 && r.open() > 0 {
		r.early++
	}
	fail := r.fail
	r.mu.Unlock()
	time.Sleep(r.slow)
	if fail != nil {
		return client.Page[client.ReportFacts]{}, fail
	}
	return r.API.ListReportFacts(ctx, p)
}

func (r *reader) failWith(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

// taken returns what was asked for since it was last called.
func (r *reader) taken() []client.ReportListParams {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := r.asked
	r.asked = nil
	return asked
}

// withReports is an account whose Syncer does not run yet.
func withReports(t *testing.T, world emulator.Config, config syncer.Config, test func(t *testing.T, a *account, r *reader)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, world, config)
		r := &reader{API: a.api, open: func() int {
			p, err := a.store.Progress(t.Context())
			if err != nil {
				t.Error(err)
			}
			return len(p.Open)
		}}
		a.broken.API = r
		test(t, a, r)
	})
}

// reportsAgree checks that the store has the reports of the server made from some time
// on, as it may keep them, and no others.
func (a *account) reportsAgree(from client.Unix) {
	a.t.Helper()
	want := map[string][]client.ReportFacts{}
	for after := ""; ; {
		page, err := a.api.ListReportFacts(a.t.Context(), client.ReportListParams{Cursor: client.Cursor{Limit: 100, After: after}, Created: client.Range{From: from}})
		if err != nil {
			a.t.Fatal(err)
		}
		for _, report := range page.Data {
			want[report.Session] = append([]client.ReportFacts{report}, want[report.Session]...)
			after = report.ID
		}
		if !page.HasMore {
			break
		}
	}
	ids, err := a.store.IDs(a.t.Context(), 0)
	if err != nil {
		a.t.Fatal(err)
	}
	many := 0
	for _, id := range ids {
		row := get(a.t, a.store, id)
		reports := want[id]
		if row.Erased() {
			for i := range reports {
				reports[i].DocType, reports[i].Country = "", ""
			}
		}
		got, err := a.store.Reports(a.t.Context(), id)
		if err != nil || !reflect.DeepEqual(got[id], reports) || row.Attempts != len(reports) {
			a.t.Fatalf("%s, %d attempts:\ngot  %+v\nwant %+v\n%v", id, row.Attempts, got[id], reports, err)
		}
		many += len(reports)
	}
	if many == 0 {
		a.t.Fatal("there are no reports")
	}
}

// TestReportsCostNothingWhileQuiet: reports are asked for once after a session left
// processing, and not while nothing does, whatever else happens.
func TestReportsCostNothingWhileQuiet(t *testing.T) {
	withReports(t, emulator.Config{Seed: 5, Sessions: 450}, syncer.Config{Reports: mirror.KeptAll}, func(t *testing.T, a *account, r *reader) {
		a.start()
		a.wait(time.Minute)
		a.reportsAgree(0)
		first := r.taken()
		quiet := func(when string) {
			t.Helper()
			if asked := r.taken(); len(asked) > 0 {
				t.Errorf("%s: %+v", when, asked)
			}
		}
		a.wait(26 * time.Hour) // sweeps are among it
		quiet("a day without anything")
		ann, bob := a.create("ann"), a.create("bob")
		a.wait(time.Minute)
		a.cancel(a.create("cid"))
		a.control("POST", "sessions/"+bob+"/submit", "outcome=requires_input&code=abandoned")
		a.control("POST", "sessions/"+ann+"/submit", "outcome=processing&delay=40s")
		a.wait(30 * time.Second)
		quiet("created, canceled, abandoned, processing")
		a.control("POST", "sessions/"+ann+"/submit", "outcome=requires_input&code=document_expired")
		a.wait(time.Hour)
		asked := r.taken()
		if len(asked) != 1 {
			t.Errorf("a failure: %+v", asked)
		}
		for _, p := range append(first, asked...) {
			if p.Type != "" || p.VerificationSession != "" || p.ClientReferenceID != "" || p.Limit != 100 || p.Created.From == 0 {
				t.Errorf("asked for %+v", p)
			}
		}
		row := get(t, a.store, ann)
		if row.Attempts != 1 || !row.Checks.Has("document") || row.Doc == "" || row.Country == "" {
			t.Errorf("%+v", row)
		}
		a.reportsAgree(0)
	})
}

// TestReportsFollowTraffic lets the emulator live: every report is there soon.
func TestReportsFollowTraffic(t *testing.T) {
	for _, listing := range []bool{false, true} {
		t.Run(fmt.Sprint("listing=", listing), func(t *testing.T) {
			world := emulator.Config{Seed: 5, Sessions: 300, Traffic: true}
			withReports(t, world, syncer.Config{Reports: mirror.KeptAll}, func(t *testing.T, a *account, _ *reader) {
				if listing {
					a.broken.fail(failures{events: failing(client.KindPermission)})
				}
				a.start()
				a.wait(10 * time.Minute)
				a.pause(true) // what happens between the last poll and now is not known yet
				a.wait(time.Second)
				a.pause(false)
				a.syncer.SyncNow()
				a.wait(10 * time.Second)
				s := a.syncer.Status()
				if s.Err != nil || s.Reports.Err != nil || s.Reports.Kept != mirror.KeptAll || s.Reports.Filling {
					t.Fatalf("%+v", s)
				}
				if back, all := s.Reports.Since(); !all || !back.IsZero() {
					t.Errorf("known since %v, all: %v", back, all)
				}
				lag := client.Unix(time.Now().Add(-30 * time.Second).Unix())
				ids, _ := a.store.IDs(t.Context(), mirror.StatesOf(client.StateFailed, client.StateVerified))
				for _, id := range ids {
					if row := get(t, a.store, id); row.ReportID != "" && row.Attempts == 0 && client.Unix(row.Since.Unix()) < lag {
						t.Errorf("%s has a report that is not known: %+v", id, row)
					}
				}
			})
		})
	}
}

// TestOldReportsAreReadBehindTheSessions: newest first, in pages of their own, and a
// process that takes over goes on where the last one was.
func TestOldReportsAreReadBehindTheSessions(t *testing.T) {
	withReports(t, emulator.Config{Seed: 5, Sessions: 3000}, syncer.Config{Reports: mirror.KeptAll}, func(t *testing.T, a *account, r *reader) {
		r.slow = time.Second
		a.start()
		a.wait(10 * time.Second)
		a.pause(true)
		a.wait(5 * time.Second)
		before := a.syncer.Status().Reports
		if back, all := before.Since(); all || back.IsZero() || !before.Filling {
			t.Fatalf("in the middle of it: %+v", before)
		}
		b := a.besideWith(syncer.Config{Reports: mirror.KeptAll})
		b.broken.API = r
		b.start()
		b.wait(3 * time.Minute)
		if s := b.syncer.Status(); s.Reports.Filling || s.Reports.Err != nil || s.Filling {
			t.Fatalf("%+v", s)
		}
		a.reportsAgree(0)
		asked := r.taken()
		old := slices.DeleteFunc(slices.Clone(asked), func(p client.ReportListParams) bool { return p.Created.Until == 0 })
		if !slices.IsSortedFunc(old, func(x, y client.ReportListParams) int { return int(y.Created.Until - x.Created.Until) }) {
			t.Errorf("not newest first: %+v", old)
		}
		if r.early > 0 {
			t.Errorf("%d pages of old reports were read before the sessions", r.early)
		}
		reports := 0
		ids, _ := a.store.IDs(t.Context(), 0)
		for _, id := range ids {
			reports += get(t, a.store, id).Attempts
		}
		if most := reports/100 + 2 + 2; len(old) > most { // the last one, and that under way when it stopped
			t.Errorf("%d pages of %d reports", len(old), reports)
		}
	})
}

// TestReportsOfTheConfiguration: off asks for none, recent for those of 30 days, and all
// for the rest when that is wanted later.
func TestReportsOfTheConfiguration(t *testing.T) {
	world := emulator.Config{Seed: 5, Sessions: 1500}
	withReports(t, world, syncer.Config{}, func(t *testing.T, a *account, r *reader) {
		a.start()
		a.wait(time.Hour)
		if asked, known := r.taken(), a.syncer.Status().Reports; len(asked) > 0 || known != (mirror.Known{}) || known.Missing() == "" {
			t.Errorf("off: %+v, %+v", asked, known)
		}
	})
	withReports(t, world, syncer.Config{Reports: mirror.KeptRecent}, func(t *testing.T, a *account, r *reader) {
		a.start()
		a.wait(time.Minute)
		back, all := a.syncer.Status().Reports.Since()
		if ago := time.Since(back); all || ago < 30*24*time.Hour || ago > 30*24*time.Hour+2*time.Minute {
			t.Errorf("known since %s ago, all: %v", ago, all)
		}
		a.reportsAgree(client.Unix(back.Unix()))
		a.pause(true)
		a.wait(5 * time.Second)
		r.taken()
		b := a.besideWith(syncer.Config{Reports: mirror.KeptAll})
		b.broken.API = r
		b.start()
		b.wait(time.Minute)
		for _, p := range r.taken() {
			if p.Created.Until > client.Unix(back.Unix()) {
				t.Errorf("read again: %+v", p)
			}
		}
		if _, all := b.syncer.Status().Reports.Since(); !all {
			t.Errorf("%+v", b.syncer.Status().Reports)
		}
		b.reportsAgree(0)
	})
}

// TestReportsThatCantBeReadHoldNothingUp: the sessions go on, and the reports come when
// they can be read.
func TestReportsThatCantBeReadHoldNothingUp(t *testing.T) {
	withReports(t, emulator.Config{Seed: 5, Sessions: 450}, syncer.Config{Reports: mirror.KeptAll}, func(t *testing.T, a *account, r *reader) {
		r.failWith(&client.Error{Kind: client.KindPermission, Status: 403})
		a.start()
		a.wait(time.Minute)
		s := a.syncer.Status()
		if s.Err != nil || s.Filling || s.Phase != mirror.Live || s.Reports.Err == nil || !s.Reports.Filling {
			t.Errorf("%+v", s)
		}
		a.wait(time.Hour)
		if n := len(r.taken()); n > 20 {
			t.Errorf("%d times in an hour a list was asked for that is not allowed", n)
		}
		r.failWith(nil)
		a.wait(11 * time.Minute)
		if s := a.syncer.Status(); s.Reports.Err != nil || s.Reports.Filling {
			t.Errorf("%+v", s)
		}
		a.reportsAgree(0)
	})
}
