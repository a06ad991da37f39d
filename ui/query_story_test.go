package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
)

// TestStoryQuery: terms narrow the list, an error leaves the last list and says what would be right,
// and = lists one reason.
func TestStoryQuery(t *testing.T) {
	run(t, options{width: 120, height: 40}, func(p *program) {
		failed := map[string]string{}
		for user, code := range map[string]string{
			"ann_1": "document_expired", "ann_2": "selfie_manipulated", "bob_1": "document_expired", "smith (old)": "selfie_face_mismatch", "-x9": "abandoned",
		} {
			failed[user] = p.create(user)
			p.control("POST", "sessions/"+failed[user]+"/submit", "outcome=requires_input&code="+code+"&delay=0s")
		}
		p.create("ann_3")
		p.wait(8 * time.Second)
		p.press("/")
		p.types("ann state:failed")
		p.shows("2 of 6", "ann_1", "ann_2")
		p.hides("bob_1", "ann_3")
		p.types(" age:<2k ")
		p.shows("age:<2k is no time: <2h, >30m, 1d..3d", "Still listed: ann state:failed", "2 of 6", "ann_1", "* needs a query without an error")
		p.press("enter *")
		p.shows("Can't mark all: it needs a query without an error")
		p.press("esc /")
		p.types("stat:failed")
		p.shows("stat: is no name: state:?")
		p.press("esc /")
		p.types("-x9")
		p.shows("1 of 6", "-x9")
		p.press("esc /")
		p.types("smith (old)")
		p.shows("1 of 6", "smith (old)")
		p.press("esc /")
		p.types("-reason:*")
		p.shows("1 of 6", "ann_3")
		p.press("esc /")
		p.types("reason:docu")
		p.shows("document_*", "all of them", "tab takes it") // the two that expired
		p.press("tab")
		p.shows("reason:document_*", "2 of 6")
		p.hides("tab takes it")
		p.press("backspace backspace esc")
		p.hides("tab takes it")
		p.shows("reason:document_", "ann_3") // esc closes what is offered, and no more; the value is only begun
		p.press("esc")
		p.hides("reason:document_")
		p.press("/ r e a tab")
		p.shows("reason:", "document_expired", "tab takes it")
		p.press("esc esc 2 g =")
		row := p.line("▸")
		p.shows("reason:", "of 6")
		p.press("=")
		if p.line("▸") != row {
			t.Errorf("the cursor went from %q to %q", row, p.line("▸"))
		}
	})
}

// TestStoryReasonWords: words of a reason find its sessions, below those of the user_ids; * leaves them
// out.
func TestStoryReasonWords(t *testing.T) {
	run(t, options{}, func(p *program) {
		named := p.create("expired_7")
		for user, code := range map[string]string{"ann_1": "document_expired", "bob_1": "document_expired", "cid_1": "abandoned"} {
			p.control("POST", "sessions/"+p.create(user)+"/submit", "outcome=requires_input&code="+code+"&delay=0s")
		}
		p.wait(8 * time.Second)
		p.press("/")
		p.types("expired")
		p.press("enter")
		p.shows("1 of 4", "expired_7", "2 more for their reason: * leaves them out", "ann_1", "bob_1")
		p.hides("cid_1")
		if over, below := strings.Index(p.screen.Text(), "expired_7"), strings.Index(p.screen.Text(), "ann_1"); over > below {
			t.Error("the user_id does not come first")
		}
		p.press("*")
		p.shows("Marked all 1", "● 1 marked")
		p.press("- G")
		if row := p.line("▸"); !strings.Contains(row, "document expired") {
			t.Errorf("the cursor is on %q", row)
		}
		p.press("g")
		if row := p.line("▸"); !strings.Contains(row, "expired_7") {
			t.Errorf("the cursor is on %q, not on that of %s", row, named)
		}
		p.press("esc /")
		p.types("aband")
		p.press("enter")
		p.shows("0 of 4", "1 for their reason", "cid_1")
		p.press("*")
		p.shows("Can't mark all: all are listed for their reason only")
	})
}

