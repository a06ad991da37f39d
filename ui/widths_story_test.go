package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/keymap"
	"idtop/model"
)

// The hair line between list and detail stands at every width that has both, from the top
// of the panes to their bottom, whatever they show; and no line is longer than the screen.
func TestTheHairLineStandsAtEveryWidth(t *testing.T) {
	run(t, options{width: 140, height: 30, emulator: emulator.Config{Seed: 1, Sessions: 60}}, func(p *program) {
		p.wait(4 * time.Second)
		p.press("2 j enter")
		for width := 140; width <= 200; width++ {
			p.resize(width, 30)
			at := width * 3 / 5
			lines := 0
			for y := range 30 {
				line := []rune(p.screen.Line(y))
				if len(line) > width {
					p.t.Errorf("%d columns: line %d has %d", width, y, len(line))
				}
				if y > 4 && y < 28 {
					if len(line) <= at || line[at] != '│' {
						p.t.Fatalf("%d columns: no hair line at %d of line %d: %q", width, at, y, string(line))
					}
					lines++
				}
			}
			if lines < 20 || !strings.Contains(p.screen.Text(), "WHY") {
				p.t.Fatalf("%d columns: the hair line has %d lines:\n%s", width, lines, p.screen.Text())
			}
		}
	})
}

// A key shows each cut value whole: on each of these screens, at every width, a text with … is
// the beginning and the end of such a value, also on the narrowest screen. Words of ours are not
// cut there.
func TestWhatIsCutHasAKey(t *testing.T) {
	long := "customer:eu-west-1:" + strings.Repeat("0123456789", 4)
	user, session, reason := long, "", "not submitted yet" // the id of the newest session is known once it is made
	for _, c := range []struct {
		name, script string
		wholes       []*string // what may be cut
		key          string    // shows it
	}{
		{"list", "esc j", []*string{&user, &session}, "enter"},
		{"detail", "esc j enter", []*string{&user, &session}, ""},
		{"people", "esc U", []*string{&user}, "enter enter"},
		{"person", "esc j u", []*string{&user, &session, &reason}, "enter"},
		{"timeline", "esc j t", []*string{&session}, "esc enter"},
		{"search", "esc / cust", []*string{&user, &session}, "down enter enter"},
		{"nothing", "esc / zzqq", nil, ""},
		{"messages", "esc j z !", nil, ""},
		{"reading", "esc : sync enter", []*string{&user, &session}, "esc j enter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, options{width: 160, height: 24}, func(p *program) {
				session = p.create(long)
				p.wait(4 * time.Second)
				p.press(c.script)
				p.wait(30 * time.Second) // what is said at the foot is in the messages
				step, cuts := 1, map[string]bool{}
				if testing.Short() {
					step = 10
				}
				for width := 160; width >= 40; width -= step {
					p.resize(width, 24)
					for y := range 24 {
						for _, text := range strings.Split(p.screen.Line(y), "  ") {
							if !strings.Contains(text, "…") || strings.Contains(text, "_…") { // a key is never whole
								continue
							}
							if before, _, _ := strings.Cut(text, "…"); y == 23 && isReason(p.drawn.Load(), before) {
								continue // the help has it
							}
							whole := cutOf(text, c.wholes)
							if whole == "" {
								t.Errorf("%d columns: %q is cut in %q", width, text, p.screen.Line(y))
								return
							}
							cuts[whole] = true
						}
					}
				}
				p.resize(40, 60)
				p.press(c.key)
				p.wait(time.Second)
				shown := strings.Join(strings.Fields(p.screen.Text()), "")
				for whole := range cuts {
					if whole == reason { // the detail says it in a sentence
						whole = "Nothinghasbeensubmittedyet."
					}
					if !strings.Contains(shown, whole) {
						t.Errorf("%s does not show %s whole:\n%s", c.key, whole, p.screen.Text())
					}
				}
			})
		})
	}
}

// isReason tells whether a text begins to say why a hint's key can't act now.
func isReason(m *model.Model, text string) bool {
	_, why, found := strings.Cut(text, ": ")
	return found && slices.ContainsFunc(m.Hints(), func(id keymap.ID) bool { return strings.HasPrefix(m.Why(id), why) })
}

// cutOf is the whole that a text with … was cut from; the text may have words before and after it.
func cutOf(text string, wholes []*string) string {
	before, after, _ := strings.Cut(text, "…")
	after, _, _ = strings.Cut(strings.TrimRight(after, ` "`), ",")
	after, _, _ = strings.Cut(after, " ")
	for _, whole := range wholes {
		before := before
		if word, _, several := strings.Cut(*whole, " "); several {
			before = before[max(0, strings.Index(before, word)):]
		} else {
			before = strings.TrimLeft(before[strings.LastIndexByte(before, ' ')+1:], `"▸`)
		}
		if before+after != "" && strings.HasPrefix(*whole, before) && strings.HasSuffix(*whole, after) {
			return *whole
		}
	}
	return ""
}
