package model

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
)

// fails adds sessions that fail with a code now, and their reports, at the times before now.
func (r *rig) fails(first, count int, code string, ago func(n int) time.Duration) {
	var batch mirror.Batch
	for n := range count {
		s := session(first+n, fmt.Sprint("user_", first+n), client.StatusRequiresInput, code)
		at := client.Unix(time.Now().Add(-ago(n)).Unix())
		s.Created, s.LastReport = at-60, client.Ref(fmt.Sprint("vr_", first+n))
		batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: time.Now()}, Session: s})
		batch.Reports = append(batch.Reports, client.ReportFacts{
			ID: string(s.LastReport), Session: s.ID, Created: at, Type: "document", DocType: "id_card", Country: "PL",
			Checks: []client.CheckFacts{{Kind: "document", Status: "unverified", Code: code}},
		})
		r.api.put(s)
	}
	epoch, _, err := r.store.Lead(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.store.Commit(r.t.Context(), epoch, batch); err != nil {
		r.t.Fatal(err)
	}
	if err := r.store.Resign(epoch); err != nil {
		r.t.Fatal(err)
	}
	r.settle()
}

// knows gives the model a status in which all reports of some days are known.
func (r *rig) knows(days int) {
	back := client.Unix(time.Now().Add(-time.Hour).Unix()) - client.Unix(days)*mirror.Day
	r.report(mirror.Status{Last: time.Now(), Events: back, Reports: mirror.Known{Kept: mirror.KeptAll, Back: back}})
}

// bells counts how often the terminal's bell was rung.
func (r *rig) bells() (n int) {
	for _, msg := range r.seen {
		if raw, ok := msg.(tea.RawMsg); ok && raw.Msg == "\a" {
			n++
		}
	}
	return n
}

// A rise is told once, and once by the bell; what stays risen is not told again, what
// rises anew after an hour is.
func TestRiseIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.Bell = true })
		r.knows(14)
		r.pass(2 * time.Minute)
		if r.bells() != 0 || len(r.m.Told()) != 0 || !r.m.Rise.Known {
			t.Fatalf("quiet: %d bells, told %q, %+v", r.bells(), r.m.Told(), r.m.Rise.Hour)
		}
		minutes := func(n int) time.Duration { return time.Duration(n) * time.Second }
		r.fails(1, 9, "document_expired", minutes)
		r.pass(time.Minute + time.Second)
		if len(r.m.Told()) != 0 {
			t.Fatalf("nine are no rise: %q", r.m.Told())
		}
		r.fails(20, 3, "document_expired", minutes)
		r.pass(time.Minute + time.Second)
		want := []string{"document expired 12 in the last hour, usually 0; 12 id cards of PL", "document expired 12 in the last hour, usually 0", "document expired 12"}
		if told := r.m.Told(); !reflect.DeepEqual(told, want) || r.bells() != 1 {
			t.Fatalf("told %q with %d bells", told, r.bells())
		}
		r.pass(50 * time.Minute)
		if r.bells() != 1 {
			t.Errorf("%d bells for one rise", r.bells())
		}
		r.pass(80 * time.Minute)
		if len(r.m.Told()) != 0 {
			t.Errorf("it is over: %q", r.m.Told())
		}
		r.fails(40, 12, "document_expired", minutes)
		r.pass(time.Minute + time.Second)
		if r.bells() != 2 {
			t.Errorf("%d bells for two rises", r.bells())
		}
		told := 0
		for _, msg := range r.m.Log.Messages {
			if msg.Text == "Document expired rose: 12 in the last hour, usually 0" {
				told++
			}
		}
		if told != 2 {
			t.Errorf("%d messages of two rises: %+v", told, r.m.Log.Messages)
		}
	})
}

// Without the config's word the terminal stays silent.
func TestNoBell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.knows(14)
		r.fails(1, 12, "document_expired", func(int) time.Duration { return time.Minute })
		r.pass(time.Minute + time.Second)
		if len(r.m.Told()) == 0 || r.bells() != 0 {
			t.Errorf("told %q with %d bells", r.m.Told(), r.bells())
		}
	})
}