// TestStoryValues: behind a name of persons, their values among what the rest of the query lists are
// offered; what names nobody yet lists the rest.
func TestStoryValues(t *testing.T) {
	run(t, options{}, func(p *program) {
		for _, user := range []string{"ann_1", "ann_1", "ann 2", "bob", "ann_\x1b[31mred"} {
			p.create(user)
		}
		p.wait(4 * time.Second)
		p.press("/")
		p.types("state:waiting user:an")
		p.shows("ann_1 ", `"ann 2"`, "[31mred", "5 of 5", "tab takes it")
		p.press("tab")
		p.shows("state:waiting user:ann_1 ", "2 of 5")
		p.press("esc esc /")
		p.types("state:failed user:")
		p.hides("ann_1", "bob")
		p.press("esc esc /")
		p.types("user:ann_1")
		p.shows("2 of 5")
		p.press("enter")
		p.shows("2 of 5")
		p.press("/")
		p.types("23") // nobody has it yet: the rest of the query stays listed
		p.shows("bob")
		p.press("enter") // it is a value now, and nobody has it
		p.shows("0 of 5")
		p.press("esc esc /")
		p.types("id:vs_")
		p.shows("tab takes it")
		p.press("down tab enter")
		p.shows("1 of 5")
	})
}

// TestStoryLettersApart: user_ids with the letters apart are listed below a line of their own, over those
// that are there for their reason. The first * leaves them out, and the next one takes them.
func TestStoryLettersApart(t *testing.T) {
	run(t, options{}, func(p *program) {
		for _, user := range []string{"aban_1", "xaban", "a_big_ant", "a-b-a-n"} {
			p.create(user)
		}
		p.control("POST", "sessions/"+p.create("cid_1")+"/submit", "outcome=requires_input&code=abandoned&delay=0s")
		p.wait(8 * time.Second)
		p.press("/")
		p.types("aban")
		p.press("enter")
		p.shows("4 of 5", "2 more where the letters stand apart: * leaves them out", "1 more for their reason: * leaves them out")
		text := p.screen.Text()
		at := -1
		for _, next := range []string{"aban_1", "xaban", "2 more where", "a-b-a-n", "a_big_ant", "1 more for", "cid_1"} {
			below := strings.LastIndex(text, next)
			if below < at {
				t.Errorf("%s is not below what comes before:\n%s", next, text)
			}
			at = below
		}
		p.press("G")
		if row := p.line("▸"); !strings.Contains(row, "cid_1") {
			t.Errorf("the cursor is on %q", row)
		}
		p.press("g *")
		p.shows("Marked 2; 2 with letters apart or accented left out", "stand apart: * marks them too", "reason: * leaves them out")
		p.press("*")
		p.shows("Marked all 4", "stand apart: * leaves them out")
		p.press("s") // in another order they are among the others
		p.hides("stand apart")
		p.press("esc /")
		p.types("bgnt")
		p.press("enter")
		p.shows("1 of 5", "1 where the letters stand apart")
	})
}

// TestStoryTimePasses: a list that depends on the time changes by itself.
func TestStoryTimePasses(t *testing.T) {
	run(t, options{}, func(p *program) {
		p.create("ann_8392")
		p.wait(4 * time.Second)
		p.press("/")
		p.types("age:<1m")
		p.press("enter")
		p.shows("ann_8392", "1 of 1")
		p.wait(70 * time.Second)
		p.hides("ann_8392")
		p.shows("0 of 1")
		p.press("/ esc /")
		p.types("age:>2m")
		p.press("enter")
		p.shows("0 of 1")
		p.wait(70 * time.Second)
		p.shows("ann_8392", "1 of 1")
	})
}

// TestQueryScreens keeps the search line while a query is typed.
func TestQueryScreens(t *testing.T) {
	for _, c := range []struct{ name, line, keys string }{
		{"completion", "state:failed an reason:selfie_", "down"},
		{"problem", "state:failed an age:<2k reason:document_expired ", ""},
		{"names", "s", "tab"},
		{"slip", "reson:x", ""},
		{"long", "state:failed,processing -reason:abandoned age:<30d tries:>=2 created:2026.. type:document an", ""},
		{"times", "since:", ""},
		{"reason", "expired", "enter"},
		{"kept", "state:failed -reason:document_*", "enter"},
	} {
		for _, size := range sizes {
			name := fmt.Sprintf("%s_%dx%d", c.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				run(t, options{width: size[0], height: size[1], emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
					p.press("esc /")
					p.types(c.line)
					if c.keys != "" {
						p.press(c.keys)
					}
					p.wait(time.Second)
					sameScreen(t, strings.TrimRight(p.screen.Text(), "\n"))
				})
			})
		}
	}
}
