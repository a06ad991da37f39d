package plain_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/keymap"
)

// places lead to each mode by lines.
var places = []struct {
	mode  keymap.Mode
	lines []string
}{
	{keymap.List, []string{"j"}},
	{keymap.Detail, []string{"j", "enter", "tab"}},
	{keymap.Overlay, []string{"!"}},
	{keymap.JobsMode, []string{"J"}},
	{keymap.InsightsMode, []string{"i"}},
	{keymap.TimelineMode, []string{"j", "t"}},
	{keymap.ViewsMode, []string{"V", "G"}},
	{keymap.PeopleMode, []string{"U"}},
	{keymap.HelpMode, []string{"?"}},
	{keymap.InDialog, []string{"j", "c"}},
	{keymap.InForm, []string{"n"}},
	{keymap.InPlan, []string{"j", "u", "c"}},
	{keymap.InPalette, []string{":"}},
	{keymap.InSearch, []string{"/"}},
	{keymap.InViews, []string{"ctrl+s"}},
	{keymap.InColumns, []string{"C"}},
	{keymap.InReveal, []string{"5", "j", "v"}},
	{keymap.Plain, []string{"j"}},
}

// onScreenOnly are the modes that plain mode does not lead to: it shows one profile.
const onScreenOnly = keymap.InProfiles

// TestEveryActionIsAnswered walks the registry: each action says something where it can be
// done, and where it can't be done now. With IDTOP_WALK=1 it does so in each mode, else in
// the first one that an action has.
func TestEveryActionIsAnswered(t *testing.T) {
	all := os.Getenv("IDTOP_WALK") != ""
	var modes keymap.Mode
	seen := map[keymap.ID]bool{keymap.Quit: true} // its answer is the end, see TestItEnds
	for _, place := range places {
		modes |= place.mode
		t.Run(strings.Join(place.lines, "_"), func(t *testing.T) {
			run(t, options{emulator: emulator.Config{Seed: 42, Sessions: 40}}, func(p *program) {
				for _, action := range keymap.Actions() {
					if action.Modes&place.mode == 0 || action.ID == keymap.Quit || len(action.Keys) == 0 || seen[action.ID] && !all {
						continue
					}
					seen[action.ID] = true
					p.types("esc", "esc", "esc", "esc", "1", "f")
					p.types(place.lines...)
					_, answer, _ := strings.Cut(p.types(action.Keys[0]), "\n")
					answer = strings.TrimSpace(strings.TrimSuffix(answer, "> "))
					if answer == "" || strings.Contains(answer, "names no key") || strings.Contains(answer, "is no action") {
						t.Errorf("%s (%s) is answered by %q in:\n%s", action.ID, action.Keys[0], answer, p.out.String())
					}
				}
				isLinear(t, p.out.String())
			})
		})
	}
	for _, action := range keymap.Actions() {
		if !seen[action.ID] && action.Modes&^onScreenOnly != 0 {
			t.Errorf("%s was not walked to", action.ID)
		}
		if action.Modes&^(modes|onScreenOnly) != 0 {
			t.Errorf("%s has a mode without a way to it", action.ID)
		}
	}
}

// TestAnswersAreTakenByTheRules goes through what confirms and what does not.
func TestAnswersAreTakenByTheRules(t *testing.T) {
	run(t, options{live: true, undo: 5 * time.Second, emulator: emulator.Config{}}, func(p *program) {
		id := p.create("ann_8392")
		p.wait(6 * time.Second)
		last := id[len(id)-4:]
		asked := func(answers ...string) string {
			p.types("j", "r")
			return p.types(answers...)
		}
		for _, wrong := range []string{"", "enter", "y", "space", strings.ToLower(last) + "x", " " + last[:3]} {
			p.says(asked(wrong), "Backed out: nothing was sent.")
		}
		p.says(asked("esc"), "Backed out.")
		p.says(p.types("j", "r"), "LIVE mode", id, "can't be undone", "Type the last four characters")
		for _, with := range []string{last, last, ",", strings.Repeat("x", 10_000)} { // together, as a paste has them
			go p.lines.Write([]byte(last + "\n" + with + "\n"))
			p.wait(3 * time.Second)
			p.says(p.news(), "Nothing was sent: another line came with the answer")
		}
		p.types("esc", "esc")
		go p.lines.Write([]byte("j\nr\n" + last + "\n")) // typed ahead
		p.wait(4 * time.Second)
		p.says(p.news(), "That line came before the question could be read: it does not count.")
		if len(p.state.Jobs.Runs) > 0 {
			t.Fatal("it was sent")
		}
		p.types("esc")
		p.says(asked(last), "Job 1: not sent yet. z recalls it within 5 seconds.")
		p.says(p.types("z"), "Recalled: nothing was sent")
		p.says(asked(last), "Job 2: not sent yet.")
		p.wait(12 * time.Second)
		p.says(p.news(), "Job 2: accepted by Stripe, not erased yet. Due by ")
	})
	run(t, options{readOnly: true, emulator: emulator.Config{Seed: 1, Sessions: 5}}, func(p *program) {
		p.says(p.types("j", "r"), "Can't redact: read-only")
	})
}