// "i, enter": the sessions behind a rise; esc leads back to the insights, and from there
// to where one was.
func TestSessionsBehindARise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.knows(14)
		r.add(session(900, "vera", client.StatusVerified, ""))
		r.fails(1, 12, "document_expired", func(int) time.Duration { return time.Minute })
		r.fails(100, 3, "selfie_manipulated", func(int) time.Duration { return time.Minute })
		r.fails(200, 5, "document_expired", func(int) time.Duration { return 5 * time.Hour })
		r.press("2", "j")
		selected := r.m.List.Selected
		r.press("i")
		listed, _ := keymap.Lookup(keymap.InsightsListed)
		for _, window := range []string{"list of 1h", "list of 1h", "list of 1h", "list these"} {
			if in := &r.m.Insights; r.m.Title(listed) != window { // the numbers are of the window, the list of the rise
				t.Errorf("window %d: %q, want %q", in.Window, r.m.Title(listed), window)
			}
			r.press("w")
		}
		r.press("enter")
		if r.m.Modal != nil || r.m.Search.Text() != "state:failed reason:document_expired since:<1h" || r.m.List.Page.Total != 12 {
			t.Fatalf("%T %q lists %d", r.m.Modal, r.m.Search.Text(), r.m.List.Page.Total)
		}
		r.press("esc")
		if !r.m.Overlay().Is(InsightsOverlay) {
			t.Fatalf("esc led to %T", r.m.Modal)
		}
		r.press("esc")
		if r.m.Modal != nil || r.m.List.Tab != 1 || r.m.Search.Text() != "" || r.m.List.Selected != selected {
			t.Errorf("%T tab %d %q at %s, was %s", r.m.Modal, r.m.List.Tab, r.m.Search.Text(), r.m.List.Selected, selected)
		}
	})
}

// The header and the insights show one count of the last hour, also when it is counted
// between two looks, and an answer that comes late does not bring back an older one.
func TestHeaderAndInsightsShowOneCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.knows(14)
		minutes := func(n int) time.Duration { return time.Duration(n) * time.Second }
		same := func(when string, failed int) {
			t.Helper()
			if page := r.m.Insights.Hour; r.m.Rise.Failed != failed || r.m.Overlay().Is(InsightsOverlay) && !reflect.DeepEqual(r.m.Rise.Hour, page) {
				t.Errorf("%s: the header counts %d, the insights %d, there are %d", when, r.m.Rise.Failed, page.Failed, failed)
			}
		}
		r.fails(1, 12, "document_expired", minutes)
		r.pass(time.Minute + time.Second)
		same("a minute later", 12)
		r.fails(20, 2, "document_expired", minutes)
		older := hourCounted{r.m.Rise.asked, r.m.Rise.Hour, nil}
		r.press("i")
		same("the insights are opened", 14)
		r.send(older)
		same("a late answer", 14)
		for n := range 30 {
			r.fails(40+n, 1, "document_expired", minutes)
			r.pass(7 * time.Second)
			same("while the insights are shown", r.m.Insights.Hour.Failed)
		}
		r.press("w", "w", "s")
		same("another window", 44)
		r.press("esc")
		same("the insights are closed", 44)
		r.fails(100, 3, "document_expired", minutes)
		r.pass(time.Minute + time.Second)
		same("a minute after that", 47)
	})
}

// A count that fails every minute is said once.
func TestFailingCountIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		for n := range 3 {
			r.send(hourCounted{number: r.m.Rise.shown + n, err: errors.New("the disk is gone")})
		}
		said := 0
		for _, msg := range r.m.Log.Messages {
			if msg.Level == Failure {
				said++
			}
		}
		if said != 1 || r.m.Rise.Known {
			t.Errorf("said %d times: %+v", said, r.m.Log.Messages)
		}
	})
}
