package ui_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/clienttest"
	"idtop/client/emulator"
	"idtop/client/mirror"
)

// TestStoryPeople: who is behind what is listed, from there to one of them and to all that
// is theirs, and back, without a read of Stripe's.
func TestStoryPeople(t *testing.T) {
	run(t, options{width: 160, height: 45, reports: mirror.KeptAll, emulator: emulator.Config{RedactionDelay: 2 * time.Hour}}, func(p *program) {
		p.tried("ann_8392", "outcome=verified")
		p.tried("ann_8392", "outcome=requires_input&code=document_expired", "outcome=requires_input&code=selfie_manipulated")
		p.tried("bob_1", "outcome=requires_input&code=document_expired")
		p.create("cid_2")
		p.create("cid_2")
		p.wait(time.Minute)
		p.press("2 j j")
		reads := p.writes.all.Load()
		p.press("U")
		p.shows("esc 2 Failed, row 2 ›  People", "All 2 people have a failed session.", "2 of 3 people", "U sessions", "HISTORY, NEWEST LAST", "FAILURES ▾", "row 1 of 2",
			"enter person", "c cancel theirs", "r redact theirs", "s newest failure", "U sessions")
		if line := p.line("ann_8392"); !strings.Contains(line, "▸ ann_8392") || !strings.Contains(line, "✓ ✗✗ ") || !strings.Contains(line, " 2 ") ||
			!strings.Contains(line, "selfie manipulated") || !strings.Contains(line, "was verified") {
			t.Errorf("%q", line)
		}
		if now := p.writes.all.Load(); now != reads {
			t.Errorf("the page sent %d requests", now-reads)
		}
		p.press("1")
		p.shows("2 of 3 people have a failed session.", "row 1 of 3")
		if line := p.line("cid_2"); !strings.Contains(line, "○ ○") || !strings.Contains(line, "2 open at once") {
			t.Errorf("%q", line)
		}
		p.press("s")
		p.wait(time.Second)
		p.shows("LAST ▾")
		if line := p.line("bob_1"); !strings.Contains(line, "document expired") {
			t.Errorf("%q", line)
		}
		p.press("/ b o b enter")
		p.wait(time.Second)
		p.shows("1 person is listed, with a failed session.", "▸ bob_1")
		p.hides("ann_8392")
		p.press("enter")
		p.wait(time.Second)
		p.shows(`esc People ›  "bob_1"`, "t timeline")
		p.press("esc")
		p.wait(time.Second)
		p.shows("▸ bob_1", "1 person is listed")
		p.press("esc")
		p.wait(time.Second)
		p.shows("row 2 of 2") // as it was left
		p.hides("/ bob")
		p.press("U g r")
		p.wait(time.Second)
		p.shows("Redact 1 of 1", "bob_1")
		p.types("REDACT 1 TEST")
		p.wait(20 * time.Second)
		p.shows("a person, being erased")
		p.hides("bob_1")
		p.press("esc")
		p.wait(3 * time.Second)
		p.shows("1 person is listed, with a failed session.", "1 of 2 people")
		p.hides("bob_1")
		p.press("esc")
		p.press("[")
		p.wait(time.Second)
		p.hides("bob_1")
		p.press("esc 1 j enter U") // from the detail
		p.wait(time.Second)
		p.shows("2 of 2 people", "ann_8392")
		p.press("esc esc : p e o p l e enter") // and by its name
		p.wait(time.Second)
		p.shows("›  People", "2 of 2 people", "cid_2")
	})
}

// TestStoryTimelineOfAPerson: t on a person's page tells of the session under the cursor.
func TestStoryTimelineOfAPerson(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		p.tried("ann_8392", "outcome=requires_input&code=document_expired")
		id := p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("/ ann_8392 enter u")
		p.wait(time.Second)
		p.shows("r redact all 2", "c cancel all 2", "enter why", "t timeline", "n new session", "esc back")
		p.press("t")
		p.shows("…"+id[len(id)-6:]+", timeline", "Nothing has been submitted yet.")
		p.press("esc")
		p.wait(time.Second)
		p.shows(`›  "ann_8392"`, "NOW")
	})
}

