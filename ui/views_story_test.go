package ui_test

import (
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/views"
)

// TestStoryViews: what is listed becomes a view with a tab, is changed and saved again,
// is renamed, moved to the key 8 and deleted.
func TestStoryViews(t *testing.T) {
	run(t, options{width: 160, height: 45, emulator: emulator.Config{Seed: 1, Sessions: 200}}, func(p *program) {
		p.wait(4 * time.Second)
		p.press("2 / r e a s o n : d o c u m e n t _ * enter ctrl+s")
		p.shows("state:failed reason:document_*", "Its name: enter keeps it, esc keeps nothing.")
		p.press("P a p e r s enter")
		p.shows("Papers", "Saved as the view Papers", "FAILED ▾")
		p.press("S")
		p.shows("Papers*")
		p.press("ctrl+s")
		p.shows("Save as Papers, or a new name")
		p.press("enter")
		p.hides("Papers*")
		p.press("1")
		p.hides("8 Papers", "reason:document_*")
		p.press("V G")
		p.shows("the first nine have the keys 1 to 9", "▸", "Papers", "Never submitted")
		p.press("e ctrl+u D o c s")
		p.shows("Renaming it: enter keeps the name, esc the old one.")
		p.press("enter shift+up shift+up shift+up shift+up shift+up")
		p.press("esc 8")
		p.shows("8 Docs", "state:failed reason:document_*")
		p.press("V d")
		p.shows("Delete Docs? y deletes it, any other key keeps it.")
		p.press("y")
		p.hides("8 Docs")
		if n := p.writes.count.Load(); n != 0 {
			t.Errorf("%d requests that change something were sent", n)
		}
	})
}

func TestViewsScreens(t *testing.T) {
	config := []views.View{{Name: "Polish cards", Query: "state:failed doc:id_card country:PL", Order: mirror.Order{Column: mirror.BySince}}}
	for name, script := range map[string]string{
		"views":        "V G k",
		"views_config": "V G",
		"views_rename": "V G k k e backspace",
		"views_save":   "2 ctrl+s D o c",
		"views_delete": "V G k d",
		"views_open":   "8",
	} {
		for size, at := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}, "160x45": {160, 45}} {
			t.Run(name+"_"+size, func(t *testing.T) {
				run(t, options{width: at[0], height: at[1], views: config, emulator: emulator.Config{Seed: 1, Sessions: 200}}, func(p *program) {
					p.wait(4 * time.Second)
					p.press(script)
					sameScreen(t, p.screen.Text())
				})
			})
		}
	}
}

// TestStoryNew: what came into the other views while the operator looked at Waiting is on
// their tabs, before others where these do not fit, and on the page; a look takes it away.
func TestStoryNew(t *testing.T) {
	for size, at := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}, "160x45": {160, 45}} {
		t.Run(size, func(t *testing.T) {
			run(t, options{width: at[0], height: at[1], emulator: emulator.Config{Seed: 1, Sessions: 200}}, func(p *program) {
				p.wait(10 * time.Second)
				p.press("3")
				for _, outcome := range []string{"outcome=verified", "outcome=verified", "outcome=requires_input&code=consent_declined"} {
					p.control("POST", "sessions/"+p.create("ann_8392")+"/submit", outcome+"&delay=1s")
				}
				p.create("bob_1")
				p.wait(12 * time.Second)
				t.Run("tabs", func(t *testing.T) { sameScreen(t, p.screen.Text()) })
				p.resize(60, 24)
				if line := p.screen.Line(1); !strings.Contains(line, "5 Verified 167 +2") || !strings.Contains(line, "V all tabs") || strings.Contains(line, "4 Processing") {
					t.Errorf("at 60 cells the tabs are %q", line)
				}
				p.resize(at[0], at[1])
				p.press("V G")
				p.shows("NEW")
				for name, want := range map[string]string{"2 Failed ": "+1", "5 Verified ": "+2", "1 All ": "+4", "Failed today ": "+1"} {
					if line := p.line(name); !strings.HasSuffix(strings.TrimSpace(line), want) {
						t.Errorf("%q has not %s", line, want)
					}
				}
				t.Run("page", func(t *testing.T) { sameScreen(t, p.screen.Text()) })
				p.press("esc 5 3")
				p.hides("+2")
				p.press("V")
				if line := p.line("5 Verified "); strings.Contains(line, "+") {
					t.Errorf("it was looked at: %q", line)
				}
			})
		})
	}
}
