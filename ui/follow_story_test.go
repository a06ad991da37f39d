package ui_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/ui/safe"
)

// "I look at one of them; how many came meanwhile, and where am I in the list?"
func TestStoryFollowTheNewest(t *testing.T) {
	for size, said := range map[[2]int]string{{120, 40}: "↑ 4 newer above  f follow the newest", {80, 24}: "↑ 4 newer  f follow", {40, 12}: "↑ 4 newer  f follow"} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			run(t, options{width: size[0], height: size[1]}, func(p *program) {
				for n := range 40 {
					p.create(fmt.Sprintf("old_%02d", n))
				}
				p.wait(4 * time.Second)
				p.press("esc")
				p.shows("old_39", "following the newest")
				p.hides("▸", "newer")
				p.press("c")
				p.shows("Select a session first: j")
				p.hides("Cancel this session?")
				p.press("j j j")
				p.shows("row 3 of 40")
				y, _ := p.screen.Find("▸")
				for n := range 4 {
					p.create(fmt.Sprintf("new_%02d", n))
				}
				p.wait(4 * time.Second)
				p.shows(said, "row 7 of 44")
				p.hides("new_")
				if now, _ := p.screen.Find("▸"); now != y || !strings.Contains(p.screen.Line(y), "old_37") {
					p.t.Fatalf("the cursor's row was line %d, is %d:\n%s", y, now, p.screen.Text())
				}
				p.press("f")
				p.shows("new_03", "following the newest")
				p.hides("▸", "newer  ", "newer above")
				p.create("newest")
				p.wait(4 * time.Second)
				p.shows("newest  ")
				p.hides("▸")
			})
		})
	}
}

// "Which of them failed last?" A session that is a day old can have failed a
// minute ago. Where nobody was there to see it, ~ says so.
func TestStoryFailedLast(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		first, second := p.create("ann_1"), p.create("bob_2")
		p.wait(4 * time.Second)
		p.control("POST", "sessions/"+second+"/submit", "outcome=requires_input&code=document_expired&delay=1s")
		p.wait(3 * time.Minute)
		p.control("POST", "sessions/"+first+"/submit", "outcome=requires_input&code=selfie_face_mismatch&delay=1s")
		p.wait(2 * time.Minute)
		p.press("1")
		if heads := p.line("STATE"); !strings.Contains(heads, "AGE ▾") || strings.Contains(heads, "CREATED") {
			p.t.Errorf("heads of all: %q", heads)
		}
		p.press("2")
		if heads := p.line("STATE"); !strings.Contains(heads, "FAILED ▾  CREATED") {
			p.t.Errorf("heads: %q", heads)
		}
		ann, _ := p.screen.Find("ann_1")
		bob, _ := p.screen.Find("bob_2")
		if ann >= bob || !strings.Contains(p.line("ann_1"), " 1m    ") || !strings.Contains(p.line("bob_2"), " 4m    ") || p.screen.Contains("~") {
			p.t.Errorf("ann failed last:\n%s", p.screen.Text())
		}
		p.shows("2 of 2")
		for _, head := range []string{"CREATED ▾", "USER ID ▾", "REASON ▾", "TRIES ▾", "FAILED ▾"} {
			p.press("s")
			p.shows(head)
		}
		p.press("S")
		p.shows("FAILED ▴")
		for tab, head := range map[string]string{"3": "WAITING", "4": "SUBMITTED", "5": "VERIFIED", "6": "CANCELED", "7": "REDACTED"} {
			p.press(tab)
			p.shows(head + " ▴  CREATED")
		}
	})
}

// A time that only a listing tells is marked; on a narrow screen CREATED goes
// first, unless it is what the list is sorted by.
func TestStoryFailedSometime(t *testing.T) {
	run(t, options{emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
		p.press("esc 2")
		p.shows("FAILED ▾", "~14m")
		p.hides("CREATED", "✗ failed")
		p.press("s")
		p.shows("CREATED ▾")
		p.hides("FAILED", "~14m")
	})
}

// "The line between list and detail has a step in it."
func TestListEndsAtTheHairLine(t *testing.T) {
	for _, size := range [][2]int{{140, 24}, {140, 40}, {160, 45}, {200, 60}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			run(t, options{width: size[0], height: size[1], emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
				for _, keys := range []string{"1", "2 j", "s", "s", "S", "5", "7", "s s s"} {
					p.press(keys)
					lines := 0
					for y := range size[1] {
						if y == 1 { // the tabs have a line of their own
							continue
						}
						if before, _, ok := strings.Cut(p.screen.Line(y), "│"); ok {
							lines++
							if at := safe.Line(before).Width(); at != size[0]*3/5 {
								p.t.Errorf("%s: line %d has it at %d, want %d", keys, y, at, size[0]*3/5)
							}
						}
					}
					if lines < size[1]-7 {
						p.t.Fatalf("%s: %d lines have it:\n%s", keys, lines, p.screen.Text())
					}
				}
			})
		})
	}
}

// "Is that my clock or the server's?" Every time has its zone, the operator's; on
// another day it has its date too.
func TestStoryTimesHaveTheirZone(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	time.Local = time.FixedZone("EST", -5*3600)
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
		shows := func(pattern string) {
			p.t.Helper()
			if !regexp.MustCompile(pattern).MatchString(p.screen.Text()) {
				p.t.Errorf("the screen does not show %s:\n%s", pattern, p.screen.Text())
			}
		}
		p.press("7 G enter")
		shows(`REDACTION done, seen since \d\d:\d\d EST \(\d+\w\)`)
		shows(`CREATED   \d+ \w+ (\d+ )?\d\d:\d\d EST \(\d+\w\)`)
		p.press("c !")
		shows(`(?m)^ *(\d+ \w+ (\d+ )?)?\d\d:\d\d EST +▲ Can't cancel`)
	})
}