// TestNewsComeSeldomAndNeverIntoAQuestion counts what is said of sessions that come.
func TestNewsComeSeldomAndNeverIntoAQuestion(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 5}}, func(p *program) {
		p.types("j")
		for i := range 12 {
			p.create("user_" + string(rune('a'+i)))
		}
		p.wait(8 * time.Second)
		said := strings.Count(p.news(), "newer. Key f follows.")
		if said == 0 || said > 5 {
			t.Errorf("in 20 s it told %d times of newer sessions", said)
		}
		p.types("c")
		p.create("late_1")
		p.wait(20 * time.Second)
		if news := p.news(); news != "" {
			t.Errorf("while it asked, it said %q", news)
		}
		after := p.types("esc")
		p.wait(6 * time.Second)
		p.says(after+p.news(), "newer. Key f follows.")
	})
}

// TestRevealedDetailsAreSaidAndMaskedAgain also looks for what stays in the page.
func TestRevealedDetailsAreSaidAndMaskedAgain(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 42, Sessions: 40}}, func(p *program) {
		news := p.types("5", "j", "v", "n")
		p.says(news, "Name, revealed for 15 seconds", "Name: ")
		_, name, _ := strings.Cut(news, "Name: ")
		name, _, _ = strings.Cut(name, ".\n")
		p.wait(16 * time.Second)
		p.says(p.news(), "Masked again.")
		if again := p.types(",", "tab", ",", "j"); strings.Contains(again, name) {
			t.Errorf("%q is said after it was masked:\n%s", name, again)
		}
	})
}

// TestAStopMasks: a shell had the terminal, so the prompt is written anew.
func TestAStopMasks(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 42, Sessions: 40}}, func(p *program) {
		p.says(p.types("5", "j", "v", "n"), "Name: ")
		for _, answer := range []string{"Masked again.\n> ", "> "} {
			p.again <- struct{}{}
			p.wait(time.Second)
			if news := p.news(); news != answer || p.state.Detail.Outputs != nil {
				t.Errorf("after a stop it said %q", news)
			}
		}
	})
}

// TestItEnds goes through the ways out.
func TestItEnds(t *testing.T) {
	for name, end := range map[string]func(p *program){
		"quit": func(p *program) { p.types("q") }, "ctrl+c": func(p *program) { p.types("ctrl+c") },
		"the end of the input": func(p *program) { p.lines.Close() }, "a signal": func(p *program) { p.end() },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 5}}, func(p *program) {
				end(p)
				p.wait(time.Second)
				select {
				case <-p.done:
				default:
					t.Error("it goes on")
				}
				if p.err != nil {
					t.Error(p.err)
				}
			})
		})
	}
}

// TestLinesOfAnyKind are read without harm.
func TestLinesOfAnyKind(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 1, Sessions: 5}}, func(p *program) {
		for _, text := range []string{"\x1b[2J\x1b]52;c;AAAA\a", "\xff\xfe", "\u202e", strings.Repeat("x", 1<<20), "/\x1b[31m", "ä", "  j  ", "PGDN", "Question Mark", "capital r", "j\r"} {
			p.says(p.types(text), "\n")
		}
		p.says(p.out.String(), "That line is too long: nothing was done with it.")
		if slices.Contains([]byte(p.out.String()), 0x1b) {
			t.Error("it wrote an escape byte")
		}
	})
}
