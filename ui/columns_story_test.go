package ui_test

import (
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/mirror"
)

// TestStoryColumns: the list shows what is chosen at once, a view keeps its own, and the
// tabs theirs.
func TestStoryColumns(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 1, Sessions: 200}}, func(p *program) {
		p.wait(4 * time.Second)
		heads := func() string { return strings.Join(strings.Fields(p.line("USER ID")), " ") }
		p.press("esc 2")
		if got, want := heads(), "STATE USER ID REASON TRIES FAILED ▾ CREATED TYPE SESSION"; got != want {
			t.Fatalf("the heads are %q, want %q", got, want)
		}
		p.press("C")
		p.shows("Columns of the seven tabs", "always shown", "no reports are kept")
		p.press("space j j space")
		p.shows("[ ] STATE", "[ ] REASON")
		p.press("G shift+up shift+up")
		p.press("enter")
		if got, want := heads(), "USER ID TRIES FAILED ▾ SESSION CREATED TYPE"; got != want {
			t.Fatalf("the heads are %q, want %q", got, want)
		}
		p.press("8")
		if got := heads(); !strings.HasPrefix(got, "STATE USER ID REASON") {
			t.Errorf("the view has the columns of the tabs: %q", got)
		}
		p.press("C space enter")
		p.shows("8 Stuck*")
		p.press("ctrl+s enter")
		p.hides("Stuck*")
		p.press("2")
		if got, want := heads(), "USER ID TRIES FAILED ▾ SESSION CREATED TYPE"; got != want {
			t.Errorf("the tabs have %q, want %q", got, want)
		}
		p.press("C d esc")
		if got, want := heads(), "USER ID TRIES FAILED ▾ SESSION CREATED TYPE"; got != want {
			t.Errorf("after esc the heads are %q, want %q", got, want)
		}
	})
}

// What the config keeps of the metadata can be a column.
func TestStoryMetadataColumns(t *testing.T) {
	run(t, options{width: 120, height: 40, metadata: []string{"team", "plan\x1b[2J"}}, func(p *program) {
		for user, team := range map[string]string{"ann_1": "payments", "bob_1": "cards \x1b]0;x\a and accounts", "cy_1": "", "dan_1": "p\u0430yments"} {
			params := client.SessionCreateParams{Type: "document", Metadata: map[string]string{"user_id": user}}
			if team != "" {
				params.Metadata["team"] = team
			}
			if _, err := p.api.CreateSession(p.t.Context(), params, client.NewIdempotencyKey()); err != nil {
				p.t.Fatal(err)
			}
		}
		p.wait(4 * time.Second)
		p.hides("payments")
		p.press("C")
		p.shows("metadata that is kept")
		p.press("G k space")
		p.press("enter")
		for user, team := range map[string]string{"USER ID": "team", "ann_1": "payments", "bob_1": "and accounts", "dan_1": "U+ p\u0430yments"} {
			if line := p.line(user); !strings.Contains(line, team) {
				p.t.Errorf("%q has no %q", line, team)
			}
		}
		if p.screen.Title() != "idtop" {
			p.t.Errorf("the title is %q", p.screen.Title())
		}
		p.press("/")
		p.types("meta.team:payments")
		p.shows("payments")
		p.hides("bob_1")
		p.press("esc j C d enter")
		p.hides("payments")
	})
}

// A long user_id has the cells that are free, and those that the reasons leave.
func TestStoryWideUserID(t *testing.T) {
	run(t, options{width: 138, height: 30}, func(p *program) {
		long := "customer:" + strings.Repeat("0123456789", 5)
		p.create(long)
		p.create("ann_1")
		p.wait(4 * time.Second)
		p.shows(long)
		p.resize(80, 24)
		if line := p.line("customer:"); !strings.Contains(line, "…") || strings.Contains(line, "…   ") {
			p.t.Errorf("cells are free in %q", line)
		}
	})
}

func TestColumnsScreens(t *testing.T) {
	for name, script := range map[string]string{
		"columns":        "esc 2 C j j space j j",
		"columns_chosen": "esc 2 C j j space j j j space j j j j j shift+up shift+up enter j",
		"columns_view":   "8 C G space shift+up",
	} {
		for size, at := range map[string][2]int{"40x12": {40, 12}, "80x24": {80, 24}, "120x40": {120, 40}, "160x45": {160, 45}} {
			t.Run(name+"_"+size, func(t *testing.T) {
				run(t, options{width: at[0], height: at[1], reports: mirror.KeptAll, emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
					p.wait(time.Minute)
					p.press(script)
					sameScreen(t, p.screen.Text())
				})
			})
		}
	}
}
