package ui_test

import (
	"fmt"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/model"
)

// sizes are those that screens are kept for.
var sizes = [][2]int{{80, 24}, {120, 40}, {160, 45}, {40, 12}}

// TestScreens keeps plain-text screens of the whole program on a seeded world.
// Refresh them with `go test ./ui -update` and read the difference.
func TestScreens(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"list", "esc j"},
		{"following", "esc"},
		{"failed", "esc 2 j"},
		{"detail", "2 enter"},
		{"search", "esc / an"},
		{"nothing", "esc / zzqq enter"},
		{"cancel", "esc 2 j c"},
		{"redact", "esc 5 j r"},
		{"help", "?"},
		{"messages", "6 j c !"},
	} {
		for _, size := range sizes {
			name := fmt.Sprintf("%s_%dx%d", c.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				run(t, options{width: size[0], height: size[1], emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
					p.press(c.script)
					p.wait(time.Second)
					sameScreen(t, p.screen.Text())
				})
			})
		}
	}
}

// TestActingScreens keeps the screens of actions, at the same sizes. A script may
// set the world up, let time pass, and act.
func TestActingScreens(t *testing.T) {
	for _, c := range []struct {
		name    string
		options options
		script  func(p *program)
	}{
		{"marks", options{}, func(p *program) { p.press("esc 2 g space shift+down shift+down 5 j") }},
		{"person", options{}, func(p *program) { p.press("esc / ann_8392 enter u") }},
		{"plan", options{}, planOfMarked},
		{"plan_confirm", options{}, func(p *program) { planOfMarked(p); p.wait(time.Second); p.types("REDACT ") }},
		{"plan_person", options{}, func(p *program) { p.press("esc / ann_8392 enter u r") }},
		{"person_alike", options{}, func(p *program) { lookalikes(p); p.press("esc / josé_7 enter u") }},
		{"plan_alike", options{}, func(p *program) { lookalikes(p); p.press("esc / josé_7 enter u r") }},
		{"plan_alike_taken", options{}, func(p *program) { lookalikes(p); p.press("esc / josé_7 enter u r"); p.wait(time.Second); p.press("A") }},
		{"plan_scattered", options{}, func(p *program) { p.press("esc / ann enter * * r") }},
		{"plan_live", options{live: true}, planOfMarked},
		{"plan_137", options{emulator: emulator.Config{Seed: 42, Sessions: 164}}, func(p *program) { p.press("5 * r pgdown") }},
		{"countdown", options{undo: 5 * time.Second}, func(p *program) {
			p.press("esc 2 g r")
			p.wait(time.Second)
			p.press("y")
		}},
		{"form_new", options{}, func(p *program) {
			p.press("esc n")
			p.types("ann_8392")
			p.press("tab")
		}},
		{"form_white_space", options{}, func(p *program) {
			p.press("esc n")
			p.types("ann 8392")
		}},
		{"form_export", options{}, func(p *program) { p.press("esc 2 E") }},
		{"form_export_personal", options{}, func(p *program) { p.press("esc 2 E tab space") }},
		{"form_metadata", options{}, func(p *program) { p.press("esc 2 g m"); p.wait(time.Second); p.press("tab") }},
		{"profiles", options{profiles: someProfiles}, func(p *program) { p.press("esc ctrl+o j") }},
		{"profiles_live", options{live: true, shut: true, profiles: arrivedLive}, func(p *program) { p.press("esc") }},
		{"facts", options{reports: mirror.KeptAll}, func(p *program) { p.wait(time.Minute); p.press("esc 2 j") }},
		{"facts_by_country", options{reports: mirror.KeptAll}, func(p *program) { p.wait(time.Minute); p.press("esc 2 s s s s s s S j") }},
		{"palette", options{}, func(p *program) { p.press("esc : m a r") }},
		{"palette_now", options{readOnly: true}, func(p *program) { p.press("esc 2 g : r e d down down down") }},
		{"help_not_now", options{}, func(p *program) { p.press("esc ? j j j j j j j j j") }},
		{"help_search", options{readOnly: true}, func(p *program) { p.press("esc 2 g ? / l i n k down") }},
		{"help_second_page", options{}, func(p *program) { p.press("esc ? pgdown") }},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", c.name, size[0], size[1]), func(t *testing.T) {
				o := c.options
				o.width, o.height = size[0], size[1]
				if o.emulator.Sessions == 0 {
					o.emulator = emulator.Config{Seed: 42, Sessions: 300}
				}
				run(t, o, func(p *program) {
					c.script(p)
					p.wait(time.Second)
					sameScreen(t, p.screen.Text())
				})
			})
		}
	}
}

var (
	someProfiles = model.Switch{Here: "test", Profiles: []model.Profile{
		{Name: "test"}, {Name: "live", Mode: "live", Account: "acct_1NabcdEFGH", Key: `key_file "/home/ann/keys/idtop-live"`}, {Name: "staging", Key: "in the keyring, or else the Stripe CLI's"},
	}}
	arrivedLive = model.Switch{Here: "live", Profiles: someProfiles.Profiles, Arrived: true, Told: []model.Message{{Level: model.Told, Text: "Ledger head 7"}}}
)

// TestLeastPlan: the smallest screen shows the mode, the phrase, the typed text and
// the way out in full, also in a live account.
func TestLeastPlan(t *testing.T) {
	run(t, options{width: model.MinWidth, height: model.MinHeight, live: true, emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
		planOfMarked(p)
		p.wait(time.Second)
		p.shows("Redact 9 of 9", " LIVE ", "type REDACT 9 LIVE", "esc back out")
		p.types("REDACT 9")
		p.wait(100 * time.Millisecond)
		p.shows("Redact 9 of 9", " LIVE ", "type REDACT 9 LIVE", "        REDACT 9", "esc back out")
	})
}

// planOfMarked plans a redaction of sessions in several states.
// lookalikes makes sessions of ids that look the same; the plain one is the newest.
func lookalikes(p *program) {
	for _, user := range []string{"jose\u0301_7", "josé_7 ", "josé_7 ", "José_7", "jоsé_7", "josé_7"} {
		p.create(user)
	}
	p.wait(5 * time.Second)
}

func planOfMarked(p *program) {
	p.press("esc g space shift+down shift+down shift+down shift+down shift+down shift+down shift+down shift+down r")
}