// TestPeopleAreAsTheServerHasThem: what the page claims of each is counted once more from
// the server's sessions and reports, one by one.
func TestPeopleAreAsTheServerHasThem(t *testing.T) {
	run(t, options{width: 160, height: 45, reports: mirror.KeptAll, emulator: emulator.Config{Seed: 5, Sessions: 400}}, func(p *program) {
		p.wait(2 * time.Minute)
		type truth struct {
			state    [client.StateCount]int
			sessions int
			failed   int
		}
		of, user, failing := map[string]*truth{}, map[string]string{}, map[string]bool{}
		var failed []string
		nobody, erased := 0, 0
		err := clienttest.EachSession(context.Background(), p.api, client.SessionListParams{Cursor: client.Cursor{Limit: 100}}, func(s client.Session) error {
			name := s.UserID()
			if s.Redaction != nil {
				name, erased = "", erased+1
			}
			if name == "" {
				nobody++
				return nil
			}
			if of[name] == nil {
				of[name] = &truth{}
			}
			user[s.ID] = name
			of[name].sessions++
			of[name].state[s.State()]++
			if s.State() == client.StateFailed {
				failed = append(failed, s.ID)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for params := (client.ReportListParams{}); ; {
			page, err := p.api.ListReportFacts(context.Background(), params)
			if err != nil {
				t.Fatal(err)
			}
			for _, report := range page.Data {
				params.After = report.ID
				if state, _ := report.Outcome(); state == client.StateFailed && user[report.Session] != "" {
					of[user[report.Session]].failed++
					failing[report.Session] = true
				}
			}
			if !page.HasMore {
				break
			}
		}
		people := 0
		for _, id := range failed {
			if !failing[id] {
				of[user[id]].failed++
			}
		}
		for _, is := range of {
			if is.state[client.StateFailed] > 0 {
				people++
			}
		}
		p.press("U")
		p.wait(time.Second)
		p.shows(fmt.Sprintf("%d of %d people have a failed session.", people, len(of)), fmt.Sprintf("%d listed sessions name nobody, %d of them erased or being erased.", nobody, erased))
		page := p.drawn.Load().People.Page
		if page.Total != len(of) || len(page.People) == 0 {
			t.Fatalf("%d people are listed, %d of them read; there are %d", page.Total, len(page.People), len(of))
		}
		most := page.People[0].Failed
		for _, s := range page.People {
			is := of[s.UserID]
			if is == nil || s.Sessions != is.sessions || s.State != is.state || s.Failed != is.failed {
				t.Errorf("%+v is %+v", s, is)
			}
			if s.Failed > most {
				t.Errorf("%s with %d comes after %d", s.UserID, s.Failed, most)
			}
			most = s.Failed
		}
	})
}

func TestPeopleScreens(t *testing.T) {
	for name, c := range map[string]struct {
		script  string
		options options
	}{
		"people":        {"2 U", options{reports: mirror.KeptAll}},
		"people_all":    {"U G", options{}},
		"people_search": {"U / a n", options{reports: mirror.KeptAll}},
		"people_last":   {"5 U s j j", options{reports: mirror.KeptAll, live: true}},
		"people_none":   {"U / z z q q enter", options{}},
		"people_person": {"2 U enter", options{reports: mirror.KeptAll}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", name, size[0], size[1]), func(t *testing.T) {
				o := c.options
				o.width, o.height, o.emulator = size[0], size[1], emulator.Config{Seed: 42, Sessions: 300}
				run(t, o, func(p *program) {
					p.wait(time.Minute)
					p.press(c.script)
					p.wait(time.Second)
					sameScreen(t, p.screen.Text())
				})
			})
		}
	}
}
