package ui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/emulator"
	"idtop/model"
)

// A user_id that looks like another one has a badge wherever it is drawn, and is
// written in ASCII wherever something is about to be destroyed.
func TestStoryLookalikeIsBadgedAndSpelledOut(t *testing.T) {
	const user, quoted = "\u0430nn_8392", `"\u0430nn_8392"`
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 42, Sessions: 20}}, func(p *program) {
		p.create(user)
		p.create(user)
		p.wait(5 * time.Second)
		p.press("g")
		p.shows("U+ " + user)
		p.press("c")
		p.wait(time.Second)
		p.shows("Cancel this session?", quoted)
		if line := p.line("Session "); !strings.Contains(line, "vs_") {
			t.Errorf("the dialog does not name the session: %s", line)
		}
		p.hides("User         " + user)
		p.press("esc")
		p.wait(time.Second)
		p.press("g space shift+down r")
		p.wait(time.Second)
		p.shows("Redact 2 of 2", quoted)
		p.press("esc")
		p.wait(time.Second)
		p.press("U")
		p.wait(time.Second)
		p.shows("U+ " + user)
	})
}

// What is pasted is drawn like every foreign text, and acts on nothing.
func TestStoryHostilePaste(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 42, Sessions: 20}}, func(p *program) {
		p.press("/")
		p.tea.Send(tea.PasteMsg{Content: "ann\u202e_8392\x1b[2J\x1b]52;c;AAAA\x07"})
		p.tea.Send(model.Rest{})
		p.wait(time.Second)
		for _, raw := range []string{"\u202e", "\x1b"} {
			p.hides(raw)
		}
		p.shows("/ ", "idtop", "USER ID")
		if p.screen.Clipboard() != "" {
			t.Errorf("the paste was copied: %q", p.screen.Clipboard())
		}
		p.press("esc esc n")
		p.wait(time.Second)
		p.tea.Send(tea.PasteMsg{Content: "a\u202eb\u200bc"})
		p.tea.Send(model.Rest{})
		p.wait(time.Second)
		p.shows("a<U+202E>b<U+200B>c")
	})
}
